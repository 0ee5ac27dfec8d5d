//! Configurations that a program makes for itself: `Config(…)` and what it sets in it.

use std::collections::{HashMap, HashSet};

use super::python::File;
use super::{Call, Does};
use crate::effort;
use crate::python_source::{Expr, ExprCall, Ranged, TextRange, TextSize, string_of, written};

/// A `Config(…)` of Alembic's.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MadeConfig {
    /// The ini or TOML file that it reads.
    pub file: Given,
    pub script_location: Given,
    pub version_locations: Given,
    /// The name of what separates them.
    pub separator: Given,
}

/// What a program gives for a setting.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
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

/// The options that are looked at.
const KEYS: [&str; 4] = [
    "script_location",
    "version_locations",
    "version_path_separator",
    "path_separator",
];

/// What is done to the configurations that a name stands for.
#[derive(Debug, Clone, Default)]
struct Settings<'a> {
    /// The last value of each of [`KEYS`], and the number of the call that sets it.
    values: [Option<(usize, &'a Expr)>; KEYS.len()],
    /// Whether something sets what is not known: an option whose name is not, or a function of another module that gets the configuration.
    open: bool,
}

impl<'a> Settings<'a> {
    fn add(&mut self, other: &Self) {
        effort::count(1);
        self.open |= other.open;
        for (own, value) in self.values.iter_mut().zip(other.values) {
            if value.map(|(at, _)| at) > own.map(|(at, _)| at) {
                *own = value;
            }
        }
    }

    /// Those of one call.
    fn of(at: usize, call: &'a ExprCall) -> Self {
        let set = option(call).and_then(|(name, value)| Some((string_of(name)?, value)));
        let value = |key: &str| {
            let (name, value) = set.as_ref()?;
            (name == key).then_some((at, *value))
        };
        Self {
            values: KEYS.map(value),
            open: set.is_none(),
        }
    }
}

/// The configurations that a file makes.
pub(super) fn made(file: &File<'_>) -> Vec<Call> {
    let is_config = |call: &&ExprCall| {
        let other = call.func.as_attribute_expr();
        other.is_none_or(|other| other.attr.as_str() == "Config")
            && file.names.full_name(&call.func).as_deref() == Some("alembic.config.Config")
    };
    let all: Vec<&ExprCall> = file.each_call().filter(is_config).collect();
    if all.is_empty() {
        return Vec::new();
    }
    let of_names = of_names(file);
    let names = names_of(file, &all);
    let own = |made: &ExprCall| {
        let mut settings = Settings::default();
        let names = names.get(&made.range().start());
        for name in names.into_iter().flatten() {
            settings.add(of_names.get(name).unwrap_or(&Settings::default()));
        }
        settings
    };
    // What a file sets that makes one is set in that, whatever it is called.
    let only = (all.len() == 1).then(|| {
        let mut settings = own(all[0]);
        let calls = file.each_call().enumerate();
        for (at, call) in calls.filter(|(_, call)| sets(call)) {
            settings.add(&Settings::of(at, call));
        }
        settings
    });
    let each = all.iter();
    each.map(|made| call(file, made, only.clone().unwrap_or_else(|| own(made))))
        .collect()
}

fn call<'a>(file: &File<'a>, made: &'a ExprCall, settings: Settings<'a>) -> Call {
    let set = |at: usize| match settings.values[at] {
        Some((_, value)) => given(file, value),
        None if settings.open => Given::Parts(Vec::new()),
        None => Given::Nothing,
    };
    let argument = |name: &str, at| made.arguments.find_argument_value(name, at);
    let read = argument("file_", 0).or_else(|| argument("toml_file", usize::MAX));
    Call {
        line: file.line(made),
        does: Does::Configures(MadeConfig {
            file: read.map_or(Given::Nothing, |read| given(file, read)),
            script_location: set(0),
            version_locations: set(1),
            separator: match set(2) {
                Given::Nothing => set(3),
                given => given,
            },
        }),
    }
}

fn sets(call: &ExprCall) -> bool {
    let name = call.func.as_attribute_expr().map(|of| of.attr.as_str());
    matches!(name, Some("set_main_option" | "set_section_option"))
}

/// What is done to each name.
fn of_names<'a>(file: &File<'a>) -> HashMap<&'a str, Settings<'a>> {
    let mut all: HashMap<&str, Settings> = HashMap::new();
    for (at, call) in file.each_call().enumerate() {
        let owner = call.func.as_attribute_expr().filter(|_| sets(call));
        if let Some(name) = owner.and_then(|of| of.value.as_name_expr()) {
            all.entry(&name.id)
                .or_default()
                .add(&Settings::of(at, call));
        }
        let given = call.arguments.args.iter();
        let mut given = given.filter_map(Expr::as_name_expr).peekable();
        if given.peek().is_some() && is_elsewhere(file, call) {
            given.for_each(|name| all.entry(&name.id).or_default().open = true);
        }
    }
    all
}

/// The names that stand for each configuration, by where that is made.
fn names_of<'a>(file: &File<'a>, all: &[&ExprCall]) -> HashMap<TextSize, Vec<&'a str>> {
    let mut names: HashMap<TextSize, Vec<&str>> = HashMap::new();
    let made: HashSet<TextRange> = all.iter().map(|made| made.range()).collect();
    for (name, known) in file.names.iter() {
        let calls = known.values.iter().filter(|value| value.is_call_expr());
        for value in calls.filter(|value| made.contains(&value.range())) {
            effort::count(1);
            names.entry(value.range().start()).or_default().push(name);
        }
    }
    names
}

/// Whether a function of another module is called, which may set more in what it is given.
fn is_elsewhere(file: &File<'_>, call: &ExprCall) -> bool {
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
    module.is_some_and(|(module, _)| !RUN.contains(&module))
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

fn given<'a>(file: &File<'a>, value: &'a Expr) -> Given {
    let plain = file.names.resolved(value);
    if plain.is_none_literal_expr() {
        return Given::Nothing;
    }
    if let Some(text) = string_of(plain) {
        file.spend(1 + text.len() / 16);
        return Given::Text(text);
    }
    let reached = file.names.reached_within(file.left(), value);
    let spent = reached.as_ref().map_or(usize::MAX, Vec::len);
    let parts = reached.unwrap_or_default();
    match file.spend(spent) {
        true => Given::Parts(
            parts
                .iter()
                .filter_map(|part| written(file.source, part))
                .collect(),
        ),
        false => Given::Parts(Vec::new()),
    }
}
