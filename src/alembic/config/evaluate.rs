//! What Alembic makes of its configuration files: `ScriptDirectory.from_config`, version by version. Pure.

use super::pyproject::Value;
use super::rules::Rules;
use super::separators::{Separator, prepend_sys_path, separator, version_locations};
use super::sources::{Setting, Sources};
use crate::place::Line;

/// A reason for which Alembic refuses the configuration, whatever the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The setting at fault; none if there is no single one.
    pub setting: Option<String>,
    pub place: Option<Line>,
    pub why: String,
}

/// A location as it is written, before it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) written: String,
    pub(super) place: Line,
}

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) script_location: Option<Entry>,
    /// None: the default holds.
    pub(super) versions: Option<Result<Vec<Entry>, Refusal>>,
    pub(super) recursive: bool,
    pub(super) sourceless: bool,
    pub(super) prepend_sys_path: Vec<String>,
    /// Everything that Alembic would raise on; it raises the first.
    pub(super) refusals: Vec<Refusal>,
}

/// Reads all that `ScriptDirectory.from_config` reads.
pub(super) fn evaluate(sources: &Sources, rules: &Rules) -> Read {
    let mut asked = Asked {
        sources,
        rules,
        refusals: Vec::new(),
    };
    let script_location = asked.script_location();
    let prepended = asked.prepend_sys_path().map(Some);
    let mut read = Read {
        script_location,
        prepend_sys_path: asked.take(prepended).unwrap_or_default(),
        ..Read::default()
    };
    asked.truncate_slug_length();
    for key in ["file_template", "output_encoding", "timezone"] {
        asked.option(key);
    }
    read.sourceless = asked.boolean("sourceless");
    if rules.reads_recursive() {
        read.recursive = asked.boolean("recursive_version_locations");
    }
    asked.hooks();
    read.versions = asked.version_locations().transpose();
    read.refusals = asked.refusals;
    if let Some(Err(refusal)) = &read.versions {
        read.refusals.push(refusal.clone());
    }
    read
}

struct Asked<'a> {
    sources: &'a Sources,
    rules: &'a Rules,
    refusals: Vec<Refusal>,
}

impl Refusal {
    fn of(key: &str, setting: &Setting, why: impl Into<String>) -> Self {
        Self {
            setting: Some(key.to_owned()),
            place: Some(setting.place.clone()),
            why: why.into(),
        }
    }

    /// A refusal that no single setting causes.
    pub(super) fn general(why: String) -> Self {
        Self {
            setting: None,
            place: None,
            why,
        }
    }

    fn no_section(section: &str) -> Self {
        Self::general(format!("there is no section `[{section}]`"))
    }
}

