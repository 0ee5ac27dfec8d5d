//! Configuration files of a project: `alembic.ini`, `pyproject.toml`, pre-commit's YAML. What edits them changes nothing else, and is needed
//! once.

use vendor_migrations::alembic::config::ini::Ini;
use vendor_migrations::wiring::pre_commit::{Edit, Entry};
use vendor_migrations::wiring::{New, settings, with_locations};
use vendor_migrations::yaml::{self, Node, Value};

use super::project::{Project, VENDORED};

/// An Alembic with old rules.
const OLD: &str = "1.8.1";

thread_local! {
    static PROJECTS: [Project; 2] = [Project::new(None), Project::new(Some(OLD))];
}

pub fn ini(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(ini) = Ini::parse(text) {
        for section in ini.sections() {
            for key in ini.keys(section) {
                let (entry, _) = ini.entry(section, key).expect("a key has an entry");
                let _ = &entry.raw;
            }
        }
    }
    PROJECTS.with(|projects| {
        projects
            .iter()
            .for_each(|one| wired(one, "alembic.ini", text))
    });
}

pub fn toml(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    for in_pyproject in [true, false] {
        has_setting(text, in_pyproject);
    }
    PROJECTS.with(|projects| {
        projects
            .iter()
            .for_each(|one| wired(one, "pyproject.toml", text))
    });
}

/// Once the vendored directory was added to the version locations, Alembic looks into it, and finds its script directory where it was.
fn wired(project: &Project, file: &str, text: &str) {
    project.directory.write(file, text);
    let Some(config) = project.config(file) else {
        return;
    };
    let vendored = project.directory.path.join(VENDORED);
    let is_there = config.looks_into(&vendored);
    if is_there == Some(true) {
        return;
    }
    let new = [New::Directory(vendored.clone())];
    let Ok(edit) = with_locations(&config, text, &new) else {
        return;
    };
    assert_eq!(edit.path, file);
    project.directory.write(file, &edit.text);
    let after = project.config(file).expect("it can be read again");
    // Where no file names the script directory, Alembic refuses the configuration all the same.
    if is_there.is_some() {
        assert_eq!(after.looks_into(&vendored), Some(true), "{}", edit.text);
    }
    assert_eq!(with_locations(&after, &edit.text, &new).as_ref(), Ok(&edit));
    assert_eq!(
        after.script_location.resolved,
        config.script_location.resolved
    );
    assert_eq!(after.prepend_sys_path, config.prepend_sys_path);
    assert_eq!(after.recursive, config.recursive);
}

/// A setting that was added is there, nothing else is changed, and it is not added again.
fn has_setting(text: &str, in_pyproject: bool) {
    let Ok(before) = toml::from_str::<toml::Table>(text) else {
        return;
    };
    let wanted = [("schema", "jobs".to_owned())];
    let Ok(edited) = settings::with(text, in_pyproject, &wanted) else {
        return;
    };
    let after: toml::Table =
        toml::from_str(&edited).unwrap_or_else(|error| panic!("{error}:\n{edited}"));
    let again = settings::with(&edited, in_pyproject, &wanted);
    assert_eq!(again.as_ref(), Ok(&edited));
    let [before, after] = [before, after].map(|table| without_setting(table, in_pyproject));
    assert_eq!(before, after, "{edited}");
}

/// Without the setting, and without the tables that hold nothing then.
fn without_setting(mut table: toml::Table, in_pyproject: bool) -> toml::Table {
    fn remove(table: &mut toml::Table, path: &[&str]) {
        let Some((first, rest)) = path.split_first() else {
            return;
        };
        if let Some(below) = table.get_mut(*first).and_then(toml::Value::as_table_mut) {
            remove(below, rest);
        }
        let is_empty = |value: &toml::Value| value.as_table().is_some_and(toml::Table::is_empty);
        if rest.is_empty() || table.get(*first).is_some_and(is_empty) {
            table.remove(*first);
        }
    }
    match in_pyproject {
        true => remove(&mut table, &["tool", "vendor-migrations", "schema"]),
        false => remove(&mut table, &["schema"]),
    }
    table
}

/// Every value has a place in the text. Once an entry for pre-commit was added, it is there.
pub fn yaml(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    if let Ok(Some(root)) = yaml::read(text) {
        is_placed(text, &root);
        assert!(root.same(&root));
    }
    let entry = Entry {
        args: vec!["--project".to_owned(), "app".to_owned()],
        directory: Some("app/versions".to_owned()),
    };
    if let Ok(Edit::Added(edited)) = entry.added_to(text) {
        let again = entry.added_to(&edited);
        assert!(
            matches!(again, Ok(Edit::Present | Edit::Hidden)),
            "{again:?}:\n{edited}"
        );
    }
}

fn is_placed(text: &str, node: &Node) {
    assert!(text.get(node.bytes.clone()).is_some(), "{node:?}");
    match &node.value {
        Value::Scalar { .. } | Value::Alias(_) => {}
        Value::Sequence(items) => items.iter().for_each(|item| is_placed(text, item)),
        Value::Mapping(entries) => {
            for (key, value) in entries {
                is_placed(text, key);
                is_placed(text, value);
            }
        }
    }
}
