//! A variant on the command line.

use std::{convert::Infallible, str::FromStr};

use geno_action::{EditError, EditSpec};
use geno_core::{Coded, ErrorCode};

/// `CHROM:POS:REF:ALT`; the contig's name may hold colons.
///
/// A text that is none still parses as an argument: the argument parser's own message would repeat it,
/// and no message shows a variant.
#[derive(Clone, Debug)]
pub(crate) struct VariantArg(Result<EditSpec, ParseVariantError>);

/// Why a text is no variant.
#[derive(Clone, Debug, thiserror::Error)]
pub(crate) enum ParseVariantError {
    #[error("variant is not CHROM:POS:REF:ALT")]
    Fields,
    #[error("the position of a variant is not a number")]
    Position,
    #[error("variant is no edit")]
    Edit(#[from] EditError),
}

impl Coded for ParseVariantError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fields | Self::Position => ErrorCode::InputGeneric,
            Self::Edit(source) => source.code(),
        }
    }
}

impl VariantArg {
    /// The edit.
    pub(crate) fn edit(&self) -> Result<&EditSpec, ParseVariantError> {
        self.0.as_ref().map_err(Clone::clone)
    }
}

impl FromStr for VariantArg {
    type Err = Infallible;

    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(Self(parse(text)))
    }
}

fn parse(text: &str) -> Result<EditSpec, ParseVariantError> {
    let mut fields = text.rsplitn(4, ':');
    let (Some(alternate), Some(reference), Some(pos), Some(chrom)) =
        (fields.next(), fields.next(), fields.next(), fields.next())
    else {
        return Err(ParseVariantError::Fields);
    };
    let pos = pos.parse().map_err(|_| ParseVariantError::Position)?;
    let (reference, alternate) = (reference.to_uppercase(), alternate.to_uppercase());
    Ok(EditSpec::new(chrom, pos, &reference, &alternate)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contigs_may_hold_colons() {
        let edit = parse("HLA:A*01:7:a:g").unwrap();
        assert_eq!(
            (edit.chrom(), edit.pos(), edit.alternate()),
            ("HLA:A*01", 7, "G")
        );
    }

    #[test]
    fn texts_that_are_no_variant_are_refused_without_being_repeated() {
        for text in ["20:7:A", "20:x:A:G", "20:0:A:G", "20:7:A:A", "20:7:A:<DEL>"] {
            let argument: VariantArg = text.parse().unwrap();
            let error = argument.edit().unwrap_err();
            assert!(!format!("{error} {error:?}").contains(text), "{text}");
        }
    }
}
