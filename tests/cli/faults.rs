//! Every writing command, killed at a few moments. `WHOLE_MATRIX` kills it before each of its system calls, and lets each of them fail, which takes
//! `strace`: `docs/reliability.md` has the command and its last figures. The same by the steps of the code is in `src/vendored/apply/tests`.
#![expect(clippy::print_stdout, reason = "figures are printed")]

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use camino::{Utf8Path, Utf8PathBuf};

use crate::interruption::make_journaled;
use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{SECOND_PY, Wrapping, four, three};
#[cfg(unix)]
use crate::support::user::{self, disown, unprivileged};
use crate::support::{Outcome, Project, put};

/// What changes files, and the errors that each is given.
const WRITING: &str = "write,fsync,rename,renameat,renameat2,link,linkat,mkdir,unlink,unlinkat,rmdir,chmod,fchmod,chown,lchown,fchown,\
                       lsetxattr,lremovexattr,flock,copy_file_range,sendfile";
const ERRORS: [&str; 3] = ["ENOSPC", "EACCES", "EIO"];
/// What only reads.
const READING: [(&str, &str); 4] = [
    ("openat", "EMFILE"),
    ("read", "EIO"),
    ("getdents64", "EIO"),
    ("statx", "EIO"),
];

/// A command, and the project that it runs in.
struct Scenario {
    name: &'static str,
    project: Project,
    template: Utf8PathBuf,
    arguments: Vec<String>,
    /// What fails in every run.
    always: Option<&'static str>,
    old: Files,
    new: Files,
}

type Files = BTreeMap<String, Vec<u8>>;

impl Scenario {
    fn new(name: &'static str, project: Project, arguments: &[&str]) -> Self {
        let template = project.beside("template");
        copy(&project.root, &template);
        let mut scenario = Self {
            name,
            old: files(&project.root),
            new: Files::new(),
            project,
            template,
            arguments: arguments.iter().map(ToString::to_string).collect(),
            always: None,
        };
        scenario.again().exits(0);
        scenario.new = files(&scenario.project.root);
        assert_ne!(scenario.old, scenario.new, "{name}");
        scenario
    }

    /// Where directories cannot be exchanged.
    fn journaled(self) -> Self {
        Self {
            always: Some("renameat2:error=EINVAL"),
            ..self
        }
    }

    fn restore(&self) {
        std::fs::remove_dir_all(&self.project.root).unwrap();
        copy(&self.template, &self.project.root);
    }

    /// Without what came back of what was overwritten: it may be the only copy.
    fn files(&self) -> Files {
        let mut files = files(&self.project.root);
        files.retain(|path, bytes| {
            let own = path.strip_suffix(".kept").and_then(|own| self.old.get(own));
            own.is_none_or(|own| own != bytes)
        });
        files
    }

    fn again(&self) -> Outcome {
        let arguments: Vec<&str> = self.arguments.iter().map(String::as_str).collect();
        self.project.run(&arguments)
    }

    /// A run with these options of `strace`.
    fn traced(&self, options: &[&str]) -> Outcome {
        let mut command = self.project.command("strace");
        command.env("PATH", std::env::var_os("PATH").unwrap());
        command
            .args(["-f", "-o", self.log().as_str()])
            .args(options);
        if let Some(always) = self.always {
            command.args(["-e", &format!("inject={always}")]);
        }
        outcome(command.arg(PROGRAM).args(&self.arguments))
    }

    fn log(&self) -> Utf8PathBuf {
        self.project.beside("trace")
    }

    /// How often each system call is made.
    fn calls(&self) -> BTreeMap<String, u32> {
        self.restore();
        let names = READING.map(|(name, _)| name).join(",");
        self.traced(&["-e", &format!("trace={WRITING},{names}")])
            .exits(0);
        let log = std::fs::read_to_string(self.log()).unwrap();
        let mut calls = BTreeMap::new();
        for line in log.lines() {
            let name = line
                .split_once('(')
                .and_then(|(call, _)| call.split_whitespace().last());
            if let Some(name) = name.filter(|_| !line.contains("resumed")) {
                *calls.entry(name.to_owned()).or_default() += 1;
            }
        }
        calls
    }
}

fn copy(from: &Utf8Path, to: &Utf8Path) {
    let status = Command::new("cp")
        .args(["-a", from.as_str(), to.as_str()])
        .status();
    assert!(status.unwrap().success());
}

