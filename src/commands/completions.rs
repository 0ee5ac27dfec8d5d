//! `completions`: what a shell needs to complete this program's command line.

use clap_complete::Shell;

use crate::cli::{Cli, Completions};
use crate::failure::{Exit, Failure};
use crate::session::Output;

const NAME: &str = env!("CARGO_PKG_NAME");

pub(super) fn run(options: &Completions, output: &mut Output<'_>) -> Result<Exit, Failure> {
    let script = match options.shell {
        Shell::Bash => bash(),
        shell => generated(shell, NAME),
    };
    output.out.write_all(script.as_bytes())?;
    Ok(Exit::Fine)
}

/// For bash, a name with a hyphen gives a script that completes nothing behind the verb
/// (<https://github.com/clap-rs/clap/issues/6421>): the script is made for another name, and says in the end what it is for.
fn bash() -> String {
    let other = NAME.replace('-', "_");
    let of_other = format!(" -o default {other}\n");
    generated(Shell::Bash, &other).replace(&of_other, &format!(" -o default {NAME}\n"))
}

fn generated(shell: Shell, name: &str) -> String {
    // Writing to memory does not fail, and the generator panics where writing does.
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::shown(), name, &mut script);
    String::from_utf8_lossy(&script).into_owned()
}
