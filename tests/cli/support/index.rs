//! Programs on the PATH that pretend to fetch from a package index.

use camino::Utf8PathBuf;

use super::{Package, Project, put_script, wheel};

/// Makes a program on the PATH that notes its start and then runs `body`.
pub(crate) fn program(project: &Project, name: &str, body: &str) {
    let started = started(project, name);
    let body = format!("echo \"$@\" >> {started}\n{body}");
    put_script(&project.programs().join(name), &body);
}

pub(crate) fn started(project: &Project, name: &str) -> Utf8PathBuf {
    project.beside(&format!("{name}.started"))
}

/// A `uv` that installs `package` into the directory after `--target`.
pub(crate) fn uv_serves(project: &Project, package: &Package) {
    let site = project.install(package);
    let body = format!(
        "while [ $# -gt 1 ]; do [ \"$1\" = --target ] && target=$2; shift; done\n/bin/cp -r {site}/. \"$target\""
    );
    program(project, "uv", &body);
}

/// A `python3 -m pip` that downloads `package` into the directory after `--dest`.
pub(crate) fn pip_serves(project: &Project, package: &Package) {
    let wheel = wheel::save(&wheel::bytes(package), &project.beside("index"));
    let body = format!(
        "while [ $# -gt 1 ]; do [ \"$1\" = --dest ] && target=$2; shift; done\n/bin/cp {wheel} \"$target\""
    );
    program(project, "python3", &body);
}
