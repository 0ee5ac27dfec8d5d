//! SQL: where statements end, and the revisions that they become.

use vendor_migrations::procrastinate::MigrationName;
use vendor_migrations::python_source::RevisionFile;
use vendor_migrations::render::revision::{Migration, Place};
use vendor_migrations::sql::ddl::targets;
use vendor_migrations::sql::statements::{Statement, split, split_leniently};
use vendor_migrations::sql::{Schema, adds_enum_value, fingerprints, is_plpgsql};

use super::has_line;

/// Statements and what lies between them are the whole text, and nothing that runs lies between them.
pub fn sql(input: &[u8]) {
    let Ok(sql) = std::str::from_utf8(input) else {
        return;
    };
    let leniently = split_leniently(sql);
    leniently.iter().for_each(look_at);
    lines_are_there(sql, &leniently);
    adds_enum_value(sql);
    let statements = match split(sql) {
        Ok(statements) => statements,
        Err(error) => {
            assert!(has_line(sql, error.line), "line {}", error.line);
            assert!(fingerprints(sql, None).is_err());
            return;
        }
    };
    lines_are_there(sql, &statements);
    let mut at = 0;
    for statement in &statements {
        look_at(statement);
        let text = statement.text();
        let start = text.as_ptr() as usize - sql.as_ptr() as usize;
        assert!(split(&sql[at..start]).unwrap().is_empty());
        let alone = split(text).unwrap();
        assert_eq!(alone.len(), 1);
        assert_eq!(alone[0].text(), text);
        at = start + text.len();
    }
    assert!(split(&sql[at..]).unwrap().is_empty());
    same_after_a_comment(sql);
    for schema in [None, Some("jobs")] {
        rendered(sql, schema);
    }
}

fn look_at(statement: &Statement<'_>) {
    let _ = (targets(statement), is_plpgsql(statement));
}

/// Of the first ones: a line is counted from the beginning of the text.
fn lines_are_there(sql: &str, statements: &[Statement<'_>]) {
    for statement in statements.iter().take(100) {
        assert!(has_line(sql, statement.line()), "line {}", statement.line());
    }
}

/// A comment changes no statement.
fn same_after_a_comment(sql: &str) {
    let commented = format!("{sql}\n-- the end\n");
    for schema in [None, Some("jobs")] {
        assert_eq!(fingerprints(sql, schema), fingerprints(&commented, schema));
    }
}

/// What is rendered is a revision file with the header that it was given.
fn rendered(sql: &str, schema: Option<&str>) {
    let name = MigrationName::new("01.02.03_04_pre_fuzz.sql").unwrap();
    let schema = schema.map(|name| Schema {
        name: name.parse().unwrap(),
        create: true,
    });
    let Ok(migration) = Migration::new(&name, sql, schema.as_ref()) else {
        return;
    };
    let place = Place {
        id: "fuzz_2",
        down: Some("fuzz_1"),
        labels: &[],
        depends_on: &[],
        is_first: false,
    };
    for index in 0..migration.parts() {
        let text = migration.render(index, migration.parts(), &place);
        let file = RevisionFile::parse(&text).unwrap_or_else(|error| panic!("{error}:\n{text}"));
        assert_eq!(file.id, "fuzz_2");
        assert_eq!(file.down, ["fuzz_1"]);
    }
}
