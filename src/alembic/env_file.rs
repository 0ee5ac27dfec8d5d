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
use self::options::{asynchronous, late_options};
use self::transactions::transactions;
use crate::python_source::{Place, SyntaxError, called, calls, parse};

pub use self::configure::{Configure, Metadata, Setting};
pub use self::filter::Filter;
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
    /// What cannot be decided without running the file.
    pub unclear: Vec<Unclear>,
}

/// Something that cannot be decided without running the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unclear {
    pub kind: UnclearKind,
    /// Where; none if it is about the file as a whole.
    pub place: Option<Place>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UnclearKind {
    /// No call of `context.configure(…)` is in the file: something that it imports does it.
    NoConfigure,
    /// No call of `run_migrations(…)` is in the file: something that it imports does it.
    NoRun,
    /// `context.configure(**options)`, with options that are made elsewhere.
    OpenConfigure,
    /// `exec`, `eval`, `runpy` or the like.
    Executes,
    /// Its functions call each other in more ways than are followed; transactions may have been missed.
    TooManyPaths,
}

impl UnclearKind {
    /// For people; a sentence without its end.
    pub fn text(self) -> &'static str {
        match self {
            Self::NoConfigure => "it does not call `context.configure` itself",
            Self::NoRun => "it does not call `context.run_migrations` itself",
            Self::OpenConfigure => "it gives `context.configure` options that are made elsewhere",
            Self::Executes => "it executes other Python code",
            Self::TooManyPaths => "its functions call each other in too many ways",
        }
    }
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
            unclear: unclear(&module, &configures, followed),
            configures,
        })
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
    let mut push = |kind, place| found.push(Unclear { kind, place });
    if configures.is_empty() {
        push(UnclearKind::NoConfigure, None);
    }
    if runs(module).next().is_none() {
        push(UnclearKind::NoRun, None);
    }
    for configure in configures.iter().filter(|configure| configure.open) {
        push(UnclearKind::OpenConfigure, Some(configure.place.clone()));
    }
    for call in calls(module.suite).filter(|call| EXECUTES.contains(&called(call))) {
        push(UnclearKind::Executes, Some(module.place(call)));
    }
    if !followed {
        push(UnclearKind::TooManyPaths, None);
    }
    found
}

#[cfg(test)]
mod tests;
