//! The JSON that the query of a database's catalog gives.

use vendor_migrations::live::{Sides, Snapshot, homes, survey};

/// What a client prints beside the result changes nothing, and every schema with Procrastinate's tables is looked at.
pub fn database(input: &[u8]) {
    let Ok(text) = std::str::from_utf8(input) else {
        return;
    };
    let snapshot = match Snapshot::parse(text) {
        Ok(snapshot) => snapshot,
        Err(error) => {
            assert!(!error.to_string().is_empty() && !error.hint().is_empty());
            return;
        }
    };
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let chatty = format!("BEGIN\nSET\n{bare}\nROLLBACK\n");
    assert_eq!(Snapshot::parse(&chatty), Ok(snapshot.clone()));
    let sides = Sides::default();
    let all = survey(&snapshot, None, &sides);
    assert!(!all.is_empty());
    for home in homes(&snapshot) {
        let alone = survey(&snapshot, Some(home), &sides);
        assert!(alone.iter().all(|one| one.schema.as_deref() == Some(home)));
    }
    for surveyed in &all {
        assert!(
            surveyed
                .findings
                .iter()
                .all(|finding| !finding.message.is_empty())
        );
        surveyed.gravest();
    }
}
