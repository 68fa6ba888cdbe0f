//! A change of a coding sequence, laid over its codons.

use super::CodingSequence;

/// A change from its first codon on.
pub(crate) struct Change {
    /// The first base that is changed, counted from that of the sequence.
    pub(crate) start: usize,
    /// The first base of the first codon that is changed, or that an insertion comes before.
    pub(crate) first_base: usize,
    /// One past the last base of the last codon changed.
    pub(crate) end_of_codons: usize,
    /// The codons between, edited.
    pub(crate) edited_codons: Vec<u8>,
    /// All from the first codon to the end of what is known, edited.
    pub(crate) edited_to_trailer: Vec<u8>,
    /// Less than 0 if codons are lost.
    pub(crate) n_codons_added: i64,
    n_bases_added: i64,
    /// Whether bases are only added, or only taken away.
    pub(crate) is_pure_indel: bool,
}

impl Change {
    /// `None` if it begins before the first whole codon.
    pub(crate) fn new(
        sequence: &CodingSequence,
        start: i64,
        end: i64,
        alternate: &[u8],
    ) -> Option<Self> {
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
        let phase = sequence.phase;
        let first_base = phase + start.checked_sub(phase)? / 3 * 3;
        let end_of_codons = phase + (end - phase).div_ceil(3) * 3;
        let whole = [sequence.bases.as_slice(), &sequence.trailer].concat();
        let kept = whole.get(first_base..start)?;
        let edited = |end_of_all: usize| {
            let after = whole.get(end..end_of_all).unwrap_or_default();
            [kept, alternate, after].concat()
        };
        let n_bases_added = alternate.len() as i64 - (end - start) as i64;
        Some(Self {
            start,
            first_base,
            end_of_codons,
            edited_codons: edited(end_of_codons),
            edited_to_trailer: edited(whole.len()),
            n_codons_added: n_bases_added / 3,
            n_bases_added,
            is_pure_indel: start == end || alternate.is_empty(),
        })
    }

    /// Whether the codons after it are read as before.
    pub(crate) fn is_inframe(&self) -> bool {
        self.n_bases_added % 3 == 0
    }
}
