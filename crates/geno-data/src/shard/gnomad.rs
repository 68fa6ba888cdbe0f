//! gnomAD: allele frequencies of populations.

mod columns;
mod frequencies;
mod read;

use std::ops::ControlFlow;

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use serde::{Deserialize, Serialize};
use serde_json::json;

use self::{columns::GnomadColumns, frequencies::Frequencies};
pub use self::{
    frequencies::Population,
    read::{GnomadShard, GnomadVariant, GnomadVariants},
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

/// Makes a shard of the variants of a gnomAD VCF, genomes, exomes or joint, of any version.
///
/// An allele is taken if the row's FILTER is `PASS`, it is a run of ACGT, as is REF, and its
/// frequency is at least `min_af`. The shard has one row an allele:
///
/// | columns | type | |
/// |---|---|---|
/// | `chrom` | text | without `chr`; the mitochondrion is `MT` |
/// | `pos`, `ref`, `alt` | `i64`, text | as in the VCF, alleles in upper case |
/// | `af_global` | `f32` | `AF`, else `AF_global`, `AF_GLOBAL` or `AF_joint` |
/// | `af_afr`, `af_ami`, `af_amr`, `af_asj`, `af_eas`, `af_fin`, `af_nfe`, `af_oth`, `af_sas` | `f32`, nullable | `AF_afr`, `AF_AFR` or `AF_joint_afr` and so on |
/// | `filter`, `schema_version` | text | |
/// | `af_mid`, `af_remaining` | `f32`, nullable | populations of gnomAD 4 |
/// | `af_grpmax` | `f32`, nullable | `AF_grpmax`, `AF_grpmax_joint` or `AF_popmax` |
/// | `ac`, `an`, `nhomalt` | `i64`, nullable | `AC`, `AN`, `nhomalt`, or the same with `_joint` |
///
/// Up to `schema_version` the columns are those of the Python package, in its order.
///
/// # Examples
///
/// ```
/// use std::{fs, ops::ControlFlow, path::Path};
/// use geno_data::{GnomadShard, PrepareGnomad, PrepareShard};
///
/// let folder = tempfile::tempdir()?;
/// let vcf = folder.path().join("gnomad.vcf");
/// fs::write(&vcf, "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n\
///     chr20\t100\t.\tA\tC,<DEL>\t.\tPASS\tAF=0.25,0.5;AF_mid=0.125,0\n")?;
///
/// let prepare = PrepareGnomad {
///     files: PrepareShard {
///         vcf: &vcf,
///         output: folder.path(),
///         release: "v4.1",
///         max_allele_len: 16,
///         overwrite: false,
///         rejected: None,
///     },
///     min_af: 0.01,
///     allow_unfiltered: false,
/// };
/// let report = prepare.run(|_| ControlFlow::Continue(()))?.unwrap();
/// assert_eq!(report.counts.rows.records_written, 1);
/// assert_eq!(report.counts.rows.skipped_allele_kinds.symbolic, 1);
///
/// let shard = GnomadShard::open(folder.path().join("gnomad/v4.1/variants.parquet"))?;
/// let variants = shard.variants()?.collect::<Result<Vec<_>, _>>()?;
/// assert_eq!((variants[0].chrom.as_str(), variants[0].af_global), ("20", 0.25));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug)]
pub struct PrepareGnomad<'a> {
    /// From what and to where.
    pub files: PrepareShard<'a>,
    /// Least frequency that is taken, from 0 to 1.
    pub min_af: f64,
    /// Whether rows whose FILTER is `.` are taken too: those that no filter was applied to.
    pub allow_unfiltered: bool,
}

/// What became of the rows and alleles of a gnomAD file.
///
/// The reasons to skip an allele are looked at in this order: the row's filter, its alleles, the
/// frequency, a duplicate.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
pub struct GnomadCounts {
    /// What every kind of shard counts.
    #[serde(flatten)]
    pub rows: RowCounts,
    /// Alleles of rows whose FILTER is not `PASS`.
    pub skipped_filter: u64,
    /// Alleles without a frequency, or with too low a one.
    pub skipped_af: u64,
    /// Those without one: there is none, or it is no number from 0 to 1.
    pub skipped_af_missing: u64,
    /// Those with too low a one.
    pub skipped_af_below: u64,
}

impl PrepareGnomad<'_> {
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
    ) -> Result<Option<ShardReport<GnomadCounts>>, PrepareShardError> {
        let min_af = self.min_af;
        if !(0. ..=1.).contains(&min_af) {
            return Err(PrepareShardError::MinAf { min_af });
        }
        prepare(self, &self.files, on_progress)
    }
}

impl Shard for PrepareGnomad<'_> {
    type Columns = GnomadColumns;
    type Counts = GnomadCounts;
    const NAME: &'static str = "gnomad";
    const SCHEMA_VERSION: &'static str = SCHEMA_VERSION;

    fn schema() -> SchemaRef {
        columns::schema()
    }

    fn settings(&self) -> serde_json::Value {
        json!({"allow_unfiltered": self.allow_unfiltered, "min_af": self.min_af})
    }

    fn add(
        &self,
        row: &Row<'_>,
        positions: &mut Positions,
        columns: &mut GnomadColumns,
        counts: &mut GnomadCounts,
    ) {
        let is_filtered = row.filter != b"PASS" && !(self.allow_unfiltered && row.filter == b".");
        let mut frequencies = None;
        for (i, alternate) in row.alternates() {
            counts.rows.allele_records_seen += 1;
            if is_filtered {
                counts.skipped_filter += 1;
                continue;
            }
            let kinds = &mut counts.rows.skipped_allele_kinds;
            if !kinds.admit(&row.reference, alternate, self.files.max_allele_len) {
                counts.rows.skipped_allele += 1;
                continue;
            }
            let frequencies = frequencies.get_or_insert_with(|| Frequencies::of(row.info));
            let below = match frequencies.global(i) {
                Some(af) if af >= self.min_af => None,
                Some(_) => Some(&mut counts.skipped_af_below),
                None => Some(&mut counts.skipped_af_missing),
            };
            if let Some(below) = below {
                *below += 1;
                counts.skipped_af += 1;
            } else if positions.take(&row.reference, alternate) {
                columns.push(row, alternate, i, frequencies);
                counts.rows.records_written += 1;
            } else {
                counts.rows.skipped_duplicate += 1;
            }
        }
    }

    fn finish(columns: GnomadColumns) -> RecordBatch {
        columns.finish()
    }
}

impl Counts for GnomadCounts {
    fn rows(&self) -> &RowCounts {
        &self.rows
    }

    fn rows_mut(&mut self) -> &mut RowCounts {
        &mut self.rows
    }

    fn add(&mut self, other: &Self) {
        self.rows.add(&other.rows);
        self.skipped_filter += other.skipped_filter;
        self.skipped_af += other.skipped_af;
        self.skipped_af_missing += other.skipped_af_missing;
        self.skipped_af_below += other.skipped_af_below;
    }
}
