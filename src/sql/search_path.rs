//! Which schema a search path puts new objects into, and which statements set one.

use std::ops::Range;

use squawk_lexer::TokenKind;

use super::tokens::{Token, lex_leniently};

/// A search path that begins with another schema than `public`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SearchPath {
    /// Where new objects go. None if the text has a place there that is filled when the program runs.
    pub first: Option<String>,
    /// Where objects are looked for, too; as far as the text names them.
    pub rest: Vec<String>,
}

impl SearchPath {
    /// One that is only known when the program runs.
    pub fn open() -> Self {
        Self {
            first: None,
            rest: Vec::new(),
        }
    }

    /// Whether objects in this schema are found by it.
    pub fn has(&self, schema: &str) -> bool {
        let mut all = self.first.iter().chain(&self.rest);
        all.any(|known| known == schema)
    }
}

/// A statement that sets the search path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PathSet {
    pub path: SearchPath,
    /// It holds to the end of the transaction.
    pub local: bool,
}

/// What fills a text when a program runs: an f-string, `str.format`, `%`, a bind parameter.
const FILLED: [char; 3] = ['{', '%', '\\'];

/// The path of a list as `set_config` and `-c search_path=…` take it; none if it begins with `public`, which PostgreSQL has without
/// a setting, or if nothing can be made there.
pub fn path_of(list: &str) -> Option<SearchPath> {
    path(list.split(',').map(|name| {
        let name = name.trim();
        let quoted = name
            .strip_prefix('"')
            .and_then(|name| name.strip_suffix('"'));
        quoted.map_or_else(|| name.to_ascii_lowercase(), str::to_owned)
    }))
}

/// The path from the first schema on that objects can be made in. That of the user's own name is most often not there.
fn path(names: impl Iterator<Item = String>) -> Option<SearchPath> {
    let mut names = names.filter(|name| {
        let own = matches!(name.as_str(), "$user" | "" | "pg_catalog" | "pg_temp");
        !own
    });
    let first = names.next().filter(|first| first != "public")?;
    let is_known = |name: &String| !name.contains(FILLED);
    Some(SearchPath {
        first: Some(first).filter(is_known),
        rest: names.filter(is_known).collect(),
    })
}

/// The statements in a text that set the search path of the session, of the transaction, or of a role or database, to another
/// schema than `public`. What a function sets for itself does not count.
pub fn path_sets(sql: &str) -> Vec<PathSet> {
    let tokens = lex_leniently(sql);
    let text = Text {
        sql,
        tokens: &tokens,
    };
    let mut found = Vec::new();
    let mut start = 0;
    for end in 0..=tokens.len() {
        if tokens
            .get(end)
            .is_some_and(|token| token.kind != TokenKind::Semi)
        {
            continue;
        }
        text.statement(start..end, &mut found);
        start = end + 1;
    }
    found
}

/// The schemas that a text names before one of these tables: `jobs` in `jobs.procrastinate_jobs`. `public` is none.
pub fn schemas_before(sql: &str, tables: &[&str]) -> Vec<String> {
    let tokens = lex_leniently(sql);
    let text = Text {
        sql,
        tokens: &tokens,
    };
    let qualified = tokens.windows(3).filter(|three| {
        let is_table = |token: Token| tables.iter().any(|table| text.name(token) == *table);
        three[0].is_name() && three[1].is_dot() && three[2].is_name() && is_table(three[2])
    });
    let mut schemas: Vec<String> = qualified.map(|three| text.name(three[0])).collect();
    schemas.retain(|schema| schema != "public" && !schema.contains(FILLED));
    schemas
}

struct Text<'a> {
    sql: &'a str,
    tokens: &'a [Token],
}

impl Text<'_> {
    /// A name as PostgreSQL knows it, or what a string holds.
    fn name(&self, token: Token) -> String {
        let written = &self.sql[token.start..token.end];
        let inside = |quote| written.strip_prefix(quote)?.strip_suffix(quote);
        match inside('"').or_else(|| inside('\'')) {
            Some(quoted) => quoted.to_owned(),
            None => written.to_ascii_lowercase(),
        }
    }

    fn is_word(&self, at: usize, words: &[&str]) -> bool {
        let token = self
            .tokens
            .get(at)
            .filter(|token| token.kind == TokenKind::Ident);
        token.is_some_and(|token| words.contains(&self.name(*token).as_str()))
    }

    fn statement(&self, range: Range<usize>, found: &mut Vec<PathSet>) {
        let of_role = self.is_word(range.start, &["alter"])
            && self.is_word(range.start + 1, &["role", "user", "database"]);
        for at in range.clone() {
            let set = self.is_word(at, &["set"]) && (at == range.start || of_role);
            let path = if set {
                self.set(at, range.end)
            } else if self.is_word(at, &["set_config"]) {
                self.set_config(at)
            } else {
                None
            };
            found.extend(path);
        }
    }

    /// `SET [SESSION | LOCAL] search_path { TO | = } …`, and `SET SCHEMA '…'`, which does the same.
    fn set(&self, at: usize, end: usize) -> Option<PathSet> {
        let scope = usize::from(self.is_word(at + 1, &["session", "local"]));
        let local = self.is_word(at + 1, &["local"]);
        let name = at + 1 + scope;
        let values = if self.is_word(name, &["schema"]) {
            name + 1
        } else if self.is_word(name, &["search_path"]) {
            name + 2
        } else {
            return None;
        };
        let values = self.tokens.get(values..end).unwrap_or_default();
        let parts = values.split(|token| token.kind == TokenKind::Comma);
        let names = parts.map(|part| match part {
            [name] if name.kind == TokenKind::Ident && self.name(*name) == "default" => {
                String::new()
            }
            [name] => self.name(*name),
            // Somebody puts the value together.
            _ => FILLED.iter().collect(),
        });
        path(names).map(|path| PathSet { path, local })
    }

    /// `set_config('search_path', '…', false)`
    fn set_config(&self, at: usize) -> Option<PathSet> {
        let name = self.tokens.get(at + 2).map(|token| self.name(*token))?;
        if name != "search_path" {
            return None;
        }
        let value = self.tokens.get(at + 4)?;
        let is_text = matches!(value.kind, TokenKind::Literal { .. })
            && self.sql[value.start..].starts_with('\'');
        let path = match is_text {
            true => path_of(&self.name(*value))?,
            false => SearchPath::open(),
        };
        let local = self.is_word(at + 6, &["true"]);
        Some(PathSet { path, local })
    }
}

#[cfg(test)]
mod tests;
