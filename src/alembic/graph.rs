//! The project's revisions as a graph, read from all of its version locations. Runs nothing.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use camino::{Utf8Path, Utf8PathBuf};

use crate::effort;
use crate::python_source::{Assigned, RevisionFileError, Stmt, parse_for, text};

/// What one revision file says of its place in the graph.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    pub id: String,
    /// `down_revision`: none for a base, several for a merge.
    pub down: Vec<String>,
    /// `depends_on`: ids or branch labels.
    pub depends_on: Vec<String>,
    pub labels: Vec<String>,
    /// The file as the user knows it: relative to the project where it lies inside.
    pub path: Utf8PathBuf,
    /// Where in the file it says so.
    pub lines: Lines,
}

/// Lines of a revision file, counted from 1; 1 where the name is not assigned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lines {
    pub id: usize,
    pub down: usize,
    pub depends_on: usize,
    pub labels: usize,
}

impl Lines {
    /// Of a node that was not read from its file.
    pub const UNKNOWN: Self = Self {
        id: 1,
        down: 1,
        depends_on: 1,
        labels: 1,
    };
}

impl Node {
    /// Reads the revision file `source`, which lies at `path`.
    pub fn parse(path: Utf8PathBuf, source: &str) -> Result<Self, RevisionFileError> {
        Self::parse_for(path, source, None)
    }

    /// Reads the bytes of a revision file.
    pub fn read(path: Utf8PathBuf, bytes: &[u8]) -> Result<Self, RevisionFileError> {
        Self::parse(path, &text(bytes)?)
    }

    /// As `parse`, for the version of Python that Alembic runs on, where it is known.
    pub fn parse_for(
        path: Utf8PathBuf,
        source: &str,
        python: Option<(u8, u8)>,
    ) -> Result<Self, RevisionFileError> {
        let module = parse_for(source, python)?;
        Self::of(path, source, module.suite())
    }

    /// As `parse`, of a file that is parsed already.
    pub(super) fn of(
        path: Utf8PathBuf,
        source: &str,
        suite: &[Stmt],
    ) -> Result<Self, RevisionFileError> {
        let assigned = Assigned::read(source, suite)?;
        let line = |name: &str| assigned.line(name);
        let id = match (assigned.id(), legacy_id(&path)) {
            (Err(RevisionFileError::NoRevision), Some(id)) => id.to_owned(),
            (id, _) => id?,
        };
        Ok(Self {
            id,
            down: assigned.down()?,
            depends_on: assigned.strings("depends_on")?,
            labels: assigned.strings("branch_labels")?,
            path,
            lines: Lines {
                id: line("revision"),
                down: line("down_revision"),
                depends_on: line("depends_on"),
                labels: line("branch_labels"),
            },
        })
    }
}

/// The id of a file that assigns no `revision`: Alembic still takes it from a name such as `1975ea83b712.py`.
fn legacy_id(path: &Utf8Path) -> Option<&str> {
    let is_hex = |id: &&str| {
        id.bytes()
            .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    };
    let id = path.file_name()?.strip_suffix(".py")?;
    Some(id).filter(is_hex).filter(|id| !id.is_empty())
}

/// The ids that no revision follows, in order. Dependencies do not count: `alembic upgrade head` does not count them.
pub fn heads<'a>(nodes: impl Iterator<Item = (&'a str, &'a [String])> + Clone) -> Vec<&'a str> {
    let downs = nodes.clone().flat_map(|(_, down)| down);
    let followed: HashSet<&str> = downs.map(String::as_str).collect();
    let heads = nodes.map(|(id, _)| id).filter(|id| !followed.contains(id));
    let heads: BTreeSet<&str> = heads.collect();
    heads.into_iter().collect()
}

/// The revisions that need none of those that are `others`, neither themselves nor by another revision.
pub fn without(nodes: &[Node], others: impl Fn(&str) -> bool) -> Vec<&Node> {
    let mut needed_by: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    let mut found: Vec<&str> = Vec::new();
    for node in nodes {
        for id in node.down.iter().chain(&node.depends_on) {
            needed_by.entry(id).or_default().push(&node.id);
            if others(id) {
                found.push(&node.id);
            }
        }
    }
    let mut left_out: BTreeSet<&str> = BTreeSet::new();
    while let Some(id) = found.pop() {
        if left_out.insert(id) {
            found.extend(needed_by.get(id).into_iter().flatten());
        }
    }
    let kept = nodes.iter();
    kept.filter(|node| !left_out.contains(node.id.as_str()))
        .collect()
}

