//! What a change of a coding sequence does to the protein.

mod change;

use self::change::Change;
use super::{
    consequence::Consequence,
    genetic_code::{GeneticCode, STOP, UNKNOWN},
};

/// Stands for a stop codon inside a coding sequence, which is read through: selenocysteine.
const READ_THROUGH: u8 = b'U';

/// A coding sequence in the direction in which it is read, in upper case.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct CodingSequence {
    /// The end of what is transcribed before it.
    leader: Vec<u8>,
    bases: Vec<u8>,
    /// The beginning of what is transcribed after it.
    trailer: Vec<u8>,
    /// Bases before the first whole codon.
    phase: usize,
    code: GeneticCode,
    has_start: bool,
    has_stop: bool,
}

impl CodingSequence {
    /// Takes the bases of a coding sequence and of the transcript around it.
    ///
    /// Where nobody says how many bases come before the first whole codon, it is none, unless the
    /// sequence then has no whole number of codons and counted from its end has a stop codon there.
    pub(crate) fn new(
        [leader, bases, trailer]: [Vec<u8>; 3],
        phase: Option<u8>,
        is_start_missing: bool,
        code: GeneticCode,
    ) -> Self {
        let ends_with_stop = bases
            .last_chunk::<3>()
            .is_some_and(|last| code.is_stop(last));
        let from_end = if ends_with_stop { bases.len() % 3 } else { 0 };
        let phase = phase.map_or(from_end, usize::from).min(bases.len());
        let is_whole = (bases.len() - phase).is_multiple_of(3);
        let has_start = phase == 0
            && !is_start_missing
            && bases
                .first_chunk::<3>()
                .is_some_and(|first| code.is_start(first));
        Self {
            has_stop: is_whole && ends_with_stop && bases.len() > phase,
            leader,
            bases,
            trailer,
            phase,
            code,
            has_start,
        }
    }

    /// What replacing the bases `start..end` does.
    ///
    /// Both count from the first base of the sequence. Less than 0 is before it and more than its
    /// length after it.
    pub(crate) fn effect(&self, start: i64, end: i64, alternate: &[u8]) -> Consequence {
        let len = self.bases.len() as i64;
        if self.has_start
            && start < 3
            && end > 0
            && let Some(effect) = self.effect_on_start(start, end, alternate)
        {
            return effect;
        }
        let Some(change) = Change::new(self, start, end, alternate) else {
            return Consequence::CodingSequence;
        };
        let n_codons = (self.bases.len() - self.phase) / 3;
        let codons_end = (self.phase + n_codons * 3) as i64;
        if self.has_stop && end > len - 3 {
            self.effect_on_stop(&change)
        } else if end > len {
            Consequence::CodingSequence
        } else if end > codons_end {
            Consequence::IncompleteTerminalCodon
        } else if change.is_inframe() {
            self.inframe(&change)
        } else {
            self.frameshift(&change)
        }
    }

    /// What a change of the start codon does, unless it is none to the start itself.
    fn effect_on_start(&self, start: i64, end: i64, alternate: &[u8]) -> Option<Consequence> {
        if let (Ok(start), Ok(end)) = (usize::try_from(start), usize::try_from(end))
            && end <= self.bases.len()
        {
            let edited = [&self.bases[..start], alternate, &self.bases[end..]].concat();
            if edited
                .first_chunk::<3>()
                .is_some_and(|codon| self.code.is_start(codon))
            {
                let is_all = end <= 3 && end - start == alternate.len();
                return is_all.then_some(Consequence::StartRetained);
            }
        }
        if end <= 3 {
            // A start codon may also end where the old one did.
            let n_before = self.leader.len() as i64 + start.min(0);
            let before = &self.leader[..usize::try_from(n_before).unwrap_or(0)];
            let kept = &self.bases[..usize::try_from(start).unwrap_or(0)];
            let until = [before, kept, alternate, &self.bases[end as usize..3]].concat();
            if until
                .last_chunk::<3>()
                .is_some_and(|codon| self.code.is_start(codon))
            {
                return Some(Consequence::StartRetained);
            }
        }
        Some(Consequence::StartLost)
    }

    /// What a change that reaches the stop codon does.
    fn effect_on_stop(&self, change: &Change) -> Consequence {
        let stop = self.bases.len() - 3;
        let edited = self.code.translate(&change.edited_to_trailer());
        let before_stop = stop.saturating_sub(change.first_base) / 3;
        if change.start() >= stop {
            return match edited.get(before_stop) {
                Some(&STOP) => Consequence::StopRetained,
                _ => Consequence::StopLost,
            };
        }
        if !change.is_inframe() {
            return self.frameshift(change);
        }
        let original = self.residues(change.first_base, stop);
        match edited.iter().position(|&residue| residue == STOP) {
            None => Consequence::StopLost,
            Some(n) if edited[..n] == original => Consequence::StopRetained,
            Some(n) if n as i64 == original.len() as i64 + change.n_codons_added() => {
                Self::compare(&original, &edited[..n], change)
            }
            Some(n) if n < original.len() => Consequence::StopGained,
            Some(_) => Consequence::StopLost,
        }
    }

