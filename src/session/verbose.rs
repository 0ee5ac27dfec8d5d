//! What `-v` adds: which files decided, and where Procrastinate was looked for. All of it goes to standard error.

use std::io;

use super::Output;
use crate::alembic::config::{AlembicConfig, Versions};
use crate::escape::one_line;
use crate::project::Project;
use crate::upstream::Upstream;

/// The files that decide where things lie.
pub(super) fn configuration(project: &Project, output: &mut Output<'_>) -> io::Result<()> {
    let settings = project.settings.file.unwrap_or("none");
    writeln!(output.err, "Settings: {settings}")?;
    let Some(alembic) = &project.alembic else {
        return writeln!(output.err, "Alembic's configuration: none");
    };
    let file = alembic.file.as_ref().map_or("none", |file| file.as_str());
    writeln!(
        output.err,
        "Alembic's configuration: {}, section {}, by the rules of {}",
        one_line(file),
        one_line(&alembic.sources.section),
        one_line(&alembic.rules.to_string())
    )?;
    let locations = locations(alembic);
    writeln!(output.err, "Version locations: {}", one_line(&locations))
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
pub(super) fn found(upstream: &Upstream, output: &mut Output<'_>) -> io::Result<()> {
    for looked in &upstream.looked {
        let looked = looked.to_string();
        writeln!(output.err, "Not found: {}", one_line(&looked))?;
    }
    writeln!(output.err, "Found: {}", upstream.title())
}
