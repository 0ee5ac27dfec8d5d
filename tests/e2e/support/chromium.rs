//! Chromium and axe-core, fetched once and kept below the target directory.
//!
//! The browser is Debian's, without a window. `apt-get` fetches it with all that it is linked to but the C library, into
//! directories of its own: that takes no root, changes nothing on the machine, and needs none of its packages.

use std::process::{Command, Stdio};
use std::sync::LazyLock;

use camino::{Utf8Path, Utf8PathBuf};
use fs_err as fs;

use super::process::run;
use super::{storage, tools};

const PACKAGE: &str = "chromium-headless-shell";
/// Sans, serif and monospace.
const FONTS: &str = "fonts-dejavu-core";
/// axe-core 4.14.0, which the package carries. It is not imported, so that neither its Python nor its needs matter.
const AXE: &str = "pytest-playwright-axe==4.14.0";

/// Of what the browser depends on, packages whose names begin so are fetched: its own parts, fonts and libraries.
const WANTED: [&str; 4] = ["chromium", "fonts-", "lib", "zlib1g"];
/// But not these: the C library has to be the one that the machine's loader belongs to, and the rest drives graphics cards.
const UNWANTED: [&str; 4] = ["libc6", "libgl1-mesa-dri", "libllvm", "libz3-"];

/// Of `apt-get`, with nothing that is installed, and without what the machine has it do after an update.
const SETTINGS: &str = r#"
Dir::State "DIRECTORY";
Dir::State::status "DIRECTORY/status";
Dir::Cache "DIRECTORY/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::IndexTargets::deb::DEP-11::DefaultEnabled "false";
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
"#;

/// What the generic names of fonts stand for, so that pages look the same on every machine.
const FONT_SETTINGS: &str = r#"<?xml version="1.0"?>
<fontconfig>
  <dir>DIRECTORY/unpacked/usr/share/fonts</dir>
  <cachedir>DIRECTORY/font-cache</cachedir>
  <alias><family>sans-serif</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>system-ui</family><prefer><family>DejaVu Sans</family></prefer></alias>
  <alias><family>serif</family><prefer><family>DejaVu Serif</family></prefer></alias>
  <alias><family>monospace</family><prefer><family>DejaVu Sans Mono</family></prefer></alias>
</fontconfig>
"#;

static DIRECTORY: LazyLock<Utf8PathBuf> = LazyLock::new(provide);

/// The browser's program.
pub(crate) fn program() -> Utf8PathBuf {
    DIRECTORY.join("unpacked/usr/lib/chromium").join(PACKAGE)
}

/// The file with axe-core.
pub(crate) fn axe() -> Utf8PathBuf {
    DIRECTORY.join("axe/pytest_playwright_axe/resources/axe.min.js")
}

/// What the program has to find in its environment.
pub(crate) fn environment() -> [(&'static str, String); 2] {
    let mut places = Vec::new();
    for parent in ["unpacked/lib", "unpacked/usr/lib"] {
        for directory in entries(&DIRECTORY.join(parent)) {
            if directory.as_str().contains("-linux-gnu") {
                places.extend(["nss", "pulseaudio"].map(|name| directory.join(name)));
                places.push(directory);
            }
        }
    }
    let places: Vec<&str> = places.iter().map(|place| place.as_str()).collect();
    [
        ("LD_LIBRARY_PATH", places.join(":")),
        (
            "FONTCONFIG_FILE",
            DIRECTORY.join("fonts.conf").into_string(),
        ),
    ]
}

/// Fetches both unless they are there. The file `complete` is written last: without it, the directory is an abandoned
/// attempt. Debian keeps the newest Chromium only, so its version is told there and not pinned.
fn provide() -> Utf8PathBuf {
    let _lock = storage::lock("chromium");
    let directory = storage::root().join("chromium");
    let complete = directory.join("complete");
    let wanted = format!("{directory}\n{PACKAGE} {FONTS} {AXE}\n{SETTINGS}{FONT_SETTINGS}");
    if fs::read_to_string(&complete).is_ok_and(|found| found == wanted) {
        return directory;
    }
    if directory.exists() {
        fs::remove_dir_all(&directory).expect("an old browser can be removed");
    }
    fs::create_dir_all(&directory).expect("the target directory can be written");
    let fonts = FONT_SETTINGS.replace("DIRECTORY", directory.as_str());
    fs::write(directory.join("fonts.conf"), fonts).expect("the target directory can be written");
    browser(&directory);
    run(tools::uv(&["pip", "install", "--quiet", "--no-deps"])
        .args(["--only-binary", ":all:", "--python-version", "3.12"])
        .arg("--target")
        .arg(directory.join("axe"))
        .arg(AXE))
    .exits(0);
    fs::write(&complete, wanted).expect("the target directory can be written");
    directory
}

/// Unpacks the packages into `unpacked`, and leaves nothing else of them.
fn browser(directory: &Utf8Path) {
    let apt = directory.join("apt");
    let archives = apt.join("archives");
    for part in ["lists/partial", "cache/archives/partial", "archives"] {
        fs::create_dir_all(apt.join(part)).expect("the target directory can be written");
    }
    fs::write(apt.join("status"), "").expect("the target directory can be written");
    let file = apt.join("apt.conf");
    fs::write(&file, SETTINGS.replace("DIRECTORY", apt.as_str()))
        .expect("the target directory can be written");
    let get = |args: &[&str]| {
        let mut command = Command::new("apt-get");
        command.arg("-c").arg(&file).args(args);
        succeed(command.env("LC_ALL", "C").current_dir(&archives))
    };
    get(&["-qq", "update"]);
    let plan = get(&["-qq", "--simulate", "install", PACKAGE, FONTS]);
    let installed = plan.lines().filter_map(|line| line.strip_prefix("Inst "));
    let starts = |name: &str, list: &[&str]| list.iter().any(|start| name.starts_with(start));
    let packages: Vec<&str> = installed
        .filter_map(|line| line.split(' ').next())
        .filter(|name| starts(name, &WANTED) && !starts(name, &UNWANTED))
        .collect();
    get(&[&["-qq", "download"][..], &packages].concat());
    let root = directory.join("unpacked");
    for archive in tools::files(&archives, ".deb") {
        let mut unpack = Command::new("dpkg-deb");
        succeed(unpack.arg("--extract").arg(archive).arg(&root));
    }
    for unused in ["doc", "locale", "man"] {
        let unused = root.join("usr/share").join(unused);
        if unused.exists() {
            fs::remove_dir_all(unused).expect("what was unpacked can be removed");
        }
    }
    fs::remove_dir_all(apt).expect("what was fetched can be removed");
}

/// What a command of Debian's prints. A failure tells what is needed.
fn succeed(command: &mut Command) -> String {
    const NEED: &str = "the tests of pages take Chromium from the packages of Debian 12 or later: they \
                        need `apt-get` and `dpkg-deb`, sources that have it, and to reach these";
    let output = command.stdin(Stdio::null()).output();
    let output = output.unwrap_or_else(|error| panic!("{NEED}: {command:?}: {error}"));
    let stdout = String::from_utf8_lossy(&output.stdout);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        output.status.success(),
        "{NEED}: {command:?}: {}\n{stdout}{stderr}",
        output.status
    );
    stdout.into_owned()
}

/// The entries of a directory, by name; none if there is no directory.
fn entries(directory: &Utf8Path) -> Vec<Utf8PathBuf> {
    tools::files(directory, "")
}
