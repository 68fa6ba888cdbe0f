//! Reading a gnomAD shard.

use std::{fmt, path::Path};

use geno_action::{EditError, EditSpec};

use super::{
    columns::{COLUMNS, N_OLD_COLUMNS},
    frequencies::Population,
};
use crate::{
    shard::read::{Cells, ReadShardError, Rows, next_row, open_shard},
    table::Table,
};

/// A gnomAD shard, one of ours or of the Python package.
///
/// # Examples
///
/// See [`PrepareGnomad`](crate::PrepareGnomad).
#[derive(Debug)]
pub struct GnomadShard {
    table: Table,
}

/// A row of a gnomAD shard.
///
/// Its `Debug` shows the lengths of the alleles and the frequency alone.
#[derive(Clone, PartialEq)]
pub struct GnomadVariant {
    /// The contig, without `chr`.
    pub chrom: String,
    /// Position of the first base of the reference allele, from 1.
    pub pos: u64,
    /// The reference allele.
    pub reference: String,
    /// The alternate allele.
    pub alternate: String,
    /// Frequency among everybody.
    pub af_global: f32,
    /// Frequencies in populations, in the order of [`Population::ALL`].
    pub af: [Option<f32>; Population::ALL.len()],
    /// Frequency in the population where it is highest.
    pub af_grpmax: Option<f32>,
    /// Alternate alleles seen.
    pub ac: Option<i64>,
    /// Alleles looked at.
    pub an: Option<i64>,
    /// People with two alternate alleles.
    pub nhomalt: Option<i64>,
    /// FILTER of the VCF.
    pub filter: String,
}

/// The rows of a gnomAD shard in their order. After an error nothing comes.
pub struct GnomadVariants {
    rows: Option<Rows>,
}

impl GnomadShard {
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
    pub fn variants(self) -> Result<GnomadVariants, ReadShardError> {
        let columns = COLUMNS.map(|(column, ..)| column);
        let rows = Some(Rows::new(self.table, &columns)?);
        Ok(GnomadVariants { rows })
    }
}

impl Iterator for GnomadVariants {
    type Item = Result<GnomadVariant, ReadShardError>;

    fn next(&mut self) -> Option<Self::Item> {
        next_row(&mut self.rows, GnomadVariant::read)
    }
}

impl GnomadVariant {
    /// The frequency in a population.
    pub fn af_of(&self, population: Population) -> Option<f32> {
        self.af[population as usize]
    }

    /// The variant as an edit.
    ///
    /// # Errors
    ///
    /// [`EditError`] if the models take no such edit: an allele is too long, for one.
    pub fn edit(&self) -> Result<EditSpec, EditError> {
        EditSpec::new(&self.chrom, self.pos, &self.reference, &self.alternate)
    }

    fn read(cells: Cells<'_>) -> Result<Self, ReadShardError> {
        let text =
            |column| Ok::<_, ReadShardError>(cells.need(column, cells.text(column))?.to_owned());
        Ok(Self {
            chrom: text("chrom")?,
            pos: cells.position()?,
            reference: text("ref")?,
            alternate: text("alt")?,
            af_global: cells.need("af_global", cells.float("af_global"))?,
            af: Population::ALL.map(|population| cells.float(population.column())),
            af_grpmax: cells.float("af_grpmax"),
            ac: cells.int("ac"),
            an: cells.int("an"),
            nhomalt: cells.int("nhomalt"),
            filter: text("filter")?,
        })
    }
}

impl fmt::Debug for GnomadVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (r, a) = (self.reference.len(), self.alternate.len());
        write!(f, "GnomadVariant({r}>{a}, af {})", self.af_global)
    }
}
