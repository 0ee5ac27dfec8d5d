//! The lock files of Python's package managers, and requirement files.

use vendor_migrations::pins::{Pins, Pythons, find};

use super::has_line;
use super::project::Directory;

/// The other lock files that are read. The first byte of the input says which one it is.
const NAMES: [&str; 8] = [
    "Pipfile.lock",
    "conda-lock.yml",
    "environment.yml",
    "pdm.lock",
    "pixi.lock",
    "poetry.lock",
    "pylock.toml",
    "uv.lock",
];

thread_local! {
    static PROJECTS: [Directory; 9] = std::array::from_fn(|_| Directory::new());
}

fn read(name: &str, index: usize, bytes: &[u8]) -> Pins {
    PROJECTS.with(|projects| {
        projects[index].write(name, bytes);
        find(&projects[index].path, "".as_ref(), &Pythons::default())
    })
}

/// Each release and each range with its line.
fn said(pins: &Pins) -> Vec<(usize, String)> {
    let releases = pins
        .pins
        .iter()
        .map(|pin| (pin.place.line, pin.release.to_string()));
    let ranges = pins
        .ranges
        .iter()
        .map(|(place, range)| (place.line, range.clone()));
    releases.chain(ranges).collect()
}

fn on_lines_of(text: &str, pins: &Pins) {
    for (line, what) in said(pins) {
        assert!(has_line(text, line), "{what} on line {line}");
    }
}

/// A comment in front moves every pin down by its line, and changes none.
pub fn requirements(input: &[u8]) {
    let pins = read("requirements.txt", NAMES.len(), input);
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    on_lines_of(text, &pins);
    if text.starts_with('\u{feff}') {
        return;
    }
    let below = read(
        "requirements.txt",
        NAMES.len(),
        format!("# a comment\n{text}").as_bytes(),
    );
    let moved: Vec<(usize, String)> = said(&pins)
        .into_iter()
        .map(|(line, what)| (line + 1, what))
        .collect();
    assert_eq!(said(&below), moved);
}

pub fn lock_files(input: &[u8]) {
    let Some((first, rest)) = input.split_first() else {
        return;
    };
    let index = usize::from(*first) % NAMES.len();
    let pins = read(NAMES[index], index, rest);
    if let Ok(text) = std::str::from_utf8(rest) {
        on_lines_of(text, &pins);
    }
}
