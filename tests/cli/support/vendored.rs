//! Projects that vendor a published release. Its SQL is not at hand here, but the catalogue knows its digests: the lock is
//! true, and the revision files are empty shells that match it.

use vendor_migrations::catalog;
use vendor_migrations::digest::Digest;
use vendor_migrations::file_name::FileName;
use vendor_migrations::lockfile::{Lock, LockedRevision, LockedUpstream, Mode};
use vendor_migrations::procrastinate::Layout;
use vendor_migrations::procrastinate::MigrationName;

use super::{Project, put};

impl Project {
    /// A project that began with this release, rendered.
    pub(crate) fn of_release(release: &str) -> Self {
        Self::of_lock(lock_of(release), |_| None)
    }

    /// A project with this lock, and the files that it answers for. `own` gives a revision of the project's own that one of
    /// the lock's follows.
    pub(crate) fn of_lock(mut lock: Lock, own: impl Fn(&str) -> Option<&'static str>) -> Self {
        let project = Self::new();
        let mut before: Option<String> = None;
        for revision in lock.revisions.iter_mut() {
            if let Some(id) = own(&revision.id) {
                let name = format!("alembic/versions/{id}.py");
                put(&project.root.join(name), shell(id, before.as_deref()));
                before = Some(id.to_owned());
            }
            revision.down = before.replace(revision.id.clone());
            let text = shell(&revision.id, revision.down.as_deref());
            revision.sha256 = Digest::of(&text);
            project.write(revision.file.as_str(), text);
        }
        project.write("vendor-migrations.lock", lock.to_text().unwrap());
        project.write(".gitattributes", "* -text\n");
        project
    }

    /// Writes a file relative to the project's root.
    pub(crate) fn put(&self, path: &str, bytes: impl AsRef<[u8]>) {
        put(&self.root.join(path), bytes);
    }
}

/// The lock of a project that began with this release, rendered.
pub(crate) fn lock_of(release: &str) -> Lock {
    let release = catalog::release(&release.parse().unwrap()).unwrap();
    let revision = |migration: &catalog::Migration| {
        let name = MigrationName::new(migration.name).unwrap();
        LockedRevision {
            id: name.revision_id(),
            down: None,
            file: FileName::new(format!("{}.py", name.module())).unwrap(),
            sha256: Digest::of(""),
            sql: Some(name),
            sql_sha256: Some(migration.sha256),
            phase: migration.phase,
            depends_on: Vec::new(),
            superseded: Vec::new(),
        }
    };
    Lock {
        adopted: Vec::new(),
        baseline: None,
        upstream: LockedUpstream {
            package: "procrastinate".to_owned(),
            release: release.version(),
            layout: Layout::Sql,
            mode: Mode::Render,
        },
        schema: None,
        revisions: release.migrations.iter().copied().map(revision).collect(),
    }
}

fn shell(id: &str, down: Option<&str>) -> String {
    let down = down.map_or("None".to_owned(), |down| format!("\"{down}\""));
    format!("revision = \"{id}\"\ndown_revision = {down}\n\n\ndef upgrade():\n    pass\n")
}
