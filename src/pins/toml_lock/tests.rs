//! Each format, as its tool writes it.

use super::{BadLock, Contents, Wants, known};

mod parts;

mod uv_lock {
    use super::super::uv as read;
    use super::{BadLock, Wants};

    fn lock(package: &str) -> String {
        format!(
            "version = 1\nrevision = 5\nrequires-python = \">=3.10\"\n\n[[package]]\nname = \"attrs\"\nversion = \"1.0\"\n\n{package}"
        )
    }

    #[test]
    fn the_pin_is_found_with_its_line() {
        let text = lock(
            "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nsource = { registry = \"https://pypi.org/simple\" }\n",
        );
        let contents = read(&text).unwrap();
        let [entry] = contents.entries.as_slice() else {
            panic!("{contents:?}")
        };
        assert_eq!(
            (entry.line, &entry.wants),
            (10, &Wants::Release("3.5.1".parse().unwrap()))
        );
        assert_eq!((&entry.marker, contents.note), (&None, None));
    }

    #[test]
    fn a_fork_has_two() {
        let package = |version: &str, marker: &str| {
            format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"{version}\"\nsource = {{ registry = \"r\" }}\n\
                 resolution-markers = [\n    \"{marker}\",\n]\n"
            )
        };
        let text = lock(&(package("3.5.1", "a < '1'") + &package("3.5.2", "a >= '1'")));
        let markers: Vec<_> = read(&text)
            .unwrap()
            .entries
            .into_iter()
            .map(|entry| entry.marker)
            .collect();
        assert_eq!(
            markers,
            [Some("a < '1'".to_owned()), Some("a >= '1'".to_owned())]
        );
    }

    #[test]
    fn what_comes_from_elsewhere_is_no_release() {
        for source in ["git = \"https://x\"", "editable = \".\"", "virtual = \".\""] {
            let text = lock(&format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nsource = {{ {source} }}\n"
            ));
            let entries = read(&text).unwrap().entries;
            assert!(matches!(entries[0].wants, Wants::Source(_)), "{entries:?}");
        }
    }

    #[test]
    fn broken_and_newer_files_are_named() {
        assert!(matches!(
            read("version = 2\n"),
            Err(BadLock::Version { .. })
        ));
        assert!(matches!(read("x = 1\n"), Err(BadLock::NoVersion(_))));
        let conflict = lock("<<<<<<< HEAD\n");
        assert!(matches!(
            read(&conflict),
            Err(BadLock::Syntax { line: 9, .. })
        ));
        let text = lock("[[package]]\nname = \"procrastinate\"\nversion = \"new\"\n");
        assert!(matches!(read(&text), Err(BadLock::Syntax { line: 10, .. })));
    }
}

mod poetry_lock {
    use super::super::poetry as read;
    use super::{BadLock, Wants};

    const METADATA: &str = "[metadata]\nlock-version = \"2.1\"\npython-versions = \"^3.10\"\n";

    #[test]
    fn every_version_of_the_format_is_read() {
        for metadata in [
            METADATA,
            "[metadata]\nlock-version = \"1.1\"\n",
            "[metadata]\ncontent-hash = \"x\"\n",
        ] {
            let text = format!(
                "# made by Poetry\n\n[[package]]\nname = \"Procrastinate\"\nversion = \"3.5.1\"\noptional = false\n\n{metadata}"
            );
            let contents = read(&text).unwrap();
            assert_eq!(contents.entries.len(), 1, "{contents:?}");
            assert_eq!(contents.entries[0].line, 4);
        }
        let newer = METADATA.replace("2.1", "2.7");
        assert!(read(&newer).unwrap().note.is_some());
        let unknown = METADATA.replace("2.1", "3.0");
        assert!(matches!(read(&unknown), Err(BadLock::Version { .. })));
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
    }

