//! What autogenerate is told to leave alone.

use std::collections::HashSet;

use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, Parameters};

use super::module::Module;
use crate::python_source::string_of;

/// Whether `value`, given as `include_object` or `include_name`, mentions Procrastinate. None if it does not, and either lies
/// outside of the file in part or decides by the metadata.
pub(super) fn mentions_procrastinate(module: &Module, value: &Expr) -> Option<bool> {
    let mut reach = Reach {
        module,
        seen: HashSet::new(),
        origin: HashSet::new(),
        mentions: false,
        elsewhere: false,
    };
    reach.visit_expr(value);
    (reach.mentions || !reach.elsewhere).then_some(reach.mentions)
}

/// What a filter is made of: itself, and what it names in the file.
struct Reach<'m, 'a> {
    module: &'m Module<'a>,
    seen: HashSet<&'a str>,
    /// What the filter calls the two parameters that tell whether a table is only in the database.
    origin: HashSet<&'a str>,
    mentions: bool,
    elsewhere: bool,
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
                self.mentions |= is_mention(&string_of(expression).unwrap_or_default());
            }
            _ => {}
        }
        walk_expr(self, expression);
    }
}
