//! The wheels of all platforms, as LIEF reads them: for which system and processor the program is, and which libraries it loads.
//!
//! A sample takes the machine's own wheel; `WHOLE_MATRIX` builds all of them, and runs those that can be run here.

use std::process::Command;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;
use serde::Deserialize;

use super::alone::{inside, project_in};
use super::built::{self, repository};
use crate::support::process::{run, scrub};
use crate::support::{python, releases, storage, tools};

#[derive(Debug, Deserialize, PartialEq, Eq)]
struct Described {
    version: String,
    tags: Vec<String>,
    tags_within: Vec<String>,
    programs: Vec<String>,
    format: String,
    processor: String,
    libraries: Vec<String>,
}

/// A platform: Rust's target, the tags of its wheel, its program's format and processor, and what the system itself has of libraries.
struct Platform {
    target: &'static str,
    tags: &'static [&'static str],
    format: (&'static str, &'static str),
    system: &'static [&'static str],
}

const PLATFORMS: [Platform; 7] = [
    Platform {
        target: "x86_64-unknown-linux-gnu",
        tags: &["manylinux2014_x86_64", "manylinux_2_17_x86_64"],
        format: ("ELF", "X86_64"),
        system: GLIBC,
    },
    Platform {
        target: "aarch64-unknown-linux-gnu",
        tags: &["manylinux2014_aarch64", "manylinux_2_17_aarch64"],
        format: ("ELF", "AARCH64"),
        system: GLIBC,
    },
    Platform {
        target: "x86_64-unknown-linux-musl",
        tags: &["musllinux_1_2_x86_64"],
        format: ("ELF", "X86_64"),
        system: &[],
    },
    Platform {
        target: "aarch64-unknown-linux-musl",
        tags: &["musllinux_1_2_aarch64"],
        format: ("ELF", "AARCH64"),
        system: &[],
    },
    Platform {
        target: "x86_64-apple-darwin",
        tags: &["macosx_10_12_x86_64"],
        format: ("MACHO", "X86_64"),
        system: MACOS,
    },
    Platform {
        target: "aarch64-apple-darwin",
        tags: &["macosx_11_0_arm64"],
        format: ("MACHO", "ARM64"),
        system: MACOS,
    },
    Platform {
        target: "x86_64-pc-windows-gnu",
        tags: &["win_amd64"],
        format: ("PE", "AMD64"),
        system: WINDOWS,
    },
];

/// Of glibc, and the loader; the manylinux policy allows each of them.
const GLIBC: &[&str] = &[
    "ld-linux-",
    "libc.so.6",
    "libdl.so.2",
    "libm.so.6",
    "libpthread.so.0",
    "librt.so.1",
];
const MACOS: &[&str] = &["/usr/lib/"];
/// Each is part of Windows 10.
const WINDOWS: &[&str] = &[
    "kernel32.dll",
    "userenv.dll",
    "ws2_32.dll",
    "advapi32.dll",
    "api-ms-win-",
    "bcrypt.dll",
    "bcryptprimitives.dll",
    "ntdll.dll",
];

fn described(wheels: &[Utf8PathBuf]) -> Vec<Described> {
    let script = repository().join("tests/e2e/wheel/platforms.py");
    let mut python = tools::tool(&["lief", "packaging"], "python");
    let told = run(python.arg(script).args(wheels)).exits(0);
    serde_json::from_str(&told.stdout).expect("the script prints JSON")
}

/// Compares the wheels with the platforms, in the same order.
#[track_caller]
fn assert_for(platforms: &[&Platform], wheels: &[Utf8PathBuf]) {
    assert_eq!(platforms.len(), wheels.len(), "{wheels:?}");
    for (platform, found) in platforms.iter().zip(described(wheels)) {
        let target = platform.target;
        let tags: Vec<String> = platform
            .tags
            .iter()
            .map(|tag| format!("py3-none-{tag}"))
            .collect();
        assert_eq!(found.version, env!("CARGO_PKG_VERSION"), "{target}");
        assert_eq!(
            (&found.tags, &found.tags_within),
            (&tags, &tags),
            "{target}"
        );
        let program = match found.format.as_str() {
            "PE" => "vendor-migrations.exe",
            _ => "vendor-migrations",
        };
        assert_eq!(found.programs, [program], "{target}");
        let format = (found.format.as_str(), found.processor.as_str());
        assert_eq!(format, platform.format, "{target}");
        let is_systems = |library: &String| {
            let name = library.to_lowercase();
            platform.system.iter().any(|known| name.starts_with(known))
        };
        let foreign: Vec<_> = found
            .libraries
            .iter()
            .filter(|it| !is_systems(it))
            .collect();
        assert!(foreign.is_empty(), "{target}: {foreign:?}");
    }
}

