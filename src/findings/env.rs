//! What `env.py` does to the vendored revisions.

use camino::Utf8Path;

use super::wiring::{Wired, Wiring};
use super::{Code, Finding, Severity};
use crate::alembic::env_file::{
    Configure, EnvFile, Metadata, Setting, Transaction, TransactionKind, Unclear,
};
use crate::lockfile::Mode;
use crate::python_source::Place;

pub(super) fn env_findings(wiring: &Wiring<'_>, wired: &mut Wired) {
    let Some((path, env)) = wiring.env else {
        return;
    };
    match env {
        Ok(env) => {
            let env = Env { path, env, wiring };
            env.late_options(wired);
            env.transactions(wired);
            env.run_arguments(wired);
            env.single_transaction(wired);
            env.asyncpg(wired);
            env.autogenerate(wired);
            env.unclear(wired);
        }
        Err(error) => {
            let message = format!(
                "it is not Python ({}): every `alembic upgrade` fails",
                error.message
            );
            let path = path.to_string();
            let remedy = "mend the file";
            let finding = Finding::new(Code::EnvUnreadable, Severity::Error, path, message, remedy);
            wired.findings.push(finding.at(error.line));
        }
    }
}

struct Env<'a> {
    path: &'a Utf8Path,
    env: &'a EnvFile,
    wiring: &'a Wiring<'a>,
}