impl Asked<'_> {
    fn script_location(&mut self) -> Option<Entry> {
        const KEY: &str = "script_location";
        if !self.rules.reads_toml() && !self.has_section() {
            let refusal = Refusal::no_section(&self.sources.section);
            self.refusals.push(refusal);
            return None;
        }
        let (setting, value) = self.option(KEY)?;
        let Value::Text(written) = value else {
            self.refuse(KEY, &setting, "it is not a string");
            return None;
        };
        Some(Entry {
            written,
            place: setting.place,
        })
    }

    fn refuse(&mut self, key: &str, setting: &Setting, why: &str) {
        self.refusals.push(Refusal::of(key, setting, why));
    }

    /// `get_main_option` raises without the section, even where `[DEFAULT]` has the setting.
    fn has_section(&self) -> bool {
        let ini = self.sources.ini.as_ref();
        ini.is_some_and(|source| source.ini.has_section(&self.sources.section))
    }

    /// `get_alembic_option`: the ini file's, else that of `[tool.alembic]`. A value that Alembic cannot read is refused.
    fn option(&mut self, key: &str) -> Option<(Setting, Value)> {
        let found = match self.ini(key) {
            Ok(None) => self.toml(key),
            found => found,
        };
        self.take(found)
    }

    /// What was found; a refusal is kept.
    fn take<T>(&mut self, found: Result<Option<T>, Refusal>) -> Option<T> {
        found.unwrap_or_else(|refusal| {
            self.refusals.push(refusal);
            None
        })
    }

    fn ini(&self, key: &str) -> Result<Option<(Setting, Value)>, Refusal> {
        let setting = self.sources.ini_setting(key);
        setting.map(|setting| read(key, setting)).transpose()
    }

    fn toml(&self, key: &str) -> Result<Option<(Setting, Value)>, Refusal> {
        let setting = self.sources.toml_setting(key);
        let Some(setting) = setting.filter(|_| self.rules.reads_toml()) else {
            return Ok(None);
        };
        let (setting, value) = read(key, setting)?;
        if matches!(value, Value::Boolean(_) | Value::Integer(_))
            && !self.rules.takes_toml_booleans()
        {
            let why = "before 1.16.4, Alembic takes only strings";
            return Err(Refusal::of(key, &setting, why));
        }
        Ok(Some((setting, value)))
    }

    fn truncate_slug_length(&mut self) {
        const KEY: &str = "truncate_slug_length";
        let Some((setting, value)) = self.option(KEY) else {
            return;
        };
        let number = match &value {
            Value::Text(text) => is_python_integer(text),
            Value::Boolean(_) | Value::Integer(_) => true,
            Value::List(_) | Value::Table(_) | Value::Other => false,
        };
        if !number {
            self.refuse(KEY, &setting, "it is not a whole number");
        }
    }

    fn boolean(&mut self, key: &str) -> bool {
        let toml = self.sources.toml_setting(key);
        let in_ini = self.sources.ini_setting(key).is_some();
        if let Some(setting) = toml.filter(|_| !in_ini && self.rules.takes_toml_booleans()) {
            if let Ok(Value::Boolean(value)) = setting.value {
                return value;
            }
            self.refuse(key, &setting, "it is neither `true` nor `false`");
            return false;
        }
        self.option(key)
            .is_some_and(|(_, value)| value.text() == Some("true"))
    }

    /// `[post_write_hooks]` is read as a whole, so one bad value there stops every command.
    fn hooks(&mut self) {
        const KEY: &str = "post_write_hooks";
        if let Some(source) = &self.sources.ini
            && source.ini.has_section(KEY)
        {
            for key in source.ini.keys(KEY) {
                let setting = source.setting(KEY, key).map(|setting| read(key, setting));
                self.refusals.extend(setting.and_then(Result::err));
            }
            if let Err(why) = source.here_in(KEY) {
                let why = format!("the file's directory cannot be interpolated: {why}");
                self.refusals.push(Refusal::general(why));
            }
            return;
        }
        let is_hook =
            |value: &Value| matches!(value, Value::Table(hook) if hook.contains_key("name"));
        if let Some((setting, value)) = self.take(self.toml(KEY)) {
            let good = match &value {
                Value::List(values) => values.iter().all(is_hook),
                Value::Text(text) => text.is_empty(),
                Value::Table(table) => table.is_empty(),
                Value::Boolean(_) | Value::Integer(_) | Value::Other => false,
            };
            if !good {
                let why = "it is not a list of tables, each with a `name`";
                self.refuse(KEY, &setting, why);
            }
        }
    }

    fn prepend_sys_path(&self) -> Result<Vec<String>, Refusal> {
        const KEY: &str = "prepend_sys_path";
        // Before 1.16 this list knew no separator of its own.
        let separators: &[&str] = match self.rules.reads_toml() {
            true => &["path_separator"],
            false => &[],
        };
        if let Some((_, value)) = self.ini_text(KEY)? {
            return Ok(prepend_sys_path(&value, self.separator(separators)?));
        }
        let toml = self.toml(KEY)?;
        toml.map_or(Ok(Vec::new()), |(setting, value)| match value {
            Value::List(values) if values.iter().any(Value::is_table) => Ok(Vec::new()),
            value => items(KEY, &setting, value),
        })
    }

    fn version_locations(&self) -> Result<Option<Vec<Entry>>, Refusal> {
        const KEY: &str = "version_locations";
        let separators: &[&str] = match self.rules.reads_toml() {
            true => &["path_separator", "version_path_separator"],
            false => &["version_path_separator"],
        };
        let (setting, written) = if let Some((setting, value)) = self.ini_text(KEY)? {
            let separator = self.separator(separators)?;
            (setting, version_locations(&value, separator, self.rules))
        } else if let Some((setting, value)) = self.toml(KEY)? {
            let items = items(KEY, &setting, value)?;
            (setting, items)
        } else {
            return Ok(None);
        };
        let entries = written.into_iter().map(|written| Entry {
            written,
            place: setting.place.clone(),
        });
        Ok(Some(entries.collect()).filter(|entries: &Vec<Entry>| !entries.is_empty()))
    }

    /// The ini file's value, unless it is empty.
    fn ini_text(&self, key: &str) -> Result<Option<(Setting, String)>, Refusal> {
        Ok(self.ini(key)?.and_then(|(setting, value)| match value {
            Value::Text(text) if !text.is_empty() => Some((setting, text)),
            _ => None,
        }))
    }

    /// The first separator that is set.
    fn separator(&self, keys: &[&str]) -> Result<Separator, Refusal> {
        if !keys.is_empty() && !self.has_section() {
            // `-n DEFAULT`: the value is found, its separator is not.
            return Err(Refusal::no_section(&self.sources.section));
        }
        for key in keys {
            if let Some((setting, value)) = self.ini(key)? {
                let Value::Text(name) = value else {
                    return Err(Refusal::of(key, &setting, "it is not a string"));
                };
                return separator(&name, self.rules).map_err(|why| Refusal::of(key, &setting, why));
            }
        }
        Ok(Separator::Legacy)
    }
}

/// The setting with its value, which Alembic may be unable to read.
fn read(key: &str, setting: Setting) -> Result<(Setting, Value), Refusal> {
    match &setting.value {
        Ok(value) => {
            let value = value.clone();
            Ok((setting, value))
        }
        Err(why) => Err(Refusal::of(key, &setting, why)),
    }
}

/// What Python iterates over: of a string its characters, of a table its names.
fn items(key: &str, setting: &Setting, value: Value) -> Result<Vec<String>, Refusal> {
    let refusal = || Refusal::of(key, setting, "it is not a list of strings");
    match value {
        Value::Text(text) => Ok(text.chars().map(String::from).collect()),
        Value::List(values) => {
            let texts = values.iter().map(Value::text);
            let texts = texts.map(|text| text.map(str::to_owned).ok_or_else(refusal));
            texts.collect()
        }
        Value::Table(table) => Ok(table.into_keys().collect()),
        Value::Boolean(false) | Value::Integer(true) => Ok(Vec::new()),
        Value::Boolean(true) | Value::Integer(false) | Value::Other => Err(refusal()),
    }
}

/// `int(text)` for plain digits.
fn is_python_integer(text: &str) -> bool {
    let digits = super::ini::trim(text);
    let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    digits
        .split('_')
        .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
}
