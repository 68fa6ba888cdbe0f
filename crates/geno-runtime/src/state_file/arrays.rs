//! States as arrays.

use std::io::{self, Seek, SeekFrom, Write};

use geno_provenance::AtomicFile;
use geno_weights::{NewTensor, NpyArray, WeightDtype, write_weights};

use super::{StateFileError, StateRecord};

/// A NumPy array, whose number of rows is written at the end.
pub(super) struct Npy {
    file: AtomicFile,
    n_rows: usize,
    d_state: usize,
}

impl Npy {
    pub(super) fn begin(mut file: AtomicFile) -> io::Result<Self> {
        file.write_all(&[0; NpyArray::HEADER_LEN])?;
        Ok(Self {
            file,
            n_rows: 0,
            d_state: 0,
        })
    }

    pub(super) fn file(&self) -> &AtomicFile {
        &self.file
    }

    pub(super) fn push(&mut self, state: &[f32]) -> io::Result<()> {
        self.n_rows += 1;
        self.d_state = state.len();
        state
            .iter()
            .try_for_each(|value| self.file.write_all(&value.to_le_bytes()))
    }

    pub(super) fn commit(mut self) -> Result<(), StateFileError> {
        let header = NpyArray::header([self.n_rows, self.d_state]);
        let start = self.file.seek(SeekFrom::Start(0));
        let written = start.and_then(|_| self.file.write_all(&header));
        written.map_err(|source| StateFileError::Write {
            path: self.file.path().to_owned(),
            source,
        })?;
        Ok(self.file.commit()?)
    }
}

/// Tensors, each held until the end.
pub(super) struct Tensors {
    file: AtomicFile,
    n_rows: usize,
    predicted: Vec<f32>,
    source: Vec<f32>,
    encoded: Vec<f32>,
    l2: Vec<f32>,
    cosine: Vec<f32>,
}

impl Tensors {
    pub(super) fn new(file: AtomicFile) -> Self {
        Self {
            file,
            n_rows: 0,
            predicted: Vec::new(),
            source: Vec::new(),
            encoded: Vec::new(),
            l2: Vec::new(),
            cosine: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, record: StateRecord<'_>) {
        self.n_rows += 1;
        self.predicted.extend_from_slice(record.predicted);
        self.source.extend(record.source.into_iter().flatten());
        if let Some((encoded, l2, cosine)) = record.encoded {
            self.encoded.extend_from_slice(encoded);
            self.l2.push(l2 as f32);
            self.cosine.push(cosine as f32);
        }
    }

    pub(super) fn commit(mut self) -> Result<(), StateFileError> {
        let n = self.n_rows;
        let states = [
            ("predicted", self.predicted),
            ("source", self.source),
            ("encoded", self.encoded),
        ];
        let distances = [("l2", self.l2), ("cosine", self.cosine)];
        let width = |values: &[f32]| values.len().checked_div(n).unwrap_or(0);
        let states = states.map(|(name, values)| (name, vec![n, width(&values)], values));
        let distances = distances.map(|(name, values)| (name, vec![n], values));
        let tensors = states.into_iter().chain(distances);
        // What was not asked for is no tensor.
        let tensors =
            tensors.filter(|(name, _, values)| *name == "predicted" || !values.is_empty());
        let tensor = |(name, shape, values): (&str, Vec<usize>, Vec<f32>)| {
            NewTensor::new(name, shape, values, WeightDtype::F32)
        };
        let bytes = write_weights(&tensors.map(tensor).collect::<Vec<_>>())?;
        self.file
            .write_all(&bytes)
            .map_err(|source| StateFileError::Write {
                path: self.file.path().to_owned(),
                source,
            })?;
        Ok(self.file.commit()?)
    }
}
