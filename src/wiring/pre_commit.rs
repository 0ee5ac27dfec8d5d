//! The entry of this program's hook in the configuration of pre-commit (and of prek, which reads the same file).

mod places;

use super::line_end;
use super::yaml::{Node, Value, read};

/// The hook that `init` adds.
const HOOK: &str = "vendor-migrations-check";
/// Stands in the repository's address, in the ids of both hooks, and in what runs the program.
const NAME: &str = "vendor-migrations";

/// The entry, as far as it depends on the project.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Entry {
    /// Options for the program.
    pub args: Vec<String>,
    /// The vendored directory's name: a pattern that excludes it for all hooks would hide it from this one, too.
    pub directory: Option<String>,
}

/// What is to be done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The hook is there.
    Present,
    /// The hook is there, and does not see the vendored directory.
    Hidden,
    /// The text with the entry.
    Added(String),
}

/// Why the entry is not added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotEdited {
    /// It is no YAML, or more than pre-commit reads.
    #[error("it cannot be read: {0}")]
    Unreadable(String),
    /// It is YAML, and no such configuration.
    #[error("its `repos` is not a list, or there are two")]
    NoList,
    /// Whatever was tried would have changed something else.
    #[error("no way was found to add the entry and change nothing else")]
    NoWay,
}

impl Entry {
    /// The text with the entry in it.
    pub fn added_to(&self, text: &str) -> Result<Edit, NotEdited> {
        let old = read(text).map_err(NotEdited::Unreadable)?;
        let hidden = old.as_ref().is_some_and(|root| self.is_hidden(root));
        if let Some(root) = &old {
            let repos = root.entries().ok_or(NotEdited::NoList)?.iter();
            let repos: Vec<&Node> = repos
                .filter(|(key, _)| key.text() == Some("repos"))
                .map(|(_, value)| value)
                .collect();
            match repos.as_slice() {
                [] => {}
                [repos] if repos.items().is_some() || is_nothing(repos) => {}
                _ => return Err(NotEdited::NoList),
            }
            if let Some(hook) = hook(root) {
                let always = hook.get("always_run").and_then(Node::text) == Some("true");
                return Ok(if hidden && !always {
                    Edit::Hidden
                } else {
                    Edit::Present
                });
            }
        }
        let written = self.written(hidden);
        let wanted = read(&written.in_brackets()).ok().flatten();
        let wanted = wanted.ok_or(NotEdited::NoWay)?;
        let confirmed = |new: &String| {
            read(new)
                .ok()
                .flatten()
                .is_some_and(|new| is_added(old.as_ref(), &new, &wanted))
        };
        let found = places::tried(text, old.as_ref(), &written)
            .into_iter()
            .find(confirmed);
        found.map(Edit::Added).ok_or(NotEdited::NoWay)
    }

    /// The lines of the entry, for somebody to add.
    pub fn lines(&self) -> String {
        self.written(false).indented(&Style::default(), "\n")
    }

    /// Whether the pattern that holds for all hooks names the vendored directory.
    fn is_hidden(&self, root: &Node) -> bool {
        let exclude = root.get("exclude").and_then(Node::text);
        match (exclude, &self.directory) {
            (Some(exclude), Some(directory)) => exclude.contains(directory.as_str()),
            _ => false,
        }
    }

    fn written(&self, always_run: bool) -> Written<'_> {
        Written {
            args: &self.args,
            always_run,
        }
    }
}

/// The hook, or the repository that only this program's hooks come from.
fn hook(root: &Node) -> Option<&Node> {
    let resolved = |node| match node {
        &Node {
            value: Value::Alias(anchor),
            ..
        } => root.anchored(anchor),
        node => Some(node),
    };
    let names = |node: &Node, key: &str| {
        let value = node.get(key).and_then(Node::text);
        value.is_some_and(|value| value.contains(NAME))
    };
    let repos = root.get("repos")?.items()?.iter();
    let mut repos = repos.filter_map(resolved);
    repos.find_map(|repo| {
        let hooks = repo.get("hooks").and_then(resolved).and_then(Node::items);
        let mut hooks = hooks.unwrap_or_default().iter().filter_map(resolved);
        let is_ours = |hook: &&Node| names(hook, "id") || names(hook, "entry");
        hooks
            .find(is_ours)
            .or_else(|| names(repo, "repo").then_some(repo))
    })
}

/// Whether a value is left out.
fn is_nothing(node: &Node) -> bool {
    node.bytes.is_empty() && node.text() == Some("")
}

