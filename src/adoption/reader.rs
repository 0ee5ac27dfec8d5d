//! Finds the signs in a revision file: by its syntax, never by running it.

use std::cell::{Cell, RefCell};
use std::collections::{HashMap, HashSet};
use std::mem::Discriminant;

use camino::Utf8Path;

use super::body::body;
use super::calls::{Calls, Does, changes_text, chooses, is_harmless, is_in_package, is_of_paths};
use super::found::Found;
use super::literals::{HOLE, Said, said_by, written};
use super::paths::Paths;
use super::ranges::Ranges;
use super::{Files, How, OwnRevision, Sign, Unclear};
use crate::alembic::invocations::{self, Wanted, calls};
use crate::python_source::{
    Expr, ExprCall, Lines, Names, Ranged, Stmt, StmtFunctionDef, SyntaxError, TextSize, called,
    expressions, inside, parse, text_of,
};

pub(super) fn read(
    source: &str,
    path: &Utf8Path,
    files: &Files<'_>,
) -> Result<OwnRevision, SyntaxError> {
    let module = parse(source)?;
    let names = &Names::read(module.suite());
    let lines = &Lines::of(source);
    let reader = Reader {
        source,
        names,
        lines,
        bound: RefCell::default(),
        functions: Ranges::of(names.functions.iter().map(|function| function.range())),
        left: Cell::new(MOST_BY_NAME),
        calls: Calls {
            source,
            names,
            lines,
            applies: applies(source),
        },
        paths: Paths {
            names,
            own: path,
            files,
        },
    };
    let mut unclear = Vec::new();
    let mut of = |name: &str| {
        let mut functions = module.suite().iter().filter_map(Stmt::as_function_def_stmt);
        let function = functions.rfind(|function| function.name.as_str() == name)?;
        let (body, doubts) = body(&reader, function);
        unclear.extend(doubts);
        Some(body)
    };
    let (upgrade, downgrade) = (of("upgrade"), of("downgrade"));
    unclear.sort_by_key(|unclear: &Unclear| unclear.line);
    unclear.dedup();
    Ok(OwnRevision {
        upgrade,
        downgrade,
        unclear,
    })
}

fn applies(source: &str) -> Vec<usize> {
    let wanted = Wanted {
        upgrades: false,
        procrastinate: true,
    };
    let calls = calls("revision.py", source, wanted).into_iter();
    calls
        .filter(|call| call.does == invocations::Does::ApplySchema)
        .map(|call| call.line)
        .collect()
}

pub(super) struct Reader<'a> {
    pub(super) source: &'a str,
    pub(super) names: &'a Names<'a>,
    pub(super) lines: &'a Lines<'a>,
    /// The names that each function binds, by where it begins.
    pub(super) bound: RefCell<HashMap<TextSize, HashSet<&'a str>>>,
    /// All functions.
    pub(super) functions: Ranges,
    /// How many expressions may still be looked at for the names that stand for them.
    pub(super) left: Cell<usize>,
    calls: Calls<'a>,
    paths: Paths<'a>,
}

/// A walk through expressions, and through the names that they use.
pub(super) struct Walk<'a> {
    pub(super) found: Found,
    /// The functions and values that were looked at, by where they begin.
    pub(super) seen: HashSet<usize>,
    /// The expressions that were looked at as a whole: a file that is read, a text that is put together, what is logged.
    covered: Ranges,
    /// What is called: `op.execute` of `op.execute(…)`.
    called: Ranges,
    /// The concatenations whose strings were looked at together.
    joined: Ranges,
    /// The lines of the signs, and of which kind these are.
    signs: HashSet<(usize, Discriminant<How>)>,
    /// The function that the code is in.
    pub(super) inside: &'a StmtFunctionDef,
}

/// Of the values and functions that names stand for, so many expressions are looked at, those of each use: what more there is, is unclear.
pub(super) const MOST_BY_NAME: usize = 1_000_000;

