//! How variants and labels are made of the sources of a benchmark.

use serde::{Deserialize, Serialize};

/// How variants and labels are made of sources.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Rule {
    /// A row of a table is a variant with its label.
    Table(Box<TableRule>),
    /// A row of ClinVar's VCF is a variant with its classification.
    Clinvar(ClinvarRule),
    /// Scores of a table and, by accession, the variants that they are of.
    Mapping(MappingRule),
    /// Substitutions that destroy a splice site, each beside one of the same bases inside the intron.
    SpliceSites(SpliceRule),
    /// Substitutions that end a protein, each beside one of the same codon that changes nothing.
    StopCodons(StopRule),
    /// Haplotypes that people carry, from a phased VCF.
    PhasedHaplotypes(PhasedRule),
    /// Chains of edits that are drawn on windows of the reference.
    EditChains(ChainRule),
}

/// Which alleles are taken.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "snake_case")]
pub enum VariantKind {
    /// Substitutions of one base.
    Snv,
    /// Every edit of alleles up to 16 bases.
    Any,
}

/// A table of variants.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableRule {
    /// The source.
    pub source: String,
    /// Where values stand.
    pub columns: TableColumns,
    /// Which alleles are taken.
    pub variants: VariantKind,
    /// The words of the label, if it is one; a number or `true` and `false` otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Classes>,
    /// What stands for the alternate of a deletion that is written without the base before it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deletion_mark: Option<String>,
    /// Rows with less are passed over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at_least: Option<AtLeast>,
    /// Columns that go to the labels as they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keep: Vec<String>,
}

/// Columns of a table by what they hold. Positions are 1-based.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct TableColumns {
    /// The contig.
    pub contig: String,
    /// The position.
    pub position: String,
    /// The reference allele.
    pub reference: String,
    /// The alternate allele.
    pub alternate: String,
    /// The label.
    pub label: String,
    /// The molecular consequence.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequence: Option<String>,
    /// What experiment or element a row is of; `--group` chooses among them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// The build of the row, where a table holds several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assembly: Option<String>,
}

/// Words of classes, compared without case.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct Classes {
    /// Those of label 1.
    pub positive: Vec<String>,
    /// Those of label 0.
    pub negative: Vec<String>,
}

/// The least value of a column.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct AtLeast {
    /// The column.
    pub column: String,
    /// The least value.
    pub value: u64,
}

/// ClinVar's VCF.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ClinvarRule {
    /// The source.
    pub source: String,
    /// Which variants are taken.
    pub region: ClinvarRegion,
}

/// Variants by what they change.
#[derive(Clone, Copy, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(rename_all = "lowercase")]
pub enum ClinvarRegion {
    /// Those with a consequence for a protein or a splice site.
    Coding,
    /// Those with other consequences alone.
    Noncoding,
}

/// Scores and mapped variants of MaveDB.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct MappingRule {
    /// The source of scores: a table with the columns `accession` and `score`.
    pub scores: String,
    /// The source of variants: a list of records in VRS.
    pub mapping: String,
}

/// Splice sites and their controls.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct SpliceRule {
    /// Fewest bases between a control and any exon.
    pub control_from: u64,
    /// Most bases between a control and the splice site.
    pub control_to: u64,
}

/// Stop codons and their controls.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct StopRule {
    /// Most pairs of one transcript.
    pub per_transcript: u64,
}

/// Haplotypes of a phased VCF.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct PhasedRule {
    /// The source.
    pub source: String,
    /// Most edits of a haplotype.
    pub max_edits: u32,
    /// Most bases from one edit to the next.
    pub max_gap: u64,
    /// Sequences that a target is ranked among, its own with them.
    pub candidates: u32,
    /// Rank up to which a target counts as found.
    pub recall_k: u32,
}

/// Chains of drawn edits.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[cfg_attr(feature = "json-schema", derive(schemars::JsonSchema))]
#[serde(deny_unknown_fields)]
pub struct ChainRule {
    /// Edits of a chain.
    pub edits: u32,
    /// Bases that the edits of a chain lie within.
    pub span: u64,
    /// Sequences that a target is ranked among, its own with them.
    pub candidates: u32,
    /// Rank up to which a target counts as found.
    pub recall_k: u32,
}

impl Rule {
    /// The sources that it reads, by name.
    pub(super) fn sources(&self) -> Vec<&str> {
        match self {
            Self::Table(rule) => vec![&rule.source],
            Self::Clinvar(rule) => vec![&rule.source],
            Self::Mapping(rule) => vec![&rule.scores, &rule.mapping],
            Self::PhasedHaplotypes(rule) => vec![&rule.source],
            Self::SpliceSites(_) | Self::StopCodons(_) | Self::EditChains(_) => Vec::new(),
        }
    }

    /// Whether it makes haplotypes, and not variants with labels.
    pub fn is_rollout(&self) -> bool {
        matches!(self, Self::PhasedHaplotypes(_) | Self::EditChains(_))
    }
}

impl TableRule {
    /// All columns that are read, each once: those of the variant and the label first.
    pub(super) fn all_columns(&self) -> Vec<&str> {
        let of = &self.columns;
        let mut all = vec![
            of.contig.as_str(),
            &of.position,
            &of.reference,
            &of.alternate,
            &of.label,
        ];
        let named = [&of.consequence, &of.group, &of.assembly];
        let named = named.into_iter().flatten().map(String::as_str);
        let least = self.at_least.iter().map(|least| least.column.as_str());
        let kept = self.keep.iter().map(String::as_str);
        for column in named.chain(least).chain(kept) {
            if !all.contains(&column) {
                all.push(column);
            }
        }
        all
    }
}
