//! What a fresh database runs is what existing ones ran, in their order; and what does not fit is refused.

use super::{Adopter, Database, Driver, History, NEW, NEWEST, OLD, Way};
use crate::database::takes_all;
use crate::support::layouts::CONTRIB;
use crate::support::package::{Package, read_from_wheel};
use crate::support::process::run;
use crate::support::schema::Schema;

/// SQL files beside the revisions, whose text is a release's.
fn put(adopter: &Adopter, name: &str, text: &str) {
    let path = adopter.project.root().join("alembic/versions").join(name);
    fs_err::write(path, text).expect("the project can be written");
}

fn runs(file: &str) -> String {
    format!(
        "op.get_bind().exec_driver_sql((Path(__file__).parent / \"{file}\").read_text().replace(\"%\", \"%%\"))"
    )
}

const PATH: &str = "from pathlib import Path\n";

/// `a2` makes the tables of 2.15.1; `a3` grants a right on a function that 3.x drops; `a4` runs the migrations up to 3.2.2.
fn stepwise(history: History) -> Adopter {
    let adopter = Adopter::new(Way::SqlFile, history, Driver::Psycopg, NEWEST);
    put(
        &adopter,
        "old.sql",
        &read_from_wheel("2.15.1", "procrastinate/sql/schema.sql"),
    );
    let [old, new] = ["2.15.1", "3.2.2"].map(|name| {
        let version = name.parse().expect("a version");
        vendor_migrations::catalog::release(&version).expect("it is known")
    });
    let added = new
        .migrations
        .iter()
        .filter(|one| old.migrations.iter().all(|old| old.sha256 != one.sha256));
    let texts = added.map(|one| {
        read_from_wheel(
            "3.2.2",
            &format!("procrastinate/sql/migrations/{}", one.name),
        )
    });
    // New enum values have to be committed before they are used.
    put(&adopter, "new.sql", &texts.collect::<Vec<_>>().join("\n"));
    adopter.write(
        "a2",
        Some("a1"),
        [
            &runs("old.sql"),
            "op.execute('DROP TABLE procrastinate_jobs CASCADE')",
        ],
        PATH,
    );
    adopter.write(
        "a3",
        Some("a2"),
        [
            "op.create_table('orders', sa.Column('id', sa.Integer(), primary_key=True))\n    \
             op.execute('REVOKE ALL ON FUNCTION procrastinate_fetch_job(character varying[]) FROM PUBLIC')",
            "pass",
        ],
        "",
    );
    adopter.write("a4", Some("a3"), [&runs("new.sql"), "pass"], PATH);
    adopter.write(
        "a5",
        Some("a4"),
        [
            "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True))",
            "pass",
        ],
        "",
    );
    adopter.commit();
    adopter
}

#[test]
fn each_of_several_revisions_stands_for_its_release() {
    let histories = [History::Branch, History::Linear];
    for history in &histories[..if takes_all() { 2 } else { 1 }] {
        let adopter = stepwise(*history);
        let mut databases = Vec::new();
        for revision in ["a1", "a2", "a3", "a4", "a5"] {
            adopter.alembic(&["upgrade", revision]).exits(0);
            databases.push(adopter.project.database.copy());
        }
        // With one release for both, a database between them would lose migrations.
        let one = adopter
            .adopt(&[
                "--revision",
                "a2=3.2.2",
                "--revision",
                "a4=3.2.2",
                "--write",
            ])
            .exits(1);
        one.says("`a4` comes after `a2`");
        adopter.adopt(&["--write"]).exits(0);
        adopter.check().exits(0);
        databases.push(Database::new());
        adopter.upgrade_each(databases, &Schema::of_release(NEW));
    }
}

