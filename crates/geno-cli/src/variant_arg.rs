//! A variant on the command line.

use std::str::FromStr;

use geno_action::{EditError, EditSpec};

/// `CHROM:POS:REF:ALT`; the contig's name may hold colons.
#[derive(Clone, Debug)]
pub(crate) struct VariantArg(pub(crate) EditSpec);

/// Why a text is no variant.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ParseVariantError {
    #[error("expected CHROM:POS:REF:ALT")]
    Fields,
    #[error("the position is not a number")]
    Position,
    #[error(transparent)]
    Edit(#[from] EditError),
}

impl FromStr for VariantArg {
    type Err = ParseVariantError;

    fn from_str(text: &str) -> Result<Self, ParseVariantError> {
        let mut fields = text.rsplitn(4, ':');
        let (Some(alternate), Some(reference), Some(pos), Some(chrom)) =
            (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            return Err(ParseVariantError::Fields);
        };
        let pos = pos.parse().map_err(|_| ParseVariantError::Position)?;
        let (reference, alternate) = (reference.to_uppercase(), alternate.to_uppercase());
        Ok(Self(EditSpec::new(chrom, pos, &reference, &alternate)?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn contigs_may_hold_colons() {
        let VariantArg(edit) = "HLA:A*01:7:a:g".parse().unwrap();
        assert_eq!(
            (edit.chrom(), edit.pos(), edit.alternate()),
            ("HLA:A*01", 7, "G")
        );
    }

    #[test]
    fn texts_that_are_no_variant_are_refused() {
        for text in ["20:7:A", "20:x:A:G", "20:0:A:G", "20:7:A:A", "20:7:A:<DEL>"] {
            assert!(text.parse::<VariantArg>().is_err(), "{text}");
        }
    }
}
