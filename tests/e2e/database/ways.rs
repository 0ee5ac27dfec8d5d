//! The ways to a database: the query by another client, `psql`, Python; and what goes wrong on them.

use fs_err as fs;

use super::{json, program, query};
use crate::support::database::{Database, Driver};
use crate::support::process::{feed, run};
use crate::support::project::Project;
use crate::support::{python, storage};

const PASSWORD: &str = "p@ss:/?#[]% '\"\\+&=wörd";

#[test]
fn the_query_by_another_client() {
    let database = Database::of_release("3.10.0");
    let printed = run(&mut program(&database, &["database", "--query"])).exits(0);
    assert_eq!(printed.stdout, vendor_migrations::live::QUERY);
    assert_eq!(printed.stderr, "");
    let result = database.psql(&printed.stdout).exits(0).stdout;
    assert_eq!(result.lines().count(), 1);
    let mut command = program(&database, &["database", "--from", "-"]);
    // Nothing is started, and nothing is connected to.
    let outcome = feed(command.env("PATH", ""), result.as_bytes()).exits(0);
    assert!(
        outcome.stdout.contains("as Procrastinate 3.4.0 to 3.10.0"),
        "{outcome}"
    );
    // Without -q psql says what it did.
    let wordy = format!("BEGIN\nSET\nSET\nDO\n{result}ROLLBACK\n");
    feed(
        &mut program(&database, &["database", "--from", "-"]),
        wordy.as_bytes(),
    )
    .exits(0);
}

#[test]
fn a_url_with_a_password_that_has_to_be_escaped() {
    let database = Database::of_release("3.10.0");
    for driver in [Driver::Psycopg, Driver::Psycopg2, Driver::Asyncpg] {
        let database = database.copy();
        let url = database.url_with_password(driver, PASSWORD);
        for way in [None, Some(python::bin().join("python"))] {
            let mut command = program(&database, &["database", &url]);
            if let Some(python) = &way {
                command.arg("--python").arg(python);
            }
            let outcome = run(&mut command).exits(0);
            assert!(!outcome.stdout.contains("p@ss"), "{outcome}");
            // A wrong one is said by the server, and is not shown.
            let wrong = url.replacen("%70", "%71", 1);
            assert_ne!(wrong, url);
            let mut command = program(&database, &["database", &wrong]);
            if let Some(python) = &way {
                command.arg("--python").arg(python);
            }
            let outcome = run(&mut command)
                .exits(2)
                .says("password authentication failed");
            assert!(!outcome.stderr.contains("q@ss"), "{}", outcome.stderr);
            assert!(!outcome.stderr.contains("%71"), "{}", outcome.stderr);
        }
    }
}

#[test]
fn a_password_is_taken_from_the_usual_places_and_never_asked_for() {
    let database = Database::of_release("3.10.0");
    let url = database.url_with_password(Driver::Psycopg, "secret");
    let (before, after) = url.split_once("://").expect("a URL");
    let (user, rest) = after.split_once('@').expect("a user");
    let user = user.split_once(':').map_or(user, |(user, _)| user);
    let bare = format!("{before}://{user}@{rest}");
    run(&mut program(&database, &["database", &bare]))
        .exits(2)
        .says("no password supplied");
    run(program(&database, &["database", &bare]).env("PGPASSWORD", "secret")).exits(0);
    let directory = storage::temporary();
    let file = storage::path(&directory).join("pgpass");
    fs::write(&file, "*:*:*:*:secret\n").expect("a file can be written");
    fs::set_permissions(&file, std::os::unix::fs::PermissionsExt::from_mode(0o600))
        .expect("it is ours");
    run(program(&database, &["database", &bare]).env("PGPASSFILE", &file)).exits(0);
}

#[test]
fn the_users_own_psqlrc_and_notices_change_nothing() {
    let database = Database::of_release("3.10.0");
    let directory = storage::temporary();
    let file = storage::path(&directory).join(".psqlrc");
    fs::write(&file, "\\echo hello\n\\pset format wrapped\n\\timing on\n")
        .expect("a file can be written");
    let url = database.libpq_url();
    let mut command = program(&database, &["database", &url]);
    command
        .env("PSQLRC", &file)
        .env("HOME", storage::path(&directory));
    run(command.env("PGOPTIONS", "-c client_min_messages=debug1")).exits(0);
}

#[test]
fn without_a_client_or_a_server() {
    let database = Database::new();
    let url = database.libpq_url();
    run(program(&database, &["database", &url]).env("PATH", storage::empty()))
        .exits(2)
        .says("`psql` is not on the PATH")
        .says("--query");
    run(&mut program(
        &database,
        &["database", "postgresql:///?host=/nowhere"],
    ))
    .exits(2)
    .says("`psql` ended with")
    .says("/nowhere");
    run(&mut program(
        &database,
        &["database", &url, "--python", "/nowhere/python"],
    ))
    .exits(2)
    .says("`/nowhere/python` is not there");
    run(&mut program(&database, &["database", "mysql://a/b"]))
        .exits(2)
        .says("postgresql://");
    run(&mut program(
        &database,
        &["database", "postgresql://a/b?colour=red"],
    ))
    .exits(2)
    .says("invalid connection option \"colour\"");
    let gone = url.replacen("e2e_", "gone_", 1);
    run(&mut program(&database, &["database", &gone]))
        .exits(2)
        .says("does not exist");
}

