//! What stands for `head` in Python.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use crate::effort;
use crate::python_source::{Expr, ExprName, Names, Ranged, TextRange, called, string_of};

/// How many values inside of each other are followed.
const DEEPEST: usize = 4;

/// What is known of the expressions that were asked for, and of the parameters that have defaults.
#[derive(Default)]
pub(super) struct Heads<'a> {
    /// By the expression's place in memory, and how deep it was met.
    known: RefCell<HashMap<(*const Expr, usize), bool>>,
    defaults: OnceCell<HashMap<&'a str, Vec<Preset<'a>>>>,
}

/// A parameter's default.
struct Preset<'a> {
    value: &'a Expr,
    function: TextRange,
    /// The function around this one that has such a parameter, too.
    around: Option<usize>,
}

impl<'a> Heads<'a> {
    /// Whether it is `head`, or `head` unless something else is given: `version or "head"`, `os.getenv("REVISION", "head")`, a parameter's
    /// default.
    pub(super) fn is(&self, names: &Names<'a>, revision: &'a Expr) -> bool {
        self.at(names, revision, 0)
    }

    fn at(&self, names: &Names<'a>, revision: &'a Expr, depth: usize) -> bool {
        // `revision = revision or "head"`
        if depth > DEEPEST {
            return false;
        }
        let resolved = names.resolved(revision);
        let key = (std::ptr::from_ref(resolved), depth);
        if let Some(known) = self.known.borrow().get(&key) {
            return *known;
        }
        effort::count(1);
        let is_head = |inner: &'a Expr| self.at(names, inner, depth + 1);
        let is = match resolved {
            Expr::BoolOp(either) => either.values.iter().any(is_head),
            Expr::If(chosen) => is_head(&chosen.body) || is_head(&chosen.orelse),
            Expr::Call(call) => {
                let at = match called(call) {
                    "get" | "getenv" => Some(1),
                    // Typer's, as the default of a parameter.
                    "Option" | "Argument" => Some(0),
                    _ => None,
                };
                let default = at.and_then(|at| call.arguments.find_argument_value("default", at));
                default.is_some_and(is_head)
            }
            Expr::Name(name) => self.defaults_of(names, name).any(is_head),
            other => return string_of(other).as_deref() == Some("head"),
        };
        self.known.borrow_mut().insert(key, is);
        is
    }

    /// The defaults of the parameters that a name stands for: those of the functions around it.
    fn defaults_of<'s>(
        &'s self,
        names: &Names<'a>,
        name: &'a ExprName,
    ) -> impl Iterator<Item = &'a Expr> + 's {
        let defaults = self.defaults.get_or_init(|| defaults(names));
        let of_name = defaults
            .get(name.id.as_str())
            .map_or(&[][..], Vec::as_slice);
        let before = of_name.partition_point(|one| one.function.start() <= name.range.start());
        let last = before.checked_sub(1).and_then(|last| of_name.get(last));
        let all = std::iter::successors(last, |one| of_name.get(one.around?));
        let around = all.filter(|one| {
            effort::count(1);
            one.function.contains_range(name.range)
        });
        around.map(|one| one.value)
    }
}

/// By the names of the parameters, each list in the order of the file.
fn defaults<'a>(names: &Names<'a>) -> HashMap<&'a str, Vec<Preset<'a>>> {
    let mut all: HashMap<&str, Vec<Preset>> = HashMap::new();
    for function in &names.functions {
        for parameter in function.parameters.iter_non_variadic_params() {
            let Some(value) = parameter.default() else {
                continue;
            };
            let of_name = all.entry(parameter.name().as_str()).or_default();
            let mut around = of_name.len().checked_sub(1);
            while let Some(other) = around.map(|around| &of_name[around]) {
                if other.function.contains_range(function.range()) {
                    break;
                }
                around = other.around;
            }
            of_name.push(Preset {
                value,
                function: function.range(),
                around,
            });
        }
    }
    all
}
