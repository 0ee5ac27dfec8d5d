use super::*;

fn render(sql: &str, of: Option<usize>) -> Vec<String> {
    render_for(sql, of, None)
}

fn render_for(sql: &str, of: Option<usize>, schema: Option<&Schema>) -> Vec<String> {
    let name = MigrationName::new("03.04.00_50_post_add_thing.sql").unwrap();
    let migration = Migration::new(&name, sql, schema).unwrap();
    let of = of.unwrap_or(migration.parts());
    let place = Place {
        id: "b",
        down: Some("a"),
        labels: &[],
        depends_on: &[],
        is_first: true,
    };
    (0..of)
        .map(|index| migration.render(index, of, &place))
        .collect()
}

#[test]
fn each_statement_is_executed_once_in_its_order() {
    let files = render("SELECT 1;\n-- two\nSELECT ':x', 100 % 3;", None);
    let [file] = files.as_slice() else {
        panic!("{files:?}")
    };
    assert!(file.starts_with("\"\"\"Procrastinate: add thing (post)\n"));
    assert!(file.contains("revision = \"b\"\ndown_revision = \"a\"\nbranch_labels = None\n"));
    let body = "    op.execute(\"\"\"\\\nSELECT 1\"\"\")\n    op.execute(\"\"\"\\\n-- two\nSELECT '\\\\:x', 100 % 3\"\"\")\n";
    assert!(file.contains(body), "{file}");
}

#[test]
fn a_statement_that_commits_begins_a_revision() {
    let add = "ALTER TYPE t ADD VALUE 'x';";
    assert_eq!(render(&format!("{add}{add}SELECT 1;"), None).len(), 1);
    let files = render(&format!("SELECT 1;{add}SELECT 2;{add}"), None);
    assert_eq!(files.len(), 3);
    assert!(!files[0].contains("autocommit_block"));
    assert!(files[1].contains("autocommit_block") && files[1].contains("SELECT 2"));
    assert!(files[2].contains("part 3 of 3"));
    let index = "CREATE INDEX CONCURRENTLY i ON t (a);";
    assert_eq!(render(&format!("{add}{index}"), None).len(), 1);
    assert_eq!(
        render(&format!("{index}{index}SELECT 1;{index}"), None).len(),
        4
    );
}

#[test]
fn the_number_of_revisions_stays_when_the_sql_changes() {
    let sql = "SELECT 1;ALTER TYPE t ADD VALUE 'x';SELECT 2;";
    let one = render(sql, Some(1)).concat();
    assert!(one.contains("SELECT 1") && one.contains("'x'") && one.contains("SELECT 2"));
    let three = render(sql, Some(3));
    assert!(three[1].contains("SELECT 2") && three[2].contains("    pass\n"));
    assert!(!three[2].contains("import op"));
}

#[test]
fn what_ends_alembics_transaction_is_refused_with_its_line() {
    let name = MigrationName::new("1.sql").unwrap();
    for (sql, line) in [
        ("BEGIN;", 1),
        ("SELECT 1;\nCOMMIT;", 2),
        ("\n\nCOPY t FROM STDIN;", 3),
    ] {
        let error = Migration::new(&name, sql, None).unwrap_err();
        assert!(
            error.to_string().starts_with(&format!("line {line}: ")),
            "{error}"
        );
    }
}

fn jobs(create: bool) -> Schema {
    let name = "jobs".parse().unwrap();
    Schema { name, create }
}

/// What is executed, each as one word, and `(` … `)` around an autocommit block.
fn words(file: &str) -> Vec<&str> {
    let upgrade = file.split("def upgrade").nth(1).unwrap();
    let words = [
        ("current_setting('search_path')", "set"),
        ("IS DISTINCT FROM 'jobs'", "assert"),
        (
            "current_setting('vendor_migrations.search_path')",
            "put back",
        ),
        ("ADD VALUE", "value"),
        ("CREATE SCHEMA", "create"),
        ("autocommit_block", "block"),
    ];
    let lines = upgrade.lines().filter_map(|line| {
        let word = words.iter().find(|(text, _)| line.contains(text));
        let select = line.starts_with("SELECT ").then_some("select");
        word.map(|(_, word)| *word).or(select)
    });
    lines.collect()
}

#[test]
fn the_path_is_set_once_between_commits_and_never_outside_of_a_transaction() {
    let sql = "ALTER TYPE t ADD VALUE 'x';SELECT 1;SELECT 2;ALTER TYPE t ADD VALUE 'y';SELECT 3;";
    let files = render_for(sql, Some(1), Some(&jobs(true)));
    let stretch = ["set", "assert", "select", "select", "put back"];
    let expected = [
        &["create", "block", "value"][..],
        &stretch,
        &["block", "value"],
        &["set", "assert", "select", "put back"],
    ];
    assert_eq!(words(&files[0]), expected.concat());
    assert!(files[0].contains("ALTER TYPE \"jobs\".t ADD VALUE IF NOT EXISTS 'y'"));
    let files = render_for("ALTER TYPE t ADD VALUE 'x';", None, Some(&jobs(false)));
    assert_eq!(words(&files[0]), ["block", "value"]);
}

#[test]
fn what_would_need_a_path_outside_of_a_transaction_is_refused() {
    let name = MigrationName::new("1.sql").unwrap();
    let sql = "SELECT 1;\nCREATE INDEX CONCURRENTLY i ON t (a);";
    let error = Migration::new(&name, sql, Some(&jobs(false))).unwrap_err();
    assert_eq!(error, RenderError::NeedsPath { line: 2 });
}
