//! Calls that make, change or drop Procrastinate's objects.

use super::How;
use super::literals::{is_object, written};
use crate::procrastinate::PACKAGE;
use crate::python_source::{Expr, ExprCall, Lines, Names, called, string_of, text_of};

/// What a call does to a database.
pub(super) enum Does {
    Sign(How),
    /// Something to other objects.
    Other,
    /// Something to an object whose name is known only when it runs.
    Dynamic,
    /// It creates or drops what Python calls so.
    OfObject,
    /// It prints or logs what it is given.
    Nothing,
}

pub(super) struct Calls<'a> {
    pub(super) source: &'a str,
    pub(super) names: &'a Names<'a>,
    pub(super) lines: &'a Lines<'a>,
    /// The lines on which a program applies the schema.
    pub(super) applies: Vec<usize>,
}

impl<'a> Calls<'a> {
    /// None for a call that does nothing to a database by itself.
    pub(super) fn does(&self, call: &'a ExprCall) -> Option<Does> {
        if LOGS.contains(&called(call)) {
            return Some(Does::Nothing);
        }
        if let Some(does) = self.operation(call) {
            return Some(does);
        }
        let words = || {
            let text = text_of(self.source, call);
            text.lines().next().unwrap_or_default().to_owned()
        };
        if reads_package(called(call), &self.strings(call)) || self.is_schema_manager(call) {
            return Some(Does::Sign(How::Package(words())));
        }
        self.is_command(call)
            .then(|| Does::Sign(How::Command(words())))
    }

    /// Whether it runs `procrastinate schema --apply`. The words of the command may be a value that has a name.
    fn is_command(&self, call: &'a ExprCall) -> bool {
        if self.applies.is_empty() || is_harmless(call) && !called(call).starts_with("execute") {
            return false;
        }
        let holds = |(first, last): (usize, usize)| {
            let next = self.applies.partition_point(|line| *line < first);
            self.applies.get(next).is_some_and(|line| *line <= last)
        };
        let mut arguments = call.arguments.iter_source_order();
        holds(self.lines.lines(call))
            || arguments
                .any(|argument| holds(self.lines.lines(self.names.resolved(argument.value()))))
    }

    /// The string literals among the arguments, and the package itself where it is one.
    fn strings(&self, call: &'a ExprCall) -> Vec<String> {
        let arguments = call.arguments.iter_source_order();
        let values = arguments.map(|argument| self.names.resolved(argument.value()));
        let package = |value: &Expr| self.names.full_name(value).filter(|name| name == PACKAGE);
        values
            .filter_map(|value| string_of(value).or_else(|| package(value)))
            .collect()
    }