#[test]
fn a_wrong_release_is_refused() {
    let adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    let other = adopter.adopt(&["--release", "3.0.0", "--write"]).exits(1);
    other.says("the DDL of `a2` is that of Procrastinate 3.3.0, not of 3.0.0");
    // By a database: one that has not run it, one of another release, one that somebody changed.
    let run_time =
        Adopter::new(Way::GetSchema, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    let adopt = |database: &Database, release: &str| {
        let url = database.libpq_url();
        run_time
            .adopt(&["--release", release, "--database", &url, "--write"])
            .exits(1)
    };
    let (_, before) = &run_time.old[0];
    adopt(before, "3.3.0").says("it has not run `a2`");
    let (_, after) = &run_time.old[2];
    after
        .psql("CREATE TABLE other_version AS SELECT * FROM alembic_version")
        .exits(0);
    adopt(after, "3.3.0").says("several of its tables have revisions of this project");
    after.psql("DROP TABLE other_version").exits(0);
    adopt(after, "3.2.2")
        .says("its schema is that of Procrastinate 3.3.0, not of Procrastinate 3.2.2");
    after
        .psql("DROP INDEX procrastinate_jobs_queueing_lock_idx_v1")
        .exits(0);
    adopt(after, "3.3.0").says("its schema belongs to no release");
}

/// The DDL of the revision says less than what databases were brought to by hand: only they prove it.
#[test]
fn a_release_that_came_by_hand_is_proven_by_databases() {
    let adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    let args = ["--release", "3.4.0", "--write"];
    let refused = adopter.adopt(&args).exits(1);
    refused.says("its DDL is that of Procrastinate 3.3.0, which is older");
    let with = |database: &Database| {
        let url = database.libpq_url();
        adopter.adopt(&[&args[..], &["--database", &url]].concat())
    };
    with(&adopter.old[2].1)
        .exits(1)
        .says("its schema is that of Procrastinate 3.3.0, not of Procrastinate 3.4.0");
    let later = Database::of_release("3.4.0");
    later.execute(
        "CREATE TABLE users (id serial PRIMARY KEY); CREATE TABLE orders (id serial PRIMARY KEY); \
         CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY); INSERT INTO alembic_version VALUES ('a3')",
    );
    with(&later).exits(0);
    adopter.check().exits(0);
    adopter.upgrade_each(vec![later, Database::new()], &Schema::of_release(NEW));
}

/// The statement that `database` prints for a row too many.
#[track_caller]
fn row_to_take_out(adopter: &Adopter) -> String {
    let told = adopter.database().exits(1).says("error[overlapping-rows]");
    let mut lines = told.stdout.lines();
    let statement = lines.find_map(|line| {
        let (_, statement) = line.split_once("take the row out: `")?;
        Some(statement.trim_end_matches('`').to_owned())
    });
    statement.expect("it is printed")
}

/// A database that was stamped before the adoption has a row too many; the statement that is printed takes away that one.
#[test]
fn a_row_too_many_is_taken_away_by_what_is_printed() {
    let mut adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    let (_, stamped) = adopter.old.remove(2);
    let later = stamped.copy();
    let too_far = stamped.copy();
    too_far
        .psql("INSERT INTO alembic_version VALUES ('procrastinate_03_04_00_01')")
        .exits(0);
    adopter.project.sync(NEW);
    adopter = adopter.before(stamped);
    let told = adopter.database().exits(1).says("needs no stamp");
    assert!(!told.stdout.contains("alembic stamp"), "{told}");
    adopter
        .alembic(&["stamp", "procrastinate_03_03_00_01"])
        .exits(0);
    adopter.commit();
    let url = too_far.libpq_url();
    let refused = adopter.adopt(&["--release", "3.3.0", "--database", &url]);
    refused.exits(1).says("it was stamped too far");
    // The row is of what is vendored already, and the schema is the proof all the same.
    let url = adopter.project.database.libpq_url();
    let printed = adopter.adopt(&["--release", "3.3.0", "--database", &url, "--write"]);
    let printed = printed.exits(0).says("has run `a2`").stdout;
    let statement = printed
        .lines()
        .find_map(|line| line.trim().strip_prefix("DELETE"))
        .expect("it is printed");
    let statement = format!("DELETE{statement}");
    adopter
        .alembic(&["upgrade", "heads"])
        .exits(255)
        .says("overlaps with other requested revisions");
    let of_this = row_to_take_out(&adopter);
    assert!(of_this.starts_with("DELETE FROM \"public\".\"alembic_version\" WHERE"));
    let adopter_of_this = adopter.project.database.copy();
    adopter_of_this.psql(&of_this).exits(0);
    let left = adopter_of_this.query("SELECT version_num FROM alembic_version");
    assert_eq!(left, ["a3"]);
    adopter.project.database.psql(&statement).exits(0);
    assert!(!adopter.database().stdout.contains("overlapping"));
    assert_eq!(
        adopter
            .project
            .database
            .query("SELECT version_num FROM alembic_version"),
        ["a3"]
    );
    adopter.upgrade();
    adopter.assert_is(NEW);
    // A row behind the release stays.
    adopter = adopter.before(later);
    adopter
        .project
        .database
        .psql("INSERT INTO alembic_version VALUES ('procrastinate_03_04_00_01')")
        .exits(0);
    adopter.project.database.psql(&statement).exits(0);
    let rows = adopter
        .project
        .database
        .query("SELECT version_num FROM alembic_version ORDER BY 1");
    assert_eq!(rows, ["a3", "procrastinate_03_04_00_01"]);
    // It says too much: its schema is that of 3.3.0. Without `a3` in its place, migrations would be lost.
    let of_this = row_to_take_out(&adopter);
    adopter.project.database.psql(&of_this).exits(0);
    let rows = adopter
        .project
        .database
        .query("SELECT version_num FROM alembic_version");
    assert_eq!(rows, ["a3"]);
    adopter.upgrade();
    adopter.assert_is(NEW);
}

#[test]
fn downgrades_go_back_as_far_as_no_vendored_revision_is_undone() {
    let mut adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    adopter.adopt(&["--write"]).exits(0);
    adopter.alembic(&["upgrade", "a3"]).exits(0);
    adopter.alembic(&["downgrade", "a1"]).exits(0);
    // What the vendored revisions made is still there.
    adopter
        .project
        .database
        .psql("SELECT FROM procrastinate_jobs")
        .exits(0);
    adopter.upgrade();
    adopter.assert_is(NEW);
    adopter
        .alembic(&["downgrade", "base"])
        .exits(1)
        .says("NotImplementedError");
    adopter.assert_is(NEW);
    // The older one leaves a row too many, as the docs say, and what they say mends it.
    let python = crate::support::python::alembic_environment("1.8.1");
    adopter.alembic = python;
    adopter = adopter.before(Database::new());
    adopter.alembic(&["upgrade", "a3"]).exits(0);
    adopter.alembic(&["downgrade", "a1"]).exits(0);
    adopter
        .alembic(&["upgrade", "heads"])
        .exits(255)
        .says("overlaps");
    adopter
        .project
        .database
        .psql("DELETE FROM alembic_version WHERE version_num = 'a1'")
        .exits(0);
    adopter.upgrade();
    adopter.assert_is(NEW);
}

/// Without the vendored directory, no command of Alembic runs: an adoption that was cut off cannot run in part.
#[test]
fn without_the_vendored_directory_alembic_stops() {
    let adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    adopter.adopt(&["--write"]).exits(0);
    fs_err::rename(
        adopter.project.vendored(),
        adopter.project.root().join("elsewhere"),
    )
    .expect("it can be moved");
    let stopped = adopter.alembic(&["upgrade", "heads"]).exits(1);
    stopped.says("KeyError: 'procrastinate_03_03_00_01'");
    assert!(
        adopter
            .project
            .database
            .query("SELECT 1 FROM pg_tables WHERE schemaname = 'public'")
            .is_empty()
    );
}

/// Every way to write the vendored files anew keeps the edges.
#[test]
fn a_later_sync_writes_the_same_bytes() {
    for (history, args) in [
        (History::Branch, &[][..]),
        (History::Linear, &[]),
        (History::Branch, &["--keep"]),
    ] {
        let adopter = Adopter::new(Way::SqlFile, history, Driver::Psycopg, NEWEST);
        adopter.adopt(&[args, &["--write"]].concat()).exits(0);
        let read = || {
            let entries = adopter
                .project
                .vendored()
                .read_dir_utf8()
                .expect("it can be read");
            let files = entries.map(|entry| entry.expect("it can be read").into_path());
            let mut files: Vec<_> = files
                .map(|path| (path.clone(), fs_err::read(path).expect("it can be read")))
                .collect();
            files.sort();
            files
        };
        let written = read();
        let wheel = crate::support::releases::wheel(NEW);
        adopter.project.sync(NEW);
        adopter
            .project
            .tool(&["sync", "--from", wheel.as_str(), "--rerender"])
            .exits(0);
        assert_eq!(read(), written);
        // The first one has an edge, and so has the first one behind the release.
        for name in [
            "procrastinate_00_00_00_01_initial.py",
            "procrastinate_03_04_00_01_pre_add_retry_failed_job_procedure.py",
        ] {
            let path = adopter.project.vendored().join(name);
            if path.exists() {
                fs_err::remove_file(path).expect("it can be removed");
            }
        }
        adopter.project.sync(NEW);
        assert_eq!(read(), written);
    }
}

/// Copies of upstream's own revision files get the edges, too, in these lines only.
#[test]
fn copied_revision_files_are_adopted() {
    let package = Package::unpack(NEW);
    CONTRIB.add_to(&package);
    let package = package.release("3.90.0");
    let mut adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    adopter.project.set_python_path(package.site_packages());
    adopter.project.edit_env(
        "connection=connection, target",
        "connection=connection, transaction_per_migration=True, target",
    );
    let mut command = adopter.project.command(&[
        "adopt",
        "--from",
        package.site_packages().as_str(),
        "--write",
    ]);
    run(command.env("PATH", "/usr/bin:/bin")).exits(0);
    assert!(
        fs_err::read_to_string(adopter.project.vendored().join("vendor-migrations.lock"))
            .expect("it is there")
            .contains("mode = \"copy\"")
    );
    adopter.check().exits(0);
    let databases = adopter.databases();
    adopter.upgrade_each(databases, &Schema::of_release(NEW));
}

/// Each distinct `schema.sql`, as it is, and as people copy it: without comments and `CREATE EXTENSION`, in one line each.
#[test]
fn every_schema_sql_proves_its_release() {
    let adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    let path = adopter.project.root().join("alembic/sql/queue.sql");
    for schema in vendor_migrations::catalog::schemas() {
        let release = schema.first().name;
        let text = read_from_wheel(release, "procrastinate/sql/schema.sql");
        let statements = vendor_migrations::sql::statements::split(&text).expect("it is SQL");
        let bare = statements
            .iter()
            .map(|one| one.text())
            .filter(|text| !text.contains("CREATE EXTENSION"));
        let bare = bare.collect::<Vec<_>>().join(";\n\n\n") + ";";
        let says = format!(
            "the DDL of `a2` is that of Procrastinate {}",
            last_with(schema)
        );
        // A later release may differ in the extension only.
        for (text, says) in [
            (text.clone(), says.as_str()),
            (bare, "the DDL of `a2` is that of"),
        ] {
            fs_err::write(&path, text).expect("the project can be written");
            // 0.22.0 has no place of its own in the chain.
            let outcome = adopter.adopt(&[]);
            match release {
                "0.22.0" => outcome.exits(1).says("0.23.0"),
                _ => outcome.exits(0).says(says),
            };
        }
    }
}

/// The last release that has these bytes.
fn last_with(schema: &'static vendor_migrations::catalog::Schema) -> &'static str {
    let releases = vendor_migrations::catalog::releases();
    let later = vendor_migrations::catalog::schemas()
        .iter()
        .map(|one| one.first().version());
    let next = later
        .filter(|version| *version > schema.first().version())
        .min();
    let mut releases = releases.rev();
    let last = releases.find(|release| next.as_ref().is_none_or(|next| release.version() < *next));
    last.expect("the first one has them").name
}

/// A database proves the release of the revision that it ran last, and of no other.
#[test]
fn each_revision_needs_a_database_of_its_own() {
    let adopter =
        Adopter::new(Way::GetSchema, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    adopter.write(
        "a4",
        Some("a3"),
        [
            "op.get_bind().exec_driver_sql(SchemaManager.get_schema())",
            "pass",
        ],
        "from procrastinate.schema import SchemaManager\n",
    );
    adopter.commit();
    let url = adopter.old[2].1.libpq_url();
    let args = [
        "--revision",
        "a2=3.3.0",
        "--revision",
        "a4=3.9.0",
        "--database",
        &url,
        "--write",
    ];
    adopter
        .adopt(&args)
        .exits(1)
        .says("it is not proven which release's schema `a4` makes");
}

/// Alembic cannot sort a revision that depends on several heads, so what comes behind an adoption waits for a merge.
#[test]
fn several_heads_wait_for_a_merge() {
    let adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    adopter.write(
        "b2",
        Some("a1"),
        [
            "op.create_table('notes', sa.Column('id', sa.Integer(), primary_key=True))",
            "pass",
        ],
        "",
    );
    adopter.commit();
    adopter
        .adopt(&["--write"])
        .exits(1)
        .says("the project has several heads");
    adopter
        .adopt(&["--keep", "--write"])
        .exits(1)
        .says("the project has several heads");
    adopter.alembic(&["upgrade", "heads"]).exits(0);
    let old = adopter.project.database.copy();
    adopter
        .alembic(&["merge", "-m", "m", "--rev-id", "m1", "a3", "b2"])
        .exits(0);
    adopter.commit();
    adopter.adopt(&["--write"]).exits(0);
    adopter.upgrade_each(vec![old, Database::new()], &Schema::of_release(NEW));
}

/// What a later release adds comes after the project's own heads, too, so it waits in the same way.
#[test]
fn the_next_release_waits_for_a_merge() {
    let mut adopter =
        Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST).with_old_databases();
    adopter.adopt_of(OLD, &["--write"]).exits(0);
    adopter.check().exits(0);
    adopter.write("b2", Some("a1"), ["pass", "pass"], "");
    let wheel = crate::support::releases::wheel(NEW);
    let sync = ["sync", "--from", wheel.as_str()];
    let waits = adopter.project.tool(&sync).exits(1);
    waits
        .says("the project has 2:")
        .says("alembic/versions/b2_own.py");
    adopter
        .alembic(&["merge", "-m", "m", "--rev-id", "m1", "a3", "b2"])
        .exits(0);
    adopter.project.tool(&sync).exits(0);
    adopter.check().exits(0);
    let databases = adopter.databases();
    adopter.upgrade_each(databases, &Schema::of_release(NEW));
}

/// `alembic stamp` of the vendored revisions marks a baseline's revision, too: what else it does would never run.
#[test]
fn a_baseline_that_does_more_is_not_stamped() {
    let adopter = Adopter::new(Way::SqlFile, History::Branch, Driver::Psycopg, NEWEST);
    adopter.adopt(&["--keep", "--write"]).exits(0);
    let stamp = ["stamp", NEW];
    adopter.project.tool(&stamp).exits(0).says("alembic stamp");
    let (imports, upgrade) = Way::SqlFile.code(&adopter);
    let upgrade = format!("op.execute('CREATE TABLE notes (id int)')\n    {upgrade}");
    adopter.write("a2", Some("a1"), [&upgrade, "pass"], &imports);
    adopter.project.tool(&stamp).exits(1).says("`a2`");
}
