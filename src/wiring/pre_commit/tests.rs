use super::written::plain_or_quoted;
use super::*;

const URL: &str = env!("CARGO_PKG_REPOSITORY");

fn entry() -> Entry {
    Entry {
        args: Vec::new(),
        directory: Some("alembic/versions_procrastinate".to_owned()),
    }
}

/// The lines that are added, and where: `text` with `>` for the entry's first line and `:` for its others.
#[track_caller]
fn added(text: &str) -> String {
    let new = match entry().added_to(text) {
        Ok(Edit::Added(new)) => new,
        other => panic!("{other:?} for {text}"),
    };
    assert_eq!(entry().added_to(&new), Ok(Edit::Present), "{new}");
    new
}

#[track_caller]
fn becomes(text: &str, new: &str) {
    let version = env!("CARGO_PKG_VERSION");
    let wanted = new
        .replace("URL", URL)
        .replace("REV", &format!("v{version}"));
    assert_eq!(added(text), wanted);
}

#[test]
fn a_list_keeps_its_indentation() {
    becomes(
        "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: x\n",
        "repos:\n  - repo: a\n    rev: v1\n    hooks:\n      - id: x\n  - repo: URL\n    rev: REV\n    hooks:\n      \
         - id: vendor-migrations-check\n",
    );
    becomes(
        "repos:\n- repo: a\n  hooks:\n  - id: x\n",
        "repos:\n- repo: a\n  hooks:\n  - id: x\n- repo: URL\n  rev: REV\n  hooks:\n  - id: vendor-migrations-check\n",
    );
    becomes(
        "repos:\n-   repo: a\n    hooks:\n    -   id: x\n        args: [\n            b,\n        ]\n",
        "repos:\n-   repo: a\n    hooks:\n    -   id: x\n        args: [\n            b,\n        ]\n-   repo: URL\n    \
         rev: REV\n    hooks:\n    -   id: vendor-migrations-check\n",
    );
    becomes(
        "repos:\n  - hooks: [{id: x}]\n    repo: meta\n",
        "repos:\n  - hooks: [{id: x}]\n    repo: meta\n  - repo: URL\n    rev: REV\n    hooks:\n      \
         - id: vendor-migrations-check\n",
    );
}

#[test]
fn a_second_project_gets_a_hook_in_the_same_repository() {
    let api = |text: &str| {
        let entry = Entry {
            args: vec![PROJECT.to_owned(), "api".to_owned()],
            ..entry()
        };
        match entry.added_to(text) {
            Ok(Edit::Added(new)) => {
                assert_eq!(entry.added_to(&new), Ok(Edit::Present), "{new}");
                new
            }
            other => panic!("{other:?} for {text}"),
        }
    };
    for (before, hook, after) in [
        (
            "repos:\n  - repo: URL\n    rev: v0  # ours\n    hooks:\n      - id: vendor-migrations-check  # one\n",
            "      - id: vendor-migrations-check\n        args: [--project, api]\n",
            "  - repo: b\n    hooks:\n      - id: x\n",
        ),
        (
            "repos:\n- repo: git@host:me/vendor-migrations.git\n  hooks:\n  -   id: vendor-migrations-check\n      args: [-C, web]\n",
            "  -   id: vendor-migrations-check\n      args: [--project, api]\n",
            "  rev: v0\n# end\n",
        ),
        (
            "repos:\n- repo: URL-pre-commit\n  rev: v0\n  hooks:\n  - id: vendor-migrations-check\n",
            "  - id: vendor-migrations-check\n    args: [--project, api]\n",
            "- repo: b\n  hooks:\n  - id: x\n",
        ),
        (
            "repos:\n  - {repo: URL, rev: v0, hooks: [{id: vendor-migrations-check}",
            ", {\"id\": \"vendor-migrations-check\", \"args\": [\"--project\", \"api\"]}",
            "]}\n",
        ),
    ] {
        let before = before.replace("URL", URL);
        assert_eq!(
            api(&format!("{before}{after}")),
            format!("{before}{hook}{after}")
        );
    }
    // Hooks with an anchor may be used elsewhere.
    let anchored = format!(
        "repos:\n  - repo: {URL}\n    rev: v0\n    hooks: &h\n      - id: vendor-migrations-check\n"
    );
    assert!(api(&anchored).starts_with(&anchored));
    assert!(api(&anchored).contains("  - repo: "));
}

