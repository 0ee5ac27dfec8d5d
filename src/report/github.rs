//! Annotations of GitHub Actions: workflow commands, which the runner reads out of the log.
//!
//! The format and what has to be escaped in it: <https://docs.github.com/actions/reference/workflow-commands-for-github-actions>.

use std::io::{self, Write};

use super::text::totals;
use super::{Location, Report};
use crate::escape::lines;
use crate::findings::{Finding, Severity};

/// GitHub shows no more than ten of a kind a step.
const MOST: usize = 10;

/// One annotation a finding, errors first. Of more than ten, the last says how many are left out; a failure, which is told
/// when the command ends, counts.
pub(super) fn annotations(out: &mut dyn Write, report: &Report<'_>) -> io::Result<()> {
    let mut findings: Vec<&Finding> = report.findings.iter().collect();
    findings.sort_by_key(|finding| finding.severity);
    let most = MOST - usize::from(report.failure.is_some());
    let shown = match findings.len() > most {
        true => most - 1,
        false => findings.len(),
    };
    let (shown, rest) = findings.split_at(shown);
    for finding in shown {
        annotation(out, report, finding)?;
    }
    let Some(gravest) = rest.first() else {
        return Ok(());
    };
    let text = format!(
        "{} more: {}. This step's log has them all",
        rest.len(),
        totals(rest.iter().copied(), name).unwrap_or_default()
    );
    let title = format!("vendor-migrations {}", report.command);
    command(out, gravest.severity, &[("title", &title)], &text)
}

/// The error that ended the command, as an annotation.
pub fn failure(out: &mut dyn Write, text: &str) -> io::Result<()> {
    command(
        out,
        Severity::Error,
        &[("title", "vendor-migrations")],
        text,
    )
}

/// An annotation that no file belongs to.
pub(super) fn placeless(
    out: &mut dyn Write,
    severity: Severity,
    code: &str,
    text: &str,
) -> io::Result<()> {
    let title = format!("vendor-migrations: {code}");
    command(out, severity, &[("title", &title)], text)
}

fn annotation(out: &mut dyn Write, report: &Report<'_>, finding: &Finding) -> io::Result<()> {
    let title = format!("vendor-migrations: {}", finding.code);
    let line = finding.place.line.map(|line| line.to_string());
    let location = report.location(finding);
    let mut properties: Vec<(&str, &str)> = Vec::new();
    // The runner takes any path for one of the repository.
    if let Location::Repository(path) = &location {
        properties.push(("file", path));
        properties.extend(line.as_deref().map(|line| ("line", line)));
    }
    properties.push(("title", &title));
    command(out, finding.severity, &properties, &report.located(finding))
}

/// What GitHub calls it.
fn name(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "notice",
    }
}

fn command(
    out: &mut dyn Write,
    severity: Severity,
    properties: &[(&str, &str)],
    text: &str,
) -> io::Result<()> {
    let properties: Vec<String> = properties
        .iter()
        .map(|(name, value)| format!("{name}={}", property(value)))
        .collect();
    writeln!(
        out,
        "::{} {}::{}",
        name(severity),
        properties.join(","),
        data(text)
    )
}

fn property(text: &str) -> String {
    let text = encoded(text).replace(':', "%3A").replace(',', "%2C");
    lines(&text).into_owned()
}

fn data(text: &str) -> String {
    lines(&encoded(text)).into_owned()
}

fn encoded(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::{Code, Remedy};
    use crate::place::Place;
    use crate::report::testing::{finding, report};

    fn written(findings: Vec<Finding>) -> String {
        let mut out = Vec::new();
        annotations(&mut out, &report(findings)).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn properties_and_data_are_escaped_each_by_its_own_rule() {
        let place = Place::new("a,b:c%\n\u{1b}.py").at(7);
        let found = Finding {
            remedy: None,
            ..Finding::error(Code::Edited, place, "one\ntwo::100%", Remedy::SYNC)
        };
        assert_eq!(
            written(vec![found]),
            "::error file=a%2Cb%3Ac%25%0A\\x1b.py,line=7,title=vendor-migrations%3A edited::one%0Atwo::100%25\n"
        );
    }

    #[test]
    fn the_rest_is_summed_up_and_errors_come_first() {
        let warnings = (0..9).map(|_| finding(Severity::Warning, "w", "x"));
        let ten: Vec<Finding> = warnings
            .chain([finding(Severity::Error, "e", "x")])
            .collect();
        let shown = written(ten.clone());
        assert!(shown.starts_with("::error file=e,") && shown.lines().count() == 10);
        let eleven = [ten, vec![finding(Severity::Note, "n", "x")]].concat();
        let shown = written(eleven);
        assert_eq!(
            shown.lines().last(),
            Some(
                "::warning title=vendor-migrations check::2 more: 1 warning, 1 notice. This step's log has them all"
            )
        );
        assert_eq!(shown.lines().count(), 10);
    }
}