/// Whether the only difference is one more element of `repos`.
fn is_added(old: Option<&Node>, new: &Node, wanted: &Node) -> bool {
    let before = old.and_then(Node::entries).unwrap_or_default();
    let Some(after) = new.entries() else {
        return false;
    };
    let kept = |old: &Node, new: &Node| match (old.items(), new.items()) {
        // An anchor's sequence may be used elsewhere.
        _ if old.anchor != 0 => false,
        (None, Some([item])) => is_nothing(old) && item.means(wanted),
        (Some(old), Some([new @ .., last])) => {
            old.len() == new.len()
                && old.iter().zip(new).all(|(old, new)| old.same(new))
                && last.means(wanted)
        }
        _ => false,
    };
    let mut added = after.get(before.len()..).unwrap_or_default().iter();
    let is_new = |(key, value): &(Node, Node)| {
        key.text() == Some("repos") && matches!(value.items(), Some([item]) if item.means(wanted))
    };
    let had = before.iter().any(|(key, _)| key.text() == Some("repos"));
    let same_root = old.is_none_or(|old| old.anchor == new.anchor);
    same_root
        && before.iter().zip(after).all(|(old, new)| {
            old.0.same(&new.0)
                && if old.0.text() == Some("repos") {
                    kept(&old.1, &new.1)
                } else {
                    old.1.same(&new.1)
                }
        })
        && after.len() == before.len() + usize::from(!had)
        && added.all(is_new)
}

/// How the list is indented.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Style {
    /// Spaces before a repository's dash.
    dash: usize,
    /// Spaces behind a dash.
    pad: usize,
    /// Spaces before the dash of a hook, from the column of `hooks`.
    hooks: usize,
}

impl Default for Style {
    fn default() -> Self {
        Self {
            dash: 2,
            pad: 1,
            hooks: 2,
        }
    }
}

/// The entry as it is written.
struct Written<'a> {
    args: &'a [String],
    always_run: bool,
}

impl Written<'_> {
    /// On lines of its own.
    fn indented(&self, style: &Style, end: &str) -> String {
        let space = |width: usize| " ".repeat(width);
        let pad = space(style.pad);
        let keys = space(style.dash + 1 + style.pad);
        let hook = format!("{keys}{}", space(style.hooks));
        let settings = format!("{hook} {pad}");
        let (dash, repository, revision) = (space(style.dash), repository(), revision());
        let mut lines = vec![
            format!("{dash}-{pad}repo: {repository}"),
            format!("{keys}rev: {revision}"),
            format!("{keys}hooks:"),
            format!("{hook}-{pad}id: {HOOK}"),
        ];
        if !self.args.is_empty() {
            let args: Vec<String> = self.args.iter().map(|text| plain_or_quoted(text)).collect();
            lines.push(format!("{settings}args: [{}]", args.join(", ")));
        }
        if self.always_run {
            lines.push(format!("{settings}always_run: true"));
        }
        lines.iter().map(|line| format!("{line}{end}")).collect()
    }

    /// In brackets; valid JSON.
    fn in_brackets(&self) -> String {
        let args: Vec<String> = self.args.iter().map(|text| quoted(text)).collect();
        let args = match args.is_empty() {
            true => String::new(),
            false => format!(", \"args\": [{}]", args.join(", ")),
        };
        let always = if self.always_run {
            ", \"always_run\": true"
        } else {
            ""
        };
        let (repository, revision) = (repository(), revision());
        format!(
            "{{\"repo\": \"{repository}\", \"rev\": \"{revision}\", \"hooks\": [{{\"id\": \"{HOOK}\"{args}{always}}}]}}"
        )
    }
}

/// Where the hooks come from.
fn repository() -> &'static str {
    env!("CARGO_PKG_REPOSITORY")
}

/// The tag of this version.
fn revision() -> &'static str {
    concat!("v", env!("CARGO_PKG_VERSION"))
}

/// A string that every version of YAML reads as this string.
fn plain_or_quoted(text: &str) -> String {
    const WORDS: [&str; 9] = ["true", "false", "yes", "no", "on", "off", "null", "y", "n"];
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    let begins = |c: char| c.is_ascii_alphabetic();
    let is_option = text
        .strip_prefix("--")
        .is_some_and(|name| name.starts_with(begins));
    let is_word = WORDS.iter().any(|word| word.eq_ignore_ascii_case(text));
    if (is_option || text.starts_with(begins)) && text.chars().all(plain) && !is_word {
        text.to_owned()
    } else {
        quoted(text)
    }
}

/// JSON's strings are YAML's in double quotes.
fn quoted(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

#[cfg(test)]
mod tests;
