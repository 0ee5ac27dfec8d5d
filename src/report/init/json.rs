//! The JSON of `init`.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::{Done, File, Step};
use crate::report::json::{VERSION, without_nulls};

pub fn write(out: &mut dyn Write, done: &Done) -> io::Result<()> {
    let result = done.result.iter();
    let next = done.next.iter();
    let notes = done.notes.iter();
    let json = json!({
        "version": VERSION,
        "command": "init",
        "error": null,
        "help": null,
        "dry_run": done.dry_run,
        "written": done.written,
        "result": result.map(|(label, text)| format!("{label} {text}")).collect::<Value>(),
        "files": done.files.iter().map(file).collect::<Value>(),
        "steps": done.steps.iter().map(|found| step(done, found)).collect::<Value>(),
        "next": next.map(|command| json!({"when": "now", "command": command})).collect::<Value>(),
        "notes": notes.map(|said| done.addressed(&said.text)).collect::<Value>(),
    });
    crate::report::json::write(out, &json)
}

fn file(file: &File) -> Value {
    without_nulls(json!({
        "path": file.path,
        "change": if file.is_new { "added" } else { "changed" },
        "diff": file.patch.as_ref().map(ToString::to_string),
    }))
}

fn step(done: &Done, step: &Step) -> Value {
    json!({
        "about": step.about,
        "message": done.addressed(&format!("{} {}", step.label, step.purpose)),
        "text": step.text,
        "remarks": step.remarks,
    })
}
