//! Variants as people write them down: `CHROM:POS:REF:ALT`, HGVS and SPDI.

mod hgvs;
mod list;
mod place;

use std::{fmt, str::FromStr};

use geno_action::{EditError, EditSpec};
use geno_core::{Coded, ErrorCode, is_acgt};

pub use self::{
    list::{ReadListError, VariantList},
    place::PlaceNotationError,
};

/// A variant as it was written: what replaces which bases of a contig.
///
/// | notation | example | where |
/// |---|---|---|
/// | `CHROM:POS:REF:ALT` | `chr20:1300205:A:AGG` | 1-based, alleles as in a VCF |
/// | the same with dashes | `20-1300205-A-AGG` | as gnomAD writes it |
/// | SPDI | `NC_000020.10:1300204:A:AGG` | 0-based; either allele may be empty, or a number of bases stand for the first |
/// | HGVS, genomic | `NC_000020.10:g.1300205A>G` | 1-based; also `del`, `dup`, `ins`, `delins`, `inv` |
///
/// Four fields with colons are SPDI if the first is an accession with its version, as SPDI asks for, or if the
/// third is empty or a number. HGVS takes any name of a contig before its `:g.` (or `:m.`).
///
/// Its `Debug` shows its shape alone.
///
/// # Examples
///
/// ```
/// use geno_data::{Fasta, WrittenVariant};
///
/// let folder = tempfile::tempdir()?;
/// std::fs::write(folder.path().join("ref.fa"), ">20\nGATTTCA\n")?;
/// let fasta = Fasta::open(folder.path().join("ref.fa"))?;
///
/// for text in ["20:5:T:TT", "20-2-A-AT", "NC_000020.10:4::T", "chr20:g.5dup"] {
///     let variant: WrittenVariant = text.parse()?;
///     // One insertion, wherever in the run of T it was written, stands at its left end.
///     let edit = variant.place(&fasta)??;
///     assert_eq!((edit.pos(), edit.reference(), edit.alternate()), (2, "A", "AT"), "{text}");
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
///
/// # Source
///
/// HGVS nomenclature 21.1, recommendations for DNA; Holmes et al., *SPDI: data model for variants and
/// applications at NCBI*, 2020.
#[derive(Clone, Eq, PartialEq)]
pub struct WrittenVariant {
    contig: String,
    /// First base that is replaced, 0-based.
    start: u64,
    /// How many are.
    len: u64,
    /// Which they are, if the text says.
    replaced: Option<Vec<u8>>,
    change: Change,
    /// Whether it was written as a VCF row has it.
    is_row: bool,
}

/// What replaces them.
#[derive(Clone, Eq, PartialEq)]
enum Change {
    To(Vec<u8>),
    Duplicated,
    Inverted,
}

/// Why a text is no variant. No message shows the text.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseNotationError {
    /// It is none of the notations.
    #[error("variant is neither CHROM:POS:REF:ALT nor SPDI nor HGVS (`:g.`)")]
    Notation,
    /// An identifier of a database.
    #[error(
        "variant is an identifier, which needs a database to look it up: write the variant itself"
    )]
    Identifier,
    /// HGVS of a transcript or a protein.
    #[error("HGVS `{kind}.` is relative to a transcript or a protein: write it as `g.`")]
    NotGenomic {
        /// `c`, `n`, `p` or `r`.
        kind: char,
    },
    /// HGVS that is not understood, or names no single change.
    #[error("HGVS change is not one of `>`, del, dup, ins, delins and inv at known positions")]
    Change,
    /// A position is no number, or 0 where counting begins at 1, or an interval ends before it begins.
    #[error("variant has no valid position")]
    Position,
    /// An allele has other letters than `ACGT`.
    #[error("allele of a variant has other letters than ACGT")]
    NotDna,
}

impl Coded for ParseNotationError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl FromStr for WrittenVariant {
    type Err = ParseNotationError;

    fn from_str(text: &str) -> Result<Self, ParseNotationError> {
        if let Some(found) = hgvs::parse(text) {
            return found;
        }
        let fields: Vec<_> = text.rsplitn(4, ':').collect();
        let dashed: Vec<_> = text.rsplitn(4, '-').collect();
        match (&fields[..], &dashed[..]) {
            (&[inserted, deleted, position, contig], _) => match is_spdi(contig, deleted) {
                true => spdi(contig, position, deleted, inserted),
                false => alleles(contig, position, deleted, inserted),
            },
            (_, &[alternate, reference, position, contig]) => {
                alleles(contig, position, reference, alternate)
            }
            _ if is_identifier(text) => Err(ParseNotationError::Identifier),
            _ => Err(ParseNotationError::Notation),
        }
    }
}

impl WrittenVariant {
    /// The edit as it was written, not moved, if it was written as `CHROM:POS:REF:ALT`: that needs no reference.
    pub fn as_row(&self) -> Option<Result<EditSpec, EditError>> {
        let (Some(reference), Change::To(alternate)) = (&self.replaced, &self.change) else {
            return None;
        };
        let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
        let (reference, alternate) = (text(reference), text(alternate));
        let edit = || EditSpec::new(&self.contig, self.start + 1, &reference, &alternate);
        self.is_row.then(edit)
    }
}

/// `CHROM:POS:REF:ALT`.
fn alleles(
    contig: &str,
    position: &str,
    reference: &str,
    alternate: &str,
) -> Result<WrittenVariant, ParseNotationError> {
    let (reference, alternate) = (bases(reference)?, bases(alternate)?);
    if reference.is_empty() || alternate.is_empty() {
        return Err(ParseNotationError::NotDna);
    }
    Ok(WrittenVariant {
        contig: contig_name(contig)?,
        start: one_based(position)?,
        len: reference.len() as u64,
        replaced: Some(reference),
        change: Change::To(alternate),
        is_row: true,
    })
}

