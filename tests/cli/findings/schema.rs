//! The search paths of Alembic's connection, of the workers' and of the project's own revisions.

use super::{edit, finds, project};
use crate::support::releases::{FIRST, FIRST_SQL, SECOND, three};
use crate::support::{Package, Project, put};

const ENV_PY: &str = "alembic/env.py";
const WORKER: &str = "app/queue.py";

/// A connector of Procrastinate's, with these options.
fn worker(project: &Project, options: &str) {
    let text = format!(
        "import procrastinate\n\napp = procrastinate.App(\n    \
         connector=procrastinate.PsycopgConnector(\n        kwargs={{\"options\": \"{options}\"}},\n    )\n)\n"
    );
    put(&project.root.join(WORKER), text);
}

/// Gives Alembic's connection a URL.
fn url(project: &Project, url: &str) {
    let path = project.root.join("alembic.ini");
    let text = std::fs::read_to_string(&path).unwrap();
    put(
        &path,
        format!("{text}sqlalchemy.url = {}\n", url.replace('%', "%%")),
    );
}

/// Runs a statement on Alembic's connection, before Alembic has it.
fn executes(project: &Project, statement: &str) {
    let configure = "        context.configure(connection=connection";
    let set =
        format!("        connection.execute(text(\"{statement}\"))\n        connection.commit()\n");
    edit(project, ENV_PY, configure, &format!("{set}{configure}"));
}

#[test]
fn a_worker_in_another_schema_than_alembics_connection() {
    let project = project(&three());
    worker(&project, "-c search_path=jobs");
    let unknown = "warning[schema] app/queue.py:4";
    let facts = &[
        "PsycopgConnector",
        "`jobs`",
        "`env.py`",
        "`schema = \"jobs\"`",
    ][..];
    finds(&project, &three(), &[(unknown, facts)]);
    url(&project, "postgresql://h/d");
    let differs = "error[schema] app/queue.py:4";
    finds(
        &project,
        &three(),
        &[(differs, &["is not set", "a copy that no worker uses"])],
    );
    executes(&project, "SET search_path TO other");
    finds(&project, &three(), &[(differs, &["begins with `other`"])]);
    edit(&project, ENV_PY, "TO other", "TO jobs, public");
    finds(&project, &three(), &[]);
}

/// The setting pins it in every vendored revision, whatever Alembic's connection has.
#[test]
fn a_schema_that_is_set() {
    let project = project(&three());
    worker(&project, "-c search_path=jobs");
    url(&project, "postgresql://h/d");
    put(
        &project.root.join("vendor-migrations.toml"),
        "schema = \"jobs\"\n",
    );
    project.syncs(&three(), &["--rerender"]);
    finds(&project, &three(), &[]);
}

#[test]
fn a_url_with_a_search_path() {
    let project = project(&three());
    url(
        &project,
        "postgresql://u:secret@h/d?options=-csearch_path%3Djobs,public",
    );
    let head = "warning[schema] alembic.ini:6";
    finds(
        &project,
        &three(),
        &[(head, &["`sqlalchemy.url`", "`jobs`", "workers"])],
    );
    let in_env = "URL = \"postgresql://u:secret@h/d?options=-csearch_path%3Djobs\"\n";
    edit(
        &project,
        ENV_PY,
        "target_metadata = None\n",
        &format!("target_metadata = None\n{in_env}"),
    );
    let outcome = project.check(&three(), &[]);
    outcome
        .out_has(&["[schema] alembic/env.py:6", "URL = "])
        .out_lacks(&["secret"]);
    worker(&project, "-c search_path=jobs");
    finds(&project, &three(), &[]);
}

#[test]
fn a_path_of_the_whole_session_in_env_py() {
    for (set, fact) in [
        ("SET search_path TO jobs", "the schema `jobs`"),
        (
            "SELECT set_config('search_path', 'jobs', false)",
            "the schema `jobs`",
        ),
        ("SET search_path TO {schema}", "only known when it runs"),
    ] {
        let project = project(&three());
        executes(&project, set);
        let head = "warning[schema] alembic/env.py:20";
        finds(&project, &three(), &[(head, &[fact, "workers"])]);
    }
}

