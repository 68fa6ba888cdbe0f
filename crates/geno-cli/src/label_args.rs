//! Arguments that say what the labels of a file are.

use std::path::{Path, PathBuf};

use geno_eval::ClassRule;

#[derive(clap::Args)]
pub(crate) struct LabelArgs {
    /// Labels: JSON lines, a table with a header or a VCF, plain, gzip or bgzip; or Parquet
    #[arg(long, visible_alias = "labels-jsonl", value_name = "FILE")]
    labels: Option<PathBuf>,

    /// Field, column or INFO key of the label [default: clinical_significance or label, CLNSIG or CLASS
    /// of a VCF, value of `--metric-mode spearman`]
    #[arg(
        long,
        visible_alias = "label-info",
        value_name = "NAME",
        requires = "labels"
    )]
    label_field: Option<String>,

    /// Words of positive labels [default: P, LP, Pathogenic, Likely_pathogenic, P_LP, 1, true]
    #[arg(
        long,
        value_name = "WORD,…",
        value_delimiter = ',',
        requires = "negative"
    )]
    positive: Vec<String>,

    /// Words of negative labels [default: B, LB, Benign, Likely_benign, B_LB, 0, false]
    #[arg(
        long,
        value_name = "WORD,…",
        value_delimiter = ',',
        requires = "positive"
    )]
    negative: Vec<String>,
}

impl LabelArgs {
    /// The file.
    pub(crate) fn file(&self) -> Option<&Path> {
        self.labels.as_deref()
    }

    /// Where a label stands, if it was said.
    pub(crate) fn field(&self) -> Option<&str> {
        self.label_field.as_deref()
    }

    /// Words of positive labels, if they were given.
    pub(crate) fn positive(&self) -> &[String] {
        &self.positive
    }

    /// Words of negative labels, if they were given.
    pub(crate) fn negative(&self) -> &[String] {
        &self.negative
    }

    /// What makes a label positive or negative.
    pub(crate) fn classes(&self) -> ClassRule {
        ClassRule::new(self.label_field.clone(), &self.positive, &self.negative)
    }
}