    /// What a change of whole codons does.
    fn inframe(&self, change: &Change) -> Consequence {
        let original = self.residues(change.first_base, change.end_of_codons());
        let edited_codons = change.edited_codons();
        let mut edited = self.code.translate(&edited_codons);
        if edited.len() == original.len() {
            // A codon that is read through and stays as it is.
            let codons = self.bases[change.first_base..].chunks_exact(3);
            let pairs = codons.zip(edited_codons.chunks_exact(3));
            for (i, (codon, edited_codon)) in pairs.enumerate() {
                if codon == edited_codon {
                    edited[i] = original[i];
                }
            }
        }
        Self::compare(&original, &edited, change)
    }

    fn compare(original: &[u8], edited: &[u8], change: &Change) -> Consequence {
        let is_longer = edited.len() > original.len();
        let (short, long) = match is_longer {
            true => (original, edited),
            false => (edited, original),
        };
        let is_indel = change.is_pure_indel() || long.starts_with(short) || long.ends_with(short);
        if original.contains(&UNKNOWN) || edited.contains(&UNKNOWN) {
            Consequence::CodingSequence
        } else if edited.contains(&STOP) {
            Consequence::StopGained
        } else if original == edited {
            Consequence::Synonymous
        } else if original.len() == edited.len() {
            Consequence::Missense
        } else if !is_indel {
            Consequence::ProteinAltering
        } else if is_longer {
            Consequence::InframeInsertion
        } else {
            Consequence::InframeDeletion
        }
    }

    /// What a change of the frame does: a stop gained, if the first other residue is one.
    fn frameshift(&self, change: &Change) -> Consequence {
        let mut original = self.residues(change.first_base, self.bases.len());
        if self.has_stop {
            original.pop();
            original.push(STOP);
        }
        let edited = self.code.translate(&change.edited_to_trailer());
        let stop = edited.iter().position(|&residue| residue == STOP);
        let same = std::iter::zip(&original, &edited).take_while(|(a, b)| a == b);
        match (same.count(), stop) {
            (n, Some(stop)) if n > stop => Consequence::StopRetained,
            (n, Some(stop)) if n == stop => Consequence::StopGained,
            _ => Consequence::Frameshift,
        }
    }

    /// The residues of whole codons, stops inside the sequence read through.
    fn residues(&self, start: usize, end: usize) -> Vec<u8> {
        let mut residues = self.code.translate(&self.bases[start..end.max(start)]);
        for residue in &mut residues {
            if *residue == STOP {
                *residue = READ_THROUGH;
            }
        }
        residues
    }
}

#[cfg(test)]
mod tests {
    use Consequence::{
        Frameshift, IncompleteTerminalCodon, InframeDeletion, InframeInsertion, Missense,
        ProteinAltering, StartLost, StartRetained, StopGained, StopLost, StopRetained, Synonymous,
    };
    use proptest::prelude::*;

    use super::*;

    /// `GG|ATG AAA TGG CAA TAA|CTGAC`
    fn whole() -> CodingSequence {
        let parts = ["GG", "ATGAAATGGCAATAA", "CTGAC"].map(|part| part.as_bytes().to_vec());
        CodingSequence::new(parts, Some(0), false, GeneticCode::Standard)
    }

    fn of(bases: &str, phase: Option<u8>) -> CodingSequence {
        let parts = ["", bases, ""].map(|part| part.as_bytes().to_vec());
        CodingSequence::new(parts, phase, false, GeneticCode::Standard)
    }

    #[test]
    fn substitutions_have_the_effect_of_their_codon() {
        for (start, alternate, expected) in [
            (3, "G", Missense),
            (5, "G", Synonymous),
            (3, "T", StopGained),
            (7, "A", StopGained),
            (9, "T", StopGained),
            (1, "C", StartLost),
            (13, "G", StopRetained),
            (12, "C", StopLost),
        ] {
            let effect = whole().effect(start, start + 1, alternate.as_bytes());
            assert_eq!(effect, expected, "{start} {alternate}");
        }
    }

    #[test]
    fn several_bases_of_a_codon_change_together() {
        assert_eq!(whole().effect(3, 6, b"AAG"), Synonymous);
        assert_eq!(whole().effect(3, 5, b"GC"), Missense);
        assert_eq!(whole().effect(5, 7, b"GC"), Missense);
        assert_eq!(whole().effect(8, 10, b"AT"), StopGained);
    }

