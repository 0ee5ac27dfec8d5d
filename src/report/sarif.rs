//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::json;
use super::outcome::{Entry, Level, Outcome, Place, Rule, fingerprints};
use crate::escape::lines;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What may stand in a path as it is: RFC 3986's unreserved characters, and the separator.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One run with a result an entry; what the settings accept is among them, suppressed.
pub fn write(out: &mut dyn Write, outcome: &Outcome) -> io::Result<()> {
    let accepted = outcome.accepted.iter().map(|(entry, _)| entry);
    let entries: Vec<&Entry> = outcome.entries.iter().chain(accepted).collect();
    let mut rules: Vec<Rule> = entries.iter().map(|entry| entry.rule).collect();
    rules.sort_unstable();
    rules.dedup();
    let results: Vec<Value> = entries
        .iter()
        .zip(fingerprints(entries.iter().copied()))
        .enumerate()
        .map(|(index, (entry, fingerprint))| {
            let mut result = result(entry, &rules, &fingerprint.to_string());
            let reason = index
                .checked_sub(outcome.entries.len())
                .and_then(|index| outcome.accepted.get(index));
            if let Some((_, reason)) = reason {
                result["suppressions"] = json!([
                    {"kind": "external", "status": "accepted", "justification": lines(reason)}
                ]);
            }
            result
        })
        .collect();
    json::write(
        out,
        &json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": driver(&rules)},
                "automationDetails": {"id": format!("vendor-migrations/{}/", outcome.command)},
                "originalUriBaseIds": bases(),
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation(outcome)],
                "results": results,
                "properties": properties(outcome),
            }],
        }),
    )
}

fn driver(rules: &[Rule]) -> Value {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": {"text": rule.about},
                "helpUri": rule.address(),
            })
        })
        .collect();
    json!({
        "name": "vendor-migrations",
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "informationUri": env!("CARGO_PKG_REPOSITORY"),
        "rules": rules,
    })
}

fn bases() -> Value {
    json!({
        "SRCROOT": {"description": {"text": "The root of the repository."}},
        "SITEPACKAGES": {"description": {"text": "The directory that holds the installed Procrastinate."}},
    })
}

/// `diff`: the whole unified diff.
fn properties(outcome: &Outcome) -> Value {
    match &outcome.patch {
        Some(patch) => json!({"patch": patch}),
        None => json!({}),
    }
}

/// Whether the work was done, and what could not be checked.
fn invocation(outcome: &Outcome) -> Value {
    let notification =
        |level: &str, text: &str| json!({"level": level, "message": {"text": message(text)}});
    let notes = outcome.notes.iter().map(|note| notification("note", note));
    let failure = outcome.failure.iter();
    let notifications: Vec<Value> = notes
        .chain(failure.map(|text| notification("error", text)))
        .collect();
    json!({
        "executionSuccessful": outcome.failure.is_none(),
        "toolExecutionNotifications": notifications,
    })
}

fn result(entry: &Entry, rules: &[Rule], fingerprint: &str) -> Value {
    let mut result = json!({
        "ruleId": entry.rule.id,
        "ruleIndex": rules.iter().position(|rule| *rule == entry.rule),
        "level": match entry.level {
            Level::Error => "error",
            Level::Warning => "warning",
            Level::Note => "note",
        },
        "message": {"text": message(&entry.whole())},
        "locations": [{"physicalLocation": location(entry)}],
        "partialFingerprints": {"vendorMigrations/v1": fingerprint},
    });
    if let Some(diff) = &entry.diff {
        result["properties"] = json!({"diff": diff});
    }
    result
}

/// A message string: braces would be placeholders, and `[text](number)` a link.
fn message(text: &str) -> String {
    let text = lines(text).replace('{', "{{").replace('}', "}}");
    if text.contains("](") {
        text.replace('[', "\\[").replace(']', "\\]")
    } else {
        text
    }
}

fn location(entry: &Entry) -> Value {
    let uri = utf8_percent_encode(entry.path_in_repository(), PATH).to_string();
    let artifact = match &entry.place {
        Place::Repository(_) => json!({"uri": uri, "uriBaseId": "SRCROOT"}),
        Place::SitePackages => json!({"uri": uri, "uriBaseId": "SITEPACKAGES"}),
        Place::Elsewhere if uri.starts_with('/') => json!({"uri": format!("file://{uri}")}),
        Place::Elsewhere => json!({"uri": uri}),
    };
    // Code scanning wants a line; what concerns a whole file stands at its first.
    json!({"artifactLocation": artifact, "region": {"startLine": entry.line.unwrap_or(1)}})
}
