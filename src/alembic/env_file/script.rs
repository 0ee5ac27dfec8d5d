//! What `env.py` changes of the script directory that Alembic has made. Measured on Alembic 1.8.1 to 1.20.1: `upgrade` looks for revisions after it has run this file, so a
//! changed list counts; `heads`, `history` and `revision` do not run it.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};

use super::module::Module;
use crate::python_source::{Place, assignment, called, string_of};

/// A change of `context.script.version_locations`, or of the map of revisions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScriptChange {
    pub place: Place,
    /// It adds to the list that is there.
    pub adds: bool,
    /// The texts in what it sets or adds: paths, or parts of paths.
    pub strings: Vec<String>,
}

/// The list, and what Alembic makes of it.
const STATE: [&str; 3] = ["version_locations", "_version_locations", "revision_map"];

/// The changes in the order of the file.
pub(super) fn script_changes(module: &Module) -> Vec<ScriptChange> {
    let mut changes = Changes {
        module,
        found: Vec::new(),
    };
    changes.visit_body(module.suite);
    changes.found
}

/// Whether an expression is a part of the script directory's state: `context.script.version_locations`, or an entry of it.
pub(super) fn is_state(module: &Module, expression: &Expr) -> bool {
    match expression {
        Expr::Subscript(entry) => is_state(module, &entry.value),
        Expr::Attribute(attribute) => {
            STATE.contains(&attribute.attr.as_str()) && is_script(module, &attribute.value)
        }
        _ => false,
    }
}

/// `context.script`, or a name for it.
pub(super) fn is_script(module: &Module, expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(attribute) => {
            let owner = &attribute.value;
            let of_proxy = || {
                owner.as_attribute_expr().is_some_and(|inner| {
                    inner.attr.as_str() == "_proxy" && module.is_context(&inner.value)
                })
            };
            attribute.attr.as_str() == "script" && (module.is_context(owner) || of_proxy())
        }
        Expr::Name(name) => {
            let values = module.names.get(&name.id).map(|name| &name.values);
            values
                .into_iter()
                .flatten()
                .any(|value| !value.is_name_expr() && is_script(module, value))
        }
        _ => false,
    }
}

struct Changes<'m, 'a> {
    module: &'m Module<'a>,
    found: Vec<ScriptChange>,
}

impl<'a> Changes<'_, 'a> {
    fn add(&mut self, target: &'a Expr, values: &[&'a Expr], adds: bool) {
        let reached: Vec<&Expr> = values
            .iter()
            .flat_map(|value| self.module.names.reached(value))
            .collect();
        // The list that is there may be a part of the new one.
        let keeps = reached.iter().any(|part| is_state(self.module, part));
        self.found.push(ScriptChange {
            place: self.module.place(target),
            adds: adds || keeps,
            strings: reached.iter().filter_map(|part| string_of(part)).collect(),
        });
    }

    fn call(&mut self, call: &'a ExprCall) {
        let arguments: Vec<&Expr> = call.arguments.args.iter().collect();
        let of_state = call
            .func
            .as_attribute_expr()
            .filter(|method| is_state(self.module, &method.value));
        match (called(call), of_state, &arguments[..]) {
            ("append" | "extend" | "insert", Some(_), values) => self.add(&call.func, values, true),
            ("clear", Some(_), []) => self.add(&call.func, &[], false),
            ("setattr", None, [script, name, value])
                if is_script(self.module, script)
                    && string_of(name).is_some_and(|name| STATE.contains(&name.as_str())) =>
            {
                self.add(script, &[value], false);
            }
            _ => {}
        }
    }
}

impl<'a> Visitor<'a> for Changes<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Some((targets, Some(value))) = assignment(statement) {
            for target in targets
                .iter()
                .filter(|target| is_state(self.module, target))
            {
                self.add(target, &[value], false);
            }
        }
        if let Stmt::AugAssign(assign) = statement
            && is_state(self.module, &assign.target)
        {
            self.add(&assign.target, &[&assign.value], true);
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        if let Expr::Call(call) = expression {
            self.call(call);
        }
        walk_expr(self, expression);
    }
}
