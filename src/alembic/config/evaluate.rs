//! What Alembic makes of its configuration files: `ScriptDirectory.from_config`, version by version. Pure.

mod lists;

use super::rules::Rules;
use super::sources::{Setting, Sources, Value};
use crate::place::Line;

/// A reason for which Alembic refuses the configuration, whatever the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The setting at fault; none if there is no single one.
    pub setting: Option<String>,
    pub place: Option<Line>,
    /// Why, in words for people.
    pub why: String,
}

/// A location as it is written, before it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub(super) written: String,
    pub(super) place: Line,
}

/// What the files say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) script_location: Option<Entry>,
    /// None: the default holds.
    pub(super) versions: Option<Result<Vec<Entry>, Refusal>>,
    pub(super) recursive: bool,
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
    let mut read = Read {
        script_location: asked.script_location(),
        prepend_sys_path: asked.prepend_sys_path().unwrap_or_default(),
        ..Read::default()
    };
    asked.truncate_slug_length();
    for key in ["file_template", "output_encoding", "timezone"] {
        asked.option(key);
    }
    asked.boolean("sourceless");
    if rules.reads_recursive() {
        read.recursive = asked.boolean("recursive_version_locations");
    }
    asked.hooks();
    read.versions = asked.versions().transpose();
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

fn refusal(key: &str, setting: &Setting, why: impl Into<String>) -> Refusal {
    Refusal {
        setting: Some(key.to_owned()),
        place: Some(setting.place.clone()),
        why: why.into(),
    }
}

impl Asked<'_> {
    fn script_location(&mut self) -> Option<Entry> {
        if !self.rules.reads_toml() && !self.has_section() {
            self.refusals.push(Refusal {
                setting: None,
                place: None,
                why: format!("there is no section `[{}]`", self.sources.section),
            });
            return None;
        }
        let (setting, value) = self.option("script_location")?;
        match value {
            Value::Text(written) => Some(Entry {
                written,
                place: setting.place,
            }),
            _ => {
                let why = "it is not a string";
                self.refusals
                    .push(refusal("script_location", &setting, why));
                None
            }
        }
    }

    /// `get_main_option` raises without the section, even where `[DEFAULT]` has the setting.
    fn has_section(&self) -> bool {
        let ini = self.sources.ini.as_ref();
        ini.is_some_and(|source| source.ini.has_section(&self.sources.section))
    }

    /// `get_alembic_option`: the ini file's, else that of `[tool.alembic]`. A value that Alembic cannot read is refused.
    fn option(&mut self, key: &str) -> Option<(Setting, Value)> {
        let found = self.sources.ini_setting(key).map(Ok);
        match found.or_else(|| self.toml(key))? {
            Ok(setting) => match setting.value.clone() {
                Ok(value) => Some((setting, value)),
                Err(why) => {
                    self.refusals.push(refusal(key, &setting, why));
                    None
                }
            },
            Err(refusal) => {
                self.refusals.push(refusal);
                None
            }
        }
    }

    fn toml(&self, key: &str) -> Option<Result<Setting, Refusal>> {
        if !self.rules.reads_toml() {
            return None;
        }
        let setting = self.sources.toml_setting(key)?;
        Some(match &setting.value {
            Err(why) => Err(refusal(key, &setting, why)),
            Ok(Value::Boolean(_) | Value::Integer(_)) if !self.rules.takes_toml_booleans() => Err(
                refusal(key, &setting, "before 1.16.4, Alembic takes only strings"),
            ),
            Ok(_) => Ok(setting),
        })
    }

    fn truncate_slug_length(&mut self) {
        const KEY: &str = "truncate_slug_length";
        let Some((setting, value)) = self.option(KEY) else {
            return;
        };
        let number = match &value {
            Value::Text(text) => is_python_integer(text),
            Value::Boolean(_) | Value::Integer(_) => true,
            Value::List(_) | Value::Tables(_) | Value::Table(_) => false,
        };
        if !number {
            let why = "it is not a whole number";
            self.refusals.push(refusal(KEY, &setting, why));
        }
    }

    fn boolean(&mut self, key: &str) -> bool {
        let toml = self.sources.toml_setting(key);
        let in_ini = self.sources.ini_setting(key).is_some();
        if let Some(setting) = toml.filter(|_| !in_ini && self.rules.takes_toml_booleans()) {
            if let Ok(Value::Boolean(value)) = setting.value {
                return value;
            }
            let why = "it is neither `true` nor `false`";
            self.refusals.push(refusal(key, &setting, why));
            return false;
        }
        self.option(key)
            .is_some_and(|(_, value)| value == Value::Text("true".to_owned()))
    }

    /// `[post_write_hooks]` is read as a whole, so one bad value there stops every command.
    fn hooks(&mut self) {
        const KEY: &str = "post_write_hooks";
        if let Some(source) = &self.sources.ini
            && source.ini.has_section(KEY)
        {
            for key in source.ini.keys(KEY) {
                if let Some(setting) = source.setting(KEY, key)
                    && let Err(why) = &setting.value
                {
                    self.refusals.push(refusal(key, &setting, why));
                }
            }
            if let Err(why) = source.here_in(KEY) {
                self.refusals.push(Refusal {
                    setting: None,
                    place: None,
                    why: format!("the file's directory cannot be interpolated: {why}"),
                });
            }
            return;
        }
        let good = |value: &Value| match value {
            Value::Tables(tables) => tables.iter().all(|names| names.iter().any(|n| n == "name")),
            Value::Text(text) => text.is_empty(),
            Value::List(entries) | Value::Table(entries) => entries.is_empty(),
            Value::Boolean(_) | Value::Integer(_) => false,
        };
        match self.toml(KEY) {
            Some(Ok(setting)) if !setting.value.as_ref().is_ok_and(good) => {
                let why = "it is not a list of tables, each with a `name`";
                self.refusals.push(refusal(KEY, &setting, why));
            }
            Some(Err(refusal)) => self.refusals.push(refusal),
            Some(Ok(_)) | None => {}
        }
    }
}

/// `int(text)` for plain digits.
fn is_python_integer(text: &str) -> bool {
    let digits = super::ini::trim(text);
    let digits = digits.strip_prefix(['+', '-']).unwrap_or(digits);
    !digits.is_empty()
        && digits
            .split('_')
            .all(|group| !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit()))
}
