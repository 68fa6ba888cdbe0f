//! Reading a ClinVar shard.

use std::{fmt, path::Path};

use geno_action::{EditError, EditSpec};

use super::{
    columns::{COLUMNS, N_OLD_COLUMNS},
    significance::ClinicalSignificance,
};
use crate::{
    shard::read::{Cells, ReadShardError, Rows, next_row, open_shard},
    table::Table,
};

/// A ClinVar shard, one of ours or of the Python package.
///
/// # Examples
///
/// See [`PrepareClinvar`](crate::PrepareClinvar).
#[derive(Debug)]
pub struct ClinvarShard {
    table: Table,
}

/// A row of a ClinVar shard.
///
/// Its `Debug` shows the lengths of the alleles and the significance alone.
#[derive(Clone, Eq, PartialEq)]
pub struct ClinvarVariant {
    /// The contig, without `chr`.
    pub chrom: String,
    /// Position of the first base of the reference allele, from 1.
    pub pos: u64,
    /// The reference allele.
    pub reference: String,
    /// The alternate allele.
    pub alternate: String,
    /// What it means for health.
    pub significance: ClinicalSignificance,
    /// How well that was reviewed, in ClinVar's words.
    pub review_status: String,
    /// The same in stars, 0 to 4. Not in shards of the Python package.
    pub review_stars: Option<i32>,
    /// The gene, or the first of several.
    pub gene_symbol: Option<String>,
    /// Id of unknown kind: the variation id, but in shards of the Python package mostly the allele
    /// id.
    pub clinvar_id: Option<i64>,
    /// Id of the variation. Not in shards of the Python package.
    pub variation_id: Option<i64>,
    /// Id of the allele. Not in shards of the Python package.
    pub allele_id: Option<i64>,
    /// The significance in ClinVar's words. Not in shards of the Python package.
    pub significance_text: Option<String>,
    /// What is in conflict, with counts. Not in shards of the Python package.
    pub conflicting_text: Option<String>,
}

/// The rows of a ClinVar shard in their order. After an error nothing comes.
pub struct ClinvarVariants {
    rows: Option<Rows>,
}

impl ClinvarShard {
    /// Opens a shard.
    ///
    /// # Errors
    ///
    /// [`ReadShardError`] if it is no Parquet file, or lacks a column of the Python package.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, ReadShardError> {
        let table = open_shard(path.as_ref(), &COLUMNS, N_OLD_COLUMNS)?;
        Ok(Self { table })
    }

    /// How many rows it has.
    pub fn n_variants(&self) -> u64 {
        self.table.n_rows()
    }

    /// Reads the rows, a few thousand at a time.
    ///
    /// # Errors
    ///
    /// [`ReadShardError`] if the file contradicts its footer.
    pub fn variants(self) -> Result<ClinvarVariants, ReadShardError> {
        let columns = COLUMNS.map(|(column, ..)| column);
        let rows = Some(Rows::new(self.table, &columns)?);
        Ok(ClinvarVariants { rows })
    }
}

impl Iterator for ClinvarVariants {
    type Item = Result<ClinvarVariant, ReadShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        next_row(&mut self.rows, ClinvarVariant::read)
    }
}

impl ClinvarVariant {
    /// The variant as an edit.
    ///
    /// # Errors
    ///
    /// [`EditError`] if the models take no such edit: an allele is too long, for one.
    pub fn edit(&self) -> Result<EditSpec, EditError> {
        EditSpec::new(&self.chrom, self.pos, &self.reference, &self.alternate)
    }

    fn read(cells: Cells<'_>) -> Result<Self, ReadShardError> {
        let text = |column| cells.text(column).map(str::to_owned);
        let need = |column| cells.need(column, text(column));
        // A class this program does not know is none of its own.
        let class = ClinicalSignificance::parse(&need("clinical_significance")?);
        Ok(Self {
            chrom: need("chrom")?,
            pos: cells.position()?,
            reference: need("ref")?,
            alternate: need("alt")?,
            significance: class.unwrap_or(ClinicalSignificance::Other),
            review_status: need("review_status")?,
            review_stars: cells.int32("review_stars"),
            gene_symbol: text("gene_symbol"),
            clinvar_id: cells.int("clinvar_id"),
            variation_id: cells.int("variation_id"),
            allele_id: cells.int("allele_id"),
            significance_text: text("significance_text"),
            conflicting_text: text("conflicting_text"),
        })
    }
}

impl fmt::Debug for ClinvarVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (r, a) = (self.reference.len(), self.alternate.len());
        write!(f, "ClinvarVariant({r}>{a}, {})", self.significance.as_str())
    }
}
