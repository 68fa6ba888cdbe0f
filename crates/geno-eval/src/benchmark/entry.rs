//! One benchmark of a registry.

use std::fmt;

use geno_data::Build;
use serde::{Deserialize, Serialize};

use super::rule::Rule;

/// Version of the entries.
pub(super) const SCHEMA_VERSION: &str = "1.0.0";

/// A benchmark: a file of a registry.
///
/// Fields that are unknown are refused, and so is what contradicts itself: see
/// [`EntryFault`](super::EntryFault).
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Benchmark {
    /// Version of the entry's fields, `1.0.0`.
    pub schema_version: String,
    /// Its name on the command line: lower-case letters, digits and `_`.
    pub id: String,
    /// Its name in tables.
    pub title: String,
    /// What it measures.
    pub track: Track,
    /// The split of its metrics, the one name that they have in documents.
    pub split: String,
    /// What it is, in a sentence or two.
    pub summary: String,
    /// The builds that its sources are published in.
    pub assemblies: Vec<Assembly>,
    /// The files that it is prepared from, beside the reference.
    pub sources: Vec<Source>,
    /// Whether transcripts (GTF, GFF3 or BED) are needed to prepare it.
    pub needs_genes: bool,
    /// How variants and labels are made of the sources.
    pub rule: Rule,
    /// What labels are; absent for rollouts, whose targets are computed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub label: Option<LabelEntry>,
    /// How scores are evaluated; absent for rollouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub evaluation: Option<Evaluating>,
    /// What scores are compared to; absent for rollouts, whose baseline is the source state.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineEntry>,
    /// What a release has to have measured on it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub gates: Vec<GateEntry>,
    /// What its numbers do not say.
    pub limitations: Vec<String>,
}

/// What a benchmark measures.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum Track {
    /// Scores of variants against labels.
    VariantEffectPrediction,
    /// Predicted states against encoded ones.
    LatentRolloutFidelity,
}

/// A build of the human genome.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
pub enum Assembly {
    /// GRCh37, also hg19.
    #[serde(rename = "GRCh37")]
    Grch37,
    /// GRCh38, also hg38.
    #[serde(rename = "GRCh38")]
    Grch38,
}

/// A file that a benchmark is prepared from.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// What `--source NAME=FILE` calls it.
    pub name: String,
    /// What is in it.
    pub title: String,
    /// The file as it is published.
    pub file: String,
    /// Where it can be had.
    pub address: String,
    /// Its size, where known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub size_bytes: Option<u64>,
    /// How it is written; each form may be plain, gzip or bgzip, but for Parquet.
    pub formats: Vec<SourceFormat>,
    /// What is read of it: columns of a table, keys of an INFO column, fields of an object.
    pub columns: Vec<Column>,
    /// On what terms it may be used.
    pub licence: String,
    /// Whom to cite.
    pub citation: String,
}

/// How a source is written.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum SourceFormat {
    /// A table, separated by tabs.
    Tsv,
    /// A table, separated by commas.
    Csv,
    /// A table as Parquet.
    Parquet,
    /// A VCF.
    Vcf,
    /// One JSON document.
    Json,
}

/// A column of a source.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Column {
    /// Its name in the file.
    pub name: String,
    /// What it says.
    pub meaning: String,
    /// Whether a file may be without it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub optional: bool,
}

/// What labels are.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct LabelEntry {
    /// Classes or measured values.
    pub kind: LabelKind,
    /// What a high value of the source means; of classes, what the positive one is.
    pub high_means: String,
    /// With what of the source value surprise should rise. Labels are written so that it rises with
    /// them.
    pub surprise_rises_with: SurpriseRises,
}

/// Classes or measured values.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum LabelKind {
    /// 1 and 0.
    Binary,
    /// Numbers.
    Continuous,
}

/// What a label is of its source value.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum SurpriseRises {
    /// The value: surprise and source should correlate positively.
    Value,
    /// The value with its sign turned: surprise and source should correlate negatively.
    NegatedValue,
    /// The value without its sign: a change in either direction is an effect.
    Magnitude,
}

