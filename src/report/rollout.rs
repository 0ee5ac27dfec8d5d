//! The steps of an upgrade, for people, for an issue tracker, and for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::json;
use super::prose::{behind, labelled};
use super::screen::Screen;
use super::style::{NOTE, STRONG, count};
use crate::escape::one_line;
use crate::steps::{Action, Rollout, Step};

/// The command that upgrades to a revision.
pub type Upgrade<'a> = &'a dyn Fn(&str) -> String;

pub fn text(out: &mut dyn Screen, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    writeln!(out, "{STRONG}{}{STRONG:#}", title(rollout))?;
    writeln!(out, "{}", begin(rollout))?;
    for (index, step) in rollout.steps.iter().enumerate() {
        writeln!(
            out,
            "\n{STRONG}{}. Procrastinate {}{STRONG:#}",
            index + 1,
            step.release.name
        )?;
        if let Some(why) = &step.interruption {
            let why = format!("{}.", one_line(why));
            behind(out, (3, NOTE, "Not without interruption:"), &why)?;
        }
        for action in &step.actions {
            match action {
                Action::Upgrade {
                    revision,
                    migrations,
                    own,
                } => {
                    writeln!(out, "   {}", one_line(&upgrade(revision)))?;
                    for name in migrations {
                        writeln!(out, "     {}", one_line(name))?;
                    }
                    for id in own {
                        writeln!(
                            out,
                            "     and the project's own revisions up to {}",
                            one_line(id)
                        )?;
                    }
                }
                other => writeln!(out, "   {}", words(other, step))?,
            }
        }
    }
    for text in &rollout.notes {
        writeln!(out)?;
        labelled(out, (NOTE, "note:"), &one_line(text))?;
    }
    Ok(())
}

/// A list of tasks in Markdown.
pub fn markdown(out: &mut dyn Write, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    writeln!(out, "# {}\n\n{}", title(rollout), begin(rollout))?;
    for step in &rollout.steps {
        writeln!(out, "\n## Procrastinate {}\n", step.release.name)?;
        if let Some(why) = &step.interruption {
            writeln!(out, "**Not without interruption:** {}.\n", one_line(why))?;
        }
        for action in &step.actions {
            match action {
                Action::Upgrade {
                    revision,
                    migrations,
                    own,
                } => {
                    let names: Vec<String> = migrations.iter().map(|name| code(name)).collect();
                    let own = own
                        .iter()
                        .map(|id| format!(", and the project's own revisions up to {}", code(id)));
                    let own: String = own.collect();
                    writeln!(
                        out,
                        "- [ ] {}: {}{own}",
                        code(&upgrade(revision)),
                        names.join(", ")
                    )?;
                }
                other => writeln!(out, "- [ ] {}", words(other, step))?,
            }
        }
    }
    for (index, text) in rollout.notes.iter().enumerate() {
        let heading = if index == 0 { "\n## Notes\n\n" } else { "" };
        writeln!(out, "{heading}- {}", one_line(text))?;
    }
    Ok(())
}

/// A code span, which a backtick in the text does not end.
fn code(text: &str) -> String {
    let text = one_line(text);
    if text.contains('`') {
        format!("`` {text} ``")
    } else {
        format!("`{text}`")
    }
}

fn title(rollout: &Rollout) -> String {
    format!("Procrastinate {} to {}", rollout.from.name, rollout.to.name)
}

fn begin(rollout: &Rollout) -> String {
    let at = code(&rollout.at);
    match rollout.steps.len() {
        0 => format!("There is nothing to do. The database is at {at}."),
        number => format!("{}. The database begins at {at}.", count(number, "step")),
    }
}

fn words(action: &Action, step: &Step) -> String {
    match action {
        Action::Stop => {
            "Stop everything that uses Procrastinate: workers, and what defers jobs".to_owned()
        }
        Action::Deploy if step.actions.len() == 1 => {
            format!(
                "Deploy Procrastinate {}; it needs no migration",
                step.release.name
            )
        }
        Action::Deploy => format!("Deploy Procrastinate {} everywhere", step.release.name),
        Action::Start => "Start it again".to_owned(),
        Action::Upgrade { revision, .. } => format!("Upgrade to {revision}"),
    }
}

#[derive(Serialize)]
struct Report<'a> {
    version: u32,
    command: &'static str,
    from: &'static str,
    to: &'static str,
    revision: &'a str,
    steps: Vec<StepReport<'a>>,
    notes: &'a [String],
}

#[derive(Serialize)]
struct StepReport<'a> {
    release: &'static str,
    interruption: Option<&'a str>,
    actions: Vec<ActionReport<'a>>,
}

#[derive(Serialize)]
#[serde(tag = "action", rename_all = "lowercase")]
enum ActionReport<'a> {
    Upgrade {
        command: String,
        revision: &'a str,
        migrations: &'a [String],
        own: &'a [String],
    },
    Stop,
    Deploy,
    Start,
}

/// For programs; documented in docs/reports.md.
pub fn json(out: &mut dyn Write, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    json::write(
        out,
        &Report {
            version: json::VERSION,
            command: "rollout",
            from: rollout.from.name,
            to: rollout.to.name,
            revision: &rollout.at,
            steps: rollout
                .steps
                .iter()
                .map(|step| StepReport {
                    release: step.release.name,
                    interruption: step.interruption.as_deref(),
                    actions: step
                        .actions
                        .iter()
                        .map(|one| report(one, upgrade))
                        .collect(),
                })
                .collect(),
            notes: &rollout.notes,
        },
    )
}

fn report<'a>(action: &'a Action, upgrade: Upgrade<'_>) -> ActionReport<'a> {
    match action {
        Action::Upgrade {
            revision,
            migrations,
            own,
        } => ActionReport::Upgrade {
            command: upgrade(revision),
            revision,
            migrations,
            own,
        },
        Action::Stop => ActionReport::Stop,
        Action::Deploy => ActionReport::Deploy,
        Action::Start => ActionReport::Start,
    }
}