    /// An operation of Alembic's that makes, changes or drops something.
    fn operation(&self, call: &'a ExprCall) -> Option<Does> {
        let attribute = call.func.as_attribute_expr()?;
        let name = attribute.attr.as_str();
        let owner = attribute.value.as_name_expr();
        let of_op = owner.is_some_and(|owner| owner.id.as_str() == "op");
        let full_name = self.names.full_name(&call.func);
        if !of_op && !full_name.is_some_and(|name| name.starts_with("alembic.op.")) {
            // `sa.Enum(name="…").drop(bind)`
            return ["create", "drop"].contains(&name).then_some(Does::OfObject);
        }
        let tables = ON_TABLE.map(|one| ("table", one)).into_iter();
        let mut all = tables.chain(ON_INDEX.map(|one| ("index", one)));
        let Some((kind, (_, at, keyword))) = all.find(|(_, (known, ..))| *known == name) else {
            // `execute` is told by its text; the rest are other operations, or ask only.
            const ASKS: [&str; 6] = [
                "execute",
                "get_bind",
                "get_context",
                "f",
                "inline_literal",
                "invoke",
            ];
            return (!ASKS.contains(&name)).then_some(Does::Other);
        };
        let value = call.arguments.find_argument_value(keyword, at)?;
        Some(match written(self.names, self.names.resolved(value)) {
            Some(object) if is_object(kind, &object) => {
                Does::Sign(How::Operation(name.to_owned(), object))
            }
            Some(_) => Does::Other,
            None => Does::Dynamic,
        })
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

pub(super) fn is_harmless(call: &ExprCall) -> bool {
    HARMLESS.contains(&called(call))
}

/// Whether a text that goes in is another one that comes out. Doubling `%`, and escaping `:`, change nothing that runs.
pub(super) fn changes_text(call: &ExprCall) -> bool {
    let arguments: Vec<Option<String>> = call.arguments.args.iter().map(string_of).collect();
    let is = |from: &str, to: &str| arguments.iter().flatten().eq([from, to]);
    match called(call) {
        "replace" => !is("%", "%%") && !is(":", "\\:"),
        name => CHANGES.contains(&name),
    }
}

/// Whether a comprehension leaves elements out, but empty ones.
pub(super) fn chooses(expression: &Expr) -> bool {
    let generators = match expression {
        Expr::ListComp(list) => &list.generators,
        Expr::Generator(generator) => &generator.generators,
        Expr::SetComp(set) => &set.generators,
        _ => return false,
    };
    let mut tests = generators.iter().flat_map(|generator| &generator.ifs);
    tests.any(|test| !is_about_emptiness(test))
}

/// `statement.strip()`, `not statement.strip()`
pub(super) fn is_about_emptiness(test: &Expr) -> bool {
    match test {
        Expr::UnaryOp(not) => is_about_emptiness(&not.operand),
        Expr::Call(call) => called(call) == "strip" && call.arguments.args.is_empty(),
        _ => false,
    }
}

/// `path.parents[1]`, `os.environ["X"]`, `__file__`'s directory.
pub(super) fn is_of_paths(value: &Expr) -> bool {
    let attribute = value.as_attribute_expr();
    attribute.is_some_and(|attribute| ["parents", "environ"].contains(&attribute.attr.as_str()))
}

/// Calls that print or log.
const LOGS: [&str; 8] = [
    "print",
    "debug",
    "info",
    "warning",
    "warn",
    "error",
    "exception",
    "critical",
];

/// Operations on a table: which argument is its name, by place and by keyword.
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

/// The same of an index.
const ON_INDEX: [(&str, usize, &str); 2] = [
    ("create_index", 0, "index_name"),
    ("drop_index", 0, "index_name"),
];

/// Calls that read the files of a package.
const READS: [&str; 16] = [
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
    "getfile",
];

/// Calls that do nothing to a database by themselves, or only what their text says.
const HARMLESS: [&str; 62] = [
    "execute",
    "exec_driver_sql",
    "text",
    "DDL",
    "get_bind",
    "get_context",
    "connect",
    "begin",
    "begin_nested",
    "autocommit_block",
    "cursor",
    "Path",
    "PurePath",
    "join",
    "dirname",
    "abspath",
    "realpath",
    "resolve",
    "absolute",
    "joinpath",
    "with_name",
    "with_suffix",
    "exists",
    "is_file",
    "open",
    "read",
    "read_text",
    "read_bytes",
    "decode",
    "encode",
    "close",
    "splitlines",
    "split",
    "parse",
    "format",
    "strip",
    "rstrip",
    "lstrip",
    "replace",
    "dedent",
    "indent",
    "lower",
    "upper",
    "startswith",
    "endswith",
    "str",
    "len",
    "list",
    "tuple",
    "sorted",
    "enumerate",
    "zip",
    "filter",
    "isinstance",
    "getLogger",
    "inspect",
    "has_table",
    "files",
    "as_file",
    "get_schema",
    "SchemaManager",
    "f",
];

/// Calls whose text is another one than they were given.
const CHANGES: [&str; 12] = [
    "format",
    "sub",
    "subn",
    "partition",
    "rpartition",
    "removeprefix",
    "removesuffix",
    "translate",
    "lower",
    "upper",
    "expandtabs",
    "pop",
];