/// How scores are evaluated.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Evaluating {
    /// What metrics are of: classes, or ranks of values.
    pub mode: MetricMode,
    /// The metric that is reported and that verdicts go by.
    pub primary: String,
}

/// What metrics are of.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum MetricMode {
    /// Classes.
    Binary,
    /// Ranks of values.
    Spearman,
}

/// What scores are compared to.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct BaselineEntry {
    /// Its name in documents.
    pub name: String,
    /// The recipe of Carbon's likelihood that was published for the benchmark, or comes nearest.
    pub recipe: BaselineRecipe,
}

/// A recipe of Carbon's likelihood.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "kebab-case")]
pub enum BaselineRecipe {
    /// The mean over the window around the variant.
    Centered,
    /// The base after what lies left of it; substitutions alone.
    RightEnd,
}

/// What a release has to have measured on a benchmark.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct GateEntry {
    /// The version, such as `0.2`.
    pub version: String,
    /// The metrics it asks for.
    pub metrics: Vec<String>,
    /// The mode of evaluation that gives them; absent for rollouts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<MetricMode>,
    /// The baseline that each has to be compared to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<String>,
    /// Whether each needs an interval.
    pub interval: bool,
}

impl Benchmark {
    /// The source of a name.
    pub fn source(&self, name: &str) -> Option<&Source> {
        self.sources.iter().find(|source| source.name == name)
    }

    /// What a release of a version has to have measured on it.
    pub fn gate(&self, version: &str) -> Option<&GateEntry> {
        self.gates.iter().find(|gate| gate.version == version)
    }
}

impl Assembly {
    /// The build.
    pub fn build(self) -> Build {
        match self {
            Self::Grch37 => Build::Grch37,
            Self::Grch38 => Build::Grch38,
        }
    }
}

impl SurpriseRises {
    /// A label from its source value.
    pub fn label(self, value: f64) -> f64 {
        match self {
            Self::Value => value,
            // Not `-0.0`, which would be written otherwise.
            Self::NegatedValue => 0.0 - value,
            Self::Magnitude => value.abs(),
        }
    }
}

macro_rules! spelled {
    ($($kind:ident: $($variant:ident => $text:literal),+;)*) => {$(
        impl $kind {
            /// As entries and documents spell it.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }
        }

        impl fmt::Display for $kind {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }
    )*};
}

spelled! {
    Track: VariantEffectPrediction => "variant_effect_prediction",
        LatentRolloutFidelity => "latent_rollout_fidelity";
    Assembly: Grch37 => "GRCh37", Grch38 => "GRCh38";
    LabelKind: Binary => "binary", Continuous => "continuous";
    MetricMode: Binary => "binary", Spearman => "spearman";
    BaselineRecipe: Centered => "centered", RightEnd => "right-end";
    SourceFormat: Tsv => "tsv", Csv => "csv", Parquet => "parquet", Vcf => "vcf", Json => "json";
    SurpriseRises: Value => "value", NegatedValue => "negated_value", Magnitude => "magnitude";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_rise_with_surprise() {
        let of = |value: f64| {
            let all = [
                SurpriseRises::Value,
                SurpriseRises::NegatedValue,
                SurpriseRises::Magnitude,
            ];
            all.map(|rises| rises.label(value))
        };
        assert_eq!(of(-2.0), [-2.0, 2.0, 2.0]);
        assert!(of(0.0).iter().all(|zero| zero.is_sign_positive()));
    }

    #[test]
    fn words_are_those_of_the_entries() {
        for track in [Track::VariantEffectPrediction, Track::LatentRolloutFidelity] {
            let written = serde_json::to_value(track).unwrap();
            assert_eq!(written, track.as_str());
        }
        for recipe in [BaselineRecipe::Centered, BaselineRecipe::RightEnd] {
            assert_eq!(serde_json::to_value(recipe).unwrap(), recipe.as_str());
        }
    }
}
