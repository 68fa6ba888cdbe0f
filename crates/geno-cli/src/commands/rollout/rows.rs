//! The rows of a run, to their files.

use std::{
    io::Write,
    path::{Path, PathBuf},
};

use geno_action::EditSpec;
use geno_data::CarriedHaplotype;
use geno_eval::{RankTargets, RolloutMetrics, RolloutStates, SplitSummary, StateRow, StateTriple};
use geno_provenance::{AtomicFile, Label};
use geno_runtime::{RolledRow, RolledStates};

use crate::failure::{Failure, WriteError};

/// Ranks haplotypes, adds them up and writes their rows.
pub(crate) struct RowOutputs {
    split: Label,
    rank: RankTargets,
    metrics: RolloutMetrics,
    states: Option<AtomicFile>,
    rejected: AtomicFile,
    rejected_path: PathBuf,
}

/// How rows are ranked, and where they go.
pub(crate) struct RowFiles<'a> {
    pub(crate) split: Label,
    pub(crate) candidates: u32,
    pub(crate) recall_k: u64,
    pub(crate) states: Option<&'a Path>,
    pub(crate) rejected: PathBuf,
}

impl RowOutputs {
    pub(crate) fn create(files: RowFiles<'_>) -> Result<Self, Failure> {
        Ok(Self {
            split: files.split,
            rank: RankTargets::new(files.candidates as usize),
            metrics: RolloutMetrics::new(files.recall_k),
            states: files.states.map(AtomicFile::create).transpose()?,
            rejected: AtomicFile::create(&files.rejected)?,
            rejected_path: files.rejected,
        })
    }

    pub(crate) fn take(&mut self, row: RolledRow<CarriedHaplotype>) -> Result<(), Failure> {
        match row {
            RolledRow::Rejected(row) => write_line(&mut self.rejected, &row.to_json()),
            RolledRow::Rolled { origin, states } => {
                let row = rollout_states(&origin, states, self.split.clone())?;
                let ranked = self.rank.add(row);
                add(&mut self.metrics, &mut self.states, &ranked)
            }
        }
    }

    /// Gives the files their names; the metrics, and where the rejected rows are.
    pub(crate) fn finish(self) -> Result<(Vec<SplitSummary>, PathBuf), Failure> {
        let (mut metrics, mut states) = (self.metrics, self.states);
        add(&mut metrics, &mut states, &self.rank.finish()?)?;
        if let Some(file) = states {
            file.commit()?;
        }
        self.rejected.commit()?;
        Ok((metrics.finish(), self.rejected_path))
    }
}

fn add(
    metrics: &mut RolloutMetrics,
    states: &mut Option<AtomicFile>,
    rows: &[StateRow],
) -> Result<(), Failure> {
    for row in rows {
        metrics.add(row)?;
        if let Some(file) = states {
            write_line(file, &row.to_json())?;
        }
    }
    Ok(())
}

fn rollout_states(
    haplotype: &CarriedHaplotype,
    states: RolledStates,
    split: Label,
) -> Result<RolloutStates, Failure> {
    let edit = |edit: &EditSpec| {
        let (chrom, pos) = (edit.chrom(), edit.pos());
        format!("{chrom}:{pos}:{}:{}", edit.reference(), edit.alternate())
    };
    let id = haplotype.edits().map(edit).collect::<Vec<_>>().join("+");
    let n_edits = u32::try_from(haplotype.edits().len()).ok();
    let n_edits = n_edits.and_then(|n| n.try_into().ok());
    let wide = |state: Vec<f32>| state.into_iter().map(f64::from).collect();
    let states = StateTriple {
        source: wide(states.source),
        predicted: wide(states.predicted),
        target: wide(states.encoded.expect("a rollout encodes its targets")),
    };
    let n_edits = n_edits.expect("a haplotype has between one and `--max-edits` edits");
    Ok(RolloutStates::new(Label::new(id)?, split, n_edits, states)?)
}

fn write_line(file: &mut AtomicFile, line: &str) -> Result<(), Failure> {
    let written = writeln!(file, "{line}");
    written.map_err(|source| {
        let what = format!("to `{}`", file.path().display());
        WriteError { what, source }.into()
    })
}
