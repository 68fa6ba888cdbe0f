//! Rows of nine columns, which GTF and GFF3 share.

use std::{borrow::Cow, ops::Range};

use super::{rows::RowFault, transcript::Strand};

/// A row of a GTF or GFF3 file.
pub(crate) struct Feature<'a> {
    pub(crate) contig: &'a str,
    pub(crate) kind: &'a str,
    /// 0-based.
    pub(crate) region: Range<u64>,
    /// `None` where it is not stranded or nobody knows.
    pub(crate) strand: Option<Strand>,
    /// Bases before the next whole codon.
    pub(crate) phase: Option<u8>,
    attributes: &'a str,
    dialect: Dialect,
}

/// How the ninth column is written.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Dialect {
    /// `key "value"; key "value";`
    Gtf,
    /// `key=value;key=value`, some letters as `%41`.
    Gff3,
}

impl<'a> Feature<'a> {
    pub(crate) fn parse(row: &'a str) -> Result<Self, RowFault> {
        let mut columns = row.split('\t');
        let mut next = || columns.next().ok_or(RowFault::TooFewColumns);
        let (contig, _source, kind) = (next()?, next()?, next()?);
        let (start, end) = (next()?, next()?);
        let (_score, strand, phase, attributes) = (next()?, next()?, next()?, next()?);
        Ok(Self {
            contig,
            kind,
            region: region(start, end)?,
            strand: parse_strand(strand)?,
            phase: match phase.as_bytes() {
                [digit @ b'0'..=b'2'] => Some(digit - b'0'),
                b"." => None,
                _ => return Err(RowFault::BadPhase),
            },
            attributes,
            dialect: Dialect::of(attributes),
        })
    }

    pub(crate) fn is_gff3(&self) -> bool {
        self.dialect == Dialect::Gff3
    }

    /// The value of an attribute, the first where it stands more than once; not an empty one.
    pub(crate) fn attribute(&self, key: &str) -> Option<Cow<'a, str>> {
        self.values(key).next()
    }

    /// The first of several attributes that is there.
    pub(crate) fn first_of(&self, keys: &[&str]) -> Option<String> {
        let found = keys.iter().find_map(|key| self.attribute(key));
        found.map(Cow::into_owned)
    }

    /// Every value of an attribute; in GFF3 one attribute holds several, with commas between them.
    pub(crate) fn values(&self, key: &str) -> impl Iterator<Item = Cow<'a, str>> {
        let dialect = self.dialect;
        let of_key = pairs(self.attributes, dialect).filter(move |(name, _)| *name == key);
        let values = of_key.flat_map(move |(_, value)| {
            let separator = match dialect {
                Dialect::Gtf => '\0',
                Dialect::Gff3 => ',',
            };
            value.split(separator)
        });
        let decoded = values.map(move |value| match dialect {
            Dialect::Gtf => Cow::Borrowed(value),
            Dialect::Gff3 => decode(value),
        });
        decoded.filter(|value| !value.is_empty())
    }
}

impl Dialect {
    fn of(attributes: &str) -> Self {
        let key = attributes.trim_start();
        let end = key.find(|letter: char| letter == '=' || letter.is_whitespace());
        match end.map(|end| key.as_bytes()[end]) {
            Some(b'=') => Self::Gff3,
            _ => Self::Gtf,
        }
    }
}

