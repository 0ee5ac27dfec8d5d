//! One PostgreSQL server of a version a test process, one fresh database a test.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::sync::LazyLock;
use std::sync::atomic::{AtomicUsize, Ordering};

use camino::Utf8Path;
use serde_json::Value;

use super::process::{Outcome, feed, run};
use super::{package, python};

/// A driver that Alembic can use for PostgreSQL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Driver {
    Psycopg,
    Psycopg2,
    Asyncpg,
}

impl Driver {
    fn dialect(self) -> &'static str {
        match self {
            Driver::Psycopg => "postgresql+psycopg",
            Driver::Psycopg2 => "postgresql+psycopg2",
            Driver::Asyncpg => "postgresql+asyncpg",
        }
    }
}

/// The server stops, and deletes its data, when the pipe to its stdin closes: at the latest with
/// this process, however that ends.
struct Server {
    _process: Child,
    socket: String,
    port: u64,
    psql: String,
}

/// Which version of the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Major {
    Sixteen,
    Eighteen,
}

impl Major {
    fn server(self) -> &'static Server {
        static SIXTEEN: LazyLock<Server> = LazyLock::new(|| start("16"));
        static EIGHTEEN: LazyLock<Server> = LazyLock::new(|| start("18"));
        match self {
            Self::Sixteen => &SIXTEEN,
            Self::Eighteen => &EIGHTEEN,
        }
    }
}

fn start(major: &str) -> Server {
    let mut process = python::script("server.py")
        .arg(major)
        .env("PYTHONWARNINGS", "ignore")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the server's script can be started");
    let mut line = String::new();
    let stdout = process.stdout.take().expect("stdout is a pipe");
    BufReader::new(stdout)
        .read_line(&mut line)
        .expect("the server's script answers");
    let answer: Value = serde_json::from_str(&line).expect("PostgreSQL starts; see stderr above");
    let text = |key: &str| answer[key].as_str().expect("a string").to_owned();
    Server {
        socket: text("socket"),
        psql: text("psql"),
        port: answer["port"].as_u64().expect("a number"),
        _process: process,
    }
}

/// An empty database of its own. It goes with the server.
pub(crate) struct Database {
    name: String,
    server: &'static Server,
}

impl Database {
    pub(crate) fn new() -> Self {
        Self::on(Major::Eighteen)
    }

    pub(crate) fn on(major: Major) -> Self {
        Self::create(major.server(), "template1")
    }

    /// A copy of it. Nobody may be connected to it.
    pub(crate) fn copy(&self) -> Self {
        Self::create(self.server, &self.name)
    }

    fn create(server: &'static Server, template: &str) -> Self {
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("e2e_{}", COUNT.fetch_add(1, Ordering::Relaxed));
        let create = format!("CREATE DATABASE {name} TEMPLATE {template}");
        run(server.psql("postgres").args(["-c", &create])).exits(0);
        Self { name, server }
    }

    /// A database in which a release's own `schema.sql` ran.
    pub(crate) fn of_release(release: &str) -> Self {
        Self::of_release_on(Major::Eighteen, release)
    }

    pub(crate) fn of_release_on(major: Major, release: &str) -> Self {
        let database = Self::on(major);
        let sql = package::read_from_wheel(release, "procrastinate/sql/schema.sql");
        database.psql(&sql).exits(0);
        database
    }

    /// The same, in a new schema: the release's `schema.sql` ran with it in the search path.
    pub(crate) fn of_release_in(release: &str, schema: &str) -> Self {
        let database = Self::new();
        let sql = package::read_from_wheel(release, "procrastinate/sql/schema.sql");
        let schema = quoted(schema);
        database
            .psql(&format!(
                "CREATE SCHEMA {schema}; SET search_path TO {schema};\n{sql}"
            ))
            .exits(0);
        database
    }

    /// The URL for SQLAlchemy. The socket's directory is percent-encoded, as a URL wants it.
    pub(crate) fn url(&self, driver: Driver) -> String {
        let Server { socket, port, .. } = self.server;
        let host = socket
            .replace('%', "%25")
            .replace('/', "%2F")
            .replace(' ', "%20");
        let (dialect, name) = (driver.dialect(), &self.name);
        format!("{dialect}://postgres@/{name}?host={host}&port={port}")
    }

