//! Options that `env.py` sets, and what kind of engine it makes.

use ruff_python_ast::{Expr, ExprCall};

use super::module::Module;
use super::script::{is_script, is_state};
use crate::python_source::{Place, called, calls, string_of, strings};

/// An option of Alembic's that is set when Alembic has read it already.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LateOption {
    /// `version_locations`, `script_location`, or what else governs where revisions are looked for.
    pub option: String,
    pub place: Place,
}

/// The options that say where revisions are looked for.
const LOCATIONS: [&str; 5] = [
    "version_locations",
    "script_location",
    "recursive_version_locations",
    "path_separator",
    "version_path_separator",
];

/// The options that are set too late, in the order of the file.
pub(super) fn late_options(module: &Module) -> Vec<LateOption> {
    let by_call = calls(module.suite).map(|call| (set_option(module, call), module.place(call)));
    let stores = module.names.stores.iter();
    let by_store = stores.map(|target| (stored_option(module, target), module.place(*target)));
    let mut found: Vec<LateOption> = by_call
        .chain(by_store)
        .filter_map(|(option, place)| {
            let option = option.filter(|option| LOCATIONS.contains(&option.as_str()))?;
            Some(LateOption { option, place })
        })
        .collect();
    found.sort_by_key(|option| option.place.line);
    found
}

/// The option in `X.set_main_option(…)`, `X.set_section_option(…)`, `X.file_config.set(…)` and `setattr(X, …)`. What `X` is
/// called does not matter.
fn set_option(module: &Module, call: &ExprCall) -> Option<String> {
    let (keyword, at) = match called(call) {
        "set_main_option" => ("name", 0),
        "set_section_option" | "set" => ("name", 1),
        "setattr" => ("", 1),
        _ => return None,
    };
    let of_script = call
        .arguments
        .args
        .first()
        .is_some_and(|first| is_script(module, first));
    let name = call
        .arguments
        .find_argument_value(keyword, at)
        .filter(|_| !of_script)?;
    string_of(module.names.resolved(name))
}

/// The option in `X.version_locations = …` and `X["version_locations"] = …`.
fn stored_option(module: &Module, target: &Expr) -> Option<String> {
    // A dictionary of the application's own may use the word; Alembic's objects are named for what they are.
    const OF_ALEMBIC: [&str; 5] = ["config", "cfg", "context", "script", "alembic"];
    let option = match target {
        Expr::Attribute(attribute) => attribute.attr.to_string(),
        Expr::Subscript(subscript) => string_of(&subscript.slice)?,
        _ => return None,
    };
    if is_state(module, target) {
        return None;
    }
    let owner = module.text(target).to_ascii_lowercase();
    let (owner, _) = owner.rsplit_once(&option)?;
    let of_alembic = OF_ALEMBIC.iter().any(|of| owner.contains(of));
    of_alembic.then_some(option)
}

/// Whether the only engine is made of Alembic's configuration, whose URL this file does no more than read.
pub(super) fn takes_configured_url(module: &Module) -> bool {
    const URL: &str = "sqlalchemy.url";
    const READS: [&str; 3] = ["get_main_option", "get_section_option", "get"];
    let of =
        |names: &'static [&str]| calls(module.suite).filter(|call| names.contains(&called(call)));
    let has = |call: &&ExprCall, key| call.arguments.find_keyword(key).is_some();
    let mut engines = of(&["engine_from_config", "async_engine_from_config"]).peekable();
    let configured = engines.peek().is_some()
        && engines.all(|call| !has(&call, "url") && !has(&call, "connect_args"));
    let is_url = |text: &str| text == URL;
    let named = strings(module.source, module.suite);
    let named = named.iter().filter(|(_, text)| is_url(text)).count();
    let given = |call: &ExprCall| {
        call.arguments
            .args
            .iter()
            .filter_map(string_of)
            .any(|text| is_url(&text))
    };
    let read = of(&READS).filter(|call| given(call)).count();
    let others = of(&["create_engine", "create_async_engine"]).count();
    // `section[key] = …`: any key.
    let stored = module
        .names
        .stores
        .iter()
        .filter_map(|target| target.as_subscript_expr());
    let open = stored
        .filter(|target| string_of(&target.slice).is_none())
        .count();
    configured && named == read && others == 0 && open == 0
}

/// The first sign of an asynchronous engine.
pub(super) fn asynchronous(module: &Module) -> Option<Place> {
    const SIGNS: [&str; 4] = [
        "create_async_engine",
        "async_engine_from_config",
        "AsyncEngine",
        "run_sync",
    ];
    let sign = calls(module.suite).find(|call| SIGNS.contains(&called(call)));
    sign.map(|call| module.place(call))
}
