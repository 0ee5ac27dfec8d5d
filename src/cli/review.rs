//! The options of `review`.

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum, ValueHint};
use pep440_rs::Version;

#[derive(Debug, Args)]
pub struct Review {
    /// The release that is deployed now [default: what is vendored]
    #[arg(long, value_name = "RELEASE")]
    pub from: Option<Version>,
    /// The release to deploy [default: what upstream has, as for `diff`]
    #[arg(long, value_name = "RELEASE")]
    pub to: Option<Version>,
    /// Upstream is the environment of this Python interpreter
    #[arg(long, value_name = "EXE", value_parser = super::options::interpreter, value_hint = ValueHint::ExecutablePath, conflicts_with = "to")]
    pub python: Option<Utf8PathBuf>,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReviewFormat,
    /// Write the report to this file; one that is not a report of `review` is not overwritten
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<Utf8PathBuf>,
    /// With --output: overwrite the file, whatever it is
    #[arg(long, requires = "output")]
    pub force: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ReviewFormat {
    /// For a terminal.
    Text,
    /// For a pull request: its body or a comment.
    Markdown,
    /// For programs; documented in docs/reports.md.
    Json,
    /// One page for a browser, which needs no network.
    Html,
}
