//! Follows the program, statement by statement.

use ruff_python_ast::visitor::walk_stmt;
use ruff_python_ast::{ExceptHandler, Stmt, StmtIf, StmtTry, StmtWith};

use super::TransactionKind;
use super::state::State;
use super::walk::Walk;
use crate::python_source::called;

impl<'a> Walk<'_, 'a> {
    pub(super) fn body(&mut self, suite: &'a [Stmt]) {
        for statement in suite {
            self.steps += 1;
            if !self.is_complete() {
                return;
            }
            self.statement(statement);
        }
    }

    fn statement(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::FunctionDef(_) | Stmt::ClassDef(_) => {}
            Stmt::Assign(assign) => {
                let value = self.evaluate(&assign.value);
                for target in &assign.targets {
                    self.bind(target, value);
                }
            }
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    let value = self.evaluate(value);
                    self.bind(&assign.target, value);
                }
            }
            Stmt::Return(returned) => {
                let value = returned.value.as_ref();
                let value = value.and_then(|value| self.evaluate(value));
                self.returned = self.returned.or(value);
            }
            Stmt::With(with) => self.with(with),
            Stmt::If(branches) => self.branches(branches),
            Stmt::Try(attempt) => self.attempt(attempt),
            Stmt::For(repeated) => {
                let value = self.evaluate(&repeated.iter);
                self.bind(&repeated.target, value);
                self.body(&repeated.body);
                self.body(&repeated.orelse);
            }
            Stmt::While(repeated) => {
                self.evaluate(&repeated.test);
                self.body(&repeated.body);
                self.body(&repeated.orelse);
            }
            Stmt::Match(cases) => {
                self.evaluate(&cases.subject);
                let ways = cases.cases.iter().map(|case| case.body.as_slice());
                self.ways(ways.collect());
            }
            other => walk_stmt(self, other),
        }
    }

    fn with(&mut self, with: &'a StmtWith) {
        let alembic = self.state.alembic;
        let mut ends = Vec::new();
        for item in &with.items {
            let value = self.evaluate(&item.context_expr);
            if let Some(target) = &item.optional_vars {
                self.bind(target, value);
            }
            let call = item.context_expr.as_call_expr();
            ends.extend(value.map(|value| (value, call.map_or("", called))));
        }
        self.body(&with.body);
        for (connection, by) in ends {
            let ended = self.state.open.remove(&connection);
            // A savepoint ends, and the transaction around it stays.
            if let (Some((_, at)), "begin_nested") = (ended, by) {
                self.state.begin(connection, TransactionKind::Implicit, at);
            }
        }
        self.state.alembic = alembic;
    }

    fn branches(&mut self, branches: &'a StmtIf) {
        self.evaluate(&branches.test);
        let mut ways = Vec::new();
        if !is_for_another_database(self.module.text(&*branches.test)) {
            ways.push(branches.body.as_slice());
        }
        let clauses = &branches.elif_else_clauses;
        ways.extend(clauses.iter().map(|clause| clause.body.as_slice()));
        if clauses.last().is_none_or(|clause| clause.test.is_some()) {
            ways.push(&[]);
        }
        for test in clauses.iter().filter_map(|clause| clause.test.as_ref()) {
            self.evaluate(test);
        }
        self.ways(ways);
    }

    /// Takes every way, each from here.
    fn ways(&mut self, ways: Vec<&'a [Stmt]>) {
        let before = self.state.clone();
        let mut after: Option<State> = None;
        for way in ways {
            self.state = before.clone();
            self.body(way);
            let mut state = before.clone();
            match after.take() {
                None => state = self.state.clone(),
                Some(after) => state.join(after, self.state.clone()),
            }
            after = Some(state);
        }
        self.state = after.unwrap_or(before);
    }

    /// What handlers do, they do after a failure; it does not count for what follows.
    fn attempt(&mut self, attempt: &'a StmtTry) {
        self.body(&attempt.body);
        let after = self.state.clone();
        for handler in &attempt.handlers {
            let ExceptHandler::ExceptHandler(handler) = handler;
            self.body(&handler.body);
            self.state = after.clone();
        }
        self.body(&attempt.orelse);
        self.body(&attempt.finalbody);
    }
}

/// `if connection.dialect.name == "sqlite":` is never true on PostgreSQL.
fn is_for_another_database(test: &str) -> bool {
    let test = test.to_ascii_lowercase();
    let names = ["sqlite", "mysql", "mariadb", "oracle", "mssql"];
    let negated = ["not", "!=", "postgres"];
    names.iter().any(|name| test.contains(name)) && !negated.iter().any(|word| test.contains(word))
}
