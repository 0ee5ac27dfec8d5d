//! The user's own `psql`: services, password files, certificates and sockets are those of libpq.

use std::process::Command;
use std::time::Duration;

use super::{ClientError, Target, run};
use crate::progress::Activity;

/// Runs a script, stopping at its first error. Returns what its queries print, a row a line.
pub fn psql(
    target: &Target,
    script: &str,
    deadline: Option<Duration>,
) -> Result<String, ClientError> {
    let _activity = Activity::begin("Asking the database");
    let mut command = Command::new("psql");
    // No file of the user's changes what is printed (-X); a password is never asked for, since that would wait for ever (-w).
    command
        .args(["-X", "-A", "-t", "-q", "-w"])
        .args(["-v", "ON_ERROR_STOP=1", "-v", "VERBOSITY=verbose"])
        .args(["-d", &target.conninfo()])
        .env("PGCLIENTENCODING", "UTF8");
    if !target.password().is_empty() {
        // Everybody can see arguments. A service's own password would come before the variable.
        command.env("PGPASSWORD", target.password());
        if target.has_host() {
            command.env_remove("PGSERVICE");
        }
    }
    run(&mut command, target, script, deadline, ClientError::NoPsql)
}
