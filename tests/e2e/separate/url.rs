//! Where the database's URL comes from, and what is said if it is not there or no good.

use fs_err as fs;

use super::HEAD;
use super::environment::{INI, Separated, VARIABLE};
use crate::support::database::{Database, Driver, on_every_driver};

/// What has a meaning in a URL or in an ini file.
const PASSWORD: &str = "50%s %(here)s %%@:/?#'\"é";

on_every_driver!(a_password_with_percent_signs, |driver| {
    let separated = Separated::beside_an_application(driver);
    let url = separated.database().url_with_password(driver, PASSWORD);
    // Proof that the server asks: another password is refused.
    let refused = url.replacen("%35", "%36", 1);
    let separated = separated.with_variable(&refused);
    let failed = separated.own(&["upgrade", "head"]);
    assert_ne!(failed.status, Some(0), "{failed}");
    let separated = separated.with_variable("");

    let upgraded = |separated: &Separated| {
        separated.own(&["upgrade", "head"]).exits(0);
        let current = separated.own(&["current"]).exits(0).stdout;
        assert_eq!(current.trim(), HEAD);
    };
    let ini = separated.root().join("alembic.ini");
    let text = fs::read_to_string(&ini).expect("it is there");
    let escaped = format!("sqlalchemy.url = {}", url.replace('%', "%%"));
    let lines = text
        .lines()
        .map(|line| match line.starts_with("sqlalchemy.url") {
            true => escaped.as_str(),
            false => line,
        });
    let text: Vec<&str> = lines.collect();
    fs::write(&ini, text.join("\n")).expect("it can be written");
    upgraded(&separated);
    separated.add_to_ini(&escaped);
    upgraded(&separated);
    upgraded(&separated.with_variable(&url));
});

/// The variable comes first, then the environment's own ini, then the application's.
#[test]
fn the_first_that_is_there_is_taken() {
    let separated = Separated::beside_an_application(Driver::Psycopg);
    let is_at = |database: &Database| {
        !database
            .query("SELECT 1 FROM pg_tables WHERE tablename = 'alembic_version_procrastinate'")
            .is_empty()
    };
    let (own, variable) = (Database::new(), Database::new());
    let url = own.url(Driver::Psycopg);
    separated.add_to_ini(&format!("sqlalchemy.url = {}", url.replace('%', "%%")));
    separated.own(&["upgrade", "+1"]).exits(0);
    assert!(is_at(&own) && !is_at(separated.database()));

    let url = variable.url(Driver::Psycopg);
    let separated = separated.with_variable(&url);
    separated.own(&["upgrade", "+2"]).exits(0);
    assert!(is_at(&variable) && !is_at(separated.database()));

    separated.edit_ini(INI, |line| !line.starts_with("sqlalchemy.url"));
    let separated = separated.with_variable("");
    separated.own(&["upgrade", "+3"]).exits(0);
    assert!(is_at(separated.database()));
}

/// What hosting services write.
#[test]
fn the_short_scheme_is_accepted() {
    for scheme in ["postgres+psycopg:", "postgres+asyncpg:"] {
        let separated = Separated::alone("3.10.0");
        let url = separated.database().url(Driver::Psycopg);
        let url = url.replacen("postgresql+psycopg:", scheme, 1);
        let separated = separated.with_variable(&url);
        separated.own(&["upgrade", "head"]).exits(0);
    }
}

#[test]
fn without_a_url_every_place_is_named() {
    let separated = Separated::beside_an_application(Driver::Psycopg);
    separated.edit_ini("alembic.ini", |line| !line.starts_with("sqlalchemy.url"));
    let failed = separated.own(&["upgrade", "head"]).exits(255);
    let failed = failed
        .says("no database URL: set the environment variable")
        .says(VARIABLE);
    failed.says(INI).says("alembic.ini");

    fs::remove_file(separated.root().join("alembic.ini")).expect("it is there");
    let failed = separated.own(&["upgrade", "head"]).exits(255);
    failed.says("there is no ").says("/alembic.ini");
}

/// The placeholder of `alembic init`, other databases, texts that are none: clear, and never with the password.
#[test]
fn a_bad_url_is_named_without_its_password() {
    let mut separated = Separated::alone("3.10.0");
    for (url, message) in [
        ("driver://user:S3cret@localhost/dbname", "is for driver"),
        ("mysql+pymysql://user:S3cret@localhost/x", "is for mysql"),
        ("S3cret", "is no database URL"),
        ("postgresql:/user:S3cret@localhost", "is no database URL"),
        (
            "postgresql://user:S3cret@localhost:port/x",
            "is no database URL",
        ),
        (
            "postgresql+none://user:S3cret@localhost/x",
            "postgresql.none",
        ),
    ] {
        separated = separated.with_variable(url);
        let failed = separated.own(&["upgrade", "head"]);
        assert_ne!(failed.status, Some(0), "{failed}");
        assert!(
            !format!("{}{}", failed.stdout, failed.stderr).contains("S3cret"),
            "{failed}"
        );
        failed.says(message);
    }
}

/// configparser would show the value.
#[test]
fn an_unescaped_percent_sign_is_named_without_the_password() {
    let separated = Separated::alone("3.10.0");
    separated.add_to_ini("sqlalchemy.url = postgresql+psycopg://user:S3cret%40@localhost/x");
    let failed = separated.own(&["upgrade", "head"]).exits(255);
    assert!(
        !format!("{}{}", failed.stdout, failed.stderr).contains("S3cret"),
        "{failed}"
    );
    failed.says("% is written %%").says(INI);
}
