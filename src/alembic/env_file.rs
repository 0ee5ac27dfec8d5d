//! What a project's `env.py` plainly says; it is parsed, not run.
//!
//! `env.py` is a program, so not everything can be known. What cannot be followed is listed in [`EnvFile::unclear`], and a
//! fact is only stated where the file's own text shows it.

mod configure;
mod filter;
mod module;
mod options;
mod transactions;

use ruff_python_ast::ExprCall;

use self::configure::configure_calls;
use self::module::Module;
use self::options::{asynchronous, late_options, takes_configured_url};
use self::transactions::transactions;
use super::search_path::{PathSign, signs};
use crate::python_source::{Place, SyntaxError, called, calls, parse};

pub use self::configure::{Configure, TableName, Word};
pub use self::options::LateOption;
pub use self::transactions::{Transaction, TransactionKind};

/// The facts of one `env.py`, each list in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// What makes Alembic's `autocommit_block()` fail: transactions that are open while migrations run and that Alembic did
    /// not begin, or that it should have begun and did not.
    pub transactions: Vec<Transaction>,
    /// Options of Alembic's that are set in `env.py`. Alembic has read them before it runs the file.
    pub late_options: Vec<LateOption>,
    pub configures: Vec<Configure>,
    /// The first sign of an asynchronous engine; none if it is a synchronous one.
    pub asynchronous: Option<Place>,
    /// `context.run_migrations(name=…)`: Alembic hands the arguments on to the `upgrade()` of every revision.
    pub run_arguments: Option<Place>,
    /// Where the search path is set to another schema than `public`.
    pub search_paths: Vec<PathSign>,
    /// It plainly connects to `sqlalchemy.url` of Alembic's configuration, as that has it.
    pub configured_url: bool,
    /// What cannot be decided without running the file.
    pub unclear: Vec<Unclear>,
}

/// Something that cannot be decided without running the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    /// A sentence without its end.
    pub reason: &'static str,
    /// None if it is about the file as a whole.
    pub place: Option<Place>,
}

impl EnvFile {
    pub fn parse(source: &str) -> Result<Self, SyntaxError> {
        let parsed = parse(source)?;
        let module = Module::read(source, parsed.suite());
        let (transactions, followed) = transactions(&module);
        let configures = configure_calls(&module);
        Ok(Self {
            transactions,
            late_options: late_options(&module),
            asynchronous: asynchronous(&module),
            run_arguments: run_arguments(&module),
            search_paths: signs(source, parsed.suite()),
            configured_url: takes_configured_url(&module),
            unclear: unclear(&module, &configures, followed),
            configures,
        })
    }

    /// How the version table is called, if all calls that are given a connection say the same.
    pub fn version_table(&self) -> TableName {
        let mut names = self.online().map(|configure| &configure.table);
        match names.next() {
            Some(first) if names.all(|other| other == first) => first.clone(),
            _ => TableName::unknown(),
        }
    }

    /// The `context.configure(…)` calls that autogenerate compares a database through.
    pub fn online(&self) -> impl Iterator<Item = &Configure> {
        self.configures.iter().filter(|configure| configure.online)
    }
}

/// Calls of `run_migrations`, of whatever object.
fn runs<'a>(module: &Module<'a>) -> impl Iterator<Item = &'a ExprCall> {
    calls(module.suite)
        .filter(|call| called(call) == "run_migrations" && call.func.is_attribute_expr())
}

fn run_arguments(module: &Module) -> Option<Place> {
    let is_named = |call: &&ExprCall| {
        let mut keywords = call.arguments.keywords.iter();
        keywords.any(|keyword| keyword.arg.is_some())
    };
    runs(module).find(is_named).map(|call| module.place(call))
}

fn unclear(module: &Module, configures: &[Configure], followed: bool) -> Vec<Unclear> {
    const EXECUTES: [&str; 5] = ["exec", "eval", "run_path", "run_module", "exec_module"];
    let mut found = Vec::new();
    let mut push = |reason, place| found.push(Unclear { reason, place });
    if configures.is_empty() {
        push("it does not call `context.configure` itself", None);
    }
    if runs(module).next().is_none() {
        push("it does not call `context.run_migrations` itself", None);
    }
    for configure in configures.iter().filter(|configure| configure.open) {
        let reason = "it gives `context.configure` options that are made elsewhere";
        push(reason, Some(configure.place.clone()));
    }
    for call in calls(module.suite).filter(|call| EXECUTES.contains(&called(call))) {
        push("it executes other Python code", Some(module.place(call)));
    }
    if !followed {
        push("its functions call each other in too many ways", None);
    }
    found
}

#[cfg(test)]
mod tests;
