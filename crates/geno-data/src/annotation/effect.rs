//! What an allele does to one transcript.

use std::ops::Range;

use geno_core::reverse_complement;

use super::{
    allele::Allele,
    coding::CodingSequence,
    consequence::{Consequence, Consequences},
    transcript::{CodingRegion, Strand, Transcript, Translation},
};

/// Longest gap between two exons that nothing splices: such introns mend a frame in an annotation.
const MAX_GAP: u64 = 12;

/// Bases of an exon that belong to the region of its splice site.
const SPLICE_REGION_OF_EXON: u64 = 3;

/// Bases of an intron that belong to the region of its splice site.
const SPLICE_REGION_OF_INTRON: u64 = 8;

/// All that an allele does to a transcript; nothing if it does not touch it.
///
/// Without the coding sequence, what is coded is not told.
pub(crate) fn effect(
    transcript: &Transcript,
    allele: &Allele,
    sequence: Option<&CodingSequence>,
) -> Consequences {
    let mut found = Consequences::default();
    for intron in transcript.introns() {
        effect_on_intron(&intron, transcript.strand, allele, &mut found);
    }
    if !transcript.exons.iter().any(|exon| allele.touches(exon)) {
        return found;
    }
    match &transcript.translation {
        Translation::Unknown => found.insert(Consequence::CodingSequence),
        Translation::None => found.insert(Consequence::NonCodingExon),
        Translation::Coding(coding) => {
            effect_on_exon(transcript, coding, allele, sequence, &mut found);
        }
    }
    found
}

/// Whether the effect depends on the bases of the coding sequence.
pub(crate) fn needs_sequence(transcript: &Transcript, allele: &Allele) -> bool {
    match &transcript.translation {
        Translation::Coding(coding) => coding
            .segments
            .iter()
            .any(|segment| allele.touches(segment)),
        Translation::None | Translation::Unknown => false,
    }
}

fn effect_on_intron(
    intron: &Range<u64>,
    strand: Strand,
    allele: &Allele,
    found: &mut Consequences,
) {
    let (start, end) = (intron.start, intron.end);
    // An insertion between an exon and an intron counts to the intron.
    let is_at_edge =
        allele.region.is_empty() && (start == allele.region.start || end == allele.region.start);
    if allele.touches(intron) || is_at_edge {
        found.insert(Consequence::Intron);
    }
    if end - start <= MAX_GAP {
        return;
    }
    let (left, right) = match strand {
        Strand::Forward => (Consequence::SpliceDonor, Consequence::SpliceAcceptor),
        Strand::Reverse => (Consequence::SpliceAcceptor, Consequence::SpliceDonor),
    };
    let left_region = start.saturating_sub(SPLICE_REGION_OF_EXON)..start + SPLICE_REGION_OF_INTRON;
    let right_region = end - SPLICE_REGION_OF_INTRON..end + SPLICE_REGION_OF_EXON;
    for (site, site_bases, region) in [
        (left, start..start + 2, left_region),
        (right, end - 2..end, right_region),
    ] {
        if allele.touches(&site_bases) {
            found.insert(site);
        } else if allele.touches(&region) {
            found.insert(Consequence::SpliceRegion);
        }
    }
}

fn effect_on_exon(
    transcript: &Transcript,
    coding: &CodingRegion,
    allele: &Allele,
    sequence: Option<&CodingSequence>,
    found: &mut Consequences,
) {
    let span = coding.span();
    let (before, after) = match transcript.strand {
        Strand::Forward => (Consequence::FivePrimeUtr, Consequence::ThreePrimeUtr),
        Strand::Reverse => (Consequence::ThreePrimeUtr, Consequence::FivePrimeUtr),
    };
    for exon in &transcript.exons {
        let is_left = if allele.region.is_empty() {
            allele.region.start <= span.start
        } else {
            exon.start.max(allele.region.start) < span.start
        };
        let is_right = if allele.region.is_empty() {
            allele.region.start >= span.end
        } else {
            exon.end.min(allele.region.end) > span.end
        };
        if allele.touches(exon) {
            if is_left {
                found.insert(before);
            }
            if is_right {
                found.insert(after);
            }
        }
    }
    let touched = coding
        .segments
        .iter()
        .position(|segment| allele.touches(segment));
    let Some(i) = touched else {
        return;
    };
    let is_in_exon = transcript.exons.iter().any(|exon| allele.is_within(exon));
    found.insert(match sequence {
        Some(sequence) if is_in_exon && coding.is_consistent => {
            let (start, end) = offsets(coding, i, transcript.strand, &allele.region);
            match transcript.strand {
                Strand::Forward => sequence.effect(start, end, &allele.alternate),
                Strand::Reverse => {
                    sequence.effect(start, end, &reverse_complement(&allele.alternate))
                }
            }
        }
        _ => Consequence::CodingSequence,
    });
}

