//! Calls that make, change or drop Procrastinate's objects.

use super::How;
use super::literals::is_object;
use crate::python_source::{ExprCall, Names, called, line_at, string_of, text_of};

/// What a call does to a database.
pub(super) enum Does {
    Sign(How),
    /// Something to other objects.
    Other,
}

pub(super) struct Calls<'a, 'b> {
    pub(super) source: &'a str,
    pub(super) names: &'b Names<'a>,
    /// The lines on which a program applies the schema.
    pub(super) applies: &'b [usize],
}

impl<'a> Calls<'a, '_> {
    /// None for a call that does nothing to a database by itself.
    pub(super) fn does(&self, call: &'a ExprCall) -> Option<Does> {
        if let Some(object) = self.operation(call) {
            let name = called(call).to_owned();
            return Some(object.map_or(Does::Other, |object| {
                Does::Sign(How::Operation(name, object))
            }));
        }
        let words = || {
            let text = text_of(self.source, call);
            text.lines().next().unwrap_or_default().to_owned()
        };
        if reads_package(called(call), &self.strings(call)) || self.is_schema_manager(call) {
            return Some(Does::Sign(How::Package(words())));
        }
        let (first, inside) = (
            line_at(self.source, call),
            text_of(self.source, call).matches('\n').count(),
        );
        let lines = first..=first + inside;
        let applies = self.applies.iter().any(|line| lines.contains(line));
        applies.then(|| Does::Sign(How::Command(words())))
    }

    /// The string literals among the arguments.
    fn strings(&self, call: &'a ExprCall) -> Vec<String> {
        let arguments = call.arguments.iter_source_order();
        let values = arguments.map(|argument| self.names.resolved(argument.value()));
        values.filter_map(string_of).collect()
    }

    /// An operation of Alembic's that makes, changes or drops something: the object, if it is Procrastinate's.
    fn operation(&self, call: &'a ExprCall) -> Option<Option<String>> {
        const ON_TABLE: [(&str, usize, &str); 13] = [
            ("create_table", 0, "table_name"),
            ("drop_table", 0, "table_name"),
            ("rename_table", 0, "old_table_name"),
            ("add_column", 0, "table_name"),
            ("drop_column", 0, "table_name"),
            ("alter_column", 0, "table_name"),
            ("batch_alter_table", 0, "table_name"),
            ("create_primary_key", 1, "table_name"),
            ("create_unique_constraint", 1, "table_name"),
            ("create_check_constraint", 1, "table_name"),
            ("create_exclude_constraint", 1, "table_name"),
            ("create_foreign_key", 1, "source_table"),
            ("drop_constraint", 1, "table_name"),
        ];
        const ON_INDEX: [(&str, usize, &str); 2] = [
            ("create_index", 0, "index_name"),
            ("drop_index", 0, "index_name"),
        ];
        let attribute = call.func.as_attribute_expr()?;
        let of_op = attribute
            .value
            .as_name_expr()
            .is_some_and(|name| name.id.as_str() == "op");
        let of_alembic = self
            .names
            .full_name(&call.func)
            .is_some_and(|name| name.starts_with("alembic.op."));
        if !of_op && !of_alembic {
            return None;
        }
        let all = ON_TABLE
            .map(|one| ("table", one))
            .into_iter()
            .chain(ON_INDEX.map(|one| ("index", one)));
        let mut all = all.filter(|(_, (name, ..))| *name == attribute.attr.as_str());
        let Some((kind, (_, at, keyword))) = all.next() else {
            // `execute` is told by its text; the rest are other operations, or ask only.
            const ASKS: [&str; 7] = [
                "execute",
                "get_bind",
                "get_context",
                "f",
                "inline_literal",
                "run_async",
                "invoke",
            ];
            return (!ASKS.contains(&attribute.attr.as_str())).then_some(None);
        };
        let value = call.arguments.find_argument_value(keyword, at);
        let object = value.and_then(|value| string_of(self.names.resolved(value)));
        Some(object.filter(|object| is_object(kind, object)))
    }

    /// `app.schema_manager.apply_schema()`, `SchemaManager(connector).get_schema()`.
    fn is_schema_manager(&self, call: &ExprCall) -> bool {
        const METHODS: [&str; 4] = [
            "get_schema",
            "apply_schema",
            "apply_schema_async",
            "get_migrations_path",
        ];
        let Some(attribute) = call.func.as_attribute_expr() else {
            return false;
        };
        let owner = text_of(self.source, &*attribute.value);
        METHODS.contains(&attribute.attr.as_str())
            && ["schema_manager", "SchemaManager"]
                .iter()
                .any(|name| owner.contains(name))
    }
}

/// What of the package holds its schema: `procrastinate.schema.SchemaManager`, `procrastinate.__file__`.
pub(super) fn is_in_package(full_name: &str) -> bool {
    const PARTS: [&str; 4] = ["schema", "sql", "contrib.alembic", "alembic"];
    const QUERIES: &str = "procrastinate.sql.queries";
    let Some(rest) = full_name.strip_prefix("procrastinate.") else {
        return false;
    };
    let is = |part: &&str| {
        rest.strip_prefix(*part)
            .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    };
    !full_name.starts_with(QUERIES)
        && (PARTS.iter().any(&is) || ["__file__", "__path__"].contains(&rest))
}

/// `importlib.resources.files("procrastinate.sql")`, `pkgutil.get_data("procrastinate", "sql/schema.sql")`.
fn reads_package(name: &str, strings: &[String]) -> bool {
    const READS: [&str; 15] = [
        "files",
        "read_text",
        "read_binary",
        "open_text",
        "open_binary",
        "path",
        "contents",
        "is_resource",
        "get_data",
        "resource_string",
        "resource_filename",
        "resource_stream",
        "resource_listdir",
        "import_module",
        "find_spec",
    ];
    let is_package = |text: &str| {
        let rest = text.strip_prefix("procrastinate");
        rest.is_some_and(|rest| {
            rest.is_empty()
                || [".sql", "/sql", ".schema", ".contrib"]
                    .iter()
                    .any(|part| rest.starts_with(part))
        })
    };
    let asks_only = name == "find_spec" || name == "import_module";
    let first = strings.first().filter(|text| is_package(text));
    READS.contains(&name) && first.is_some_and(|text| !asks_only || text != "procrastinate")
}
