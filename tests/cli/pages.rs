//! What `sync` and `init` did, as Markdown for a pull request and as JSON. `tests/e2e/reports/pages.rs` has a reader of CommonMark read the pages.

mod init;

use serde_json::Value;

use crate::support::project::{PROGRAM, outcome};
use crate::support::releases::{
    FIRST_ID, LATER, LATER_ID, LATER_PY, SECOND, SECOND_ID, SECOND_PY, THIRD_ID, four, three,
};
use crate::support::{Outcome, Project, put};

const MARKDOWN: &[&str] = &["--format", "markdown"];
const POST: &str = "01.02.00_50_post_drop_note.sql";
const MOST: usize = 65_536;

const INI: &str = "[alembic]\nscript_location = %(here)s/alembic\npath_separator = os\n";
const ENV: &str = "from alembic import context\n\nfrom app import engine\n\n\
                   with engine.connect() as connection:\n    context.configure(connection=connection)\n    \
                   with context.begin_transaction():\n        context.run_migrations()\n";

fn unwired() -> Project {
    let project = Project::bare();
    put(&project.root.join("alembic.ini"), INI);
    put(&project.root.join("alembic/env.py"), ENV);
    project
}

fn json(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.out).unwrap_or_else(|error| panic!("{error}\n{outcome}"))
}

/// The page begins so, and fits.
#[track_caller]
fn begins(outcome: &Outcome, command: &str, verdict: &str) {
    let head = format!(
        "<!-- vendor-migrations {command} -->\n### vendor-migrations {command}: {verdict}\n"
    );
    assert!(outcome.out.starts_with(&head), "{outcome}");
    assert!(outcome.out.chars().count() < MOST, "{}", outcome.out.len());
    assert!(!outcome.out.contains('\u{1b}'), "{outcome}");
}

#[test]
fn a_sync_is_told_with_phases_diffs_and_commands() {
    let project = Project::with(&three());
    let new = four()
        .sql(SECOND, "SELECT 'new';\n")
        .sql(POST, "SELECT 1;\n");
    let before = project.tree();
    let dry = project.sync(&new, &["--dry-run", "--format", "markdown"]);
    before.assert_untouched(&project.tree());
    begins(&dry, "sync", "would write 2 added, 1 changed");
    let done = project.syncs(&new, MARKDOWN);
    begins(&done, "sync", "2 added, 1 changed");
    for page in [&dry, &done] {
        page.out_has(&[
            " into alembic/versions\\_procrastinate, mode render\n",
            &format!("- **Changed** `{SECOND}` (pre): `{SECOND_ID}`<br>Its SQL changed upstream."),
            "<details><summary>Diff</summary>\n\n```diff\n--- a/alembic/versions_procrastinate/",
            "+SELECT 'new'",
            &format!("- **Added** `{LATER}` (pre): `{LATER_ID}`\n"),
            &format!("- **Added** `{POST}` (post): `procrastinate_01_02_00_50`\n"),
            &format!(
                "#### Before you deploy Procrastinate 91.2.0\n\n```sh\nalembic upgrade {LATER_ID}\n```\n\n\
                 #### After it is deployed\n\n```sh\nalembic upgrade procrastinate_01_02_00_50\n```\n"
            ),
            "These steps are for services that run 91.1.0",
        ]);
    }
    let wrote = "alembic/versions\\_procrastinate: 2 added, 1 changed; 5 revisions in all\n";
    dry.out_has(&[&format!("**Would write** {wrote}")]);
    done.out_has(&[&format!("**Wrote** {wrote}")]);
    // What is written is what is written without a format.
    let other = Project::with(&three());
    other.syncs(&new, &[]);
    project
        .vendored_tree()
        .assert_same_contents(&other.vendored_tree());
}

#[test]
fn a_first_sync_and_one_without_a_change_say_so() {
    let project = Project::new();
    let first = project.syncs(&three(), MARKDOWN);
    begins(&first, "sync", "3 added");
    first.out_has(&[
        FIRST_ID,
        THIRD_ID,
        "#### Next\n\n```sh\nalembic upgrade heads\n```\n\nIf a database already has",
    ]);
    let before = project.tree();
    let again = project.syncs(&three(), MARKDOWN);
    before.assert_untouched(&project.tree());
    begins(&again, "sync", "up to date");
    again
        .out_has(&["**Up to date:** 3 revisions of Procrastinate 91.1.0\n"])
        .out_lacks(&["- **", "####"]);
}

