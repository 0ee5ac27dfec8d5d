//! The name of a migration's SQL file: `xx.yy.zz_ab_[pre|post]_slug.sql`.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::digest::Digest;
use crate::file_name::{BadFileName, FileName};

#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct MigrationName(FileName);

/// When a migration runs, relative to the deploy of the new release.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Phase {
    Pre,
    /// Also the phase of a name that has none, as before 3.0.
    Post,
}

/// The longest revision id that `alembic_version.version_num` (VARCHAR(32)) holds.
pub const LONGEST_ID: usize = 32;

impl MigrationName {
    pub fn new(name: impl Into<String>) -> Result<Self, BadFileName> {
        FileName::new(name).map(Self)
    }

    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    pub fn phase(&self) -> Phase {
        let (_, phase, _) = self.split();
        phase.unwrap_or(Phase::Post)
    }

    /// The phase, where the name says one.
    pub fn said_phase(&self) -> Option<Phase> {
        self.split().1
    }

    /// The slug in words, with the phase where the name says one: `add heartbeat (pre)`.
    pub fn title(&self) -> String {
        let (_, phase, slug) = self.split();
        let words = slug.replace('_', " ");
        match phase {
            Some(phase) => format!("{words} ({phase})"),
            None => words,
        }
    }

    /// The revision id of the rendered migration: `procrastinate_03_04_00_50`. Names that do not follow the
    /// scheme get one made of their first letters and their digest, so that two never share an id.
    pub fn revision_id(&self) -> String {
        let (version, _, _) = self.split();
        let id = format!("procrastinate_{}", plain(version));
        if !version.is_empty() && id.len() <= LONGEST_ID - "_part1".len() {
            return id;
        }
        let digest = Digest::of(self.as_str()).to_string();
        let letters: String = plain(self.0.stem()).chars().take(3).collect();
        format!("procrastinate_{letters}_{}", &digest[..8])
    }

    /// The rendered file's name without `.py`: the whole SQL name, made of letters Python can import.
    pub fn module(&self) -> String {
        format!("procrastinate_{}", plain(self.0.stem()))
    }

    /// Version (`03.04.00_50`, empty where the name does not follow the scheme), phase, slug.
    fn split(&self) -> (&str, Option<Phase>, &str) {
        let stem = self.0.stem();
        let Some(end) = version_end(stem) else {
            return ("", None, stem);
        };
        let slug = &stem[end + 1..];
        let phased = |prefix| slug.strip_prefix(prefix).filter(|rest| !rest.is_empty());
        let (phase, slug) = match (phased("pre_"), phased("post_")) {
            (Some(slug), _) => (Some(Phase::Pre), slug),
            (_, Some(slug)) => (Some(Phase::Post), slug),
            (None, None) => (None, slug),
        };
        (&stem[..end], phase, slug)
    }
}

/// Where `xx.yy.zz_ab` ends, if the stem begins so and a slug follows.
fn version_end(stem: &str) -> Option<usize> {
    let (numbers, rest) = stem.split_once('_')?;
    let (serial, slug) = rest.split_once('_')?;
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let in_scheme = numbers.split('.').count() == 3
        && numbers.split('.').all(is_number)
        && is_number(serial)
        && !slug.is_empty();
    in_scheme.then(|| numbers.len() + 1 + serial.len())
}

/// Lower-case letters and digits; everything else becomes `_`.
fn plain(text: &str) -> String {
    let text = text.to_ascii_lowercase();
    text.replace(|c: char| !c.is_ascii_alphanumeric(), "_")
}

/// Whether a migration runs before the deploy of the release that ships it.
///
/// A name from before 3.0 says neither, and counts as `post`: after the deploy of the release in its *name*, the one before that
/// which ships it (`02.08.00_01_…` came with 2.9.0). Upstream's guide of that time ran them all before a deploy, and so it has
/// to be: 2.9.0 cannot retry a job on the schema of 2.8.0, and 2.8.0 can on that of 2.9.0.
pub fn runs_before_deploy(name: &str, phase: Phase) -> bool {
    const FIRST_WITH_PHASES: u32 = 3;
    let is_older = |name: MigrationName| {
        let (version, phase, _) = name.split();
        let major = version
            .split('.')
            .next()
            .and_then(|major| major.parse().ok());
        phase.is_none() && major.is_some_and(|major: u32| major < FIRST_WITH_PHASES)
    };
    phase == Phase::Pre || MigrationName::new(name).is_ok_and(is_older)
}

/// The name by which people know a migration: that of its SQL file, or else of its revision file.
pub fn known_as<'a>(sql: Option<&'a MigrationName>, file: &'a FileName) -> &'a str {
    sql.map_or(file.as_str(), MigrationName::as_str)
}

impl fmt::Display for MigrationName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Pre => "pre",
            Self::Post => "post",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn name(text: &str) -> MigrationName {
        MigrationName::new(text).unwrap()
    }

    #[test]
    fn the_scheme_gives_id_phase_and_title() {
        let post = name("03.04.00_50_post_add_retry_failed_job_procedure.sql");
        assert_eq!(post.revision_id(), "procrastinate_03_04_00_50");
        assert_eq!(
            post.module(),
            "procrastinate_03_04_00_50_post_add_retry_failed_job_procedure"
        );
        assert_eq!(post.title(), "add retry failed job procedure (post)");
        assert_eq!(post.phase(), Phase::Post);
        assert_eq!(
            name("03.01.00_01_pre_add_heartbeat.sql").phase(),
            Phase::Pre
        );
        let old = name("02.05.00_01_prefix.sql");
        assert_eq!(
            (old.phase(), old.title()),
            (Phase::Post, "prefix".to_owned())
        );
    }

    #[test]
    fn what_came_before_the_phases_runs_before_the_deploy() {
        for (text, before) in [
            ("03.01.00_01_pre_add_heartbeat.sql", true),
            ("03.01.00_50_post_add_heartbeat.sql", false),
            ("02.08.00_01_says_neither.sql", true),
            ("03.05.00_01_says_neither.sql", false),
            ("10.00.00_01_says_neither.sql", false),
            ("delta_0.5.0_001_drop.sql", false),
        ] {
            assert_eq!(
                runs_before_deploy(text, name(text).phase()),
                before,
                "{text}"
            );
        }
    }

    #[test]
    fn names_outside_the_scheme_get_short_distinct_ids() {
        let ids: Vec<_> = [
            "baseline-0.5.0.sql",
            "delta_0.5.0_001_drop.sql",
            "delta_0.5.0_002_drop.sql",
            "100000000.100000000.100000000_1_x.sql",
            "01.02.03_01.sql",
        ]
        .map(|text| name(text).revision_id())
        .into();
        for (index, id) in ids.iter().enumerate() {
            assert!(id.len() <= 26, "{id}");
            assert!(!ids[..index].contains(id));
            assert!(id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_'));
        }
    }
}
