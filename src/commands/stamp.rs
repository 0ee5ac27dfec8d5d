//! `stamp`: the commands that tell Alembic which revision a database made by `procrastinate schema --apply` is at.

use super::{Exit, Failure, Output, alembic_command, note, refused, say_where, shell_word};
use crate::catalog;
use crate::cli::{Global, Stamp};
use crate::escape::one_line;
use crate::project::Project;
use crate::report::style::count;
use crate::steps::{self, Refusal, Run};

pub(super) fn run(
    project: &Project,
    global: &Global,
    options: &Stamp,
    output: &mut Output<'_>,
) -> Result<Exit, Failure> {
    let lock = project.lock()?;
    let release = catalog::known(&options.release)?;
    let found = lock
        .as_ref()
        .ok_or(Refusal::NothingVendored)
        .and_then(|lock| steps::stamp(lock, release));
    let vendored = lock
        .as_ref()
        .map_or(String::new(), |lock| lock.upstream.release.to_string());
    let stamp = match found {
        Ok(stamp) => stamp,
        Err(refusal) => return refused(&refusal, output),
    };
    if !global.quiet {
        writeln!(
            output.err,
            "For a database made by `procrastinate schema --apply` of Procrastinate {}:",
            release.name
        )?;
    }
    say_where(project, output)?;
    let alembic = alembic_command(project, global);
    for Run { after, last } in &stamp.runs {
        if let Some(after) = after {
            writeln!(
                output.out,
                "{alembic} upgrade {}",
                one_line(&shell_word(after))
            )?;
        }
        writeln!(output.out, "{alembic} stamp {}", one_line(last))?;
    }
    if !global.quiet {
        let rest = match stamp.remaining {
            0 => "It is then at the last vendored revision.".to_owned(),
            number => format!(
                "`{alembic} upgrade {}` then runs the {} behind it.",
                if is_linear(&stamp.runs) {
                    "head"
                } else {
                    "heads"
                },
                count(number, "vendored revision")
            ),
        };
        writeln!(output.err, "{rest}")?;
    }
    for name in &stamp.differing {
        let text = format!(
            "`{name}` had other SQL in {} than is vendored: such a database holds what the old SQL made. Where that matters, write a \
             revision of your own; `vendor-migrations diff {} {vendored}` shows the difference",
            release.name, release.name
        );
        note(output, &text)?;
    }
    Ok(Exit::Fine)
}

fn is_linear(runs: &[Run]) -> bool {
    runs.iter().any(|run| run.after.is_some())
}
