//! From `alembic init` to a migrated database: each Alembic, each of its templates.

mod git;
mod linear;
mod site;

use camino::Utf8PathBuf;

use crate::database::takes_all;
use crate::support::schema::Schema;
use site::{RELEASE, Site, VENDORED};

const LAST: &str = "procrastinate_03_04_00_50";
const MIGRATIONS: usize = 38;

/// The versions at which something changed; `WHOLE_MATRIX` takes those between, too.
const SAMPLE: [&str; 4] = ["1.8.1", "1.13.3", "1.16.5", "1.20.1"];

fn is_taken(version: &str) -> bool {
    takes_all() || SAMPLE.contains(&version)
}

/// A test for each template of an Alembic.
macro_rules! alembic {
    ($name:ident, $version:literal, $($template:ident),+) => {
        mod $name {
            $(#[test]
            fn $template() {
                if super::is_taken($version) {
                    super::wired($version, stringify!($template));
                }
            })+

            #[test]
            fn linear() {
                if super::is_taken($version) {
                    super::linear::one_line($version);
                }
            }
        }
    };
}

alembic!(v1_8, "1.8.1", generic, r#async);
alembic!(v1_12, "1.12.1", generic, r#async);
alembic!(v1_13, "1.13.3", generic, r#async);
alembic!(v1_14, "1.14.1", generic, r#async);
alembic!(v1_15, "1.15.2", generic, r#async);
alembic!(v1_16, "1.16.5", generic, r#async, pyproject);
alembic!(v1_18, "1.18.5", generic, r#async, pyproject);
alembic!(newest, "1.20.1", generic, r#async, pyproject);

/// A wired project: its database gets the release's schema, and every command of Alembic's does what docs/existing.md says.
fn wired(version: &str, template: &str) {
    let site = Site::new(version, template.trim_start_matches("r#"));
    let printed = site.tool(&["init"]).exits(0).stdout;
    site.sync();
    let root = site.root();
    let locations: Vec<Utf8PathBuf> = vec![root.join("alembic/versions"), root.join(VENDORED)];
    assert_eq!(site.locations(), locations);
    site.is_faultless();

    let [upgraded, heads, history, current] = site.commands([
        &["upgrade", "heads"],
        &["heads"],
        &["history"],
        &["current"],
    ]);
    upgraded.exits(0);
    Schema::of(&site.database).assert_is(&Schema::of_release(RELEASE));
    assert_eq!(
        heads.exits(0).stdout.trim(),
        format!("{LAST} (procrastinate) (head)")
    );
    assert_eq!(history.exits(0).stdout.lines().count(), MIGRATIONS);
    assert!(current.exits(0).stdout.starts_with(LAST));

    // What follows does not hang on the template, but for the place of the filter.
    if template == "generic" {
        own_revisions(&site);
        generates_drops(&site, version);
    }
    site.paste_filter(&printed);
    generates_nothing(&site, version);
    site.is_faultless();
}

/// The project's own revisions are a branch of their own, with a base and a label.
fn own_revisions(site: &Site) {
    let base = [
        "revision",
        "-m",
        "base",
        "--head",
        "base",
        "--branch-label",
        "shop",
    ];
    let base = [&base[..], &["--version-path", "alembic/versions"]].concat();
    let [first, second, plain, one, all, current] = site.commands([
        &base,
        &["revision", "-m", "next", "--head", "shop@head"],
        &["revision", "-m", "plain"],
        &["upgrade", "head"],
        &["upgrade", "heads"],
        &["current"],
    ]);
    first.exits(0).says("alembic/versions/");
    second.exits(0).says("alembic/versions/");
    let several = |text: &str| text.to_lowercase().contains("multiple head");
    for refused in [plain, one] {
        assert!(
            refused.status != Some(0) && several(&(refused.stdout.clone() + &refused.stderr)),
            "{refused}"
        );
    }
    all.exits(0);
    assert_eq!(current.exits(0).stdout.lines().count(), 2);
}

const DROPPED: &str = "procrastinate_jobs";

/// Without a filter, autogenerate would drop Procrastinate's tables.
fn generates_drops(site: &Site, version: &str) {
    let env = site.read("alembic/env.py");
    let metadata = "from sqlalchemy import MetaData\n\ntarget_metadata = MetaData()";
    site.edit("alembic/env.py", "target_metadata = None", metadata);
    if has_check(version) {
        let [check] = site.commands([&["check"]]);
        assert!(check.status != Some(0), "{check}");
        check.says(DROPPED);
    } else {
        assert!(generated(site).contains(DROPPED));
    }
    site.write("alembic/env.py", &env);
}

/// With the filter that `init` printed it leaves them alone.
fn generates_nothing(site: &Site, version: &str) {
    if has_check(version) {
        site.alembic(&["check"]);
    } else {
        assert!(!generated(site).contains("drop_"));
    }
}

/// `alembic check` came with 1.9.
fn has_check(version: &str) -> bool {
    version != "1.8.1"
}

/// What autogenerate writes into a revision, which is taken away again.
fn generated(site: &Site) -> String {
    let head = [
        "--head",
        LAST,
        "--splice",
        "--version-path",
        "alembic/versions",
    ];
    let made = site.alembic(&[&["revision", "--autogenerate", "-m", "auto"], &head[..]].concat());
    let file = made
        .split_whitespace()
        .find(|word| word.ends_with("_auto.py"));
    let file = file.expect("it names the file");
    let text = site.read(file);
    fs_err::remove_file(file).expect("it is there");
    text
}

/// What `init` writes is what that Alembic's documentation wants: nothing is deprecated.
#[test]
fn no_deprecation_warnings() {
    for version in ["1.16.5", "1.18.5", "1.20.1"] {
        for template in ["generic", "pyproject"] {
            let site = Site::new(version, template);
            site.tool(&["init"]).exits(0);
            site.sync();
            let mut command = site.python();
            command.args(["-W", "error::DeprecationWarning", "-m", "alembic", "heads"]);
            crate::support::process::run(&mut command)
                .exits(0)
                .says(LAST);
        }
    }
}
