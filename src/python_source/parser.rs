//! What the readers of Python files share: the parser, places, and calls.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, ModModule, PythonVersion, Stmt};
use ruff_python_parser::{Mode, ParseOptions, Parsed, parse_module};
use ruff_text_size::Ranged;

use super::depth::too_deep;
use crate::effort;

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {message}")]
pub struct SyntaxError {
    /// Counted from 1.
    pub line: usize,
    pub message: String,
    /// The bound of this program's that it is beyond, if it is no fault of the file.
    pub bound: Option<Bound>,
}

/// What is read of no Python file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Bound {
    TooDeep,
    TooLong,
}

/// The most that is parsed of one file: the tree of a file takes up to 150 times as much memory as its text.
const LONGEST: usize = 1 << 20;

impl Bound {
    pub(super) fn why(self) -> &'static str {
        match self {
            Self::TooDeep => "it is nested too deeply to be read",
            Self::TooLong => "it is longer than 1 MiB, the most that is read of a Python file",
        }
    }
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
        let (before, after) = source.split_at(node.start().into());
        let start = before.rfind('\n').map_or(0, |end| end + 1);
        let end = after.find('\n').unwrap_or(after.len());
        Self {
            line: line_at(source, node),
            text: shown_line(&source[start..before.len() + end]),
        }
    }
}

/// A source and where its lines begin, for those who ask for many places.
pub(crate) struct Lines<'a> {
    source: &'a str,
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(crate) fn of(source: &'a str) -> Self {
        let ends = source.match_indices('\n').map(|(end, _)| end + 1);
        Self {
            source,
            starts: [0].into_iter().chain(ends).collect(),
        }
    }

    /// The line on which an expression, a statement or a range begins, counted from 1.
    pub(crate) fn line(&self, node: &impl Ranged) -> usize {
        self.line_of(node.start().into())
    }

    /// The first and the last line of the same, counted from 1.
    pub(crate) fn lines(&self, node: &impl Ranged) -> (usize, usize) {
        (self.line(node), self.line_of(node.end().into()))
    }

    fn line_of(&self, offset: usize) -> usize {
        effort::count(1);
        self.starts.partition_point(|start| *start <= offset)
    }

    pub(crate) fn place(&self, node: &impl Ranged) -> Place {
        let line = self.line(node);
        let start = self.starts.get(line.saturating_sub(1)).copied();
        let text = self.source[start.unwrap_or(0)..].split('\n').next();
        Place {
            line,
            text: shown_line(text.unwrap_or_default()),
        }
    }
}

pub(crate) fn parse(source: &str) -> Result<Parsed<ModModule>, SyntaxError> {
    within_bounds(source)?;
    parse_module(source).map_err(|error| SyntaxError {
        line: line_at(source, &error),
        message: error.error.to_string(),
        bound: None,
    })
}

fn within_bounds(source: &str) -> Result<(), SyntaxError> {
    let bound = match source.len() > LONGEST {
        true => Some(Bound::TooLong),
        false => too_deep(source).then_some(Bound::TooDeep),
    };
    bound.map_or(Ok(()), |bound| {
        Err(SyntaxError {
            line: 1,
            message: bound.why().to_owned(),
            bound: Some(bound),
        })
    })
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
                bound: None,
            }),
        },
        None => parse(source),
    }
}

/// The text of an expression or a statement.
pub(crate) fn text_of<'a>(source: &'a str, node: &impl Ranged) -> &'a str {
    &source[std::ops::Range::from(node.range())]
}

/// The line on which an expression, a statement or a range begins, counted from 1. It is counted from the file's beginning: who asks for
/// many lines asks [`Lines`].
pub(crate) fn line_at(source: &str, node: &impl Ranged) -> usize {
    let before = &source.as_bytes()[..usize::from(node.start())];
    effort::count(before.len());
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

/// What is shown of a line, in bytes.
const SHOWN: usize = 1_000;

/// A line without the blanks around it, and without the end of one that nobody could read.
pub(crate) fn shown_line(line: &str) -> String {
    let line = line.trim();
    match line.len() > SHOWN {
        true => format!("{}…", &line[..line.floor_char_boundary(SHOWN)]),
        false => line.to_owned(),
    }
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
    let mut found = Expressions::up_to(usize::MAX);
    found.visit_body(suite);
    found.all
}

/// An expression, and those inside of it.
pub(crate) fn inside(expression: &Expr) -> Vec<&Expr> {
    inside_within(usize::MAX, expression).unwrap_or_default()
}

/// The same; none if these are more than `most`.
pub(super) fn inside_within(most: usize, expression: &Expr) -> Option<Vec<&Expr>> {
    let mut found = Expressions::up_to(most);
    found.visit_expr(expression);
    Some(found.all).filter(|all| all.len() <= most)
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

struct Expressions<'a> {
    all: Vec<&'a Expr>,
    most: usize,
}

impl Expressions<'_> {
    fn up_to(most: usize) -> Self {
        Self {
            all: Vec::new(),
            most,
        }
    }
}

impl<'a> Visitor<'a> for Expressions<'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        let alone = statement.as_expr_stmt();
        if alone.is_none_or(|alone| !alone.value.is_string_literal_expr()) {
            walk_stmt(self, statement);
        }
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        effort::count(1);
        if self.all.len() <= self.most {
            self.all.push(expression);
            walk_expr(self, expression);
        }
    }
}