/// The ids that have to run before a revision, itself included, as far as `nodes` tell.
pub fn ancestors<'a>(nodes: &'a [Node], id: &'a str) -> BTreeSet<&'a str> {
    let by_id: BTreeMap<&str, &Node> = nodes.iter().map(|node| (node.id.as_str(), node)).collect();
    let mut found = BTreeSet::new();
    let mut open = vec![id];
    while let Some(id) = open.pop() {
        if found.insert(id)
            && let Some(node) = by_id.get(id)
        {
            open.extend(node.down.iter().chain(&node.depends_on).map(String::as_str));
        }
    }
    found
}

/// The ids of one cycle of `down_revision` or `depends_on`, if there is one, beginning with the first in order.
pub fn cycle(nodes: &[Node]) -> Option<Vec<&str>> {
    let left = in_cycles(nodes);
    let mut path: Vec<&str> = vec![left.keys().next()?];
    let mut places: BTreeMap<&str, usize> = path.iter().map(|id| (*id, 0)).collect();
    loop {
        let ids = left.get(path.last()?)?;
        let next = ids.iter().find(|id| left.contains_key(*id))?;
        match places.insert(next, path.len()) {
            Some(start) => return Some(path.split_off(start)),
            None => path.push(next),
        }
    }
}

/// The revisions in a cycle and those above one, with the ids below each.
fn in_cycles(nodes: &[Node]) -> BTreeMap<&str, Vec<&str>> {
    // Of two with one id, the later counts.
    let places = nodes.iter().enumerate();
    let places: HashMap<&str, usize> = places
        .map(|(place, node)| (node.id.as_str(), place))
        .collect();
    let below = |node: &'_ Node| {
        let ids = node.down.iter().chain(&node.depends_on);
        ids.filter_map(|id| places.get(id.as_str()).copied())
            .collect::<Vec<_>>()
    };
    let is_meant = |place: usize| places.get(nodes[place].id.as_str()) == Some(&place);
    let mut above: Vec<Vec<usize>> = vec![Vec::new(); nodes.len()];
    let mut waits_for = vec![0_usize; nodes.len()];
    for (place, node) in nodes.iter().enumerate() {
        effort::count(1);
        for below in below(node) {
            above[below].push(place);
            waits_for[place] += 1;
        }
    }
    let is_free = |place: &usize| waits_for[*place] == 0;
    let mut free: Vec<usize> = (0..nodes.len()).filter(is_free).collect();
    let mut is_left = vec![true; nodes.len()];
    // A revision with none of the rest below it is in no cycle.
    while let Some(place) = free.pop() {
        is_left[place] = false;
        for above in &above[place] {
            effort::count(1);
            waits_for[*above] -= 1;
            free.extend((waits_for[*above] == 0).then_some(*above));
        }
    }
    let left = (0..nodes.len()).filter(|place| is_left[*place] && is_meant(*place));
    let with_ids = |place: usize| {
        let node = &nodes[place];
        let ids = node.down.iter().chain(&node.depends_on);
        (node.id.as_str(), ids.map(String::as_str).collect())
    };
    left.map(with_ids).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(id: &str, down: &[&str], depends_on: &[&str]) -> Node {
        let list = |ids: &[&str]| {
            let ids: Vec<String> = ids.iter().map(|id| format!("'{id}',")).collect();
            format!("({})", ids.concat())
        };
        let source = format!(
            "revision = '{id}'\ndown_revision = {}\ndepends_on = {}\n",
            list(down),
            list(depends_on)
        );
        Node::parse("a.py".into(), &source).unwrap()
    }

    fn heads_of(nodes: &[Node]) -> Vec<&str> {
        heads(nodes.iter().map(|node| (node.id.as_str(), &node.down[..])))
    }

    #[test]
    fn a_head_is_what_nothing_follows() {
        let nodes = [
            node("a", &[], &[]),
            node("c", &["a"], &["b"]),
            node("b", &["a"], &[]),
        ];
        assert_eq!(heads_of(&nodes), ["b", "c"]);
        assert_eq!(
            heads_of(&[nodes.as_slice(), &[node("m", &["b", "c"], &[])]].concat()),
            ["m"]
        );
        assert!(heads_of(&[]).is_empty());
    }

    #[test]
    fn what_needs_others_is_told_from_what_does_not() {
        let nodes = [
            node("a", &[], &[]),
            node("b", &["a"], &[]),
            node("c", &["b"], &["v"]),
            node("d", &["c"], &[]),
        ];
        let kept: Vec<&str> = without(&nodes, |id| id == "v")
            .iter()
            .map(|node| &node.id[..])
            .collect();
        assert_eq!(kept, ["a", "b"]);
        assert_eq!(
            ancestors(&nodes, "c").into_iter().collect::<Vec<_>>(),
            ["a", "b", "c", "v"]
        );
    }

    #[test]
    fn a_cycle_is_found_wherever_it_is_entered() {
        let mut nodes = vec![
            node("a", &[], &[]),
            node("b", &["a", "d"], &[]),
            node("c", &["b"], &[]),
            node("d", &[], &["c"]),
            node("e", &["d"], &[]),
        ];
        assert_eq!(cycle(&nodes).unwrap(), ["b", "d", "c"]);
        nodes.remove(3);
        assert_eq!(cycle(&nodes), None);
        assert_eq!(cycle(&[node("x", &["x"], &[])]).unwrap(), ["x"]);
    }

    #[test]
    fn long_chains_and_circles_are_followed_once() {
        let first = node("0", &[], &[]);
        let number = |number: usize| format!("{number:06}");
        let mut nodes: Vec<Node> = (0..50_000_usize)
            .map(|at| Node {
                id: number(at),
                down: at.checked_sub(1).map(number).into_iter().collect(),
                ..first.clone()
            })
            .collect();
        assert_eq!(cycle(&nodes), None);
        // Each revision is come to once, and each of its references.
        let steps = effort::of(|| assert_eq!(cycle(&nodes[..1_000]), None));
        assert_eq!(steps, 1_000 + 999);
        nodes[0].down = vec![number(49_999)];
        assert_eq!(cycle(&nodes).unwrap().len(), 50_000);
    }

    #[test]
    fn what_is_not_a_literal_is_not_guessed() {
        let error = Node::parse("a.py".into(), "revision = f()").unwrap_err();
        assert!(matches!(
            error,
            RevisionFileError::Undecidable { line: 1, .. }
        ));
        let error = Node::parse("seed.py".into(), "x = 1").unwrap_err();
        assert_eq!(error, RevisionFileError::NoRevision);
        let dynamic = "revision = 'a'\ndown_revision = None\ndef upgrade():\n    op.execute(get_migration_sql(name()))\n";
        assert!(Node::parse("a.py".into(), dynamic).is_ok());
        // What may set a name in another way.
        for source in ["from base import *", "globals()['revision'] = 'a'"] {
            let error = Node::parse("seed.py".into(), source).unwrap_err();
            assert!(
                matches!(error, RevisionFileError::Undecidable { .. }),
                "{source}"
            );
        }
        let helper = "def exec_all(session):\n    session.exec('SELECT 1')  # global\n";
        let error = Node::parse("seed.py".into(), helper).unwrap_err();
        assert_eq!(error, RevisionFileError::NoRevision);
    }

    #[test]
    fn what_stops_alembic_is_told_with_its_line() {
        for (source, line, why) in [
            ("\nrevision = None", 2, "`revision` is `None`"),
            ("revision = 7", 1, "`revision` is `7`"),
            ("revision = b'x'", 1, "`revision` is `b'x'`"),
            ("revision = ('x',)", 1, "`revision` is `('x',)`"),
            ("\nrevision = 'x'", 2, "no `down_revision`"),
            (
                "revision = 'x'\ndown_revision = 7",
                2,
                "`down_revision` is `7`",
            ),
        ] {
            match Node::parse("seed.py".into(), source).unwrap_err() {
                RevisionFileError::Stops {
                    line: at,
                    why: said,
                } => {
                    assert!(at == line && said.contains(why), "{source}: {at}: {said}");
                }
                other => panic!("{source}: {other:?}"),
            }
        }
    }

    #[test]
    fn an_old_file_has_its_id_in_its_name() {
        let id = |path: &str| Some(Node::parse(path.into(), "down_revision = None").ok()?.id);
        assert_eq!(
            id("versions/1975ea83b712.py").as_deref(),
            Some("1975ea83b712")
        );
        assert_eq!(id("versions/1975ea83b712_x.py"), None);
        assert_eq!(id("versions/seed.py"), None);
    }

    #[test]
    fn syntax_is_that_of_the_python() {
        let source = "revision = 'a'\ndown_revision = None\n\ntype X = int\n";
        let parse = |python| Node::parse_for("a.py".into(), source, python);
        assert!(parse(None).is_ok() && parse(Some((3, 12))).is_ok());
        match parse(Some((3, 11))).unwrap_err() {
            RevisionFileError::Syntax(error) => assert_eq!(error.line, 4),
            other => panic!("{other:?}"),
        }
    }
}
