//! The steps of an upgrade, for people, for an issue tracker, and for programs.

use std::io::{self, Write};

use serde_json::{Value, json};

use super::json;
use super::markdown::inline::{code, text as text_of};
use super::prose::{labelled, labelled_at};
use super::screen::Screen;
use super::style::{NOTE, STRONG, count};
use crate::escape::one_line;
use crate::steps::{Action, Rollout, Step, Target};

/// The command that upgrades to a revision.
pub type Upgrade<'a> = &'a dyn Fn(&str) -> String;

pub fn text(out: &mut dyn Screen, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    writeln!(out, "{STRONG}{}{STRONG:#}", title(rollout))?;
    writeln!(out, "{}", begin(rollout))?;
    for (index, one) in rollout.steps.iter().enumerate() {
        writeln!(out)?;
        step(out, index + 1, one, upgrade, &mut |_, _| Ok(()))?;
    }
    for text in &rollout.notes {
        writeln!(out)?;
        labelled(out, NOTE, "note:", &one_line(text))?;
    }
    Ok(())
}

/// What is said behind an action.
pub(super) type Behind<'a> = &'a mut dyn FnMut(&mut dyn Screen, &Action) -> io::Result<()>;

/// One step, by its number.
pub(super) fn step(
    out: &mut dyn Screen,
    number: usize,
    step: &Step,
    upgrade: Upgrade<'_>,
    behind: Behind<'_>,
) -> io::Result<()> {
    let release = step.release.name;
    writeln!(out, "{STRONG}{number}. Procrastinate {release}{STRONG:#}")?;
    if let Some(why) = &step.interruption {
        let why = format!("{}.", one_line(why));
        labelled_at(out, 3, NOTE, "Not without interruption:", &why)?;
    }
    for action in &step.actions {
        let Action::Upgrade(target) = action else {
            writeln!(out, "   {}", words(action, step))?;
            continue;
        };
        writeln!(out, "   {}", one_line(&upgrade(&target.revision)))?;
        for name in &target.migrations {
            writeln!(out, "     {}", one_line(name))?;
        }
        for id in &target.own {
            let id = one_line(id);
            writeln!(out, "     and the project's own revisions up to {id}")?;
        }
        behind(out, action)?;
    }
    Ok(())
}

/// A list of tasks in Markdown.
pub fn markdown(out: &mut dyn Write, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    writeln!(out, "# {}\n\n{}", title(rollout), begin(rollout))?;
    for step in &rollout.steps {
        write!(
            out,
            "{}",
            tasks(step, "##", upgrade, &mut |_| String::new())
        )?;
    }
    for (index, text) in rollout.notes.iter().enumerate() {
        let heading = if index == 0 { "\n## Notes\n\n" } else { "" };
        writeln!(out, "{heading}- {}", text_of(text))?;
    }
    Ok(())
}

/// A step: a heading, and its tasks. Something may be said behind an action.
pub(super) fn tasks(
    step: &Step,
    heading: &str,
    upgrade: Upgrade<'_>,
    behind: &mut dyn FnMut(&Action) -> String,
) -> String {
    let mut page = format!("\n{heading} Procrastinate {}\n\n", step.release.name);
    if let Some(why) = &step.interruption {
        page.push_str(&format!(
            "**Not without interruption:** {}.\n\n",
            text_of(why)
        ));
    }
    for action in &step.actions {
        let Action::Upgrade(target) = action else {
            page.push_str(&format!("- [ ] {}\n", words(action, step)));
            continue;
        };
        let command = code(&upgrade(&target.revision));
        let names: Vec<String> = target.migrations.iter().map(|name| code(name)).collect();
        page.push_str(&format!("- [ ] {command}: {}", names.join(", ")));
        for id in &target.own {
            page.push_str(&format!(
                ", and the project's own revisions up to {}",
                code(id)
            ));
        }
        page.push('\n');
        page.push_str(&behind(action));
    }
    page
}

fn title(rollout: &Rollout) -> String {
    format!("Procrastinate {} to {}", rollout.from.name, rollout.to.name)
}

pub(super) fn begin(rollout: &Rollout) -> String {
    let at = code(&rollout.at);
    match rollout.steps.len() {
        0 => format!("There is nothing to do. The database is at {at}."),
        number => format!("{}. The database begins at {at}.", count(number, "step")),
    }
}

pub(super) fn words(action: &Action, step: &Step) -> String {
    let release = step.release.name;
    match action {
        Action::Stop => {
            "Stop everything that uses Procrastinate: the workers, and everything that defers jobs"
                .to_owned()
        }
        Action::Deploy if step.actions.len() == 1 => {
            format!("Deploy Procrastinate {release}; it needs no migration")
        }
        Action::Deploy => format!("Deploy Procrastinate {release} everywhere"),
        Action::Start => "Start it again".to_owned(),
        Action::Upgrade(Target { revision, .. }) => format!("Upgrade to {revision}"),
    }
}

/// For programs; documented in docs/reports.md.
pub fn json(out: &mut dyn Write, rollout: &Rollout, upgrade: Upgrade<'_>) -> io::Result<()> {
    let report = json!({
        "version": json::VERSION,
        "command": "rollout",
        "from": rollout.from.name,
        "to": rollout.to.name,
        "revision": rollout.at,
        "steps": steps(rollout, upgrade),
        "notes": rollout.notes,
    });
    json::write(out, &report)
}

pub(super) fn steps(rollout: &Rollout, upgrade: Upgrade<'_>) -> Value {
    let steps = rollout.steps.iter().map(|step| {
        let actions = step.actions.iter().map(|action| report(action, upgrade));
        json!({
            "release": step.release.name,
            "interruption": step.interruption,
            "actions": actions.collect::<Value>(),
        })
    });
    steps.collect()
}

fn report(action: &Action, upgrade: Upgrade<'_>) -> Value {
    match action {
        Action::Upgrade(target) => json!({
            "action": "upgrade",
            "command": upgrade(&target.revision),
            "revision": target.revision,
            "migrations": target.migrations,
            "own": target.own,
        }),
        Action::Stop => json!({"action": "stop"}),
        Action::Deploy => json!({"action": "deploy"}),
        Action::Start => json!({"action": "start"}),
    }
}
