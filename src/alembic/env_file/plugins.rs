//! Packages that make autogenerate compare more than tables. Measured with alembic_utils 0.8.8, alembic-postgresql-enum 1.11.0 and
//! sqlalchemy-declarative-extensions 0.17.0.

use ruff_python_ast::{Expr, ExprCall};

use super::configure::Configure;
use super::filter::spares;
use super::module::Module;
use crate::python_source::{Place, called, calls};

/// A package that `env.py` imports.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plugin {
    pub kind: PluginKind,
    /// Where it is named first.
    pub place: Place,
    /// Whether it leaves Procrastinate's objects alone; none if undecidable.
    pub spares: Option<bool>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PluginKind {
    /// It drops functions and triggers that are not registered, and asks Alembic's filters for `public.procrastinate_…`.
    AlembicUtils,
    /// It drops enums that no table of the metadata uses, and asks a filter of its own only.
    PostgresqlEnum,
    /// It drops functions and triggers that are not declared, and asks no filter.
    DeclarativeExtensions,
}

impl PluginKind {
    const ALL: [Self; 3] = [
        Self::AlembicUtils,
        Self::PostgresqlEnum,
        Self::DeclarativeExtensions,
    ];

    /// The name that is imported.
    pub fn module(self) -> &'static str {
        match self {
            Self::AlembicUtils => "alembic_utils",
            Self::PostgresqlEnum => "alembic_postgresql_enum",
            Self::DeclarativeExtensions => "sqlalchemy_declarative_extensions",
        }
    }
}

pub(super) fn plugins(module: &Module, configures: &[Configure]) -> Vec<Plugin> {
    PluginKind::ALL
        .into_iter()
        .filter_map(|kind| {
            let package = kind.module();
            let is_it = |name: &str| name.split('.').next() == Some(package);
            let mut lines = module.source.lines().enumerate();
            let is_imported = module
                .names
                .any(|name| name.imported.iter().any(|imported| is_it(imported)));
            let (index, text) = lines.find(|(_, line)| is_imported && line.contains(package))?;
            Some(Plugin {
                kind,
                place: Place {
                    line: index + 1,
                    text: text.trim().to_owned(),
                },
                spares: match kind {
                    PluginKind::AlembicUtils => by_registration(module, configures),
                    PluginKind::PostgresqlEnum => by_configuration(module),
                    PluginKind::DeclarativeExtensions => by_declaration(module),
                },
            })
        })
        .collect()
}

/// `register_entities(entities, entity_types=[…])`: without a call, nothing is compared.
fn by_registration(module: &Module, configures: &[Configure]) -> Option<bool> {
    let registered = calls(module.suite).filter(|call| called(call) == "register_entities");
    let compares = |call: &ExprCall| match call.arguments.find_keyword("entity_types") {
        Some(types) => {
            let parts = module.names.reached(&types.value);
            let text = |part: &&Expr| module.text(*part).to_owned();
            let mut names = parts.iter().map(text);
            names.any(|name| name.ends_with("Function") || name.ends_with("Trigger"))
        }
        // The types of what is registered.
        None => {
            let given = call.arguments.args.first();
            let list = given.and_then(|given| module.names.resolved(given).as_list_expr());
            list.is_none_or(|list| !list.elts.is_empty())
        }
    };
    let mut registered = registered.filter(|call| compares(call));
    match registered.next() {
        Some(_) => by_filters(configures),
        None => Some(true),
    }
}

fn by_filters(configures: &[Configure]) -> Option<bool> {
    let mut online = configures.iter().filter(|configure| configure.online);
    let first = online.next()?.filters_all;
    online.fold(first, |all, configure| match (all, configure.filters_all) {
        (Some(true), other) => other,
        (Some(false), _) | (_, Some(false)) => Some(false),
        (None, _) => None,
    })
}

/// `set_configuration(Config(include_name=…))`
fn by_configuration(module: &Module) -> Option<bool> {
    let mut set = calls(module.suite).filter(|call| called(call) == "set_configuration");
    if set.next().is_none() {
        return Some(false);
    }
    if is_off(module, "Config", &["drop_unused_enums"]) {
        return Some(true);
    }
    let filters = calls(module.suite).filter(|call| called(call) == "Config");
    let filters: Vec<Option<bool>> = filters
        .filter_map(|call| call.arguments.find_keyword("include_name"))
        .map(|keyword| spares(module, &keyword.value).tables)
        .collect();
    match &filters[..] {
        [] => Some(false),
        [one] => *one,
        _ => None,
    }
}

/// `declare_database(metadata, functions=Functions(ignore=[…]), triggers=Triggers(ignore=[…]))`
fn by_declaration(module: &Module) -> Option<bool> {
    if is_off(
        module,
        "register_alembic_events",
        &["functions", "triggers"],
    ) {
        return Some(true);
    }
    let mut declared = calls(module.suite).filter(|call| called(call) == "declare_database");
    let declared = declared.next()?;
    let given = ["functions", "triggers"].map(|name| declared.arguments.find_keyword(name));
    let mut given = given.into_iter().flatten().peekable();
    // What is not declared is not compared.
    given.peek()?;
    let spared = given.all(|keyword| {
        let parts = module.names.reached(&keyword.value).into_iter();
        let mut calls = parts.filter_map(|part| part.as_call_expr());
        calls.any(ignores)
    });
    Some(spared)
}

/// Whether a call turns all of these options off.
fn is_off(module: &Module, function: &str, options: &[&str]) -> bool {
    let off = |call: &ExprCall, option: &str| {
        let keyword = call.arguments.find_keyword(option);
        keyword.is_some_and(|keyword| {
            keyword
                .value
                .as_boolean_literal_expr()
                .is_some_and(|literal| !literal.value)
        })
    };
    let mut called = calls(module.suite).filter(|call| called(call) == function);
    called.any(|call| options.iter().all(|option| off(call, option)))
}

fn ignores(call: &ExprCall) -> bool {
    let names = ["ignore", "ignore_unspecified", "include"];
    names
        .iter()
        .any(|name| call.arguments.find_keyword(name).is_some())
}
