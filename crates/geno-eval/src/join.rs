//! Labels and scores of the same variants, brought together.

mod baseline;
mod coverage;
mod error;
mod labels;
mod open;
mod scores;

use std::{ops::ControlFlow, path::Path};

use geno_core::Digest;
use geno_data::{Fasta, Progress};
use geno_provenance::{Json, Label, canonical_json};

pub use self::{
    baseline::{Baseline, BuiltIn, UnknownBaseline},
    coverage::{Coverage, Unmatched},
    error::JoinError,
    open::OpenJoin,
    scores::ScoreSource,
};
use crate::{
    label_rule::LabelRule,
    labelled::{LabelledScores, LabelledScoresError},
    strata::Strata,
};

/// The files of an evaluation.
///
/// Variants are compared as [`VariantKeys`](geno_data::VariantKeys) does: contigs by any of their names, alleles trimmed, and
/// insertions and deletions left-aligned where there is a reference.
#[derive(Clone, Copy, Debug)]
pub struct JoinFiles<'a> {
    /// The labels: what [`VariantRows`](crate::VariantRows) reads.
    pub labels: &'a Path,
    /// How they are read.
    pub rule: &'a LabelRule,
    /// The scores to be evaluated.
    pub scores: &'a ScoreSource,
    /// What they are compared to.
    pub baselines: &'a [Baseline],
    /// The reference, if there is one.
    pub fasta: Option<&'a Fasta>,
    /// Variants that a calibration was made from and that must not be evaluated.
    pub background: Option<&'a Path>,
}

/// Variants with a label, a score and a score of every baseline, in the order of the Python package:
/// by contig, as text, then position and alleles.
///
/// Memory is in proportion to the labels; scores of other variants are counted and forgotten.
#[derive(Clone, Debug)]
pub struct Join {
    /// The variants.
    pub variants: Vec<EvaluatedVariant>,
    /// Their labels, in the same order.
    pub labels: Labels,
    /// Their scores and then those of each baseline.
    pub columns: Vec<ScoreColumn>,
    /// What was found, and what not.
    pub coverage: Coverage,
    /// Labelled variants that are not evaluated, in the order of their file.
    pub unmatched: Vec<Unmatched>,
    /// The file of labels as it is stored.
    pub labels_digest: Option<Digest>,
}

/// A variant as its labels spell it.
#[derive(Clone, PartialEq)]
pub struct EvaluatedVariant {
    /// Contig.
    pub chrom: String,
    /// 1-based.
    pub pos: u64,
    /// In upper case.
    pub reference: String,
    /// In upper case.
    pub alternate: String,
    /// Its classes.
    pub strata: Strata,
}

/// What is known of variants.
#[derive(Clone, Debug, PartialEq)]
pub enum Labels {
    /// Whether each is positive.
    Classes(Vec<bool>),
    /// A number for each.
    Values(Vec<f64>),
}

/// Scores of the evaluated variants, from one source.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreColumn {
    /// Their name in documents.
    pub name: Label,
    /// The field they stand in, or what they follow from.
    pub field: String,
    /// From which score on a variant counts as positive, if metrics of that are wanted.
    pub threshold: Option<f64>,
    /// Labelled variants whose score follows from that they are not in a file: see
    /// [`BuiltIn::AlleleFrequency`].
    pub absent: u64,
    /// One for each variant.
    pub values: Vec<f64>,
}

impl Join {
    /// Reads files.
    ///
    /// `on_progress` hears how far the file in hand was read, and may break off; then nothing comes
    /// back.
    ///
    /// # Errors
    ///
    /// [`JoinError`].
    pub fn read(
        files: &JoinFiles<'_>,
        mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Self>, JoinError> {
        match OpenJoin::read_labels(*files, &mut on_progress)? {
            Some(join) => join.read_scores(on_progress),
            None => Ok(None),
        }
    }

    /// `sha256` of the canonical JSON of the variants, `{chrom, pos, ref, alt}` each.
    pub fn variants_digest(&self) -> Digest {
        let variant = |variant: &EvaluatedVariant| {
            Json::object([
                ("chrom", Json::from(variant.chrom.as_str())),
                ("pos", variant.pos.into()),
                ("ref", variant.reference.as_str().into()),
                ("alt", variant.alternate.as_str().into()),
            ])
        };
        let variants = self.variants.iter().map(variant).collect();
        Digest::of(&canonical_json(&Json::Array(variants)))
    }

    /// Number of variants.
    pub fn n(&self) -> usize {
        self.variants.len()
    }
}

impl Labels {
    /// As classes; of numbers those that are 1 or 0, if they all are.
    pub fn classes(&self) -> Option<Vec<bool>> {
        match self {
            Self::Classes(classes) => Some(classes.clone()),
            Self::Values(values) => {
                let class = |value: &f64| match *value {
                    1.0 => Some(true),
                    0.0 => Some(false),
                    _ => None,
                };
                values.iter().map(class).collect()
            }
        }
    }
}

impl ScoreColumn {
    /// The scores with classes of the same variants.
    ///
    /// # Errors
    ///
    /// [`LabelledScoresError::OneClass`].
    pub fn labelled(&self, classes: &[bool]) -> Result<LabelledScores, LabelledScoresError> {
        let rows = classes.iter().copied().zip(self.values.iter().copied());
        LabelledScores::new(rows)
    }
}

/// Shows no position and no base.
impl std::fmt::Debug for EvaluatedVariant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("EvaluatedVariant")
            .field("edit_type", &self.strata.edit_type)
            .finish_non_exhaustive()
    }
}
