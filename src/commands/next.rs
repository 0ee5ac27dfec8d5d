//! What to do next about findings.

use super::checked::Checked;
use crate::findings::{Code, Finding, Remedy, Section, Severity, failures};
use crate::report::Step;
use crate::session::Commands;

/// After `check`: what is left to the user's hands, and the commands that mend the rest, in order.
pub(super) fn all(checked: &Checked, commands: &Commands) -> Vec<Step> {
    let findings = &checked.findings;
    if let Some(restored) = restored(findings) {
        return vec![restored];
    }
    let adopts = findings.iter().any(is_adopt);
    let gravest = findings.iter().map(|finding| finding.severity).min();
    let mut by_hand: Vec<&str> = findings
        .iter()
        .filter(|finding| Some(finding.severity) == gravest)
        .filter(|finding| matches!(finding.remedy, Some(Remedy::ByHand(_))))
        .map(|finding| finding.code.as_str())
        .collect();
    by_hand.sort_unstable();
    by_hand.dedup();
    let mut steps = Vec::new();
    if !by_hand.is_empty() {
        let codes = by_hand.join("`, `");
        steps.push(Step::Text(format!(
            "Fix by hand, as the help above says: `{codes}`"
        )));
    }
    let of = |wanted: fn(&Remedy) -> bool| {
        let remedies = findings
            .iter()
            .filter_map(|finding| finding.remedy.as_ref());
        remedies
            .filter(move |remedy| wanted(remedy))
            .filter_map(Remedy::command)
    };
    let command = |verb: String| Step::Command(commands.own(&verb));
    let inits = of(|remedy| matches!(remedy, Remedy::Init(_))).map(command);
    let adopt = format!("Run `adopt`, as the help of `{}` says", Code::OwnSchema);
    let adopt = adopts.then_some(Step::Text(adopt));
    let syncs = of(|remedy| matches!(remedy, Remedy::Sync(_))).map(command);
    for step in inits.chain(adopt).chain(syncs) {
        if !steps.contains(&step) {
            steps.push(step);
        }
    }
    steps
}

/// For `status`: the most useful step. First what needs the user's hands, then the wiring, then `sync`.
pub(super) fn one(checked: &Checked, commands: &Commands) -> Step {
    let findings = || checked.findings.iter();
    let find = |wanted: fn(&Remedy) -> bool| {
        let mut remedies = findings().filter_map(|finding| finding.remedy.as_ref());
        remedies.find(|remedy| wanted(remedy))
    };
    let by_hand = findings().any(|finding| {
        let is_drift = finding.code.section() != Section::Wiring;
        let is_grave = finding.severity == Severity::Error || finding.code == Code::PinDiffers;
        is_adopt(finding)
            || matches!(finding.remedy, Some(Remedy::ByHand(_))) && is_drift && is_grave
    });
    let init = find(|remedy| matches!(remedy, Remedy::Init(_)));
    let sync = find(|remedy| matches!(remedy, Remedy::Sync(_)));
    let text = |text: &str| Step::Text(text.to_owned());
    let command = |verb: &str| Step::Command(commands.own(verb));
    if let Some(restored) = restored(&checked.findings) {
        restored
    } else if by_hand {
        command("check")
    } else if let Some(init) = init.and_then(Remedy::command) {
        command(&init)
    } else if !checked.compared() {
        text("install Procrastinate, or name it with `--from PATH` or `--python EXE`")
    } else if let Some(sync) = sync.and_then(Remedy::command) {
        command(&sync)
    } else if failures(&checked.findings, false) > 0 {
        command("check")
    } else {
        text("nothing")
    }
}

fn is_adopt(finding: &Finding) -> bool {
    matches!(finding.remedy, Some(Remedy::Adopt(_)))
}

/// Without its lock nothing else can be done.
fn restored(findings: &[Finding]) -> Option<Step> {
    let is = |finding: &Finding| matches!(finding.remedy, Some(Remedy::Restore(_)));
    let step = || Step::Text("restore the lock from version control".to_owned());
    findings.iter().any(is).then(step)
}