/// The machine's own wheel; with `WHOLE_MATRIX`, all of them.
#[test]
fn are_what_their_tags_say() {
    if std::env::var_os("WHOLE_MATRIX").is_some() {
        return all_are();
    }
    let target = built::target();
    let own = PLATFORMS.iter().find(|platform| platform.target == target);
    let own = own.unwrap_or_else(|| panic!("no wheel is built for {target}"));
    assert_for(&[own], &[built::wheel().to_owned()]);
}

/// The script's own list is that of this file, and that of the docs.
#[test]
fn every_list_has_the_same_platforms() {
    let script = fs::read_to_string(repository().join("python/wheels")).expect("it is there");
    let entries = script
        .lines()
        .filter_map(|line| line.trim().strip_prefix('['));
    let mut listed: Vec<&str> = entries
        .filter_map(|line| Some(line.split_once("]=")?.0))
        .collect();
    let mut known = PLATFORMS.map(|platform| platform.target);
    listed.sort_unstable();
    known.sort_unstable();
    assert_eq!(listed, known);
    let page = fs::read_to_string(repository().join("docs/platforms.md")).expect("it is there");
    for platform in &PLATFORMS {
        let tag = platform.tags[0];
        assert!(
            page.contains(&format!("`{tag}`")),
            "docs/platforms.md lacks {tag}"
        );
        let target = platform.target;
        assert!(
            page.contains(&format!("`{target}`")),
            "docs/platforms.md lacks {target}"
        );
    }
}

fn all_are() {
    let wheels = built::all();
    let find = |platform: &Platform| {
        let suffix = format!("-{}.whl", platform.tags.join("."));
        let wheel = wheels
            .iter()
            .find(|wheel| wheel.as_str().ends_with(&suffix));
        let wheel = wheel.unwrap_or_else(|| panic!("none for {}: {wheels:?}", platform.target));
        wheel.clone()
    };
    let in_order: Vec<Utf8PathBuf> = PLATFORMS.iter().map(find).collect();
    assert_eq!(wheels.len(), PLATFORMS.len(), "{wheels:?}");
    assert_for(&PLATFORMS.each_ref(), &in_order);
    runs_in_an_empty_root(&in_order[2]);
}

/// The program of a wheel for musl is static: it runs where nothing else is, no loader and no library.
fn runs_in_an_empty_root(wheel: &Utf8Path) {
    let directory = storage::temporary();
    let root = storage::path(&directory);
    let project = project_in(root);
    run(python::python()
        .args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"])
        .args([
            "--only-binary",
            ":all:",
            "--platform",
            "musllinux_1_2_x86_64",
        ])
        .args(["--target", project.join(".venv").as_str(), wheel.as_str()]))
    .exits(0);
    run(scrub(python::program("alembic").args(["init", "alembic"])).current_dir(project)).exits(0);
    fs::copy(
        releases::wheel("3.10.0"),
        root.join("procrastinate-3.10.0-py3-none-any.whl"),
    )
    .expect("the root can be written");
    let release = ["--from", "/procrastinate-3.10.0-py3-none-any.whl"];
    for arguments in [
        &["vendor-migrations", "init"][..],
        &[&["vendor-migrations", "sync"][..], &release].concat(),
        &[&["vendor-migrations", "check", "--strict"][..], &release].concat(),
    ] {
        run(&mut inside(root, arguments)).exits(0);
    }
}

/// A command that documents itself as taking one argument fails on another, and builds nothing.
#[test]
fn an_unknown_platform_is_refused() {
    let mut wheels = Command::new(repository().join("python/wheels"));
    let refused = run(scrub(
        wheels.args(["--target", "sparc64-unknown-linux-gnu"]),
    ))
    .exits(2);
    for platform in &PLATFORMS {
        assert!(
            refused.stderr.contains(platform.target),
            "{}",
            refused.stderr
        );
    }
}
