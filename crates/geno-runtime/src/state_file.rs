//! Files of predicted states.

mod arrays;
mod error;

use std::{
    io::{self, Write},
    path::Path,
};

use geno_action::EditSpec;
use geno_provenance::{AtomicFile, Json, summary_json};

use self::arrays::{Npy, Tensors};
pub use self::error::StateFileError;

/// What files of predicted states name as their producer.
const GENERATED_BY: &str = "geno-lewm-predict";
const SCHEMA_VERSION: &str = "1.0.0";

/// How predicted states are written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum StateFormat {
    /// A JSON object a line, with the edits.
    Jsonl,
    /// One array `[n, d_state]` of `f32`, the predicted states alone.
    Npy,
    /// Tensors `predicted`, and where they were asked for `source`, `encoded`, `l2` and `cosine`.
    Safetensors,
}

impl StateFormat {
    /// The format that a file's name asks for.
    ///
    /// # Errors
    ///
    /// [`StateFileError::UnknownFormat`].
    pub fn of_path(path: &Path) -> Result<Self, StateFileError> {
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("jsonl") => Ok(Self::Jsonl),
            Some("npy") => Ok(Self::Npy),
            Some("safetensors") => Ok(Self::Safetensors),
            _ => Err(StateFileError::UnknownFormat),
        }
    }
}

/// The states of one haplotype, as they are written.
#[derive(Clone, Copy, Debug)]
pub struct StateRecord<'a> {
    /// The edits of the haplotype.
    pub edits: &'a [&'a EditSpec],
    /// The predicted state.
    pub predicted: &'a [f32],
    /// The state it was predicted from, if it is written.
    pub source: Option<&'a [f32]>,
    /// The really encoded state, with its distance (L2) and cosine from the predicted one.
    pub encoded: Option<(&'a [f32], f64, f64)>,
}

impl StateRecord<'_> {
    /// The record as one line of JSON, without a newline.
    ///
    /// # Errors
    ///
    /// [`StateFileError::NotFinite`].
    pub fn to_json(self) -> Result<String, StateFileError> {
        let float = |value: f64| Json::float(value).map_err(|_| StateFileError::NotFinite);
        let state = |values: &[f32]| {
            let values = values.iter().map(|&value| float(value.into()));
            Ok::<_, StateFileError>(Json::Array(values.collect::<Result<_, _>>()?))
        };
        let edit = |edit: &&EditSpec| {
            Json::object([
                ("chrom", edit.chrom().into()),
                ("pos", edit.pos().into()),
                ("ref", edit.reference().into()),
                ("alt", edit.alternate().into()),
            ])
        };
        let mut fields = vec![
            ("schema_version", SCHEMA_VERSION.into()),
            ("generated_by", GENERATED_BY.into()),
            ("edits", Json::Array(self.edits.iter().map(edit).collect())),
            ("predicted_state", state(self.predicted)?),
        ];
        if let Some(source) = self.source {
            fields.push(("source_state", state(source)?));
        }
        if let Some((encoded, l2, cosine)) = self.encoded {
            fields.push(("encoded_state", state(encoded)?));
            fields.push(("l2", float(l2)?));
            fields.push(("cosine", float(cosine)?));
        }
        Ok(summary_json(&Json::object(fields)))
    }
}

/// A file of predicted states in the making; it appears whole or not at all.
///
/// JSON lines and `.npy` are written as records come, in constant memory. `.safetensors` holds each
/// tensor in one piece, so there all states are kept until the end.
pub struct StateFile {
    sink: Sink,
}

enum Sink {
    Jsonl(AtomicFile),
    Npy(Npy),
    Tensors(Tensors),
}

impl StateFile {
    /// Begins a file.
    ///
    /// # Errors
    ///
    /// [`StateFileError`].
    pub fn create(path: &Path, format: StateFormat) -> Result<Self, StateFileError> {
        let file = AtomicFile::create(path)?;
        let sink = match format {
            StateFormat::Jsonl => Sink::Jsonl(file),
            StateFormat::Npy => {
                let path = file.path().to_owned();
                let io = |source| StateFileError::Write { path, source };
                Sink::Npy(Npy::begin(file).map_err(io)?)
            }
            StateFormat::Safetensors => Sink::Tensors(Tensors::new(file)),
        };
        Ok(Self { sink })
    }

    /// Adds a record.
    ///
    /// # Errors
    ///
    /// [`StateFileError`]; for `.npy` also if there is more than a predicted state.
    pub fn push(&mut self, record: StateRecord<'_>) -> Result<(), StateFileError> {
        let io = |file: &AtomicFile, written: io::Result<()>| {
            written.map_err(|source| StateFileError::Write {
                path: file.path().to_owned(),
                source,
            })
        };
        match &mut self.sink {
            Sink::Jsonl(file) => {
                let line = record.to_json()?;
                let written = writeln!(file, "{line}");
                io(file, written)
            }
            Sink::Npy(npy) => {
                if record.source.is_some() || record.encoded.is_some() {
                    return Err(StateFileError::OneArray);
                }
                let written = npy.push(record.predicted);
                io(npy.file(), written)
            }
            Sink::Tensors(tensors) => {
                tensors.push(record);
                Ok(())
            }
        }
    }

    /// Gives the file its name.
    ///
    /// # Errors
    ///
    /// [`StateFileError`]; no file appears then.
    pub fn commit(self) -> Result<(), StateFileError> {
        match self.sink {
            Sink::Jsonl(file) => Ok(file.commit()?),
            Sink::Npy(npy) => npy.commit(),
            Sink::Tensors(tensors) => tensors.commit(),
        }
    }
}
