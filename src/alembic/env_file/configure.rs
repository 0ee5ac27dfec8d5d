//! The calls of `context.configure(…)`.

use ruff_python_ast::{Expr, ExprCall};

use super::filter::{Spares, spares};
use super::module::Module;
use crate::python_source::{Place, called, calls, string_of};

/// One call of `context.configure(…)`. What is not given has Alembic's default.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Configure {
    pub place: Place,
    /// It takes `**options` that are made elsewhere: what is not given here may be among them.
    pub open: bool,
    /// It is given a connection; otherwise it is for `--sql`, where nothing is compared.
    pub online: bool,
    /// It is given a `target_metadata` for autogenerate to compare the database with.
    pub has_metadata: bool,
    /// Whether `include_object` or `include_name` leaves Procrastinate's tables out; none if undecidable.
    pub filters_procrastinate: Option<bool>,
    /// The same for functions and triggers, for packages that compare those; none if undecidable.
    pub filters_all: Option<bool>,
    /// None if undecidable.
    pub transaction_per_migration: Option<bool>,
    /// The version table.
    pub table: TableName,
}

/// How the version table is called.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TableName {
    pub table: Word,
    pub schema: Word,
}

impl TableName {
    /// It may have any name, in any schema.
    pub fn unknown() -> Self {
        Self {
            table: Word::Undecidable,
            schema: Word::Undecidable,
        }
    }
}

/// A text option of `context.configure(…)`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum Word {
    #[default]
    Default,
    Text(String),
    Undecidable,
}

/// The calls in the order of the file.
pub(super) fn configure_calls(module: &Module) -> Vec<Configure> {
    calls(module.suite)
        .filter(|call| module.context_method(call) == Some("configure"))
        .map(|call| configure(module, call))
        .collect()
}

fn configure<'a>(module: &Module<'a>, call: &'a ExprCall) -> Configure {
    let given = Given::read(module, call);
    let metadata = given.get("target_metadata");
    let filters = ["include_object", "include_name"].map(|name| match given.get(name) {
        Some(value) if !value.is_none_literal_expr() => spares(module, value),
        None if given.open => Spares {
            tables: None,
            all: None,
        },
        _ => Spares::NONE,
    });
    Configure {
        place: module.place(call),
        open: given.open,
        online: given.get("connection").is_some() || (given.open && given.get("url").is_none()),
        has_metadata: metadata.is_some_and(|value| !is_none(module, value)),
        filters_procrastinate: either(filters.map(|filter| filter.tables)),
        filters_all: either(filters.map(|filter| filter.all)),
        table: TableName {
            table: given.word(module, "version_table"),
            schema: given.word(module, "version_table_schema"),
        },
        transaction_per_migration: match given.get("transaction_per_migration") {
            Some(Expr::NoneLiteral(_)) => Some(false),
            Some(Expr::BooleanLiteral(literal)) => Some(literal.value),
            None if !given.open => Some(false),
            _ => None,
        },
    }
}

/// Whether one of two filters spares something.
fn either(filters: [Option<bool>; 2]) -> Option<bool> {
    match filters {
        [Some(true), _] | [_, Some(true)] => Some(true),
        [None, _] | [_, None] => None,
        _ => Some(false),
    }
}

struct Given<'a> {
    keywords: Vec<(String, &'a Expr)>,
    open: bool,
}

impl<'a> Given<'a> {
    fn read(module: &Module<'a>, call: &'a ExprCall) -> Self {
        let mut given = Self {
            keywords: Vec::new(),
            open: false,
        };
        if let Some(first) = call.arguments.args.first() {
            given.keywords.push(("connection".to_owned(), first));
            given.open |= first.is_starred_expr();
        }
        for keyword in &call.arguments.keywords {
            match &keyword.arg {
                Some(name) => given.keywords.push((name.to_string(), &keyword.value)),
                None => given.spread(module, &keyword.value),
            }
        }
        given
    }

    /// `**value`: a dictionary that is written out, here or in the only assignment to its name.
    fn spread(&mut self, module: &Module<'a>, value: &'a Expr) {
        match module.names.resolved(value) {
            Expr::Dict(dict) => {
                for item in &dict.items {
                    self.entry(item.key.as_ref().and_then(string_of), &item.value);
                }
            }
            Expr::Call(call) if called(call) == "dict" && call.arguments.args.is_empty() => {
                for keyword in &call.arguments.keywords {
                    let name = keyword.arg.as_ref().map(ToString::to_string);
                    self.entry(name, &keyword.value);
                }
            }
            _ => self.open = true,
        }
        // options["include_object"] = …, options.update(…)
        if let Expr::Name(name) = value {
            let name = &name.id;
            let touched = [format!("{name}["), format!("{name}."), format!("{name} |=")];
            self.open |= touched.iter().any(|touch| module.source.contains(touch));
        }
    }

    fn entry(&mut self, name: Option<String>, value: &'a Expr) {
        match name {
            Some(name) => self.keywords.push((name, value)),
            None => self.open = true,
        }
    }

    fn word(&self, module: &Module<'a>, name: &str) -> Word {
        match self.get(name) {
            None if self.open => Word::Undecidable,
            None => Word::Default,
            Some(Expr::Name(name)) if !is_bound_once(module.source, &name.id) => Word::Undecidable,
            Some(value) => match module.names.resolved(value) {
                value if is_none(module, value) => Word::Default,
                value => string_of(value).map_or(Word::Undecidable, Word::Text),
            },
        }
    }

    fn get(&self, name: &str) -> Option<&'a Expr> {
        let found = self.keywords.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value)
    }
}

/// Whether a name stands in its assignment, at the beginning of a line, and behind `=` as a value, and nowhere else: it is no
/// parameter, no target of a loop, and comes with no `import *`.
fn is_bound_once(source: &str, name: &str) -> bool {
    let is_part = |c: char| c.is_alphanumeric() || c == '_';
    let is_word = |at: &usize| {
        !source[..*at].ends_with(is_part) && !source[*at + name.len()..].starts_with(is_part)
    };
    let words = source.match_indices(name).map(|(at, _)| at);
    let mut others = words
        .filter(is_word)
        .filter(|at| !source[..*at].ends_with('='));
    let is_assignment = |at: usize| source[..at].is_empty() || source[..at].ends_with('\n');
    others.next().is_some_and(is_assignment)
        && others.next().is_none()
        && !source.contains("import *")
}

/// `None`, a name that is only ever `None`, or an entry of a dictionary that is only ever empty.
fn is_none<'a>(module: &Module<'a>, value: &'a Expr) -> bool {
    let is_empty = |owner| {
        let dict = module.names.resolved(owner).as_dict_expr();
        dict.is_some_and(|dict| dict.items.is_empty())
    };
    match value {
        Expr::Subscript(subscript) => is_empty(&subscript.value),
        Expr::Call(call) if called(call) == "get" => {
            let owner = call.func.as_attribute_expr();
            owner.is_some_and(|owner| is_empty(&owner.value))
        }
        _ => module.names.resolved(value).is_none_literal_expr(),
    }
}
