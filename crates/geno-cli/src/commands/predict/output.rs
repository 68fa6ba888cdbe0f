//! Where predicted states go.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_action::EditSpec;
use geno_data::RejectedRow;
use geno_eval::{cosine, l2};
use geno_provenance::AtomicFile;
use geno_runtime::{RolledStates, StateFile, StateFileError, StateFormat, StateRecord};

use super::Args;
use crate::failure::{Failure, WriteError};

/// States, and the rows that have none.
pub(super) struct Output {
    /// Nothing for standard output.
    states: Option<StateFile>,
    rejected: Option<(AtomicFile, PathBuf)>,
    with_source: bool,
}

impl Output {
    pub(super) fn create(args: &Args) -> Result<Self, Failure> {
        let to_file = args.output.as_os_str() != "-";
        let mut states = None;
        if to_file {
            let format = StateFormat::of_path(&args.output)?;
            if format == StateFormat::Npy && (args.with_source || args.with_encoded) {
                return Err(StateFileError::OneArray.into());
            }
            states = Some(StateFile::create(&args.output, format)?);
        }
        let beside = || {
            let mut name = args.output.as_os_str().to_owned();
            name.push(".rejected.jsonl");
            PathBuf::from(name)
        };
        let path = args.rejected.clone().or_else(|| to_file.then(beside));
        let mut rejected = None;
        if let Some(path) = path.filter(|_| args.vcf.is_some()) {
            rejected = Some((AtomicFile::create(&path)?, path));
        }
        Ok(Self {
            states,
            rejected,
            with_source: args.with_source,
        })
    }

    pub(super) fn write(
        &mut self,
        edits: &[&EditSpec],
        states: &RolledStates,
    ) -> Result<(), Failure> {
        let wide = |state: &[f32]| state.iter().copied().map(f64::from).collect::<Vec<_>>();
        let encoded = states.encoded.as_deref().map(|encoded| {
            let (from, to) = (wide(&states.predicted), wide(encoded));
            (encoded, l2(&from, &to), cosine(&from, &to))
        });
        let record = StateRecord {
            edits,
            predicted: &states.predicted,
            source: self.with_source.then_some(states.source.as_slice()),
            encoded,
        };
        match &mut self.states {
            Some(file) => Ok(file.push(record)?),
            None => {
                let line = record.to_json()?;
                writeln!(io::stdout(), "{line}").map_err(Failure::stdout)
            }
        }
    }

    pub(super) fn reject(&mut self, row: &RejectedRow) -> Result<(), Failure> {
        let Some((file, path)) = &mut self.rejected else {
            return Ok(());
        };
        writeln!(file, "{}", row.to_json()).map_err(|source| {
            let what = format!("to `{}`", path.display());
            WriteError { what, source }.into()
        })
    }

    /// Gives the files their names; where the rejected rows are, if they are written.
    pub(super) fn finish(self) -> Result<Option<PathBuf>, Failure> {
        if let Some(states) = self.states {
            states.commit()?;
        }
        let Some((file, path)) = self.rejected else {
            return Ok(None);
        };
        file.commit()?;
        Ok(Some(path))
    }
}
