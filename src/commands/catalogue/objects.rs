//! What each migration's SQL makes of a database, asked of a real server: `procrastinate-versions/objects.toml`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;

use super::measure::{self, Answer, Around, Asked, FUNCTIONS, Known, Table, broken};
use super::{growth, queries};
use crate::catalog::objects::{Effect, Effects, Objects, Schema, entry, short, written};
use crate::catalog::store::{self, StoreError};
use crate::cli::Catalogue;
use crate::client::{Target, psql};
use crate::digest::Digest;
use crate::failure::{DatabaseError, Failure};
use crate::live::{QUERY_VERSION, Snapshot};
use crate::procrastinate::SCHEMA;
use crate::read;
use crate::session::Output;
use crate::sql::statements::{Statement, split};
use crate::sql::{fingerprints, needs_autocommit};
use crate::upstream::{Sql, Upstream};

/// The database that is made for each chain, and dropped.
const DATABASE: &str = "vendor_migrations_catalogue";

/// By `KIND NAME`, the beginning of each object's digest.
type State = BTreeMap<String, u64>;

/// Asks every server, and writes the file if they agree. `load` gives the releases, sorted.
pub(super) fn write(
    options: &Catalogue,
    load: impl FnOnce() -> Result<Vec<Upstream>, Failure>,
    output: &mut Output<'_>,
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
    if let (Some(rows), Some(url)) = (options.rows, options.objects.first()) {
        let server = Target::parse(url).map_err(DatabaseError::from)?;
        growth::measure(&server, releases, &objects, rows, output)?;
    }
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
    let mut all = Vec::new();
    for chain in chains(releases) {
        let queries = known_queries(&releases[..=chain.place])?;
        let asked = Asked::new(&queries);
        let around = |statement: &str| asked.around(statement);
        let script = chain.script(&asked.state(), around)? + &asked.access();
        let mut answers = run(server, &script, &asked.access())?.into_iter();
        for sql in chain.added() {
            let mut effects = file(&mut answers, sql, &queries, releases)?;
            let says = said(&sql.text, sql.name.as_str())?;
            effects.says = says.iter().map(written).collect();
            all.push(effects);
        }
        let release = &releases[chain.place].release;
        let access = answers.next().and_then(Told::access).unwrap_or_default();
        asked
            .refuse_idle(chain.place, &access)
            .map_err(|what| Failure::Objects(format!("no query of {release}'s by which it would {what} a job can be run on its own schema")))?;
    }
    Ok(all)
}

/// The distinct queries of these releases, with the releases that have each.
fn known_queries(releases: &[Upstream]) -> Result<Vec<Known>, Failure> {
    let mut known: Vec<Known> = Vec::new();
    for (place, upstream) in releases.iter().enumerate() {
        for query in queries::of(upstream)? {
            match known.iter_mut().find(|one| one.query == query) {
                Some(known) => known.releases.push(place),
                None => known.push(Known {
                    query,
                    releases: vec![place],
                }),
            }
        }
    }
    Ok(known)
}

/// The chain of a release that brought files.
pub(super) struct Chain<'a> {
    /// That of the release.
    place: usize,
    files: Vec<&'a Sql>,
    /// What releases before it have.
    known: BTreeSet<Digest>,
}

/// The chains of these releases, which are sorted, but for those with files that releases before them have.
pub(super) fn chains(releases: &[Upstream]) -> Vec<Chain<'_>> {
    let mut known: BTreeSet<Digest> = BTreeSet::new();
    let mut chains = Vec::new();
    for (place, upstream) in releases.iter().enumerate() {
        let files = upstream.migrations.iter();
        let files: Vec<&Sql> = files.filter_map(|one| one.sql.as_ref()).collect();
        let digests: Vec<Digest> = files.iter().map(|sql| sql.digest).collect();
        if digests.iter().any(|digest| !known.contains(digest)) {
            chains.push(Chain {
                place,
                files,
                known: known.clone(),
            });
        }
        known.extend(digests);
    }
    chains
}

impl<'a> Chain<'a> {
    pub(super) fn added(&self) -> impl Iterator<Item = &'a Sql> {
        let files = self.files.iter().copied();
        files.filter(|sql| !self.known.contains(&sql.digest))
    }

    /// The script that runs it. Around each statement of a new file something is asked, and about each file.
    pub(super) fn script(
        &self,
        file: &str,
        around: impl Fn(&str) -> String,
    ) -> Result<String, Failure> {
        let mut script = String::new();
        for sql in &self.files {
            if self.known.contains(&sql.digest) {
                let _ = writeln!(script, "{}\n;", sql.text);
                continue;
            }
            script.push_str(file);
            for statement in &statements(sql)? {
                script.push_str(&around(statement.text()));
            }
            script.push_str(file);
        }
        Ok(script)
    }
}

pub(super) fn statements(sql: &Sql) -> Result<Vec<Statement<'_>>, Failure> {
    split(&sql.text).map_err(|error| Failure::Objects(format!("{}, {error}", sql.name)))
}