    #[test]
    fn indels_keep_the_frame_or_shift_it() {
        assert_eq!(whole().effect(6, 6, b"GGG"), InframeInsertion);
        assert_eq!(whole().effect(6, 6, b"TAG"), StopGained);
        assert_eq!(whole().effect(6, 9, b""), InframeDeletion);
        assert_eq!(whole().effect(5, 8, b""), InframeDeletion);
        assert_eq!(whole().effect(7, 10, b""), StopGained);
        assert_eq!(whole().effect(3, 9, b"CCC"), ProteinAltering);
        assert_eq!(whole().effect(3, 9, b"AAA"), InframeDeletion);
        assert_eq!(whole().effect(4, 5, b""), Frameshift);
        assert_eq!(whole().effect(6, 6, b"C"), Frameshift);
        // ATG AAA TGA: the first codon that differs is a stop.
        assert_eq!(whole().effect(8, 8, b"A"), StopGained);
    }

    #[test]
    fn a_start_may_stay_where_bases_around_it_change() {
        assert_eq!(whole().effect(1, 1, b"TGA"), InframeInsertion);
        assert_eq!(whole().effect(0, 1, b""), StartLost);
        assert_eq!(whole().effect(-2, 1, b"A"), StartRetained);
        assert_eq!(whole().effect(-1, 2, b""), StartLost);
        assert_eq!(whole().effect(2, 2, b"G"), Frameshift);
    }

    #[test]
    fn a_stop_may_stay_where_bases_around_it_change() {
        assert_eq!(whole().effect(14, 15, b""), StopLost);
        assert_eq!(whole().effect(13, 13, b"A"), StopRetained);
        assert_eq!(whole().effect(9, 12, b""), InframeDeletion);
        assert_eq!(whole().effect(11, 14, b""), StopLost);
        assert_eq!(whole().effect(13, 16, b""), StopLost);
        assert_eq!(whole().effect(14, 17, b"G"), StopRetained);
        assert_eq!(whole().effect(10, 13, b"GTT"), Missense);
    }

    #[test]
    fn incomplete_ends_are_not_guessed_at() {
        let partial = of("CAAATGGC", Some(1));
        assert_eq!(partial.effect(0, 1, b"T"), Consequence::CodingSequence);
        assert_eq!(partial.effect(1, 2, b"C"), Missense);
        assert_eq!(partial.effect(7, 8, b"T"), IncompleteTerminalCodon);
    }

    #[test]
    fn a_phase_that_is_not_given_is_counted_from_the_stop() {
        assert_eq!(of("GATGTAA", None).phase, 1);
        assert_eq!(of("GATGTAC", None).phase, 0);
        assert_eq!(of("GATGTAA", Some(0)).phase, 0);
        assert_eq!(of("ATGTAA", None).phase, 0);
    }

    #[test]
    fn a_stop_inside_is_read_through_until_another_takes_its_place() {
        let selenoprotein = of("ATGTGACAATAA", Some(0));
        assert_eq!(selenoprotein.effect(5, 6, b"C"), Missense);
        assert_eq!(selenoprotein.effect(4, 5, b"A"), StopGained);
        assert_eq!(selenoprotein.effect(5, 7, b"AA"), Missense);
        assert_eq!(selenoprotein.effect(6, 7, b"T"), StopGained);
    }

    #[test]
    fn bases_that_are_not_known_have_no_effect_that_is() {
        assert_eq!(
            of("ATGNAACAATAA", Some(0)).effect(4, 5, b"C"),
            Consequence::CodingSequence
        );
    }

    proptest! {
        #[test]
        fn any_substitution_has_the_effect_that_all_codons_together_have(
            codons in "([ACG][ACGT]{2}|T[CT][ACGT]){1,12}", place: prop::sample::Index,
            alternate in "[ACGT]{1,4}",
        ) {
            let bases = format!("ATG{codons}TGA");
            let sequence = of(&bases, Some(0));
            let start = 3 + place.index(bases.len() - 6);
            let end = (start + alternate.len()).min(bases.len() - 3);
            let alternate = &alternate[..end - start];
            let edited = [&bases[..start], alternate, &bases[end..]].concat();

            let protein = |bases: &str| {
                let protein = GeneticCode::Standard.translate(bases.as_bytes());
                let stop = protein.iter().position(|&residue| residue == STOP).unwrap();
                protein[..stop].to_vec()
            };
            let (old, new) = (protein(&bases), protein(&edited));
            let expected = match (old == new, old.len() == new.len()) {
                (true, _) => Synonymous,
                (false, true) => Missense,
                (false, false) => StopGained,
            };
            let effect = sequence.effect(start as i64, end as i64, alternate.as_bytes());
            prop_assert_eq!(effect, expected);
        }

        #[test]
        fn any_change_has_an_effect_without_panic(
            parts in prop::array::uniform3("[ACGTN]{0,20}"), phase in 0u8..4, is_start_missing: bool,
            start in -8i64..30, len in 0i64..12, alternate in "[ACGTN]{0,8}",
        ) {
            let phase = (phase < 3).then_some(phase);
            let parts = parts.map(String::into_bytes);
            let sequence = CodingSequence::new(parts, phase, is_start_missing, GeneticCode::Standard);
            let effect = sequence.effect(start, start + len, alternate.as_bytes());
            prop_assert!(effect <= Consequence::CodingSequence);
        }
    }
}
