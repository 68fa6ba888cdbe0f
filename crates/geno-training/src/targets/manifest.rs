//! `targets.json`: what a folder of targets holds.

use std::{
    fs::File,
    io::{self, Read, Write},
    path::Path,
};

use geno_core::Digest;
use geno_provenance::{AtomicWriteError, write_atomic};
use serde::{Deserialize, Serialize};

use super::{LeftOut, OpenTargetsError, TargetCounts, TargetIdentity};

/// The name of the file.
pub(super) const MANIFEST: &str = "targets.json";
/// The version of what is written.
const SCHEMA_VERSION: &str = "1.0.0";
/// The largest file that is read: some hundred thousand parts.
const MAX_BYTES: u64 = 64 << 20;

#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Manifest {
    schema_version: String,
    pub(super) identity: TargetIdentity,
    /// Whether all parts are there.
    pub(super) is_complete: bool,
    pub(super) counts: TargetCounts,
    pub(super) left_out: LeftOut,
    pub(super) parts: Vec<PartRecord>,
}

/// One part: its two files.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct PartRecord {
    pub(super) name: String,
    pub(super) examples: u64,
    pub(super) rows: u64,
    pub(super) states: StoredFile,
    pub(super) lines: StoredFile,
}

/// A file of a part.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct StoredFile {
    pub(super) size: u64,
    pub(super) digest: Digest,
}

impl PartRecord {
    /// The only name that a part of this number has.
    pub(super) fn name_of(index: usize) -> String {
        format!("part-{index:05}")
    }
}

impl Manifest {
    pub(super) fn new(identity: TargetIdentity) -> Self {
        Self {
            schema_version: SCHEMA_VERSION.to_owned(),
            identity,
            is_complete: false,
            counts: TargetCounts::default(),
            left_out: LeftOut::default(),
            parts: Vec::new(),
        }
    }

    /// Reads the file of a folder, and checks what can be checked without the parts.
    pub(super) fn read(folder: &Path) -> Result<Self, OpenTargetsError> {
        let path = folder.join(MANIFEST);
        let bytes = read(&path).map_err(|source| OpenTargetsError::Io {
            path: path.clone(),
            source,
        })?;
        let version: Version = parse(&path, &bytes)?;
        if !version.schema_version.starts_with("1.") {
            return Err(OpenTargetsError::Schema {
                path,
                found: version.schema_version,
            });
        }
        let manifest: Self = parse(&path, &bytes)?;
        for (index, part) in manifest.parts.iter().enumerate() {
            if part.name != PartRecord::name_of(index) {
                return Err(OpenTargetsError::PartName { path, index });
            }
        }
        match manifest.identity.states.d_state {
            0 => Err(OpenTargetsError::NoWidth { path }),
            _ => Ok(manifest),
        }
    }

    pub(super) fn write(&self, folder: &Path) -> Result<(), AtomicWriteError> {
        let text = serde_json::to_string_pretty(self).expect("texts, numbers and maps");
        write_atomic(&folder.join(MANIFEST), |file| writeln!(file, "{text}"))
    }
}

fn read(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(MAX_BYTES).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// What a file of any version has.
#[derive(Deserialize)]
struct Version {
    schema_version: String,
}

fn parse<'a, T: Deserialize<'a>>(path: &Path, bytes: &'a [u8]) -> Result<T, OpenTargetsError> {
    serde_json::from_slice(bytes).map_err(|source| OpenTargetsError::Json {
        path: path.to_owned(),
        source,
    })
}
