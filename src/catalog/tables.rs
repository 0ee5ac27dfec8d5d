//! The catalogue as Rust source, for the build script.

use std::fmt::Write as _;

use super::facts::{ArtifactFacts, Facts, MigrationFacts, RevisionFacts};
use crate::digest::Digest;
use crate::procrastinate::Layout;
use crate::procrastinate::Phase;

/// The tables that `catalog` includes. `all` is sorted by release, and consistent.
pub(super) fn source(all: &[Facts]) -> String {
    let mut migrations: Vec<&MigrationFacts> = Vec::new();
    let mut releases = String::new();
    for facts in all {
        let mut own = Vec::new();
        for migration in &facts.migrations {
            let known = migrations.iter().position(|known| *known == migration);
            own.push(format!("M{}", known.unwrap_or(migrations.len())));
            if known.is_none() {
                migrations.push(migration);
            }
        }
        let revisions: Vec<String> = facts
            .revisions
            .iter()
            .map(|fact| revision(fact, all))
            .collect();
        let _ = writeln!(
            releases,
            "    Release {{ name: \"{release}\", numbers: &{numbers:?}, post: {post:?}, layout: {layout}, wheel: {wheel}, \
             sdist: {sdist}, migrations: &[{migrations}], revisions: &[{revisions}] }},",
            release = facts.release,
            numbers = facts.release.release().to_vec(),
            post = facts.release.post(),
            layout = match facts.layout {
                Layout::Sql => "Layout::Sql",
                Layout::Alembic => "Layout::Alembic",
            },
            wheel = artifact(&facts.wheel),
            sdist = match &facts.sdist {
                Some(sdist) => format!("Some({})", artifact(sdist)),
                None => "None".to_owned(),
            },
            migrations = own.join(", "),
            revisions = revisions.join(", "),
        );
    }
    let mut source = String::new();
    for (index, migration) in migrations.iter().enumerate() {
        let phase = match migration.phase {
            Phase::Pre => "Phase::Pre",
            Phase::Post => "Phase::Post",
        };
        let _ = writeln!(
            source,
            "const M{index}: Migration = Migration {{ name: {:?}, size: {}, sha256: {}, phase: {phase}, first: {} }};",
            migration.name.as_str(),
            migration.size,
            digest(&migration.sha256),
            place(&migration.first, all),
        );
    }
    let _ = write!(
        source,
        "static RELEASES: [Release; {}] = [\n{releases}];\n",
        all.len()
    );
    source
}

fn artifact(facts: &ArtifactFacts) -> String {
    format!(
        "Artifact {{ name: {:?}, size: {}, sha256: {} }}",
        facts.name,
        facts.size,
        digest(&facts.sha256)
    )
}

fn revision(facts: &RevisionFacts, all: &[Facts]) -> String {
    format!(
        "Revision {{ path: {:?}, size: {}, sha256: {}, first: {} }}",
        facts.path,
        facts.size,
        digest(&facts.sha256),
        place(&facts.first, all)
    )
}

fn digest(digest: &Digest) -> String {
    format!("Digest::from_bytes({:?})", digest.bytes())
}

fn place(release: &pep440_rs::Version, all: &[Facts]) -> usize {
    all.partition_point(|facts| facts.release < *release)
}