    /// The URL of a new role that may do everything and has to know its password.
    pub(crate) fn url_with_password(&self, driver: Driver, password: &str) -> String {
        let role = format!("{}_user", self.name);
        let quoted = password.replace('\'', "''");
        self.psql(&format!(
            "CREATE ROLE {role} LOGIN PASSWORD '{quoted}' IN ROLE with_password;\n\
             ALTER DATABASE {} OWNER TO {role}; ALTER SCHEMA public OWNER TO {role};",
            self.name
        ))
        .exits(0);
        let encoded: String = password
            .bytes()
            .map(|byte| format!("%{byte:02X}"))
            .collect();
        self.url(driver)
            .replacen("postgres@", &format!("{role}:{encoded}@"), 1)
    }

    /// The connection string of libpq, for scripts that use psycopg or psycopg2 directly.
    pub(crate) fn dsn(&self) -> String {
        let Server { socket, port, .. } = self.server;
        format!(
            "host='{socket}' port={port} user=postgres dbname={}",
            self.name
        )
    }

    /// Runs a script as `psql` does: statement by statement, each its own transaction, up to the
    /// first error. Prints rows without alignment.
    #[track_caller]
    pub(crate) fn psql(&self, script: &str) -> Outcome {
        feed(
            self.server.psql(&self.name).args(["-f", "-"]),
            script.as_bytes(),
        )
    }

    /// `psql`, which reads a script from its standard input as it comes.
    pub(crate) fn session(&self) -> Command {
        self.server.psql(&self.name)
    }

    /// The rows that a query gives, as lines, columns separated by `|`.
    #[track_caller]
    pub(crate) fn query(&self, sql: &str) -> Vec<String> {
        let found = run(self.server.psql(&self.name).args(["-c", sql])).exits(0);
        found.stdout.lines().map(str::to_owned).collect()
    }

    /// The URL for `psql`, which is libpq's.
    pub(crate) fn libpq_url(&self) -> String {
        self.url(Driver::Psycopg).replacen("+psycopg", "", 1)
    }

    /// The directory of the server's own `psql` and `pg_dump`.
    pub(crate) fn programs(&self) -> &'static Utf8Path {
        let psql = Utf8Path::new(&self.server.psql);
        psql.parent().expect("it lies in a directory")
    }

    /// Runs the whole text in one call of psycopg without parameters: the raw migration, the way
    /// Procrastinate's own documentation has it applied.
    #[track_caller]
    pub(crate) fn execute(&self, sql: &str) {
        feed(python::script("execute.py").arg(self.dsn()), sql.as_bytes()).exits(0);
    }
}

/// A name as a SQL identifier.
pub(crate) fn quoted(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

impl Server {
    fn psql(&self, database: &str) -> Command {
        let Self {
            socket, port, psql, ..
        } = self;
        let mut command = Command::new(psql);
        command
            .env("PGOPTIONS", "--client-min-messages=warning")
            .env("PGCLIENTENCODING", "UTF8")
            .args(["--no-psqlrc", "--quiet", "--no-align", "--tuples-only"])
            .args(["-v", "ON_ERROR_STOP=1", "-U", "postgres", "-h", socket])
            .args(["-p", &port.to_string(), "-d", database]);
        command
    }
}

/// A module of three tests, one a driver, from a function that takes the driver.
macro_rules! on_every_driver {
    ($name:ident, $test:expr) => {
        mod $name {
            use super::*;

            fn on(driver: Driver) {
                let test: fn(Driver) = $test;
                test(driver);
            }

            #[test]
            fn psycopg() {
                on(Driver::Psycopg);
            }

            /// It differs from psycopg in little.
            #[test]
            fn psycopg2() {
                if crate::database::takes_all() {
                    on(Driver::Psycopg2);
                }
            }

            #[test]
            fn asyncpg() {
                on(Driver::Asyncpg);
            }
        }
    };
}
pub(crate) use on_every_driver;
