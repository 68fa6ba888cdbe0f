//! Coding sequences, read from a reference when they are first asked for.

use std::{collections::HashMap, ops::Range};

use geno_core::reverse_complement;

use super::{
    coding::CodingSequence,
    genetic_code::GeneticCode,
    transcript::{Strand, Transcript, Translation},
};
use crate::fasta::{Contig, Fasta, FetchError};

/// Bases of a transcript that are kept on either side of its coding sequence: more than the longest
/// allele, and a codon.
const FLANK: u64 = 32;

/// Most bases of a coding sequence; the longest human one has a tenth. A file that says otherwise is
/// not believed.
const MAX_CODING_LEN: u64 = 1 << 20;

/// Coding sequences kept. Variants come in genome order, so few are needed at a time.
const MAX_KEPT: usize = 512;

/// The coding sequences of transcripts known by a number.
#[derive(Debug, Default)]
pub(crate) struct CodingSequences {
    kept: HashMap<u32, Option<CodingSequence>>,
}

impl CodingSequences {
    /// The coding sequence of transcript `i`; `None` if it has none, or the reference does not hold
    /// it.
    pub(crate) fn get(
        &mut self,
        fasta: &Fasta,
        i: u32,
        transcript: &Transcript,
    ) -> Result<Option<&CodingSequence>, FetchError> {
        if !self.kept.contains_key(&i) {
            if self.kept.len() == MAX_KEPT {
                self.kept.clear();
            }
            self.kept.insert(i, read(fasta, transcript)?);
        }
        Ok(self.kept.get(&i).and_then(Option::as_ref))
    }
}

fn read(fasta: &Fasta, transcript: &Transcript) -> Result<Option<CodingSequence>, FetchError> {
    let Translation::Coding(coding) = &transcript.translation else {
        return Ok(None);
    };
    let contig = fasta.resolve(&transcript.contig);
    let Some(contig) = contig.filter(|contig| transcript.span().end <= contig.len()) else {
        return Ok(None);
    };
    let n_bases: u64 = coding.segments.iter().map(len).sum();
    if n_bases > MAX_CODING_LEN {
        return Ok(None);
    }
    let span = coding.span();
    let exons = &transcript.exons;
    let before = exons
        .iter()
        .map(|exon| exon.start..exon.end.min(span.start));
    let before = spliced(fasta, contig, last_bases(before.collect()))?;
    let bases = spliced(fasta, contig, coding.segments.clone())?;
    let after = exons.iter().map(|exon| exon.start.max(span.end)..exon.end);
    let after = spliced(fasta, contig, first_bases(after.collect()))?;
    let parts = match transcript.strand {
        Strand::Forward => [before, bases, after],
        Strand::Reverse => [after, bases, before].map(|part| reverse_complement(&part)),
    };
    Ok(Some(CodingSequence::new(
        parts,
        coding.phase,
        coding.is_start_missing,
        GeneticCode::of_contig(&transcript.contig),
    )))
}

fn len(region: &Range<u64>) -> u64 {
    region.end.saturating_sub(region.start)
}

/// The first [`FLANK`] bases of regions in their order.
fn first_bases(mut regions: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut left = FLANK;
    for region in &mut regions {
        region.end = region.end.min(region.start.saturating_add(left));
        left -= len(region);
    }
    regions
}

/// The last [`FLANK`] bases of regions in their order.
fn last_bases(mut regions: Vec<Range<u64>>) -> Vec<Range<u64>> {
    let mut left = FLANK;
    for region in regions.iter_mut().rev() {
        region.start = region.start.max(region.end.saturating_sub(left));
        left -= len(region);
    }
    regions
}

/// The bases of regions one after the other, in upper case. Empty regions add nothing.
fn spliced(
    fasta: &Fasta,
    contig: &Contig,
    regions: Vec<Range<u64>>,
) -> Result<Vec<u8>, FetchError> {
    let mut bases = Vec::new();
    for region in regions.into_iter().filter(|region| !region.is_empty()) {
        bases.extend(fasta.fetch(contig, region.start, region.end)?);
    }
    bases.make_ascii_uppercase();
    Ok(bases)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flanks_are_taken_from_the_nearest_exons() {
        let regions = vec![0..20, Range { start: 30, end: 10 }, 40..70, 80..90];
        let bases = |regions: Vec<Range<u64>>| regions.into_iter().flatten().collect::<Vec<_>>();
        let all = bases(regions.clone());
        assert_eq!(bases(first_bases(regions.clone())), all[..32]);
        assert_eq!(bases(last_bases(regions)), all[all.len() - 32..]);
    }
}
