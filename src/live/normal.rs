//! One form for what means the same: another schema, other blanks.

use serde_json::{Map, Value};

use crate::digest::Digest;

/// The only fact that is text of the user's own: schemas that it names are not changed.
const SOURCE: &str = "source";

/// The digest of an object's facts, whatever schema it is in. PostgreSQL prints the keys of an object in one order.
pub(super) fn digest(facts: &Map<String, Value>, schema: &str) -> Digest {
    let normal: Map<String, Value> = facts
        .iter()
        .map(|(key, value)| {
            let value = match value {
                Value::String(text) if key == SOURCE => Value::String(source(text)),
                other => renamed(other, schema),
            };
            (key.clone(), value)
        })
        .collect();
    Digest::of(Value::Object(normal).to_string())
}

fn renamed(value: &Value, schema: &str) -> Value {
    match value {
        Value::String(text) => Value::String(without_schema(text, schema)),
        Value::Array(values) => values.iter().map(|value| renamed(value, schema)).collect(),
        other => other.clone(),
    }
}

/// The text of a function a line at a time. Alembic's `--sql` turns tabs into blanks, editors change line ends. Lines are
/// not joined: what follows `--` would be hidden.
fn source(text: &str) -> String {
    let lines = text.lines();
    let lines = lines.map(|line| line.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
    let lines: Vec<String> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

/// The text without the qualifiers of this schema. They stand before names of Procrastinate's: what else looks like one is not
/// (`new.status` in a trigger, in a schema called `new`).
pub(super) fn without_schema(text: &str, schema: &str) -> String {
    const NAME: &str = "procrastinate_";
    let quoted = format!("\"{}\".", schema.replace('"', "\"\""));
    // In a literal, quotes are doubled.
    let forms = [quoted.replace('\'', "''"), quoted, format!("{schema}.")];
    let mut result = String::with_capacity(text.len());
    let mut done = 0;
    for (name, _) in text.match_indices(NAME) {
        let before = &text[done..name];
        let qualifier = forms.iter().find(|form| {
            let rest = before.strip_suffix(form.as_str());
            rest.is_some_and(|rest| !rest.ends_with(is_part_of_name))
        });
        let kept = before.len() - qualifier.map_or(0, String::len);
        result.push_str(&before[..kept]);
        done = name;
    }
    result + &text[done..]
}

fn is_part_of_name(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '_' | '$' | '"' | '.')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_schema_is_left_out_and_only_as_a_qualifier() {
        for (text, schema, expected) in [
            (
                "ON public.procrastinate_jobs USING btree (id)",
                "public",
                "ON procrastinate_jobs USING btree (id)",
            ),
            (
                "nextval('jobs.procrastinate_jobs_id_seq'::regclass)",
                "jobs",
                "nextval('procrastinate_jobs_id_seq'::regclass)",
            ),
            (
                "nextval('\"o''brien\".procrastinate_jobs_id_seq'::regclass)",
                "o'brien",
                "nextval('procrastinate_jobs_id_seq'::regclass)",
            ),
            (
                "f(\"My \"\"s\".procrastinate_t[], x jobs.t)",
                "My \"s",
                "f(procrastinate_t[], x jobs.t)",
            ),
            (
                "ON new.procrastinate_jobs WHEN (new.status)",
                "new",
                "ON procrastinate_jobs WHEN (new.status)",
            ),
            (
                "procrastinate_jobs.procrastinate_jobs.id",
                "procrastinate_jobs",
                "procrastinate_jobs.id",
            ),
            (
                "notpublic.procrastinate_a, public.procrastinate_b, x.public.procrastinate_c",
                "public",
                "notpublic.procrastinate_a, procrastinate_b, x.public.procrastinate_c",
            ),
            (
                "ünpublic.procrastinate_a",
                "public",
                "ünpublic.procrastinate_a",
            ),
        ] {
            assert_eq!(without_schema(text, schema), expected);
        }
    }

    #[test]
    fn blanks_do_not_count_in_a_source_and_lines_do() {
        let one = "\r\nBEGIN\r\n\tSELECT  1; -- two\r\n\r\nEND\r\n";
        assert_eq!(source(one), source("BEGIN\n    SELECT 1; -- two\nEND"));
        assert_ne!(source("a -- b\nc"), source("a -- b c"));
    }
}
