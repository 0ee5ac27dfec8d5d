"""Says as JSON what packaging, pyelftools and readme_renderer read in a wheel."""

import io
import json
import sys
import zipfile
from html.parser import HTMLParser

from elftools.elf.elffile import ELFFile
from elftools.elf.gnuversions import GNUVerNeedSection
from packaging.metadata import Metadata
from packaging.tags import sys_tags
from packaging.utils import parse_wheel_filename
from readme_renderer import markdown
from trove_classifiers import classifiers


class Links(HTMLParser):
    """Collects what a page refers to."""

    def __init__(self):
        super().__init__()
        self.found = []

    def handle_starttag(self, tag, attributes):
        self.found += [value for name, value in attributes if name in ("href", "src")]


def glibc(program):
    sections = ELFFile(io.BytesIO(program)).iter_sections()
    needed = [section for section in sections if isinstance(section, GNUVerNeedSection)]
    names = [entry.name for section in needed for _, entries in section.iter_versions() for entry in entries]
    return [[int(part) for part in name[6:].split(".")] for name in names if name.startswith("GLIBC_")]


path = sys.argv[1]
name, version, _, tags = parse_wheel_filename(path.rsplit("/", 1)[-1])
with zipfile.ZipFile(path) as wheel:
    entries = wheel.namelist()
    read = {entry.rsplit("/", 1)[-1]: wheel.read(entry) for entry in entries}
    modes = {entry.filename: entry.external_attr >> 16 & 0o777 for entry in wheel.infolist()}
metadata = Metadata.from_email(read["METADATA"], validate=True)
page = markdown.render(metadata.description, variant=metadata.description_content_type.split("variant=")[-1])
links = Links()
links.feed(page)
json.dump(
    {
        "name": name,
        "version": str(version),
        "tags": sorted(map(str, tags)),
        "tags_within": sorted(line[5:] for line in read["WHEEL"].decode().splitlines() if line.startswith("Tag: ")),
        "supported": not tags.isdisjoint(sys_tags()),
        "entries": sorted(entries),
        "modes": modes,
        "glibc": max(glibc(read["vendor-migrations"])),
        "summary": metadata.summary,
        "licence": metadata.license_expression,
        "licence_files": metadata.license_files,
        "keywords": metadata.keywords,
        "urls": metadata.project_urls,
        "requires": [str(requirement) for requirement in metadata.requires_dist or []],
        "classifiers": metadata.classifiers,
        "unknown_classifiers": [name for name in metadata.classifiers if name not in classifiers],
        "page": page,
        "links": links.found,
    },
    sys.stdout,
)
