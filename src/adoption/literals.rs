//! SQL in the strings of a Python file.

use std::collections::HashSet;
use std::sync::LazyLock;

use super::Ddl;
use crate::catalog;
use crate::catalog::objects::short;
use crate::python_source::{
    Expr, FStringPart, InterpolatedStringElement, Names, Operator, string_of,
};
use crate::sql::ddl::{Kind, Target, targets};
use crate::sql::statements::{Statement, split, split_leniently};
use crate::sql::{fingerprints, is_plpgsql};

/// Stands for what is known only when the code runs.
pub(super) const HOLE: &str = "_hole_";

/// What a string says, as SQL.
pub(super) enum Said {
    /// Nothing about Procrastinate's objects; whether it does something else to a database.
    Nothing {
        sql: bool,
    },
    Ddl(Ddl),
    /// It makes, changes or drops an object of Procrastinate's whose name is known only when it runs.
    Unclear,
    /// The same of any object.
    Dynamic,
    /// It is the name of an object of Procrastinate's, and nothing else.
    Name,
}

/// Of so many parts a string may be put together.
const MOST: usize = 400;

/// The text of a string literal, an f-string or a concatenation, with [`HOLE`] for what is known only when the code runs; none
/// of other expressions.
pub(super) fn written(names: &Names<'_>, expression: &Expr) -> Option<String> {
    text_at(names, expression, &mut MOST.clone())
}

fn text_at(names: &Names<'_>, expression: &Expr, left: &mut usize) -> Option<String> {
    *left = left.checked_sub(1)?;
    let mut part = |expression: &Expr| match expression {
        Expr::Name(name) => names
            .only_value(&name.id)
            .and_then(|value| text_at(names, value, left)),
        other => text_at(names, other, left),
    };
    let or_hole = |text: Option<String>| text.unwrap_or_else(|| HOLE.to_owned());
    match expression {
        Expr::FString(string) => {
            let mut text = String::new();
            for piece in &string.value {
                match piece {
                    FStringPart::Literal(literal) => text.push_str(literal),
                    FStringPart::FString(string) => {
                        for element in &string.elements {
                            match element {
                                InterpolatedStringElement::Literal(literal) => {
                                    text.push_str(&literal.value)
                                }
                                InterpolatedStringElement::Interpolation(inserted) => {
                                    text.push_str(&or_hole(part(&inserted.expression)));
                                }
                            }
                        }
                    }
                }
            }
            Some(text)
        }
        Expr::BinOp(sum) if sum.op == Operator::Add => {
            let (one, other) = (part(&sum.left), part(&sum.right));
            (one.is_some() || other.is_some()).then(|| or_hole(one) + &or_hole(other))
        }
        other => string_of(other),
    }
}

/// What a text says. [`HOLE`], `{…}`, `%(…)s` and `%s` stand for what is known only when the code runs.
pub(super) fn said_by(text: &str) -> Said {
    const NAME: &[u8] = b"procrastinate";
    let mut windows = text.as_bytes().windows(NAME.len());
    if !windows.any(|window| window.eq_ignore_ascii_case(NAME)) {
        let first = text.split_whitespace().next().unwrap_or_default();
        let sql = VERBS.iter().any(|verb| first.eq_ignore_ascii_case(verb));
        let filled = filled(text);
        let dynamic = sql && filled.contains(HOLE) && read(&split_leniently(&filled)).dynamic;
        return match dynamic {
            true => Said::Dynamic,
            false => Said::Nothing { sql },
        };
    }
    if ["table", "type", "function", "index", "sequence", "trigger"]
        .iter()
        .any(|kind| is_object(kind, text))
    {
        return Said::Name;
    }
    // SQLAlchemy takes the backslash away.
    for text in [text.to_owned(), text.replace("\\:", ":")] {
        let plain = split(&text).map(|statements| read(&statements));
        if let Ok(read) = &plain
            && !read.targets.is_empty()
        {
            return read.said((!text.contains(HOLE)).then_some(&text));
        }
    }
    let filled = filled(text);
    match split(&filled) {
        Ok(statements) => read(&statements).said(None),
        Err(_) => read(&split_leniently(&filled)).said(None),
    }
}

/// What the statements of a text do.
#[derive(Default)]
struct Read {
    targets: Vec<Target>,
    unclear: bool,
    dynamic: bool,
    /// Whether a statement does something to other objects, or may.
    others: bool,
    /// The same, of statements that are plainly SQL: the text may be none.
    verbs: bool,
}

