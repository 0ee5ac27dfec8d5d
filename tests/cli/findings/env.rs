//! What `env.py` does to the vendored revisions.

use super::{ENV, INI, edit, finds, packages, project};
use crate::support::releases::{FIRST, FIRST_SQL, SECOND, WRAPPINGS, Wrapping, three};
use crate::support::{Package, Project, put};

const ENV_PY: &str = "alembic/env.py";
const RELEASE: &str = "91.1.0";
const ENUM: &str = "ALTER TYPE example_status ADD VALUE 'aborting';\n";

/// A release with a new enum value, which rendered revisions add outside of Alembic's transaction.
fn with_enum() -> Package {
    Package::new(RELEASE)
        .sql(FIRST, FIRST_SQL)
        .sql(SECOND, ENUM)
}

fn copied_enum(wrapping: Wrapping) -> Package {
    wrapping.release(RELEASE, &[(FIRST, FIRST_SQL), (SECOND, ENUM)])
}

#[test]
fn it_opens_the_transaction_itself() {
    let project = project(&with_enum());
    edit(
        &project,
        ENV_PY,
        "connectable.connect()",
        "connectable.begin()",
    );
    let head = "error[env-transaction] alembic/env.py:19";
    let facts = [
        "with connectable.begin() as connection:",
        "AssertionError",
        "`connect()`",
    ];
    finds(&project, &with_enum(), &[(head, &facts)]);
}

#[test]
fn a_statement_begins_it() {
    let project = project(&with_enum());
    let configure = "        context.configure(connection=connection";
    let set = "        connection.execute(text(\"SET lock_timeout TO 5000\"))\n";
    edit(&project, ENV_PY, configure, &format!("{set}{configure}"));
    let head = "error[env-transaction] alembic/env.py:20";
    finds(
        &project,
        &with_enum(),
        &[(head, &["SET lock_timeout", "connection.commit()"])],
    );
    edit(
        &project,
        ENV_PY,
        set,
        &format!("{set}        connection.commit()\n"),
    );
    finds(&project, &with_enum(), &[]);
}

#[test]
fn nothing_begins_it() {
    let project = project(&with_enum());
    let old = "        with context.begin_transaction():\n            context.run_migrations()\n";
    edit(&project, ENV_PY, old, "        context.run_migrations()\n");
    let head = "error[env-transaction] alembic/env.py:22";
    finds(&project, &with_enum(), &[(head, &["begin_transaction()"])]);
}

/// What a comment says of enum values adds none.
#[test]
fn words_in_a_comment_add_no_enum_value() {
    let comment = "-- a later release may ADD VALUE rows here\nCREATE TABLE c (x text);\n";
    for wrapping in WRAPPINGS {
        let package = wrapping.release(RELEASE, &[(FIRST, FIRST_SQL), (SECOND, comment)]);
        let project = project(&package);
        finds(&project, &package, &[]);
    }
}

/// A copy whose comment and string name `autocommit_block` does not leave the transaction by that.
#[test]
fn words_in_a_comment_leave_no_transaction() {
    let revision = format!(
        "\"\"\"Without autocommit_block.\"\"\"\nfrom alembic import op\n\n\
         from procrastinate.example import get_migration_sql\n\n\
         revision = '0002'\ndown_revision = '0001'\n\n\n\
         def upgrade():\n    # autocommit_block is not needed\n    op.execute(get_migration_sql(\"{SECOND}\"))\n"
    );
    let call = Wrapping::Call;
    let file = format!("{}{}", call.directory(), call.file_name("0002", SECOND));
    let package = copied_enum(call).file(&file, revision);
    let head = "error[single-transaction] alembic/env.py:20";
    finds(&project(&package), &package, &[(head, &[])]);
}

/// Where no revision leaves the transaction, it may begin wherever it likes.
#[test]
fn revisions_that_stay_inside_of_a_transaction_do_not_mind() {
    for package in packages() {
        let project = project(&package);
        edit(
            &project,
            ENV_PY,
            "connectable.connect()",
            "connectable.begin()",
        );
        finds(&project, &package, &[]);
    }
}

