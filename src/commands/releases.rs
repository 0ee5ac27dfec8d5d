//! `releases`: what each known release added, changed, renamed and removed, by the built-in catalogue.

use pep440_rs::Version;

use crate::catalog::{self, Step};
use crate::cli::{Format, Global, Releases};
use crate::failure::{Exit, Failure};
use crate::report::releases as report;
use crate::report::style::count;
use crate::session::Output;

pub(super) fn run(
    global: &Global,
    options: &Releases,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let steps = chosen(options)?;
    match options.format {
        Format::Json => report::json(output.out, &steps)?,
        Format::Text => report::text(output.out, &steps, !options.releases.is_empty())?,
    }
    if options.format == Format::Text
        && options.releases.is_empty()
        && !global.quiet
        && let (Some(first), Some(last)) = (steps.first(), steps.last())
    {
        let number = count(steps.len(), "release");
        let (first, last) = (first.release.name, last.release.name);
        writeln!(output.err, "{number}, {first} to {last}")?;
    }
    Ok(Exit::Fine)
}

/// The steps that the user asked for, the oldest first.
fn chosen(options: &Releases) -> Result<Vec<Step>, Failure> {
    let named = options.releases.iter().map(catalog::known);
    let named = named.collect::<Result<Vec<_>, _>>()?;
    let within = |version: &Version| {
        options.from.as_ref().is_none_or(|from| version >= from)
            && options.to.as_ref().is_none_or(|to| version <= to)
    };
    let mut steps = catalog::history();
    steps.retain(|step| {
        within(&step.release.version()) && (named.is_empty() || named.contains(&step.release))
    });
    if steps.is_empty() {
        return Err(Failure::NoRelease {
            from: options.from.clone(),
            to: options.to.clone(),
        });
    }
    Ok(steps)
}
