//! Two people sync on parallel branches of a linear history.

use std::process::Command;

use super::LAST;
use super::site::{RELEASE, Site, VENDORED};
use crate::support::process::{Outcome, run};
use crate::support::releases;
use crate::support::schema::Schema;

const OLDER: &str = "3.3.0";
const NEWEST: &str = "1.20.1";

impl Site {
    #[track_caller]
    fn git(&self, arguments: &[&str]) -> Outcome {
        let mut command = Command::new("git");
        command
            .current_dir(self.root())
            .env("GIT_CONFIG_GLOBAL", "/dev/null")
            .env("GIT_CONFIG_SYSTEM", "/dev/null")
            .args([
                "-c",
                "user.name=A",
                "-c",
                "user.email=a@example.org",
                "-c",
                "init.defaultBranch=main",
            ])
            .args(arguments);
        run(&mut command)
    }

    #[track_caller]
    fn commit(&self, message: &str) {
        self.git(&["add", "-A"]).exits(0);
        self.git(&["commit", "-qm", message]).exits(0);
    }

    /// A revision of the project's own, on the single head.
    #[track_caller]
    fn own(&self, message: &str) {
        self.alembic(&[
            "revision",
            "-m",
            message,
            "--version-path",
            "alembic/versions",
        ]);
    }
}

/// `main` and `other` come from a commit with an older release vendored; each has a revision of its own and the newer
/// release on top of it.
fn two_branches() -> Site {
    let site = Site::new(NEWEST, "generic");
    site.write(".gitignore", ".venv\n__pycache__\n");
    site.tool(&["init", "--history", "linear"]).exits(0);
    site.git(&["init", "-q"]).exits(0);
    site.own("first");
    site.sync_release(OLDER);
    site.commit("older");
    for branch in ["other", "main"] {
        match branch {
            "main" => site.git(&["checkout", "-q", "main"]).exits(0),
            _ => site.git(&["checkout", "-qb", branch]).exits(0),
        };
        site.own(branch);
        site.sync();
        site.commit(branch);
    }
    site
}

#[test]
fn check_names_the_conflict_and_what_is_vendored_stays() {
    let site = two_branches();
    let before = vendored(&site);
    let conflict = site.git(&["merge", "-q", "other"]);
    assert!(conflict.status != Some(0), "{conflict}");
    conflict.says("vendor-migrations.lock");
    // As it is, nothing can be read: the lock has both sides' lines.
    site.tool(&["check"])
        .exits(2)
        .says("vendor-migrations.lock")
        .says("git");

    // docs/upgrade.md, "Conflicts": one side whole.
    site.git(&["checkout", "--no-overlay", "HEAD", "--", VENDORED])
        .exits(0);
    assert_eq!(vendored(&site), before);
    let check = site.tool(&["check"]).exits(1).says("error[several-heads]");
    assert!(check.stdout.contains("_other.py"), "{check}");
    // What `main` vendored lies in its lock: it never moves. The other branch's revision goes to the end.
    let heads = site.alembic(&["heads"]);
    assert_eq!(heads.lines().count(), 2, "{heads}");
    // One of the project's own that no database has applied yet goes to the end.
    let other = own(&site, "other");
    site.edit(
        &other.file,
        "= 'procrastinate_03_03_00_01'",
        &format!("= '{LAST}'"),
    );
    site.is_faultless();
    site.alembic(&["upgrade", "head"]);
    Schema::of(&site.database).assert_is(&Schema::of_release(RELEASE));
}

/// The merge keeps `main`'s lock as it was before either synced, and brings the other branch's files.
#[test]
fn a_sync_moves_what_is_new_relative_to_the_lock() {
    let site = two_branches();
    // `main` without its own sync.
    site.git(&["reset", "-q", "--hard", "HEAD~1"]).exits(0);
    site.own("main");
    site.commit("main");
    let lock = site.read(&format!("{VENDORED}/vendor-migrations.lock"));
    site.git(&["merge", "-q", "--no-commit", "other"]).exits(0);
    site.write(&format!("{VENDORED}/vendor-migrations.lock"), &lock);
    // Their own revisions follow one another.
    let other = own(&site, "other");
    let down = format!("= '{}'", other.id);
    site.edit(
        &own(&site, "main").file,
        "= 'procrastinate_03_03_00_01'",
        &down,
    );

    let wheel = releases::wheel(RELEASE);
    site.tool(&["check", "--from", wheel.as_str()])
        .exits(1)
        .says("foreign-file")
        .says("another branch")
        .says("vendor-migrations sync");
    let synced = site.sync().says("Moved").says("after");
    assert!(synced.stdout.contains("-down_revision"), "{synced}");
    site.is_faultless();
    site.alembic(&["upgrade", "head"]);
    assert!(site.alembic(&["current"]).starts_with(LAST));
    Schema::of(&site.database).assert_is(&Schema::of_release(RELEASE));
}

/// A revision of the project's own.
struct Own {
    file: String,
    id: String,
}

#[track_caller]
fn own(site: &Site, message: &str) -> Own {
    let files = site.git(&["ls-files", &format!("alembic/versions/*_{message}.py")]);
    let file = files.exits(0).stdout.trim().to_owned();
    let name = file
        .rsplit('/')
        .next()
        .and_then(|name| name.split('_').next());
    let id = name.expect("its name begins with its id").to_owned();
    Own { file, id }
}

/// The vendored files and their bytes.
fn vendored(site: &Site) -> Vec<(String, String)> {
    let directory = site.root().join(VENDORED);
    let entries = directory.read_dir_utf8().expect("it is there");
    let mut files: Vec<(String, String)> = entries
        .map(|entry| entry.expect("it can be read").file_name().to_owned())
        .filter(|name| name != "__pycache__")
        .map(|name| (name.clone(), site.read(&format!("{VENDORED}/{name}"))))
        .collect();
    files.sort();
    files
}
