//! Makes the catalogue's facts from what the index lists and what a wheel holds. Pure.

use super::index::Listed;
use super::{Sql, Upstream, Wrapper};
use crate::catalog::facts::{ArtifactFacts, Facts, MigrationFacts, RevisionFacts};
use crate::catalog::rules::Firsts;
use crate::digest::Digest;

/// The facts of one release. Every `first` is this release; [`settled`] corrects that.
pub fn facts(listed: &Listed, upstream: &Upstream) -> Facts {
    let release = &listed.release;
    let migrations = upstream.migrations.iter();
    let sql = migrations.clone().filter_map(|one| one.sql.as_ref());
    let migration = |sql: &Sql| MigrationFacts {
        name: sql.name.clone(),
        size: sql.text.len() as u64,
        sha256: sql.digest,
        phase: sql.name.phase(),
        first: release.clone(),
    };
    let wrappers = migrations.filter_map(|one| one.wrapper.as_ref());
    let revision = |wrapper: &Wrapper| RevisionFacts {
        path: wrapper.path.clone(),
        size: wrapper.text.len() as u64,
        sha256: Digest::of(&wrapper.text),
        first: release.clone(),
    };
    Facts {
        release: release.clone(),
        yanked: listed.yanked,
        layout: upstream.layout,
        wheel: listed.wheel.clone(),
        sdist: listed.sdist.clone(),
        migrations: sql.map(migration).collect(),
        revisions: wrappers.map(revision).collect(),
    }
}

/// All facts, sorted by release, each `first` set to the oldest of these releases that has the same bytes.
pub fn settled(mut all: Vec<Facts>) -> Vec<Facts> {
    all.sort_by(|a, b| a.release.cmp(&b.release));
    let firsts = Firsts::of(&all);
    all.iter_mut().for_each(|facts| firsts.settle(facts));
    all
}

/// How the index differs from the catalogue for one release.
pub fn disagreement(known: &Facts, listed: &Listed) -> Option<String> {
    let another = |kind: &str, artifact: &ArtifactFacts| {
        let ArtifactFacts { name, sha256, .. } = artifact;
        format!("another {kind} ({name}, SHA-256 {sha256})")
    };
    let mut differs = Vec::new();
    if known.wheel != listed.wheel {
        differs.push(another("wheel", &listed.wheel));
    }
    match &listed.sdist {
        sdist if *sdist == known.sdist => {}
        Some(sdist) => differs.push(another("source distribution", sdist)),
        None => differs.push("no source distribution".to_owned()),
    }
    (!differs.is_empty()).then(|| format!("the index has {}", differs.join(" and ")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::file_name::FileName;
    use crate::procrastinate::Layout;
    use crate::procrastinate::MigrationName;
    use crate::python_source::RevisionFile;
    use crate::upstream::Migration;

    fn listed(release: &str) -> Listed {
        let artifact = |name: String| ArtifactFacts {
            sha256: Digest::of(&name),
            size: 1,
            name,
        };
        Listed {
            release: release.parse().unwrap(),
            yanked: false,
            wheel: artifact(format!("procrastinate-{release}-py3-none-any.whl")),
            sdist: Some(artifact(format!("procrastinate-{release}.tar.gz"))),
        }
    }

    /// A release with revision files, whose chain is not the order of names.
    fn upstream(release: &str) -> Upstream {
        let migration = |name: &str, id: &str| {
            let text = format!(
                "revision = '{id}'\ndown_revision = None\ndef upgrade():\n    op.execute(get_migration_sql('{name}'))\n"
            );
            Migration {
                sql: Some(Sql {
                    name: MigrationName::new(name).unwrap(),
                    text: "SELECT 'é';\n".to_owned() + id,
                    digest: Digest::of("SELECT 'é';\n".to_owned() + id),
                }),
                wrapper: Some(Wrapper {
                    file: FileName::new(format!("{id}.py")).unwrap(),
                    path: format!("procrastinate/alembic/versions/{id}.py"),
                    revision: RevisionFile::parse(&text).unwrap(),
                    digest: Digest::of(&text),
                    text,
                }),
            }
        };
        Upstream {
            release: release.parse().unwrap(),
            version: release.parse().unwrap(),
            layout: Layout::Alembic,
            source: "a test".to_owned(),
            root: None,
            migrations: vec![migration("02.sql", "0001"), migration("01.sql", "0002")],
            templates: Default::default(),
            schema: None,
            modified: Vec::new(),
            notes: Vec::new(),
            looked: Vec::new(),
            elsewhere: Vec::new(),
        }
    }

    #[test]
    fn a_release_with_revision_files_gives_facts_that_can_be_read_again() {
        let facts = facts(&listed("4.0.0"), &upstream("4.0.0"));
        let names: Vec<&str> = facts.migrations.iter().map(|m| m.name.as_str()).collect();
        assert_eq!(names, ["02.sql", "01.sql"]);
        assert_eq!(facts.migrations[0].size, 17);
        assert_eq!(
            facts.revisions[1].path,
            "procrastinate/alembic/versions/0002.py"
        );
        assert_eq!(Facts::parse(&facts.to_text().unwrap()), Ok(facts));
    }

    #[test]
    fn first_is_settled_among_all() {
        let all = ["4.10.0", "4.2.0"].map(|release| facts(&listed(release), &upstream(release)));
        let all = settled(all.into());
        let firsts = |facts: &Facts| {
            let sql = facts.migrations.iter().map(|m| m.first.to_string());
            let revisions = facts.revisions.iter().map(|r| r.first.to_string());
            sql.chain(revisions).collect::<Vec<_>>()
        };
        assert_eq!(all[0].release.to_string(), "4.2.0");
        assert_eq!(firsts(&all[0]), ["4.2.0"; 4]);
        assert_eq!(firsts(&all[1]), ["4.2.0"; 4]);
    }

    #[test]
    fn an_index_that_serves_something_else_is_contradicted() {
        let known = facts(&listed("4.0.0"), &upstream("4.0.0"));
        assert_eq!(disagreement(&known, &listed("4.0.0")), None);
        let mut other = listed("4.0.0");
        other.wheel.sha256 = Digest::of("other");
        other.sdist = None;
        let said = disagreement(&known, &other).unwrap();
        assert!(
            said.contains("another wheel") && said.contains("no source distribution"),
            "{said}"
        );
    }
}