#[test]
fn copies_that_add_an_enum_value_need_a_transaction_each() {
    for wrapping in WRAPPINGS {
        let package = copied_enum(wrapping);
        let project = project(&package);
        let head = "error[single-transaction] alembic/env.py:20";
        let facts = [
            "UnsafeNewEnumValueUsage",
            "transaction_per_migration=True",
            "--mode render",
        ];
        finds(&project, &package, &[(head, &facts)]);
        let old = "connection=connection, ";
        edit(
            &project,
            ENV_PY,
            old,
            &format!("{old}transaction_per_migration=True, "),
        );
        finds(&project, &package, &[]);
        let copies = project.syncs(&package, &["--mode", "render"]);
        copies.out_has(&["Wrote"]);
    }
}

#[test]
fn rendered_they_need_none() {
    for wrapping in WRAPPINGS {
        let package = copied_enum(wrapping);
        let project = Project::bare();
        put(&project.root.join("alembic.ini"), INI);
        put(&project.root.join(ENV_PY), ENV);
        put(
            &project.root.join("vendor-migrations.toml"),
            "mode = \"render\"\n",
        );
        project.syncs(&package, &[]);
        finds(&project, &package, &[]);
    }
}

#[test]
fn copies_do_not_run_on_asyncpg() {
    let url = "sqlalchemy.url = postgresql+asyncpg://localhost/shop\n";
    for wrapping in WRAPPINGS {
        let package = wrapping.three();
        let project = project(&package);
        put(&project.root.join("alembic.ini"), format!("{INI}{url}"));
        let head = "error[asyncpg-copies] alembic.ini:6";
        let facts = [
            "cannot insert multiple commands into a prepared statement",
            "--mode render",
        ];
        finds(&project, &package, &[(head, &facts)]);
        edit(&project, "alembic.ini", "+asyncpg", "+psycopg");
        finds(&project, &package, &[]);
    }
    let rendered = project(&three());
    put(&rendered.root.join("alembic.ini"), format!("{INI}{url}"));
    finds(&rendered, &three(), &[]);
}

#[test]
fn autogenerate_would_drop_procrastinates_tables() {
    for package in packages() {
        let project = project(&package);
        edit(
            &project,
            ENV_PY,
            "target_metadata = None",
            "target_metadata = models.Base.metadata",
        );
        let head = "warning[autogenerate-filter] alembic/env.py:20";
        let facts = [
            "context.configure(",
            "drop Procrastinate's tables",
            "`include_name`",
        ];
        finds(&project, &package, &[(head, &facts)]);
    }
}

#[test]
fn a_filter_that_keeps_other_tables_out_is_none() {
    let project = project(&three());
    let filter = "target_metadata = models.metadata\n\n\n\
                  def include_object(object, name, type_, reflected, compare_to):\n    \
                  return not (type_ == \"table\" and name.startswith(\"celery_\"))\n";
    edit(&project, ENV_PY, "target_metadata = None\n", filter);
    let old = "connection=connection, ";
    edit(
        &project,
        ENV_PY,
        old,
        &format!("{old}include_object=include_object, "),
    );
    finds(
        &project,
        &three(),
        &[("warning[autogenerate-filter] alembic/env.py:24", &[])],
    );
}

#[test]
fn there_is_none_or_it_is_not_python() {
    let project = project(&three());
    put(&project.root.join(ENV_PY), "x = 1\ndef (:\n");
    let head = "error[env-unreadable] alembic/env.py:2";
    finds(&project, &three(), &[(head, &["not Python"])]);
    std::fs::remove_file(project.root.join(ENV_PY)).unwrap();
    let head = "error[env-unreadable] alembic/env.py";
    finds(&project, &three(), &[(head, &["no such file"])]);
}

