//! From a VCF of common variants to a calibration table.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, OpenFastaError, PlaceError, VcfError};
use geno_surprise::{
    BuildCalibrationError, CalibrationExample, CalibrationParameters, CalibrationTable,
    InvalidSurprise, SparseBucket,
};

use crate::{
    annotations::Annotations,
    batches::{Batch, Batches},
    runtime::{Runtime, RuntimeError},
    score_vcf::{Completion, Progress},
};

/// A background of common variants.
#[derive(Clone, Debug)]
pub struct Calibrate<'a> {
    /// The variants: plain, gzip or bgzip; `-` for standard input.
    pub vcf: &'a Path,
    /// The reference, plain or bgzip.
    pub fasta: &'a Path,
    /// How the table is built.
    pub parameters: CalibrationParameters,
    /// Variants computed together. Never changes a result.
    pub batch_size: usize,
    /// What is known of every variant's surroundings.
    pub annotations: Annotations<'a>,
}

/// A calibration table and how it came to be.
#[derive(Clone, Debug)]
pub struct Calibration {
    /// The table. Its metadata names the weights, contract and layout it was made with.
    pub table: CalibrationTable,
    /// Alternates scored.
    pub examples: u64,
    /// Rows that could not be scored, by reason.
    pub rejected: BTreeMap<&'static str, u64>,
    /// Buckets with too few examples even after backing off.
    pub sparse: Vec<SparseBucket>,
}

/// Why no table was built.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrateError {
    /// The FASTA cannot be used.
    #[error(transparent)]
    Fasta(#[from] OpenFastaError),
    /// The VCF cannot be read.
    #[error(transparent)]
    Vcf(#[from] VcfError),
    /// Variants cannot be placed.
    #[error(transparent)]
    Place(#[from] PlaceError),
    /// The model cannot score.
    #[error(transparent)]
    Runtime(#[from] RuntimeError),
    /// The model gave a score that is not finite.
    #[error(transparent)]
    NotFinite(#[from] InvalidSurprise),
    /// The examples make no table.
    #[error(transparent)]
    Build(#[from] BuildCalibrationError),
}

impl Coded for CalibrateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fasta(source) => source.code(),
            Self::Vcf(source) => source.code(),
            Self::Place(source) => source.code(),
            Self::Runtime(source) => source.code(),
            Self::NotFinite(_) => ErrorCode::ResourceWeights,
            Self::Build(source) => source.code(),
        }
    }
}

impl Runtime {
    /// Scores a background and builds the table of its raw surprises.
    ///
    /// # Errors
    ///
    /// [`CalibrateError`]. Rows that cannot be scored are counted and left out.
    pub fn calibrate(
        &self,
        request: &Calibrate<'_>,
        mut on_progress: impl FnMut(Progress),
        stop: &AtomicBool,
    ) -> Result<Completion<Calibration>, CalibrateError> {
        let fasta = Fasta::open(request.fasta)?;
        let size = request.batch_size.max(1);
        let mut batches = Batches::open(request.vcf, &fasta, self.windows(), size)?;
        let mut examples = Vec::new();
        let mut rejected = BTreeMap::new();
        let mut progress = Progress::default();

        while let Some(batch) = batches.next_batch()? {
            if stop.load(Ordering::Relaxed) {
                return Ok(Completion::Interrupted);
            }
            for row in &batch.rejected {
                *rejected.entry(row.code().as_str()).or_default() += 1;
                progress.rejected += 1;
            }
            examples.extend(self.examples(&batch, request.annotations)?);
            progress.scored = examples.len() as u64;
            let read = batches.progress();
            (progress.bytes, progress.total_bytes) = (read.read, read.total);
            on_progress(progress);
        }
        if stop.load(Ordering::Relaxed) {
            return Ok(Completion::Interrupted);
        }

        let (table, sparse) = CalibrationTable::build(examples, &request.parameters)?;
        let table = table.with_metadata(self.calibration_metadata());
        let examples = progress.scored;
        Ok(Completion::Finished(Calibration {
            table,
            examples,
            rejected,
            sparse,
        }))
    }

    fn examples(
        &self,
        batch: &Batch,
        annotations: Annotations<'_>,
    ) -> Result<Vec<CalibrationExample>, CalibrateError> {
        let sites: Vec<_> = batch
            .sites
            .iter()
            .map(|placed| placed.site().clone())
            .collect();
        let mut examples = Vec::new();
        for (site, sigmas) in sites.iter().zip(self.raw_surprise(&sites)?) {
            let context = annotations
                .context(site.window().bases())
                .map_err(RuntimeError::Context)?;
            for sigma in sigmas {
                examples.push(CalibrationExample::new(context, sigma)?);
            }
        }
        Ok(examples)
    }

    fn calibration_metadata(&self) -> BTreeMap<String, String> {
        let Some(identity) = self.identity() else {
            return BTreeMap::new();
        };
        [
            ("geno_lewm.version", env!("CARGO_PKG_VERSION").to_owned()),
            ("geno_lewm.weights_id", identity.weights_id.to_string()),
            ("geno_lewm.state_contract", identity.contract.to_string()),
            ("geno_lewm.layout", identity.layout.to_string()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into()
    }
}
