//! The page of the findings, a section at a time.

use std::io;

use super::prose::{fitted, paragraph};
use super::screen::Screen;
use super::style::{GOOD, STRONG};
use super::text::{Value, table};
use crate::escape::one_line;
use crate::findings::Code;

const PAGE: &str = include_str!("../../docs/findings.md");

/// Every code, and what it stands for.
pub fn all(out: &mut dyn Screen) -> io::Result<()> {
    let rows = Code::ALL.iter();
    let rows: Vec<(&str, Value)> = rows
        .map(|code| (code.as_str(), Value::Text(code.about().to_owned())))
        .collect();
    table(out, &rows)?;
    writeln!(out)?;
    paragraph(
        out,
        0,
        "`vendor-migrations explain CODE` says more about one.",
    )
}

/// The section about a code.
pub fn one(out: &mut dyn Screen, code: Code) -> io::Result<()> {
    writeln!(out, "{STRONG}{code}{STRONG:#}")?;
    let (mut is_code, mut is_output) = (false, false);
    let mut text = String::new();
    for line in section(code).lines().chain([""]) {
        let fence = line.trim_start().starts_with("```");
        let is_apart = is_code || fence || line.starts_with('|');
        if is_apart || line.is_empty() || line.trim_start().starts_with("- ") {
            block(out, &std::mem::take(&mut text))?;
        }
        match line {
            _ if fence => {
                is_code = !is_code;
                is_output = line.ends_with("```text");
            }
            line if is_output => writeln!(out, "  {}", fitted(out, line, 2, 4))?,
            line if is_code => writeln!(out, "  {}", one_line(line))?,
            "" => writeln!(out)?,
            line if is_apart => writeln!(out, "{}", plain(line))?,
            line => {
                let gap = if text.is_empty() { "" } else { " " };
                let line = if text.is_empty() {
                    line
                } else {
                    line.trim_start()
                };
                text.push_str(&format!("{gap}{}", line.trim_end()));
            }
        }
    }
    writeln!(out, "{GOOD}more:{GOOD:#} {}", code.page())
}

fn section(code: Code) -> &'static str {
    let heading = format!("\n### `{code}`\n");
    let (_, rest) = PAGE.split_once(&heading).unwrap_or_default();
    let end = ["\n### ", "\n## "].map(|next| rest.find(next).unwrap_or(rest.len()));
    rest[..end[0].min(end[1])].trim_end()
}

/// A paragraph or an element of a list, whose lines were joined.
fn block(out: &mut dyn Screen, text: &str) -> io::Result<()> {
    if text.is_empty() {
        return Ok(());
    }
    let text = plain(text);
    let indent = text.len() - text.trim_start_matches(' ').len();
    let hang = match text.trim_start().starts_with("- ") {
        true => indent + 2,
        false => indent,
    };
    let text = fitted(out, text.trim_start(), indent, hang);
    writeln!(out, "{:indent$}{text}", "")
}

/// Markdown without links and emphasis.
fn plain(text: &str) -> String {
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, (label, after))) = link(rest) {
        shown.push_str(before);
        shown.push_str(label);
        rest = after;
    }
    (shown + rest).replace("**", "")
}

/// What stands before a link, its label, and what stands behind it.
fn link(text: &str) -> Option<(&str, (&str, &str))> {
    let (label, address) = text.split_once("](")?;
    let (before, label) = label.rsplit_once('[')?;
    let (_, after) = address.split_once(')')?;
    Some((before, (label, after)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_section_is_whole_and_readable() {
        for code in Code::ALL {
            let text = section(*code);
            assert!(text.len() > 80, "{code}: {text}");
            let mut out = Vec::new();
            one(&mut out, *code).unwrap();
            let shown = String::from_utf8(out).unwrap();
            assert!(!shown.contains("](") && !shown.contains("```"), "{shown}");
            assert!(shown.contains(&code.page()), "{shown}");
        }
    }

    #[test]
    fn links_become_their_labels() {
        assert_eq!(
            plain("see [the `a`](b.md#c), and [d](e)."),
            "see the `a`, and d."
        );
        assert_eq!(plain("x[0] **is** not one"), "x[0] is not one");
    }
}
