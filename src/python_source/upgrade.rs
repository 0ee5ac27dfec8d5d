//! What a revision file does, as far as its syntax tells.

use ruff_python_ast::comparable::ComparableExpr;
use ruff_python_ast::visitor::{Visitor, walk_expr};
use ruff_python_ast::{Expr, ExprCall, Stmt};
use ruff_text_size::{Ranged as _, TextRange};

use super::parser::{called, calls, parse, string_of};

/// Each call of `get_migration_sql`, with its argument.
pub(super) fn migration_sql_calls(suite: &[Stmt]) -> Vec<(TextRange, Option<&Expr>)> {
    calls(suite)
        .into_iter()
        .filter(|call| called(call) == "get_migration_sql")
        .map(|call| {
            let keyword = call
                .arguments
                .keywords
                .first()
                .map(|keyword| &keyword.value);
            (call.range(), call.arguments.args.first().or(keyword))
        })
        .collect()
}

/// The strings that look like the name of a SQL file, in their order.
pub(super) fn sql_literals(suite: &[Stmt]) -> Vec<String> {
    let mut found = Strings::default();
    suite
        .iter()
        .for_each(|statement| found.visit_stmt(statement));
    let is_name = |text: &String| text.ends_with(".sql") && !text.contains(char::is_whitespace);
    let mut names: Vec<String> = found.0.into_iter().filter(is_name).collect();
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
    let calls = calls(&upgrade.body);
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
    let mut found = AutocommitBlock(false);
    if let Ok(module) = parse(source) {
        let mut visit = |statement| found.visit_stmt(statement);
        module.suite().iter().for_each(&mut visit);
    }
    found.0
}

struct AutocommitBlock(bool);

impl<'a> Visitor<'a> for AutocommitBlock {
    fn visit_expr(&mut self, expression: &'a Expr) {
        self.0 |= match expression {
            Expr::Attribute(attribute) => attribute.attr.as_str() == "autocommit_block",
            Expr::Name(name) => name.id.as_str() == "autocommit_block",
            _ => false,
        };
        walk_expr(self, expression);
    }
}

pub(super) fn docstring(suite: &[Stmt]) -> Option<TextRange> {
    match suite.first()? {
        Stmt::Expr(first) if first.value.is_string_literal_expr() => Some(first.range()),
        _ => None,
    }
}

#[derive(Default)]
struct Strings(Vec<String>);

impl<'a> Visitor<'a> for Strings {
    fn visit_expr(&mut self, expression: &'a Expr) {
        self.0.extend(string_of(expression));
        walk_expr(self, expression);
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
