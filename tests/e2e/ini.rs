//! The reader of ini files against Python's `configparser`, on generated files.

use std::collections::BTreeMap;

use camino::Utf8PathBuf;
use proptest::collection::vec;
use proptest::prelude::{Just, Strategy};
use proptest::prop_oneof;
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use serde::Deserialize;
use vendor_migrations::alembic::config::ini::Ini;
use vendor_migrations::alembic::config::{IniSource, Value};

use super::support::process::feed;
use super::support::python;

const HERE: &str = "/he re";

/// Of each key its raw value, and its value; none if it cannot be interpolated.
type Values = BTreeMap<String, (String, Option<String>)>;

#[derive(Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Answer {
    /// Python refuses the text for this line.
    Line(usize),
    Sections(BTreeMap<String, Values>),
}

#[test]
fn ini_files_are_read_as_python_reads_them() {
    let mut runner = TestRunner::deterministic();
    let mut texts: Vec<String> = SURPRISES.iter().map(|text| (*text).to_owned()).collect();
    texts.extend((1..14).map(nested));
    for _ in 0..4000 {
        let tree = file().new_tree(&mut runner).expect("a text is generated");
        texts.push(tree.current());
    }
    let input = serde_json::to_vec(&texts).expect("texts are JSON");
    let output = feed(&mut python::script("ini_values.py"), &input)
        .exits(0)
        .stdout;
    let answers: Vec<Answer> = serde_json::from_str(&output).expect("the answers are JSON");
    assert_eq!(answers.len(), texts.len());
    let accepted = |answer: &&Answer| matches!(answer, Answer::Sections(_));
    let accepted = answers.iter().filter(accepted).count();
    assert!(
        accepted > 500 && accepted < texts.len() - 500,
        "{accepted} of {} texts are good: the generator tests only one side",
        texts.len()
    );
    let differing = texts
        .iter()
        .zip(&answers)
        .map(|(text, answer)| (text, answer, ours(text)))
        .filter(|(_, answer, ours)| *answer != ours);
    if let Some((text, theirs, ours)) = differing.min_by_key(|(text, ..)| text.len()) {
        panic!("{text:?}\nPython: {theirs:?}\nours:   {ours:?}");
    }
}

fn ours(text: &str) -> Answer {
    let ini = match Ini::parse(text) {
        Ok(ini) => ini,
        Err(error) => return Answer::Line(error.line),
    };
    let source = IniSource {
        file: Utf8PathBuf::from("alembic.ini"),
        here: Utf8PathBuf::from(HERE),
        text: text.to_owned(),
        ini,
    };
    let value = |section: &str, key: &str| {
        let setting = source.setting(section, key).expect("the key is set");
        let value = match setting.value {
            Ok(Value::Text(text)) => Some(text),
            _ => None,
        };
        // The bytes of a setting hold all of it, and nothing else.
        let alone = Ini::parse(&format!("[x]\n{}", &text[setting.bytes])).expect("it parses");
        let (entry, _) = alone.entry("x", key).expect("the key is there");
        assert_eq!(entry.raw, setting.raw, "{text:?}");
        (setting.raw, value)
    };
    let values = |section: &str| {
        let keys = source.ini.keys(section).into_iter();
        let mut values: Values = keys
            .map(|key| (key.to_owned(), value(section, key)))
            .collect();
        values
            .entry("here".to_owned())
            .or_insert_with(|| (HERE.to_owned(), Some(HERE.to_owned())));
        values
    };
    let sections = source.ini.sections();
    Answer::Sections(
        sections
            .map(|section| (section.to_owned(), values(section)))
            .collect(),
    )
}

/// A value that is found through so many others.
fn nested(depth: usize) -> String {
    let links = (1..depth).map(|link| format!("x{link} = %(x{})s\n", link + 1));
    format!("[a]\n{}x{depth} = end\n", links.collect::<String>())
}

const SURPRISES: [&str; 16] = [
    "",
    "\u{feff}[a]\nk=1",
    "[a]\nk = 1 ; no comment\n# a comment\n  2\n\n\n  3\n\n",
    "[a]\nk\n",
    "[a]\n=1\n",
    "[a]\n=1\n=2\n",
    "k=1\n[a]",
    "[a]\nK=1\nk=2",
    "[a]\n[a]\n",
    "[DEFAULT]\nk=1\n[DEFAULT]\nk=2\n[a]\n",
    "[DEFAULT]\nhere=x\n[DEFAULT]\n[a]\nk=%(here)s\n",
    "[ a ]\n[a] ; b]\n[[c]]\nk=v\n",
    "[a]\n  k=1\n j=2\n  =3\n",
    "[a]\nk=\n  [b]\n  c = d\n",
    "[a]\rk=1\r\n\x0c j=2\x1c\n\u{2028}x=3\n",
    "[a]\nİ=1\nΑΣ: %(ΑΣ)s%(i̇)s\n",
];

fn file() -> impl Strategy<Value = String> {
    let header = prop_oneof![
        8 => Just("[a]"),
        4 => Just("[DEFAULT]"),
        4 => Just("[b]"),
        2 => Just("[c] # d]"),
        1 => Just("[]"),
        1 => Just("[]]"),
    ];
    let header = header.prop_map(str::to_owned);
    let other = prop_oneof![
        Just(""),
        Just(" "),
        Just("# c"),
        Just("; k = v"),
        Just("k"),
        Just("[x"),
        Just("\u{1c}"),
    ];
    let line = prop_oneof![
        3 => header.clone(),
        8 => setting(),
        3 => value(),
        4 => other.prop_map(str::to_owned),
    ];
    let indent = prop_oneof![6 => Just(""), 2 => Just(" "), 2 => Just("  "), 1 => Just("\t\t"), 1 => Just("\u{a0}")];
    let end = prop_oneof![8 => Just("\n"), 2 => Just("\r\n"), 1 => Just("\r"), 1 => Just(" \n")];
    let lines = vec((indent, line, end), 0..9);
    (header, lines).prop_map(|(header, lines)| {
        let lines = lines.into_iter();
        lines.fold(header + "\n", |text, (indent, line, end)| {
            text + indent + &line + end
        })
    })
}

fn setting() -> impl Strategy<Value = String> {
    let key = prop_oneof![
        Just("k"),
        Just("K2"),
        Just("k 3"),
        Just("k4"),
        Just("k5"),
        Just("here"),
        Just("x%")
    ];
    let delimiter = prop_oneof![
        Just("="),
        Just(" = "),
        Just(":"),
        Just(" : "),
        Just("\t=\t")
    ];
    (key, delimiter, value()).prop_map(|(key, delimiter, value)| format!("{key}{delimiter}{value}"))
}

fn value() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        6 => Just("a"),
        2 => Just(" "),
        1 => Just("="),
        1 => Just(":"),
        2 => Just("%%"),
        1 => Just("%"),
        1 => Just("%("),
        1 => Just("%()s"),
        4 => Just("%(here)s"),
        4 => Just("%(k)s"),
        3 => Just("%(K2)s"),
        1 => Just("%(k 3)s"),
        1 => Just("%(none)s"),
        1 => Just(" # c"),
        1 => Just(" ; c"),
        1 => Just("\u{1f}"),
        1 => Just("é"),
    ];
    vec(piece, 0..4).prop_map(|pieces| pieces.concat())
}
