//! ClinVar: what submitters say of variants.

mod columns;
mod read;
mod significance;

use std::{collections::BTreeMap, ops::ControlFlow};

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::columns::{ClinvarColumns, Labels};
pub use self::{
    read::{ClinvarShard, ClinvarVariant, ClinvarVariants},
    significance::ClinicalSignificance,
};
use super::{
    pipeline::{Counts, Shard},
    positions::Positions,
    prepare::{PrepareShard, PrepareShardError, ShardProgress, prepare},
    report::{RowCounts, ShardReport},
    row::Row,
};

/// Version of the columns. 1.0.0 is the Python package's; 1.1.0 adds those behind
/// `schema_version`.
const SCHEMA_VERSION: &str = "1.1.0";

/// Makes a shard of the variants of a ClinVar VCF.
///
/// An allele is taken if it is a run of ACGT, as is REF. The shard has one row an allele:
///
/// | columns | type | |
/// |---|---|---|
/// | `chrom` | text | without `chr`; the mitochondrion is `MT` |
/// | `pos`, `ref`, `alt` | `i64`, text | as in the VCF, alleles in upper case |
/// | `clinical_significance` | text | [`ClinicalSignificance`], from `CLNSIG`, else `CLNSIGCONF` |
/// | `review_status` | text | `CLNREVSTAT`, or `unknown` |
/// | `gene_symbol` | text, nullable | the first gene of `GENEINFO` |
/// | `clinvar_id` | `i64`, nullable | `variation_id` again |
/// | `schema_version` | text | |
/// | `variation_id` | `i64`, nullable | the ID column, else `CLNVID` |
/// | `allele_id` | `i64`, nullable | `ALLELEID` |
/// | `review_stars` | `i32`, nullable | 0 to 4, by ClinVar's table; null for a status that is not in it |
/// | `significance_text` | text, nullable | `CLNSIG` as written, with its qualifiers |
/// | `conflicting_text` | text, nullable | `CLNSIGCONF` as written: the classes of a conflict with their counts |
///
/// Up to `schema_version` the columns are those of the Python package, in its order. Classifications
/// of tumours (`ONC`, `SCI` and what belongs to them) are others and not read.
///
/// # Examples
///
/// ```
/// use std::{fs, ops::ControlFlow};
/// use geno_data::{ClinicalSignificance, ClinvarShard, PrepareClinvar, PrepareShard};
///
/// let folder = tempfile::tempdir()?;
/// let vcf = folder.path().join("clinvar.vcf");
/// fs::write(&vcf, "##fileformat=VCFv4.1\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
///     13\t100\t4711\tG\tA\t.\t.\tALLELEID=815;CLNSIG=Pathogenic,_low_penetrance;\
///     CLNREVSTAT=reviewed_by_expert_panel;GENEINFO=BRCA2:675\n")?;
///
/// let files = PrepareShard {
///     vcf: &vcf,
///     output: folder.path(),
///     release: "2026-04-15",
///     max_allele_len: 16,
///     overwrite: false,
///     rejected: None,
/// };
/// PrepareClinvar { files }.run(|_| ControlFlow::Continue(()))?;
///
/// let shard = ClinvarShard::open(folder.path().join("clinvar/2026-04-15/variants.parquet"))?;
/// let variants = shard.variants()?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(variants[0].significance, ClinicalSignificance::Pathogenic);
/// assert_eq!(variants[0].review_stars, Some(3));
/// assert_eq!((variants[0].variation_id, variants[0].allele_id), (Some(4711), Some(815)));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PrepareClinvar<'a> {
    /// From what and to where.
    pub files: PrepareShard<'a>,
}

/// What became of the rows and alleles of a ClinVar file.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct ClinvarCounts {
    /// What every kind of shard counts.
    #[serde(flatten)]
    pub rows: RowCounts,
    /// Alleles written without a variation id.
    pub written_without_id: u64,
    /// Alleles written, by significance.
    pub written_by_significance: BTreeMap<ClinicalSignificance, u64>,
}

impl PrepareClinvar<'_> {
    /// Makes the shard, or finds that it is there: made from the same bytes with the same settings.
    ///
    /// `None` if `on_progress` breaks it off; nothing has a final name then.
    ///
    /// # Errors
    ///
    /// [`PrepareShardError`], [`PrepareShardError::Exists`] among them if there is another shard
    /// and it may not be overwritten. What stood there stays.
    pub fn run(
        &self,
        on_progress: impl FnMut(ShardProgress) -> ControlFlow<()>,
    ) -> Result<Option<ShardReport<ClinvarCounts>>, PrepareShardError> {
        prepare(self, &self.files, on_progress)
    }
}

impl Shard for PrepareClinvar<'_> {
    type Columns = ClinvarColumns;
    type Counts = ClinvarCounts;
    const NAME: &'static str = "clinvar";
    const SCHEMA_VERSION: &'static str = SCHEMA_VERSION;

    fn schema() -> SchemaRef {
        columns::schema()
    }

    fn settings(&self) -> serde_json::Value {
        json!({})
    }

    fn add(
        &self,
        row: &Row<'_>,
        positions: &mut Positions,
        columns: &mut ClinvarColumns,
        counts: &mut ClinvarCounts,
    ) {
        let labels = Labels::of(row);
        for (i, alternate) in row.alternates() {
            let rows = &mut counts.rows;
            rows.allele_records_seen += 1;
            let kinds = &mut rows.skipped_allele_kinds;
            if !kinds.admit(&row.reference, alternate, self.files.max_allele_len) {
                rows.skipped_allele += 1;
                continue;
            }
            if !positions.take(&row.reference, alternate) {
                rows.skipped_duplicate += 1;
                continue;
            }
            rows.records_written += 1;
            let significance = labels.significance(i);
            let written = &mut counts.written_by_significance;
            *written.entry(significance).or_default() += 1;
            counts.written_without_id += u64::from(labels.variation_id(i).is_none());
            columns.push(row, alternate, i, &labels);
        }
    }

    fn finish(columns: ClinvarColumns) -> RecordBatch {
        columns.finish()
    }
}

impl Counts for ClinvarCounts {
    fn rows(&self) -> &RowCounts {
        &self.rows
    }

    fn rows_mut(&mut self) -> &mut RowCounts {
        &mut self.rows
    }

    fn add(&mut self, other: &Self) {
        self.rows.add(&other.rows);
        self.written_without_id += other.written_without_id;
        for (significance, n) in &other.written_by_significance {
            *self
                .written_by_significance
                .entry(*significance)
                .or_default() += n;
        }
    }
}
