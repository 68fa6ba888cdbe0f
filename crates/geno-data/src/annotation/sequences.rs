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
const FLANK: usize = 32;

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
    let span = coding.span();
    let exons = &transcript.exons;
    let mut before = spliced(
        fasta,
        contig,
        exons.iter().map(|e| e.start..e.end.min(span.start)),
    )?;
    let bases = spliced(fasta, contig, coding.segments.iter().cloned())?;
    let mut after = spliced(
        fasta,
        contig,
        exons.iter().map(|e| e.start.max(span.end)..e.end),
    )?;
    before.drain(..before.len().saturating_sub(FLANK));
    after.truncate(FLANK);
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

/// The bases of several regions one after the other, in upper case. Empty regions add nothing.
fn spliced(
    fasta: &Fasta,
    contig: &Contig,
    regions: impl Iterator<Item = Range<u64>>,
) -> Result<Vec<u8>, FetchError> {
    let mut bases = Vec::new();
    for region in regions.filter(|region| !region.is_empty()) {
        bases.extend(fasta.fetch(contig, region.start, region.end)?);
    }
    bases.make_ascii_uppercase();
    Ok(bases)
}
