//! Ini files as Python's `configparser` reads them, with the interpolation that Alembic uses.

use std::collections::BTreeMap;

use camino::Utf8Path;

/// One section of an ini file over its `DEFAULT`, as Python's `configparser` reads it.
pub(super) struct Ini {
    values: BTreeMap<String, (usize, String)>,
}

impl Ini {
    /// The error is a line, counted from 1, and what is wrong with it.
    pub(super) fn parse(text: &str, section: &str) -> Result<Self, (usize, String)> {
        let mut values: BTreeMap<String, (usize, String)> = BTreeMap::new();
        let mut defaults = BTreeMap::new();
        let mut current: Option<&str> = None;
        let mut key: Option<String> = None;
        for (index, line) in text.lines().enumerate() {
            let trimmed = line.trim();
            if trimmed.starts_with(['#', ';']) {
                continue;
            }
            let map = match current {
                Some(name) if name == section => Some(&mut values),
                Some("DEFAULT") => Some(&mut defaults),
                _ => None,
            };
            if line.starts_with([' ', '\t']) && key.is_some() {
                if let (Some(map), Some(key)) = (map, &key)
                    && let Some((_, value)) = map.get_mut(key)
                {
                    value.push('\n');
                    value.push_str(trimmed);
                }
            } else if trimmed.is_empty() {
                continue;
            } else if let Some(name) = trimmed
                .strip_prefix('[')
                .and_then(|rest| rest.split_once(']'))
            {
                current = Some(name.0);
                key = None;
            } else if let Some(at) = trimmed.find(['=', ':']) {
                let name = trimmed[..at].trim_end().to_lowercase();
                if let Some(map) = map {
                    let value = (index + 1, trimmed[at + 1..].trim().to_owned());
                    if let Some((first, _)) = map.insert(name.clone(), value) {
                        let why =
                            format!("`{name}` is set a second time (it is in line {first}, too)");
                        return Err((index + 1, why));
                    }
                }
                key = Some(name);
            } else {
                return Err((
                    index + 1,
                    format!(
                        "`{}` is neither a section nor a setting",
                        trimmed.escape_debug()
                    ),
                ));
            }
        }
        defaults.extend(values);
        Ok(Self { values: defaults })
    }

    pub(super) fn line(&self, key: &str) -> usize {
        self.values.get(key).map_or(1, |(line, _)| *line)
    }

    /// The value as it is written.
    pub(super) fn raw(&self, key: &str) -> Option<&str> {
        self.values.get(key).map(|(_, value)| value.trim())
    }

    /// The value with its `%(name)s` replaced.
    pub(super) fn value(&self, key: &str, here: &Utf8Path) -> Result<Option<String>, String> {
        self.values
            .get(key)
            .map(|(_, value)| self.interpolated(value.trim(), here, 0))
            .transpose()
    }

    fn interpolated(&self, value: &str, here: &Utf8Path, depth: usize) -> Result<String, String> {
        const DEEPEST: usize = 10;
        if depth > DEEPEST {
            return Err("its interpolation has no end".to_owned());
        }
        let mut text = String::new();
        let mut rest = value;
        while let Some((plain, after)) = rest.split_once('%') {
            text.push_str(plain);
            if let Some(after) = after.strip_prefix('%') {
                text.push('%');
                rest = after;
            } else if let Some((name, after)) = after
                .strip_prefix('(')
                .and_then(|after| after.split_once(")s"))
            {
                let name = name.to_lowercase();
                match self.values.get(&name) {
                    Some((_, value)) => {
                        text.push_str(&self.interpolated(value, here, depth + 1)?)
                    }
                    None if name == "here" => text.push_str(here.as_str()),
                    None => return Err(format!("`%({name})s` names no setting")),
                }
                rest = after;
            } else {
                return Err("a `%` has to be written `%%`, or begin a `%(name)s`".to_owned());
            }
        }
        text.push_str(rest);
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> Result<Option<String>, String> {
        Ini::parse(text, "alembic")
            .unwrap()
            .value(key, Utf8Path::new("/here"))
    }

    #[test]
    fn values_are_read_as_configparser_reads_them() {
        let text = "[DEFAULT]\nroot = db\n[alembic]\n# c\nScript_Location = %(here)s/%(root)s  # no comment\n\
                    version_locations =\n    a\n    # c\n    b\nu: x=100%%\n[other]\nscript_location = no\n";
        assert_eq!(
            value(text, "script_location").unwrap().unwrap(),
            "/here/db  # no comment"
        );
        assert_eq!(value(text, "version_locations").unwrap().unwrap(), "a\nb");
        assert_eq!(value(text, "u").unwrap().unwrap(), "x=100%");
        assert_eq!(value(text, "nothing").unwrap(), None);
    }

    #[test]
    fn faults_of_interpolation_are_told() {
        assert!(value("[alembic]\na = %x", "a").is_err());
        assert!(value("[alembic]\na = %(b)s", "a").is_err());
        assert!(value("[alembic]\na = %(a)s", "a").is_err());
        assert!(Ini::parse("[alembic]\nnonsense", "alembic").is_err());
        let twice = Ini::parse("[alembic]\na = 1\n[b]\na = 2\n[alembic]\nA = 3", "alembic");
        assert_eq!(twice.err().map(|(line, _)| line), Some(6));
    }
}
