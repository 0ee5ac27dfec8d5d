//! What a repository may hold, in sizes that nobody has: each command ends soon, in little memory, and names the bound.

use std::process::Command;

use crate::support::project::outcome;
use crate::support::releases::{FIRST_PY, SECOND_PY, three, three_as};
use crate::support::{Outcome, Project, put};

/// The program within 512 MiB of memory, and the addresses that a thread takes and does not use; it is ended after a minute of work.
fn run(project: &Project, arguments: &[&str]) -> Outcome {
    const WITHIN: &str = "ulimit -t 60; ulimit -v 720896 2>/dev/null; exec \"$@\"";
    let tool = project.tool(arguments);
    let mut shell: Command = project.command("/bin/sh");
    shell.args(["-c", WITHIN, "sh"]);
    shell.arg(tool.get_program()).args(tool.get_args());
    let outcome = outcome(&mut shell);
    outcome.does_not_panic();
    outcome
}

fn with(file: &str, text: impl AsRef<[u8]>) -> Project {
    let project = Project::with(&three());
    put(&project.root.join(file), text);
    project
}

const REVISION: &str = "revision = 'own'\ndown_revision = None\n";

#[test]
fn many_files_in_the_vendored_directory() {
    let project = Project::with(&three());
    for number in 1..=2_000 {
        let down = match number {
            1 => "None".to_owned(),
            _ => format!("'f{}'", number - 1),
        };
        let text = format!("revision = 'f{number}'\ndown_revision = {down}\n");
        project.write(&format!("f{number}.py"), text);
    }
    let checked = run(&project, &["check", "-v"]);
    checked.exits(1).out_has(&["f1.py", "f2000.py"]);
}

#[test]
fn a_long_tail_of_a_vendored_file() {
    for tail in [
        "# tail\n".repeat(400_000),
        "\n".repeat(3 << 20),
        "x".repeat(3 << 20),
    ] {
        let project = Project::with(&three());
        project.write(SECOND_PY, project.text(SECOND_PY) + &tail);
        run(&project, &["check"])
            .exits(1)
            .out_has(&["error[edited]"]);
        let site = project.install(&three());
        run(&project, &["diff", "--from", site.as_str()])
            .exits(1)
            .out_has(&[SECOND_PY, "Files differ", "longer than 1 MiB"]);
    }
    let project = Project::with(&three());
    project.write(FIRST_PY, "x".repeat((16 << 20) + 1));
    run(&project, &["check"]).fails(&[FIRST_PY, "longer than 16 MiB"]);
}

#[test]
fn a_lock_of_many_revisions() {
    let project = Project::with(&three());
    let lock = project.lock();
    let revisions = &lock[lock.find("[[revision]]").unwrap()..];
    for (times, why) in [(2_000, "is in it twice"), (25_000, "longer than 16 MiB")] {
        put(
            &project.lock_path(),
            lock.clone() + &revisions.repeat(times),
        );
        run(&project, &["check"]).fails(&["vendor-migrations.lock", why]);
    }
    put(
        &project.lock_path(),
        lock + "x = [" + &"1,".repeat(2 << 20) + "]\n",
    );
    run(&project, &["check"]).fails(&["vendor-migrations.lock", "more than 1000000 values"]);
}

#[test]
fn python_files_beyond_the_bound_are_named() {
    for text in [
        format!("x = [{}]\n", "[], ".repeat(300_000)),
        format!("if a:\n    pass\n{}", "elif b:\n    pass\n".repeat(100_000)),
        format!("'''{}'''\n", "words\n".repeat(200_000)),
    ] {
        for (file, text) in [
            ("alembic/env.py", text.clone()),
            ("alembic/versions/own.py", format!("{REVISION}{text}")),
        ] {
            let project = with(file, text);
            run(&project, &["check"])
                .exits(0)
                .err_has(&[file, "longer than 1 MiB"]);
        }
    }
}

/// The tree of such a file takes the most memory.
#[test]
fn python_files_up_to_the_bound_are_read_in_little_memory() {
    let text = format!("{REVISION}x = [{}]\n", "[],".repeat(330_000));
    let project = with("alembic/versions/own.py", text);
    run(&project, &["check"])
        .exits(0)
        .err_lacks(&["longer than"]);
    let faults = REVISION.to_owned() + &"$".repeat(1_000_000);
    let project = with("alembic/versions/own.py", faults);
    run(&project, &["check"])
        .exits(1)
        .out_has(&["not-a-revision"]);
}

#[test]
fn many_calls_in_one_line() {
    let calls = "command.upgrade(c, \"head\");".repeat(2_000);
    let project = with("alembic/versions/own.py", REVISION);
    let program = format!("from alembic import command\n{calls}\n");
    put(&project.root.join("manage.py"), program);
    run(&project, &["check", "-v"])
        .exits(1)
        .out_has(&["error[upgrade-head]", "…"]);
    let steps = "    cd a && alembic upgrade head\n".repeat(3_000);
    put(
        &project.root.join(".github/workflows/ci.yml"),
        format!("job:\n  run: |\n{steps}"),
    );
    run(&project, &["check"]).exits(1).out_has(&["ci.yml"]);
    // A script that is one command.
    let words = "alembic \\\n".repeat(30_000);
    put(
        &project.root.join("deploy.sh"),
        format!("{words}upgrade head\n"),
    );
    let checked = run(&project, &["check", "-v"]);
    checked.exits(1).out_has(&["manage.py"]);
}

