//! The queries that a release's code runs: `procrastinate/sql/queries.sql`.

use std::fmt::Write as _;

use crate::failure::Failure;
use crate::procrastinate::PACKAGE;
use crate::read;
use crate::upstream::Upstream;

/// One query, by the name that the release's code calls it by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Query {
    pub(super) name: String,
    text: String,
}

/// What a worker gives to a query; everything else is NULL.
const VALUES: [(&str, &str); 5] = [
    ("queue", "'default'"),
    ("task_name", "'task'"),
    ("priority", "0"),
    ("args", "'{}'"),
    ("jobs", r#"'{"(default,task,0,,,{},)"}'"#),
];

/// The queries of a release, but for those that its code puts together first (`LISTEN {channel}`).
pub(super) fn of(upstream: &Upstream) -> Result<Vec<Query>, Failure> {
    let Some(root) = &upstream.root else {
        return Ok(Vec::new());
    };
    let path = root.join(PACKAGE).join("sql/queries.sql");
    let text = read::text(path).map_err(Failure::Read)?;
    let mut queries: Vec<Query> = Vec::new();
    for line in text.lines() {
        let name = line
            .strip_prefix("-- ")
            .and_then(|rest| rest.strip_suffix(" --"));
        match (name, queries.last_mut()) {
            (Some(name), _) => queries.push(Query {
                name: name.to_owned(),
                text: String::new(),
            }),
            (None, Some(query)) => {
                let _ = writeln!(query.text, "{line}");
            }
            (None, None) => {}
        }
    }
    queries.retain(|query| !query.text.contains('{'));
    Ok(queries)
}

impl Query {
    /// With `$1` for the first of its parameters, as drivers send it.
    pub(super) fn prepared(&self) -> String {
        let mut known: Vec<&str> = Vec::new();
        self.with(|name| {
            let place = known.iter().position(|one| *one == name);
            let place = place.unwrap_or_else(|| {
                known.push(name);
                known.len() - 1
            });
            format!("${}", place + 1)
        })
    }

    /// With a worker's values in it.
    pub(super) fn run(&self) -> String {
        self.with(|name| {
            let value = VALUES.iter().find(|(known, _)| *known == name);
            value.map_or("NULL", |(_, value)| value).to_owned()
        })
    }

    /// Whether it calls the function.
    pub(super) fn calls(&self, function: &str) -> bool {
        let mut rest = self.text.split(function).skip(1);
        rest.any(|rest| rest.starts_with('('))
    }

    /// The text with something else for each `%(name)s`.
    fn with<'a>(&'a self, mut parameter: impl FnMut(&'a str) -> String) -> String {
        let mut parts = self.text.split("%(");
        let mut text = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            match part.split_once(")s") {
                Some((name, rest)) => {
                    text.push_str(&parameter(name));
                    text.push_str(rest);
                }
                None => {
                    let _ = write!(text, "%({part}");
                }
            }
        }
        text.replace("%%", "%")
    }
}
