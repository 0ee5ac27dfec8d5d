//! The options of `review`.

use std::str::FromStr;

use camino::Utf8PathBuf;
use clap::{Args, ValueEnum, ValueHint};
use pep440_rs::{Version, VersionParseError};

#[derive(Debug, Args)]
pub struct Review {
    /// The release that is deployed now; `none` before the first deploy [default: the vendored release]
    #[arg(long, value_name = "RELEASE")]
    pub from: Option<Begin>,
    /// The release to deploy [default: the installed release, else the pinned one; with --from, else the vendored one]
    #[arg(long, value_name = "RELEASE")]
    pub to: Option<Version>,
    /// Read upstream from the environment of this Python interpreter
    #[arg(long, value_name = "EXE", value_parser = super::options::interpreter, value_hint = ValueHint::ExecutablePath, conflicts_with = "to")]
    pub python: Option<Utf8PathBuf>,
    /// How to report
    #[arg(long, value_name = "FORMAT", default_value = "text")]
    pub format: ReviewFormat,
    /// Write the report to this file, `-` for standard output; only a report of `review` is overwritten
    #[arg(short, long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub output: Option<Utf8PathBuf>,
    /// With --output: overwrite the file, whatever it is
    #[arg(long, requires = "output")]
    pub force: bool,
}

/// Where a review begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Begin {
    /// Databases have nothing of Procrastinate.
    Nothing,
    Release(Version),
}

impl FromStr for Begin {
    type Err = VersionParseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text {
            "none" => Ok(Self::Nothing),
            text => text.parse().map(Self::Release),
        }
    }
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
