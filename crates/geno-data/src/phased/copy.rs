//! What one chromosome copy of one sample carries in a stretch.

use std::{collections::VecDeque, path::Path};

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};

use super::{
    PhasedError, call::Call, carried::Selected, genotypes::Genotypes, read::MAX_ROW_LEN,
    runs::Phase,
};
use crate::{
    Region,
    fasta::Fasta,
    reference::check_reference,
    vcf::{
        RejectReason, VcfRow,
        row::{self, Columns},
        source::Source,
    },
};

/// One of the two chromosome copies of a sample, as `GT` orders them.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum ChromosomeCopy {
    /// The allele left of the `|`.
    First,
    /// The allele right of it.
    Second,
}

/// Why it is not known what a chromosome copy carries.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CopyError {
    /// The file, its samples, or the reference.
    #[error(transparent)]
    Read(#[from] PhasedError),
    /// The file has several samples, and none was named.
    #[error("VCF file has {n} samples: name one")]
    WhichSample {
        /// How many.
        n: usize,
    },
    /// A row of the stretch, or the allele that the copy has there, cannot be used.
    #[error("line {line}")]
    Row {
        /// The line, 1-based.
        line: u64,
        /// What is wrong.
        source: RejectReason,
    },
    /// The sample's genotype has one allele.
    #[error("line {line}: sample has one chromosome copy, not two")]
    OneCopy {
        /// The line, 1-based.
        line: u64,
    },
    /// The row's phase has nothing to do with that of an earlier row.
    #[error("line {line}: sample is phased in another set than before")]
    OtherPhaseSet {
        /// The line, 1-based.
        line: u64,
    },
}

impl Coded for CopyError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(error) => error.code(),
            Self::WhichSample { .. } => ErrorCode::InputGeneric,
            Self::Row { source, .. } => source.code(),
            Self::OneCopy { .. } | Self::OtherPhaseSet { .. } => ErrorCode::InputVcfParse,
        }
    }
}

/// Reads the edits that a chromosome copy of a sample carries and that begin in a stretch, by
/// position.
///
/// The sample may be left out where the file has one. A row whose place cannot be read counts as one
/// of the stretch: what it says might belong there.
///
/// # Errors
///
/// [`CopyError`]: of what a copy carries nothing is left out in silence. Heterozygous genotypes
/// without a phase, or phased in two sets, do not say which copy has what.
///
/// # Examples
///
/// ```
/// use geno_data::{ChromosomeCopy, Fasta, Region, read_copy};
///
/// let folder = tempfile::tempdir()?;
/// let (fasta, vcf) = (folder.path().join("ref.fa"), folder.path().join("phased.vcf"));
/// std::fs::write(&fasta, ">20\nAAAACCCC\n")?;
/// let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta";
/// let rows = "20\t2\t.\tA\tG\t.\t.\t.\tGT\t0|1\n20\t5\t.\tC\tT\t.\t.\t.\tGT\t1|1";
/// std::fs::write(&vcf, format!("##fileformat=VCFv4.2\n{columns}\n{rows}\n"))?;
///
/// let fasta = Fasta::open(&fasta)?;
/// let region = Region::parse("20:1-8", &fasta)?;
/// let n_edits = |copy| read_copy(&vcf, &fasta, &region, None, copy).map(|edits| edits.len());
/// assert_eq!(n_edits(ChromosomeCopy::First)?, 1);
/// assert_eq!(n_edits(ChromosomeCopy::Second)?, 2);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn read_copy(
    vcf: &Path,
    fasta: &Fasta,
    region: &Region,
    sample: Option<&str>,
    copy: ChromosomeCopy,
) -> Result<Vec<EditSpec>, CopyError> {
    let mut source = Source::open(vcf).map_err(PhasedError::from)?;
    let header = source.read_header(MAX_ROW_LEN, |_| {});
    header.map_err(PhasedError::from)?;
    let names = sample.map(|name| vec![name.to_owned()]);
    let selected = Selected::of(&source.text, names.as_deref())?;
    if selected.len() > 1 {
        return Err(CopyError::WhichSample { n: selected.len() });
    }
    let number = selected.in_file().position(|read| read.is_some());
    let number = number.expect("a sample that was found");

    let (mut edits, mut phase) = (Vec::<EditSpec>::new(), Phase::Any);
    let mut alleles = VecDeque::new();
    while let Some((place, is_whole)) = source.next_row(MAX_ROW_LEN).map_err(PhasedError::from)? {
        let line = place.line;
        let fault = |source| CopyError::Row { line, source };
        let (columns, _) = Columns::split(&source.text, is_whole);
        if !may_lie_in(fasta, region, &columns) {
            continue;
        }
        alleles.clear();
        row::parse(&source.text, is_whole, place, &mut alleles);
        let genotypes = Genotypes::of(&source.text).filter(|_| is_whole);
        let mut genotypes = genotypes.ok_or_else(|| fault(RejectReason::NoGenotypes))?;
        for _ in 0..number {
            genotypes.next_call();
        }
        let call = genotypes.next_call();
        let allele = match (call.call, copy) {
            (Call::Unphased, _) => return Err(fault(RejectReason::Unphased { n_calls: 1 })),
            (Call::Missing, _) => return Err(fault(RejectReason::MissingCalls { n_calls: 1 })),
            (Call::Phased(_, None), _) => return Err(CopyError::OneCopy { line }),
            (Call::Phased(first, _), ChromosomeCopy::First) => first,
            (Call::Phased(_, Some(second)), ChromosomeCopy::Second) => second,
        };
        match (phase, call.phase) {
            (_, Phase::Any) => {}
            (Phase::Any, set) => phase = set,
            (before, set) if before != set => return Err(CopyError::OtherPhaseSet { line }),
            _ => {}
        }
        let Some(index) = allele.checked_sub(1) else {
            continue;
        };
        // A row that does not parse has one item, whatever its alleles.
        let carried = alleles.get(index as usize).or(alleles.back());
        let edit = match carried.expect("a row gives an item") {
            VcfRow::Rejected(row) => return Err(fault(row.reason.clone())),
            VcfRow::Variant(variant) if variant.allele() != index as usize + 1 => {
                return Err(fault(RejectReason::NoAlternate));
            }
            VcfRow::Variant(variant) => variant.edit(),
        };
        let checked = check_reference(fasta, edit).map_err(PhasedError::from)?;
        checked.map_err(|error| fault(error.into()))?;
        let end = |edit: &EditSpec| edit.pos() + edit.reference().len() as u64;
        let overlaps = |other: &EditSpec| other.pos() < end(edit) && edit.pos() < end(other);
        if edits.iter().any(overlaps) {
            return Err(fault(RejectReason::OverlappingEdits));
        }
        edits.push(edit.clone());
    }
    edits.sort_by_key(EditSpec::pos);
    Ok(edits)
}

/// Whether a row begins in a stretch, as far as can be told.
fn may_lie_in(fasta: &Fasta, region: &Region, columns: &Columns<'_>) -> bool {
    let Some(position) = row::parse_position(columns.pos) else {
        return true;
    };
    let contig = fasta.resolve(columns.chrom);
    let is_here = contig.is_some_and(|contig| fasta.index_of(contig) == region.contig_index());
    is_here && region.bases().contains(&(position - 1))
}
