//! The files that a baseline writes.

use std::{io::Write, path::PathBuf};

use geno_data::RejectedRow;
use geno_provenance::{AtomicFile, Timestamp};

use super::{CarbonBaseline, CarbonBaselineError, Keys, error::output};
use crate::{
    input_files::Hashed,
    outputs::RejectedCounts,
    partial::{Chunk, Header, Partial, Resumed, copy_out, remove_stale},
    run_vcf::{Pause, Progress},
};

/// Scores and rejected rows, kept beside the output until the run is complete.
pub(super) struct Outputs<'a, 'scope> {
    request: &'a CarbonBaseline<'a>,
    keys: Keys<'a, 'scope>,
    partial: Partial,
    rejected: RejectedCounts,
    started: Timestamp,
}

impl<'a, 'scope> Outputs<'a, 'scope> {
    /// Begins the outputs, or takes over those of an unfinished run; also what that run has done.
    pub(super) fn create(
        request: &'a CarbonBaseline<'a>,
        mut keys: Keys<'a, 'scope>,
    ) -> Result<(Self, Progress), CarbonBaselineError> {
        // A name that takes no file is told before the work, not after it.
        for path in [Some(request.output), request.metadata]
            .into_iter()
            .flatten()
        {
            drop(AtomicFile::create(path)?);
        }
        let opened = Partial::open(request.output, request.unfinished, || keys.key());
        let (partial, resumed) = opened?;
        let (started, done) = match resumed {
            None => (request.timestamp, Chunk::default()),
            Some(Resumed { header, done }) => (header.timestamp, done),
        };
        let progress = Progress {
            scored: done.scored,
            full_passes: done.full_passes,
            rejected: done.rejected.values().sum(),
            ..Progress::default()
        };
        let outputs = Self {
            request,
            keys,
            partial,
            rejected: done.rejected,
            started,
        };
        Ok((outputs, progress))
    }

    /// When the run began, however often it was resumed.
    pub(super) fn started(&self) -> Timestamp {
        self.started
    }

    /// How many rows were rejected, by code.
    pub(super) fn rejected(&self) -> &RejectedCounts {
        &self.rejected
    }

    /// The digests of the inputs.
    pub(super) fn hashed(&mut self) -> Result<Hashed, CarbonBaselineError> {
        let hashed = self.keys.hashing.wait()?;
        Ok(hashed.expect("the FASTA is always hashed"))
    }

    pub(super) fn write_score(&mut self, line: &str) -> Result<(), CarbonBaselineError> {
        self.partial.count_row();
        let written = self.partial.scores().write_all(line.as_bytes());
        written.map_err(output("scores"))
    }

    pub(super) fn write_rejected(&mut self, row: &RejectedRow) -> Result<(), CarbonBaselineError> {
        *self.rejected.entry(row.code().as_str()).or_default() += 1;
        self.partial.count_row();
        match self.request.rejected {
            None => Ok(()),
            Some(_) => writeln!(self.partial.rejected(), "{}", row.to_json())
                .map_err(output("rejected rows")),
        }
    }

    /// Closes a chunk if it is time to, so that a run that ends here can be resumed.
    pub(super) fn paused(
        &mut self,
        progress: &Progress,
        pause: Pause,
    ) -> Result<(), CarbonBaselineError> {
        let is_due = match pause {
            Pause::Batch => self.partial.is_chunk_full(),
            Pause::Stopped => self.partial.has_rows(),
            // A run that was short so far is over before a chunk could help.
            Pause::End => self.partial.has_rows() && self.partial.is_begun(),
        };
        if !is_due || !self.keys.is_resumable {
            return Ok(());
        }
        let done = Chunk {
            scored: progress.scored,
            full_passes: progress.full_passes,
            rejected: self.rejected.clone(),
            ..Chunk::default()
        };
        let (keys, timestamp) = (&mut self.keys, self.started);
        self.partial.close_chunk(done, || {
            let key = keys.key()?;
            Ok::<_, CarbonBaselineError>(Header { key, timestamp })
        })
    }

    /// Gives every file its name, the scores last: where they are, the rest is too.
    pub(super) fn finish(
        mut self,
    ) -> Result<(RejectedCounts, Option<PathBuf>), CarbonBaselineError> {
        let (rejected, request) = (output("rejected rows"), self.request);
        let mut rejected_path = None;
        match request.rejected {
            Some(path) if self.rejected.is_empty() => remove_stale(path).map_err(rejected)?,
            Some(path) => {
                copy_out(self.partial.read(Partial::rejected), path, b"", rejected)?;
                rejected_path = Some(path.to_owned());
            }
            None => {}
        }
        let header = request.format.header();
        let scores = self.partial.read(Partial::scores);
        copy_out(scores, request.output, header.as_bytes(), output("scores"))?;
        self.partial.finish()?;
        Ok((self.rejected, rejected_path))
    }
}