#[test]
fn configurations_beyond_the_bounds() {
    let ini = |locations: &str| {
        format!(
            "[alembic]\nscript_location = alembic\npath_separator = ;\nversion_locations = {locations}\n"
        )
    };
    for (file, text, facts) in [
        (
            "alembic.ini",
            ini(&"a;".repeat(100_000)),
            ["has 100000 entries", "no more than 1000"],
        ),
        (
            "alembic.ini",
            ini(&"a;".repeat(2_000_000)),
            ["alembic.ini", "longer than 2 MiB"],
        ),
        (
            "pyproject.toml",
            "# x\n".repeat(1 << 20),
            ["pyproject.toml", "longer than 2 MiB"],
        ),
        (
            "vendor-migrations.toml",
            "# x\n".repeat(1 << 20),
            ["vendor-migrations.toml", "longer than 2 MiB"],
        ),
    ] {
        for command in [&["check"][..], &["init", "--dry-run"]] {
            run(&with(file, &text), command).fails(&facts);
        }
    }
    let sections: String = (0..50_000).map(|number| format!("[s{number}]\n")).collect();
    let locations = "alembic/versions;alembic/versions_procrastinate";
    let project = with("alembic.ini", ini(locations) + &sections);
    run(&project, &["check"]).exits(0);
    let values = format!("[tool.x]\na = [{}]\n", "{},".repeat(600_000));
    run(&with("pyproject.toml", values), &["check"]).exits(0);
}

#[test]
fn lock_files_beyond_the_bounds_are_named() {
    let package = "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n";
    let brackets = format!(
        "{}python_version < '3'{}",
        "(".repeat(100_000),
        ")".repeat(100_000)
    );
    let metadata = "[metadata]\nlock-version = \"2.1\"\npython-versions = \">=3.9\"\n";
    for (file, text, note) in [
        ("uv.lock", " ".repeat((16 << 20) + 1), "longer than 16 MiB"),
        (
            "uv.lock",
            format!("version = 1\n{package}x = [{}]\n", "[],".repeat(600_000)),
            "more than 1000000 values",
        ),
        (
            "uv.lock",
            format!("version = 1\n{}", package.repeat(10_000)),
            "more than 100 times",
        ),
        (
            "poetry.lock",
            format!("{package}markers = \"{brackets}\"\n{metadata}"),
            "poetry.lock",
        ),
        (
            "pixi.lock",
            format!(
                "version: 6\npackages: [{}]\nx: procrastinate\n",
                "a,".repeat(1_100_000)
            ),
            "more than 1000000 values",
        ),
        (
            "requirements.txt",
            "procrastinate==3.5.1\n".repeat(20_000),
            "more than 100 times",
        ),
        (
            "requirements.txt",
            "-r other.txt\n".repeat(20_000),
            "more than 100 files",
        ),
    ] {
        let checked = run(&with(file, text), &["check"]);
        let is_said = checked.err.contains(note) || checked.out.contains(note);
        assert!(
            matches!(checked.code, Some(0 | 1)) && is_said,
            "{file}: {note}: {checked}"
        );
    }
}

#[test]
fn yaml_beyond_the_bounds_is_left_alone() {
    let bomb: String = (1..100)
        .map(|step| format!("a{step}: &a{step} [*a{0}, *a{0}, *a{0}]\n", step - 1))
        .collect();
    for text in [
        format!("repos: [{}]\n", "a,".repeat(1_100_000)),
        format!("a0: &a0 [x, x]\n{bomb}repos: *a99\n"),
        format!("repos: {}\n", "[".repeat(100_000)),
        format!("repos:\n{}a\n", "- ".repeat(100_000)),
    ] {
        let project = Project::new();
        std::fs::create_dir(project.root.join(".git")).unwrap();
        put(&project.root.join(".pre-commit-config.yaml"), &text);
        let outcome = run(&project, &["init"]);
        outcome.exits(0);
        let after = std::fs::read_to_string(project.root.join(".pre-commit-config.yaml")).unwrap();
        assert!(after == text, "{outcome}");
    }
}

#[test]
fn releases_beyond_the_bounds() {
    let long = (0..9).fold(three_as("91.1.0"), |package, number| {
        package.sql(
            &format!("02.00.00_{number:04}_x.sql"),
            &" ".repeat(15 << 20),
        )
    });
    let site = Project::with(&three());
    let from = site.install(&long);
    run(&site, &["check", "--from", from.as_str()]).fails(&["100000 of them, or 128 MiB"]);
    let parts = "CREATE INDEX CONCURRENTLY a ON b (c);\n".repeat(20_000);
    let project = Project::with(&three());
    let from = project.install(&three_as("91.1.0").sql("02.00.00_01_x.sql", &parts));
    run(&project, &["check", "--from", from.as_str()]).fails(&["more than 100 revisions"]);
}

#[test]
fn patterns_without_an_end() {
    let project = with(".gitignore", "**/".repeat(1_000) + "*a*a*a*ab\n");
    let deep = "a/".repeat(60) + &"a".repeat(200);
    put(&project.root.join(deep).join("x.py"), "alembic upgrade\n");
    run(&project, &["check"]).exits(0);
}

#[test]
fn many_long_files_in_the_vendored_directory() {
    let project = Project::with(&three());
    for number in 0..9 {
        project.write(&format!("{number}.py"), "x".repeat(15 << 20));
    }
    run(&project, &["check"]).fails(&[
        "alembic/versions_procrastinate",
        "longer than 128 MiB together",
    ]);
}
