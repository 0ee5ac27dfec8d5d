//! What `env.py` changes of the script directory that Alembic has made. Measured on Alembic 1.8.1 to 1.20.1: `upgrade` looks for revisions after it has run this file, so a
//! changed list counts; `heads`, `history` and `revision` do not run it.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};

use super::module::Module;
use crate::python_source::{Place, assignment, called, calls, inside, string_of, written};

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
        Expr::Subscript(entry) => {
            let name = string_of(&entry.slice);
            let is_key = name.is_some_and(|name| STATE.contains(&name.as_str()));
            is_state(module, &entry.value) || (is_key && is_attributes(module, &entry.value))
        }
        Expr::Attribute(attribute) => {
            STATE.contains(&attribute.attr.as_str()) && is_script(module, &attribute.value)
        }
        _ => false,
    }
}

/// `script.__dict__`, `vars(script)`
fn is_attributes(module: &Module, expression: &Expr) -> bool {
    match expression {
        Expr::Attribute(attribute) => {
            attribute.attr.as_str() == "__dict__" && is_script(module, &attribute.value)
        }
        Expr::Call(call) if called(call) == "vars" => {
            let mut given = call.arguments.args.iter();
            given.any(|script| is_script(module, script))
        }
        _ => false,
    }
}

/// `context.script`, or a name for it. What is called so, and comes from elsewhere, is taken for it: a parameter, an attribute.
pub(super) fn is_script(module: &Module, expression: &Expr) -> bool {
    let is_named_so = |name: &str| name.to_ascii_lowercase().contains("script");
    if module.names.full_name(expression).as_deref() == Some("alembic.context.script") {
        return true;
    }
    match expression {
        Expr::Attribute(attribute) => {
            let owner = &attribute.value;
            let name = attribute.attr.as_str();
            let is_own = |owner: &Expr| {
                let name = owner.as_name_expr();
                name.is_some_and(|name| matches!(name.id.as_str(), "self" | "cls"))
            };
            let of_proxy = || {
                owner.as_attribute_expr().is_some_and(|inner| {
                    inner.attr.as_str() == "_proxy" && module.is_context(&inner.value)
                })
            };
            (name == "script" && (module.is_context(owner) || of_proxy()))
                || (is_own(owner) && is_named_so(name))
        }
        Expr::Name(name) => match module.names.get(&name.id) {
            Some(known) if !known.values.is_empty() || !known.imported.is_empty() => known
                .values
                .iter()
                .any(|value| !value.is_name_expr() && is_script(module, value)),
            _ => is_named_so(&name.id),
        },
        Expr::Named(named) => is_script(module, &named.value),
        // `getattr(context, "script")`
        Expr::Call(call) if called(call) == "getattr" => {
            let arguments = &call.arguments.args;
            let is_it = |name: &Expr| string_of(name).as_deref() == Some("script");
            arguments.first().is_some_and(|of| module.is_context(of))
                && arguments.get(1).is_some_and(is_it)
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
        let module = self.module;
        let mut reached: Vec<&Expr> = Vec::new();
        for value in values {
            reached.extend(module.names.reached(value));
        }
        // Lists of the file that grow: `locations.append(…)`.
        let grown: Vec<&Expr> = calls(module.suite)
            .filter(|call| GROWS.contains(&called(call)))
            .filter(|call| {
                let owner = call.func.as_attribute_expr().map(|of| &*of.value);
                let name = owner.and_then(|owner| owner.as_name_expr());
                let is_it = |part: &&Expr| {
                    let part = part.as_name_expr();
                    part.is_some_and(|part| name.is_some_and(|name| part.id == name.id))
                };
                reached.iter().any(is_it)
            })
            .flat_map(|call| &call.arguments.args)
            .flat_map(|argument| module.names.reached(argument))
            .collect();
        reached.extend(grown);
        // The list that is there, or the setting that it was made of, may be a part of the new one.
        let keeps = |part: &&Expr| is_state(module, part) || is_configured(part);
        let keeps = reached.iter().any(keeps) && !reached.iter().any(narrows);
        let texts = reached.iter().filter_map(|part| {
            let text = written(module.source, part)?;
            Some(text.rsplit('}').next().unwrap_or_default().to_owned())
        });
        let strings = texts.collect();
        self.found.push(ScriptChange {
            place: module.place(target),
            adds: adds || keeps,
            strings,
        });
    }

    fn call(&mut self, call: &'a ExprCall) {
        let arguments: Vec<&Expr> = call.arguments.args.iter().collect();
        let owner = call.func.as_attribute_expr().map(|method| &*method.value);
        let of_state = owner.is_some_and(|owner| is_state(self.module, owner));
        let of_attributes = owner.is_some_and(|owner| is_attributes(self.module, owner));
        match (called(call), &arguments[..]) {
            (name, values) if of_state && GROWS.contains(&name) => {
                self.add(&call.func, values, true);
            }
            ("clear" | "pop" | "remove", _) if of_state => self.add(&call.func, &[], false),
            ("update", _) if of_attributes => {
                let values = call.arguments.keywords.iter().map(|keyword| &keyword.value);
                let values: Vec<&Expr> = values.chain(arguments).collect();
                self.add(&call.func, &values, false);
            }
            ("setattr", [script, name, value])
                if is_script(self.module, script)
                    && string_of(name).is_some_and(|name| STATE.contains(&name.as_str())) =>
            {
                self.add(script, &[value], false);
            }
            _ => {}
        }
    }

    /// A target of an assignment, or what is in a tuple of targets.
    fn target(&mut self, target: &'a Expr, value: &'a Expr) {
        match target {
            Expr::Tuple(tuple) => {
                tuple
                    .elts
                    .iter()
                    .for_each(|inner| self.target(inner, value));
            }
            target if is_state(self.module, target) => self.add(target, &[value], false),
            _ => {}
        }
    }
}

/// Methods by which a list gets more.
const GROWS: [&str; 3] = ["append", "extend", "insert"];

/// `config.get_main_option("version_locations")`
fn is_configured(expression: &Expr) -> bool {
    let call = expression.as_call_expr();
    call.is_some_and(|call| {
        let mut given = call.arguments.args.iter().filter_map(string_of);
        called(call).starts_with("get") && given.any(|name| name == "version_locations")
    })
}

/// Whether it may take entries out: `filter(…)`, a comprehension with a condition that is more than the entry itself.
fn narrows(expression: &&Expr) -> bool {
    let generators = match expression {
        Expr::ListComp(list) => &list.generators[..],
        Expr::SetComp(set) => &set.generators,
        Expr::Generator(generator) => &generator.generators,
        Expr::Call(call) => return called(call) == "filter",
        _ => &[],
    };
    let mut tests = generators.iter().flat_map(|one| &one.ifs);
    tests.any(|test| inside(test).iter().any(|part| part.is_compare_expr()))
}

impl<'a> Visitor<'a> for Changes<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        if let Some((targets, Some(value))) = assignment(statement) {
            targets.iter().for_each(|target| self.target(target, value));
        }
        if let Stmt::Delete(delete) = statement {
            let of_state = |target: &&Expr| is_state(self.module, target);
            let gone: Vec<&Expr> = delete.targets.iter().filter(of_state).collect();
            gone.into_iter()
                .for_each(|target| self.add(target, &[], false));
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