    #[test]
    fn markers_and_sources_are_kept() {
        let package = |more: &str| {
            let text = format!(
                "[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n{more}\n{METADATA}"
            );
            read(&text).unwrap().entries.remove(0)
        };
        assert_eq!(package("markers = \"a\"").marker.as_deref(), Some("a"));
        let groups = "markers = {main = \"a\", dev = \"b\"}";
        // In the order of the groups' names.
        assert_eq!(package(groups).marker.as_deref(), Some("b or a"));
        let index = "[package.source]\ntype = \"legacy\"\nurl = \"https://x\"";
        assert!(matches!(package(index).wants, Wants::Release(_)));
        let git = "[package.source]\ntype = \"git\"\nurl = \"https://x\"";
        assert_eq!(
            package(git).wants,
            Wants::Source("git https://x".to_owned())
        );
    }
}

mod pdm_lock {
    use super::super::pdm as read;
    use super::{BadLock, Wants};

    const METADATA: &str = "[metadata]\nlock_version = \"4.5.0\"\n\n";

    #[test]
    fn an_entry_for_each_set_of_extras() {
        let text = format!(
            "{METADATA}[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n\n\
             [[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\nextras = [\"django\"]\n"
        );
        let entries = read(&text).unwrap().entries;
        let lines: Vec<usize> = entries.iter().map(|entry| entry.line).collect();
        assert_eq!(lines, [5, 9]);
        assert_eq!(entries[0].wants, entries[1].wants);
    }

    #[test]
    fn versions_and_sources() {
        assert!(
            read(&METADATA.replace("4.5.0", "4.9"))
                .unwrap()
                .note
                .is_some()
        );
        for bad in ["5.0", "x"] {
            let text = METADATA.replace("4.5.0", bad);
            assert!(matches!(read(&text), Err(BadLock::Version { .. })), "{bad}");
        }
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
        let git = format!(
            "{METADATA}[[package]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\ngit = \"https://x\"\n"
        );
        let entries = read(&git).unwrap().entries;
        assert_eq!(entries[0].wants, Wants::Source("git https://x".to_owned()));
    }
}

mod pylock {
    use super::super::pylock as read;
    use super::{BadLock, Contents, Wants};

    #[test]
    fn a_pin_a_marker_and_a_repository() {
        let text = "lock-version = \"1.0\"\ncreated-by = \"uv\"\n\n[[packages]]\nname = \"procrastinate\"\nversion = \"3.5.1\"\n\
                    marker = \"a\"\n\n[[packages]]\nname = \"procrastinate\"\nvcs = { type = \"git\", url = \"https://x\" }\n";
        let entries = read(text).unwrap().entries;
        assert_eq!(
            (entries[0].line, entries[0].marker.as_deref()),
            (5, Some("a"))
        );
        assert_eq!(entries[0].wants, Wants::Release("3.5.1".parse().unwrap()));
        assert_eq!(entries[1].wants, Wants::Source("vcs https://x".to_owned()));
    }

    #[test]
    fn versions() {
        assert!(matches!(
            read("lock-version = \"1.1\""),
            Ok(Contents { note: Some(_), .. })
        ));
        assert!(matches!(
            read("lock-version = \"2.0\""),
            Err(BadLock::Version { .. })
        ));
        assert!(matches!(
            read("lock-version = 1"),
            Err(BadLock::Syntax { .. })
        ));
        assert!(matches!(read(""), Err(BadLock::NoVersion(_))));
    }
}

#[test]
fn a_newer_major_version_is_another_format() {
    assert_eq!(known("2.0", "2.1"), Ok(None));
    assert_eq!(known("4.5.0", "4.5"), Ok(None));
    assert_eq!(known("1", "2.1"), Ok(None));
    assert!(matches!(known("2.2", "2.1"), Ok(Some(_))));
    for found in ["3.0", "two", "", "2.x", "-1"] {
        assert!(
            matches!(known(found, "2.1"), Err(BadLock::Version { .. })),
            "{found}"
        );
    }
}