/// The keys and values of a ninth column, quotes left out.
fn pairs(attributes: &str, dialect: Dialect) -> impl Iterator<Item = (&str, &str)> {
    let mut rest = attributes;
    std::iter::from_fn(move || {
        loop {
            rest = rest.trim_start_matches(|letter: char| letter == ';' || letter.is_whitespace());
            if rest.is_empty() {
                return None;
            }
            let mut is_quoted = false;
            let end = rest.find(|letter| {
                is_quoted ^= letter == '"' && dialect == Dialect::Gtf;
                letter == ';' && !is_quoted
            });
            let (pair, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            let split = match dialect {
                Dialect::Gtf => pair.split_once(char::is_whitespace),
                Dialect::Gff3 => pair.split_once('='),
            };
            if let Some((key, value)) = split {
                return Some((key, value.trim().trim_matches('"')));
            }
        }
    })
}

/// Replaces `%41` and the like. What is no such code stays as it is.
fn decode(value: &str) -> Cow<'_, str> {
    if !value.contains('%') {
        return Cow::Borrowed(value);
    }
    let mut bytes = Vec::with_capacity(value.len());
    let mut rest = value.as_bytes();
    while let Some((&first, after)) = rest.split_first() {
        let code = match rest {
            [b'%', high, low, ..] => {
                let digit = |letter: u8| char::from(letter).to_digit(16);
                digit(*high).zip(digit(*low))
            }
            _ => None,
        };
        match code {
            Some((high, low)) => {
                bytes.push((high * 16 + low) as u8);
                rest = &rest[3..];
            }
            None => {
                bytes.push(first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// The region from a 1-based first to a 1-based last position.
fn region(first: &str, last: &str) -> Result<Range<u64>, RowFault> {
    let number = |text: &str| text.parse::<u64>().map_err(|_| RowFault::BadInterval);
    let start = number(first)?.checked_sub(1).ok_or(RowFault::BadInterval)?;
    checked_region(start, number(last)?)
}

/// A 0-based region of at least one base, not past what any contig has.
pub(crate) fn checked_region(start: u64, end: u64) -> Result<Range<u64>, RowFault> {
    let is_region = start < end && end <= i64::MAX as u64;
    is_region.then_some(start..end).ok_or(RowFault::BadInterval)
}

pub(crate) fn parse_strand(text: &str) -> Result<Option<Strand>, RowFault> {
    match text {
        "+" => Ok(Some(Strand::Forward)),
        "-" => Ok(Some(Strand::Reverse)),
        "." | "?" => Ok(None),
        _ => Err(RowFault::BadStrand),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn values(row: &str, key: &str) -> Vec<String> {
        let feature = Feature::parse(row).unwrap();
        feature.values(key).map(Cow::into_owned).collect()
    }

    #[test]
    fn gtf_attributes_may_hold_semicolons_and_come_twice() {
        let row = "chr1\tHAVANA\tCDS\t11\t20\t.\t-\t2\tgene_id \"G;1\"; tag \"basic\"; level 2; \
                   tag \"MANE_Select\"; transcript_id \"\"";
        let feature = Feature::parse(row).unwrap();
        assert!(!feature.is_gff3());
        assert_eq!(feature.region, 10..20);
        assert_eq!(
            (feature.strand, feature.phase),
            (Some(Strand::Reverse), Some(2))
        );
        assert_eq!(values(row, "gene_id"), ["G;1"]);
        assert_eq!(values(row, "tag"), ["basic", "MANE_Select"]);
        assert_eq!(values(row, "level"), ["2"]);
        assert_eq!(feature.attribute("transcript_id"), None);
    }

    #[test]
    fn gff3_attributes_are_decoded_after_they_are_split() {
        let row = "NC_000001.11\tRefSeq\texon\t1\t1\t.\t+\t.\tID=a;Parent=x,y%2Cz;Note=5%25 %zz";
        assert!(Feature::parse(row).unwrap().is_gff3());
        assert_eq!(values(row, "Parent"), ["x", "y,z"]);
        assert_eq!(values(row, "Note"), ["5% %zz"]);
    }

    #[test]
    fn each_kind_of_bad_row_has_its_fault() {
        let fault = |row: &str| Feature::parse(row).err();
        for (row, expected) in [
            ("chr1\t.\texon\t1\t2\t.\t+\t.", RowFault::TooFewColumns),
            ("chr1\t.\texon\t0\t2\t.\t+\t.\t", RowFault::BadInterval),
            ("chr1\t.\texon\t3\t2\t.\t+\t.\t", RowFault::BadInterval),
            ("chr1\t.\texon\tx\t2\t.\t+\t.\t", RowFault::BadInterval),
            ("chr1\t.\texon\t1\t2\t.\tplus\t.\t", RowFault::BadStrand),
            ("chr1\t.\tCDS\t1\t2\t.\t+\t3\t", RowFault::BadPhase),
            (
                "chr1\t.\texon\t1\t18446744073709551615\t.\t+\t.\t",
                RowFault::BadInterval,
            ),
        ] {
            assert_eq!(fault(row), Some(expected), "{row}");
        }
    }

    proptest! {
        #[test]
        fn any_attributes_are_read_without_panic(attributes in "[a-c=;\" %,1é\t]{0,40}") {
            let row = format!("1\t.\texon\t1\t2\t.\t+\t.\t{attributes}");
            let feature = Feature::parse(&row).unwrap();
            for key in ["a", "b", ""] {
                prop_assert!(feature.values(key).count() <= attributes.len());
            }
        }
    }
}
