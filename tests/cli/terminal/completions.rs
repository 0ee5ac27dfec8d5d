//! Completions: the real bash asks the script; of the other shells, the scripts are held to naming everything.

use std::process::Command;

use super::VERBS;
use crate::support::project::outcome;
use crate::support::{Project, put};

const SHELLS: [&str; 5] = ["bash", "zsh", "fish", "powershell", "elvish"];
fn script(shell: &str) -> String {
    let outcome = Project::bare().run(&["completions", shell]);
    assert_eq!(outcome.exits(0).err, "");
    outcome.out.clone()
}

/// What bash offers for the last of the words.
fn offered(words: &[&str]) -> Vec<String> {
    let project = Project::bare();
    let file = project.beside("completions.bash");
    put(&file, script("bash"));
    // As `complete -F` runs it: the command, the word, and the one before it.
    let driver = "source \"$1\"; shift\n\
                  spec=$(complete -p \"$1\") || exit 3\n\
                  [[ $spec =~ -F\\ ([^ ]+) ]] || exit 4\n\
                  COMP_WORDS=(\"$@\"); COMP_CWORD=$(($# - 1)); COMP_LINE=\"$*\"; COMP_POINT=${#COMP_LINE}; COMPREPLY=()\n\
                  \"${BASH_REMATCH[1]}\" \"$1\" \"${COMP_WORDS[COMP_CWORD]}\" \"${COMP_WORDS[COMP_CWORD-1]}\"\n\
                  printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "--noprofile", "-c", driver, "bash", file.as_str()])
        .arg("vendor-migrations")
        .args(words)
        .current_dir(&project.root);
    let outcome = outcome(&mut bash);
    assert_eq!(outcome.exits(0).err, "", "{words:?}");
    outcome.out.lines().map(str::to_owned).collect()
}

#[test]
fn bash_completes_verbs_options_and_values() {
    assert_eq!(offered(&["rol"]), ["rollout"]);
    assert_eq!(offered(&["sta"]), ["status", "stamp"]);
    let verbs = offered(&[""]);
    for verb in VERBS {
        assert!(verbs.contains(&verb.to_owned()), "{verb} of {verbs:?}");
    }
    assert!(!verbs.contains(&"catalogue".to_owned()));
    assert_eq!(offered(&["sync", "--allow-d"]), ["--allow-downgrade"]);
    assert_eq!(offered(&["sync", "--dry"]), ["--dry-run"]);
    assert_eq!(offered(&["sync", "--mode", ""]), ["copy", "render"]);
    assert_eq!(offered(&["init", "--history", "l"]), ["linear"]);
    assert_eq!(offered(&["check", "--color", "al"]), ["always"]);
    assert_eq!(offered(&["completions", "f"]), ["fish"]);
    let formats = offered(&["check", "--format", ""]);
    assert!(formats.contains(&"json".to_owned()), "{formats:?}");
}

#[test]
fn bash_completes_files_where_an_option_takes_one() {
    let project = Project::bare();
    put(&project.root.join("some.whl"), "");
    let file = project.beside("completions.bash");
    put(&file, script("bash"));
    let driver = "source \"$1\"; COMP_WORDS=(vendor-migrations sync --from som); COMP_CWORD=3\n\
                  _vendor_migrations vendor-migrations som --from; printf '%s\\n' \"${COMPREPLY[@]}\"";
    let mut bash = Command::new("bash");
    bash.args(["--norc", "-c", driver, "bash", file.as_str()])
        .current_dir(&project.root);
    assert_eq!(outcome(&mut bash).exits(0).out, "some.whl\n");
}

#[test]
fn every_shell_is_told_everything_but_what_is_hidden() {
    for shell in SHELLS {
        let script = script(shell);
        for verb in VERBS {
            assert!(script.contains(verb), "{verb} for {shell}");
        }
        for option in [
            "require-upstream",
            "allow-modified-source",
            "upstream-templates",
            "color",
        ] {
            assert!(script.contains(option), "{option} for {shell}");
        }
        assert!(!script.contains("catalogue-"), "{shell}");
        assert!(!script.contains("developers of this program"), "{shell}");
        assert!(
            !script.contains('\u{1b}') && script.ends_with('\n'),
            "{shell}"
        );
    }
    // Each is for the program by its own name.
    assert!(script("bash").contains("-o default vendor-migrations\n"));
    assert!(script("zsh").starts_with("#compdef vendor-migrations\n"));
    assert!(script("fish").contains("complete -c vendor-migrations"));
    assert!(
        script("powershell")
            .contains("Register-ArgumentCompleter -Native -CommandName 'vendor-migrations'")
    );
}

#[test]
fn an_unknown_shell_is_told_the_known_ones() {
    let outcome = Project::bare().run(&["completions", "bsh"]);
    outcome
        .exits(2)
        .err_has(&["bash", "zsh", "fish", "powershell", "similar"]);
    Project::bare()
        .run(&["completions"])
        .exits(2)
        .err_has(&["<SHELL>"]);
}