#[test]
fn many_new_migrations_can_be_unfolded() {
    let names = (0..12).map(|number| format!("01.03.{number:02}_01_pre_more.sql"));
    let release = names.fold(three(), |release, name| release.sql(&name, "SELECT 1;\n"));
    let page = Project::new().syncs(&release, MARKDOWN);
    page.out_has(&[
        "- **Added** 15 migrations, `01.00.00_01_initial.sql` to `01.03.11_01_pre_more.sql`\n",
        "<details><summary>All of them</summary>\n\n- **Added** `01.00.00_01_initial.sql`: ",
        "- **Added** `01.03.11_01_pre_more.sql` (pre): ",
    ]);
}

#[test]
fn a_conflict_is_on_the_page() {
    let project = Project::with(&three());
    project.edit(SECOND_PY);
    let new = four().sql(SECOND, "SELECT 'new';\n");
    let before = project.tree();
    let page = project.sync(&new, MARKDOWN);
    before.assert_untouched(&project.tree());
    begins(&page, "sync", "refused, 1 conflict");
    page.refuses(&[
        "**Refused:** 1 conflict; nothing was written\n",
        "**Help:** undo your changes (`git checkout`)",
        &format!("- **Conflict** `alembic/versions_procrastinate/{SECOND_PY}`<br>It differs"),
        "\n-# mine\n",
    ])
    .out_lacks(&["####", "**Wrote**"]);
}

#[test]
fn what_could_not_be_done_is_on_the_page() {
    for verb in ["sync", "init"] {
        let project = unwired();
        let before = project.tree();
        let page = project.run(&[verb, "--format", "markdown", "-n", "@nobody"]);
        before.assert_untouched(&project.tree());
        begins(&page, verb, "not done");
        page.fails(&["no section"]).out_has(&[
            "**Error:** `alembic.ini` has no section `[@nobody]`",
            "**Help:** ",
        ]);
        let report = json(&project.run(&[verb, "--format", "json", "-n", "nix"]));
        assert_eq!(report["command"], verb);
        assert!(report["error"].to_string().contains("[nix]"), "{report}");
    }
}

#[test]
fn notes_and_commands_are_those_of_the_text() {
    let project = unwired();
    let below = project.root.join("src/app");
    std::fs::create_dir_all(&below).unwrap();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    let site = project.install(&three());
    let run = |format: &str| {
        let arguments = [
            "sync",
            "--from",
            site.as_str(),
            "--dry-run",
            "--format",
            format,
        ];
        let mut command = project.tool(&arguments);
        outcome(command.current_dir(&below))
    };
    let page = run("markdown");
    page.err_has(&["note: the project is `../..`"]);
    page.out_has(&[
        "- note: the project is `../..`, found above",
        "- warning: Alembic does not look into alembic/versions\\_procrastinate yet",
        "run `vendor-migrations init -C ../..`, which adds it",
        "```sh\nvendor-migrations init -C ../..\nvendor-migrations check -C ../..\n(cd ../.. && alembic upgrade heads)\n```",
        "`vendor-migrations stamp -C ../.. RELEASE`",
    ]);
    let notes = json(&run("json"))["notes"].to_string();
    assert!(
        notes.contains("found above") && notes.contains("init -C ../.."),
        "{notes}"
    );
}

#[test]
fn several_deploys_are_told_apart() {
    let project = Project::with(&three());
    let new = four()
        .sql(POST, "SELECT 1;\n")
        .sql("01.03.00_01_pre_add_note.sql", "SELECT 2;\n");
    project.syncs(&new, MARKDOWN).out_has(&[
        "#### Several releases at once\n",
        "`01.03.00_01_pre_add_note.sql` is for a later release",
        "\n```sh\nalembic upgrade procrastinate_01_03_00_01\n```\n",
        "Then deploy Procrastinate 91.2.0",
    ]);
}

