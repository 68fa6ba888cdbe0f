//! Annotation of whole VCF files.

use std::{
    collections::BTreeMap,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode, RegionClass, RepeatClass};

use super::{
    annotator::{Annotation, Annotator},
    consequence::{Consequence, Consequences},
};
use crate::{
    fasta::FetchError,
    vcf::{
        AnnotateVcf, AnnotateVcfError, InfoKey, InfoKind, Progress, RawVcfRow, RejectReason,
        VcfIndex,
    },
};

/// The INFO keys of annotations, in the order of [`values`].
const KEYS: [InfoKey<'_>; 5] = [
    InfoKey {
        id: "GENO_LEWM_REGION",
        kind: InfoKind::String,
        description: "Region class, the first half of the context that surprise is compared in",
    },
    InfoKey {
        id: "GENO_LEWM_REPEAT",
        kind: InfoKind::String,
        description: "Repeat class, none outside of repeats",
    },
    InfoKey {
        id: "GENO_LEWM_CONSEQUENCE",
        kind: InfoKind::String,
        description: "Consequence for the transcript hit hardest, Sequence Ontology terms joined by &",
    },
    InfoKey {
        id: "GENO_LEWM_GENE",
        kind: InfoKind::String,
        description: "Gene of that transcript",
    },
    InfoKey {
        id: "GENO_LEWM_TRANSCRIPT",
        kind: InfoKind::String,
        description: "That transcript",
    },
];

/// Rejected alleles of which a report tells the line.
const MAX_REJECTED: usize = 100;

/// Rows between two looks at whether to stop.
const ROWS_A_STEP: u64 = 1_024;

/// What was written, and what was not.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct AnnotationReport {
    /// Rows written.
    pub rows: u64,
    /// Alternate alleles that were annotated.
    pub annotated: u64,
    /// How many of them are of each region class; those without one are not counted.
    pub regions: BTreeMap<RegionClass, u64>,
    /// How many are of each repeat class.
    pub repeats: BTreeMap<RepeatClass, u64>,
    /// How many have each consequence as their most severe.
    pub consequences: BTreeMap<Consequence, u64>,
    /// Alternate alleles that could not be annotated, by code: symbolic ones, those that differ
    /// from the reference, and so on. Their rows are written with `.` in their place.
    pub rejected: BTreeMap<&'static str, u64>,
    /// The lines of the first hundred of those, with their codes.
    pub first_rejected: Vec<(u64, ErrorCode)>,
    /// Lines that are no VCF rows, which are not written.
    pub left_out: u64,
    /// The index of the output.
    pub index: VcfIndex,
}

/// Why a VCF could not be annotated.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnnotateGenesError {
    /// The VCF cannot be read or written.
    #[error(transparent)]
    Vcf(#[from] AnnotateVcfError),
    /// The reference cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
}

impl Coded for AnnotateGenesError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Vcf(source) => source.code(),
            Self::Fetch(source) => source.code(),
        }
    }
}

/// Writes a VCF again with what is known of each alternate allele in its INFO column.
///
/// The keys are `GENO_LEWM_REGION`, `GENO_LEWM_REPEAT`, `GENO_LEWM_CONSEQUENCE`, `GENO_LEWM_GENE`
/// and `GENO_LEWM_TRANSCRIPT`, with one value for each alternate. The file is written as by
/// [`AnnotateVcf`], in constant memory. `None` if `stop` was set before the end: then nothing is
/// left of the output.
///
/// # Errors
///
/// [`AnnotateGenesError`] if a file cannot be read or written. Never for single rows or alleles.
pub fn annotate_vcf(
    input: &Path,
    output: &Path,
    annotator: &mut Annotator,
    mut on_progress: impl FnMut(Progress, u64),
    stop: &AtomicBool,
) -> Result<Option<AnnotationReport>, AnnotateGenesError> {
    let mut vcf = AnnotateVcf::create(input, output, &KEYS)?;
    let mut report = AnnotationReport {
        rows: 0,
        annotated: 0,
        regions: BTreeMap::new(),
        repeats: BTreeMap::new(),
        consequences: BTreeMap::new(),
        rejected: BTreeMap::new(),
        first_rejected: Vec::new(),
        left_out: 0,
        index: VcfIndex::Plain,
    };
    while let Some(row) = vcf.next_row()? {
        let row = match row {
            RawVcfRow::Row(row) => row,
            RawVcfRow::Rejected(row) => {
                report.left_out += 1;
                report.reject(row.line, row.code());
                continue;
            }
        };
        let mut annotations = Vec::new();
        for edit in row.edits() {
            let annotation = match edit {
                Ok(edit) => annotator.annotate(&edit)?.map_err(RejectReason::from),
                Err(reason) => Err(reason),
            };
            match &annotation {
                Ok(annotation) => report.count(annotation),
                Err(reason) => report.reject(row.line(), reason.code()),
            }
            annotations.push(annotation.ok());
        }
        vcf.write(&values(&annotations))?;
        report.rows += 1;
        if report.rows.is_multiple_of(ROWS_A_STEP) {
            if stop.load(Ordering::Relaxed) {
                return Ok(None);
            }
            on_progress(vcf.progress(), report.annotated);
        }
    }
    report.index = vcf.finish()?;
    Ok(Some(report))
}

/// The values of each key, one for each alternate.
fn values(annotations: &[Option<Annotation>]) -> [Vec<Option<String>>; KEYS.len()] {
    let each = |value: &dyn Fn(&Annotation) -> Option<String>| {
        let annotations = annotations.iter();
        annotations
            .map(|annotation| annotation.as_ref().and_then(value))
            .collect()
    };
    [
        each(&|annotation| annotation.region.map(|class| class.to_string())),
        each(&|annotation| annotation.repeat.map(|class| class.to_string())),
        each(&|annotation| annotation.consequences.map(|found| found.to_string())),
        each(&|annotation| annotation.gene.clone()),
        each(&|annotation| annotation.transcript.clone()),
    ]
}

impl AnnotationReport {
    fn count(&mut self, annotation: &Annotation) {
        self.annotated += 1;
        if let Some(class) = annotation.region {
            *self.regions.entry(class).or_default() += 1;
        }
        if let Some(class) = annotation.repeat {
            *self.repeats.entry(class).or_default() += 1;
        }
        if let Some(worst) = annotation.consequences.and_then(Consequences::worst) {
            *self.consequences.entry(worst).or_default() += 1;
        }
    }

    fn reject(&mut self, line: u64, code: ErrorCode) {
        *self.rejected.entry(code.as_str()).or_default() += 1;
        if self.first_rejected.len() < MAX_REJECTED {
            self.first_rejected.push((line, code));
        }
    }
}
