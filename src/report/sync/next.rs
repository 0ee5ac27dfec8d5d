//! What to run after `sync`.

use std::io;

use pep440_rs::Version;

use crate::escape::one_line;
use crate::plan::{Change, Plan};
use crate::procrastinate::Phase;
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
    /// A revision of the project's own makes the tables, and an upgrade would make them again. The command names it.
    Adopt(String),
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

    /// What to say; `release` is the one to deploy.
    pub fn parts(&self, release: &Version) -> Vec<Part> {
        match self {
            Self::Nothing => Vec::new(),
            Self::First(commands) => {
                let commands = commands.iter().cloned().map(Part::Command);
                let stamped = "If a database already has Procrastinate's tables, stamp it first: `vendor-migrations stamp \
                               RELEASE`.";
                let heading = [Part::Heading("Next".to_owned())];
                let behind = [Part::Remark(stamped.to_owned())];
                heading.into_iter().chain(commands).chain(behind).collect()
            }
            Self::Adopt(check) => vec![
                Part::Heading("Next".to_owned()),
                Part::Text(
                    "Run `vendor-migrations adopt` before any upgrade or stamp, as the warning says. This names the revisions:"
                        .to_owned(),
                ),
                Part::Command(check.clone()),
            ],
            Self::Deploy {
                before,
                after,
                from,
            } => {
                let before = before.iter().flat_map(|command| {
                    let when = format!("Before you deploy Procrastinate {release}");
                    [Part::Heading(when), Part::Command(command.clone())]
                });
                let after = after.iter().flat_map(|command| {
                    let when = "After it is deployed".to_owned();
                    [Part::Heading(when), Part::Command(command.clone())]
                });
                // What is deployed, and what databases have run, is not known here.
                let premise = from.iter().map(premise);
                before.chain(after).chain(premise).collect()
            }
            Self::Several {
                late,
                rollout,
                upgrade,
            } => several_deploys(late, rollout.as_ref(), upgrade, release),
        }
    }

    pub fn write(&self, out: &mut dyn Screen, release: &Version) -> io::Result<()> {
        let mut indent = 2;
        for part in self.parts(release) {
            match part {
                Part::Heading(heading) => {
                    indent = 2;
                    writeln!(out, "\n{STRONG}{heading}{STRONG:#}")?;
                }
                Part::Text(text) => {
                    indent = 4;
                    paragraph(out, 2, &text)?;
                }
                Part::Command(command) => {
                    writeln!(out, "{:indent$}{}", "", one_line(&command))?;
                }
                Part::Remark(remark) => {
                    writeln!(out)?;
                    paragraph(out, 0, &remark)?;
                }
            }
        }
        Ok(())
    }
}

/// A part of what is said of the next commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Part {
    Heading(String),
    /// About the commands below a heading.
    Text(String),
    Command(String),
    /// About everything before it.
    Remark(String),
}

fn premise(from: &Version) -> Part {
    Part::Remark(format!(
        "These steps are for services that run {from}, and databases that have all of its migrations. From an older \
         release: `vendor-migrations rollout --from RELEASE`."
    ))
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
    late: &str,
    rollout: Option<&Steps>,
    upgrade: &str,
    release: &Version,
) -> Vec<Part> {
    let why = format!(
        "One deploy is not enough for the new migrations: `{late}` is for a later release than those before it."
    );
    let mut parts = vec![
        Part::Heading("Several releases at once".to_owned()),
        Part::Text(one_line(&why).into_owned()),
    ];
    let interruption = if let Some(rollout) = rollout {
        let what = match rollout.interrupted {
            false => "Without an interruption, release by release; this prints the steps:",
            true => {
                "Release by release; this prints the steps, and says which of them need an interruption:"
            }
        };
        parts.push(Part::Text(what.to_owned()));
        parts.push(Part::Command(rollout.command.clone()));
        "Or with an interruption: stop"
    } else {
        "This needs an interruption: stop"
    };
    parts.push(Part::Text(format!(
        "{interruption} everything that uses Procrastinate (the workers, and everything that defers jobs); then run this:"
    )));
    parts.push(Part::Command(upgrade.to_owned()));
    parts.push(Part::Text(format!(
        "Then deploy Procrastinate {release}, and start everything again."
    )));
    parts
}
