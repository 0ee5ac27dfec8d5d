//! Findings that the settings accept: each by its code and its path, with a reason.

use serde::{Deserialize, Serialize};

use super::{Code, Finding};
use crate::place::Place;

/// One finding that a project accepts.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Accept {
    pub code: Code,
    /// The finding's path, as `check` shows it, without the line.
    pub path: String,
    /// Why it is all right; for the reader.
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    pub finding: Finding,
    pub reason: String,
}

impl Accept {
    /// What is wrong with it, if something is.
    pub fn fault(&self) -> Option<&'static str> {
        if self.path.contains(['*', '?', '[']) {
            Some("a `path` is one file or directory, never a pattern")
        } else if self.path.trim().is_empty() {
            Some("`path` is empty")
        } else if self.reason.trim().is_empty() {
            Some("`reason` is empty")
        } else {
            None
        }
    }

    fn is_about(&self, finding: &Finding) -> bool {
        finding.code == self.code && finding.place.path == self.path
    }
}

/// Takes what is accepted out of `findings`, and adds a finding for each entry that accepts nothing. `settings` is the
/// file with the entries.
pub fn accept(findings: &mut Vec<Finding>, entries: &[Accept], settings: &str) -> Vec<Accepted> {
    let mut accepted = Vec::new();
    let mut used = vec![false; entries.len()];
    findings.retain(|finding| {
        let Some(index) = entries.iter().position(|entry| entry.is_about(finding)) else {
            return true;
        };
        used[index] = true;
        accepted.push(Accepted {
            finding: finding.clone(),
            reason: entries[index].reason.clone(),
        });
        false
    });
    let unused = entries.iter().zip(used).filter(|(_, used)| !used);
    findings.extend(unused.map(|(entry, _)| {
        let message = format!(
            "the settings accept `{}` for {}, and there is no such finding",
            entry.code, entry.path
        );
        let (place, remedy) = (Place::new(settings), "remove the entry");
        Finding::warning(Code::AcceptanceUnused, place, message, remedy)
    }));
    accepted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::findings::Remedy;

    fn entry(code: Code, path: &str) -> Accept {
        Accept {
            code,
            path: path.to_owned(),
            reason: "we know".to_owned(),
        }
    }

    #[test]
    fn only_the_very_finding_is_accepted() {
        let finding = |code, path: &str| Finding::error(code, Place::new(path), "", Remedy::SYNC);
        let mut findings = vec![
            finding(Code::NotWired, "alembic.ini"),
            finding(Code::NotWired, "b.ini"),
            finding(Code::Mode, "alembic.ini"),
        ];
        let entries = [
            entry(Code::NotWired, "alembic.ini"),
            entry(Code::Mode, "c.ini"),
        ];
        let accepted = accept(&mut findings, &entries, "pyproject.toml");
        assert_eq!(accepted.len(), 1);
        let codes: Vec<Code> = findings.iter().map(|finding| finding.code).collect();
        assert_eq!(codes, [Code::NotWired, Code::Mode, Code::AcceptanceUnused]);
    }

    #[test]
    fn patterns_and_empty_reasons_are_faults() {
        assert_eq!(entry(Code::Mode, "a").fault(), None);
        for path in ["alembic/*", "a?", "[a]", " "] {
            assert!(entry(Code::Mode, path).fault().is_some(), "{path}");
        }
        let silent = Accept {
            reason: " ".to_owned(),
            ..entry(Code::Mode, "a")
        };
        assert!(silent.fault().is_some());
    }
}
