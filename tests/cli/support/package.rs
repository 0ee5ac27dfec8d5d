//! A fake release of Procrastinate: files, METADATA and RECORD, as a site-packages directory or as the parts of a wheel.

use std::collections::BTreeMap;

use camino::Utf8Path;
use sha2::{Digest as _, Sha256};

use super::put;

pub(crate) const SQL: &str = "procrastinate/sql/migrations/";
pub(crate) const CONTRIB: &str = "procrastinate/contrib/alembic/versions/";
pub(crate) const ALEMBIC: &str = "procrastinate/alembic/versions/";

/// A release that is genuine until a method breaks it.
#[derive(Debug, Clone)]
pub(crate) struct Package {
    release: String,
    files: BTreeMap<String, Vec<u8>>,
    metadata: Option<Vec<u8>>,
    record: Record,
}

#[derive(Debug, Clone)]
enum Record {
    OfTheFiles,
    Other(Vec<u8>),
    Absent,
}

impl Package {
    /// The number must be one that Procrastinate never had: what this package holds is not what a real release
    /// published. Made-up releases begin at 90; [`Package::posing_as`] is for those that lie.
    pub(crate) fn new(release: &str) -> Self {
        let version = release.parse().unwrap();
        let real = vendor_migrations::catalog::release(&version).is_some();
        assert!(!real, "{release} is a release of Procrastinate's");
        Self::posing_as(release)
    }

    /// A package with the number of a published release.
    pub(crate) fn posing_as(release: &str) -> Self {
        let metadata = format!("Metadata-Version: 2.1\nName: procrastinate\nVersion: {release}\n");
        Self {
            release: release.to_owned(),
            files: BTreeMap::from([("procrastinate/__init__.py".to_owned(), Vec::new())]),
            metadata: Some(metadata.into_bytes()),
            record: Record::OfTheFiles,
        }
    }

    pub(crate) fn file(mut self, path: &str, bytes: impl AsRef<[u8]>) -> Self {
        self.files.insert(path.to_owned(), bytes.as_ref().to_vec());
        self
    }

    pub(crate) fn sql(self, name: &str, text: &str) -> Self {
        self.file(&format!("{SQL}{name}"), text)
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        assert!(self.files.remove(path).is_some(), "{path}");
        self
    }

    pub(crate) fn metadata(mut self, text: &str) -> Self {
        self.metadata = Some(text.as_bytes().to_vec());
        self
    }

    pub(crate) fn without_metadata(mut self) -> Self {
        self.metadata = None;
        self
    }

    pub(crate) fn record(mut self, bytes: impl AsRef<[u8]>) -> Self {
        self.record = Record::Other(bytes.as_ref().to_vec());
        self
    }

    pub(crate) fn without_record(mut self) -> Self {
        self.record = Record::Absent;
        self
    }

    /// Fixes RECORD as it is now: what is changed later does not match it.
    pub(crate) fn sealed(self) -> Self {
        let record = self.record_of_files();
        self.record(record)
    }

    pub(crate) fn record_of_files(&self) -> String {
        let dist_info = self.dist_info();
        let mut record: String = self
            .files
            .iter()
            .map(|(path, bytes)| format!("{path},sha256={},{}\n", base64url(bytes), bytes.len()))
            .collect();
        record.push_str(&format!("{dist_info}/METADATA,,\n{dist_info}/RECORD,,\n"));
        record
    }

    pub(crate) fn dist_info(&self) -> String {
        format!("procrastinate-{}.dist-info", self.release)
    }

    pub(crate) fn bytes(&self, path: &str) -> &[u8] {
        &self.files[path]
    }

    /// Everything that an installation or a wheel holds, by path.
    pub(crate) fn entries(&self) -> BTreeMap<String, Vec<u8>> {
        let mut entries = self.files.clone();
        let mut add = |name: &str, bytes: Option<Vec<u8>>| {
            if let Some(bytes) = bytes {
                entries.insert(format!("{}/{name}", self.dist_info()), bytes);
            }
        };
        add("METADATA", self.metadata.clone());
        add(
            "RECORD",
            match &self.record {
                Record::OfTheFiles => Some(self.record_of_files().into_bytes()),
                Record::Other(bytes) => Some(bytes.clone()),
                Record::Absent => None,
            },
        );
        entries
    }

    /// Installs it into a site-packages directory.
    pub(crate) fn install(&self, site: &Utf8Path) {
        for (path, bytes) in self.entries() {
            put(&site.join(path), bytes);
        }
    }

    /// Installs it into a virtual environment.
    pub(crate) fn install_in_environment(&self, prefix: &Utf8Path) {
        put(&prefix.join("pyvenv.cfg"), "home = /nowhere/bin\n");
        self.install(&prefix.join("lib/python3.12/site-packages"));
    }
}

impl Package {
    /// Installs only the description, and leaves the package itself in a source tree.
    pub(crate) fn install_editable(&self, site: &Utf8Path, source: &Utf8Path, direct_url: &str) {
        for (path, bytes) in &self.files {
            put(&source.join(path), bytes);
        }
        let dist_info = site.join(self.dist_info());
        put(
            &dist_info.join("METADATA"),
            self.metadata.as_deref().unwrap(),
        );
        put(&dist_info.join("RECORD"), "procrastinate.pth,,\n");
        put(&dist_info.join("direct_url.json"), direct_url);
    }
}

/// The SHA-256 of some bytes as RECORD writes it.
pub(crate) fn base64url(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let mut bits = 0_u32;
    let mut held = 0;
    let mut text = String::new();
    for byte in Sha256::digest(bytes) {
        bits = bits << 8 | u32::from(byte);
        held += 8;
        while held >= 6 {
            held -= 6;
            text.push(char::from(DIGITS[(bits >> held & 63) as usize]));
        }
    }
    // 256 bits leave 4 over.
    text.push(char::from(DIGITS[(bits << 2 & 63) as usize]));
    text
}
