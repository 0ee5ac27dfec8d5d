//! What Alembic makes of its configuration files: `ScriptDirectory.from_config`, version by version. Pure.

use super::rules::Rules;
use super::separators::{prepend_sys_path, separator, version_locations};
use super::sources::{Place, Setting, Sources, Value};

/// A reason for which Alembic refuses the configuration, whatever the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// The setting at fault; none if there is no single one.
    pub setting: Option<String>,
    /// Where.
    pub place: Option<Place>,
    /// Why, in words for people.
    pub why: String,
}

/// A location as it is written, before it is looked up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// Interpolated.
    pub(super) written: String,
    pub(super) place: Place,
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
    let mut reader = Reader {
        sources,
        rules,
        refusals: Vec::new(),
    };
    let mut read = Read {
        script_location: reader.script_location(),
        prepend_sys_path: reader.prepend_sys_path().unwrap_or_default(),
        ..Read::default()
    };
    reader.truncate_slug_length();
    for key in ["file_template", "output_encoding", "timezone"] {
        reader.option(key);
    }
    reader.boolean("sourceless");
    if rules.reads_recursive() {
        read.recursive = reader.boolean("recursive_version_locations");
    }
    reader.hooks();
    read.versions = reader.versions().transpose();
    read.refusals = reader.refusals;
    if let Some(Err(refusal)) = &read.versions {
        read.refusals.push(refusal.clone());
    }
    read
}

struct Reader<'a> {
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

impl Reader<'_> {
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

    /// `_get_toml_config_value`.
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

    fn prepend_sys_path(&mut self) -> Option<Vec<String>> {
        const KEY: &str = "prepend_sys_path";
        let result = match self.ini_text(KEY) {
            Err(refusal) => Err(refusal),
            Ok(Some((_, value))) => {
                // Before 1.16 this list knew no separator of its own.
                let names: &[&str] = if self.rules.reads_toml() {
                    &["path_separator"]
                } else {
                    &[]
                };
                self.separator(names)
                    .map(|separator| prepend_sys_path(&value, separator))
            }
            Ok(None) => self.toml(KEY).transpose().and_then(|setting| {
                setting.map_or(Ok(Vec::new()), |setting| items(KEY, &setting, true))
            }),
        };
        result.map_err(|refusal| self.refusals.push(refusal)).ok()
    }

    fn versions(&mut self) -> Result<Option<Vec<Entry>>, Refusal> {
        const KEY: &str = "version_locations";
        let (place, written) = if let Some((setting, value)) = self.ini_text(KEY)? {
            let names: &[&str] = if self.rules.reads_toml() {
                &["path_separator", "version_path_separator"]
            } else {
                &["version_path_separator"]
            };
            let separator = self.separator(names)?;
            let entries = version_locations(&value, separator, self.rules);
            (setting.place, entries)
        } else if let Some(setting) = self.toml(KEY).transpose()? {
            (setting.place.clone(), items(KEY, &setting, false)?)
        } else {
            return Ok(None);
        };
        if written.is_empty() {
            return Ok(None);
        }
        let entry = |written| Entry {
            written,
            place: place.clone(),
        };
        Ok(Some(written.into_iter().map(entry).collect()))
    }

    /// The ini file's value, unless it is empty.
    fn ini_text(&self, key: &str) -> Result<Option<(Setting, String)>, Refusal> {
        let Some(setting) = self.sources.ini_setting(key) else {
            return Ok(None);
        };
        match &setting.value {
            Err(why) => Err(refusal(key, &setting, why)),
            Ok(Value::Text(text)) if !text.is_empty() => {
                let text = text.clone();
                Ok(Some((setting, text)))
            }
            Ok(_) => Ok(None),
        }
    }

    /// The first separator that is set.
    fn separator(&self, keys: &[&str]) -> Result<super::separators::Separator, Refusal> {
        if !keys.is_empty() && !self.has_section() {
            // `-n DEFAULT`: the value is found, its separator is not.
            return Err(Refusal {
                setting: None,
                place: None,
                why: format!("there is no section `[{}]`", self.sources.section),
            });
        }
        let mut found = keys
            .iter()
            .filter_map(|key| Some((*key, self.sources.ini_setting(key)?)));
        let Some((key, setting)) = found.next() else {
            return separator(None, self.rules).map_err(|why| Refusal {
                setting: None,
                place: None,
                why,
            });
        };
        match &setting.value {
            Ok(Value::Text(name)) => {
                separator(Some(name), self.rules).map_err(|why| refusal(key, &setting, why))
            }
            Ok(_) => Err(refusal(key, &setting, "it is not a string")),
            Err(why) => Err(refusal(key, &setting, why)),
        }
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

/// What Python iterates over: of a string its characters, of a table its names.
fn items(key: &str, setting: &Setting, tables: bool) -> Result<Vec<String>, Refusal> {
    match &setting.value {
        Ok(Value::Text(text)) => Ok(text.chars().map(String::from).collect()),
        Ok(Value::List(entries) | Value::Table(entries)) => Ok(entries.clone()),
        Ok(Value::Boolean(false) | Value::Integer(true)) => Ok(Vec::new()),
        Ok(Value::Tables(_)) if tables => Ok(Vec::new()),
        Ok(_) => Err(refusal(key, setting, "it is not a list of strings")),
        Err(why) => Err(refusal(key, setting, why)),
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
