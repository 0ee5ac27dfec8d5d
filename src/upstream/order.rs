//! The order of upstream's migrations: the chain of its revision files, or the names of its SQL files.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{Migration, Sql, Wrapper};
use crate::procrastinate::MigrationName;

/// The migrations in upstream's order; `sql` is by name. The error says which link of the chain is wrong.
pub(super) fn migrations(
    wrappers: Vec<Wrapper>,
    mut sql: BTreeMap<String, Sql>,
) -> Result<Vec<Migration>, String> {
    let names: BTreeSet<String> = sql.keys().cloned().collect();
    let mut migrations = Vec::with_capacity(names.len());
    for wrapper in in_order(wrappers)? {
        let file = &wrapper.file;
        let named = match wrapper.revision.sql.as_slice() {
            [] => None,
            [name] if !names.contains(name) => {
                return Err(format!(
                    "`{file}` runs `{name}`, which the release does not ship"
                ));
            }
            [name] => {
                let sql = sql.remove(name);
                Some(sql.ok_or_else(|| format!("`{name}` is run by more than one revision"))?)
            }
            several => {
                let several = several.join(", ");
                return Err(format!("`{file}` runs several SQL files ({several})"));
            }
        };
        migrations.push(Migration {
            sql: named,
            wrapper: Some(wrapper),
        });
    }
    // SQL that no revision file runs keeps its place by name. The plan decides what to do with it.
    Ok(with_unwrapped(migrations, sql))
}

/// Puts each of the SQL files, which are by name, behind the last migration with a smaller name.
fn with_unwrapped(wrapped: Vec<Migration>, unwrapped: BTreeMap<String, Sql>) -> Vec<Migration> {
    // For each migration the smallest name from there on: from one to the next it never gets smaller.
    let mut smallest: Vec<Option<MigrationName>> = Vec::with_capacity(wrapped.len());
    for migration in wrapped.iter().rev() {
        let name = migration.sql.iter().map(|sql| &sql.name);
        let least = name.chain(smallest.last().into_iter().flatten()).min();
        smallest.push(least.cloned());
    }
    smallest.reverse();
    let mut unwrapped = unwrapped.into_values().peekable();
    let mut migrations = Vec::with_capacity(wrapped.len() + unwrapped.len());
    let mut wrapped = wrapped.into_iter();
    for least in smallest.into_iter().map(Some).chain([None]) {
        // None behind the last one: all that is left goes there.
        let goes_here = |sql: &Sql| match &least {
            Some(Some(least)) => sql.name <= *least,
            Some(None) | None => true,
        };
        while let Some(sql) = unwrapped.next_if(goes_here) {
            migrations.push(Migration {
                sql: Some(sql),
                wrapper: None,
            });
        }
        migrations.extend(wrapped.next());
    }
    migrations
}

/// The wrappers from the base to the head. The error says which link of the chain is wrong.
fn in_order(wrappers: Vec<Wrapper>) -> Result<Vec<Wrapper>, String> {
    let mut next: HashMap<Option<String>, Wrapper> = HashMap::new();
    for wrapper in wrappers {
        let down = match wrapper.revision.down.as_slice() {
            [] => None,
            [down] => Some(down.clone()),
            _ => return Err(format!("`{}` merges several revisions", wrapper.file)),
        };
        if let Some(twin) = next.get(&down) {
            let after = down.map_or("the base".to_owned(), |down| format!("revision `{down}`"));
            return Err(format!(
                "`{}` and `{}` both follow {after}",
                twin.file, wrapper.file
            ));
        }
        next.insert(down, wrapper);
    }
    let mut chain: Vec<Wrapper> = Vec::new();
    let mut ids: HashSet<String> = HashSet::new();
    let mut down = None;
    while let Some(wrapper) = next.remove(&down) {
        let id = &wrapper.revision.id;
        if !ids.insert(id.clone()) {
            return Err(format!("two files have the revision id `{id}`"));
        }
        down = Some(id.clone());
        chain.push(wrapper);
    }
    match next.into_values().map(|wrapper| wrapper.file).min() {
        Some(file) => Err(format!("`{file}` does not lead back to the base")),
        None => Ok(chain),
    }
}
