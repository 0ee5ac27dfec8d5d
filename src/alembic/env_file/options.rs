//! Options that `env.py` sets, where the URL comes from, and what kind of engine it makes.

use ruff_python_ast::visitor::{Visitor, walk_expr, walk_stmt};
use ruff_python_ast::{Expr, ExprCall, Stmt};

use super::module::Module;
use crate::python_source::{Place, called, calls, string_of};

/// An option of Alembic's that is set when Alembic has read it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateOption {
    /// `version_locations`, `script_location`, or what else governs where revisions are looked for.
    pub option: String,
    /// The new value, if it is a literal.
    pub value: Option<String>,
    pub place: Place,
}

/// Where the database's URL comes from, as far as the file tells. Several may be true; the order in which the file prefers
/// them is not known.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UrlSources {
    /// In the order of the file.
    pub sources: Vec<(UrlSource, Place)>,
}

/// One way to a URL.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum UrlSource {
    /// Alembic's configuration file: `get_main_option("sqlalchemy.url")`, `engine_from_config(…)`.
    Ini,
    /// An environment variable that the file reads, by name.
    Environment(String),
    /// `set_main_option("sqlalchemy.url", …)` and its variants: something replaces what the configuration file says.
    Replaced,
    /// `create_engine(…)` or an engine that is imported.
    Engine,
    /// `context.get_x_argument()`: the `-x` option.
    Argument,
}

const URL: &str = "sqlalchemy.url";

/// What says where revisions are looked for.
const LOCATIONS: [&str; 5] = [
    "version_locations",
    "script_location",
    "recursive_version_locations",
    "path_separator",
    "version_path_separator",
];

/// The options that are set too late, in the order of the file.
pub(super) fn late_options(module: &Module) -> Vec<LateOption> {
    let mut found = Vec::new();
    for call in calls(module.suite) {
        let Some((option, value)) = set_option(module, call) else {
            continue;
        };
        if LOCATIONS.contains(&option.as_str()) {
            found.push(LateOption {
                option,
                value: value.and_then(string_of),
                place: module.place(call),
            });
        }
    }
    let mut stores = Stores {
        module,
        found: Vec::new(),
    };
    module
        .suite
        .iter()
        .for_each(|statement| stores.visit_stmt(statement));
    found.extend(stores.found);
    found.sort_by_key(|option| option.place.line);
    found
}

/// The option and the value of `X.set_main_option(…)`, `X.set_section_option(…)`, `X.file_config.set(…)` and
/// `setattr(X, …)`. What `X` is called does not matter.
fn set_option<'a>(module: &Module<'a>, call: &'a ExprCall) -> Option<(String, Option<&'a Expr>)> {
    let (at, names) = match called(call) {
        "set_main_option" => (0, ["name", "value"]),
        "set_section_option" | "set" => (1, ["name", "value"]),
        "setattr" => (1, ["", ""]),
        _ => return None,
    };
    let argument = |name, at| call.arguments.find_argument_value(name, at);
    let name = argument(names[0], at)?;
    let by_name = name
        .as_name_expr()
        .and_then(|name| module.only_value(name.id.as_str()));
    let option = string_of(name).or_else(|| string_of(by_name?))?;
    Some((option, argument(names[1], at + 1)))
}

/// Assignments to `X.version_locations` and to `X["version_locations"]`.
struct Stores<'m, 'a> {
    module: &'m Module<'a>,
    found: Vec<LateOption>,
}

impl<'a> Stores<'_, 'a> {
    fn store(&mut self, target: &'a Expr, value: &'a Expr) {
        let option = match target {
            Expr::Attribute(attribute) => attribute.attr.to_string(),
            Expr::Subscript(subscript) => string_of(&subscript.slice).unwrap_or_default(),
            _ => return,
        };
        // A dictionary of the application's own may use the word; Alembic's objects are named for what they are.
        let of_alembic = ["config", "cfg", "context", "script", "alembic"];
        let owner = self.module.text(target).to_ascii_lowercase();
        let owner = owner.rsplit_once(&option).map_or("", |(owner, _)| owner);
        if LOCATIONS.contains(&option.as_str()) && of_alembic.iter().any(|of| owner.contains(of)) {
            self.found.push(LateOption {
                option,
                value: string_of(value),
                place: self.module.place(target),
            });
        }
    }
}