fn read(statements: &[Statement<'_>]) -> Read {
    let mut read = Read::default();
    for statement in statements {
        let all = targets(statement);
        read.unclear |= all.iter().any(is_unclear);
        read.dynamic |= all.iter().any(|target| target.name == HOLE);
        let own: Vec<Target> = all
            .iter()
            .filter(|one| is_procrastinates(one))
            .cloned()
            .collect();
        read.others |= own.len() < all.len()
            || own.is_empty() && does_something(statement) && !is_published(statement);
        read.verbs |= VERBS.iter().any(|verb| statement.starts_with(&[verb]));
        read.targets.extend(own);
    }
    read
}

impl Read {
    fn said(&self, text: Option<&str>) -> Said {
        match (self.targets.is_empty(), self.unclear) {
            (true, true) => Said::Unclear,
            (true, false) => Said::Nothing {
                sql: self.others && self.verbs,
            },
            (false, _) => Said::Ddl(Ddl {
                text: text.map(str::to_owned),
                targets: self.targets.clone(),
                others: self.others,
            }),
        }
    }
}

/// Whether it is an object that a release of Procrastinate has made. Its tables, types and functions count under their own
/// names only: what else begins with `procrastinate_` may be the project's.
pub(super) fn is_procrastinates(target: &Target) -> bool {
    let kind = match target.kind {
        Kind::Table => "table",
        Kind::Type => "type",
        Kind::Function => "function",
        Kind::Index => "index",
        Kind::Sequence => "sequence",
        Kind::Trigger => "trigger",
    };
    is_object(kind, &target.name)
}

/// The same of `KIND`, as the catalogue of objects has it, and a name.
pub(super) fn is_object(kind: &str, name: &str) -> bool {
    static OBJECTS: LazyLock<HashSet<(&str, &str)>> = LazyLock::new(|| {
        let effects = catalog::effects().iter();
        let statements = effects.flat_map(|effects| effects.statements);
        let set = statements.flat_map(|statement| statement.set);
        let named = set.filter_map(|(_, object)| object.split_once(' '));
        named
            .map(|(kind, named)| (kind, name_of(kind, named)))
            .collect()
    });
    OBJECTS.contains(&(kind, name))
}

/// The name of an object, as statements have it.
fn name_of<'a>(kind: &str, named: &'a str) -> &'a str {
    match kind {
        "function" => named.split('(').next().unwrap_or(named),
        "trigger" => named.rsplit('.').next().unwrap_or(named),
        _ => named,
    }
}

fn is_unclear(target: &Target) -> bool {
    target.name.contains(HOLE) && target.name.contains("procrastinate")
}

/// What SQL begins with that leaves something behind, or may.
const VERBS: [&str; 22] = [
    "CREATE", "ALTER", "DROP", "INSERT", "UPDATE", "DELETE", "GRANT", "REVOKE", "TRUNCATE", "DO",
    "WITH", "CALL", "LOCK", "COPY", "REFRESH", "REINDEX", "VACUUM", "ANALYZE", "IMPORT", "MERGE",
    "SELECT", "COMMENT",
];

/// Whether a statement leaves something behind in the database, or may: a function that is called can do anything. `SET` does not.
fn does_something(statement: &Statement<'_>) -> bool {
    let harmless = ["SET", "RESET", "SHOW"]
        .iter()
        .any(|verb| statement.starts_with(&[verb]));
    let sets = statement.starts_with(&["SELECT"]) && statement.has_word("SET_CONFIG");
    !harmless && !sets && !is_plpgsql(statement)
}

/// Whether a release has this very statement: a migration changes rows, too.
fn is_published(statement: &Statement<'_>) -> bool {
    static SAID: LazyLock<HashSet<u64>> = LazyLock::new(|| {
        let of_schemas = catalog::schemas().iter().flat_map(|schema| schema.says);
        let of_migrations = catalog::effects().iter().flat_map(|effects| effects.says);
        of_migrations.chain(of_schemas).copied().collect()
    });
    let text = statement.text().replace("\\:", ":");
    let forms = [text.replace("%%", "%"), text];
    forms.iter().any(|text| {
        let said = fingerprints(text, None).unwrap_or_default();
        !said.is_empty() && said.iter().all(|one| SAID.contains(&short(one)))
    })
}

/// The text with a word in each place that is filled when the code runs.
fn filled(text: &str) -> String {
    let mut filled = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(['{', '%']) {
        filled.push_str(&rest[..at]);
        let tail = &rest[at..];
        let end = match tail.as_bytes() {
            [b'{', b'{', ..] | [b'%', b'%', ..] => None,
            [b'{', ..] => tail
                .find('}')
                .filter(|end| !tail[..*end].contains('\n'))
                .map(|end| end + 1),
            [b'%', b's', ..] => Some(2),
            [b'%', b'(', ..] => tail.find(")s").map(|end| end + 2),
            _ => None,
        };
        match end {
            Some(end) => {
                filled.push_str(HOLE);
                rest = &tail[end..];
            }
            None => {
                filled.push_str(&tail[..1]);
                rest = &tail[1..];
            }
        }
    }
    filled + rest
}