impl<'a> Reader<'a> {
    /// What a statement of `function` does, its inner statements included.
    pub(super) fn statement(&self, statement: &'a Stmt, function: &'a StmtFunctionDef) -> Found {
        self.look(expressions(std::slice::from_ref(statement)), function)
    }

    pub(super) fn expression(&self, expression: &'a Expr, function: &'a StmtFunctionDef) -> Found {
        self.look(inside(expression), function)
    }

    fn look(&self, expressions: Vec<&'a Expr>, function: &'a StmtFunctionDef) -> Found {
        let mut walk = Walk {
            found: Found::default(),
            seen: HashSet::new(),
            covered: Ranges::default(),
            called: Ranges::default(),
            joined: Ranges::default(),
            signs: HashSet::new(),
            inside: function,
        };
        self.walk(expressions, &mut walk);
        walk.found
    }

    pub(super) fn walk(&self, expressions: Vec<&'a Expr>, walk: &mut Walk<'a>) {
        for expression in expressions {
            let range = expression.range();
            if walk.covered.contains(range) {
                continue;
            }
            let is_joined = walk.joined.contains(range);
            let is_text = matches!(expression, Expr::StringLiteral(_) | Expr::BinOp(_));
            if is_joined && is_text {
                self.file(expression, walk);
                continue;
            }
            if let Some(text) = written(self.names, expression) {
                if text.contains(HOLE) {
                    // What fills it is looked at, too.
                    walk.found.changed = true;
                    walk.joined.insert(range);
                } else if !matches!(expression, Expr::StringLiteral(_)) {
                    walk.covered.insert(range);
                }
                self.text(expression, &text, walk);
                self.file(expression, walk);
                continue;
            }
            if let Some(full_name) = self.names.full_name(expression)
                && is_in_package(&full_name)
            {
                self.sign(expression, How::Package(self.words(expression)), walk);
                continue;
            }
            match expression {
                Expr::Name(name) if name.ctx.is_load() => {
                    let is_called = walk.called.contains(range);
                    if !is_called
                        || self.names.function(&name.id).is_some()
                        || self.names.only_value(&name.id).is_some()
                    {
                        self.follow(&name.id, walk);
                    }
                }
                Expr::Call(call) => {
                    self.file(expression, walk);
                    self.call(expression, call, walk);
                }
                Expr::BinOp(_) | Expr::Attribute(_) => self.file(expression, walk),
                Expr::If(_) | Expr::BoolOp(_) => walk.found.conditional = true,
                Expr::Subscript(part) => walk.found.changed |= !is_of_paths(&part.value),
                Expr::ListComp(_) | Expr::Generator(_) | Expr::SetComp(_) => {
                    walk.found.changed |= chooses(expression);
                }
                _ => {}
            }
        }
    }

    fn sign(&self, at: &Expr, how: How, walk: &mut Walk<'a>) {
        let line = match how.ddl().and_then(|ddl| ddl.targets.first()) {
            // The line of the statement, where the literal has its text as it is.
            Some(target) => self.line_of(at, &target.name),
            None => self.lines.line(at),
        };
        if walk.signs.insert((line, std::mem::discriminant(&how))) {
            walk.found.signs.push(Sign { line, how });
        }
    }

    /// The line in an expression on which a word first stands, or on which the expression begins.
    fn line_of(&self, at: &Expr, word: &str) -> usize {
        let before = text_of(self.source, at).split_once(word);
        let lines = before.map_or(0, |(before, _)| before.matches('\n').count());
        self.lines.line(at) + lines
    }

    fn doubt(&self, at: &Expr, walk: &mut Walk<'a>) {
        let line = self.lines.line(at);
        let what = self.words(at);
        walk.found.unclear.push(Unclear { line, what });
    }

    /// The first line of an expression.
    fn words(&self, expression: &Expr) -> String {
        let text = text_of(self.source, expression);
        text.lines().next().unwrap_or_default().to_owned()
    }

