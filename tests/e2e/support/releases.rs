//! The wheels of published Procrastinate releases.

use std::sync::atomic::{AtomicUsize, Ordering};

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::process::run;
use super::{python, storage};

/// Every release that the index serves from 0.17.0, the oldest supported one, to 3.10.0.
pub(crate) const ALL: [&str; 70] = [
    "0.17.0", "0.18.2", "0.19.0", "0.20.0", "0.21.0", "0.22.0", "0.23.0", "0.24.0", "0.24.1",
    "0.25.0", "0.25.1", "0.25.2", "0.26.0", "0.27.0", "0.28.0", "0.29.0", "0.29.1", "0.31.0",
    "0.32.0", "0.33.0", "1.0.0", "1.0.1", "1.0.3", "1.1.0", "1.1.1", "1.1.2", "2.0.0", "2.0.1",
    "2.0.2", "2.0.3", "2.1.0", "2.2.0", "2.3.0", "2.4.0", "2.5.0", "2.6.0", "2.7.0", "2.8.0",
    "2.9.0", "2.9.1", "2.9.2", "2.10.0", "2.11.0", "2.12.0", "2.13.0", "2.13.1", "2.13.2",
    "2.14.0", "2.14.1", "2.15.0", "2.15.1", "3.0.0", "3.0.2", "3.1.0", "3.2.1", "3.2.2", "3.3.0",
    "3.4.0", "3.5.1", "3.5.2", "3.5.3", "3.6.0", "3.7.0", "3.7.1", "3.7.2", "3.7.3", "3.8.0",
    "3.8.1", "3.9.0", "3.10.0",
];

/// Downloads at a time: the index answers faster than pip starts.
const PARALLEL: usize = 4;

/// The wheel of one release, as the index serves it.
pub(crate) fn wheel(release: &str) -> Utf8PathBuf {
    wheels(&[release]).remove(0)
}

/// The wheels of these releases, in their order. Those that are not here yet are fetched.
pub(crate) fn wheels(releases: &[&str]) -> Vec<Utf8PathBuf> {
    let directory = storage::root().join("wheels");
    fs::create_dir_all(&directory).expect("the target directory can be written");
    let path = |release: &str| directory.join(format!("procrastinate-{release}-py3-none-any.whl"));
    let _lock = storage::lock("wheels");
    let missing: Vec<&str> = releases
        .iter()
        .copied()
        .filter(|release| !path(release).exists())
        .collect();
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..PARALLEL.min(missing.len()) {
            scope.spawn(|| {
                while let Some(release) = missing.get(next.fetch_add(1, Ordering::Relaxed)) {
                    fetch(release, &path(release));
                }
            });
        }
    });
    releases.iter().map(|release| path(release)).collect()
}

/// Downloads beside the destination and renames, so that the destination is a whole wheel or absent.
fn fetch(release: &str, destination: &Utf8Path) {
    let directory =
        tempfile::tempdir_in(storage::root()).expect("the target directory can be written");
    run(python::python()
        .args(["-m", "pip", "download", "--quiet", "--no-deps"])
        .args(["--only-binary", ":all:", "--ignore-requires-python", "-d"])
        .arg(directory.path())
        .arg(format!("procrastinate=={release}")))
    .exits(0);
    let name = destination.file_name().expect("a wheel has a name");
    fs::rename(directory.path().join(name), destination).expect("pip downloaded the wheel");
}