fn is_litter(name: &str) -> bool {
    name.starts_with(".vendor-migrations-journal") || name.starts_with(".versions_procrastinate.")
}

/// Every file, but for what a run that was cut off may leave.
fn files(root: &Utf8Path) -> Files {
    let walk = walkdir::WalkDir::new(root).into_iter();
    let walk = walk.filter_entry(|entry| !is_litter(&entry.file_name().to_string_lossy()));
    let mut files = Files::new();
    for entry in walk {
        let entry = entry.unwrap();
        if entry.file_type().is_file() {
            let path = entry.path().strip_prefix(root).unwrap();
            files.insert(
                path.to_str().unwrap().to_owned(),
                std::fs::read(entry.path()).unwrap(),
            );
        }
    }
    files
}

fn litter(root: &Utf8Path) -> usize {
    let walk = walkdir::WalkDir::new(root)
        .into_iter()
        .filter_map(Result::ok);
    walk.filter(|entry| is_litter(&entry.file_name().to_string_lossy()))
        .count()
}

/// What was seen.
#[derive(Default)]
struct Seen {
    points: u32,
    old: u32,
    new: u32,
    /// Between the two, with a journal that says so.
    between: u32,
    litter: u32,
    /// The first lines of errors after which all was new.
    late: BTreeSet<String>,
}

impl Seen {
    /// Runs with one fault, and looks at what is left; the next run has to end well.
    fn tries(&mut self, scenario: &Scenario, call: &str, fault: &str) {
        scenario.restore();
        let context = format!("{}: {call}:{fault}", scenario.name);
        // Only what is traced can be made to fail.
        let always = scenario.always.map_or("", |_| ",renameat2");
        let trace = format!("trace={call}{always}");
        let inject = format!("inject={call}:{fault}");
        let traced = scenario.traced(&["-e", &trace, "-e", &inject]);
        self.judges(scenario, &traced, &context);
    }

    fn judges(&mut self, scenario: &Scenario, traced: &Outcome, context: &str) {
        self.points += 1;
        let root = &scenario.project.root;
        let now = scenario.files();
        self.litter += u32::from(litter(root) > 0);
        traced.does_not_panic();
        if now == scenario.old {
            self.old += 1;
            assert_ne!(traced.code, Some(0), "{context}\n{traced}");
        } else if now == scenario.new {
            self.new += 1;
            if traced.code == Some(2) {
                self.late.extend(
                    traced
                        .err
                        .lines()
                        .find(|line| line.starts_with("error"))
                        .map(ToOwned::to_owned),
                );
            }
        } else {
            self.between += 1;
            // What cannot be edited is named, and the rest is done.
            if traced.code == Some(0) && traced.err.contains("was not edited") {
                assert_eq!(scenario.again().code, Some(0), "{context}");
                return;
            }
            let reading = scenario.project.run(&["check"]);
            let other = |name: &&String| {
                now.get(*name) != scenario.old.get(*name)
                    && now.get(*name) != scenario.new.get(*name)
            };
            let others: Vec<&String> = now.keys().filter(other).collect();
            assert!(
                reading.code == Some(2) && reading.err.contains("interrupted"),
                "{context}, neither old nor new {others:?}\n{traced}\n{reading}"
            );
        }
        if now == scenario.new && scenario.arguments[0] == "adopt" {
            return;
        }
        let again = scenario.again();
        assert_eq!(again.code, Some(0), "{context}\n{traced}\n{again}");
        assert!(
            scenario.files() == scenario.new,
            "{context}\n{traced}\n{again}"
        );
        assert_eq!(litter(root), 0, "{context}\n{again}");
    }
}

