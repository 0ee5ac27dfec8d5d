//! What a project's `env.py` plainly says; it is parsed, not run.
//!
//! `env.py` is a program, so not everything can be known. What cannot be followed is listed in [`EnvFile::unclear`], and a
//! fact is only stated where the file's own text shows it.

mod configure;
mod filter;
mod module;
mod options;
mod plugins;
mod script;
mod transactions;

use ruff_python_ast::ExprCall;

use self::configure::configure_calls;
use self::module::Module;
use self::options::{asynchronous, late_options, takes_configured_url};
use self::plugins::plugins;
use self::script::script_changes;
use self::transactions::{Followed, transactions};
use super::search_path::{PathSign, signs};
use crate::python_source::{
    Expr, Place, Stmt, SyntaxError, called, calls, expressions, parse, string_of,
};

pub use self::configure::{Configure, TableName, Word};
pub use self::options::LateOption;
pub use self::plugins::{Plugin, PluginKind};
pub use self::script::ScriptChange;
pub use self::transactions::{Lost, Transaction, TransactionKind};

/// The facts of one `env.py`, each list in the order of the file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnvFile {
    /// What makes Alembic's `autocommit_block()` fail: transactions that are open while migrations run and that Alembic did
    /// not begin, or that it should have begun and did not.
    pub transactions: Vec<Transaction>,
    /// What holds to the end of Alembic's transaction, and is gone at the first `autocommit_block()`.
    pub lost: Vec<(Lost, Place)>,
    /// Options of Alembic's that are set in `env.py`. Alembic has read them before it runs the file.
    pub late_options: Vec<LateOption>,
    /// Changes of the list of locations that Alembic has made of its configuration: `upgrade` sees them.
    pub script_changes: Vec<ScriptChange>,
    pub configures: Vec<Configure>,
    /// Packages that make autogenerate compare more than tables.
    pub plugins: Vec<Plugin>,
    /// The first sign of an asynchronous engine; none if it is a synchronous one.
    pub asynchronous: Option<Place>,
    /// `context.run_migrations(name=…)`: Alembic hands the arguments on to the `upgrade()` of every revision.
    pub run_arguments: Option<Place>,
    /// Where tables get another schema by `schema_translate_map`.
    pub translates: Option<Place>,
    /// Where the search path is set to another schema than `public`.
    pub search_paths: Vec<PathSign>,
    /// It takes the connection that a program hands on: `config.attributes["connection"]`.
    pub takes_connection: bool,
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
        let followed = transactions(&module);
        let configures = configure_calls(&module);
        Ok(Self {
            transactions: followed.transactions,
            lost: followed.lost,
            late_options: late_options(&module),
            script_changes: script_changes(&module),
            plugins: plugins(&module, &configures),
            asynchronous: asynchronous(&module),
            run_arguments: run_arguments(&module),
            translates: translates(&module),
            search_paths: signs(source, parsed.suite()),
            takes_connection: takes_connection(&module),
            configured_url: takes_configured_url(&module),
            unclear: unclear(&module, &configures, followed.is_complete),
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

/// The transactions that are open on a connection while a program that is no `env.py` hands it on to Alembic.
pub(super) fn shared_connections(source: &str, suite: &[Stmt]) -> Followed {
    if !(source.contains("attributes") && source.contains("connection")) {
        return Followed::default();
    }
    transactions(&Module::read(source, suite))
}

fn takes_connection(module: &Module) -> bool {
    let all = expressions(module.suite);
    let has =
        |is_wanted: &dyn Fn(&Expr) -> bool| all.iter().any(|expression| is_wanted(expression));
    has(&|expression| {
        let attribute = expression.as_attribute_expr();
        attribute.is_some_and(|attribute| attribute.attr.as_str() == "attributes")
    }) && has(&|expression| string_of(expression).as_deref() == Some("connection"))
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

/// `schema_translate_map`, as an option of whatever call, or as an entry of a dictionary of options.
fn translates(module: &Module) -> Option<Place> {
    const MAP: &str = "schema_translate_map";
    let named = calls(module.suite).filter_map(|call| call.arguments.find_keyword(MAP));
    let values = named.map(|keyword| (&keyword.value, module.place(keyword)));
    let entries = expressions(module.suite)
        .into_iter()
        .filter_map(|expression| expression.as_dict_expr())
        .flat_map(|dict| &dict.items)
        .filter(|item| item.key.as_ref().and_then(string_of).as_deref() == Some(MAP))
        .map(|item| (&item.value, module.place(&item.value)));
    let is_none = |value: &Expr| module.names.resolved(value).is_none_literal_expr();
    let mut found = values.chain(entries).filter(|(value, _)| !is_none(value));
    found.next().map(|(_, place)| place)
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