/// Where a region that touches segment `i` lies in the coding sequence, in reading direction.
fn offsets(coding: &CodingRegion, i: usize, strand: Strand, region: &Range<u64>) -> (i64, i64) {
    let segment = &coding.segments[i];
    let len_of = |segments: &[Range<u64>]| -> i64 {
        let lens = segments.iter().map(|segment| segment.end - segment.start);
        lens.sum::<u64>() as i64
    };
    let distance = |from: u64, to: u64| to as i64 - from as i64;
    match strand {
        Strand::Forward => {
            let before = len_of(&coding.segments[..i]);
            (
                before + distance(segment.start, region.start),
                before + distance(segment.start, region.end),
            )
        }
        Strand::Reverse => {
            let before = len_of(&coding.segments[i + 1..]);
            (
                before + distance(region.end, segment.end),
                before + distance(region.start, segment.end),
            )
        }
    }
}

#[cfg(test)]
mod tests {
    use geno_action::EditSpec;
    use proptest::prelude::*;

    use super::{
        super::{genetic_code::GeneticCode, transcript::CodingRegion},
        *,
    };

    /// Exons at 100..110 and 130..142, coding `ATGAAA|TGG TAA` with a base of UTR beside it:
    /// 103..110 and 130..135.
    fn transcript(strand: Strand) -> Transcript {
        Transcript {
            id: "t".into(),
            gene: None,
            biotype: None,
            contig: "1".into(),
            strand,
            exons: vec![100..110, 130..142],
            translation: Translation::Coding(CodingRegion {
                segments: vec![103..110, 130..135],
                phase: Some(0),
                is_start_missing: false,
                is_consistent: true,
            }),
            is_canonical: false,
        }
    }

    fn sequence() -> CodingSequence {
        let parts = ["CCC", "ATGAAATGGTAA", "GGGGGGG"].map(|part| part.as_bytes().to_vec());
        CodingSequence::new(parts, Some(0), false, GeneticCode::Standard)
    }

    fn terms(strand: Strand, pos: u64, reference: &str, alternate: &str) -> String {
        let allele = Allele::of(&EditSpec::new("1", pos, reference, alternate).unwrap());
        effect(&transcript(strand), &allele, Some(&sequence())).to_string()
    }

    #[test]
    fn each_part_of_a_transcript_has_its_term() {
        for (pos, expected) in [
            (100, ""),
            (101, "5_prime_UTR_variant"),
            (111, "splice_donor_variant&intron_variant"),
            (112, "splice_donor_variant&intron_variant"),
            (113, "splice_region_variant&intron_variant"),
            (118, "splice_region_variant&intron_variant"),
            (119, "intron_variant"),
            (122, "intron_variant"),
            (123, "splice_region_variant&intron_variant"),
            (129, "splice_acceptor_variant&intron_variant"),
            (130, "splice_acceptor_variant&intron_variant"),
            (136, "3_prime_UTR_variant"),
            (142, "3_prime_UTR_variant"),
            (143, ""),
        ] {
            assert_eq!(terms(Strand::Forward, pos, "A", "C"), expected, "{pos}");
        }
    }

    #[test]
    fn a_reverse_transcript_is_read_from_its_other_end() {
        assert_eq!(terms(Strand::Reverse, 101, "A", "C"), "3_prime_UTR_variant");
        assert_eq!(terms(Strand::Reverse, 142, "A", "C"), "5_prime_UTR_variant");
        assert_eq!(
            terms(Strand::Reverse, 111, "A", "C"),
            "splice_acceptor_variant&intron_variant"
        );
        // The start codon ATG is CAT at 133..135 of the reference.
        assert_eq!(terms(Strand::Reverse, 135, "T", "C"), "start_lost");
        assert_eq!(
            terms(Strand::Reverse, 104, "T", "C"),
            "stop_retained_variant"
        );
    }

    #[test]
    fn codons_are_read_across_an_intron() {
        // TGG has its first base in the first exon and two in the second.
        assert_eq!(
            terms(Strand::Forward, 110, "T", "C"),
            "missense_variant&splice_region_variant"
        );
        assert_eq!(
            terms(Strand::Forward, 131, "G", "A"),
            "stop_gained&splice_region_variant"
        );
    }

