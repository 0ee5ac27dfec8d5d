use super::*;

const WRAPPER: &str = "revision = '0002'\ndown_revision: str | None = '0001'  # before\nbranch_labels = None\n\
                       def upgrade() -> None:\n    op.execute(get_migration_sql('01_x.sql'))\n";

#[test]
fn literals_annotations_tuples_and_constants_are_read() {
    let file = RevisionFile::parse(WRAPPER).unwrap();
    assert_eq!(
        (file.id.as_str(), file.down.as_slice()),
        ("0002", &["0001".to_owned()][..])
    );
    assert_eq!(file.sql, ["01_x.sql"]);
    let file = RevisionFile::parse(
        "MIGRATION_FILE: Final = 'a' '.sql'\nrevision = 'r'\ndown_revision = ('a', 'b')\n\
         branch_labels = ('procrastinate',)\ndepends_on = ['x']\nx.get_migration_sql(name=MIGRATION_FILE)\n",
    )
    .unwrap();
    assert_eq!(
        (file.down, file.labels),
        (
            vec!["a".into(), "b".into()],
            vec!["procrastinate".to_owned()]
        )
    );
    assert_eq!(
        (file.sql, file.depends_on),
        (vec!["a.sql".to_owned()], vec!["x".to_owned()])
    );
}

#[test]
fn what_is_not_a_literal_is_undecidable_with_its_line() {
    for (source, line, name) in [
        ("\nrevision = make()", 2, "revision"),
        ("revision = f'{x}'", 1, "revision"),
        (
            "revision = 'a'\nif x:\n    down_revision = 'b'",
            3,
            "down_revision",
        ),
        ("revision, down_revision = 'a', 'b'", 1, "revision"),
        ("revision = 'a'\nrevision += 'b'", 2, "revision"),
        (
            "revision = 'a'\nfrom x import y as down_revision",
            2,
            "down_revision",
        ),
        (
            "revision = 'a'\ndown_revision = ('a', x)",
            2,
            "down_revision",
        ),
        (
            "revision = 'a'\nget_migration_sql(x + '.sql')",
            2,
            "get_migration_sql(…)",
        ),
    ] {
        match RevisionFile::parse(source) {
            Err(RevisionFileError::Undecidable {
                line: at, name: of, ..
            }) => {
                assert_eq!((at, of.as_str()), (line, name), "{source}");
            }
            other => panic!("{source}: {other:?}"),
        }
    }
    assert_eq!(
        RevisionFile::parse("x = 1"),
        Err(RevisionFileError::NoRevision)
    );
    assert!(matches!(
        RevisionFile::parse("x = ("),
        Err(RevisionFileError::Syntax(_))
    ));
}

#[test]
fn a_new_place_changes_nothing_but_the_two_values() {
    let file = RevisionFile::parse(WRAPPER).unwrap();
    let at = |id, down, depends_on: &[&str]| {
        let depends_on: Vec<String> = depends_on.iter().map(|id| (*id).to_owned()).collect();
        let header = Header {
            id,
            down,
            depends_on: &depends_on,
            labels: true,
        };
        file.at(WRAPPER, &header).unwrap()
    };
    assert_eq!(at("0002", Some("0001"), &[]), WRAPPER);
    let moved = at("p", Some("q"), &[]);
    assert_eq!(moved, WRAPPER.replace("0002", "p").replace("0001", "q"));
    let needy = at("0002", Some("0001"), &["a", "b"]);
    let added = "'0001'  # before\ndepends_on = ('a', 'b')\n";
    assert_eq!(needy, WRAPPER.replace("'0001'  # before\n", added));
    let crlf = WRAPPER.replace('\n', "\r\n");
    let header = Header {
        id: "0002",
        down: Some("0001"),
        depends_on: &["a".to_owned()],
        labels: true,
    };
    let needy = RevisionFile::parse(&crlf)
        .unwrap()
        .at(&crlf, &header)
        .unwrap();
    assert!(needy.contains("# before\r\ndepends_on = 'a'\r\n"));
    let again = RevisionFile::parse(&needy).unwrap();
    let header = Header {
        depends_on: &["b".to_owned()],
        ..header
    };
    assert!(
        again
            .at(&needy, &header)
            .unwrap()
            .contains("\r\ndepends_on = 'b'\r\n")
    );
    let base = at("0002", None, &[]);
    assert!(base.contains("= None  # before"));
    assert_eq!(
        RevisionFile::parse(&base).unwrap().down,
        Vec::<String>::new()
    );
}

#[test]
fn a_dependency_is_added_behind_the_whole_statement() {
    let depends_on = ["x".to_owned()];
    for (source, wanted) in [
        (
            "revision = 'r'\ndown_revision = (\n    'a'\n)  # before\nx = 1\n",
            "revision = 'r'\ndown_revision = (\n    'a'\n)  # before\ndepends_on = 'x'\nx = 1\n",
        ),
        (
            "revision = 'r'; down_revision = \\\r\n 'a'; y = \\\r\n 2\r\n",
            "revision = 'r'; down_revision = \\\r\n 'a'; y = \\\r\n 2\r\ndepends_on = 'x'\r\n",
        ),
    ] {
        let file = RevisionFile::parse(source).unwrap();
        let header = Header {
            id: "r",
            down: Some("a"),
            depends_on: &depends_on,
            labels: true,
        };
        assert_eq!(file.at(source, &header).as_deref(), Some(wanted));
    }
}

#[test]
fn a_value_of_two_names_is_not_changed_for_one() {
    let source = "revision = 'r'\ndown_revision = branch_labels = 'a'\n";
    let file = RevisionFile::parse(source).unwrap();
    let header = Header {
        id: "r",
        down: Some("b"),
        depends_on: &[],
        labels: true,
    };
    assert_eq!(file.at(source, &header), None);
}
