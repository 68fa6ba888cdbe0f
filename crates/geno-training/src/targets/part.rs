//! One part of a folder: examples as lines, their states as rows.

use std::path::{Path, PathBuf};

use geno_core::{Digest, DigestHasher};
use geno_kernels::MappedFile;

use super::{
    Example, OpenTargetsError, TargetCounts,
    manifest::{PartRecord, StoredFile},
};

/// A part that was opened: 16 bytes an example in memory, the rest in mapped files.
#[derive(Debug)]
pub(super) struct Part {
    states: Mapped,
    lines: Mapped,
    examples: Vec<Place>,
}

/// Where an example lies in its part.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// First byte of its line.
    line: u64,
    /// Its source row; that of the next example is behind its last edited row.
    row: u32,
    n_edits: u32,
}

#[derive(Debug)]
struct Mapped {
    path: PathBuf,
    file: MappedFile,
    stored: StoredFile,
}

impl Mapped {
    fn open(path: PathBuf, stored: StoredFile) -> Result<Self, OpenTargetsError> {
        let file = MappedFile::open(&path);
        let file = file.map_err(|source| OpenTargetsError::Io {
            path: path.clone(),
            source,
        })?;
        if file.len() as u64 != stored.size {
            return Err(OpenTargetsError::Size {
                found: file.len() as u64,
                expected: stored.size,
                path,
            });
        }
        Ok(Self { path, file, stored })
    }

    fn verify(&self) -> Result<(), OpenTargetsError> {
        let mut hasher = DigestHasher::default();
        self.file.read_through(|bytes| hasher.update(bytes));
        match hasher.finish() == self.stored.digest {
            true => Ok(()),
            false => Err(OpenTargetsError::Digest {
                path: self.path.clone(),
            }),
        }
    }
}

impl Part {
    /// Opens both files of a part, reads every line and counts its examples.
    pub(super) fn open(
        folder: &Path,
        record: &PartRecord,
        d_state: usize,
        counts: &mut TargetCounts,
    ) -> Result<Self, OpenTargetsError> {
        let path = |ending| folder.join(format!("{}.{ending}", record.name));
        let states = Mapped::open(path("states"), record.states)?;
        let lines = Mapped::open(path("jsonl"), record.lines)?;
        let row_bytes = (d_state as u64).saturating_mul(4);
        let wrong = |mapped: &Mapped, what| OpenTargetsError::Counts {
            path: mapped.path.clone(),
            what,
        };
        if record.rows.checked_mul(row_bytes) != Some(record.states.size) {
            return Err(wrong(&states, "rows"));
        }
        if states.file.as_f32().is_none() {
            return Err(OpenTargetsError::ByteOrder { path: states.path });
        }
        let mut part = Self {
            states,
            lines,
            examples: Vec::new(),
        };
        let n_rows = part.index(counts)?;
        if n_rows != record.rows {
            return Err(wrong(&part.states, "rows"));
        }
        match part.examples.len() as u64 == record.examples {
            true => Ok(part),
            false => Err(wrong(&part.lines, "examples")),
        }
    }

    /// Reads every line; how many rows the examples have.
    fn index(&mut self, counts: &mut TargetCounts) -> Result<u64, OpenTargetsError> {
        let (mut start, mut row) = (0u64, 0u64);
        for (i, line) in self.lines.file.split_inclusive(|b| *b == b'\n').enumerate() {
            let example = Example::of_line(line).map_err(|source| OpenTargetsError::Line {
                path: self.lines.path.clone(),
                line: i as u64 + 1,
                source,
            })?;
            counts.count(&example);
            let n_edits = example.edits().len();
            let too_many = |_| OpenTargetsError::Counts {
                path: self.states.path.clone(),
                what: "rows",
            };
            self.examples.push(Place {
                line: start,
                row: u32::try_from(row).map_err(too_many)?,
                n_edits: u32::try_from(n_edits).map_err(too_many)?,
            });
            start += line.len() as u64;
            row += 1 + n_edits as u64;
        }
        Ok(row)
    }

    pub(super) fn len(&self) -> usize {
        self.examples.len()
    }

    pub(super) fn n_edits(&self, index: usize) -> usize {
        self.examples[index].n_edits as usize
    }

    pub(super) fn example(&self, index: usize) -> Result<Example, OpenTargetsError> {
        let next = self.examples.get(index + 1);
        let start = self.examples[index].line as usize;
        let end = next.map_or(self.lines.file.len(), |next| next.line as usize);
        Example::of_line(&self.lines.file[start..end]).map_err(|source| OpenTargetsError::Line {
            path: self.lines.path.clone(),
            line: index as u64 + 1,
            source,
        })
    }

    /// The rows of an example, source row first.
    pub(super) fn rows(&self, index: usize, d_state: usize) -> &[f32] {
        let Place { row, n_edits, .. } = self.examples[index];
        let states = self.states.file.as_f32().expect("numbers, as was checked");
        let start = row as usize * d_state;
        &states[start..start + (1 + n_edits as usize) * d_state]
    }

    /// Compares the digests of both files, and looks at every number.
    pub(super) fn verify(&self) -> Result<(), OpenTargetsError> {
        self.states.verify()?;
        self.lines.verify()?;
        let states = self.states.file.as_f32().unwrap_or_default();
        match states.iter().all(|value| value.is_finite()) {
            true => Ok(()),
            false => Err(OpenTargetsError::NotFinite {
                path: self.states.path.clone(),
            }),
        }
    }
}

/// What a file of these bytes is recorded as.
pub(super) fn stored(bytes: &[u8]) -> StoredFile {
    StoredFile {
        size: bytes.len() as u64,
        digest: Digest::of(bytes),
    }
}
