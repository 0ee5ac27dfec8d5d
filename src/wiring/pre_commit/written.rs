//! The entry as text.

use super::HOOK;

pub(super) struct Style {
    /// Spaces before a repository's dash.
    pub(super) dash: usize,
    /// Spaces behind a dash.
    pub(super) pad: usize,
    /// Spaces before the dash of a hook, from the column of `hooks`.
    pub(super) hooks: usize,
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

pub(super) struct Written<'a> {
    pub(super) args: &'a [String],
    pub(super) always_run: bool,
}

impl Written<'_> {
    /// A repository with the hook.
    pub(super) fn indented(&self, style: &Style, end: &str) -> String {
        let space = |width: usize| " ".repeat(width);
        let (dash, pad) = (space(style.dash), space(style.pad));
        let keys = style.dash + 1 + style.pad;
        let before = space(keys);
        let lines = [
            format!("{dash}-{pad}repo: {REPOSITORY}"),
            format!("{before}rev: {REVISION}"),
            format!("{before}hooks:"),
        ];
        let lines: String = lines.iter().map(|line| format!("{line}{end}")).collect();
        lines + &self.hook(keys + style.hooks, style.pad, end)
    }

    /// The hook alone, its dash in this column, with so many spaces behind it.
    pub(super) fn hook(&self, dash: usize, pad: usize, end: &str) -> String {
        let before = " ".repeat(dash);
        let pad = " ".repeat(pad);
        let settings = format!("{before} {pad}");
        let mut lines = vec![format!("{before}-{pad}id: {HOOK}")];
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
    pub(super) fn in_brackets(&self) -> String {
        let hook = self.hook_in_brackets();
        format!("{{\"repo\": \"{REPOSITORY}\", \"rev\": \"{REVISION}\", \"hooks\": [{hook}]}}")
    }

    pub(super) fn hook_in_brackets(&self) -> String {
        let mut hook = format!("\"id\": \"{HOOK}\"");
        if !self.args.is_empty() {
            let args: Vec<String> = self.args.iter().map(|text| quoted(text)).collect();
            hook.push_str(&format!(", \"args\": [{}]", args.join(", ")));
        }
        if self.always_run {
            hook.push_str(", \"always_run\": true");
        }
        format!("{{{hook}}}")
    }
}

const REPOSITORY: &str = env!("CARGO_PKG_REPOSITORY");
const REVISION: &str = concat!("v", env!("CARGO_PKG_VERSION"));

/// A string that every version of YAML reads as this string.
pub(super) fn plain_or_quoted(text: &str) -> String {
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
