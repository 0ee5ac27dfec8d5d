//! What to run after `sync`.

use std::io;

use pep440_rs::Version;

use crate::escape::one_line;
use crate::plan::{Change, Plan};
use crate::procrastinate::Phase;
use crate::report::init::next;
use crate::report::prose::paragraph;
use crate::report::screen::Screen;
use crate::report::style::STRONG;

/// What the user can run after `sync`.
pub struct Advice<'a> {
    /// The commands after a first `sync`; none after a later one.
    pub first: Option<Vec<String>>,
    /// Gives the command that upgrades to a revision.
    pub upgrade: &'a dyn Fn(&str) -> String,
    /// The release that was vendored before.
    pub from: Option<&'a Version>,
    /// The steps from that release; none if there are no such steps.
    pub rollout: Option<Steps>,
}

/// Steps that another command prints.
#[derive(Debug, Clone)]
pub struct Steps {
    pub command: String,
    /// Whether one of them needs an interruption.
    pub interrupted: bool,
}

/// The commands to run after `sync`.
#[derive(Debug, Clone)]
pub enum Next {
    /// It added nothing that has to run.
    Nothing,
    /// After a first `sync`.
    First(Vec<String>),
    Deploy {
        before: Option<String>,
        after: Option<String>,
        /// The release that was vendored before.
        from: Option<Version>,
    },
    /// The new migrations belong around several deploys.
    Several {
        /// The first migration that cannot share a deploy with those before it.
        late: String,
        rollout: Option<Steps>,
        /// Upgrades to the last of them, while nothing uses Procrastinate.
        upgrade: String,
    },
}

impl Next {
    pub fn of(plan: &Plan, advice: Advice<'_>) -> Self {
        let added: Vec<&Change> = plan.added().collect();
        let command = |change: &&Change| {
            let revision = change.ids.last().map_or("", String::as_str);
            (advice.upgrade)(revision)
        };
        let Some(last) = added.last() else {
            return Self::Nothing;
        };
        if let Some(commands) = advice.first {
            return Self::First(commands);
        }
        if let Some(late) = of_another_deploy(&added) {
            return Self::Several {
                late: late.name.clone(),
                rollout: advice.rollout,
                upgrade: command(last),
            };
        }
        let is_before = |change: &&&Change| change.runs_before_deploy();
        let before = added.iter().take_while(is_before).count();
        Self::Deploy {
            before: added[..before].last().map(command),
            after: added[before..].last().map(command),
            from: advice.from.cloned(),
        }
    }

    /// What to print; `release` is the one to deploy.
    pub fn write(&self, out: &mut dyn Screen, release: &Version) -> io::Result<()> {
        match self {
            Self::Nothing => Ok(()),
            Self::First(commands) => {
                next(out, commands)?;
                writeln!(out)?;
                let stamped = "A database that has Procrastinate's tables already is stamped first: \
                               `vendor-migrations stamp RELEASE`.";
                paragraph(out, 0, stamped)
            }
            Self::Deploy {
                before,
                after,
                from,
            } => {
                if let Some(before) = before {
                    let when = format!("Before you deploy Procrastinate {release}");
                    writeln!(out, "\n{STRONG}{when}{STRONG:#}\n  {before}")?;
                }
                if let Some(after) = after {
                    let when = "After it is deployed";
                    writeln!(out, "\n{STRONG}{when}{STRONG:#}\n  {after}")?;
                }
                // What is deployed, and what databases have run, is not known here.
                from.as_ref().map_or(Ok(()), |from| premise(out, from))
            }
            Self::Several {
                late,
                rollout,
                upgrade,
            } => several_deploys(out, late, rollout.as_ref(), upgrade, release),
        }
    }
}

fn premise(out: &mut dyn Screen, from: &Version) -> io::Result<()> {
    writeln!(out)?;
    let premise = format!(
        "This is for services that run {from}, and databases that have all of its migrations. From an older release: \
         `vendor-migrations rollout --from RELEASE`."
    );
    paragraph(out, 0, &premise)
}

/// The first migration that cannot share a deploy with those before it. A `post` is for the code of its own release, and so is
/// what came before there were phases: the code of a later release may need it before it is deployed, and that of an earlier
/// one may not work with it. A migration's name begins with its release.
fn of_another_deploy<'a>(added: &[&'a Change]) -> Option<&'a Change> {
    let release = |change: &Change| change.name.split('_').next().map(str::to_owned);
    let mut fixed: Option<&Change> = None;
    for change in added {
        let is_free = change.phase == Phase::Pre;
        if fixed.is_some_and(|fixed| is_free || release(fixed) != release(change)) {
            return Some(change);
        }
        if !is_free {
            fixed = Some(change);
        }
    }
    None
}

/// The new migrations belong around several deploys.
fn several_deploys(
    out: &mut dyn Screen,
    late: &str,
    rollout: Option<&Steps>,
    upgrade: &str,
    release: &Version,
) -> io::Result<()> {
    writeln!(out, "\n{STRONG}Several releases at once{STRONG:#}")?;
    let why = format!(
        "What is new belongs around several deploys: `{late}` is for a later release than what comes before it."
    );
    paragraph(out, 2, &one_line(&why))?;
    let interruption = if let Some(rollout) = rollout {
        let what = match rollout.interrupted {
            false => "Without an interruption, release by release; this prints the steps:",
            true => {
                "Release by release; this prints the steps, and says which of them need an interruption:"
            }
        };
        paragraph(out, 2, what)?;
        writeln!(out, "    {}", one_line(&rollout.command))?;
        "Or with an interruption: stop"
    } else {
        "This needs an interruption: stop"
    };
    let stop = format!(
        "{interruption} everything that uses Procrastinate, the workers and all that defers jobs; then run this:"
    );
    paragraph(out, 2, &stop)?;
    writeln!(out, "    {}", one_line(upgrade))?;
    paragraph(
        out,
        2,
        &format!("Then deploy Procrastinate {release}, and start everything again."),
    )
}
