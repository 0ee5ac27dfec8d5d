//! `%(name)s` in values: Python's `BasicInterpolation` for ini files, and its `%` operator for TOML. Pure.

use std::cell::Cell;

use camino::Utf8Path;

use super::ini::Ini;

/// `MAX_INTERPOLATION_DEPTH` of Python's `configparser`.
const DEEPEST: usize = 10;

/// A text that grows beyond this is no path; Python would go on until its memory ends.
const LONGEST: usize = 1 << 20;

/// What has more names in it, one inside of the other, is no path either, even if all are empty.
const MOST_NAMES: usize = 10_000;

/// Why a value cannot be interpolated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(super) enum Uninterpolated {
    #[error("a `%` has to be written `%%`, or begin a `%(name)s`")]
    Percent,
    /// A `%(` without its `)s`.
    #[error("a `%(` without a name and `)s` after it")]
    Open,
    #[error("`%({0})s` names no setting")]
    Unknown(String),
    #[error("its interpolation has no end")]
    Endless,
    #[error("`%({0})` has to be followed by `s`")]
    Conversion(String),
}

/// `value` of `section` with its `%(name)s` replaced: by the section, by `[DEFAULT]`, and `here`.
pub(super) fn interpolate(
    ini: &Ini,
    section: &str,
    here: &Utf8Path,
    value: &str,
) -> Result<String, Uninterpolated> {
    let mut text = String::new();
    let names = Cell::new(0);
    let values = Values {
        ini,
        section,
        here,
        names,
    };
    values.append(value, 1, &mut text)?;
    Ok(text)
}

/// `value % {"here": here}`.
pub(super) fn format(value: &str, here: &Utf8Path) -> Result<String, Uninterpolated> {
    let mut text = String::new();
    let mut rest = value;
    while let Some((name, after)) = next_name(rest, &mut text)? {
        if name != "here" {
            return Err(Uninterpolated::Unknown(name.to_owned()));
        }
        rest = after
            .strip_prefix('s')
            .ok_or_else(|| Uninterpolated::Conversion(name.to_owned()))?;
        text.push_str(here.as_str());
    }
    Ok(text)
}

struct Values<'a> {
    ini: &'a Ini,
    section: &'a str,
    here: &'a Utf8Path,
    /// How many were replaced so far.
    names: Cell<usize>,
}

impl Values<'_> {
    fn append(&self, value: &str, depth: usize, text: &mut String) -> Result<(), Uninterpolated> {
        if depth > DEEPEST || text.len() > LONGEST {
            return Err(Uninterpolated::Endless);
        }
        let mut rest = value;
        while let Some((name, after)) = next_name(rest, text)? {
            let after = after.strip_prefix('s').filter(|_| !name.is_empty());
            rest = after.ok_or(Uninterpolated::Open)?;
            let name = name.to_lowercase();
            self.names.set(self.names.get() + 1);
            if self.names.get() > MOST_NAMES {
                return Err(Uninterpolated::Endless);
            }
            // `here` is put into `[DEFAULT]` before the file is read, and interpolated like all the rest.
            let found = match self.ini.entry(self.section, &name) {
                Some((entry, _)) => entry.raw.as_str(),
                None if name == "here" => self.here.as_str(),
                None => return Err(Uninterpolated::Unknown(name)),
            };
            if found.contains('%') {
                self.append(found, depth + 1, text)?;
            } else {
                text.push_str(found);
            }
        }
        Ok(())
    }
}

/// Appends `value` to `text` up to the next `%(name)`. Returns the name and what follows; none at the end of `value`.
fn next_name<'a>(
    value: &'a str,
    text: &mut String,
) -> Result<Option<(&'a str, &'a str)>, Uninterpolated> {
    let mut rest = value;
    while let Some((plain, after)) = rest.split_once('%') {
        text.push_str(plain);
        if let Some(after) = after.strip_prefix('%') {
            text.push('%');
            rest = after;
            continue;
        }
        let after = after.strip_prefix('(').ok_or(Uninterpolated::Percent)?;
        return after.split_once(')').map(Some).ok_or(Uninterpolated::Open);
    }
    text.push_str(rest);
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Result<String, Uninterpolated> {
        let ini = Ini::parse(text).unwrap();
        let (entry, _) = ini.entry("a", "k").unwrap();
        interpolate(&ini, "a", Utf8Path::new("/here"), &entry.raw)
    }

    #[test]
    fn names_are_looked_up_in_the_section_then_in_default_then_here() {
        for (text, result) in [
            ("[DEFAULT]\nx=1\n[a]\nk=%(X)s%%%(here)s", Ok("1%/here")),
            ("[DEFAULT]\nx=1\n[a]\nx=2\nk=%(x)s", Ok("2")),
            ("[DEFAULT]\nhere=/there\n[a]\nk=%(here)s", Ok("/there")),
            ("[a]\nk=%(x)s\nx=%(here)s/y", Ok("/here/y")),
            ("[a]\nk=5%", Err(Uninterpolated::Percent)),
            ("[a]\nk=%()s", Err(Uninterpolated::Open)),
            ("[a]\nk=%(here)", Err(Uninterpolated::Open)),
            ("[a]\nk=%(k)s", Err(Uninterpolated::Endless)),
            ("[a]\nk=%(x)s", Err(Uninterpolated::Unknown("x".to_owned()))),
        ] {
            assert_eq!(value(text), result.map(str::to_owned), "{text}");
        }
    }

    #[test]
    fn a_text_that_doubles_at_every_step_comes_to_an_end() {
        let mut text = String::from("[a]\nk=%(x1)s\n");
        for step in 1..9 {
            let next = std::format!("%(x{})s", step + 1).repeat(400);
            text.push_str(&std::format!("x{step}={next}\n"));
        }
        for last in ["1234567890", ""] {
            let text = std::format!("{text}x9={last}\n");
            assert_eq!(value(&text), Err(Uninterpolated::Endless));
        }
    }

    #[test]
    fn here_is_interpolated_too_in_an_ini_and_not_in_toml() {
        let ini = Ini::parse("[a]\nk=%(here)s").unwrap();
        let interpolated = |here| interpolate(&ini, "a", Utf8Path::new(here), "%(here)s");
        assert_eq!(interpolated("/50%%"), Ok("/50%".to_owned()));
        assert_eq!(interpolated("/50%"), Err(Uninterpolated::Percent));
        assert_eq!(
            format("%(here)s%%", Utf8Path::new("/50%")),
            Ok("/50%%".to_owned())
        );
    }
}
