//! Every command that the program prints works where the program was started, for each layout of a project.

use fs_err as fs;

use crate::support::database::Driver;
use crate::support::package::Package;
use crate::support::process::Outcome;
use crate::support::project::Project;

/// Where Alembic's files are, what `script_location` says, and the options that name the project.
struct Layout {
    ini: &'static str,
    scripts: &'static str,
    script_location: &'static str,
    section: &'static str,
    options: &'static str,
    init: &'static str,
}

const ROOT: Layout = Layout {
    ini: "alembic.ini",
    scripts: "alembic",
    script_location: "%(here)s/alembic",
    section: "alembic",
    options: "",
    init: "",
};

const BACKEND: Layout = Layout {
    ini: "backend/alembic.ini",
    scripts: "backend/alembic",
    ..ROOT
};

const LAYOUTS: [Layout; 11] = [
    ROOT,
    Layout {
        script_location: "alembic",
        ..ROOT
    },
    Layout {
        section: "shop",
        options: " -n shop",
        ..ROOT
    },
    Layout {
        init: " --separate",
        ..ROOT
    },
    Layout {
        options: " -C backend",
        ..BACKEND
    },
    Layout {
        options: " -c backend/alembic.ini",
        ..BACKEND
    },
    Layout {
        script_location: "alembic",
        options: " -c backend/alembic.ini",
        ..BACKEND
    },
    // It is found without an option.
    Layout {
        script_location: "alembic",
        ..BACKEND
    },
    Layout {
        ini: "db/migrate.ini",
        scripts: "db/alembic",
        script_location: "alembic",
        options: " -c db/migrate.ini",
        ..ROOT
    },
    Layout {
        ini: "src/pkg/db/alembic.ini",
        scripts: "src/pkg/db/migrations",
        script_location: "%(here)s/migrations",
        options: " -c src/pkg/db/alembic.ini",
        ..ROOT
    },
    Layout {
        section: "shop",
        options: " -C 'my backend' -n shop",
        ini: "my backend/alembic.ini",
        scripts: "my backend/alembic",
        ..ROOT
    },
];

/// The commands under a heading, each on a line of its own.
fn commands(outcome: &Outcome, heading: &str) -> Vec<String> {
    let lines = outcome.stdout.lines().skip_while(|line| *line != heading);
    let lines = lines.skip(1).take_while(|line| line.starts_with("  "));
    lines.map(|line| line.trim().to_owned()).collect()
}

/// The first command of this program in a sentence.
fn quoted(text: &str, verb: &str) -> String {
    let begin = format!("`vendor-migrations {verb}");
    let (_, rest) = text
        .split_once(&begin)
        .unwrap_or_else(|| panic!("no {begin} in {text}"));
    let (rest, _) = rest.split_once('`').expect("it ends");
    format!("vendor-migrations {verb}{rest}")
}

/// A project of this layout, and how to run a command where the program is started.
fn laid_out(layout: &Layout) -> Project {
    let project = Project::new(Driver::Psycopg);
    let root = project.root();
    let ini = fs::read_to_string(root.join("alembic.ini")).expect("alembic init wrote it");
    let lines = ini
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let ini: String = lines.map(|line| format!("{line}\n")).collect();
    let ini = ini
        .replace("[alembic]\n", &format!("[{}]\n", layout.section))
        .replace(
            "script_location = %(here)s/alembic",
            &format!("script_location = {}", layout.script_location),
        );
    fs::rename(root.join("alembic"), root.join("moved")).expect("it can be moved");
    fs::remove_file(root.join("alembic.ini")).expect("it is there");
    let scripts = root.join(layout.scripts);
    fs::create_dir_all(scripts.parent().expect("it lies in the project"))
        .expect("the project can be written");
    fs::rename(root.join("moved"), &scripts).expect("it can be moved");
    fs::write(root.join(layout.ini), ini).expect("the project can be written");
    project
}

#[test]
fn each_printed_command_runs_where_the_program_was_started() {
    let package = Package::unpack("3.10.0");
    for layout in LAYOUTS {
        let project = laid_out(&layout);
        let environment = project.root().join("environment");
        let site_packages = environment.join("lib/python3.11");
        fs::create_dir_all(&site_packages).expect("the project can be written");
        fs::write(environment.join("pyvenv.cfg"), "").expect("the project can be written");
        fs_err::os::unix::fs::symlink(package.site_packages(), site_packages.join("site-packages"))
            .expect("the project can be written");
        let run = |command: &str| {
            project.shell(&format!("export VIRTUAL_ENV='{environment}'; {command}"))
        };
        let Layout {
            ini, options, init, ..
        } = layout;
        let wired = run(&format!("vendor-migrations init{options}{init}")).exits(0);
        let next = commands(&wired, "Next");
        assert_eq!(next.len(), 3, "{wired}");
        let synced = run(&next[0]).exits(0);
        // What `sync` prints is the same.
        assert_eq!(commands(&synced, "Next"), next[2..], "{synced}");
        run(&next[1]).exits(0).says("38 revisions");
        run(&next[2]).exits(0);
        assert_eq!(
            project
                .database
                .query("SELECT count(*) FROM procrastinate_jobs"),
            ["0"],
            "{ini}{options}"
        );
        let stamp = quoted(&synced.stdout, "stamp").replace("RELEASE", "3.10.0");
        let stamps = run(&stamp).exits(0);
        let alembic = stamps.stdout.lines().find(|line| line.contains("alembic"));
        run(alembic.expect("it prints a command").trim()).exits(0);
        if init.is_empty() {
            what_a_remedy_says_runs(&project, &layout, &run);
        }
    }
}

/// The directory is no longer listed: what the finding prints adds it again.
fn what_a_remedy_says_runs(project: &Project, layout: &Layout, run: &dyn Fn(&str) -> Outcome) {
    let path = project.root().join(layout.ini);
    let text = fs::read_to_string(&path).expect("it is there");
    let lines = text
        .lines()
        .filter(|line| !line.starts_with("version_locations"));
    let text: String = lines.map(|line| format!("{line}\n")).collect();
    fs::write(&path, text).expect("the project can be written");
    let check = format!("vendor-migrations check{}", layout.options);
    let found = run(&check).exits(1);
    run(&quoted(&found.stdout, "init")).exits(0);
    run(&check).exits(0);
}
