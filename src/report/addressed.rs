//! Commands in sentences: `vendor-migrations sync` becomes the command for this project, from where the program was started.

use std::borrow::Cow;

use crate::findings::Finding;

const COMMAND: &str = "`vendor-migrations ";

/// The text, with the options that the user gave (each after a space) behind the verb of every command in it.
pub fn addressed<'a>(text: &'a str, options: &str) -> Cow<'a, str> {
    if options.is_empty() || !text.contains(COMMAND) {
        return text.into();
    }
    let mut shown = String::new();
    let mut rest = text;
    while let Some((before, command)) = rest.split_once(COMMAND) {
        let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '-');
        let (verb, behind) = command.split_at(command.find(is_end).unwrap_or(command.len()));
        shown.push_str(before);
        shown.push_str(COMMAND);
        shown.push_str(verb);
        // `vendor-migrations --help` is about no project, and some commands are made with their options.
        if !verb.starts_with('-') && !behind.split('`').next().unwrap_or(behind).contains(options) {
            shown.push_str(options);
        }
        rest = behind;
    }
    (shown + rest).into()
}

/// The findings, with every command in their texts.
pub fn findings(findings: Vec<Finding>, options: &str) -> Vec<Finding> {
    let of = |mut finding: Finding| {
        finding.message = addressed(&finding.message, options).into_owned();
        let text = |text: &str| addressed(text, options).into_owned();
        finding.remedy = finding
            .remedy
            .map(|remedy| remedy.addressed(options, &text));
        finding
    };
    match options.is_empty() {
        true => findings,
        false => findings.into_iter().map(of).collect(),
    }
}

#[cfg(test)]
mod tests {
    use super::addressed;

    #[test]
    fn the_options_stand_behind_each_verb() {
        let options = " -C 'my app'";
        for (text, shown) in [
            (
                "run `vendor-migrations sync`",
                "run `vendor-migrations sync -C 'my app'`",
            ),
            (
                "`vendor-migrations init --history linear`; `vendor-migrations check`",
                "`vendor-migrations init -C 'my app' --history linear`; `vendor-migrations check -C 'my app'`",
            ),
            (
                "`vendor-migrations --help` lists all",
                "`vendor-migrations --help` lists all",
            ),
            (
                "`vendor-migrations sync -C 'my app'`",
                "`vendor-migrations sync -C 'my app'`",
            ),
            ("vendor-migrations sync", "vendor-migrations sync"),
        ] {
            assert_eq!(addressed(text, options), shown);
            assert_eq!(addressed(text, ""), text);
        }
    }
}
