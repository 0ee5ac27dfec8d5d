//! `--release`, where the index or the cache holds something else than what was published.

use crate::support::index::{pip_serves, program, started, uv_serves};
use crate::support::releases::{FIRST, three};
use crate::support::{Package, Project, put, wheel};

/// Three migrations that call themselves a published release.
fn forged() -> Package {
    Package::posing_as("3.6.0").sql(FIRST, "SELECT 1;\n")
}

#[cfg(unix)]
#[test]
fn what_the_index_serves_is_held_against_the_catalogue() {
    for serve in [uv_serves, pip_serves] {
        let project = Project::new();
        serve(&project, &forged());
        let before = project.tree();
        for release in ["3.6.0", "3.6"] {
            let facts = [
                "served differs from the published",
                "Procrastinate 3.6",
                "--from",
            ];
            project.run(&["sync", "--release", release]).fails(&facts);
        }
        before.assert_untouched(&project.tree());
        let kept = project.cache().join("vendor-migrations/releases");
        assert_eq!(kept.read_dir_utf8().map(Iterator::count).unwrap_or(0), 0);
    }
}

#[cfg(unix)]
#[test]
fn uv_is_given_the_digest_of_the_published_wheel() {
    let project = Project::new();
    program(&project, "uv", "/bin/cat >&2; exit 1");
    let sha256 = vendor_migrations::catalog::release(&"3.6.0".parse().unwrap())
        .unwrap()
        .wheel
        .as_ref()
        .unwrap()
        .sha256;
    let line = format!("procrastinate==3.6.0 --hash=sha256:{sha256}");
    project.run(&["sync", "--release", "3.6"]).fails(&[&line]);
    let arguments = std::fs::read_to_string(started(&project, "uv")).unwrap();
    assert!(arguments.contains("--require-hashes -r -"), "{arguments}");
}

#[cfg(unix)]
#[test]
fn a_wrong_wheel_in_the_cache_is_an_error_that_says_what_to_delete() {
    let project = Project::with(&three());
    let kept = project.cache().join("vendor-migrations/releases/3.6.0");
    let bytes = wheel::bytes(&forged());
    for forge in [
        Box::new(|| put(&kept.join("procrastinate-3.6.0-py3-none-any.whl"), &bytes))
            as Box<dyn Fn()>,
        Box::new(|| forged().install(&kept)),
    ] {
        forge();
        let before = project.tree();
        for command in ["sync", "check", "status", "diff"] {
            project.run(&[command, "--release", "3.6.0"]).fails(&[
                "in the cache",
                "differs from the published Procrastinate 3.6.0",
                &format!("delete `{kept}`"),
            ]);
        }
        before.assert_untouched(&project.tree());
        std::fs::remove_dir_all(&kept).unwrap();
    }
}
