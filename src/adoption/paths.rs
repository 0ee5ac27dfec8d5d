//! Paths that a Python file names by literals: `Path(__file__).parent / "sql" / "x.sql"`.

use std::cell::Cell;

use camino::{Utf8Component, Utf8Path, Utf8PathBuf};

use super::Files;
use crate::effort;
use crate::python_source::{Expr, Names, Operator, called, string_of};

/// How deep an expression may be nested.
const DEEPEST: usize = 40;

/// Of so many parts a path may be made. Names that stand for two paths each could make more than there is time for.
const MOST: usize = 400;

pub(super) struct Paths<'a> {
    pub(super) names: &'a Names<'a>,
    /// The file's own path, relative to the project's root.
    pub(super) own: &'a Utf8Path,
    pub(super) files: &'a Files<'a>,
}

impl<'a> Paths<'a> {
    /// The file of the project at a path as it is written: from the working directory, or from the file itself.
    pub(super) fn file(&self, written: &Utf8Path) -> Option<(Utf8PathBuf, String)> {
        let beside = self.own.parent().map(|parent| parent.join(written));
        let places = [Some(written.to_owned()), beside].into_iter().flatten();
        let mut places = places.filter_map(|path| within_project(&path));
        places.find_map(|path| (self.files)(&path).map(|text| (path, text)))
    }

    /// The path that an expression stands for, relative to the project's root as it is written; none where it depends on more
    /// than literals and the file's own place.
    pub(super) fn value(&self, expression: &'a Expr) -> Option<Utf8PathBuf> {
        self.at(expression, DEEPEST, &Cell::new(MOST))
    }

    fn at(&self, expression: &'a Expr, left: usize, steps: &Cell<usize>) -> Option<Utf8PathBuf> {
        let left = left.checked_sub(1)?;
        effort::count(1);
        steps.set(steps.get().checked_sub(1)?);
        let at = |expression: &'a Expr| self.at(expression, left, steps);
        match expression {
            Expr::StringLiteral(_) => Some(string_of(expression)?.into()),
            Expr::Name(name) if name.id.as_str() == "__file__" => Some(self.own.to_owned()),
            Expr::Name(_) => match self.names.resolved(expression) {
                Expr::Name(_) => None,
                value => at(value),
            },
            Expr::BinOp(operation) if operation.op == Operator::Div => {
                Some(at(&operation.left)?.join(at(&operation.right)?))
            }
            Expr::Attribute(attribute) if attribute.attr.as_str() == "parent" => {
                parent(at(&attribute.value)?)
            }
            Expr::Subscript(subscript) => {
                let attribute = subscript.value.as_attribute_expr()?;
                let number = subscript.slice.as_number_literal_expr()?;
                let steps = number.value.as_int()?.as_u8()? + 1;
                let path = at(&attribute.value).filter(|_| attribute.attr.as_str() == "parents")?;
                (0..steps).try_fold(path, |path, _| parent(path))
            }
            Expr::Call(call) => {
                let arguments = &call.arguments.args;
                let joined = |first: Utf8PathBuf, rest: &'a [Expr]| {
                    rest.iter()
                        .try_fold(first, |path, part| Some(path.join(at(part)?)))
                };
                let of_path =
                    |attribute: &'a Expr| Some(attribute.as_attribute_expr()?.value.as_ref());
                match called(call) {
                    "Path" | "PurePath" | "join" => {
                        joined(at(arguments.first()?)?, &arguments[1..])
                    }
                    "str" | "fspath" | "abspath" | "realpath" => at(arguments.first()?),
                    "dirname" => parent(at(arguments.first()?)?),
                    "resolve" | "absolute" | "as_posix" | "expanduser" => at(of_path(&call.func)?),
                    "joinpath" => joined(at(of_path(&call.func)?)?, arguments),
                    "with_name" => {
                        Some(at(of_path(&call.func)?)?.with_file_name(at(arguments.first()?)?))
                    }
                    "with_suffix" => {
                        let ending = at(arguments.first()?)?;
                        Some(
                            at(of_path(&call.func)?)?
                                .with_extension(ending.as_str().trim_start_matches('.')),
                        )
                    }
                    _ => None,
                }
            }
            _ => None,
        }
    }
}

fn parent(path: Utf8PathBuf) -> Option<Utf8PathBuf> {
    Some(path.parent()?.to_owned())
}

/// The path without `.` and `..`; none if it leaves the project, or is absolute.
fn within_project(path: &Utf8Path) -> Option<Utf8PathBuf> {
    let mut clean = Utf8PathBuf::new();
    for part in path.components() {
        match part {
            Utf8Component::Normal(name) => clean.push(name),
            Utf8Component::CurDir => {}
            Utf8Component::ParentDir => {
                if !clean.pop() {
                    return None;
                }
            }
            Utf8Component::RootDir | Utf8Component::Prefix(_) => return None,
        }
    }
    Some(clean)
}
