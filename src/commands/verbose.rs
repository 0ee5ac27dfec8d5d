//! What `-v` says beside: which files decided, and where Procrastinate was looked for. All of it goes to standard error.

use super::{Failure, Output};
use crate::alembic::config::{AlembicConfig, Versions};
use crate::cli::Global;
use crate::escape::one_line;
use crate::project::Project;
use crate::upstream::Upstream;

/// The files that decide where things lie.
pub(super) fn configuration(
    project: &Project,
    global: &Global,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if !global.verbose {
        return Ok(());
    }
    let settings = project.settings.file.unwrap_or("none");
    writeln!(output.err, "Settings: {settings}")?;
    let Some(alembic) = &project.alembic else {
        return Ok(writeln!(output.err, "Alembic's configuration: none")?);
    };
    let file = alembic.file.as_ref().map_or("none", |file| file.as_str());
    writeln!(
        output.err,
        "Alembic's configuration: {}, section {}, by the rules of {}",
        one_line(file),
        one_line(&alembic.section),
        one_line(&alembic.rules.to_string())
    )?;
    Ok(writeln!(
        output.err,
        "Version locations: {}",
        one_line(&locations(alembic))
    )?)
}

fn locations(alembic: &AlembicConfig) -> String {
    match &alembic.versions {
        Versions::Undecidable { why, .. } => format!("not known, {why}"),
        Versions::Refused(_) => "refused".to_owned(),
        listed => {
            let locations = listed.locations().iter();
            let written: Vec<&str> = locations
                .map(|location| location.written.as_str())
                .collect();
            written.join(", ")
        }
    }
}

/// Where a release was found, and where not.
pub(super) fn found(
    upstream: &Upstream,
    global: &Global,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    if !global.verbose {
        return Ok(());
    }
    for looked in &upstream.looked {
        writeln!(
            output.err,
            "Looked in vain: {}",
            one_line(&looked.to_string())
        )?;
    }
    Ok(writeln!(output.err, "Found: {}", upstream.title())?)
}
