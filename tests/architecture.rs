//! The rooms of `src/` import each other as the table in ARCHITECTURE.md says, and never in a loop.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that cannot go on fails"
)]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use syn::visit::{self, Visit};
use syn::{Attribute, ItemMod, ItemUse, UseTree};
use walkdir::WalkDir;

/// The rooms that each room imports.
type Imports = BTreeMap<String, BTreeSet<String>>;

/// The word of the table for a room that may import every other.
const ALL: &str = "all";

#[test]
fn rooms_import_no_more_and_no_less_than_the_table_says() {
    let (found, allowed) = (imports(), table());
    let mut faults = Vec::new();
    for (room, imported) in &found {
        let Some(row) = allowed.get(room) else {
            faults.push(format!("`{room}` is in no row of the table"));
            continue;
        };
        if row.contains(ALL) {
            continue;
        }
        let forbidden = imported.difference(row);
        faults.extend(forbidden.map(|other| format!("`{room}` must not import `{other}`")));
        let unused = row.difference(imported);
        faults.extend(unused.map(|other| format!("`{room}` does not import `{other}`")));
    }
    let gone = allowed.keys().filter(|room| !found.contains_key(*room));
    faults.extend(gone.map(|room| format!("`{room}` is in the table, and there is no such room")));
    assert!(
        faults.is_empty(),
        "the code and the table in ARCHITECTURE.md differ:\n{}",
        faults.join("\n")
    );
}

#[test]
fn rooms_import_each_other_in_no_loop() {
    if let Some(ring) = ring(&imports()) {
        panic!(
            "these rooms import each other in a loop: {}",
            ring.join(" -> ")
        );
    }
}

#[test]
fn a_loop_is_found() {
    let graph = |edges: &[(&str, &[&str])]| -> Imports {
        let row = |(room, imported): &(&str, &[&str])| {
            let imported = imported.iter().map(|name| (*name).to_owned()).collect();
            ((*room).to_owned(), imported)
        };
        edges.iter().map(row).collect()
    };
    assert_eq!(
        ring(&graph(&[("a", &["b", "c"]), ("b", &["c"]), ("c", &[])])),
        None
    );
    let looped = graph(&[("a", &["b"]), ("b", &["c"]), ("c", &["b"])]);
    assert_eq!(ring(&looped).unwrap(), ["b", "c", "b"]);
}

/// A loop, as the rooms that one comes through, the first one twice.
fn ring(imports: &Imports) -> Option<Vec<&str>> {
    fn walk<'a>(
        room: &'a str,
        imports: &'a Imports,
        path: &mut Vec<&'a str>,
        done: &mut BTreeSet<&'a str>,
    ) -> Option<Vec<&'a str>> {
        if let Some(begin) = path.iter().position(|other| *other == room) {
            return Some([&path[begin..], &[room]].concat());
        }
        if !done.insert(room) {
            return None;
        }
        path.push(room);
        let mut next = imports.get(room).into_iter().flatten();
        let found = next.find_map(|other| walk(other, imports, path, done));
        path.pop();
        found
    }
    let mut done = BTreeSet::new();
    imports
        .keys()
        .find_map(|room| walk(room, imports, &mut Vec::new(), &mut done))
}

/// The rows of the table: the room in the first column, what it may import in the last.
fn table() -> Imports {
    let page = include_str!("../ARCHITECTURE.md");
    let rows = page
        .lines()
        .skip_while(|line| !line.starts_with("| room |"))
        .skip(2)
        .take_while(|line| line.starts_with('|'));
    let names = |cell: &str| -> Vec<String> {
        let words = cell.split([',', ' ', '`', '/']);
        words
            .filter(|word| !word.is_empty() && *word != "—")
            .map(str::to_owned)
            .collect()
    };
    let mut table = Imports::new();
    for row in rows {
        let cells: Vec<&str> = row.trim_matches('|').split('|').collect();
        let [rooms, .., imported] = cells.as_slice() else {
            panic!("a row without columns: {row}");
        };
        for room in names(rooms) {
            table.insert(room, names(imported).into_iter().collect());
        }
    }
    assert!(!table.is_empty(), "ARCHITECTURE.md has no table of rooms");
    table
}

