//! What `env.py` does to the vendored revisions.

use camino::Utf8Path;

use super::wiring::{Found, Wiring};
use super::{Code, Finding, Severity};
use crate::alembic::env_file::{
    Configure, EnvFile, Lost, PluginKind, Transaction, TransactionKind, Unclear,
};
use crate::lockfile::Mode;
use crate::place::Place;
use crate::python_source;

pub(super) fn env_findings(wiring: &Wiring<'_>, found: &mut Found) {
    let Some(super::wiring::Env { path, file, .. }) = wiring.env else {
        return;
    };
    match file {
        Ok(file) => {
            let env = Reader { path, file, wiring };
            found.findings.extend(env.late_options());
            found.findings.extend(wiring.script_finding());
            found.findings.extend(env.transactions());
            found.findings.extend(env.lost());
            found.findings.extend(env.translated());
            found.findings.extend(env.run_arguments());
            found.findings.extend(env.no_url());
            env.single_transaction(found);
            env.asyncpg(found);
            found.findings.extend(env.autogenerate());
            env.plugins(found);
            found.notes.extend(env.unclear());
        }
        Err(error) if error.bound.is_some() => found
            .notes
            .push(format!("{path} was not checked: {}", error.message)),
        Err(error) => {
            let why = &error.message;
            let message = format!("it is not Python ({why}): every `alembic upgrade` fails");
            let place = Place::new(path.as_str()).at(error.line);
            let finding = Finding::error(Code::EnvUnreadable, place, message, "fix the file");
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

    fn late_options(&self) -> impl Iterator<Item = Finding> {
        self.file.late_options.iter().map(|late| {
            let message = format!(
                "it sets `{}`, but Alembic has read that option before it runs this file: `heads`, `history` and \
                 `revision` never see the change, and `upgrade` applies none of the revisions that it adds",
                late.option
            );
            let remedy = "remove the line, and run `vendor-migrations init`, which sets the locations in Alembic's \
                          configuration";
            // If the configuration has the directory already, the line does nothing.
            let severity = match self.wiring.looks_into_vendored() {
                Some(true) => Severity::Warning,
                Some(false) | None => Severity::Error,
            };
            self.finding(Code::LocationsInEnv, &late.place, &message, remedy).of(severity)
        })
    }

    fn transactions(&self) -> impl Iterator<Item = Finding> {
        let needs = self.wiring.needs;
        let leaves = needs.is_none_or(|needs| needs.leaves_transaction);
        // With a transaction for each migration, Alembic begins them itself.
        let begins = self
            .file
            .online()
            .any(|configure| configure.transaction_per_migration != Some(false));
        let fails = move |transaction: &&Transaction| {
            let is_begun = transaction.kind == TransactionKind::NotBegun && begins;
            let matters = transaction.kind == TransactionKind::Begun || !self.wiring.old_sqlalchemy;
            leaves && matters && !is_begun
        };
        let failing = self.file.transactions.iter().filter(fails);
        failing.map(|Transaction { kind, place }| {
            let (message, remedy) = match kind {
                TransactionKind::Begun => (
                    "it opens the transaction itself, and a revision that has to leave the transaction (`ALTER TYPE … ADD \
                     VALUE`) stops with an AssertionError",
                    "use `connect()` in place of `begin()`, and let `with context.begin_transaction():` begin the transaction",
                ),
                TransactionKind::Implicit => (
                    "SQLAlchemy 2 begins a transaction for it, and that transaction is still open when Alembic begins its \
                     own: a revision that has to leave the transaction stops with an AssertionError",
                    "call `connection.commit()` after it, before `context.configure(…)`",
                ),
                TransactionKind::NotBegun => (
                    "migrations run outside of Alembic's transaction, and a revision that has to leave the transaction \
                     stops with an AssertionError on SQLAlchemy 2",
                    "put it inside of `with context.begin_transaction():`",
                ),
            };
            self.finding(Code::EnvTransaction, place, message, remedy)
        })
    }

    /// What the first revision that leaves the transaction ends with it.
    fn lost(&self) -> impl Iterator<Item = Finding> {
        let needs = self.wiring.needs;
        let leaves = needs.is_none_or(|needs| needs.leaves_transaction);
        // Where the settings name no schema, `schema` says the same of a search path.
        let has_schema = self.wiring.has_schema;
        let is_new = move |lost: Lost| lost != Lost::SearchPath || has_schema;
        let lost = self.file.lost.iter();
        let lost = lost.filter(move |(lost, _)| leaves && is_new(*lost));
        lost.map(|(lost, place)| {
            let (what, remedy) = match lost {
                Lost::SearchPath => (
                    "it holds until the transaction ends, and a revision that has to leave the transaction (`ALTER TYPE … \
                     ADD VALUE`) ends it: your own revisions after that go to another schema, and `upgrade` exits 0",
                    "write `SET search_path TO …`, without LOCAL, and commit it before `context.configure(…)`",
                ),
                Lost::Role => (
                    "it holds until the transaction ends, and a revision that has to leave the transaction (`ALTER TYPE … \
                     ADD VALUE`) ends it: everything that is made after that belongs to another role",
                    "write `SET ROLE …`, without LOCAL, and commit it before `context.configure(…)`",
                ),
                Lost::Lock => (
                    "the lock is held until the transaction ends, and a revision that has to leave the transaction (`ALTER \
                     TYPE … ADD VALUE`) ends it: two deploys can then run at the same time",
                    "take `pg_advisory_lock(…)` before `context.configure(…)`, commit, and release it at the end with \
                     `pg_advisory_unlock(…)`",
                ),
                Lost::Setting => (
                    "it holds until the transaction ends, and a revision that has to leave the transaction (`ALTER TYPE … \
                     ADD VALUE`) ends it: everything after that runs without it",
                    "write `SET …`, without LOCAL, and commit it before `context.configure(…)`",
                ),
                Lost::Rollback => (
                    "a revision that has to leave the transaction (`ALTER TYPE … ADD VALUE`) commits what came before it, \
                     so this undoes only a part: tables and rows of `alembic_version` stay",
                    "for a dry run, print the SQL with `alembic upgrade heads --sql`, or upgrade a copy of the database",
                ),
            };
            let severity = match lost {
                Lost::Setting | Lost::SearchPath => Severity::Warning,
                _ => Severity::Error,
            };
            self.finding(Code::TransactionLocal, place, what, remedy).of(severity)
        })
    }

    /// `schema_translate_map` changes what SQLAlchemy makes of its own tables, the version table among them.
    fn translated(&self) -> Option<Finding> {
        let place = self.file.translates.as_ref();
        let place = place.filter(|_| !self.wiring.has_schema)?;
        let message = "it moves the version table, and what Alembic's operations make, to another schema. It does not \
                       change the vendored revisions, because their SQL is text: their tables go where `search_path` \
                       points";
        let remedy = "set `schema = \"…\"` in the settings before the first `sync`, or set `search_path` on the connection";
        let finding = self.finding(Code::Schema, place, message, remedy);
        Some(finding.of(Severity::Warning))
    }

    /// Arguments for `upgrade()`, as environments with several databases use them. Vendored revisions take none.
    fn run_arguments(&self) -> Option<Finding> {
        let place = self.file.run_arguments.as_ref()?;
        let message = "Alembic passes these arguments to the `upgrade()` of every revision, but a vendored revision takes \
                       no arguments: every upgrade stops with a TypeError";
        let remedy = "keep Procrastinate's revisions in a separate environment (`vendor-migrations init --separate`), or \
                      use a section of the configuration for each database";
        Some(self.finding(Code::RunArguments, place, message, remedy))
    }

    /// A URL that was left to be filled in, in an environment of Procrastinate's own: for an application's, a program may set it.
    fn no_url(&self) -> Option<Finding> {
        let is_separate = self.wiring.directory == Some(&self.wiring.alembic.own_versions());
        let setting = self.wiring.alembic.setting("sqlalchemy.url")?;
        let is_empty = is_separate && self.file.configured_url && setting.text() == Some("");
        let message = "`sqlalchemy.url` is empty, and `env.py` takes the database's URL from here: every command that needs a \
                       database fails";
        let place = self.wiring.place(Some(&setting.place));
        is_empty.then(|| Finding::error(Code::NoUrl, place, message, "fill it in"))
    }

    /// Copies run their whole SQL at once, inside of Alembic's transaction.
    fn single_transaction(&self, found: &mut Found) {
        let needs = self.wiring.needs;
        let fails = needs.is_some_and(|needs| needs.mode != Mode::Render && needs.adds_enum_values);
        for configure in self.file.online().filter(|_| fails) {
            match configure.transaction_per_migration {
                Some(true) => {}
                Some(false) => {
                    let message = "all migrations run in one transaction, and Procrastinate's own revisions use an enum \
                                   value that an earlier revision adds; PostgreSQL refuses this in one transaction \
                                   (UnsafeNewEnumValueUsage)";
                    let remedy = format!("give it `transaction_per_migration=True`, or {}", self.render());
                    found.findings.push(self.finding(Code::SingleTransaction, &configure.place, message, &remedy));
                }
                None => found.notes.push(format!(
                    "{}:{}: it is not known whether `transaction_per_migration` is True; Procrastinate's own revisions need it",
                    self.path, configure.place.line
                )),
            }
        }
    }

    fn asyncpg(&self, found: &mut Found) {
        let needs = self.wiring.needs;
        if needs.is_none_or(|needs| needs.mode == Mode::Render) {
            return;
        }
        let url = self.wiring.url.as_ref();
        let text = url.and_then(|setting| setting.text());
        if let Some(setting) = url
            && driver(text) == Some("asyncpg")
        {
            let message = "Procrastinate's own revisions run several statements at once, which asyncpg refuses (\"cannot insert \
                           multiple commands into a prepared statement\")";
            let remedy = format!(
                "{}, or migrate through another driver (`postgresql+psycopg`)",
                self.render()
            );
            let place = Place::from(&setting.place);
            found
                .findings
                .push(Finding::error(Code::AsyncpgCopies, place, message, remedy));
        } else if let Some(place) = &self.file.asynchronous
            && !text.is_some_and(|text| text.starts_with("postgres"))
        {
            found.notes.push(format!(
                "{}:{}: the engine is asynchronous, and no configuration file has its URL; on asyncpg, Procrastinate's own \
                 revisions fail; if the engine uses asyncpg, {}",
                self.path,
                place.line,
                self.render()
            ));
        }
    }

    fn render(&self) -> &'static str {
        if self.wiring.is_in_place() {
            "vendor rendered revisions instead (docs/shipped-revisions.md)"
        } else {
            "run `vendor-migrations sync --mode render`"
        }
    }

    fn autogenerate(&self) -> impl Iterator<Item = Finding> {
        let drops = |configure: &&Configure| {
            configure.has_metadata && configure.filters_procrastinate == Some(false)
        };
        self.file.online().filter(drops).map(|configure| {
            let message = "`alembic revision --autogenerate` and `alembic check` compare the whole database with your \
                           metadata, so they propose to drop Procrastinate's tables";
            let remedy = "give it an `include_name` that leaves them out; `vendor-migrations init` prints one";
            let finding = self.finding(Code::AutogenerateFilter, &configure.place, message, remedy);
            finding.of(Severity::Warning)
        })
    }

    /// Packages that compare functions, triggers and enums, too.
    fn plugins(&self, found: &mut Found) {
        for plugin in &self.file.plugins {
            let (drops, remedy) = match plugin.kind {
                PluginKind::AlembicUtils => (
                    "it compares all functions and triggers, and gives your filter names such as `public.procrastinate_…`: \
                     the next autogenerated revision drops those of Procrastinate, and `upgrade` exits 0",
                    "write the filter as `vendor-migrations init` prints it",
                ),
                PluginKind::PostgresqlEnum => (
                    "it drops enums that your metadata does not use, including Procrastinate's, and ignores Alembic's filters",
                    "`alembic_postgresql_enum.set_configuration(alembic_postgresql_enum.Config(include_name=lambda name: not \
                     name.startswith(\"procrastinate_\")))`",
                ),
                PluginKind::DeclarativeExtensions => (
                    "it drops functions and triggers that are not declared, including Procrastinate's, and uses no filter",
                    "`Functions(ignore=[\"*procrastinate_*\"])`, and the same for `Triggers`, where they are declared",
                ),
            };
            match plugin.spares {
                Some(true) => {}
                Some(false) => {
                    let finding =
                        self.finding(Code::AutogenerateFilter, &plugin.place, drops, remedy);
                    found.findings.push(finding.of(Severity::Warning));
                }
                None => found.notes.push(format!(
                    "{}:{}: this file does not show whether `{}` leaves Procrastinate's objects alone: {drops}; {remedy}",
                    self.path,
                    plugin.place.line,
                    plugin.kind.module()
                )),
            }
        }
    }

    fn unclear(&self) -> Option<String> {
        let reason = |unclear: &Unclear| match &unclear.place {
            Some(place) => format!("{} (line {})", unclear.reason, place.line),
            None => unclear.reason.to_owned(),
        };
        let reasons: Vec<String> = self.file.unclear.iter().map(reason).collect();
        let list = reasons.join("; ");
        (!reasons.is_empty()).then(|| format!("{} was checked in part only: {list}", self.path))
    }
}

/// The driver in a URL such as `postgresql+asyncpg://…`.
fn driver(url: Option<&str>) -> Option<&str> {
    let (scheme, _) = url?.split_once("://")?;
    Some(scheme.split_once('+')?.1)
}
