//! Somebody edits files in the vendored directory while a `sync` is at work there, and the `sync` may be killed. What a random
//! instant rarely meets, the unit tests of `vendored` meet step by step.

use std::fs;
use std::io::Write as _;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::interruption::{make_journaled, ordinary};
use crate::support::project::outcome;
use crate::support::{Package, Project};

const EDITS: usize = 200;
const EDITS_A_RUN: usize = 10;

/// 30 migrations; those from the tenth on have this text.
fn release(version: &str, text: &str) -> Package {
    let mut package = Package::new(version);
    for index in 10..40 {
        let text = if index < 20 { "kept" } else { text };
        package = package.sql(
            &format!("01.00.00_{index}_step.sql"),
            &format!("SELECT '{text} {index}';\n"),
        );
    }
    package
}

fn revision(index: usize) -> String {
    format!("procrastinate_01_00_00_{index}_step.py")
}

/// Writes words that are nowhere else. A file that a `sync` replaces is written as editors do it: beside it, then renamed. Who
/// opened such a file before it was replaced, and writes after that, writes into a file that has no name any more.
fn edit(project: &Project, number: usize, words: &str) {
    let vendored = project.vendored();
    let draft = project.beside("draft");
    let in_place = |name: &str| {
        let path = vendored.join(name);
        let mut file = fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(path)?;
        file.write_all(words.as_bytes())
    };
    let result = match number % 4 {
        0 => in_place(&format!("mine_{number}.txt")),
        1 => in_place(&revision(10 + number % EDITS_A_RUN)),
        _ => {
            fs::write(&draft, words).unwrap();
            fs::rename(&draft, vendored.join(revision(20 + number % EDITS_A_RUN)))
        }
    };
    result.unwrap();
}

/// Whether a file below the project holds the words.
fn is_anywhere(project: &Project, words: &str) -> bool {
    let files = walkdir::WalkDir::new(&project.root).into_iter();
    files
        .map(Result::unwrap)
        .filter(|entry| entry.file_type().is_file())
        .any(|entry| fs::read_to_string(entry.path()).is_ok_and(|text| text.contains(words)))
}

/// `sync` is the command that brings a project that `make` made to the second release.
fn loses_nothing(make: fn(&Package) -> Project, sync: fn(&Project, &Package) -> Command) {
    let (old, new) = (release("91.0.0", "old"), release("91.1.0", "new"));
    let reference = make(&old);
    let begin = Instant::now();
    outcome(&mut sync(&reference, &new)).exits(0);
    let whole = begin.elapsed();
    let random = |limit: Duration| limit.mul_f64(fastrand::f64());
    for run in 0..EDITS / EDITS_A_RUN {
        let project = make(&old);
        let mut moments: Vec<Duration> = (0..EDITS_A_RUN).map(|_| random(whole)).collect();
        moments.sort();
        let kill = Some(random(whole)).filter(|_| fastrand::bool());
        let words = |number: usize| format!("# words {run}-{number}\n");
        let mut command = sync(&project, &new);
        let begin = Instant::now();
        let mut child = command.spawn().unwrap();
        let mut killed = false;
        for (number, moment) in moments.iter().enumerate() {
            if let Some(kill) = kill.filter(|kill| !killed && kill <= moment) {
                std::thread::sleep(kill.saturating_sub(begin.elapsed()));
                child.kill().unwrap();
                killed = true;
            }
            std::thread::sleep(moment.saturating_sub(begin.elapsed()));
            edit(&project, number, &words(number));
        }
        child.wait().unwrap();
        let assert_all_there = |after: &str| {
            for number in 0..EDITS_A_RUN {
                assert!(
                    is_anywhere(&project, &words(number)),
                    "edit {number} of run {run} is lost after {after}: {moments:?} of {whole:?}, killed: {kill:?}; {:?}",
                    project.tree().paths()
                );
            }
        };
        assert_all_there("the run");
        // It may refuse; then a run goes over what stands in the way.
        outcome(&mut sync(&project, &new)).does_not_panic();
        assert_all_there("the next run");
    }
}

#[test]
fn an_exchange_loses_nothing() {
    loses_nothing(Project::with, |project, new| {
        let site = project.install(new);
        let mut command = project.tool(&["sync", "--from", site.as_str()]);
        command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command
    });
}

#[test]
fn a_journal_loses_nothing() {
    loses_nothing(make_journaled, |project, new| {
        let site = project.install(new);
        ordinary(project, &site)
    });
}
