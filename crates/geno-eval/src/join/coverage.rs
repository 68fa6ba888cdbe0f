//! What of labels and scores met.

use std::{collections::BTreeMap, fmt};

use geno_provenance::{FieldError, Fields, Json, Label, summary_json};

/// How many variants labels and scores share.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Coverage {
    /// Variants in the file of labels, each alternate one.
    pub label_rows: u64,
    /// Of these, those without a label that the rule knows.
    pub without_label: u64,
    /// Labelled variants that cannot be compared: symbolic alleles, or other letters than `ACGT`.
    pub not_comparable: u64,
    /// Labelled variants that can.
    pub labelled: u64,
    /// Variants that are evaluated.
    pub evaluated: u64,
    /// By source, labelled variants without a score.
    pub without_score: BTreeMap<Label, u64>,
    /// By source, scores of other variants.
    pub extra_scores: BTreeMap<Label, u64>,
}

/// A labelled variant that is not evaluated.
#[derive(Clone, Eq, PartialEq)]
pub struct Unmatched {
    /// Its line in the file of labels, 1-based.
    pub line: u64,
    /// Contig, as written.
    pub chrom: String,
    /// 1-based.
    pub pos: u64,
    /// In upper case.
    pub reference: String,
    /// In upper case.
    pub alternate: String,
    /// Sources without a score of it; none if it cannot be compared.
    pub without_score: Vec<Label>,
}

impl Coverage {
    /// As documents hold it.
    pub(crate) fn to_json(&self) -> Json {
        let by_source = |counts: &BTreeMap<Label, u64>| {
            let counts = counts.iter();
            Json::object(counts.map(|(name, n)| (name.as_str(), Json::from(*n))))
        };
        Json::object([
            ("label_rows", self.label_rows.into()),
            ("without_label", self.without_label.into()),
            ("not_comparable", self.not_comparable.into()),
            ("labelled", self.labelled.into()),
            ("evaluated", self.evaluated.into()),
            ("without_score", by_source(&self.without_score)),
            ("extra_scores", by_source(&self.extra_scores)),
        ])
    }

    /// Reads what [`Coverage::to_json`] gives.
    pub(crate) fn read(mut fields: Fields) -> Result<Self, FieldError> {
        let coverage = Self {
            label_rows: fields.unsigned("label_rows")?,
            without_label: fields.unsigned("without_label")?,
            not_comparable: fields.unsigned("not_comparable")?,
            labelled: fields.unsigned("labelled")?,
            evaluated: fields.unsigned("evaluated")?,
            without_score: fields.counts("without_score")?,
            extra_scores: fields.counts("extra_scores")?,
        };
        fields.finish()?;
        Ok(coverage)
    }

    /// Labelled variants that are not evaluated.
    pub fn unmatched(&self) -> u64 {
        (self.labelled + self.not_comparable).saturating_sub(self.evaluated)
    }
}

impl Unmatched {
    /// The row of a file of unmatched labels, without a newline.
    pub fn to_json(&self) -> String {
        let names = self.without_score.iter().map(Json::from);
        let reason = match self.without_score.is_empty() {
            true => "not_comparable",
            false => "no_score",
        };
        summary_json(&Json::object([
            ("line", self.line.into()),
            ("chrom", self.chrom.as_str().into()),
            ("pos", self.pos.into()),
            ("ref", self.reference.as_str().into()),
            ("alt", self.alternate.as_str().into()),
            ("reason", reason.into()),
            ("without_score", Json::Array(names.collect())),
        ]))
    }
}

/// The variant as `chrom:pos:ref:alt`, for a user to look at.
impl fmt::Display for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            chrom,
            pos,
            reference,
            alternate,
            ..
        } = self;
        write!(f, "{chrom}:{pos}:{reference}:{alternate}")
    }
}

/// Shows the line alone.
impl fmt::Debug for Unmatched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Unmatched")
            .field("line", &self.line)
            .finish_non_exhaustive()
    }
}