/// SQLAlchemy 1 begins no transaction for a statement.
#[test]
fn the_installed_sqlalchemy_decides_about_statements() {
    let project = project(&with_enum());
    let configure = "        context.configure(connection=connection";
    let set = "        connection.execute(text(\"SET lock_timeout TO 5000\"))\n";
    edit(&project, ENV_PY, configure, &format!("{set}{configure}"));
    // A program's statement, on a connection that `env.py` may be handed.
    let first = "config = context.config\n";
    let takes = format!("{first}shared = config.attributes.get(\"connection\")\n");
    edit(&project, ENV_PY, first, &takes);
    let program = "with engine.connect() as connection:\n    connection.execute(text(\"SELECT 1\"))\n    cfg.attributes[\"connection\"] = connection\n";
    put(
        &project.root.join("migrate.py"),
        format!("import alembic\n{program}"),
    );
    let site = project.root.join(".venv/lib/python3.12/site-packages");
    put(&project.root.join(".venv/pyvenv.cfg"), "home = /usr/bin\n");
    for (version, found) in [("1.4.54", false), ("2.0.40", true)] {
        let _ = std::fs::remove_dir_all(&site);
        let info = site.join(format!("SQLAlchemy-{version}.dist-info"));
        put(
            &info.join("METADATA"),
            format!("Metadata-Version: 2.1\nName: SQLAlchemy\nVersion: {version}\n"),
        );
        let outcome = project.check(&with_enum(), &[]);
        for place in ["alembic/env.py:", "migrate.py:3"] {
            let head = format!("error[env-transaction] {place}");
            assert_eq!(outcome.out.contains(&head), found, "{version}\n{outcome}");
        }
    }
}

/// As Alembic's template for several databases has it.
#[test]
fn it_hands_arguments_to_revisions_that_take_none() {
    let project = project(&three());
    let run = "            context.run_migrations()";
    edit(
        &project,
        ENV_PY,
        run,
        "            context.run_migrations(engine_name=\"jobs\")",
    );
    let head = "error[run-arguments] alembic/env.py:23";
    finds(
        &project,
        &three(),
        &[(head, &["engine_name", "TypeError", "--separate"])],
    );
}

/// Alembic begins a transaction for each migration itself.
#[test]
fn each_migration_has_a_transaction_of_its_own() {
    let project = project(&with_enum());
    let old = "        with context.begin_transaction():\n            context.run_migrations()\n";
    edit(&project, ENV_PY, old, "        context.run_migrations()\n");
    let configure = "context.configure(connection=connection, ";
    let with = format!("{configure}transaction_per_migration=True, ");
    edit(&project, ENV_PY, configure, &with);
    finds(&project, &with_enum(), &[]);
}

/// What holds to the end of the transaction is gone after the first revision that leaves it.
#[test]
fn what_lives_in_the_transaction_is_lost() {
    const RUN: &str = "            context.run_migrations()\n";
    let lost = |line: &str, behind: &str, found: Option<(&str, &[&str])>| {
        let project = project(&with_enum());
        let line = if line.is_empty() {
            String::new()
        } else {
            format!("            {line}\n")
        };
        edit(&project, ENV_PY, RUN, &format!("{line}{RUN}{behind}"));
        finds(&project, &with_enum(), found.as_slice());
        if found.is_some_and(|(head, _)| head.starts_with("error[schema]")) {
            return;
        }
        // Without a revision that leaves it, nothing is lost.
        let project = super::project(&three());
        edit(&project, ENV_PY, RUN, &format!("{line}{RUN}{behind}"));
        finds(&project, &three(), &[]);
    };
    let at = "error[schema] alembic/env.py:23";
    let path = "SET LOCAL search_path TO jobs";
    for line in [
        format!("connection.execute(text(\"{path}\"))"),
        format!("context.execute(\"{path}\")"),
        format!("connection.exec_driver_sql(f\"{path}, {{tenant}}\")"),
    ] {
        lost(&line, "", Some((at, &["it ends with the transaction"])));
    }
    let at = "error[transaction-local] alembic/env.py:23";
    for line in ["SELECT pg_advisory_xact_lock(1)", "LOCK TABLE users"] {
        lost(
            &format!("connection.execute(text(\"{line}\"))"),
            "",
            Some((at, &["two deploys"])),
        );
    }
    lost(
        "connection.execute(text('SET LOCAL ROLE owner'))",
        "",
        Some((at, &["another role"])),
    );
    let timeout = "warning[transaction-local] alembic/env.py:23";
    lost(
        "connection.execute(text(\"SET LOCAL lock_timeout = '5s'\"))",
        "",
        Some((timeout, &["runs without"])),
    );
    for line in [
        "SET lock_timeout = '5s'",
        "SELECT pg_advisory_lock(1)",
        "SELECT 1",
    ] {
        lost(&format!("connection.execute(text(\"{line}\"))"), "", None);
    }
    // What is set behind them has nothing to hold for.
    let behind = "            connection.execute(text(\"SET LOCAL ROLE owner\"))\n";
    lost("", behind, None);
    let undone = "error[transaction-local] alembic/env.py:24";
    for behind in [
        "if dry: connection.rollback()",
        "raise DryRun()",
        "transaction.rollback()",
    ] {
        lost(
            "",
            &format!("            {behind}\n"),
            Some((undone, &["dry run"])),
        );
    }
}

