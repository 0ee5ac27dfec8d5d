//! The search paths that connectors are given.

use std::cell::{OnceCell, RefCell};
use std::collections::HashMap;

use super::File;
use crate::alembic::search_path;
use crate::effort;
use crate::python_source::{Expr, Ranged};
use crate::sql::SearchPath;

/// What is known of the file's expressions, once a connector was met.
#[derive(Default)]
pub(super) struct Connectors {
    /// The expressions that give a path, in the order of the file, by their numbers.
    paths: OnceCell<Vec<(usize, SearchPath)>>,
    /// The numbers of the expressions.
    numbers: OnceCell<HashMap<*const Expr, usize>>,
}

impl<'a> File<'a> {
    /// The first path that is given by an argument, or inside of it.
    pub(super) fn path_given(&self, argument: &'a Expr) -> Option<SearchPath> {
        let numbers = self.connectors.numbers.get_or_init(|| {
            let all = self.all.iter().enumerate();
            all.map(|(at, one)| (std::ptr::from_ref(*one), at))
                .collect()
        });
        let value = self.names.resolved(argument);
        let number = *numbers.get(&std::ptr::from_ref(value))?;
        let paths = self.connectors.paths.get_or_init(|| self.paths());
        let next = paths.partition_point(|(at, _)| *at < number);
        let (at, path) = paths.get(next)?;
        let around = self.all[number].range();
        around
            .contains_range(self.all[*at].range())
            .then(|| path.clone())
    }

    fn paths(&self) -> Vec<(usize, SearchPath)> {
        // The values of names, which many may use.
        let known: RefCell<HashMap<*const Expr, Option<SearchPath>>> = RefCell::default();
        let path_of = |expression: &'a Expr| {
            effort::count(1);
            search_path::path_in(self.source, expression)
        };
        let path = |expression: &'a Expr| {
            let value = self.names.resolved(expression);
            if std::ptr::eq(value, expression) {
                return path_of(value);
            }
            let mut known = known.borrow_mut();
            let known = known.entry(std::ptr::from_ref(value));
            known.or_insert_with(|| path_of(value)).clone()
        };
        let all = self.all.iter().enumerate();
        all.filter_map(|(at, expression)| Some((at, path(expression)?)))
            .collect()
    }
}
