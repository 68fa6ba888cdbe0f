//! Written variants in the one form that all notations share.

use geno_action::{EditError, EditSpec};
use geno_core::{Coded, ErrorCode, reverse_complement};

use super::{Change, WrittenVariant};
use crate::{
    fasta::{Contig, Fasta, FetchError},
    holdout::Aligner,
    normal_edit::NormalEdit,
    reference::ReferenceError,
};

/// Longest stretch that a variant may replace before its shared bases are dropped. What is left of it has to be as
/// short as any edit.
const MAX_LEN: u64 = 1 << 12;

/// Why a written variant makes no edit of a reference genome.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PlaceNotationError {
    /// It does not fit the reference.
    #[error(transparent)]
    Reference(#[from] ReferenceError),
    /// Its alleles make no edit.
    #[error(transparent)]
    Edit(#[from] EditError),
    /// It replaces too much.
    #[error("variant replaces {len} bases, more than the {MAX_LEN} that are read")]
    TooLong {
        /// How many.
        len: u64,
    },
}

impl Coded for PlaceNotationError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Reference(source) => source.code(),
            Self::Edit(source) => source.code(),
            Self::TooLong { .. } => ErrorCode::InputGeneric,
        }
    }
}

impl WrittenVariant {
    /// The edit: on the contig as the reference names it, without bases that both alleles share, as far left as it
    /// goes, and with the base before it where an allele would be empty, as VCF has it.
    ///
    /// # Errors
    ///
    /// The outer error is a FASTA that cannot be read, which ends a run; the inner one concerns no other variant.
    pub fn place(&self, fasta: &Fasta) -> Result<Result<EditSpec, PlaceNotationError>, FetchError> {
        if self.len > MAX_LEN {
            return Ok(Err(PlaceNotationError::TooLong { len: self.len }));
        }
        let (contig, reference) = match self.replaced(fasta)? {
            Ok(replaced) => replaced,
            Err(fault) => return Ok(Err(fault.into())),
        };
        let alternate = match &self.change {
            Change::To(bases) => bases.clone(),
            Change::Duplicated => [&reference[..], &reference].concat(),
            Change::Inverted => reverse_complement(&reference),
        };
        let text = |bases: &[u8]| String::from_utf8_lossy(bases).into_owned();
        let (reference, alternate) = (text(&reference), text(&alternate));
        if reference == alternate {
            return Ok(Err(EditError::NoChange.into()));
        }
        // The bases were compared above, so the form is exact.
        let aligner = Aligner::new(Some(fasta));
        let (normal, _) =
            aligner.normal_form(contig.name(), self.start + 1, &reference, &alternate)?;
        let (start, reference, alternate) = anchored(normal, fasta, contig)?;
        let edit = EditSpec::new(
            contig.name(),
            start + 1,
            &text(&reference),
            &text(&alternate),
        );
        Ok(edit.map_err(PlaceNotationError::from))
    }

    /// The contig, and the bases of it that are replaced: what the text says of them has to be true.
    fn replaced<'a>(
        &self,
        fasta: &'a Fasta,
    ) -> Result<Result<(&'a Contig, Vec<u8>), ReferenceError>, FetchError> {
        let Some(contig) = fasta.resolve(&self.contig) else {
            let chrom = self.contig.clone();
            return Ok(Err(ReferenceError::UnknownContig { chrom }));
        };
        let name = || contig.name().to_owned();
        let end = self.start.checked_add(self.len);
        let Some(end) = end.filter(|&end| end <= contig.len()) else {
            return Ok(Err(ReferenceError::PastContig {
                contig: name(),
                len: contig.len(),
            }));
        };
        let found = upper(fasta, contig, self.start, end)?;
        let is_other = self
            .replaced
            .as_ref()
            .is_some_and(|stated| *stated != found);
        Ok(if found.contains(&b'N') {
            Err(ReferenceError::UnknownBases { contig: name() })
        } else if is_other {
            let found = found.iter().map(|&base| char::from(base)).collect();
            Err(ReferenceError::Mismatch {
                contig: name(),
                found,
            })
        } else {
            Ok((contig, found))
        })
    }
}