#[test]
fn a_failure_may_be_rolled_back() {
    let project = project(&with_enum());
    let old = "            context.run_migrations()\n";
    let checks = format!("{old}            if behind(): raise RuntimeError(\"not all\")\n");
    edit(&project, ENV_PY, old, &checks);
    finds(&project, &with_enum(), &[]);
    edit(&project, ENV_PY, &checks, old);
    let new = "            try:\n                context.run_migrations()\n            except Exception:\n                connection.rollback()\n                raise\n";
    edit(&project, ENV_PY, old, new);
    finds(&project, &with_enum(), &[]);
}

/// A program may set the URL that is empty in the file.
#[test]
fn an_empty_url_of_the_application() {
    let project = project(&three());
    edit(
        &project,
        "alembic.ini",
        "[alembic]\n",
        "[alembic]\nsqlalchemy.url =\n",
    );
    finds(&project, &three(), &[]);
}

/// It does not reach SQL that is text.
#[test]
fn tables_are_translated_to_another_schema() {
    for (old, new, line) in [
        (
            "connection=connection",
            "connection=connection.execution_options(schema_translate_map={None: 'jobs'})",
            20,
        ),
        (
            "        context.configure(connection",
            "        options = {\"schema_translate_map\": {None: tenant}}\n        context.configure(connection",
            20,
        ),
        (
            "connectable.connect()",
            "connectable.execution_options(schema_translate_map=MAP).connect()",
            19,
        ),
    ] {
        let project = project(&three());
        edit(&project, ENV_PY, old, new);
        let head = format!("warning[schema] alembic/env.py:{line}");
        finds(&project, &three(), &[(&head, &["search_path"])]);
    }
    let project = project(&three());
    edit(
        &project,
        ENV_PY,
        "connection=connection",
        "connection=connection.execution_options(schema_translate_map=None)",
    );
    finds(&project, &three(), &[]);
}

/// `sync` says so at once.
#[test]
fn copies_that_cannot_run_are_told_of_when_they_are_made() {
    for wrapping in WRAPPINGS {
        let package = copied_enum(wrapping);
        let project = Project::bare();
        put(&project.root.join("alembic.ini"), INI);
        put(&project.root.join(ENV_PY), ENV);
        let warning = ["transaction_per_migration=True", "--mode render"];
        project
            .against(&package, "sync", &["--dry-run"])
            .exits(0)
            .err_lacks(&warning[..1]);
        project.against(&package, "sync", &[]).exits(0).err_has(&[
            "warning: alembic/env.py:20",
            warning[0],
            warning[1],
        ]);
        let project = Project::bare();
        put(&project.root.join("alembic.ini"), INI);
        put(
            &project.root.join(ENV_PY),
            ENV.replace(
                "connection=connection, ",
                "connection=connection, transaction_per_migration=True, ",
            ),
        );
        project
            .against(&package, "sync", &[])
            .exits(0)
            .err_lacks(&warning[..1]);
    }
}
