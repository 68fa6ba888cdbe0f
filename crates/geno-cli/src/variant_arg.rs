//! A variant on the command line.

use std::{convert::Infallible, path::Path, str::FromStr};

use geno_action::{EditError, EditSpec};
use geno_core::{Coded, ErrorCode};
use geno_data::{Fasta, ParseNotationError, RejectReason, WrittenVariant};

use crate::failure::Failure;

/// A variant in any notation that [`WrittenVariant`] reads.
///
/// A text that is none still parses as an argument: the argument parser's own message would repeat it,
/// and no message shows a variant.
#[derive(Clone, Debug)]
pub(crate) struct VariantArg(Result<WrittenVariant, ParseNotationError>);

/// Why an argument gives no edit.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum VariantArgError {
    #[error(transparent)]
    Parse(#[from] ParseNotationError),
    #[error("variant is no edit")]
    Edit(#[from] EditError),
    #[error("HGVS and SPDI need `--fasta`: they are placed on the reference")]
    NoFasta,
}

impl Coded for VariantArgError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Parse(source) => source.code(),
            Self::Edit(source) => source.code(),
            Self::NoFasta => ErrorCode::InputGeneric,
        }
    }
}

impl VariantArg {
    /// Whether it is a variant.
    pub(crate) fn check(&self) -> Result<(), VariantArgError> {
        let written = self.0.as_ref().map_err(Clone::clone)?;
        written.as_row().transpose()?;
        Ok(())
    }

    /// The edit: as written, or of another notation placed on the reference.
    pub(crate) fn edit(&self, fasta: &Fasta) -> Result<EditSpec, Failure> {
        self.check()?;
        let written = self.0.as_ref().map_err(Clone::clone);
        let written = written.map_err(VariantArgError::from)?;
        match written.as_row() {
            Some(edit) => Ok(edit.map_err(VariantArgError::from)?),
            None => Ok(written.place(fasta)?.map_err(RejectReason::from)?),
        }
    }

    /// The same, with a reference that is opened only if it is needed.
    pub(crate) fn edit_in(&self, fasta: Option<&Path>) -> Result<EditSpec, Failure> {
        self.check()?;
        let row = self.0.as_ref().ok().and_then(WrittenVariant::as_row);
        match (row, fasta) {
            (Some(edit), _) => Ok(edit.map_err(VariantArgError::from)?),
            (None, Some(fasta)) => self.edit(&Fasta::open(fasta)?),
            (None, None) => Err(VariantArgError::NoFasta.into()),
        }
    }
}

impl FromStr for VariantArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(text.parse()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_variant_are_refused_without_being_repeated() {
        for text in ["20:7:A", "20:x:A:G", "20:0:A:G", "20:7:A:A", "20:7:A:<DEL>"] {
            let argument: VariantArg = text.parse().unwrap();
            let error = argument.check().unwrap_err();
            assert!(!format!("{error} {error:?}").contains(text), "{text}");
        }
    }

    #[test]
    fn rows_need_no_reference_and_other_notations_do() {
        let of = |text: &str| text.parse::<VariantArg>().unwrap().edit_in(None);
        let edit = of("HLA:A*01:7:a:g").ok().unwrap();
        assert_eq!(
            (edit.chrom(), edit.pos(), edit.alternate()),
            ("HLA:A*01", 7, "G")
        );
        for text in ["20:g.7A>G", "NC_000020.10:6:A:G"] {
            assert!(
                of(text).err().unwrap().to_string().contains("--fasta"),
                "{text}"
            );
        }
    }
}
