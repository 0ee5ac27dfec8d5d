//! How long each statement takes with many jobs, beside empty tables. It is printed for people; the catalogue has what was counted, and
//! the clock has to agree with it.

use super::objects::{Told, chains, run, statements};
use crate::catalog::objects::Objects;
use crate::client::Target;
use crate::failure::Failure;
use crate::session::Output;
use crate::upstream::Upstream;

/// How long a statement took with so many rows in each table, and in empty ones.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Times {
    pub(super) statement: String,
    pub(super) grows: bool,
    /// In milliseconds.
    pub(super) empty: f64,
    pub(super) full: f64,
}

impl Times {
    /// A millisecond is what a statement takes that does nothing.
    pub(super) fn ratio(&self) -> f64 {
        self.full / self.empty.max(1.0)
    }

    /// Whether the clock says something else than the count of rows. A constant statement may write a file's last page, or wait for the disk.
    pub(super) fn contradicts(&self) -> bool {
        const CONSTANT: f64 = 30.0;
        const GROWING: f64 = 5.0;
        let ratio = self.ratio();
        if self.grows {
            ratio < GROWING
        } else {
            ratio > CONSTANT
        }
    }
}

/// The statement between two looks at the clock.
pub(super) fn timed(statement: &str, rows: u32) -> String {
    const CLOCK: &str =
        "SELECT json_build_object('clock', extract(epoch from clock_timestamp()) * 1000);";
    format!("SELECT pg_temp.fill({rows});\n{CLOCK}\n{statement}\n;\n{CLOCK}\n")
}

/// Times every statement of every new file with so many rows, and without. Prints those that grow, and fails where the clock contradicts
/// the catalogue.
pub(super) fn measure(
    server: &Target,
    releases: &[Upstream],
    objects: &Objects,
    rows: u32,
    output: &mut Output<'_>,
) -> Result<(), Failure> {
    let mut all = Vec::new();
    for chain in chains(releases) {
        let at = |rows: u32| -> Result<Vec<f64>, Failure> {
            let script = chain.script("", |statement| timed(statement, rows))?;
            let clocks = run(server, &script, "")?.into_iter();
            let clocks: Vec<f64> = clocks.filter_map(Told::clock).collect();
            Ok(clocks
                .chunks(2)
                .map(|two| two.last().unwrap_or(&0.0) - two[0])
                .collect())
        };
        let (empty, full) = (at(0)?, at(rows)?);
        let mut times = empty.into_iter().zip(full);
        for sql in chain.added() {
            let known = objects
                .migrations
                .iter()
                .find(|one| one.sha256 == sql.digest);
            for place in 0..statements(sql)?.len() {
                let effect = known.and_then(|known| known.statements.get(place));
                let (Some(effect), Some((empty, full))) = (effect, times.next()) else {
                    return Err(Failure::Objects(format!(
                        "{}: the server gave no answer",
                        sql.name
                    )));
                };
                all.push(Times {
                    statement: format!("{}, statement {}", sql.name, place + 1),
                    grows: !(effect.rewrites.is_empty() && effect.scans.is_empty()),
                    empty,
                    full,
                });
            }
        }
    }
    told(&all, rows, output)
}

fn told(all: &[Times], rows: u32, output: &mut Output<'_>) -> Result<(), Failure> {
    writeln!(output.out, "with {rows} rows  empty  ratio")?;
    for times in all
        .iter()
        .filter(|times| times.grows || times.contradicts())
    {
        writeln!(
            output.out,
            "{:>10.1} ms  {:>6.1} ms  {:>7.1}  {}",
            times.full,
            times.empty,
            times.ratio(),
            times.statement
        )?;
    }
    let constant = all.iter().filter(|times| !times.grows);
    let (number, most) = constant.fold((0, 0.0_f64), |(number, most), times| {
        (number + 1, most.max(times.ratio()))
    });
    writeln!(
        output.out,
        "{number} other statements: ratio at most {most:.1}"
    )?;
    match all.iter().find(|times| times.contradicts()) {
        Some(times) => Err(Failure::Objects(format!(
            "{} takes {:.1} times as long with {rows} rows, and what was counted says otherwise",
            times.statement,
            times.ratio()
        ))),
        None => Ok(()),
    }
}
