//! Variants of a file, whichever form it has.

use std::path::Path;

use geno_core::Digest;

use crate::{
    fasta::Fasta,
    input::Progress,
    notation::VariantList,
    site::PlaceError,
    vcf::{VcfReader, VcfRow},
};

/// The form of a file of variants.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum VariantFormat {
    /// A VCF file, see [`VcfReader::open`].
    #[default]
    Vcf,
    /// A VCF file whose rows state what surrounds their variants, see [`VcfReader::open_with_context`].
    VcfWithContext,
    /// A list, see [`VariantList`].
    List,
}

/// Reads a file of variants, row by row.
pub enum VariantReader<'a> {
    /// A VCF file.
    Vcf(VcfReader),
    /// A list.
    List(VariantList<'a>),
}

impl<'a> VariantReader<'a> {
    /// Opens a file, or the standard input for `-`. A list is placed on the reference.
    ///
    /// # Errors
    ///
    /// [`PlaceError::Vcf`] and [`PlaceError::List`].
    pub fn open(path: &Path, format: VariantFormat, fasta: &'a Fasta) -> Result<Self, PlaceError> {
        let vcf = match format {
            VariantFormat::Vcf => VcfReader::open(path),
            VariantFormat::VcfWithContext => VcfReader::open_with_context(path),
            VariantFormat::List => return Ok(Self::List(VariantList::open(path, fasta)?)),
        };
        Ok(Self::Vcf(vcf?))
    }

    /// How much of the file has been read.
    pub fn progress(&self) -> Progress {
        match self {
            Self::Vcf(reader) => reader.progress(),
            Self::List(list) => list.lines().progress(),
        }
    }

    /// The digest of the file as it is stored. `None` until the file is read to its end.
    pub fn digest(&self) -> Option<Digest> {
        match self {
            Self::Vcf(reader) => reader.digest(),
            Self::List(list) => list.lines().digest(),
        }
    }
}

impl Iterator for VariantReader<'_> {
    type Item = Result<VcfRow, PlaceError>;

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::Vcf(reader) => Some(reader.next()?.map_err(PlaceError::from)),
            Self::List(list) => Some(list.next()?.map_err(PlaceError::from)),
        }
    }
}
