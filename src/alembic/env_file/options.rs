//! Options that `env.py` sets, and what kind of engine it makes.

use ruff_python_ast::{Expr, ExprCall};

use super::module::Module;
use crate::python_source::{Place, called, calls, string_of};

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
    let name = call.arguments.find_argument_value(keyword, at)?;
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
    let owner = module.text(target).to_ascii_lowercase();
    let (owner, _) = owner.rsplit_once(&option)?;
    let of_alembic = OF_ALEMBIC.iter().any(|of| owner.contains(of));
    of_alembic.then_some(option)
}

/// Whether the only engine is made of Alembic's configuration, and nothing sets another URL there.
pub(super) fn takes_configured_url(module: &Module) -> bool {
    const MAKES: [&str; 3] = ["create_engine", "create_async_engine", "connect_args"];
    const URL: &str = "sqlalchemy.url";
    let from_config = calls(module.suite).any(|call| called(call).ends_with("engine_from_config"));
    let other = calls(module.suite).any(|call| {
        MAKES.contains(&called(call)) || set_option(module, call).as_deref() == Some(URL)
    });
    let stored = |target: &&Expr| {
        let slice = target.as_subscript_expr().map(|target| &*target.slice);
        slice.is_some_and(|slice| string_of(slice).is_none_or(|key| key == URL))
    };
    let given = calls(module.suite).any(|call| {
        call.arguments.find_keyword("url").is_some() && called(call).ends_with("engine_from_config")
    });
    from_config && !other && !given && !module.names.stores.iter().any(|target| stored(&target))
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
