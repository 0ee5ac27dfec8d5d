//! SARIF 2.1.0: <https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html>.

use std::io::{self, Write};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::{Location, Report, json, whole};
use crate::escape::lines;
use crate::findings::{Code, Finding};
use crate::patch;

const SCHEMA: &str =
    "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json";

/// What may stand in a path as it is: RFC 3986's unreserved characters, and the separator.
const PATH: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// One run with a result a finding; what the settings accept is among them, suppressed.
pub(super) fn write(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let accepted = report.accepted.iter().map(|accepted| &accepted.finding);
    let findings: Vec<&Finding> = report.findings.iter().chain(accepted).collect();
    let mut rules: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
    rules.sort_unstable_by_key(|code| code.as_str());
    rules.dedup();
    let fingerprints = report.fingerprints(findings.iter().copied());
    let mut results: Vec<Value> = findings
        .iter()
        .zip(fingerprints)
        .map(|(finding, fingerprint)| result(report, finding, &rules, &fingerprint.to_string()))
        .collect();
    let suppressed = results.iter_mut().skip(report.findings.len());
    for (result, accepted) in suppressed.zip(&report.accepted) {
        result["suppressions"] = json!([
            {"kind": "external", "status": "accepted", "justification": lines(&accepted.reason)}
        ]);
    }
    json::write(
        out,
        &json!({
            "$schema": SCHEMA,
            "version": "2.1.0",
            "runs": [{
                "tool": {"driver": driver(&rules)},
                "automationDetails": {"id": format!("vendor-migrations/{}/", report.command)},
                "originalUriBaseIds": {
                    "SRCROOT": {"description": {"text": "The root of the repository."}},
                    "SITEPACKAGES": {"description": {"text": "The directory that holds the installed Procrastinate."}},
                },
                "columnKind": "unicodeCodePoints",
                "invocations": [invocation(report)],
                "results": results,
                "properties": properties(report),
            }],
        }),
    )
}

fn driver(rules: &[Code]) -> Value {
    let rules: Vec<Value> = rules
        .iter()
        .map(|rule| {
            json!({
                "id": rule.as_str(),
                "shortDescription": {"text": rule.about()},
                "helpUri": rule.page(),
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

/// `diff`: the whole unified diff.
fn properties(report: &Report<'_>) -> Value {
    match patch::text(&report.patches) {
        patch if patch.is_empty() => json!({}),
        patch => json!({"patch": patch}),
    }
}

/// Whether the work was done, and what could not be checked.
fn invocation(report: &Report<'_>) -> Value {
    let notification =
        |level: &str, text: &str| json!({"level": level, "message": {"text": message(text)}});
    let notes = report.notes.iter().map(|note| notification("note", note));
    let failure = report.failure.iter();
    let notifications: Vec<Value> = notes
        .chain(failure.map(|text| notification("error", text)))
        .collect();
    json!({
        "executionSuccessful": report.failure.is_none(),
        "toolExecutionNotifications": notifications,
    })
}

fn result(report: &Report<'_>, finding: &Finding, rules: &[Code], fingerprint: &str) -> Value {
    let mut result = json!({
        "ruleId": finding.code.as_str(),
        "ruleIndex": rules.iter().position(|rule| *rule == finding.code),
        "level": finding.severity.as_str(),
        "message": {"text": message(&whole(finding))},
        "locations": [{"physicalLocation": location(report, finding)}],
        "partialFingerprints": {"vendorMigrations/v1": fingerprint},
    });
    if !finding.patches.is_empty() {
        result["properties"] = json!({"diff": patch::text(&finding.patches)});
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

fn location(report: &Report<'_>, finding: &Finding) -> Value {
    let uri = utf8_percent_encode(&report.path(finding), PATH).to_string();
    let artifact = match report.location(finding) {
        Location::Repository(_) => json!({"uri": uri, "uriBaseId": "SRCROOT"}),
        Location::SitePackages => json!({"uri": uri, "uriBaseId": "SITEPACKAGES"}),
        Location::Elsewhere if uri.starts_with('/') => json!({"uri": format!("file://{uri}")}),
        Location::Elsewhere => json!({"uri": uri}),
    };
    // Code scanning wants a line; what concerns a whole file stands at its first.
    let line = finding.place.line.unwrap_or(1);
    json!({"artifactLocation": artifact, "region": {"startLine": line}})
}