fn scenarios() -> Vec<Scenario> {
    let upgrade = |name, options: &[&str]| {
        let project = Project::with(&three());
        let site = project.install(&four());
        if options.contains(&"--force") {
            project.edit(SECOND_PY);
        }
        Scenario::new(
            name,
            project,
            &[&["sync", "--from", site.as_str()], options].concat(),
        )
    };
    let first = |name| {
        let project = Project::new();
        let site = project.install(&three());
        Scenario::new(name, project, &["sync", "--from", site.as_str()])
    };
    let linear = |name| {
        let project = Project::new();
        put(
            &project.root.join("vendor-migrations.toml"),
            "history = \"linear\"\n",
        );
        let own = "revision = 'a1'\ndown_revision = None\n";
        project.put("alembic/versions/a1.py", own);
        let site = project.install(&three());
        Scenario::new(name, project, &["sync", "--from", site.as_str()])
    };
    let init = |name, options: &[&str]| {
        let project = Project::new();
        put(
            &project.root.join("alembic.ini"),
            "[alembic]\nscript_location = alembic\n",
        );
        put(
            &project.root.join("pyproject.toml"),
            "[project]\nname = \"shop\"\n",
        );
        put(&project.root.join(".git/HEAD"), "ref: refs/heads/main\n");
        put(&project.root.join(".pre-commit-config.yaml"), "repos: []\n");
        Scenario::new(name, project, &[&["init"], options].concat())
    };
    let in_place = |name| {
        let project = Project::installed(&Wrapping::Call.three());
        Scenario::new(name, project, &["init", "--in-place"])
    };
    let adopt = |name| {
        let project = Project::of_release("3.10.0");
        for (id, down, body) in [
            ("a1", "None", "pass"),
            (
                "a2",
                "'a1'",
                "op.execute('CREATE TABLE procrastinate_jobs ()')",
            ),
        ] {
            project.put(
                &format!("alembic/versions/{id}.py"),
                format!("from alembic import op\nrevision = '{id}'\ndown_revision = {down}\n\n\ndef upgrade():\n    {body}\n"),
            );
        }
        let arguments = [
            "adopt",
            "--revision",
            "a2=3.3.0",
            "--unproven",
            "--write",
            "--force",
        ];
        Scenario::new(name, project, &arguments)
    };
    vec![
        first("first sync"),
        linear("first sync, linear"),
        upgrade("sync", &[]),
        upgrade("sync --force", &["--force"]),
        upgrade("sync, no exchange", &[]).journaled(),
        upgrade("sync --force, no exchange", &["--force"]).journaled(),
        init("init", &[]),
        init("init --history linear", &["--history", "linear"]),
        init("init --separate", &["--separate"]),
        init("init --schema, no exchange", &["--schema", "queue"]).journaled(),
        in_place("init --in-place"),
        adopt("adopt --write"),
        adopt("adopt --write, no exchange").journaled(),
    ]
}

fn print(name: &str, faults: &str, seen: &Seen) {
    let Seen {
        points,
        old,
        new,
        between,
        litter,
        ..
    } = seen;
    println!("| {name} | {faults} | {points} | {old} | {new} | {between} | {litter} |");
}

#[test]
fn every_call_of_sync_killed_and_failing() {
    every_call("sync");
}

#[test]
fn every_call_of_init_killed_and_failing() {
    every_call("init");
}

#[test]
fn every_call_of_adopt_killed_and_failing() {
    every_call("adopt");
}

fn is_whole() -> bool {
    std::env::var_os("WHOLE_MATRIX").is_some()
}

fn every_call(verb: &str) {
    let scenarios = scenarios();
    let scenarios = scenarios.iter().filter(|one| one.arguments[0] == verb);
    match is_whole() {
        true => matrix(scenarios),
        false => scenarios
            .filter(|one| one.always.is_none())
            .for_each(sample),
    }
}

/// Kills a run after more and more of the time that it takes.
fn sample(scenario: &Scenario) {
    const KILLS: u32 = 6;
    scenario.restore();
    let begun = Instant::now();
    scenario.again().exits(0);
    let whole = begun.elapsed();
    let mut seen = Seen::default();
    for kill in 0..KILLS {
        scenario.restore();
        let mut command = scenario.project.command(PROGRAM);
        command.args(&scenario.arguments);
        let mut child = command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        std::thread::sleep(whole * kill / KILLS);
        child.kill().unwrap();
        let killed = child.wait_with_output().unwrap().into();
        seen.judges(
            scenario,
            &killed,
            &format!("{}: kill {kill}", scenario.name),
        );
    }
}