    fn text(&self, at: &'a Expr, text: &str, walk: &mut Walk<'a>) {
        walk.found.texts.push(text.to_ascii_uppercase());
        match said_by(text) {
            Said::Ddl(ddl) => {
                walk.found.others |= ddl.others;
                self.sign(at, How::Literal(ddl), walk);
            }
            Said::Unclear => self.doubt(at, walk),
            Said::Dynamic => {
                walk.found.dynamic = true;
                walk.found.others = true;
            }
            Said::Name => {
                let line = self.lines.line(at);
                walk.found.names.push((line, text.to_owned()));
            }
            Said::Nothing { sql } => walk.found.others |= sql,
        }
    }

    /// A `.sql` file that an expression names by a literal path: from the file itself, or from the working directory.
    fn file(&self, expression: &'a Expr, walk: &mut Walk<'a>) {
        let value = self.paths.value(expression);
        let Some(written) = value.filter(|path| path.extension() == Some("sql")) else {
            return;
        };
        match self.paths.file(&written) {
            Some((path, text)) => {
                walk.covered.insert(expression.range());
                match said_by(&text) {
                    Said::Ddl(ddl) => {
                        walk.found.others |= ddl.others;
                        self.sign(expression, How::File { path, ddl }, walk);
                    }
                    Said::Nothing { sql } => walk.found.others |= sql,
                    Said::Dynamic | Said::Name => walk.found.others = true,
                    Said::Unclear => self.doubt(expression, walk),
                }
            }
            // It may be a part of a path that can be read no better.
            None if written.as_str().contains("procrastinate") => self.doubt(expression, walk),
            None => {}
        }
    }

    fn call(&self, expression: &'a Expr, call: &'a ExprCall, walk: &mut Walk<'a>) {
        walk.called.insert(call.func.range());
        let name = called(call);
        walk.found.changed |= changes_text(call);
        match self.calls.does(call) {
            Some(Does::Sign(how)) => {
                match how {
                    How::Command(_) => walk.covered.insert(expression.range()),
                    // The package's name is no file.
                    How::Package(_) => walk.covered.insert(call.arguments.range()),
                    How::Literal(_) | How::File { .. } | How::Operation(..) => {}
                }
                self.sign(expression, how, walk);
            }
            Some(Does::Other) => walk.found.others = true,
            Some(Does::Dynamic) => {
                walk.found.others = true;
                walk.found.dynamic = true;
            }
            Some(Does::OfObject) => {
                walk.found.others = true;
                walk.found.of_object = true;
            }
            Some(Does::Nothing) => walk.covered.insert(expression.range()),
            None if name.contains("procrastinate") && self.names.function(name).is_none() => {
                self.doubt(expression, walk);
                walk.found.unknown();
            }
            // What is not known may do anything.
            None => {
                let is_known = is_harmless(call) || self.names.function(name).is_some();
                let is_unread =
                    ["open", "read_text", "read_bytes"].contains(&name) && !self.is_read(call);
                if !is_known || is_unread {
                    walk.found.unknown();
                }
            }
        }
    }

    /// Whether what a call reads is known: a file of the project, or of the package.
    fn is_read(&self, call: &'a ExprCall) -> bool {
        let receiver = call
            .func
            .as_attribute_expr()
            .map(|attribute| attribute.value.as_ref());
        let Some(what) = receiver.or_else(|| call.arguments.args.first()) else {
            return false;
        };
        let written = self.paths.value(what);
        let of_package = |expression: &&'a Expr| {
            let full_name = self.names.full_name(expression);
            full_name.is_some_and(|name| is_in_package(&name))
                || expression
                    .as_call_expr()
                    .is_some_and(|call| matches!(self.calls.does(call), Some(Does::Sign(_))))
        };
        let what = self.names.resolved(what);
        // The target of a loop is looked at in its head.
        written.is_some_and(|path| self.paths.file(&path).is_some())
            || inside(what).iter().any(of_package)
            || what.is_name_expr()
    }
}