/// Rendered revisions leave the transaction where they add an enum value.
#[test]
fn a_path_of_the_transaction_in_env_py() {
    let package = Package::new("91.1.0")
        .sql(FIRST, FIRST_SQL)
        .sql(SECOND, "ALTER TYPE example_status ADD VALUE 'aborting';\n");
    let runs = "            context.run_migrations()\n\n\nif";
    let set = "            connection.execute(text(\"SET LOCAL search_path TO jobs\"))\n";
    for (package, head) in [
        (package, "error[schema] alembic/env.py:23"),
        (three(), "warning[schema] alembic/env.py:23"),
    ] {
        let project = project(&package);
        edit(&project, ENV_PY, runs, &format!("{set}{runs}"));
        finds(&project, &package, &[(head, &["SET LOCAL", "`jobs`"])]);
    }
}

#[test]
fn own_revisions_that_say_where_the_objects_are() {
    for (body, found) in [
        (
            "    op.execute(\"SET search_path TO jobs\")\n    op.execute(SchemaManager.get_schema())\n",
            &[
                ("error[schema] alembic/versions/own.py:9", "schema"),
                (
                    "error[own-schema] alembic/versions/own.py:10",
                    "get_schema()",
                ),
            ][..],
        ),
        (
            "    op.execute(f\"SET search_path TO {schema}\")\n    op.execute(SchemaManager.get_schema())\n",
            &[
                (
                    "error[own-schema] alembic/versions/own.py:10",
                    "get_schema()",
                ),
                ("warning[schema] alembic/versions/own.py:9", "schema"),
            ],
        ),
        (
            "    op.execute(\"GRANT SELECT ON jobs.procrastinate_jobs TO x\")\n",
            &[("warning[schema] alembic/versions/own.py:9", "schema")],
        ),
        (
            "    op.execute(\"GRANT SELECT ON procrastinate_jobs TO x\")\n",
            &[],
        ),
        (
            "    op.execute(SchemaManager.get_schema())\n",
            &[(
                "error[own-schema] alembic/versions/own.py:9",
                "get_schema()",
            )],
        ),
    ] {
        let project = project(&three());
        let text = format!(
            "from alembic import op\nfrom procrastinate.schema import SchemaManager\n\n\
             revision = \"own\"\ndown_revision = None\n\n\ndef upgrade():\n{body}"
        );
        put(&project.root.join("alembic/versions/own.py"), text);
        let expected: Vec<(&str, &[&str])> = found
            .iter()
            .map(|(head, fact)| (*head, std::slice::from_ref(fact)))
            .collect();
        finds(&project, &three(), &expected);
    }
}

#[test]
fn what_is_no_sign_of_another_schema() {
    let project = project(&three());
    url(
        &project,
        "postgresql://h/d?options=-csearch_path%3D%22%24user%22,public",
    );
    executes(&project, "SET search_path TO public");
    edit(
        &project,
        ENV_PY,
        "connection=connection, target",
        "connection=connection, version_table_schema=\"jobs\", target",
    );
    worker(&project, "-c statement_timeout=5000");
    finds(&project, &three(), &[]);
    // Workers find what is in any schema of their path.
    worker(&project, "-c search_path=shop,public");
    put(
        &project.root.join("tests/conftest.py"),
        "import procrastinate\nprocrastinate.PsycopgConnector(kwargs={\"options\": \"-c search_path=scratch\"})\n",
    );
    finds(&project, &three(), &[]);
}

#[test]
fn it_can_be_accepted() {
    let project = project(&three());
    url(&project, "postgresql://h/d?options=-csearch_path%3Djobs");
    let accept =
        "[[accept]]\ncode = \"schema\"\npath = \"alembic.ini\"\nreason = \"so do the workers\"\n";
    put(&project.root.join("vendor-migrations.toml"), accept);
    finds(&project, &three(), &[]);
}
