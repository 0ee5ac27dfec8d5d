//! Configurations that a program makes for itself: `Config(…)` and what it sets in it.

use super::python::File;
use super::{Call, Does};
use crate::python_source::{Expr, ExprCall, Ranged, Stmt, calls, line_at, string_of, written};

/// A `Config(…)` of Alembic's.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MadeConfig {
    /// The ini or TOML file that it reads.
    pub file: Given,
    pub script_location: Given,
    pub version_locations: Given,
    /// The name of what separates them.
    pub separator: Given,
}

/// What a program gives for a setting.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Given {
    #[default]
    Nothing,
    Text(String),
    /// It is only known when the program runs; these are the texts that it is made of.
    Parts(Vec<String>),
}

impl Given {
    /// The texts in it; none for nothing.
    pub fn texts(&self) -> &[String] {
        match self {
            Self::Nothing => &[],
            Self::Text(text) => std::slice::from_ref(text),
            Self::Parts(parts) => parts,
        }
    }
}

/// A file that makes more configurations than any program is not asked what it sets in which.
const MOST: usize = 100;

/// The configurations that a file makes.
pub(super) fn made<'a>(file: &File<'a>, suite: &'a [Stmt]) -> Vec<Call> {
    let is_config = |call: &&'a ExprCall| {
        file.names.full_name(&call.func).as_deref() == Some("alembic.config.Config")
    };
    let all: Vec<&'a ExprCall> = calls(suite).filter(is_config).collect();
    let settings: Vec<&'a ExprCall> = calls(suite)
        .filter(|call| call.func.is_attribute_expr() && sets(call))
        .collect();
    if all.len() > MOST {
        return all.iter().map(|made| unknown(file, made)).collect();
    }
    all.iter()
        .map(|made| {
            let own = settings
                .iter()
                .filter(|setting| all.len() == 1 || is_of(file, setting, made));
            let is_handed_on = calls(suite).any(|call| sets_elsewhere(file, call, made));
            let set = |key: &str| {
                let value = own.clone().filter_map(|setting| value(setting, key)).last();
                match value {
                    Some(value) => given(file, value),
                    None if is_handed_on || own.clone().any(|setting| sets_any(setting)) => {
                        Given::Parts(Vec::new())
                    }
                    None => Given::Nothing,
                }
            };
            let argument = |name: &str, at| made.arguments.find_argument_value(name, at);
            let read = argument("file_", 0).or_else(|| argument("toml_file", usize::MAX));
            Call {
                line: line_at(file.source, *made),
                does: Does::Configures(MadeConfig {
                    file: read.map_or(Given::Nothing, |read| given(file, read)),
                    script_location: set("script_location"),
                    version_locations: set("version_locations"),
                    separator: match set("version_path_separator") {
                        Given::Nothing => set("path_separator"),
                        given => given,
                    },
                }),
            }
        })
        .collect()
}

/// A configuration of which nothing is known but where it is made.
fn unknown(file: &File<'_>, made: &ExprCall) -> Call {
    let unknown = || Given::Parts(Vec::new());
    Call {
        line: line_at(file.source, made),
        does: Does::Configures(MadeConfig {
            file: unknown(),
            script_location: unknown(),
            version_locations: unknown(),
            separator: unknown(),
        }),
    }
}

fn sets(call: &ExprCall) -> bool {
    let name = call.func.as_attribute_expr().map(|of| of.attr.as_str());
    matches!(name, Some("set_main_option" | "set_section_option"))
}

/// Whether the setting is made on a name that stands for this configuration.
fn is_of(file: &File<'_>, setting: &ExprCall, made: &ExprCall) -> bool {
    let owner = setting.func.as_attribute_expr().map(|of| &*of.value);
    owner.is_some_and(|owner| stands_for(file, owner, made))
}

/// Whether it is a name for this configuration.
fn stands_for(file: &File<'_>, expression: &Expr, made: &ExprCall) -> bool {
    let name = expression.as_name_expr();
    let known = name.and_then(|name| file.names.get(&name.id));
    let is_it = |value: &Expr| {
        value
            .as_call_expr()
            .is_some_and(|call| call.range() == made.range())
    };
    known.is_some_and(|known| known.values.iter().any(|value| is_it(value)))
}

/// Whether a function of another module gets the configuration, and may set more in it.
fn sets_elsewhere(file: &File<'_>, call: &ExprCall, made: &ExprCall) -> bool {
    // Alembic's own, and what runs another function.
    const RUN: [&str; 6] = [
        "alembic",
        "asyncio",
        "anyio",
        "functools",
        "threading",
        "concurrent",
    ];
    let name = file.names.full_name(&call.func);
    let module = name.as_deref().and_then(|name| name.split_once('.'));
    let is_elsewhere = module.is_some_and(|(module, _)| !RUN.contains(&module));
    let mut given = call.arguments.args.iter();
    is_elsewhere && given.any(|argument| stands_for(file, argument, made))
}

/// The option's name and its value.
fn option(call: &ExprCall) -> Option<(&Expr, &Expr)> {
    let at = match call.func.as_attribute_expr()?.attr.as_str() {
        "set_main_option" => 0,
        _ => 1,
    };
    let name = call.arguments.find_argument_value("name", at)?;
    Some((name, call.arguments.find_argument_value("value", at + 1)?))
}

/// What a call sets `key` to.
fn value<'a>(call: &'a ExprCall, key: &str) -> Option<&'a Expr> {
    let (name, value) = option(call)?;
    (string_of(name).as_deref() == Some(key)).then_some(value)
}

/// Whether the option's name is only known when the program runs: `for name, value in options.items(): config.set_main_option(name, value)`.
fn sets_any(call: &ExprCall) -> bool {
    option(call).is_none_or(|(name, _)| string_of(name).is_none())
}

fn given<'a>(file: &File<'a>, value: &'a Expr) -> Given {
    match file.names.resolved(value) {
        Expr::NoneLiteral(_) => Given::Nothing,
        plain => string_of(plain).map_or_else(
            || {
                let parts = file.names.reached(value);
                Given::Parts(
                    parts
                        .iter()
                        .filter_map(|part| written(file.source, part))
                        .collect(),
                )
            },
            Given::Text,
        ),
    }
}
