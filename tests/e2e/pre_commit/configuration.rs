//! What `init` makes of a configuration, read by pre-commit's own YAML library.

use crate::support::process::feed;
use crate::support::python;

use super::repository::{CONFIGURATION, Repository};

/// The ways in which people write it; each is valid.
const CONFIGURATIONS: [&str; 13] = [
    "repos: []\n",
    "---\n# top\nrepos:\n  - repo: meta  # é\n    hooks:\n      - id: identity\n...\n",
    "repos:\n- repo: meta\n  hooks:\n  - id: identity\n\n- repo: meta\n  hooks:\n  - id: check-hooks-apply\n# end\n",
    "repos:\n-   repo: meta\n    hooks:\n    -   id: identity\nfail_fast: true\n",
    "repos:\r\n  - repo: meta\r\n    hooks:\r\n      - id: identity\r\n",
    "repos:\n  - repo: meta\n    hooks:\n      - id: identity",
    "fail_fast: yes\ndefault_language_version: {python: python3}\nrepos: [{repo: meta, hooks: [{id: identity}]}]\n",
    "{\"repos\": [{\"repo\": \"meta\", \"hooks\": [{\"id\": \"identity\"}]}]}",
    "repos:\n  - repo: meta\n    hooks: [\n      {id: identity},  # one\n    ]\nci: {skip: [x]}\n",
    "repos:\n  - repo: meta\n    hooks:\n      - &x\n        id: identity\n  - repo: meta\n    hooks:\n      - *x\n",
    "repos:\n  - repo: meta\n    hooks:\n      - id: identity\n        exclude: |\n          (?x)^(\n            a|\n            b\n          )$\n\nexclude: ^x\n",
    "repos:\n  - repo: meta\n    hooks:\n      - id: identity\n        files: >-\n          a\n          b\n",
    "repos:\n  - {repo: meta, hooks: [{id: identity}]}\n  # later\n",
];

#[test]
fn is_the_same_and_one_entry_more_to_pre_commit_itself() {
    let repository = Repository::wired("", "repos: []\n");
    for before in CONFIGURATIONS {
        repository.write(CONFIGURATION, before);
        repository
            .tool(&["init"])
            .exits(0)
            .says("Wrote .pre-commit-config.yaml");
        let after = repository.read(CONFIGURATION);
        feed(
            &mut python::script("pre_commit_entry.py"),
            format!("{before}\0{after}").as_bytes(),
        )
        .exits(0);
        repository.pre_commit(&["validate-config"]).exits(0);
        // Every line is there, in its order.
        let mut lines = after.lines();
        let mut kept = |line: &str| lines.any(|other| other == line);
        let changed = before.lines().filter(|line| !kept(line)).count();
        let brackets = before.contains("repos: [") || before.starts_with('{');
        assert_eq!(changed, usize::from(brackets), "{after}");
    }
}
