"""Unpacks a wheel, and makes a changed package a genuine one again.

Usage: package.py unpack WHEEL DIRECTORY
       package.py release DIRECTORY VERSION   gives the package a new version and a fresh RECORD
       package.py pack DIRECTORY WHEEL
"""

import base64
import hashlib
import re
import sys
import zipfile
from pathlib import Path


def release(directory: Path, version: str) -> None:
    (old,) = directory.glob("procrastinate-*.dist-info")
    info = old.rename(directory / f"procrastinate-{version}.dist-info")
    metadata = (info / "METADATA").read_text(encoding="utf-8")
    metadata = re.sub(r"(?m)^Version: .*$", f"Version: {version}", metadata, count=1)
    (info / "METADATA").write_text(metadata, encoding="utf-8")
    write_record(directory, info / "RECORD")


def write_record(directory: Path, record: Path) -> None:
    lines = []
    for path in files(directory):
        name = path.relative_to(directory).as_posix()
        if path == record:
            continue
        data = path.read_bytes()
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest())
        lines.append(f"{name},sha256={digest.rstrip(b'=').decode()},{len(data)}\n")
    name = record.relative_to(directory).as_posix()
    record.write_text("".join([*lines, f"{name},,\n"]), encoding="utf-8")


def files(directory: Path) -> list[Path]:
    return sorted(path for path in directory.rglob("*") if path.is_file())


def main() -> None:
    verb, source, target = sys.argv[1:]
    if verb == "unpack":
        with zipfile.ZipFile(source) as wheel:
            wheel.extractall(target)
    elif verb == "release":
        release(Path(source), target)
    elif verb == "pack":
        with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as wheel:
            for path in files(Path(source)):
                wheel.write(path, path.relative_to(source).as_posix())
    else:
        sys.exit(f"unknown: {verb}")


main()