fn matrix<'a>(scenarios: impl Iterator<Item = &'a Scenario>) {
    println!("| command | faults | points | old | new | between, and said | something left |");
    println!("|---|---|---|---|---|---|---|");
    let mut late = BTreeSet::new();
    for scenario in scenarios {
        every_new_name_is_flushed(scenario);
        let calls = scenario.calls();
        let (mut kills, mut errors) = (Seen::default(), Seen::default());
        for (call, count) in &calls {
            let reading = READING.iter().find(|(name, _)| name == call);
            for number in 1..=*count {
                match reading {
                    Some((_, error)) => {
                        errors.tries(scenario, call, &format!("error={error}:when={number}"))
                    }
                    None => {
                        kills.tries(scenario, call, &format!("signal=KILL:when={number}"));
                        for error in ERRORS {
                            errors.tries(scenario, call, &format!("error={error}:when={number}"));
                        }
                    }
                }
            }
        }
        print(scenario.name, "killed", &kills);
        print(scenario.name, "an error", &errors);
        late.append(&mut errors.late);
    }
    println!("\nErrors after which all was new:");
    late.iter().for_each(|line| println!("{line}"));
}

/// A name is on the disk when the directory that holds it is.
fn every_new_name_is_flushed(scenario: &Scenario) {
    scenario.restore();
    let calls = "trace=fsync,rename,renameat2,mkdir,link,linkat";
    scenario.traced(&["-y", "-e", calls]).exits(0);
    let log = std::fs::read_to_string(scenario.log()).unwrap();
    let root = &scenario.project.root;
    let whole = |path: &str| root.join(path.strip_prefix("./").unwrap_or(path));
    let mut waiting = BTreeMap::new();
    for line in log.lines().filter(|line| line.ends_with("= 0")) {
        if line.contains("fsync(") {
            let path = line.split(['<', '>']).nth(1).unwrap();
            waiting.remove(Utf8Path::new(path));
        } else {
            let made = line.split('"').skip(1).step_by(2).last().unwrap();
            let made = whole(made);
            // What is left behind may be lost.
            if !made.components().any(|part| is_litter(part.as_str())) {
                waiting.insert(made.parent().unwrap().to_owned(), line.to_owned());
            }
        }
    }
    assert!(waiting.is_empty(), "{}: {waiting:#?}", scenario.name);
}

/// Six commands at the same time, some of which are killed, again and again; then one more.
#[cfg(unix)]
#[test]
fn parallel_runs_and_random_kills() {
    let rounds = if is_whole() { 300 } else { 3 };
    let mut random = fastrand::Rng::with_seed(16);
    let scenarios = [
        ("exchange", Project::with(&three())),
        ("journal", make_journaled(&three())),
    ];
    for (name, project) in scenarios {
        let (old, new) = (project.install(&three()), project.install(&four()));
        let start = |verb: &str, site: &Utf8Path| {
            let mut command = user::again(&project, []);
            command.args([verb, "--from", site.as_str()]);
            if verb == "sync" {
                command.args(["--wait", "60", "--allow-downgrade"]);
            }
            command
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap()
        };
        let template = project.beside("template");
        copy(&project.root, &template);
        let (mut runs, mut kills, mut checks) = (0, 0, BTreeMap::new());
        for _ in 0..rounds {
            std::fs::remove_dir_all(&project.root).unwrap();
            copy(&template, &project.root);
            // Both belong to the user who runs the program, but for what the exchange would have to link.
            let _ = unprivileged(&project, []);
            if name == "journal" {
                disown(&project, &project.vendored().join(".gitattributes"));
            }
            let syncs: Vec<Child> = (0..3).map(|_| start("sync", &new)).collect();
            let reading: Vec<Child> = (0..3)
                .map(|number| start("check", if number == 0 { &old } else { &new }))
                .collect();
            runs += syncs.len() + reading.len();
            for mut sync in syncs {
                if random.u8(0..3) == 0 {
                    std::thread::sleep(Duration::from_micros(random.u64(0..15_000)));
                    sync.kill().unwrap();
                    kills += 1;
                }
                let outcome = Outcome::from(sync.wait_with_output().unwrap());
                assert!(matches!(outcome.code, Some(0) | None), "{outcome}");
            }
            for check in reading {
                let outcome = Outcome::from(check.wait_with_output().unwrap());
                let is_cut = outcome.err.contains("interrupted");
                assert!(matches!(outcome.code, Some(0 | 1)) || is_cut, "{outcome}");
                *checks.entry(outcome.code).or_insert(0) += 1;
            }
            let last = Outcome::from(start("sync", &new).wait_with_output().unwrap());
            last.exits(0);
            project
                .run(&["check", "--strict", "--from", new.as_str()])
                .exits(0);
            assert_eq!(litter(&project.root), 0, "{last}");
        }
        println!("{name}: {runs} runs, {kills} kills; exit statuses of `check`: {checks:?}");
    }
}
