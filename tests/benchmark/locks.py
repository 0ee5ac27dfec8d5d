"""Lock files of about 1 MB, in every format that the program reads: (name, text)."""

import json

from application import digest, uv_lock

SIZE = 1_000_000


def files(release):
    yield "uv.lock", uv_lock(release, SIZE)
    yield (
        "poetry.lock",
        joined(
            poetry_package,
            release,
            "",
            '\n[metadata]\nlock-version = "2.1"\npython-versions = ">=3.10"\n' + f'content-hash = "{digest("all")[7:]}"\n',
        ),
    )
    yield (
        "pdm.lock",
        joined(
            pdm_package,
            release,
            '[metadata]\ngroups = ["default"]\nstrategy = ["inherit_metadata"]\nlock_version = "4.5.0"\n'
            + f'content_hash = "{digest("all")}"\n',
            "",
        ),
    )
    yield "pylock.toml", joined(pylock_package, release, 'lock-version = "1.0"\nrequires-python = ">=3.10"\ncreated-by = "uv"\n', "")
    yield "Pipfile.lock", pipfile_lock(release)


def joined(package, release, before, after):
    """Procrastinate's entry and as many others as fit between the two texts."""
    parts = [before, package("procrastinate", release)]
    length = len(before) + len(after) + len(parts[1])
    number = 0
    while True:
        number += 1
        part = package(f"package-{number:05d}", f"1.{number % 40}.{number % 7}")
        length += len(part)
        if length > SIZE:
            return "".join(parts) + after
        parts.append(part)


def hashes(name, version):
    files = [f"{name.replace('-', '_')}-{version}-cp3{minor}-cp3{minor}-manylinux_2_17_x86_64.whl" for minor in range(10, 15)]
    return [(file, digest(file)) for file in files]


def poetry_package(name, version):
    files = "".join(f'    {{file = "{file}", hash = "{value}"}},\n' for file, value in hashes(name, version))
    return (
        f'[[package]]\nname = "{name}"\nversion = "{version}"\ndescription = "Does what {name} does"\noptional = false\n'
        f'python-versions = ">=3.9"\ngroups = ["main"]\nfiles = [\n{files}]\n\n'
        f'[package.dependencies]\ntyping-extensions = {{version = ">=4.6", markers = "python_version < \\"3.11\\""}}\n\n'
    )


def pdm_package(name, version):
    files = "".join(f'    {{file = "{file}", hash = "{value}"}},\n' for file, value in hashes(name, version))
    return (
        f'\n[[package]]\nname = "{name}"\nversion = "{version}"\nrequires_python = ">=3.9"\nsummary = "Does what {name} does"\n'
        f'groups = ["default"]\ndependencies = [\n    "typing-extensions>=4.6; python_version < \\"3.11\\"",\n]\nfiles = [\n{files}]\n'
    )


def pylock_package(name, version):
    wheels = "".join(
        f'    {{name = "{file}", url = "https://index.example/{file}", hashes = {{sha256 = "{value[7:]}"}}}},\n'
        for file, value in hashes(name, version)
    )
    return f'\n[[packages]]\nname = "{name}"\nversion = "{version}"\nindex = "https://index.example/simple"\nwheels = [\n{wheels}]\n'


def pipfile_lock(release):
    packages = {}

    def entry(name, version):
        values = [value for _, value in hashes(name, version)]
        return {"hashes": values, "index": "pypi", "markers": "python_version >= '3.9'", "version": f"=={version}"}

    text = ""
    step = 100
    while len(text) < SIZE - 60_000:
        for number in range(len(packages), len(packages) + step):
            packages[f"package-{number:05d}"] = entry(f"package-{number:05d}", f"1.{number % 40}.{number % 7}")
        meta = {"hash": {"sha256": digest("all")[7:]}, "pipfile-spec": 6, "requires": {"python_version": "3.13"}, "sources": []}
        whole = {"_meta": meta, "default": {"procrastinate": entry("procrastinate", release), **packages}, "develop": {}}
        text = json.dumps(whole, indent=4) + "\n"
    return text
