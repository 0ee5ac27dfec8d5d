//! The list of a wheel's parts in CycloneDX 1.5. It holds no time, no random number and no path, so that everybody makes the same bytes.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::crates::{Crate, Crates};
use super::read;

pub(super) fn of(crates: &Crates) -> String {
    let checksums = checksums();
    let part = |one: &Crate| {
        json!({
            "type": "library",
            "bom-ref": purl(one),
            "name": one.name,
            "version": one.version,
            // "Excluded" is what only builds it.
            "scope": if one.linked { "required" } else { "excluded" },
            "hashes": [{"alg": "SHA-256", "content": checksums[&(one.name.clone(), one.version.clone())]}],
            "licenses": [{"expression": one.licence}],
            "purl": purl(one),
        })
    };
    let root = crates.root();
    let sbom = json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {
            "component": {
                "type": "application",
                "bom-ref": purl(root),
                "name": root.name,
                "version": root.version,
                "licenses": [{"expression": root.licence}],
                "purl": purl(root),
                "externalReferences": [{"type": "vcs", "url": root.repository}],
            },
        },
        "components": sorted(crates.others().map(part), "bom-ref"),
        "dependencies": sorted([root].into_iter().chain(crates.others()).map(|one| edges(crates, one)), "ref"),
    });
    format!("{sbom:#}\n")
}

fn edges(crates: &Crates, one: &Crate) -> Value {
    let mut needs: Vec<String> = crates.needs(one).map(purl).collect();
    needs.sort();
    needs.dedup();
    json!({"ref": purl(one), "dependsOn": needs})
}

fn sorted(values: impl Iterator<Item = Value>, key: &str) -> Vec<Value> {
    let mut values: Vec<Value> = values.collect();
    values.sort_by_key(|value| value[key].to_string());
    values
}

/// The package's URL: what it is called in every list of vulnerabilities.
fn purl(one: &Crate) -> String {
    format!("pkg:cargo/{}@{}", one.name, one.version)
}

/// What crates.io says of each archive, as Cargo verifies it.
fn checksums() -> BTreeMap<(String, String), String> {
    let lock: toml::Table = read("Cargo.lock").parse().expect("it is TOML");
    let packages = lock["package"].as_array().expect("a list");
    let described = packages.iter().filter_map(|package| {
        let text = |key: &str| Some(package.get(key)?.as_str()?.to_owned());
        Some(((text("name")?, text("version")?), text("checksum")?))
    });
    described.collect()
}
