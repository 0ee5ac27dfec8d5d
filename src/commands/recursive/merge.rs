//! The reports of several projects as one, in the formats of programs. Each project's own is read back.

use std::collections::HashSet;
use std::io::{self, Write};

use serde_json::{Value, json};

use super::Ended;
use crate::digest::Digest;
use crate::report::{json, project_pages};

/// Each project's report under its path, or why there is none.
pub(super) fn json(out: &mut dyn Write, verb: &str, ended: &[Ended]) -> io::Result<()> {
    let projects = ended.iter().map(|one| {
        let mut entry = json!({"project": one.root, "status": one.status});
        match (document(one), &one.error) {
            (Value::Object(report), _) => {
                let said = ["version", "command"];
                let fields = report.into_iter();
                let fields = fields.filter(|(name, _)| !said.contains(&name.as_str()));
                fields.for_each(|(name, value)| entry[name] = value);
            }
            (_, Some(error)) => {
                entry["error"] = json!(error.message);
                entry["help"] = json!(error.help);
            }
            _ => {}
        }
        entry
    });
    let projects: Vec<Value> = projects.collect();
    let with = |status: u8| ended.iter().filter(|one| one.status == status).count();
    let number = |name: &str| -> u64 {
        let numbers = projects
            .iter()
            .filter_map(|one| one["summary"][name].as_u64());
        numbers.sum()
    };
    let mut summary = json!({
        "projects": ended.len(),
        "fine": with(0),
        "to_do": with(1),
        "failed": with(2),
    });
    for name in ["errors", "warnings", "accepted"] {
        if projects.iter().any(|one| one["summary"][name].is_u64()) {
            summary[name] = json!(number(name));
        }
    }
    let all = json!({
        "version": json::VERSION,
        "command": verb,
        "projects": projects,
        "summary": summary,
    });
    json::write(out, &all)
}

/// The findings of all projects. Two that share a directory have the same ones: a fingerprint stands for one only.
pub(super) fn gitlab(out: &mut dyn Write, ended: &[Ended]) -> io::Result<()> {
    let mut seen = HashSet::new();
    let issues = ended.iter().filter_map(|one| match document(one) {
        Value::Array(issues) => Some(issues),
        _ => None,
    });
    let issues = issues.flatten().map(|mut issue| {
        let mut fingerprint = issue["fingerprint"].as_str().unwrap_or_default().to_owned();
        while !seen.insert(fingerprint.clone()) {
            fingerprint = Digest::of(fingerprint).to_string();
        }
        issue["fingerprint"] = fingerprint.into();
        issue
    });
    json::write(out, &issues.collect::<Value>())
}

/// One run: services take no more than some of them.
pub(super) fn sarif(out: &mut dyn Write, verb: &str, ended: &[Ended]) -> io::Result<()> {
    let mut merged: Option<Value> = None;
    let (mut rules, mut results): (Vec<Value>, Vec<Value>) = (Vec::new(), Vec::new());
    let mut notifications: Vec<Value> = Vec::new();
    for one in ended {
        let mut document = document(one);
        let Some(run) = document.pointer_mut("/runs/0") else {
            let error = one.error.iter().map(|error| {
                let text = format!("{}: {}", one.root, error.message);
                json!({"level": "error", "message": {"text": text}})
            });
            notifications.extend(error);
            continue;
        };
        let of_project = run["tool"]["driver"]["rules"].as_array().cloned();
        for rule in of_project.unwrap_or_default() {
            if !rules.iter().any(|known| known["id"] == rule["id"]) {
                rules.push(rule);
            }
        }
        let invocation = &mut run["invocations"][0]["toolExecutionNotifications"];
        let said = invocation.as_array_mut().map(std::mem::take);
        notifications.extend(said.unwrap_or_default().into_iter().map(|mut said| {
            let text = said["message"]["text"].as_str().unwrap_or_default();
            said["message"]["text"] = format!("{}: {text}", one.root).into();
            said
        }));
        let found = run["results"].as_array_mut().map(std::mem::take);
        results.extend(found.unwrap_or_default());
        merged.get_or_insert(document);
    }
    rules.sort_by(|one, other| one["id"].as_str().cmp(&other["id"].as_str()));
    for result in &mut results {
        let index = rules.iter().position(|rule| rule["id"] == result["ruleId"]);
        result["ruleIndex"] = json!(index);
    }
    let Some(mut merged) = merged else {
        return Ok(());
    };
    let run = &mut merged["runs"][0];
    run["tool"]["driver"]["rules"] = rules.into();
    run["results"] = results.into();
    run["automationDetails"] = json!({"id": format!("vendor-migrations/{verb}/")});
    run["invocations"] = json!([{
        "executionSuccessful": ended.iter().all(|one| one.status < 2),
        "toolExecutionNotifications": notifications,
    }]);
    json::write(out, &merged)
}

/// Each project's page below its path.
pub(super) fn markdown(out: &mut dyn Write, ended: &[Ended]) -> io::Result<()> {
    let page = |one: &'_ Ended| {
        let error = one.error.as_ref().filter(|_| one.report.is_empty());
        error.map(|error| error.message.clone())
    };
    let pages = ended
        .iter()
        .map(|one| (one.root.as_str(), one.report.as_slice(), page(one)));
    project_pages(out, pages)
}

fn document(one: &Ended) -> Value {
    serde_json::from_slice(&one.report).unwrap_or_default()
}