impl<'a> Visitor<'a> for Stores<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        match statement {
            Stmt::Assign(assign) => {
                for target in &assign.targets {
                    self.store(target, &assign.value);
                }
            }
            Stmt::AugAssign(assign) => self.store(&assign.target, &assign.value),
            Stmt::AnnAssign(assign) => {
                if let Some(value) = &assign.value {
                    self.store(&assign.target, value);
                }
            }
            _ => {}
        }
        walk_stmt(self, statement);
    }
}

/// The first sign of an asynchronous engine.
pub(super) fn asynchronous(module: &Module) -> Option<Place> {
    const SIGNS: [&str; 4] = [
        "create_async_engine",
        "async_engine_from_config",
        "AsyncEngine",
        "run_sync",
    ];
    let calls = calls(module.suite);
    let sign = calls.iter().find(|call| SIGNS.contains(&called(call)));
    sign.map(|call| module.place(*call))
}

/// Every place that says where the URL comes from.
pub(super) fn url_sources(module: &Module) -> UrlSources {
    let mut found = Sources {
        module,
        sources: Vec::new(),
    };
    module
        .suite
        .iter()
        .for_each(|statement| found.visit_stmt(statement));
    let mut sources = found.sources;
    sources.sort_by_key(|(_, place)| place.line);
    sources.dedup();
    UrlSources { sources }
}

struct Sources<'m, 'a> {
    module: &'m Module<'a>,
    sources: Vec<(UrlSource, Place)>,
}

impl<'a> Sources<'_, 'a> {
    fn of_call(&self, call: &'a ExprCall) -> Option<UrlSource> {
        let name = called(call);
        let argument = call.arguments.args.first();
        let is_url =
            |at: usize| call.arguments.args.get(at).and_then(string_of).as_deref() == Some(URL);
        match name {
            "getenv" => argument.and_then(string_of).map(UrlSource::Environment),
            "get" | "pop" | "__getitem__" if self.on_environ(&call.func) => {
                argument.and_then(string_of).map(UrlSource::Environment)
            }
            "get_main_option" if is_url(0) => Some(UrlSource::Ini),
            "get_section_option" if is_url(1) => Some(UrlSource::Ini),
            "engine_from_config" | "async_engine_from_config" => Some(UrlSource::Ini),
            "set_main_option" if is_url(0) => Some(UrlSource::Replaced),
            "set_section_option" if is_url(1) => Some(UrlSource::Replaced),
            "create_engine" | "create_async_engine" => Some(UrlSource::Engine),
            "get_x_argument" => Some(UrlSource::Argument),
            _ => None,
        }
    }

    fn on_environ(&self, function: &'a Expr) -> bool {
        let owner = function.as_attribute_expr();
        owner.is_some_and(|owner| self.is_environ(&owner.value))
    }

    fn is_environ(&self, expression: &'a Expr) -> bool {
        matches!(self.module.text(expression), "os.environ" | "environ")
    }
}

impl<'a> Visitor<'a> for Sources<'_, 'a> {
    fn visit_stmt(&mut self, statement: &'a Stmt) {
        // section["sqlalchemy.url"] = …
        if let Stmt::Assign(assign) = statement {
            for target in &assign.targets {
                let slice = target.as_subscript_expr().map(|target| &*target.slice);
                if slice.and_then(string_of).as_deref() == Some(URL) {
                    let place = self.module.place(target);
                    self.sources.push((UrlSource::Replaced, place));
                }
            }
        }
        walk_stmt(self, statement);
    }

    fn visit_expr(&mut self, expression: &'a Expr) {
        let source = match expression {
            Expr::Call(call) => self.of_call(call),
            Expr::Subscript(subscript) if self.is_environ(&subscript.value) => {
                string_of(&subscript.slice).map(UrlSource::Environment)
            }
            _ => None,
        };
        if let Some(source) = source {
            self.sources.push((source, self.module.place(expression)));
        }
        walk_expr(self, expression);
    }
}
