//! What `env.py` does to the vendored revisions.

use camino::Utf8Path;

use super::wiring::{Found, Wiring};
use super::{Code, Finding, Severity};
use crate::alembic::env_file::{Configure, EnvFile, Transaction, TransactionKind, Unclear};
use crate::lockfile::Mode;
use crate::place::Place;
use crate::python_source;

pub(super) fn env_findings(wiring: &Wiring<'_>, found: &mut Found) {
    let Some(super::wiring::Env { path, file }) = wiring.env else {
        return;
    };
    match file {
        Ok(file) => {
            let env = Reader { path, file, wiring };
            env.late_options(found);
            env.transactions(found);
            env.run_arguments(found);
            env.single_transaction(found);
            env.asyncpg(found);
            env.autogenerate(found);
            env.unclear(found);
        }
        Err(error) => {
            let message = format!(
                "it is not Python ({}): every `alembic upgrade` fails",
                error.message
            );
            let place = Place::new(path.as_str()).at(error.line);
            let remedy = "mend the file";
            let finding = Finding::error(Code::EnvUnreadable, place, message, remedy);
            found.findings.push(finding);
        }
    }
}

struct Reader<'a> {
    path: &'a Utf8Path,
    file: &'a EnvFile,
    wiring: &'a Wiring<'a>,
}

impl Reader<'_> {
    fn finding(
        &self,
        code: Code,
        place: &python_source::Place,
        message: &str,
        remedy: &str,
    ) -> Finding {
        let message = format!("`{}`: {message}", place.text);
        let place = Place::new(self.path.as_str()).at(place.line);
        Finding::error(code, place, message, remedy)
    }

    fn late_options(&self, found: &mut Found) {
        for late in &self.file.late_options {
            let message = format!(
                "it sets `{}`, and Alembic has read that before it runs this file: `heads`, `history` and `revision` never \
                 see it, and `upgrade` applies nothing of what it adds",
                late.option
            );
            let remedy = "take the line out, and run `vendor-migrations init`, which sets the locations in Alembic's \
                          configuration";
            let finding = self.finding(Code::LocationsInEnv, &late.place, &message, remedy);
            // If the configuration has the directory already, the line does nothing.
            let severity = match self.wiring.looks_into_vendored() {
                Some(true) => Severity::Warning,
                Some(false) | None => Severity::Error,
            };
            found.findings.push(Finding {
                severity,
                ..finding
            });
        }
    }

    fn transactions(&self, found: &mut Found) {
        let leaves = self
            .wiring
            .needs
            .is_none_or(|needs| needs.leaves_transaction);
        let fails = |transaction: &&Transaction| {
            leaves && (transaction.kind == TransactionKind::Begun || !self.wiring.old_sqlalchemy)
        };
        for Transaction { kind, place } in self.file.transactions.iter().filter(fails) {
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
            found
                .findings
                .push(self.finding(Code::EnvTransaction, place, message, remedy));
        }
    }

    /// Arguments for `upgrade()`, as environments with several databases use them. Vendored revisions take none.
    fn run_arguments(&self, found: &mut Found) {
        if let Some(place) = &self.file.run_arguments {
            let message = "Alembic hands these arguments on to the `upgrade()` of every revision, and a vendored one takes none: \
                           every upgrade stops with a TypeError";
            let remedy = "keep Procrastinate's revisions in an environment of their own (`vendor-migrations init --separate`), or \
                          use a section of the configuration for each database";
            found
                .findings
                .push(self.finding(Code::RunArguments, place, message, remedy));
        }
    }

    /// Copies run their whole SQL at once, inside of Alembic's transaction.
    fn single_transaction(&self, found: &mut Found) {
        let fails = self
            .wiring
            .needs
            .is_some_and(|needs| needs.mode != Mode::Render && needs.adds_enum_values);
        let configures: Vec<&Configure> = self.file.online().filter(|_| fails).collect();
        for configure in configures {
            match configure.transaction_per_migration {
                Some(true) => {}
                Some(false) => {
                    let message = "all migrations run in one transaction, and Procrastinate's own revisions use an enum value \
                                   that an earlier one adds, which PostgreSQL refuses (UnsafeNewEnumValueUsage)";
                    let remedy = format!("give it `transaction_per_migration=True`, or {}", self.render());
                    found.findings.push(self.finding(Code::SingleTransaction, &configure.place, message, &remedy));
                }
                None => found.notes.push(format!(
                    "{}:{}: whether `transaction_per_migration` is True cannot be told; Procrastinate's own revisions need it",
                    self.path, configure.place.line
                )),
            }
        }
    }

    fn asyncpg(&self, found: &mut Found) {
        let copies = self
            .wiring
            .needs
            .is_some_and(|needs| needs.mode != Mode::Render);
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
            let place = self.wiring.place(Some(&setting.place));
            let finding = Finding::error(Code::AsyncpgCopies, place, message, remedy);
            found.findings.push(finding);
        } else if let Some(place) = &self.file.asynchronous
            && url.is_none_or(|setting| {
                !setting
                    .text()
                    .is_some_and(|text| text.starts_with("postgres"))
            })
        {
            found.notes.push(format!(
                "{}:{}: the engine is asynchronous, and its URL is not in Alembic's configuration; on asyncpg, \
                 Procrastinate's own revisions fail; if it is asyncpg, {}",
                self.path,
                place.line,
                self.render()
            ));
        }
    }

    /// How the user gets rendered revisions.
    fn render(&self) -> &'static str {
        if self.wiring.is_in_place() {
            "vendor rendered revisions instead (docs/guide.md, \"In place\")"
        } else {
            "run `vendor-migrations sync --mode render`"
        }
    }

    fn autogenerate(&self, found: &mut Found) {
        for configure in self.file.online() {
            if configure.has_metadata && configure.filters_procrastinate == Some(false) {
                let message = "`alembic revision --autogenerate` and `alembic check` compare the whole database with your \
                               metadata, so they propose to drop Procrastinate's tables";
                let remedy = "give it an `include_name` that leaves them out; `vendor-migrations init` prints one";
                let finding =
                    self.finding(Code::AutogenerateFilter, &configure.place, message, remedy);
                found.findings.push(Finding {
                    severity: Severity::Warning,
                    ..finding
                });
            }
        }
    }

    fn unclear(&self, found: &mut Found) {
        let reason = |unclear: &Unclear| match &unclear.place {
            Some(place) => format!("{} (line {})", unclear.reason, place.line),
            None => unclear.reason.to_owned(),
        };
        let reasons: Vec<String> = self.file.unclear.iter().map(reason).collect();
        if !reasons.is_empty() {
            found.notes.push(format!(
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