#[test]
fn comments_and_empty_lines_stay_where_they_belong() {
    becomes(
        "# top\nrepos:\n  # é\n  - repo: a  # one\n    hooks:\n      - id: x  # two\n      # - id: y\n\n  # local\n\n\
         # end\nci:\n  skip: [x]\n",
        "# top\nrepos:\n  # é\n  - repo: a  # one\n    hooks:\n      - id: x  # two\n      # - id: y\n  - repo: URL\n    \
         rev: REV\n    hooks:\n      - id: vendor-migrations-check\n\n  # local\n\n# end\nci:\n  skip: [x]\n",
    );
    becomes(
        "repos:\n  - repo: a\n    hooks: []\n\n  - repo: b\n    hooks: []\n\nfail_fast: true\n",
        "repos:\n  - repo: a\n    hooks: []\n\n  - repo: b\n    hooks: []\n\n  - repo: URL\n    rev: REV\n    hooks:\n      \
         - id: vendor-migrations-check\n\nfail_fast: true\n",
    );
    becomes(
        "repos:\n  - repo: local\n    hooks:\n      - id: x\n        entry: |\n          a\n          b\n\nci: {}\n",
        "repos:\n  - repo: local\n    hooks:\n      - id: x\n        entry: |\n          a\n          b\n\n  - repo: URL\n    \
         rev: REV\n    hooks:\n      - id: vendor-migrations-check\nci: {}\n",
    );
}

#[test]
fn ends_of_lines_and_of_documents_stay() {
    becomes(
        "repos:\r\n  - repo: a\r\n    hooks: []\r\n",
        "repos:\r\n  - repo: a\r\n    hooks: []\r\n  - repo: URL\r\n    rev: REV\r\n    hooks:\r\n      \
         - id: vendor-migrations-check\r\n",
    );
    becomes(
        "repos:\n  - repo: a\n    hooks: []",
        "repos:\n  - repo: a\n    hooks: []\n  - repo: URL\n    rev: REV\n    hooks:\n      - id: vendor-migrations-check",
    );
    becomes(
        "---\nrepos:\n  - repo: a\n    hooks: []\n...\n",
        "---\nrepos:\n  - repo: a\n    hooks: []\n  - repo: URL\n    rev: REV\n    hooks:\n      \
         - id: vendor-migrations-check\n...\n",
    );
    becomes(
        "\u{feff}repos:\n  - repo: a\n    hooks: []\n",
        "\u{feff}repos:\n  - repo: a\n    hooks: []\n  - repo: URL\n    rev: REV\n    hooks:\n      \
         - id: vendor-migrations-check\n",
    );
}

#[test]
fn a_list_that_is_empty_or_not_there_is_begun() {
    let list =
        "repos:\n  - repo: URL\n    rev: REV\n    hooks:\n      - id: vendor-migrations-check\n";
    for text in ["repos: []\n", "repos:\n", "repos: [ ]  \n", ""] {
        becomes(text, list);
    }
    becomes("# nothing yet\n", &format!("# nothing yet\n{list}"));
    becomes("fail_fast: true\n", &format!("fail_fast: true\n{list}"));
    becomes(
        "---\nfail_fast: true\n...\n",
        &format!("---\nfail_fast: true\n{list}...\n"),
    );
    becomes(
        "repos: []  # none\nci: {}\n",
        &format!("{}ci: {{}}\n", list.replacen("repos:", "repos: # none", 1)),
    );
    becomes("repos: []", list.trim_end());
}

#[test]
fn brackets_stay_brackets() {
    let item =
        "{\"repo\": \"URL\", \"rev\": \"REV\", \"hooks\": [{\"id\": \"vendor-migrations-check\"}]}";
    for (before, after) in [
        ("{\"repos\": [", "]}"),
        ("{\"repos\": []", "}"),
        ("repos: [{repo: a, hooks: []}", "]\n"),
        ("repos: [\n  {repo: a, hooks: []}", ",\n]\n"),
        ("repos: [{repo: a, hooks: []}", " # one\n]\n"),
    ] {
        let (before, after) = match before.strip_suffix(']') {
            Some(before) => (before, format!("]{after}")),
            None => (before, after.to_owned()),
        };
        let comma = if before.ends_with('[') { "" } else { ", " };
        becomes(
            &format!("{before}{after}"),
            &format!("{before}{comma}{item}{after}"),
        );
    }
    becomes(
        "repos: [ # none\n  ]\n",
        &format!("repos: [ # none\n  {item}]\n"),
    );
}

#[test]
fn what_is_there_is_found() {
    for text in [
        format!("repos:\n- repo: {URL}\n  rev: v0\n  hooks:\n  - id: vendor-migrations-sync\n"),
        format!("repos:\n- repo: {URL}.git\n  rev: v0\n"),
        "repos:\n- repo: local\n  hooks:\n  - &h\n    id: x\n    entry: uvx vendor-migrations check\n".to_owned(),
        "x: &h [{id: vendor-migrations-check}]\nrepos:\n- repo: local\n  hooks: *h\n".to_owned(),
        "x: &r\n  repo: local\n  hooks: [{id: vendor-migrations-check}]\nrepos: [*r]\n".to_owned(),
    ] {
        assert_eq!(entry().added_to(&text), Ok(Edit::Present), "{text}");
    }
    // What only mentions the name is no hook.
    let other =
        "repos:\n  - repo: a\n    hooks:\n      - id: x\n        exclude: vendor-migrations.lock\n";
    assert!(added(other).starts_with(other));
}

