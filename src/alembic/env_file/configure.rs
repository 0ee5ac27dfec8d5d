//! The calls of `context.configure(…)`.

use ruff_python_ast::{Expr, ExprCall};

use super::filter::{Filter, filter};
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
    pub target_metadata: Metadata,
    pub include_object: Filter,
    pub include_name: Filter,
    pub transaction_per_migration: Setting,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Setting {
    /// Not given, or given as `None`; in a call that is [`Configure::open`] it is [`Setting::Undecidable`] instead.
    Default,
    Value(bool),
    Undecidable,
}

/// `target_metadata`, which autogenerate compares the database with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metadata {
    /// Not given, or `None`: autogenerate cannot be used.
    None,
    Given,
    /// Not in the file.
    Undecidable,
}

impl Configure {
    /// Whether Procrastinate's tables are left alone by autogenerate: yes, no, or undecidable.
    pub fn filters_procrastinate(&self) -> Option<bool> {
        let filters = [self.include_object, self.include_name];
        if filters.contains(&Filter::MentionsProcrastinate) {
            Some(true)
        } else if filters.contains(&Filter::Undecidable) {
            None
        } else {
            Some(false)
        }
    }
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
    let filter = |name| match given.get(name) {
        Some(Expr::NoneLiteral(_)) => Filter::Absent,
        Some(value) => filter(module, value),
        None if given.open => Filter::Undecidable,
        None => Filter::Absent,
    };
    Configure {
        place: module.place(call),
        open: given.open,
        online: given.get("connection").is_some() || (given.open && given.get("url").is_none()),
        target_metadata: match given.get("target_metadata") {
            Some(value) if is_none(module, value) => Metadata::None,
            Some(_) => Metadata::Given,
            None if given.open => Metadata::Undecidable,
            None => Metadata::None,
        },
        include_object: filter("include_object"),
        include_name: filter("include_name"),
        transaction_per_migration: match given.get("transaction_per_migration") {
            Some(Expr::NoneLiteral(_)) => Setting::Default,
            Some(Expr::BooleanLiteral(literal)) => Setting::Value(literal.value),
            None if !given.open => Setting::Default,
            _ => Setting::Undecidable,
        },
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

    fn get(&self, name: &str) -> Option<&'a Expr> {
        let found = self.keywords.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| *value)
    }
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
