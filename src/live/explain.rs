//! In words, how an object differs from what the migrations make, as far as its facts tell: of what it should be, only a digest
//! is known.

use serde_json::{Map, Value, json};

use super::normal::digest;
use super::{Kind, Object};
use crate::catalog::objects::short;

type Facts = Map<String, Value>;

/// A fact that is changed on purpose, or by accident: its key, what it should be (none: it is not there), and in words what it is.
type Oddity = (&'static str, Option<Value>, String);

/// How an object differs from the one with the digest `wanted`.
pub(super) fn difference(kind: Kind, object: &Object, schema: &str, wanted: u64) -> String {
    let is_wanted = |facts: &Facts| short(&digest(facts, schema)) == wanted;
    if let Some(label) = added_label(&object.facts, is_wanted) {
        return format!("has the label `{label}` in addition");
    }
    let oddities = oddities(kind, &object.facts);
    let mut facts = object.facts.clone();
    for (key, value, _) in &oddities {
        match value {
            Some(value) => facts.insert((*key).to_owned(), value.clone()),
            None => facts.shift_remove(*key),
        };
    }
    let words: Vec<String> = oddities.into_iter().map(|(_, _, words)| words).collect();
    let words = words.join(", ");
    if !words.is_empty() && is_wanted(&facts) {
        return words;
    }
    // Of a column, this says nothing more.
    let words = match kind {
        Kind::Column => String::new(),
        _ => words,
    };
    let found = definition(kind, &object.facts);
    let found = found.map_or(String::new(), |found| format!(": it is `{found}`"));
    let and = if words.is_empty() { "" } else { ", and " };
    format!("{words}{and}is not as the migrations make it{found}")
}

/// The one label of an enumeration that is too many.
fn added_label(facts: &Facts, is_wanted: impl Fn(&Facts) -> bool) -> Option<&str> {
    const MOST: usize = 100;
    let labels = facts.get("labels")?.as_array()?;
    if labels.len() > MOST {
        return None;
    }
    let without = |index: &usize| {
        let mut rest = labels.clone();
        rest.remove(*index);
        let mut facts = facts.clone();
        facts.insert("labels".to_owned(), Value::Array(rest));
        is_wanted(&facts)
    };
    let index = (0..labels.len()).find(without)?;
    labels.get(index)?.as_str()
}

fn oddities(kind: Kind, facts: &Facts) -> Vec<Oddity> {
    let text = |key: &str| facts.get(key).and_then(Value::as_str);
    let is_true = |key: &str| facts.get(key) == Some(&Value::Bool(true));
    let mut found: Vec<Oddity> = Vec::new();
    let mut flag = |key, words: &str| {
        if is_true(key) {
            found.push((key, None, words.to_owned()));
        }
    };
    match kind {
        Kind::Table => {
            flag("row_security", "has row security");
            flag("forced_row_security", "forces row security on its owner");
            if text("persistence") == Some("u") {
                found.push(("persistence", Some(json!("p")), "is unlogged".to_owned()));
            }
        }
        Kind::Index => flag("invalid", "is invalid: its build failed or goes on"),
        Kind::Function => {
            flag("definer", "runs with its owner's rights (SECURITY DEFINER)");
            flag("leakproof", "is LEAKPROOF");
            if let Some(settings) = facts.get("settings").and_then(Value::as_array) {
                let settings: Vec<&str> = settings.iter().filter_map(Value::as_str).collect();
                let words = format!("has settings of its own (SET {})", settings.join(", "));
                found.push(("settings", None, words));
            }
        }
        Kind::Trigger | Kind::Rule => {
            let words = match text("enabled") {
                Some("D") => "is disabled",
                Some("R") => "fires on replicas only",
                Some("A") => "fires on replicas, too",
                _ => return found,
            };
            found.push(("enabled", Some(json!("O")), words.to_owned()));
        }
        Kind::Constraint => {
            flag("disabled", "is not enforced: its triggers are disabled");
            let plain = text("definition").and_then(|text| text.strip_suffix(" NOT VALID"));
            let words = || "is not validated (NOT VALID)".to_owned();
            found.extend(plain.map(|plain| ("definition", Some(json!(plain)), words())));
        }
        Kind::Column => {
            let not_null = is_true("not_null");
            let words = match not_null {
                true => "is NOT NULL",
                false => "allows NULL",
            };
            found.push(("not_null", Some(json!(!not_null)), words.to_owned()));
        }
        Kind::Sequence if text("persistence") == Some("u") => {
            found.push(("persistence", Some(json!("p")), "is unlogged".to_owned()));
        }
        Kind::Policy | Kind::View | Kind::Sequence | Kind::Type => {}
    }
    found
}

/// What the database says that it is, where that is short.
fn definition(kind: Kind, facts: &Facts) -> Option<String> {
    let text = |key: &str| facts.get(key).and_then(Value::as_str);
    match kind {
        Kind::Index | Kind::Constraint | Kind::Trigger | Kind::Rule => {
            text("definition").map(str::to_owned)
        }
        Kind::Column => {
            let default = text("default").map_or(String::new(), |text| format!(" DEFAULT {text}"));
            text("type").map(|kind| kind.to_owned() + &default)
        }
        Kind::Type => {
            let labels = facts.get("labels")?.as_array()?.iter();
            let labels: Vec<&str> = labels.filter_map(Value::as_str).collect();
            Some(labels.join(", "))
        }
        Kind::Table | Kind::Policy | Kind::View | Kind::Sequence | Kind::Function => None,
    }
}
