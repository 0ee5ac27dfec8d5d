//! What to write so that Alembic looks into a directory.

use super::config::pyproject::TomlValue;
use super::config::separators::{separator, version_locations};
use super::config::{AlembicConfig, Setting};

const SEPARATOR: &str = if cfg!(windows) { ";" } else { ":" };

/// What to change so that Alembic looks into `vendored` as well as where it looks now; `own` is where it looks by
/// default. Both are written as the configuration would have them. Empty where no file decides.
pub fn advice(config: &AlembicConfig, own: &str, vendored: &str) -> Vec<String> {
    let ini = |key: &str| config.sources.ini_setting(key);
    let in_ini = ini("script_location").is_some() || ini("version_locations").is_some();
    if in_ini || config.sources.toml.is_none() && config.sources.ini.is_some() {
        let entries = with(written(config), own, vendored).join(SEPARATOR);
        let versions = ini("version_locations");
        return [
            ("path_separator", ini("path_separator"), "os"),
            (
                "version_path_separator",
                ini("version_path_separator"),
                "os",
            ),
            ("version_locations", versions, &entries),
        ]
        .into_iter()
        .filter_map(|(key, setting, value)| line(key, setting.as_ref(), value))
        .collect();
    }
    let Some(toml) = &config.sources.toml else {
        return Vec::new();
    };
    let written = match toml
        .table
        .get("version_locations")
        .map(|found| &found.value)
    {
        Some(TomlValue::List(entries)) => entries.iter().filter_map(text).collect(),
        _ => Vec::new(),
    };
    let entries: Vec<String> = with(written, own, vendored)
        .iter()
        .map(|entry| format!("\"{entry}\""))
        .collect();
    vec![format!("version_locations = [{}]", entries.join(", "))]
}

fn text(value: &TomlValue) -> Option<String> {
    match value {
        TomlValue::Text(text) => Some(text.clone()),
        _ => None,
    }
}

fn line(key: &str, setting: Option<&Setting>, value: &str) -> Option<String> {
    match setting {
        Some(setting) if setting.raw == value => None,
        Some(setting) => Some(format!(
            "{key} = {value}    (instead of line {})",
            setting.place.line
        )),
        None => Some(format!("{key} = {value}")),
    }
}

/// The entries, or else the default one, and the vendored directory.
fn with(mut entries: Vec<String>, own: &str, vendored: &str) -> Vec<String> {
    if entries.is_empty() {
        entries.push(own.to_owned());
    }
    if !entries.iter().any(|entry| entry == vendored) {
        entries.push(vendored.to_owned());
    }
    entries
}

/// The entries of the ini's value as they are written, whether or not Alembic could split it.
fn written(config: &AlembicConfig) -> Vec<String> {
    let raw = |key: &str| config.sources.ini_setting(key).map(|setting| setting.raw);
    let value = raw("version_locations").unwrap_or_default();
    let name = raw("path_separator").or_else(|| raw("version_path_separator"));
    let entries = match separator(name.as_deref(), &config.rules) {
        Ok(separator) => version_locations(&value, separator, &config.rules),
        Err(_) => value.split_whitespace().map(str::to_owned).collect(),
    };
    entries
        .into_iter()
        .filter(|entry| !entry.trim().is_empty())
        .collect()
}
