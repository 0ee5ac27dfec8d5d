//! What a revision file does, as far as its syntax tells.

use std::collections::HashSet;

use ruff_python_ast::comparable::ComparableExpr;
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged, TextRange};

use super::assigned::Assigned;
use super::parser::{called, calls, expressions, line_at, parse, string_of};
use super::revision_file::RevisionFileError;

/// The SQL files that a revision file names, without repeats.
pub(super) fn sql_files(
    source: &str,
    suite: &[Stmt],
    assigned: &Assigned,
) -> Result<Vec<String>, RevisionFileError> {
    let mut names = assigned.strings("MIGRATION_FILE")?;
    let literals = sql_literals(suite);
    for call in calls(suite) {
        if called(call) != "get_migration_sql" {
            continue;
        }
        let name = call.arguments.iter_source_order().next();
        let name = name.and_then(|argument| match argument.value() {
            Expr::Name(name) => {
                let constant =
                    (name.id.as_str() == "MIGRATION_FILE").then(|| assigned.value(&name.id));
                let constant = constant.flatten().and_then(string_of);
                // Otherwise, the name stands for the only one that the file has.
                constant.or_else(|| literals.first().filter(|_| literals.len() == 1).cloned())
            }
            other => string_of(other),
        });
        names.push(name.ok_or_else(|| RevisionFileError::Undecidable {
            line: line_at(source, call),
            name: "get_migration_sql(…)".to_owned(),
            why: "its argument is not a literal",
        })?);
    }
    // However a file gets at its SQL, the SQL's name is a literal in it.
    names.extend(literals);
    let mut seen = HashSet::new();
    names.retain(|name| seen.insert(name.clone()));
    Ok(names)
}

/// The strings that look like the name of a SQL file, in their order.
fn sql_literals(suite: &[Stmt]) -> Vec<String> {
    let is_name = |text: &String| text.ends_with(".sql") && !text.contains(char::is_whitespace);
    let strings = expressions(suite).into_iter().filter_map(string_of);
    let mut names: Vec<String> = strings.filter(is_name).collect();
    names.dedup();
    names
}

/// What `upgrade()` plainly does beside having one text run; none if nothing.
///
/// How the text is read, split, escaped and handed on is the file's own affair, and may lie in a helper. A second
/// `execute`, another operation of Alembic's, or words that are replaced in the text are more than that.
pub(super) fn more_than_sql(suite: &[Stmt]) -> Option<String> {
    const OF_ALEMBIC: [&str; 4] = ["execute", "get_context", "get_bind", "autocommit_block"];
    let upgrade = suite.iter().find_map(|statement| match statement {
        Stmt::FunctionDef(function) if function.name.as_str() == "upgrade" => Some(function),
        _ => None,
    });
    let Some(upgrade) = upgrade else {
        return Some("it has no `upgrade()`".to_owned());
    };
    let calls: Vec<_> = calls(&upgrade.body).collect();
    // The same text in two branches (online and offline, say) is still one.
    let mut texts: Vec<Option<ComparableExpr>> = Vec::new();
    for call in &calls {
        let text = call.arguments.args.first().map(ComparableExpr::from);
        if matches!(called(call), "execute" | "exec_driver_sql") && !texts.contains(&text) {
            texts.push(text);
        }
    }
    if texts.len() > 1 {
        return Some(format!("its `upgrade()` executes {} texts", texts.len()));
    }
    calls.iter().find_map(|call| {
        let Expr::Attribute(attribute) = &*call.func else {
            return None;
        };
        let name = attribute.attr.as_str();
        let value = attribute.value.as_name_expr();
        let of_op = value.is_some_and(|value| value.id.as_str() == "op");
        let operation = of_op && !OF_ALEMBIC.contains(&name);
        (operation || replaces_words(call, name)).then(|| format!("its `upgrade()` calls `{name}`"))
    })
}

/// `replace(":", "\\:")` escapes; `replace("a", "b")` edits.
fn replaces_words(call: &ExprCall, name: &str) -> bool {
    let has_words = |argument: &Expr| {
        string_of(argument).is_some_and(|text| text.contains(char::is_alphanumeric))
    };
    matches!(name, "replace" | "sub" | "subn") && call.arguments.args.iter().any(has_words)
}

/// Whether a revision file leaves Alembic's transaction: `autocommit_block` is named in it, in code and not in a comment or a
/// string.
pub fn leaves_transaction(source: &str) -> bool {
    let names_it = |expression: &&Expr| match expression {
        Expr::Attribute(attribute) => attribute.attr.as_str() == BLOCK,
        Expr::Name(name) => name.id.as_str() == BLOCK,
        _ => false,
    };
    may_leave_transaction(source)
        && parse(source).is_ok_and(|module| expressions(module.suite()).iter().any(names_it))
}

/// Whether the words are in it at all: most files need not be parsed.
pub fn may_leave_transaction(source: &str) -> bool {
    source.contains(BLOCK)
}

const BLOCK: &str = "autocommit_block";

/// The literal texts that a file hands to `execute`.
pub(crate) fn executed(source: &str) -> Vec<String> {
    let Ok(module) = parse(source) else {
        return Vec::new();
    };
    let executes = calls(module.suite()).filter(|call| called(call) == "execute");
    let texts = executes.filter_map(|call| string_of(call.arguments.args.first()?));
    texts.collect()
}

pub(super) fn docstring(suite: &[Stmt]) -> Option<TextRange> {
    match suite.first()? {
        Stmt::Expr(first) if first.value.is_string_literal_expr() => Some(first.range()),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use ruff_python_parser::parse_module;

    use super::*;

    fn more(body: &str) -> Option<String> {
        let source = format!("def upgrade():\n    {}\n", body.replace('\n', "\n    "));
        more_than_sql(parse_module(&source).unwrap().suite())
    }

    #[test]
    fn only_code_leaves_the_transaction() {
        let block = "def upgrade():\n    with op.get_context().autocommit_block():\n        op.execute(sql)\n";
        assert!(leaves_transaction(block));
        for words in [
            "# autocommit_block\n",
            "\"\"\"autocommit_block\"\"\"\n",
            "x = 'autocommit_block()'\n",
        ] {
            assert!(!leaves_transaction(words), "{words}");
        }
    }

    #[test]
    fn a_wrapper_runs_one_text_and_no_more() {
        for body in [
            "op.execute(get_migration_sql('a.sql'))",
            "sql = files('x').joinpath(F).read_text()\nwith op.get_context().autocommit_block():\n    op.execute(sql)",
            "for statement in split(sql):\n    op.get_bind().execute(text(statement))",
            "run(op, MIGRATION_FILE)",
            "if offline():\n    op.execute(sql)\nelse:\n    op.get_bind().exec_driver_sql(sql)",
            "op.execute(sql.replace(':', '\\\\:'))",
        ] {
            assert_eq!(more(body), None, "{body}");
        }
        for body in [
            "op.execute(a)\nop.execute(b)",
            "op.execute(a)\nop.drop_table('t')",
            "op.execute(a.replace('x', 'y'))",
        ] {
            assert!(more(body).is_some(), "{body}");
        }
        assert!(more_than_sql(parse_module("x = 1").unwrap().suite()).is_some());
    }
}
