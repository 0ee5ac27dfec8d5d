"""What the measurements need: directories, a Python environment, the two programs; and what the machine is."""

import datetime
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
WORK = ROOT / "target" / "benchmark"

# What importing Procrastinate and running Alembic takes, of the pins of the end-to-end tests.
NEEDED = re.findall(
    r"\S+",
    "alembic mako markupsafe sqlalchemy greenlet psycopg psycopg-binary psycopg-pool typing_extensions tzdata "
    "asgiref attrs croniter packaging python-dateutil six",
)


def newest_release():
    """The newest release of Procrastinate 3 in the catalogue."""
    names = [path.stem for path in (ROOT / "procrastinate-versions").glob("3.*.toml")]
    return max(names, key=lambda name: [int(part) for part in name.split(".")])


def requirements():
    pins = (ROOT / "tests/e2e/requirements.txt").read_text().splitlines()
    named = [line for line in pins if re.split(r"[=<>; ]", line)[0] in NEEDED]
    return "\n".join([*named, f"procrastinate=={newest_release()}"]) + "\n"


def python_environment():
    """The directory of a Python environment with Procrastinate and Alembic, made if it is not there."""
    directory = WORK / "venv"
    listed = WORK / "requirements.txt"
    if not (listed.exists() and listed.read_text() == requirements()):
        shutil.rmtree(directory, ignore_errors=True)
        WORK.mkdir(parents=True, exist_ok=True)
        venv.create(directory, with_pip=True)
        unfinished = WORK / "requirements.unfinished"
        unfinished.write_text(requirements())
        words = [directory / "bin/python", "-m", "pip", "install", "--quiet", "--no-deps", "--requirement", unfinished]
        subprocess.run(words, check=True)
        unfinished.rename(listed)
    return directory


def site_packages(environment):
    (found,) = environment.glob("lib/python3.*/site-packages")
    return found


def build(*options):
    words = ["cargo", "build", "--release", "--locked", "--quiet", *options]
    try:
        subprocess.run([str(word) for word in words], check=True, cwd=ROOT)
    except FileNotFoundError:
        sys.exit("cargo was not found: install a Rust toolchain (https://rustup.rs)")


def program(given):
    if given:
        return pathlib.Path(given).resolve()
    build()
    return ROOT / "target/release/vendor-migrations"


def limit():
    """The program that reads and hashes files, and nothing else."""
    build("--manifest-path", HERE / "Cargo.toml", "--target-dir", WORK / "build", "--bin", "limit")
    return WORK / "build/release/limit"


def directory_in_memory():
    """Where trees lie that are written in a measurement."""
    shared = pathlib.Path("/dev/shm")
    parent = shared if os.access(shared, os.W_OK) else WORK
    return parent / f"vendor-migrations-benchmark-{os.getpid()}"


def output(*words):
    try:
        result = subprocess.run([str(word) for word in words], check=False, capture_output=True, text=True, cwd=ROOT)
    except OSError:
        return ""
    return result.stdout.strip() if result.returncode == 0 else ""


def version(*words):
    """The number in the first line that a program prints of itself."""
    found = re.search(r"\d+(?:\.\d+)+", output(*words).partition("\n")[0])
    return found[0] if found else "missing"


def commit():
    name = output("git", "rev-parse", "--short=12", "HEAD") or "unknown"
    changed = output("git", "status", "--porcelain", "--untracked-files=no", "--", "src", "Cargo.toml", "Cargo.lock")
    return name + (" with changes" if changed else "")


def processor():
    found = re.search(r"^model name\s*:\s*(.+)$", pathlib.Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return found[1] if found else platform.machine()


def facts(program, given, environment):
    """What the report begins with: names and values."""
    python = environment / "bin/python"
    pins = dict(line.split(";")[0].strip().split("==") for line in requirements().splitlines())
    peers = {
        "Procrastinate": pins["procrastinate"],
        "Alembic": pins["alembic"],
        "Python": version(python, "--version"),
        "git": version("git", "--version"),
        "coreutils": version("sha256sum", "--version"),
        "rsync": version("rsync", "--version"),
        "strace": version("strace", "--version"),
    }
    load = ", ".join(f"{value:.1f}" for value in os.getloadavg())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return {
        "date": f"{datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC",
        "commit": commit() + (" (the program was given with `--program`)" if given else ""),
        "program": output(program, "--version"),
        "processor": f"{processor()}, {len(os.sched_getaffinity(0))} cores, {memory:.0f} GiB of memory",
        "kernel": " ".join([platform.system(), platform.release().split("-")[0]]),
        "load before": f"{load} (1, 5 and 15 minutes)",
        "peers": ", ".join(f"{name} {number}" for name, number in peers.items()),
        "measured with": f"Python {platform.python_version()}, {pathlib.Path(sys.argv[0]).name} {' '.join(sys.argv[1:])}".strip(),
    }
