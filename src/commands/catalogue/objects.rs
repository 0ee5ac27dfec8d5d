//! What each migration's SQL makes of a database, asked of a real server: `procrastinate-versions/objects.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::catalog::objects::{Effect, Effects, Objects, Schema, entry, short, written};
use crate::catalog::store;
use crate::cli::Catalogue;
use crate::client::{Target, psql};
use crate::digest::Digest;
use crate::failure::{DatabaseError, Failure};
use crate::live::{QUERY, QUERY_VERSION, Snapshot};
use crate::procrastinate::SCHEMA;
use crate::read;
use crate::sql::fingerprints;
use crate::sql::statements::split;
use crate::upstream::{Sql, Upstream};

/// The database that is made for each chain, and dropped.
const DATABASE: &str = "vendor_migrations_catalogue";

/// By `KIND NAME`, the beginning of each object's digest.
type State = BTreeMap<String, u64>;

/// Asks every server, and writes the file if they agree. `load` gives the releases, sorted.
pub(super) fn write(
    options: &Catalogue,
    load: impl FnOnce() -> Result<Vec<Upstream>, Failure>,
) -> Result<(), Failure> {
    if options.objects.is_empty() {
        return Ok(());
    }
    let releases = &load()?[..];
    let mut known: Option<Objects> = None;
    for url in &options.objects {
        let server = Target::parse(url).map_err(DatabaseError::from)?;
        let objects = Objects::new(
            QUERY_VERSION,
            effects(&server, releases)?,
            schemas(releases)?,
        );
        if known.as_ref().is_some_and(|known| *known != objects) {
            return Err(Failure::Objects(format!(
                "{server} and the server before it do not agree"
            )));
        }
        known = Some(objects);
    }
    let Some(objects) = known else { return Ok(()) };
    let text = objects.to_text().map_err(Failure::Objects)?;
    Objects::parse(&text).map_err(|fault| Failure::Objects(fault.to_string()))?;
    Ok(store::write_objects(&options.directory, &text)?)
}

/// Each distinct `schema.sql` of these releases, which are sorted.
fn schemas(releases: &[Upstream]) -> Result<Vec<Schema>, Failure> {
    let mut schemas: Vec<Schema> = Vec::new();
    for release in releases {
        let (Some(sha256), Some(root)) = (release.schema, &release.root) else {
            continue;
        };
        let text = read::text(root.join(SCHEMA)).map_err(Failure::Read)?;
        if Digest::of(&text) != sha256 {
            let why = format!("{SCHEMA} of {} differs from its `RECORD`", release.release);
            return Err(Failure::Objects(why));
        }
        if schemas.iter().all(|known| known.sha256 != sha256) {
            schemas.push(Schema {
                first: release.release.clone(),
                sha256,
                says: said(&text, SCHEMA)?.iter().map(written).collect(),
            });
        }
    }
    Ok(schemas)
}

/// What each statement says, whatever its layout.
fn said(text: &str, file: &str) -> Result<Vec<Digest>, Failure> {
    fingerprints(text, None).map_err(|error| Failure::Objects(format!("{file}, {error}")))
}

/// The effects of every SQL file of these releases, which are sorted.
fn effects(server: &Target, releases: &[Upstream]) -> Result<Vec<Effects>, Failure> {
    let mut known: BTreeSet<Digest> = BTreeSet::new();
    let mut all = Vec::new();
    for upstream in releases {
        let files: Vec<&Sql> = upstream
            .migrations
            .iter()
            .filter_map(|one| one.sql.as_ref())
            .collect();
        if files.iter().all(|sql| known.contains(&sql.digest)) {
            continue;
        }
        let (script, new) = script(&files, &known)?;
        let states = run(server, &script)?;
        let mut states = states.iter();
        let mut before = State::new();
        for (sql, statements) in new {
            if let Some(state) = states.next() {
                before.clone_from(state);
            }
            let mut effects = Vec::new();
            for after in states.by_ref().take(statements) {
                effects.push(difference(&before, after));
                before.clone_from(after);
            }
            let says = said(&sql.text, sql.name.as_str())?;
            let says = says.iter().map(written).collect();
            known.insert(sql.digest);
            all.push(Effects {
                name: sql.name.clone(),
                sha256: sql.digest,
                says,
                statements: effects,
            });
        }
    }
    Ok(all)
}

/// A file that is not known yet, and the number of its statements.
type New<'a> = (&'a Sql, usize);

/// The release's whole chain. Before each file that is not known the query is run, and after each of its statements. Also
/// returns those files, with the number of their statements.
fn script<'a>(
    files: &[&'a Sql],
    known: &BTreeSet<Digest>,
) -> Result<(String, Vec<New<'a>>), Failure> {
    let mut script = String::new();
    let mut new = Vec::new();
    for sql in files {
        if known.contains(&sql.digest) {
            let _ = writeln!(script, "{}\n;", sql.text);
            continue;
        }
        let statements =
            split(&sql.text).map_err(|error| Failure::Objects(format!("{}, {error}", sql.name)))?;
        script.push_str(QUERY);
        for statement in &statements {
            let _ = write!(script, "\n{}\n;\n{QUERY}", statement.text());
        }
        new.push((*sql, statements.len()));
    }
    Ok((script, new))
}

/// Runs the script in a new database. Returns the state at each query.
fn run(server: &Target, script: &str) -> Result<Vec<State>, Failure> {
    let drop = format!("DROP DATABASE IF EXISTS {DATABASE};\n");
    let run =
        |target: &Target, script: &str| psql(target, script, None).map_err(DatabaseError::from);
    run(server, &format!("{drop}CREATE DATABASE {DATABASE};\n"))?;
    let printed = run(&server.with_database(DATABASE), script);
    run(server, &drop)?;
    let printed = printed?;
    let answers = printed.lines().filter(|line| line.starts_with('{'));
    answers.map(state).collect()
}

fn state(line: &str) -> Result<State, Failure> {
    let snapshot = Snapshot::parse(line).map_err(|error| Failure::Objects(error.to_string()))?;
    let objects = snapshot.copies.values().flatten();
    let named =
        objects.map(|((kind, name), object)| (format!("{kind} {name}"), short(&object.digest)));
    Ok(named.collect())
}

fn difference(before: &State, after: &State) -> Effect {
    let set = after
        .iter()
        .filter(|(name, digest)| before.get(*name) != Some(digest));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    Effect {
        set: set.map(|(name, digest)| entry(*digest, name)).collect(),
        drop: gone.cloned().collect(),
    }
}