#[test]
fn a_pattern_that_hides_the_directory_from_all_hooks_is_told_of() {
    let hidden = "exclude: ^alembic/versions_procrastinate/\nrepos: []\n";
    assert!(added(hidden).ends_with("- id: vendor-migrations-check\n        always_run: true\n"));
    let hooks = "    hooks:\n      - id: vendor-migrations-check\n";
    let there = format!("exclude: versions_procrastinate\nrepos:\n  - repo: {URL}\n{hooks}");
    assert_eq!(entry().added_to(&there), Ok(Edit::Hidden));
    let always = format!("{there}        always_run: true\n");
    assert_eq!(entry().added_to(&always), Ok(Edit::Present));
}

#[test]
fn a_hook_that_is_about_another_project_is_another() {
    let entry = |project: &str| Entry {
        args: vec!["--project".to_owned(), project.to_owned()],
        directory: None,
    };
    let Ok(Edit::Added(one)) = entry("services/api").added_to("repos: []\n") else {
        panic!("it is added");
    };
    assert_eq!(entry("services/api").added_to(&one), Ok(Edit::Present));
    let Ok(Edit::Added(both)) = entry("services/web").added_to(&one) else {
        panic!("it is added");
    };
    assert!(both.starts_with(&one));
    for project in ["services/api", "services/web"] {
        assert_eq!(entry(project).added_to(&both), Ok(Edit::Present));
    }
    for args in [
        "[-C, ./services/web/]",
        "[-Cservices/web]",
        "[-v, --project=services/web]",
        "[x]\n        entry: bash -c 'cd services/web && vendor-migrations check'",
        "[x]\n        entry: vendor-migrations check -C services/web",
    ] {
        let text = one.replace("[--project, services/api]", args);
        assert_eq!(
            entry("services/web").added_to(&text),
            Ok(Edit::Present),
            "{text}"
        );
    }
    // The repository's root is a project as well.
    let root = one.replace("        args: [--project, services/api]\n", "");
    assert!(matches!(
        entry("services/web").added_to(&root),
        Ok(Edit::Added(_))
    ));
}

#[test]
fn options_are_written_so_that_every_yaml_reads_strings() {
    for (text, written) in [
        ("backend", "backend"),
        ("--project", "--project"),
        ("a/b-c.d_e", "a/b-c.d_e"),
        ("yes", "\"yes\""),
        ("1.10", "\"1.10\""),
        ("0o17", "\"0o17\""),
        ("a b", "\"a b\""),
        ("a: b", "\"a: b\""),
        ("-", "\"-\""),
        ("", "\"\""),
        ("é\n\"", "\"é\\n\\\"\""),
    ] {
        assert_eq!(plain_or_quoted(text), written);
        let args = vec!["--project".to_owned(), text.to_owned()];
        let entry = Entry {
            args,
            directory: None,
        };
        let Ok(Edit::Added(new)) = entry.added_to("repos: []\n") else {
            panic!("{text}");
        };
        assert!(
            new.contains(&format!("        args: [--project, {written}]\n")),
            "{new}"
        );
    }
}

#[test]
fn what_cannot_be_edited_is_left() {
    for text in [
        "repos:\n- repo: a\n  hooks: [\n",
        "a: 1\n---\nrepos: []\n",
        "repos: *nowhere\n",
    ] {
        let result = entry().added_to(text);
        assert!(
            matches!(result, Err(NotEdited::Unreadable(_))),
            "{result:?}"
        );
    }
    for text in [
        "repos: x\n",
        "- repo: a\n",
        "x\n",
        "repos: {a: b}\n",
        "repos: []\nrepos: []\n",
        "repos: null\n",
    ] {
        let result = entry().added_to(text);
        assert_eq!(result, Err(NotEdited::NoList), "{text}");
    }
    // Used a second time, the list would change there, too.
    for text in [
        "repos: &r\n  - repo: a\n    hooks: []\nx: *r\n",
        "repos:\n  -\n    repo: a\n    hooks: []\n",
        "{fail_fast: true}\n",
    ] {
        assert_eq!(entry().added_to(text), Err(NotEdited::NoWay), "{text}");
    }
    let deep = "[".repeat(100_000);
    assert!(matches!(
        entry().added_to(&deep),
        Err(NotEdited::Unreadable(_))
    ));
}