/// What the code of each room names of the others. Tests are left out.
fn imports() -> Imports {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut imports = Imports::new();
    let files = WalkDir::new(&source).into_iter().map(Result::unwrap);
    let is_test = |path: &Path| path.components().any(|part| part.as_os_str() == "tests");
    for file in files {
        let path = file
            .path()
            .strip_prefix(&source)
            .unwrap()
            .with_extension("");
        let is_rust = file.path().extension().is_some_and(|end| end == "rs");
        if !is_rust || is_test(&path) || path == Path::new("lib") {
            continue;
        }
        let mut module: Vec<String> = path
            .iter()
            .map(|part| part.to_str().unwrap().to_owned())
            .collect();
        if module.last().is_some_and(|name| name == "mod") {
            module.pop();
        }
        let room = module[0].clone();
        let text = fs_err::read_to_string(file.path()).unwrap();
        let parsed =
            syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
        let mut reader = Reader {
            module,
            rooms: BTreeSet::new(),
        };
        reader.visit_file(&parsed);
        let rooms = imports.entry(room.clone()).or_default();
        rooms.extend(reader.rooms.into_iter().filter(|other| *other != room));
    }
    // Names of the crate's root that are no rooms.
    let rooms: BTreeSet<String> = imports.keys().cloned().collect();
    imports
        .values_mut()
        .for_each(|names| names.retain(|name| rooms.contains(name)));
    imports
}

/// Collects the rooms that a file names.
struct Reader {
    /// The file's module, from the crate's root.
    module: Vec<String>,
    rooms: BTreeSet<String>,
}

impl Reader {
    /// A path as it is written: `crate::room::…`, or as many `super` as lead to the crate's root.
    fn path(&mut self, segments: &[String]) {
        let root = match segments.first().map(String::as_str) {
            Some("crate" | "vendor_migrations") => 1,
            Some("super") => {
                let supers = segments.iter().take_while(|word| *word == "super").count();
                if supers < self.module.len() {
                    return;
                }
                supers
            }
            _ => return,
        };
        self.rooms.extend(segments.get(root).cloned());
    }

    fn tree(&mut self, tree: &UseTree, before: &[String]) {
        let with = |name: String| [before, &[name]].concat();
        match tree {
            UseTree::Path(path) => self.tree(&path.tree, &with(path.ident.to_string())),
            UseTree::Name(name) => self.path(&with(name.ident.to_string())),
            UseTree::Rename(rename) => self.path(&with(rename.ident.to_string())),
            UseTree::Group(group) => group.items.iter().for_each(|item| self.tree(item, before)),
            UseTree::Glob(_) => self.path(before),
        }
    }

    /// The inside of a macro: paths are words with `::` between.
    fn tokens(&mut self, tokens: TokenStream) {
        let mut path: Vec<String> = Vec::new();
        let mut colons = 0;
        for token in tokens {
            match token {
                TokenTree::Ident(word) => {
                    if colons != 2 {
                        self.path(&path);
                        path.clear();
                    }
                    path.push(word.to_string());
                    colons = 0;
                }
                TokenTree::Punct(mark) if mark.as_char() == ':' => colons += 1,
                TokenTree::Group(group) => self.tokens(group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {
                    self.path(&path);
                    path.clear();
                    colons = 0;
                }
            }
        }
        self.path(&path);
    }
}

fn is_for_tests(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| {
        let list = attribute.meta.require_list();
        attribute.path().is_ident("cfg") && list.is_ok_and(|list| list.tokens.to_string() == "test")
    })
}

impl<'ast> Visit<'ast> for Reader {
    fn visit_item_mod(&mut self, item: &'ast ItemMod) {
        if is_for_tests(&item.attrs) {
            return;
        }
        self.module.push(item.ident.to_string());
        visit::visit_item_mod(self, item);
        self.module.pop();
    }

    fn visit_item_use(&mut self, item: &'ast ItemUse) {
        if !is_for_tests(&item.attrs) {
            self.tree(&item.tree, &[]);
        }
    }

    fn visit_path(&mut self, path: &'ast syn::Path) {
        let segments: Vec<String> = path
            .segments
            .iter()
            .map(|part| part.ident.to_string())
            .collect();
        self.path(&segments);
        visit::visit_path(self, path);
    }

    fn visit_macro(&mut self, item: &'ast syn::Macro) {
        self.tokens(item.tokens.clone());
        visit::visit_macro(self, item);
    }
}
