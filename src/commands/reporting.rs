//! In which format `check` and `diff` report, and where to.

use std::fs::Metadata;
use std::io::{self, Write as _};

use camino::{Utf8Path, Utf8PathBuf};

use crate::cli::{Global, ReportFormat};
use crate::failure::Failure;
use crate::links;
use crate::report::{self, Detail, Report};
use crate::repository::InRepository;
use crate::session::{Output, environment_path, environment_value};

/// The format that the user asked for; else `github` in a job of GitHub Actions, and text elsewhere.
pub(super) fn format(asked: Option<ReportFormat>) -> ReportFormat {
    match asked {
        Some(format) => format,
        None if environment_value("GITHUB_ACTIONS").is_some_and(|value| value == "true") => {
            ReportFormat::Github
        }
        None => ReportFormat::Text,
    }
}

/// How much a text says.
pub(super) fn detail(global: &Global) -> Detail {
    match (global.quiet, global.verbose) {
        (true, _) => Detail::Quiet,
        (false, true) => Detail::All,
        (false, false) => Detail::Usual,
    }
}

/// Where the project lies in its repository.
pub(super) fn in_repository(root: &Utf8Path) -> InRepository {
    let checkouts: Vec<Utf8PathBuf> = ["GITHUB_WORKSPACE", "CI_PROJECT_DIR"]
        .into_iter()
        .filter_map(environment_path)
        .collect();
    InRepository::of(root, &checkouts)
}

/// Writes the report to standard output; on GitHub, the step's summary as well.
pub(super) fn write(
    asked: Option<ReportFormat>,
    report: &Report<'_>,
    detail: Detail,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let format = format(asked);
    report.write(format, output.out, detail)?;
    if format == ReportFormat::Github {
        summarize(report, output)?;
    }
    Ok(())
}

/// Writes an error that ended the command in the service's format; standard error has it as well.
pub(super) fn failed(
    verb: &str,
    format: ReportFormat,
    failure: &Failure,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let why = report::Failed {
        error: failure.explained(),
        help: failure.hint(),
    };
    let why = why.addressed(output.out.options());
    match (format, verb) {
        (ReportFormat::Github, _) => {
            let hint = why.help.map_or(String::new(), |hint| format!("\n{hint}"));
            report::failure(output.out, &(why.error + &hint))?;
        }
        (ReportFormat::Json, "status" | "sync" | "init") => {
            report::json::failure(output.out, verb, &why.error, why.help)?;
        }
        (ReportFormat::Markdown, "sync" | "init") => {
            report::failed_page(output.out, verb, &why)?;
        }
        _ => {}
    }
    Ok(())
}

/// Whether the file has hard links: another name may be in a repository.
#[cfg(unix)]
fn has_other_names(metadata: &Metadata) -> bool {
    std::os::unix::fs::MetadataExt::nlink(metadata) > 1
}

/// The standard library does not say it here.
#[cfg(not(unix))]
fn has_other_names(_: &Metadata) -> bool {
    false
}

/// Appends the Markdown to the file that the runner shows with the step.
fn summarize(report: &Report<'_>, output: &mut Output<'_>) -> Result<(), Failure> {
    let mut page = Vec::new();
    report::markdown(&mut page, report)?;
    if let Some(pages) = &mut output.page {
        pages.extend(page);
        return Ok(());
    }
    append_page(&page, &report.repository, output)
}

/// The same with a page that is written already.
pub(super) fn append_page(
    page: &[u8],
    repository: &InRepository,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let Some(path) = environment_path("GITHUB_STEP_SUMMARY") else {
        return Ok(());
    };
    let why = match append(&path, page, repository) {
        Ok(()) => return Ok(()),
        Err(why) => why,
    };
    let text = format!("the step's summary was not written (GITHUB_STEP_SUMMARY): {why}");
    Ok(output.note(&text)?)
}

/// The runner makes this file outside of the checkout. Other paths are refused, so that `check` never writes to a repository.
fn append(path: &Utf8Path, page: &[u8], repository: &InRepository) -> Result<(), String> {
    let words = |error: io::Error| format!("{path}: {error}");
    let file = links::canonical(path).map_err(words)?;
    if repository.holds(&file) {
        return Err(format!("{path} is in the repository"));
    }
    let metadata = file.metadata().map_err(words)?;
    if !metadata.is_file() || has_other_names(&metadata) {
        return Err(format!("{path} is not a file of the runner's own"));
    }
    let opened = fs_err::OpenOptions::new()
        .append(true)
        .open(file.as_std_path());
    let written = opened.and_then(|mut file| file.write_all(page));
    written.map_err(|error| error.to_string())
}