/// Names and contents that aim at whoever shows the page.
#[cfg(unix)]
#[test]
fn foreign_text_is_no_markup() {
    let project = Project::with(&three());
    let name = "01.02.00_01_pre_`@octocat` #1 [b](x).sql";
    let evil = "SELECT '\n```\n````\n</details>\n@octocat\n';\n";
    let new = three().sql(SECOND, evil).sql(name, "SELECT 1;\n");
    let page = project.syncs(&new, MARKDOWN);
    page.out_has(&[
        &format!("- **Added** ``{name}`` (pre): "),
        "\n`````diff\n",
        "\n+````\n+</details>\n+@octocat\n",
    ]);
    assert_eq!(page.out.matches("\n`````\n").count(), 1, "{page}");
    // A path of the project's own.
    let odd = project.beside("@octocat #1 <b> GH-12");
    std::fs::rename(&project.root, &odd).unwrap();
    let arguments = [
        "sync",
        "-C",
        odd.as_str(),
        "--from",
        "@nobody!",
        "--format",
        "markdown",
    ];
    let mut command = project.tool(&arguments);
    let page = outcome(command.current_dir(odd.parent().unwrap()));
    page.exits(2).out_lacks(&["<b>\n", " @nobody", "\n@"]);
}

#[test]
fn a_page_is_never_too_long() {
    let project = Project::with(&three());
    let long = "SELECT '@@@@@@@@@@';\n".repeat(9_000);
    let many = (0..1500).map(|number| {
        format!(
            "01.03.{:02}_{:02}_pre_{}.sql",
            number / 90,
            number % 90,
            "@".repeat(150)
        )
    });
    let new = three().sql(SECOND, &long);
    let new = many.fold(new, |release, name| release.sql(&name, "SELECT 1;\n"));
    let page = project.syncs(&new, MARKDOWN);
    begins(&page, "sync", "1500 added, 1 changed");
    page.out_has(&[
        "The diff (18018",
        " lines) is left out here: the page would be too long. The commit shows all.\n",
        "The list (1500 lines) is left out here",
        "alembic upgrade ",
    ]);
    // The same where nothing is written.
    let project = Project::with(&three());
    for name in [SECOND_PY, "procrastinate_01_00_00_01_initial.py"] {
        let text = project.text(name) + &"# mine, `@octocat` #1\n".repeat(4_000);
        project.write(name, text);
    }
    let page = project.sync(&three().sql(SECOND, &long), MARKDOWN);
    begins(&page, "sync", "refused, 2 conflicts");
    page.out_has(&[
        "left out here",
        "`vendor-migrations sync --dry-run` shows all.",
    ]);
}

#[cfg(unix)]
#[test]
fn a_page_is_written_after_the_work() {
    let project = Project::with(&three());
    let site = project.install(&four());
    let line = format!("exec \"$@\" sync --from {site} --format markdown > /dev/full");
    let mut command = project.command("/bin/sh");
    command.args(["-c", &line, "sh", PROGRAM]);
    let ended = outcome(&mut command);
    ended.exits(2).err_has(&["error:"]);
    assert!(project.vendored().join(LATER_PY).exists(), "{ended}");
}

#[test]
fn each_project_has_its_page_below_its_path() {
    let project = Project::bare();
    std::fs::create_dir(project.root.join(".git")).unwrap();
    let site = project.install(&three());
    for name in ["a", "b `x` @octocat", "c"] {
        let one = Project::new();
        for file in ["alembic.ini", "alembic/env.py"] {
            let text = std::fs::read(one.root.join(file)).unwrap();
            put(&project.root.join(name).join(file), text);
        }
        project
            .run(&["sync", "-C", name, "--from", site.as_str()])
            .exits(0);
    }
    put(&project.root.join("c/alembic.ini"), "[alembic\n");
    let new = project.install(&four());
    let arguments = ["sync", "--recursive", "--from", new.as_str()];
    let page = project.run(&[&arguments[..], MARKDOWN].concat());
    page.exits(2).out_has(&[
        "## `a`\n\n<!-- vendor-migrations sync -->\n### vendor-migrations sync: 1 added\n",
        "## ``b `x` @octocat``\n\n<!-- vendor-migrations sync -->\n",
        "## `c`\n\n<!-- vendor-migrations sync -->\n### vendor-migrations sync: not done\n",
        "(cd a && alembic upgrade ",
    ]);
    // Where no project is, there is no page of one.
    let empty = project.run(&["sync", "--recursive", "alembic", "--format", "markdown"]);
    empty.exits(2).out_lacks(&["<!--"]);
}
