//! The catalogue as Rust source, for the build script.

use std::fmt::Write as _;

use super::facts::{ArtifactFacts, Facts, MigrationFacts, RevisionFacts};
use super::locks::{Stopped, lock_of};
use super::objects::{Effect, Objects, broken, entry_of, read};
use crate::digest::Digest;

/// The tables that `catalog` includes. `all` is sorted by release, and consistent.
pub(super) fn source(all: &[Facts]) -> String {
    let mut migrations: Vec<&MigrationFacts> = Vec::new();
    let mut releases = String::new();
    for facts in all {
        let mut names = Vec::new();
        for migration in &facts.migrations {
            let known = migrations.iter().position(|known| *known == migration);
            names.push(format!("&M{}", known.unwrap_or(migrations.len())));
            if known.is_none() {
                migrations.push(migration);
            }
        }
        let revisions: Vec<String> = facts.revisions.iter().map(revision).collect();
        let _ = writeln!(
            releases,
            "    Release {{ name: \"{release}\", numbers: &{numbers:?}, post: {post:?}, unlisted: None, yanked: {yanked}, layout: Layout::{layout:?}, wheel: Some({wheel}), \
             sdist: {sdist}, migrations: &[{migrations}], revisions: &[{revisions}] }},",
            release = facts.release,
            numbers = facts.release.release().to_vec(),
            post = facts.release.post(),
            yanked = facts.yanked,
            layout = facts.layout,
            wheel = artifact(&facts.wheel),
            sdist = match &facts.sdist {
                Some(sdist) => format!("Some({})", artifact(sdist)),
                None => "None".to_owned(),
            },
            migrations = names.join(", "),
            revisions = revisions.join(", "),
        );
    }
    let mut source = String::new();
    for (index, migration) in migrations.iter().enumerate() {
        let first = all.partition_point(|facts| facts.release < migration.first);
        let _ = writeln!(
            source,
            "static M{index}: Migration = Migration {{ name: {:?}, size: {}, sha256: {}, phase: Phase::{:?}, first: Some({first}) }};",
            migration.name.as_str(),
            migration.size,
            digest(&migration.sha256),
            migration.phase,
        );
    }
    let number = all.len();
    let _ = writeln!(
        source,
        "static RELEASES: [Release; {number}] = [\n{releases}];"
    );
    source
}

/// The tables of what each SQL file does, and of the files `schema.sql`.
pub(super) fn objects(objects: &Objects, all: &[Facts]) -> String {
    let mut source = String::from("static SCHEMAS: &[Schema] = &[\n");
    for schema in &objects.schemas {
        let first = all.partition_point(|facts| facts.release < schema.first);
        let sha256 = digest(&schema.sha256);
        let says = says(&schema.says);
        let _ = writeln!(
            source,
            "    Schema {{ sha256: {sha256}, first: {first}, says: &[{says}] }},"
        );
    }
    source.push_str("];\nstatic EFFECTS: &[SqlEffects] = &[\n");
    for effects in &objects.migrations {
        let statements: Vec<String> = effects.statements.iter().map(statement).collect();
        let breaks = effects.breaks.iter();
        let breaks: Vec<String> = breaks.filter_map(|entry| query(entry, all)).collect();
        let _ = writeln!(
            source,
            "    SqlEffects {{ name: {:?}, sha256: {}, says: &[{}], breaks: &[{}], statements: &[{}] }},",
            effects.name.as_str(),
            digest(&effects.sha256),
            says(&effects.says),
            breaks.join(", "),
            statements.join(", ")
        );
    }
    source + "];\n"
}

fn says(fingerprints: &[String]) -> String {
    let fingerprints = fingerprints.iter().filter_map(|one| read(one));
    let literals = fingerprints.map(|one| format!("0x{one:x}"));
    literals.collect::<Vec<_>>().join(", ")
}

fn statement(effect: &Effect) -> String {
    let set: Vec<String> = effect
        .set
        .iter()
        .filter_map(|entry| entry_of(entry))
        .map(|(digest, object)| format!("(0x{digest:x}, {object:?})"))
        .collect();
    let locks = effect.locks.iter().filter_map(|entry| lock_of(entry));
    let locks: Vec<String> = locks
        .map(|(mode, table)| format!("(LockMode::{mode:?}, {table:?})"))
        .collect();
    let stops = effect
        .blocks
        .iter()
        .filter_map(|entry| Stopped::read(entry));
    let stops: Vec<String> = stops.map(|one| format!("Stopped::{one:?}")).collect();
    format!(
        "StatementEffects {{ alone: {}, set: &[{}], drop: &{:?}, locks: &[{}], rewrites: &{:?}, scans: &{:?}, stops: &[{}] }}",
        effect.alone,
        set.join(", "),
        effect.drop,
        locks.join(", "),
        effect.rewrites,
        effect.scans,
        stops.join(", ")
    )
}

fn query(entry: &str, all: &[Facts]) -> Option<String> {
    let (query, first, last, functions) = broken(entry)?;
    let place = |version| all.iter().position(|facts| facts.release == version);
    Some(format!(
        "Broken {{ query: {query:?}, functions: &{functions:?}, first: {}, last: {} }}",
        place(first)?,
        place(last)?
    ))
}

fn artifact(facts: &ArtifactFacts) -> String {
    let digest = digest(&facts.sha256);
    format!(
        "Artifact {{ name: {:?}, size: {}, sha256: {digest} }}",
        facts.name, facts.size
    )
}

fn revision(facts: &RevisionFacts) -> String {
    format!(
        "File {{ name: {:?}, sha256: {} }}",
        facts.path,
        digest(&facts.sha256)
    )
}

fn digest(digest: &Digest) -> String {
    format!("Digest::from_bytes({:?})", digest.bytes())
}
