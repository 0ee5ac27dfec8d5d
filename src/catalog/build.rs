//! The build script: checks every file of `procrastinate-versions/` by the rules, and turns the catalogue into Rust
//! tables. A file that was tampered with fails the build.
#![expect(
    clippy::disallowed_methods,
    reason = "it writes to Cargo's own directory"
)]
#![allow(
    dead_code,
    unreachable_pub,
    reason = "these modules are the library's, and the script uses only a part of them"
)]

#[path = "../digest.rs"]
mod digest;
#[path = "../escape.rs"]
mod escape;
mod facts;
#[path = "../file_name.rs"]
mod file_name;
mod locks;
mod objects;
#[allow(unused_imports, reason = "the script uses only a part of them")]
#[path = "../procrastinate/mod.rs"]
mod procrastinate;
mod rules;
mod tables;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

const CATALOGUE: &str = "procrastinate-versions";

fn main() -> io::Result<()> {
    println!("cargo::rerun-if-changed={CATALOGUE}");
    let variable =
        |name: &str| std::env::var_os(name).ok_or_else(|| io::Error::other(name.to_owned()));
    let directory = Path::new(&variable("CARGO_MANIFEST_DIR")?).join(CATALOGUE);
    match read(&directory)? {
        Ok((all, objects)) => fs_err::write(
            Path::new(&variable("OUT_DIR")?).join("catalog.rs"),
            tables::source(&all) + &tables::objects(&objects, &all),
        ),
        Err(faults) => {
            for fault in faults {
                println!("cargo::error={fault}");
            }
            Ok(())
        }
    }
}

type Catalogue = (Vec<facts::Facts>, objects::Objects);

fn read(directory: &Path) -> io::Result<Result<Catalogue, Vec<String>>> {
    let mut files = BTreeMap::new();
    let mut faults = Vec::new();
    for entry in fs_err::read_dir(directory)? {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        // `.gitattributes`, and what editors and file managers leave behind.
        if name.starts_with('.') {
            continue;
        }
        if !name.ends_with(".toml") {
            faults.push(format!(
                "{CATALOGUE}/{name}: only `X.Y.Z.toml` files belong here; move it away"
            ));
            continue;
        }
        files.insert(name, fs_err::read_to_string(entry.path())?);
    }
    if files.is_empty() {
        faults.push(format!(
            "{CATALOGUE} holds no release; restore it from version control"
        ));
    }
    let restore = format!(
        "restore the directory from version control: `git checkout -- {CATALOGUE}` (CONTRIBUTING.md, \"The catalogue\")"
    );
    let text = files.remove(objects::FILE_NAME).unwrap_or_default();
    let objects = objects::Objects::parse(&text);
    if let Err(fault) = &objects {
        let name = objects::FILE_NAME;
        faults.push(format!("{CATALOGUE}/{name}, {fault}; {restore}"));
    }
    let all = rules::read_all(&files);
    if let Err(wrong) = &all {
        let wrong = wrong.iter();
        faults.extend(wrong.map(|fault| format!("{CATALOGUE}/{fault}; {restore}")));
    }
    match (all, objects) {
        (Ok(all), Ok(objects)) if faults.is_empty() => Ok(Ok((all, objects))),
        _ => Ok(Err(faults)),
    }
}
