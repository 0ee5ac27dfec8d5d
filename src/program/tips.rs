//! What is likely meant by a command line that is refused.

use std::ffi::OsString;

use clap::CommandFactory as _;
use clap::builder::StyledStr;
use clap::error::{ContextKind, ContextValue, Error, ErrorKind};
use pep440_rs::Version;

use crate::catalog;
use crate::cli::Cli;

/// The error with a tip, if what was written is known from other programs.
pub(super) fn with_tip(mut error: Error, arguments: impl Iterator<Item = OsString>) -> Error {
    let command = Cli::command();
    let verbs: Vec<&str> = command
        .get_subcommands()
        .map(clap::Command::get_name)
        .collect();
    let mut arguments = arguments.filter_map(|argument| argument.into_string().ok());
    let verb = arguments.find(|argument| verbs.contains(&argument.as_str()));
    // With a wrong value, the argument is known.
    let mut wrong = [
        ContextKind::InvalidValue,
        ContextKind::InvalidSubcommand,
        ContextKind::InvalidArg,
    ]
    .into_iter();
    let wrong = wrong.find_map(|kind| match error.get(kind) {
        Some(ContextValue::String(text)) => Some(text.clone()),
        _ => None,
    });
    let wrong = wrong.unwrap_or_default();
    if let Some(tip) = tip(error.kind(), verb.as_deref().unwrap_or_default(), &wrong) {
        let tip = ContextValue::StyledStrs(vec![StyledStr::from(tip)]);
        error.remove(ContextKind::SuggestedArg);
        error.insert(ContextKind::Suggested, tip);
    }
    error
}

fn tip(kind: ErrorKind, verb: &str, wrong: &str) -> Option<String> {
    const JSON: [&str; 9] = [
        "check", "database", "diff", "init", "releases", "review", "rollout", "status", "sync",
    ];
    const NEWEST: [&str; 6] = ["current", "head", "heads", "last", "latest", "newest"];
    let word = wrong.to_lowercase();
    match (kind, word.as_str()) {
        (ErrorKind::UnknownArgument, "--json") if JSON.contains(&verb) => {
            Some("'--format json' writes JSON".to_owned())
        }
        (ErrorKind::UnknownArgument, "--fix") => Some(
            "'vendor-migrations sync' vendors what upstream changed, and 'vendor-migrations init' fixes the wiring"
                .to_owned(),
        ),
        (ErrorKind::UnknownArgument, _) if verb == "review" && wrong.parse::<Version>().is_ok() => {
            Some(format!("'--to {wrong}' names the release to deploy, '--from {wrong}' the one that is deployed"))
        }
        (ErrorKind::UnknownArgument, _) if verb == "rollout" && wrong.parse::<Version>().is_ok() => {
            Some(format!("'--from {wrong}' names the release that is deployed now"))
        }
        (ErrorKind::UnknownArgument, _) if wrong.parse::<Version>().is_ok() => {
            let is_option = ["check", "status", "sync"].contains(&verb);
            is_option.then(|| format!("'--release {wrong}' names a release of the package index"))
        }
        (ErrorKind::InvalidSubcommand, "upgrade" | "update" | "migrate") => Some(
            "'vendor-migrations sync' vendors new migrations, and 'alembic upgrade heads' applies them".to_owned(),
        ),
        (ErrorKind::ValueValidation, newest) if NEWEST.contains(&newest) => {
            let newest = catalog::newest()?.name;
            Some(format!(
                "the newest release that this program knows is {newest}; 'vendor-migrations releases' lists all"
            ))
        }
        _ => None,
    }
}