impl Env<'_> {
    fn finding(&self, code: Code, place: &Place, message: &str, remedy: &str) -> Finding {
        let message = format!("`{}`: {message}", place.text);
        Finding::new(
            code,
            Severity::Error,
            self.path.to_string(),
            message,
            remedy,
        )
        .at(place.line)
    }

    fn late_options(&self, wired: &mut Wired) {
        for late in &self.env.late_options {
            let message = format!(
                "it sets `{}`, and Alembic has read that before it runs this file: `heads`, `history` and `revision` never \
                 see it, and `upgrade` applies nothing of what it adds",
                late.option
            );
            let remedy = "take the line out, and run `vendor-migrations init`, which sets the locations in Alembic's \
                          configuration";
            let finding = self.finding(Code::LocationsInEnv, &late.place, &message, remedy);
            // Where the configuration has the directory already, the line is dead weight.
            let severity = match self.wiring.looks_into_vendored() {
                Some(true) => Severity::Warning,
                Some(false) | None => Severity::Error,
            };
            wired.findings.push(Finding {
                severity,
                ..finding
            });
        }
    }

    fn transactions(&self, wired: &mut Wired) {
        let leaves = self
            .wiring
            .vendored
            .is_none_or(|vendored| vendored.leaves_transaction);
        let fails = |transaction: &&Transaction| {
            leaves && (transaction.kind == TransactionKind::Begun || !self.wiring.old_sqlalchemy)
        };
        for Transaction { kind, place } in self.env.transactions.iter().filter(fails) {
            let (message, remedy) = match kind {
                TransactionKind::Begun => (
                    "it opens the transaction itself, and a revision that has to leave it (`ALTER TYPE … ADD VALUE`) stops \
                     with an AssertionError",
                    "use `connect()` in place of `begin()`, and let `with context.begin_transaction():` begin it",
                ),
                TransactionKind::Implicit => (
                    "SQLAlchemy 2 begins a transaction for it, which is open when Alembic begins its own: a revision that has \
                     to leave it stops with an AssertionError",
                    "call `connection.commit()` after it, before `context.configure(…)`",
                ),
                TransactionKind::NotBegun => (
                    "migrations run outside of Alembic's transaction, and a revision that has to leave it stops with an \
                     AssertionError on SQLAlchemy 2",
                    "put it inside of `with context.begin_transaction():`",
                ),
            };
            wired
                .findings
                .push(self.finding(Code::EnvTransaction, place, message, remedy));
        }
    }

    /// What several databases in one environment need, and vendored revisions cannot take.
    fn run_arguments(&self, wired: &mut Wired) {
        if let Some(place) = &self.env.run_arguments {
            let message = "Alembic hands these arguments on to the `upgrade()` of every revision, and a vendored one takes none: \
                           every upgrade stops with a TypeError";
            let remedy = "keep Procrastinate's revisions in an environment of their own (`vendor-migrations init --separate`), or \
                          use a section of the configuration for each database";
            wired
                .findings
                .push(self.finding(Code::RunArguments, place, message, remedy));
        }
    }

    /// Copies run their whole SQL at once, inside of Alembic's transaction.
    fn single_transaction(&self, wired: &mut Wired) {
        let fails = self
            .wiring
            .vendored
            .is_some_and(|vendored| vendored.mode != Mode::Render && vendored.adds_enum_values);
        let configures: Vec<&Configure> = self.env.online().filter(|_| fails).collect();
        for configure in configures {
            match configure.transaction_per_migration {
                Setting::Value(true) => {}
                Setting::Default | Setting::Value(false) => {
                    let message = "all migrations run in one transaction, and Procrastinate's own revisions use an enum value \
                                   that an earlier one adds, which PostgreSQL refuses (UnsafeNewEnumValueUsage)";
                    let remedy = format!("give it `transaction_per_migration=True`, or {}", self.render());
                    wired.findings.push(self.finding(Code::SingleTransaction, &configure.place, message, &remedy));
                }
                Setting::Undecidable => wired.notes.push(format!(
                    "{}:{}: whether `transaction_per_migration` is True cannot be told; Procrastinate's own revisions need it",
                    self.path, configure.place.line
                )),
            }
        }
    }

    fn asyncpg(&self, wired: &mut Wired) {
        let copies = self
            .wiring
            .vendored
            .is_some_and(|vendored| vendored.mode != Mode::Render);
        if !copies {
            return;
        }
        let url = self.wiring.alembic.setting("sqlalchemy.url");
        if let Some(setting) = url
            .as_ref()
            .filter(|setting| driver(setting.text()) == Some("asyncpg"))
        {
            let message = "Procrastinate's own revisions run several statements at once, which asyncpg refuses (\"cannot insert \
                           multiple commands into a prepared statement\")";
            let remedy = format!(
                "{}, or migrate through another driver (`postgresql+psycopg`)",
                self.render()
            );
            let place = Some(&setting.place);
            wired.findings.push(self.wiring.finding(
                Code::AsyncpgCopies,
                place,
                message.to_owned(),
                &remedy,
            ));
        } else if let Some(place) = &self.env.asynchronous
            && url.is_none_or(|setting| {
                !setting
                    .text()
                    .is_some_and(|text| text.starts_with("postgres"))
            })
        {
            wired.notes.push(format!(
                "{}:{}: the engine is asynchronous, and its URL is not in Alembic's configuration; on asyncpg, \
                 Procrastinate's own revisions fail; if it is asyncpg, {}",
                self.path,
                place.line,
                self.render()
            ));
        }
    }

    /// How to get revisions that run everywhere.
    fn render(&self) -> &'static str {
        if self.wiring.is_in_place() {
            "vendor rendered revisions instead (docs/guide.md, \"In place\")"
        } else {
            "run `vendor-migrations sync --mode render`"
        }
    }

    fn autogenerate(&self, wired: &mut Wired) {
        for configure in self.env.online() {
            let compares = configure.target_metadata == Metadata::Given;
            if compares && configure.filters_procrastinate() == Some(false) {
                let message = "`alembic revision --autogenerate` and `alembic check` compare the whole database with your \
                               metadata, so they propose to drop Procrastinate's tables";
                let remedy = "give it an `include_name` that leaves them out; `vendor-migrations init` prints one";
                let finding =
                    self.finding(Code::AutogenerateFilter, &configure.place, message, remedy);
                wired.findings.push(Finding {
                    severity: Severity::Warning,
                    ..finding
                });
            }
        }
    }

    fn unclear(&self, wired: &mut Wired) {
        let reason = |unclear: &Unclear| match &unclear.place {
            Some(place) => format!("{} (line {})", unclear.kind.text(), place.line),
            None => unclear.kind.text().to_owned(),
        };
        let reasons: Vec<String> = self.env.unclear.iter().map(reason).collect();
        if !reasons.is_empty() {
            wired.notes.push(format!(
                "{} was checked in part only: {}",
                self.path,
                reasons.join("; ")
            ));
        }
    }
}

/// The driver in a URL such as `postgresql+asyncpg://…`.
fn driver(url: Option<&str>) -> Option<&str> {
    let (scheme, _) = url?.split_once("://")?;
    Some(scheme.split_once('+')?.1)
}
