//! What autogenerate is told to leave alone.

use std::collections::HashSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Parameters};

use super::module::Module;
use crate::procrastinate::PACKAGE;
use crate::python_source::{called, inside, string_of};

/// What a filter does with Procrastinate's objects; none if it lies outside of the file in part, or decides by the metadata.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Spares {
    pub(super) tables: Option<bool>,
    /// Functions and triggers, too, which packages ask for as `public.procrastinate_…`.
    pub(super) all: Option<bool>,
}

impl Spares {
    pub(super) const NONE: Self = Self {
        tables: Some(false),
        all: Some(false),
    };
}

/// What `value`, given as `include_object` or `include_name`, spares: what mentions Procrastinate spares its tables.
pub(super) fn spares(module: &Module, value: &Expr) -> Spares {
    let mut reach = Reach {
        module,
        seen: HashSet::new(),
        origin: HashSet::new(),
        mentions: false,
        elsewhere: false,
        texts: 0,
        narrow: 0,
        only_tables: false,
    };
    reach.visit_expr(value);
    let is_narrow = reach.texts > 0 && (reach.only_tables || reach.texts == reach.narrow);
    let decided = |spared| (spared || !reach.elsewhere).then_some(spared);
    Spares {
        tables: decided(reach.mentions),
        all: match is_narrow {
            true => Some(false),
            false => decided(reach.texts > 0),
        },
    }
}

/// What a filter is made of: itself, and what it names in the file.
struct Reach<'m, 'a> {
    module: &'m Module<'a>,
    seen: HashSet<&'a str>,
    /// What the filter calls the two parameters that tell whether a table is only in the database.
    origin: HashSet<&'a str>,
    mentions: bool,
    elsewhere: bool,
    /// Texts that mention it; and those of them that a name with a schema does not begin with, or equal.
    texts: usize,
    narrow: usize,
    /// It asks for the type `table`.
    only_tables: bool,
}

impl<'a> Reach<'_, 'a> {
    fn name(&mut self, name: &'a str) {
        // These modules know nothing of the project's tables.
        const STANDARD: [&str; 5] = ["re", "functools", "partial", "fnmatch", "logging"];
        if !self.seen.insert(name) {
            return;
        }
        self.mentions |= is_mention(name);
        let Some(known) = self.module.names.get(name) else {
            return;
        };
        self.elsewhere |= !known.imported.is_empty() && !STANDARD.contains(&name);
        if let Some(function) = known.function {
            self.parameters(&function.parameters);
            self.visit_body(&function.body);
        }
        known.values.iter().for_each(|value| self.visit_expr(value));
    }

    /// `include_object` is told whether a table is only in the database (`reflected`) and what it is compared to: a filter
    /// that uses either may leave every foreign table alone, whatever its name.
    fn parameters(&mut self, parameters: &'a Parameters) {
        let names = parameters.iter_non_variadic_params();
        self.origin
            .extend(names.skip(3).map(|parameter| parameter.name().as_str()));
    }
}

/// How many of the texts in an expression begin with Procrastinate's name.
fn beginnings(expression: &Expr) -> usize {
    let texts = inside(expression).into_iter().filter_map(string_of);
    texts.filter(|text| text.starts_with(PACKAGE)).count()
}

fn is_mention(text: &str) -> bool {
    text.to_ascii_lowercase().contains("procrastinate")
}

impl<'a> Visitor<'a> for Reach<'_, 'a> {
    fn visit_expr(&mut self, expression: &'a Expr) {
        match expression {
            Expr::Name(name) => {
                self.elsewhere |= self.origin.contains(name.id.as_str());
                self.name(name.id.as_str());
            }
            Expr::Attribute(attribute) => {
                let name = attribute.attr.as_str();
                self.mentions |= is_mention(name);
                self.elsewhere |= matches!(name, "metadata" | "tables");
                let of_self = attribute.value.as_name_expr();
                if of_self.is_some_and(|owner| matches!(owner.id.as_str(), "self" | "cls")) {
                    self.name(name);
                }
            }
            Expr::Lambda(lambda) => {
                if let Some(parameters) = &lambda.parameters {
                    self.parameters(parameters);
                }
            }
            Expr::StringLiteral(_) => {
                let mentions = string_of(expression).is_some_and(|text| is_mention(&text));
                self.mentions |= mentions;
                self.texts += usize::from(mentions);
            }
            // `name.startswith("procrastinate_")`
            Expr::Call(call) if called(call) == "startswith" => {
                // A call or a subscript may take the schema away: `name.split(".")[-1]`.
                let takes = |part: &&Expr| part.is_call_expr() || part.is_subscript_expr();
                let owner = call.func.as_attribute_expr().map(|method| &*method.value);
                if !owner.is_some_and(|owner| inside(owner).iter().any(takes)) {
                    let given = call.arguments.args.iter().map(beginnings);
                    self.narrow += given.sum::<usize>();
                }
            }
            // `type_ == "table"`, `name in {"procrastinate_jobs"}`
            Expr::Compare(compare) => {
                let texts: Vec<String> = inside(expression)
                    .into_iter()
                    .filter_map(string_of)
                    .collect();
                let has = |name: &str| texts.iter().any(|text| text == name);
                self.only_tables |= has("table") && !has("function");
                let sides = compare.comparators.iter();
                let lists = sides.filter(|side| !side.is_string_literal_expr());
                self.narrow += lists.map(beginnings).sum::<usize>();
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}
