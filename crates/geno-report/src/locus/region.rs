//! The region that somebody asks for.

use std::{fmt, ops::Range, str::FromStr};

use geno_core::{Coded, ErrorCode, contig_aliases};

/// Most bases that a picture has room for.
const MAX_BASES: u64 = 2_000_000;

/// A stretch of a contig, by its name alone: no reference is needed.
///
/// ```
/// use geno_report::LocusRegion;
///
/// let region: LocusRegion = "chr20:3,300,001-3,310,000".parse()?;
/// assert_eq!(region.to_string(), "chr20:3300001-3310000");
/// # Ok::<_, geno_report::ParseLocusError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LocusRegion {
    contig: String,
    /// 0-based and half-open.
    bases: Range<u64>,
}

/// Why a text is no region to be shown.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseLocusError {
    /// The text has another form.
    #[error("region is not CONTIG:START-END")]
    Form,
    /// Its last base lies before its first, or its first before the contig.
    #[error("region has no base")]
    Empty,
    /// It is too long to be looked at.
    #[error("region has {len} bases, more than the {MAX_BASES} that a picture shows")]
    TooLong {
        /// Its bases.
        len: u64,
    },
}

impl Coded for ParseLocusError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl FromStr for LocusRegion {
    type Err = ParseLocusError;

    /// Reads `CONTIG:START-END`, 1-based and with its last base. Numbers may have commas, and the contig colons.
    fn from_str(text: &str) -> Result<Self, ParseLocusError> {
        let number = |text: &str| text.replace(',', "").parse::<u64>().ok();
        let (contig, bases) = text.rsplit_once(':').ok_or(ParseLocusError::Form)?;
        let (first, last) = bases.split_once('-').ok_or(ParseLocusError::Form)?;
        let ends = number(first).zip(number(last));
        let (first, last) = ends.ok_or(ParseLocusError::Form)?;
        match first.checked_sub(1) {
            _ if contig.is_empty() => Err(ParseLocusError::Form),
            Some(start) if start < last => match last - start {
                len if len > MAX_BASES => Err(ParseLocusError::TooLong { len }),
                _ => Ok(Self {
                    contig: contig.to_owned(),
                    bases: start..last,
                }),
            },
            _ => Err(ParseLocusError::Empty),
        }
    }
}

impl fmt::Display for LocusRegion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Range { start, end } = self.bases;
        write!(f, "{}:{}-{end}", self.contig, start + 1)
    }
}

impl LocusRegion {
    /// 0-based and half-open.
    pub(crate) fn bases(&self) -> Range<u64> {
        self.bases.clone()
    }

    /// Whether a contig is the region's, under any of its names.
    pub(crate) fn is_on(&self, contig: &str) -> bool {
        contig == self.contig || contig_aliases(contig).contains(&self.contig)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_that_are_no_region_are_refused() {
        let fault = |text: &str| text.parse::<LocusRegion>().unwrap_err();
        for text in ["20", "20:5", "20:a-b", ":1-2", "20:1-2-3", "20:-5"] {
            assert_eq!(fault(text), ParseLocusError::Form, "{text}");
        }
        for text in ["20:0-5", "20:6-5"] {
            assert_eq!(fault(text), ParseLocusError::Empty, "{text}");
        }
        let len = MAX_BASES + 1;
        assert_eq!(
            fault(&format!("20:1-{len}")),
            ParseLocusError::TooLong { len }
        );
        let one: LocusRegion = "HLA:A*01:5-5".parse().unwrap();
        assert_eq!((one.bases(), one.is_on("HLA:A*01")), (4..5, true));
    }
}