/// Reads the answers around the statements of one file.
fn file(
    answers: &mut impl Iterator<Item = Told>,
    sql: &Sql,
    known: &[Known],
    releases: &[Upstream],
) -> Result<Effects, Failure> {
    let silent = || Failure::Objects(format!("{}: the server gave no answer", sql.name));
    let mut next = || answers.next().ok_or_else(silent);
    let mut state = next()?.state().ok_or_else(silent)?;
    let working = next()?.queries().ok_or_else(silent)?;
    let mut effects = Effects {
        name: sql.name.clone(),
        sha256: sql.digest,
        says: Vec::new(),
        breaks: Vec::new(),
        statements: Vec::new(),
    };
    for statement in &statements(sql)? {
        let around = Around {
            allowed: next()?.access().ok_or_else(silent)?,
            before: next()?.tables().ok_or_else(silent)?,
            after: next()?.tables().ok_or_else(silent)?,
            beside: next()?.access().ok_or_else(silent)?,
        };
        let after = next()?.state().ok_or_else(silent)?;
        let mut effect = difference(&state, &after);
        effect.alone = needs_autocommit(statement);
        around.write(&mut effect);
        effects.statements.push(effect);
        state = after;
    }
    // The state behind the last statement, once more.
    next()?;
    let left = next()?.queries().ok_or_else(silent)?;
    let broken = broken(known, &working, &left);
    let dropped: BTreeSet<&str> = effects.statements.iter().flat_map(functions).collect();
    let entries = broken.filter_map(|one| entry_of_query(one, &dropped, releases));
    effects.breaks = entries.collect();
    Ok(effects)
}

/// Runs the script in a new database, and `beside` in another session where the script says so. Returns the answers, in order.
pub(super) fn run(server: &Target, script: &str, beside: &str) -> Result<Vec<Told>, Failure> {
    let drop = format!("DROP DATABASE IF EXISTS {DATABASE};\n");
    let run =
        |target: &Target, script: &str| psql(target, script, None).map_err(DatabaseError::from);
    run(server, &format!("{drop}CREATE DATABASE {DATABASE};\n"))?;
    let target = server.with_database(DATABASE);
    let file = tempfile::NamedTempFile::new().map_err(StoreError::Io)?;
    let io = |error| StoreError::Io(error);
    (&file)
        .write_all(format!("{FUNCTIONS}{beside}").as_bytes())
        .map_err(io)?;
    let path = file.path().to_string_lossy();
    let begin = measure::beside(&target.conninfo(), &path);
    let printed = run(&target, &format!("{begin}{FUNCTIONS}{script}"));
    run(server, &drop)?;
    let printed = printed?;
    let answers = printed.lines().filter(|line| line.starts_with('{'));
    answers.map(Told::read).collect()
}

/// One line that was printed.
pub(super) enum Told {
    State(State),
    Answer(Answer),
}

impl Told {
    fn read(line: &str) -> Result<Self, Failure> {
        if let Ok(answer) = serde_json::from_str(line) {
            return Ok(Self::Answer(answer));
        }
        let snapshot =
            Snapshot::parse(line).map_err(|error| Failure::Objects(error.to_string()))?;
        let objects = snapshot.copies.values().flatten();
        let named =
            objects.map(|((kind, name), object)| (format!("{kind} {name}"), short(&object.digest)));
        Ok(Self::State(named.collect()))
    }

    fn state(self) -> Option<State> {
        match self {
            Self::State(state) => Some(state),
            Self::Answer(_) => None,
        }
    }

    fn access(self) -> Option<BTreeMap<String, String>> {
        match self {
            Self::Answer(Answer::Access(access)) => Some(access),
            _ => None,
        }
    }

    fn queries(self) -> Option<BTreeMap<String, String>> {
        match self {
            Self::Answer(Answer::Queries(queries)) => Some(queries),
            _ => None,
        }
    }

    pub(super) fn clock(self) -> Option<f64> {
        match self {
            Self::Answer(Answer::Clock(clock)) => Some(clock),
            _ => None,
        }
    }

    fn tables(self) -> Option<BTreeMap<String, Table>> {
        match self {
            Self::Answer(Answer::Tables(tables)) => Some(tables),
            _ => None,
        }
    }
}

/// The names of the functions that a statement drops.
fn functions(effect: &Effect) -> impl Iterator<Item = &str> {
    let dropped = effect.drop.iter();
    dropped.filter_map(|object| Some(object.strip_prefix("function ")?.split_once('(')?.0))
}

/// As [`broken`](crate::catalog::objects::broken) reads it.
fn entry_of_query(
    known: &Known,
    dropped: &BTreeSet<&str>,
    releases: &[Upstream],
) -> Option<String> {
    let release = |place: Option<&usize>| Some(&releases.get(*place?)?.release);
    let first = release(known.releases.first())?;
    let last = release(known.releases.last())?;
    let calls = dropped.iter().filter(|name| known.query.calls(name));
    let calls: String = calls.map(|name| format!(" {name}")).collect();
    Some(format!("{} {first} {last}{calls}", known.query.name))
}

fn difference(before: &State, after: &State) -> Effect {
    let set = after
        .iter()
        .filter(|(name, digest)| before.get(*name) != Some(digest));
    let gone = before.keys().filter(|name| !after.contains_key(*name));
    Effect {
        set: set.map(|(name, digest)| entry(*digest, name)).collect(),
        drop: gone.cloned().collect(),
        ..Effect::default()
    }
}
