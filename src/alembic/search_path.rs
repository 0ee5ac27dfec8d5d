//! Where Python files and URLs set a search path that begins with another schema than `public`.
//!
//! `schema_translate_map` is no sign: it changes what SQLAlchemy makes of its own tables, and never SQL that is written as text.

use percent_encoding::percent_decode_str;

use crate::procrastinate::PACKAGE;
use crate::python_source::{
    Expr, Lines, Names, Place, calls, expressions, parse, string_of, strings, written,
};
use crate::sql::ddl::targets;
use crate::sql::statements::split_leniently;
use crate::sql::{PathSet, SearchPath, path_of, path_sets, schemas_before};

/// A place that sets the search path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathSign {
    pub place: Place,
    pub path: SearchPath,
    /// It holds to the end of the transaction.
    pub local: bool,
}

/// What a revision of the project's own says of the schema of Procrastinate's objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum InRevision {
    /// It sets a search path, and makes or changes them.
    Sets(PathSign),
    /// It names a table of theirs with its schema.
    Names(Place, String),
}

/// Procrastinate's tables. A project may have columns whose names begin like them.
const TABLES: [&str; 4] = [
    "procrastinate_jobs",
    "procrastinate_events",
    "procrastinate_workers",
    "procrastinate_periodic_defers",
];

const SEARCH_PATH: &str = "search_path";

/// The search path in a database's URL: `…?options=-csearch_path%3Djobs`.
pub fn of_url(url: &str) -> Option<SearchPath> {
    let (_, query) = url.split_once('?')?;
    of_options(&percent_decode_str(query).decode_utf8_lossy())
}

/// The same in options for PostgreSQL: `-c search_path=jobs`, `--search_path=jobs`.
fn of_options(text: &str) -> Option<SearchPath> {
    text.match_indices(SEARCH_PATH).find_map(|(at, name)| {
        let before = text[..at].trim_end_matches([' ', '+']);
        let value = text[at + name.len()..].trim_start().strip_prefix('=')?;
        let value = value
            .split([' ', '+', '&', '\''])
            .next()
            .unwrap_or_default();
        let is_option = before.ends_with("-c") || text[..at].ends_with("--");
        let value = if value.is_empty() { "{}" } else { value };
        path_of(value).filter(|_| is_option)
    })
}

/// The same in an expression that is an argument of a connection: a URL, options, or an entry `search_path` of a dictionary.
pub(super) fn path_in(source: &str, expression: &Expr) -> Option<SearchPath> {
    match expression {
        Expr::Dict(dict) => dict.items.iter().find_map(|item| {
            let is_path = item.key.as_ref().and_then(string_of).as_deref() == Some(SEARCH_PATH);
            is_path.then(|| value(source, &item.value)).flatten()
        }),
        Expr::Call(call) => {
            let keyword = call.arguments.find_keyword(SEARCH_PATH)?;
            value(source, &keyword.value)
        }
        _ => of_text(&written(source, expression)?),
    }
}

/// `"jobs,public"`, or what is only known when the program runs.
fn value(source: &str, expression: &Expr) -> Option<SearchPath> {
    match written(source, expression) {
        Some(list) => path_of(&list),
        None => Some(SearchPath::open()),
    }
}

fn of_text(text: &str) -> Option<SearchPath> {
    if text.contains("://") {
        of_url(text)
    } else {
        of_options(text)
    }
}

/// All places in a Python file, in its order.
pub(super) fn signs(source: &str, suite: &[ruff_python_ast::Stmt]) -> Vec<PathSign> {
    let connections = expressions(suite).into_iter().filter_map(|expression| {
        let is_text = expression.is_string_literal_expr() || expression.is_f_string_expr();
        let path = path_in(source, expression).filter(|_| !is_text)?;
        Some((expression, path, false))
    });
    let texts = strings(source, suite)
        .into_iter()
        .flat_map(|(expression, text)| {
            let connection = of_text(&text).map(|path| (path, false));
            let sets = path_sets(&text)
                .into_iter()
                .map(|PathSet { path, local }| (path, local));
            let all: Vec<_> = sets.chain(connection).collect();
            all.into_iter()
                .map(move |(path, local)| (expression, path, local))
        });
    let lines = Lines::of(source);
    let mut signs: Vec<PathSign> = connections
        .chain(texts)
        .map(|(expression, path, local)| PathSign {
            place: lines.place(expression),
            path,
            local,
        })
        .collect();
    signs.sort_by_key(|sign| sign.place.line);
    signs
}

/// What a revision says; none if it says nothing, or is not Python.
pub fn in_revision(source: &str) -> Option<InRevision> {
    if !source.contains(PACKAGE) {
        return None;
    }
    let parsed = parse(source).ok()?;
    let suite = parsed.suite();
    let names = Names::read(suite);
    let strings = strings(source, suite);
    let is_package = |name: &str| {
        let rest = name.strip_prefix(PACKAGE);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    let imports = names.any(|name| name.imported.iter().any(|name| is_package(name)));
    let changes = |text: &str| {
        let statements = split_leniently(text);
        let mut objects = statements.iter().flat_map(targets);
        objects.any(|object| object.name.starts_with("procrastinate_"))
    };
    let makes = |text: &String| is_package(text) || changes(text);
    if imports || strings.iter().any(|(_, text)| makes(text)) {
        let first = signs(source, suite).into_iter().next();
        if let Some(sign) = first {
            return Some(InRevision::Sets(sign));
        }
    }
    let in_text = strings.iter().find_map(|(expression, text)| {
        let schema = schemas_before(text, &TABLES).into_iter().next()?;
        Some((Place::of(source, *expression), schema))
    });
    let by_keyword = || {
        calls(suite).find_map(|call| {
            let schema = string_of(&call.arguments.find_keyword("schema")?.value)?;
            let table = string_of(call.arguments.args.first()?)?;
            let other = TABLES.contains(&table.as_str()) && schema != "public";
            other.then(|| (Place::of(source, call), schema))
        })
    };
    let (place, schema) = in_text.or_else(by_keyword)?;
    Some(InRevision::Names(place, schema))
}

#[cfg(test)]
mod tests;
