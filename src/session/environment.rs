//! What the environment variables say.

use std::ffi::OsString;

use camino::Utf8PathBuf;

use crate::cli::Global;
use crate::environment::{Environments, VARIABLES};
use crate::links;

/// Where the packages of the project may be installed.
pub(super) fn environments(global: &Global) -> Environments {
    let program = std::env::current_exe().ok();
    let variables = VARIABLES.into_iter();
    Environments {
        project: global.root().to_owned(),
        beside: Utf8PathBuf::new(),
        variables: variables
            .filter_map(|name| Some((name, environment_value(name)?)))
            .collect(),
        home: std::env::home_dir().and_then(utf8),
        memo: global.memo.clone(),
        alembic_config: environment_value("ALEMBIC_CONFIG"),
        program: program
            .and_then(utf8)
            .and_then(|path| links::real(path).ok()),
    }
}

/// The value of a variable that is set and not empty.
pub fn environment_value(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

pub fn environment_path(name: &str) -> Option<Utf8PathBuf> {
    environment_value(name)?
        .into_string()
        .ok()
        .map(Utf8PathBuf::from)
}

fn utf8(path: std::path::PathBuf) -> Option<Utf8PathBuf> {
    Utf8PathBuf::from_path_buf(path).ok()
}

/// The user's cache directory for this program, by the system's own rules.
pub fn cache_directory() -> Option<Utf8PathBuf> {
    users("XDG_CACHE_HOME", ".cache", "Library/Caches")
}

/// The user's state directory for this program, by the system's own rules.
pub fn state_directory() -> Option<Utf8PathBuf> {
    users(
        "XDG_STATE_HOME",
        ".local/state",
        "Library/Application Support",
    )
}

fn users(variable: &str, below_home: &str, below_home_on_apple: &str) -> Option<Utf8PathBuf> {
    let home = || std::env::home_dir().and_then(utf8);
    let xdg = environment_path(variable).filter(|path| path.is_absolute());
    let user = if let Some(directory) = xdg {
        directory
    } else if cfg!(windows) {
        environment_path("LOCALAPPDATA").or_else(|| Some(home()?.join("AppData/Local")))?
    } else if cfg!(target_vendor = "apple") {
        home()?.join(below_home_on_apple)
    } else {
        home()?.join(below_home)
    };
    Some(user.join("vendor-migrations"))
}
