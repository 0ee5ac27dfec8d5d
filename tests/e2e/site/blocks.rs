//! Every block of every page is run, validated or read by a test, or is listed here with the reason why not.

use fs_err as fs;

use super::{names, repository};
use crate::guide;

/// Blocks that no project runs, by page and heading ("" is the whole page), and what holds for them instead.
const OTHERS: &[(&str, &str, &str)] = &[
    ("ci", "GitHub: check", RECIPE),
    (
        "ci",
        "GitHub: the action",
        "workflows.rs runs the action's own commands",
    ),
    ("ci", "GitHub: a comment on the pull request", RECIPE),
    ("ci", "GitHub: code scanning", RECIPE),
    ("ci", "GitHub: a gate before a deploy", RECIPE),
    ("ci", "GitLab: check", RECIPE),
    ("ci", "The review of an upgrade", RECIPE),
    ("ci", "The bump's pull request", RECIPE),
    ("ci", "pre-commit", RECIPE),
    (
        "findings",
        "",
        "each shows its own finding, as a test below says; schema/public.rs runs the command",
    ),
    (
        "performance",
        "",
        "the benchmark runs for minutes on a machine that does nothing else",
    ),
    (
        "platforms",
        "What was checked, and how far",
        "the commands build for minutes; their parts are in wheel/platforms.rs and .ci/run",
    ),
    (
        "reference",
        "Options",
        "it downloads two releases; tests/e2e/index.rs does, too",
    ),
    (
        "reliability",
        "",
        "the commands of long runs; tests/cli has them in short",
    ),
    (
        "reports",
        "",
        "parts of reports, which tests/e2e/reports.rs compares with their schemas",
    ),
];
const RECIPE: &str = "recipes.rs validates it, and runs its commands";

/// A fenced block.
struct Block {
    page: String,
    line: usize,
    info: String,
    /// The headings above it, that of the page first.
    headings: Vec<String>,
    text: String,
}

#[test]
fn every_block_is_looked_at() {
    let mut unused: Vec<_> = OTHERS.iter().collect();
    let mut faults = Vec::new();
    for block in blocks() {
        if is_run(&block) {
            continue;
        }
        let is_of = |(page, heading, _): &(&str, &str, &str)| {
            let is_below = block.headings.iter().any(|it| it == heading);
            *page == block.page && (heading.is_empty() || is_below)
        };
        if !OTHERS.iter().any(is_of) {
            faults.push(format!(
                "docs/{}.md:{}: ```{}",
                block.page, block.line, block.info
            ));
        }
        unused.retain(|other| !is_of(other));
    }
    assert!(faults.is_empty(), "no test looks at these: {faults:#?}");
    assert!(unused.is_empty(), "there are no such blocks: {unused:#?}");
}

/// Whether a project of the page runs it.
fn is_run(block: &Block) -> bool {
    guide::PAGES.iter().any(|place| {
        let (page, section) = place.split_once("## ").unwrap_or((place, ""));
        page.strip_suffix(".md") == Some(&block.page)
            && (section.is_empty() || block.headings.get(1).is_some_and(|it| it == section))
    })
}

/// What a section of the findings shows is its own finding.
#[test]
fn findings_show_themselves() {
    let others = ["note:", "accepted["];
    for block in blocks()
        .iter()
        .filter(|it| it.page == "findings" && it.info == "text")
    {
        let heading = block.headings.last().expect("a heading");
        let Some(code) = heading
            .strip_prefix('`')
            .and_then(|it| it.strip_suffix('`'))
        else {
            let first = block.text.lines().next().unwrap_or_default();
            assert!(
                others.iter().any(|start| first.starts_with(start)),
                "{first}"
            );
            continue;
        };
        let starts = ["error", "warning"].map(|severity| format!("{severity}[{code}]"));
        let is_its_own = |line: &str| starts.iter().any(|start| line.starts_with(start.as_str()));
        assert!(
            block.text.lines().any(is_its_own) || block.text.starts_with("note:"),
            "docs/findings.md:{}: {}",
            block.line,
            block.text
        );
    }
}

/// All blocks of all pages, also those that only the tests see.
fn blocks() -> Vec<Block> {
    let pages = names().into_iter();
    pages
        .flat_map(|page| {
            let path = repository().join("docs").join(format!("{page}.md"));
            let text = fs::read_to_string(path).expect("the page can be read");
            blocks_of(&page, &text)
        })
        .collect()
}

fn blocks_of(page: &str, text: &str) -> Vec<Block> {
    let mut headings: Vec<String> = Vec::new();
    let mut found: Vec<Block> = Vec::new();
    let mut is_open = false;
    for (index, line) in text.lines().enumerate() {
        match line.trim_start().strip_prefix("```") {
            Some(info) if !is_open => found.push(Block {
                page: page.to_owned(),
                line: index + 1,
                info: info.to_owned(),
                headings: headings.clone(),
                text: String::new(),
            }),
            None if is_open => {
                let block = found.last_mut().expect("a block is open");
                block.text.push_str(line);
                block.text.push('\n');
            }
            Some(_) => {}
            None => {
                let level = line.chars().take_while(|char| *char == '#').count();
                if level > 0 {
                    headings.truncate(level - 1);
                    headings.push(line[level..].trim().to_owned());
                }
                continue;
            }
        }
        if line.trim_start().starts_with("```") {
            is_open = !is_open;
        }
    }
    assert!(!is_open, "docs/{page}.md: a block is not closed");
    found
}

/// What is shown as data can be read as such.
#[test]
fn data_is_valid() {
    for block in blocks() {
        let fault = match block.info.as_str() {
            "json" => serde_json::from_str::<serde_json::Value>(&block.text)
                .err()
                .map(|error| error.to_string()),
            "toml" => toml::from_str::<toml::Value>(&block.text)
                .err()
                .map(|error| error.to_string()),
            _ => None,
        };
        assert_eq!(fault, None, "docs/{}.md:{}", block.page, block.line);
    }
}
