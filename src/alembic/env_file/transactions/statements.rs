//! Follows the program, statement by statement.

use ruff_python_ast::visitor::{Visitor, walk_stmt};
use ruff_python_ast::{ExceptHandler, Expr, Stmt, StmtIf, StmtTry, StmtWith};

use super::TransactionKind;
use super::evaluate::evaluate;
use super::state::State;
use super::walk::Walk;
use crate::python_source::{assignment, called};

impl<'a> Visitor<'a> for Walk<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        self.steps += 1;
        if !self.is_complete() {
            return;
        }
        if let Some((targets, value)) = assignment(statement) {
            if let Some(value) = value {
                let value = evaluate(self, value);
                targets.iter().for_each(|target| self.bind(target, value));
            }
            return;
        }
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Return(returned) => {
                let value = returned.value.as_ref();
                let value = value.and_then(|value| evaluate(self, value));
                self.returned = self.returned.or(value);
            }
            Stmt::With(statement) => with(self, statement),
            Stmt::If(statement) => branches(self, statement),
            Stmt::Try(statement) => attempt(self, statement),
            Stmt::For(repeated) => {
                let value = evaluate(self, &repeated.iter);
                self.bind(&repeated.target, value);
                self.visit_body(&repeated.body);
                self.visit_body(&repeated.orelse);
            }
            Stmt::Match(cases) => {
                self.visit_expr(&cases.subject);
                ways(self, cases.cases.iter().map(|case| &case.body[..]));
            }
            other => walk_stmt(self, other),
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        evaluate(self, expression);
    }
}

fn with<'a>(walk: &mut Walk<'_, 'a>, with: &'a StmtWith) {
    let alembic = walk.state.alembic;
    let mut ends = Vec::new();
    for item in &with.items {
        let value = evaluate(walk, &item.context_expr);
        if let Some(target) = &item.optional_vars {
            walk.bind(target, value);
        }
        ends.extend(value.map(|value| (value, item.context_expr.as_call_expr())));
    }
    walk.visit_body(&with.body);
    for (connection, call) in ends {
        let ended = walk.state.open.remove(&connection);
        // A savepoint ends, and the transaction around it stays.
        if let Some(ended) = ended
            && call.is_some_and(|call| called(call) == "begin_nested")
        {
            let kind = TransactionKind::Implicit;
            walk.state.begin(connection, kind, ended.range);
        }
    }
    walk.state.alembic = alembic;
}

fn branches<'a>(walk: &mut Walk<'_, 'a>, branches: &'a StmtIf) {
    walk.visit_expr(&branches.test);
    let clauses = &branches.elif_else_clauses;
    let tests = clauses.iter().filter_map(|clause| clause.test.as_ref());
    tests.for_each(|test| walk.visit_expr(test));
    let first = Some(&branches.body[..]);
    let first = first.filter(|_| !is_for_another_database(walk.module.text(&*branches.test)));
    let others = clauses.iter().map(|clause| &clause.body[..]);
    let no_else = clauses.last().is_none_or(|clause| clause.test.is_some());
    let none = no_else.then_some(&[][..]);
    ways(walk, first.into_iter().chain(others).chain(none));
}

/// Takes every way, each from here.
fn ways<'a>(walk: &mut Walk<'_, 'a>, ways: impl Iterator<Item = &'a [Stmt]>) {
    let before = walk.state.clone();
    let mut joined: Option<State> = None;
    for way in ways {
        walk.state = before.clone();
        walk.visit_body(way);
        joined = Some(match joined {
            None => walk.state.clone(),
            Some(joined) => before.join(joined, &walk.state),
        });
    }
    walk.state = joined.unwrap_or(before);
}

/// What handlers do, they do after a failure; it does not count for what follows.
fn attempt<'a>(walk: &mut Walk<'_, 'a>, attempt: &'a StmtTry) {
    walk.visit_body(&attempt.body);
    let after = walk.state.clone();
    for handler in &attempt.handlers {
        let ExceptHandler::ExceptHandler(handler) = handler;
        walk.visit_body(&handler.body);
        walk.state = after.clone();
    }
    walk.visit_body(&attempt.orelse);
    walk.visit_body(&attempt.finalbody);
}

/// `if connection.dialect.name == "sqlite":` is never true on PostgreSQL.
fn is_for_another_database(test: &str) -> bool {
    let test = test.to_ascii_lowercase();
    let names = ["sqlite", "mysql", "mariadb", "oracle", "mssql"];
    let negated = ["not", "!=", "postgres"];
    names.iter().any(|name| test.contains(name)) && !negated.iter().any(|word| test.contains(word))
}