#[test]
fn the_url_of_the_configuration() {
    let project = Project::new(Driver::Asyncpg);
    project.sync("3.10.0");
    project.upgrade();
    let programs = project.database.programs();
    let asked = |project: &Project| {
        run(project
            .command(&["database", "--url-from-config"])
            .env("PATH", programs))
    };
    asked(&project).exits(0).says("Next       nothing");
    let ini = project.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("the project has it");
    for (url, why) in [
        (
            "sqlalchemy.url = driver://user:pass@localhost/dbname",
            "has the placeholder of `alembic init`",
        ),
        ("# none", "has none"),
    ] {
        let with = |line: &str| match line.starts_with("sqlalchemy.url") {
            true => url.to_owned(),
            false => line.to_owned(),
        };
        let lines: Vec<String> = text.lines().map(with).collect();
        fs::write(&ini, lines.join("\n")).expect("the project can be written");
        asked(&project).exits(2).says(why);
    }
}

#[test]
fn several_urls_and_results_at_once() {
    let (one, other) = (
        Database::of_release("3.10.0"),
        Database::of_release("2.0.0"),
    );
    let directory = storage::temporary();
    let file = storage::path(&directory).join("one.json");
    fs::write(&file, query(&one)).expect("a file can be written");
    let args = [
        "database",
        "--from",
        file.as_str(),
        &one.libpq_url(),
        &other.libpq_url(),
        "--format",
        "json",
    ];
    let outcome = run(&mut program(&one, &args)).exits(0);
    let told = json(&outcome);
    let databases = told["databases"].as_array().expect("a list").iter();
    let states = databases.map(|one| one["schemas"][0]["states"][0]["releases"][0].as_str());
    assert_eq!(
        states.collect::<Vec<_>>(),
        [Some("3.4.0"), Some("3.4.0"), Some("1.1.2")]
    );
}

/// A service of the environment has other databases: what the URL says comes first.
#[test]
fn a_service_does_not_come_before_the_url() {
    let (wanted, other) = (Database::of_release("3.10.0"), Database::new());
    let directory = storage::temporary();
    let file = storage::path(&directory).join("services.conf");
    let name = |database: &Database| database.query("SELECT current_database()").remove(0);
    fs::write(&file, format!("[prod]\ndbname={}\n", name(&other))).expect("a file can be written");
    let url = wanted.libpq_url();
    for url in [url.clone(), format!("{url}&service=prod")] {
        let mut command = program(&wanted, &["database", &url]);
        command.env("PGSERVICEFILE", &file).env("PGSERVICE", "prod");
        run(&mut command)
            .exits(0)
            .says(&format!("Database  {},", name(&wanted)));
    }
    // What the URL leaves out, it has.
    let bare = url.replacen(&name(&wanted), "", 1);
    let mut command = program(&wanted, &["database", &bare]);
    command.env("PGSERVICEFILE", &file).env("PGSERVICE", "prod");
    run(&mut command)
        .exits(0)
        .says(&format!("Database  {},", name(&other)));
}

#[test]
fn a_password_is_in_no_message() {
    let database = Database::new();
    let python = python::bin().join("python");
    for url in [
        "postgresql://u:SEC/RET@h/d",
        "postgresql://u:SEC?RET@h/d",
        "postgresql://u:SEC RET@h,h:x/d",
        "postgresql://u:x?SECRET@h/d",
        "postgresql://u:x?SECRET",
        "postgresql+a b://u:SEC%52ET@127.0.0.1/x",
        "postgresql//u:SECRET@h/d",
        "host=h password=SECRET",
        "postgresql://u:SECRET@127.0.0.1:1/d",
    ] {
        for args in [
            &["database", url][..],
            &["database", url, "--python", python.as_str()],
            &["-C", "/nowhere", "stamp", "--database", url],
        ] {
            let outcome = run(&mut program(&database, args)).exits(2);
            let hidden = !["SEC", "RET"]
                .iter()
                .any(|part| outcome.stdout.contains(part) || outcome.stderr.contains(part));
            assert!(hidden, "{args:?}: {} {}", outcome.stdout, outcome.stderr);
        }
    }
}

/// A pooler that falls silent after the login is not waited for for ever.
#[test]
fn a_server_that_falls_silent() {
    let database = Database::new();
    let listener = std::net::TcpListener::bind("127.0.0.1:0").expect("a port is free");
    let port = listener.local_addr().expect("it has an address").port();
    std::thread::spawn(move || {
        let mut open = Vec::new();
        for stream in listener.incoming() {
            let mut stream = stream.expect("somebody connects");
            let mut bytes = [0; 1024];
            let _ = std::io::Read::read(&mut stream, &mut bytes);
            // AuthenticationOk and ReadyForQuery.
            let _ = std::io::Write::write_all(&mut stream, b"R\0\0\0\x08\0\0\0\0Z\0\0\0\x05I");
            open.push(stream);
        }
    });
    let url = format!("postgresql://u@127.0.0.1:{port}/d?sslmode=disable&gssencmode=disable");
    run(&mut program(&database, &["database", &url]))
        .exits(2)
        .says("took too long");
}

#[test]
fn a_url_behind_from_is_not_shown() {
    let database = Database::new();
    let outcome = run(&mut program(
        &database,
        &["database", "--from", "postgresql://u:SECRET@h/d"],
    ))
    .exits(2);
    assert!(!outcome.stderr.contains("SECRET"), "{outcome}");
    outcome.says("give the URL without `--from`");
}
