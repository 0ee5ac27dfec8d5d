//! A project that people on several systems share: what `init` writes on one of them, Alembic reads on all.

use fs_err as fs;

use crate::support::process::{run, scrub};
use crate::support::{python, storage};

/// Alembic with the separator of another system's paths, which `os` stands for in its configuration.
const HEADS: &str = "import os, sys; os.pathsep = sys.argv.pop(1); from alembic.config import main; main(['heads'])";

#[test]
fn every_system_reads_the_locations_that_init_writes() {
    for version in ["1.8.1", "1.13.3", "1.16.5", "1.20.1"] {
        let python = python::alembic_environment(version);
        let bin = python.parent().expect("a directory");
        let environment = bin.parent().expect("a directory");
        let directory = storage::temporary();
        let root = storage::path(&directory);
        let alembic = |program: &str| {
            let mut command = std::process::Command::new(bin.join(program));
            command.current_dir(root);
            scrub(&mut command);
            command
        };
        run(alembic("alembic").args(["init", "alembic"])).exits(0);
        let mut init = std::process::Command::new(env!("CARGO_BIN_EXE_vendor-migrations"));
        init.arg("init").current_dir(root);
        run(scrub(&mut init).env("VIRTUAL_ENV", environment)).exits(0);
        for (place, id) in [("versions", "ours"), ("versions_procrastinate", "theirs")] {
            let revision = format!("revision = \"{id}\"\ndown_revision = None\n");
            fs::write(root.join("alembic").join(place).join("a.py"), revision).expect("written");
        }
        for separator in [":", ";"] {
            let heads = run(alembic("python").args(["-c", HEADS, separator])).exits(0);
            heads.says("ours").says("theirs");
        }
    }
}