/// `CONTIG:POSITION:DELETED:INSERTED`.
fn spdi(
    contig: &str,
    position: &str,
    deleted: &str,
    inserted: &str,
) -> Result<WrittenVariant, ParseNotationError> {
    let (len, replaced) = match number(deleted) {
        Some(len) => (len, None),
        None => {
            let deleted = bases(deleted)?;
            (deleted.len() as u64, Some(deleted))
        }
    };
    Ok(WrittenVariant {
        contig: contig_name(contig)?,
        start: number(position).ok_or(ParseNotationError::Position)?,
        len,
        replaced,
        change: Change::To(bases(inserted)?),
        is_row: false,
    })
}

fn is_spdi(contig: &str, deleted: &str) -> bool {
    let is_accession = contig.split_once('_').is_some_and(|(kind, rest)| {
        let is_kind = kind.len() == 2 && kind.bytes().all(|b| b.is_ascii_uppercase());
        let number = rest.split_once('.');
        is_kind && number.is_some_and(|(id, version)| number_of(id) && number_of(version))
    });
    is_accession || deleted.is_empty() || number_of(deleted)
}

/// `rs6041382` and the like.
fn is_identifier(text: &str) -> bool {
    let prefixes = ["rs", "ss", "RCV", "VCV", "COSV", "COSM"];
    let number = prefixes.iter().find_map(|prefix| text.strip_prefix(prefix));
    number.is_some_and(|number| number.starts_with(|letter: char| letter.is_ascii_digit()))
}

fn contig_name(name: &str) -> Result<String, ParseNotationError> {
    match name.trim() {
        "" => Err(ParseNotationError::Notation),
        name => Ok(name.to_owned()),
    }
}

fn number_of(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number in digits alone.
fn number(text: &str) -> Option<u64> {
    text.parse().ok().filter(|_| number_of(text))
}

/// A position that counts from 1, as one that counts from 0.
fn one_based(text: &str) -> Result<u64, ParseNotationError> {
    let position = number(text).and_then(|position| position.checked_sub(1));
    position.ok_or(ParseNotationError::Position)
}

/// Bases in upper case.
fn bases(text: &str) -> Result<Vec<u8>, ParseNotationError> {
    let bases = text.to_ascii_uppercase().into_bytes();
    match is_acgt(&bases) || bases.is_empty() {
        true => Ok(bases),
        false => Err(ParseNotationError::NotDna),
    }
}

impl fmt::Debug for WrittenVariant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = match &self.change {
            Change::To(bases) => format!("{} bases", bases.len()),
            Change::Duplicated => "dup".to_owned(),
            Change::Inverted => "inv".to_owned(),
        };
        write!(f, "WrittenVariant({} bases > {change})", self.len)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parsed(text: &str) -> (String, u64, u64, Option<Vec<u8>>, Vec<u8>) {
        let variant: WrittenVariant = text.parse().unwrap();
        let Change::To(bases) = variant.change else {
            panic!("{text} gives no bases");
        };
        let WrittenVariant {
            contig,
            start,
            len,
            replaced,
            ..
        } = variant;
        (contig, start, len, replaced, bases)
    }

    #[test]
    fn alleles_count_from_one_and_contigs_may_hold_colons_and_dashes() {
        let expected = |contig: &str| {
            let (reference, alternate) = (Some(b"A".to_vec()), b"AGG".to_vec());
            (contig.to_owned(), 6, 1, reference, alternate)
        };
        assert_eq!(parsed("chr20:7:a:AGG"), expected("chr20"));
        assert_eq!(parsed("20-7-A-AGG"), expected("20"));
        assert_eq!(parsed("HLA-A*01:01:7:A:AGG"), expected("HLA-A*01:01"));
        assert_eq!(parsed("HLA-A-7-A-AGG"), expected("HLA-A"));
    }

    #[test]
    fn spdi_counts_from_zero() {
        let of = |start, len, replaced: Option<&[u8]>, bases: &[u8]| {
            let replaced = replaced.map(<[u8]>::to_vec);
            (
                "NC_000020.10".to_owned(),
                start,
                len,
                replaced,
                bases.to_vec(),
            )
        };
        assert_eq!(parsed("NC_000020.10:7:A:G"), of(7, 1, Some(b"A"), b"G"));
        assert_eq!(parsed("NC_000020.10:0::GT"), of(0, 0, Some(b""), b"GT"));
        assert_eq!(parsed("NC_000020.10:7:2:"), of(7, 2, None, b""));
        assert_eq!(parsed("20:7:2:G").1, 7);
        assert_eq!(parsed("20:7:A:G").1, 6);
    }

    #[test]
    fn texts_that_are_no_variant_say_why_and_not_what() {
        use ParseNotationError::*;
        for (text, error) in [
            ("", Notation),
            ("20", Notation),
            ("20:7:A", Notation),
            (":7:A:G", Notation),
            ("rs6041382", Identifier),
            ("VCV000012345.3", Identifier),
            ("20:x:A:G", Position),
            ("20:0:A:G", Position),
            ("20:+7:A:G", Position),
            ("20:99999999999999999999:A:G", Position),
            ("NC_000020.10:-1:A:G", Position),
            ("20:7:A:<DEL>", NotDna),
            ("20:7:N:G", NotDna),
            ("20-7-A-", NotDna),
        ] {
            let found = text.parse::<WrittenVariant>().unwrap_err();
            assert_eq!(found, error, "{text}");
            assert!(text.len() < 5 || !format!("{found} {found:?}").contains(text));
        }
    }
}
