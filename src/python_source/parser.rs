//! What the readers of Python files share: the parser, places, and calls.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_module};
use ruff_text_size::Ranged;

use super::depth::too_deep;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
    /// Whether it is a bound of this program's, and no fault of the file.
    pub is_bound: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// Counted from 1.
    pub line: usize,
    /// What stands there, without the blanks around it. It is foreign text: escape it before it is shown.
    pub text: String,
}

impl Place {
    pub(crate) fn of(source: &str, node: &impl Ranged) -> Self {
        let line = line_at(source, node);
        let text = source.split('\n').nth(line - 1).unwrap_or_default();
        Self {
            line,
            text: text.trim().to_owned(),
        }
    }
}

pub(crate) fn parse(source: &str) -> Result<Parsed<ModModule>, SyntaxError> {
    within_bounds(source)?;
    parse_module(source).map_err(|error| SyntaxError {
        line: line_at(source, &error),
        message: error.error.to_string(),
        is_bound: false,
    })
}

fn within_bounds(source: &str) -> Result<(), SyntaxError> {
    match too_deep(source) {
        true => Err(SyntaxError {
            line: 1,
            message: "it is nested too deeply to be read".to_owned(),
            is_bound: true,
        }),
        false => Ok(()),
    }
}

/// The same, for a Python that may be too old for the file's syntax: its major and minor version.
pub(crate) fn parse_for(
    source: &str,
    python: Option<(u8, u8)>,
) -> Result<Parsed<ModModule>, SyntaxError> {
    let Some((major, minor)) = python else {
        return parse(source);
    };
    within_bounds(source)?;
    let version = PythonVersion { major, minor };
    let options = ParseOptions::from(Mode::Module).with_target_version(version);
    let parsed = ruff_python_parser::parse_unchecked(source, options).try_into_module();
    match parsed.filter(Parsed::has_valid_syntax) {
        Some(parsed) => match parsed.unsupported_syntax_errors().first() {
            None => Ok(parsed),
            Some(newer) => Err(SyntaxError {
                line: line_at(source, newer),
                message: newer.to_string(),
                is_bound: false,
            }),
        },
        None => parse(source),
    }
}

/// The text of an expression or a statement.
pub(crate) fn text_of<'a>(source: &'a str, node: &impl Ranged) -> &'a str {
    &source[std::ops::Range::from(node.range())]
}

/// The line on which an expression, a statement or a range begins, counted from 1.
pub(crate) fn line_at(source: &str, node: &impl Ranged) -> usize {
    source[..usize::from(node.start())].matches('\n').count() + 1
}

/// The first and the last line of the same, counted from 1.
pub(crate) fn lines_of(source: &str, node: &impl Ranged) -> (usize, usize) {
    let first = line_at(source, node);
    (first, first + text_of(source, node).matches('\n').count())
}

/// The value of a string literal.
pub(crate) fn string_of(expression: &Expr) -> Option<String> {
    let literal = expression.as_string_literal_expr()?;
    Some(literal.value.to_str().to_owned())
}

/// What is written in a string: its value, or the text of an f-string with its braces.
pub(crate) fn written(source: &str, expression: &Expr) -> Option<String> {
    let Expr::FString(_) = expression else {
        return string_of(expression);
    };
    let quotes = ['"', '\''];
    let text = text_of(source, expression)
        .trim_start_matches(|character: char| character.is_ascii_alphabetic())
        .trim_matches(quotes);
    Some(text.to_owned())
}

/// All strings, each with [`written`].
pub(crate) fn strings<'a>(source: &str, suite: &'a [Stmt]) -> Vec<(&'a Expr, String)> {
    let all = expressions(suite).into_iter();
    all.filter_map(|expression| Some((expression, written(source, expression)?)))
        .collect()
}

/// Every expression, outer before inner, in the order of the file. A string that is a statement of its own is a comment.
pub(crate) fn expressions(suite: &[Stmt]) -> Vec<&Expr> {
    let mut found = Expressions(Vec::new());
    found.visit_body(suite);
    found.0
}

/// An expression, and those inside of it.
pub(crate) fn inside(expression: &Expr) -> Vec<&Expr> {
    let mut found = Expressions(Vec::new());
    found.visit_expr(expression);
    found.0
}

pub(crate) fn calls(suite: &[Stmt]) -> impl Iterator<Item = &ExprCall> {
    expressions(suite)
        .into_iter()
        .filter_map(Expr::as_call_expr)
}

/// The last part of the called name.
pub(crate) fn called(call: &ExprCall) -> &str {
    match &*call.func {
        Expr::Name(name) => name.id.as_str(),
        Expr::Attribute(attribute) => attribute.attr.as_str(),
        _ => "",
    }
}

struct Expressions<'a>(Vec<&'a Expr>);

impl<'a> Visitor<'a> for Expressions<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let alone = statement.as_expr_stmt();
        if alone.is_none_or(|alone| !alone.value.is_string_literal_expr()) {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        self.0.push(expression);
        walk_expr(self, expression);
    }
}