/// Start and alleles, of which none is empty: with the base before them, or behind them at the start of a contig.
fn anchored(
    edit: NormalEdit,
    fasta: &Fasta,
    contig: &Contig,
) -> Result<(u64, Vec<u8>, Vec<u8>), FetchError> {
    let NormalEdit {
        start,
        mut reference,
        mut alternate,
        ..
    } = edit;
    if !reference.is_empty() && !alternate.is_empty() {
        return Ok((start, reference, alternate));
    }
    if let Some(before) = start.checked_sub(1) {
        let base = upper(fasta, contig, before, start)?;
        reference.splice(..0, base.iter().copied());
        alternate.splice(..0, base);
        return Ok((before, reference, alternate));
    }
    let end = reference.len() as u64;
    let base = upper(fasta, contig, end, (end + 1).min(contig.len()))?;
    reference.extend_from_slice(&base);
    alternate.extend_from_slice(&base);
    Ok((0, reference, alternate))
}

fn upper(fasta: &Fasta, contig: &Contig, from: u64, to: u64) -> Result<Vec<u8>, FetchError> {
    let mut bases = fasta.fetch(contig, from, to)?;
    bases.make_ascii_uppercase();
    Ok(bases)
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTIG: &str = "CAAATTGGCACACACNTTTTG";

    fn fasta() -> (tempfile::TempDir, Fasta) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        std::fs::write(&path, format!(">chr20\n{}\n", CONTIG.to_lowercase())).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        (folder, fasta)
    }

    fn placed(text: &str) -> Result<String, PlaceNotationError> {
        let (_folder, fasta) = fasta();
        let edit = text
            .parse::<WrittenVariant>()
            .unwrap()
            .place(&fasta)
            .unwrap()?;
        Ok(format!(
            "{}:{}:{}:{}",
            edit.chrom(),
            edit.pos(),
            edit.reference(),
            edit.alternate()
        ))
    }

    #[test]
    fn every_notation_of_an_edit_gives_one() {
        for (edit, texts) in [
            (
                "chr20:2:A:G",
                &[
                    "20:2:A:G",
                    "20-2-A-G",
                    "NC_000020.10:1:A:G",
                    "NC_000020.11:g.2A>G",
                    "20:1:CAA:CGA",
                ][..],
            ),
            // A unit of the repeat, wherever it was taken from.
            (
                "chr20:8:GCA:G",
                &[
                    "20:13:CAC:C",
                    "NC_000020.10:9:2:",
                    "NC_000020.10:g.14_15del",
                    "20:g.9_10delCA",
                    "chr20:8:GCA:G",
                ],
            ),
            (
                "chr20:8:G:GCA",
                &["20:g.14_15dup", "20:g.15_16insAC", "20:9:C:CAC"],
            ),
            ("chr20:1:CA:C", &["20:g.4del", "20:g.2del"]),
            ("chr20:5:TTGG:CCAA", &["20:g.5_8inv", "20:g.5_8delinsCCAA"]),
            // Before the first base stands none.
            ("chr20:1:CA:A", &["20:g.1del"]),
            ("chr20:1:C:GC", &["NC_000020.10:0::G"]),
        ] {
            for text in texts {
                assert_eq!(placed(text).as_deref(), Ok(edit), "{text}");
            }
        }
    }

    #[test]
    fn what_does_not_fit_the_reference_is_told() {
        let code = |text| placed(text).unwrap_err().code();
        assert_eq!(code("21:2:A:G"), ErrorCode::InputUnknownContig);
        assert_eq!(code("20:2:C:G"), ErrorCode::InputRefMismatch);
        assert_eq!(code("20:g.16del"), ErrorCode::InputRefMismatch);
        assert_eq!(code("20:g.21_22del"), ErrorCode::InputOutOfWindow);
        assert_eq!(code("20:99:A:G"), ErrorCode::InputOutOfWindow);
        let error = |text| placed(text).unwrap_err();
        assert_eq!(error("20:g.2_3delinsAA"), EditError::NoChange.into());
        // The other strand of AATT is AATT.
        assert_eq!(error("20:g.3_6inv"), EditError::NoChange.into());
        assert_eq!(
            error("20:g.1_9999del"),
            PlaceNotationError::TooLong { len: 9_999 }
        );
        let long = format!("20:g.2_3ins{}", "ACGT".repeat(9));
        assert!(matches!(
            error(&long),
            PlaceNotationError::Edit(EditError::TooLong { .. })
        ));
    }
}