    #[test]
    fn a_deletion_over_a_splice_site_is_not_translated() {
        assert_eq!(
            terms(Strand::Forward, 108, "ATGG", "A"),
            "splice_donor_variant&coding_sequence_variant&intron_variant"
        );
    }

    #[test]
    fn an_insertion_beside_an_exon_is_in_the_intron() {
        assert_eq!(
            terms(Strand::Forward, 110, "T", "TC"),
            "splice_region_variant&intron_variant"
        );
        assert_eq!(
            terms(Strand::Forward, 111, "G", "GC"),
            "splice_donor_variant&intron_variant"
        );
        assert_eq!(terms(Strand::Forward, 106, "A", "AC"), "frameshift_variant");
    }

    #[test]
    fn a_deletion_of_the_start_and_what_is_before_it_loses_the_start() {
        assert_eq!(
            terms(Strand::Forward, 102, "CCAT", "C"),
            "start_lost&5_prime_UTR_variant"
        );
    }

    #[test]
    fn exons_alone_have_splice_sites_and_no_frame() {
        let exons = Transcript {
            translation: Translation::Unknown,
            ..transcript(Strand::Forward)
        };
        let at = |pos| {
            let allele = Allele::of(&EditSpec::new("1", pos, "A", "C").unwrap());
            effect(&exons, &allele, None).to_string()
        };
        assert_eq!(at(104), "coding_sequence_variant");
        assert_eq!(at(111), "splice_donor_variant&intron_variant");
        assert_eq!(exons.upstream(1_000), None);
    }

    /// The bases of parts of a genome, one after the other, in reading direction.
    fn read(genome: &[u8], parts: &[Range<u64>], strand: Strand) -> Vec<u8> {
        let parts = parts.iter();
        let bases: Vec<u8> = parts
            .flat_map(|part| genome[part.start as usize..part.end as usize].to_vec())
            .collect();
        match strand {
            Strand::Forward => bases,
            Strand::Reverse => reverse_complement(&bases),
        }
    }

    /// The effect on the transcript of which the exons are cut from `genome`, coding but for
    /// `n_utr` bases at either end.
    fn effect_in(
        genome: &[u8],
        exons: &[Range<u64>],
        n_utr: u64,
        strand: Strand,
        allele: &Allele,
    ) -> Consequences {
        let mut segments = exons.to_vec();
        let last = segments.len() - 1;
        let leader = segments[0].start..segments[0].start + n_utr;
        let trailer = segments[last].end - n_utr..segments[last].end;
        segments[0].start += n_utr;
        segments[last].end -= n_utr;
        let mut parts =
            [&[leader][..], &segments, &[trailer]].map(|part| read(genome, part, strand));
        if strand == Strand::Reverse {
            parts.reverse();
        }
        let sequence = CodingSequence::new(parts, None, false, GeneticCode::Standard);
        let transcript = Transcript {
            exons: exons.to_vec(),
            translation: Translation::Coding(CodingRegion {
                segments,
                phase: None,
                is_start_missing: false,
                is_consistent: true,
            }),
            ..transcript(strand)
        };
        effect(&transcript, allele, Some(&sequence))
    }

    proptest! {
        #[test]
        fn a_genome_read_from_the_other_strand_has_the_same_effects(
            genome in "[ACGT]{60}", lens in prop::array::uniform5(5u64..12), n_utr in 0u64..4,
            start in 0u64..58, len in 0u64..4, alternate in "[ACGT]{0,4}", with_start: bool,
        ) {
            let mut genome = genome.into_bytes();
            let mut places = lens.iter().scan(0, |place, len| {
                *place += len;
                Some(*place)
            });
            let mut next = || places.next().unwrap();
            let exons = [next()..next(), next()..next()];
            if with_start {
                let first = (exons[0].start + n_utr) as usize;
                genome[first..first + 3].copy_from_slice(b"ATG");
            }
            let allele = Allele { region: start..start + len, alternate: alternate.into_bytes() };
            let found = effect_in(&genome, &exons, n_utr, Strand::Forward, &allele);

            let n = genome.len() as u64;
            let mirror = |range: &Range<u64>| n - range.end..n - range.start;
            let exons = [mirror(&exons[1]), mirror(&exons[0])];
            let allele = Allele {
                region: mirror(&allele.region),
                alternate: reverse_complement(&allele.alternate),
            };
            let genome = reverse_complement(&genome);
            let mirrored = effect_in(&genome, &exons, n_utr, Strand::Reverse, &allele);
            prop_assert_eq!(found, mirrored, "{} and {}", found, mirrored);
        }
    }
}
