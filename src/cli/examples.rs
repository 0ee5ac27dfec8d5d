//! Examples, for the help and for the manual.

// In pairs of lines, as `pairs` reads them: the command, and what it is good for.
const INIT: &str = "\
vendor-migrations init
    a second version location, next to your own revisions
vendor-migrations init --history linear
    one line of revisions: `alembic upgrade head` still works
vendor-migrations init --schema jobs
    Procrastinate's tables in a schema of their own
vendor-migrations init --separate
    a separate Alembic environment for Procrastinate
vendor-migrations init --in-place
    no copies: the installed package's own revisions run
vendor-migrations init --dry-run
    show what would change";
const ADOPT: &str = "\
vendor-migrations adopt
    show the edit, for the release that its DDL proves
vendor-migrations adopt --write
    make it
vendor-migrations adopt --database \"$URL\" --release 3.3.0
    where only a database proves the release
vendor-migrations adopt --revision 4f1c=3.3.0
    if several revisions make tables";
const SYNC: &str = "\
vendor-migrations sync
    from the project's environment
vendor-migrations sync --release 3.10.0
    from the package index
vendor-migrations sync --dry-run
    show what would change
vendor-migrations sync --recursive services
    in every project below a directory";
const CHECK: &str = "\
vendor-migrations check
    in CI or a pre-commit hook
vendor-migrations check --require-upstream
    in CI, where Procrastinate has to be installed
vendor-migrations check --recursive
    every project below the working directory
vendor-migrations check --format json
    for another program";
const DIFF: &str = "\
vendor-migrations diff
    what `sync` would change
vendor-migrations diff 3.5.1 3.5.2
    what a release changed; works outside of a project
vendor-migrations diff 3.5.1
    from that release to what is installed";
const EXPLAIN: &str = "\
vendor-migrations explain
    all codes
vendor-migrations explain upgrade-head
    what that finding means, and what to do";
const STATUS: &str = "\
vendor-migrations status
    one screen: what is there, and the command that helps most
vendor-migrations status -C backend
    of a project in another directory";
const RELEASES: &str = "\
vendor-migrations releases
    all of them
vendor-migrations releases 3.5.2
    what did 3.5.2 change?
vendor-migrations releases --from 2.0 --to 3.0
    a part of the list";
const STAMP: &str = "\
vendor-migrations stamp 3.4.0
    the command on standard output
vendor-migrations stamp -q 3.4.0 > stamp.sh && sh stamp.sh
    run it
vendor-migrations stamp --database \"$URL\"
    for a database whose release you do not know";
const ROLLOUT: &str = "\
vendor-migrations rollout --from 3.0.0
    to the vendored release
vendor-migrations rollout --from 3.0.0 --format markdown
    for an issue or a runbook";
const REVIEW: &str = "\
vendor-migrations review
    what the next `sync` and deploy will do
vendor-migrations review --format markdown
    for the pull request that upgrades Procrastinate
vendor-migrations review --format html -o review.html
    a page for the people who approve it
vendor-migrations review --from 3.0.0 --to 3.10.0
    of any two releases; works outside of a project";
const DATABASE: &str = "\
vendor-migrations database \"$URL\"
    with the `psql` on the PATH; psql finds the password as usual
vendor-migrations database --query > query.sql
    for another client: run `psql -XAtq < query.sql > result.json`
vendor-migrations database --from result.json
    read that result
vendor-migrations database \"$URL\" --expect vendored
    before a deploy: fail unless it has all vendored migrations";
const COMPLETIONS: &str = "\
source <(vendor-migrations completions bash)
    in ~/.bashrc
source <(vendor-migrations completions zsh)
    in ~/.zshrc, behind `compinit`
vendor-migrations completions fish | source
    in ~/.config/fish/config.fish
vendor-migrations completions powershell >> $PROFILE
    once, for PowerShell";
const MAN: &str = "\
vendor-migrations man | man -l -
    read the main page
vendor-migrations man sync | man -l -
    read the page of a command
vendor-migrations man --dir ~/.local/share/man/man1
    install all pages";
const PROGRAM: &str = "\
vendor-migrations init
    once, in an Alembic project
vendor-migrations sync
    after each upgrade of Procrastinate
vendor-migrations check
    in CI";

fn text(verb: &str) -> &'static str {
    match verb {
        "init" => INIT,
        "adopt" => ADOPT,
        "sync" => SYNC,
        "check" => CHECK,
        "diff" => DIFF,
        "explain" => EXPLAIN,
        "status" => STATUS,
        "releases" => RELEASES,
        "database" => DATABASE,
        "stamp" => STAMP,
        "rollout" => ROLLOUT,
        "review" => REVIEW,
        "completions" => COMPLETIONS,
        "man" => MAN,
        _ => PROGRAM,
    }
}

/// The examples of a command, or else of the program itself: each a command line, and what it is good for.
pub fn of(verb: &str) -> impl Iterator<Item = (&'static str, &'static str)> {
    pairs(text(verb))
}

/// Reads pairs of lines; the second of each is indented.
pub fn pairs(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let second = text.lines().skip(1).step_by(2);
    text.lines().step_by(2).zip(second.map(str::trim_start))
}

/// The examples as they stand below the help.
pub(super) fn help(verb: &str) -> String {
    format!("Examples:\n  {}", text(verb).replace('\n', "\n  "))
}
