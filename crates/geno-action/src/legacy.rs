//! How the published Python models edit a window, and how their edits were drawn.
//!
//! The samplers draw from [`PythonRandom`](geno_core::PythonRandom) and give the edits that the
//! package's samplers give for a seed, with their shortcomings: a deletion near the right margin
//! becomes an insertion, [`mnv`] may return fewer edits than asked for, and attempts are bounded. New
//! work draws from [`SyntheticEdits`](crate::SyntheticEdits).

mod action_sampler;
mod lengths;
mod samplers;

pub use self::{
    action_sampler::ActionSampler,
    samplers::{LegacySampleError, indel, mnv, uniform_snv},
};
use crate::{ApplyError, RelEdit, apply};

/// Applies an edit and brings the window back to its length, as the published models were scored.
///
/// An edit in the left half (`rel_pos < len / 2`) gives or takes bases at the right end, any other
/// at the left end; what is missing is filled with `N`. So at the exact centre, where scoring puts
/// most variants, an indel shifts everything left of it and the edit leaves its own position.
/// [`StateContract::L2NormalizedV2`](geno_core::StateContract::L2NormalizedV2) does not.
///
/// # Errors
///
/// [`ApplyError::OutOfWindow`] and [`ApplyError::WindowMismatch`].
pub fn apply_preserving_length(sequence: &[u8], edit: &RelEdit) -> Result<Vec<u8>, ApplyError> {
    let mut edited = apply(sequence, edit)?;
    restore_length(&mut edited, sequence.len(), edit.rel_pos());
    Ok(edited)
}

/// Brings an edited window back to its length, at the end that is further from the locus.
pub(crate) fn restore_length(edited: &mut Vec<u8>, len: usize, locus: usize) {
    let at_right = locus < len / 2;

    if edited.len() > len {
        let excess = edited.len() - len;
        if at_right {
            edited.truncate(len);
        } else {
            edited.drain(..excess);
        }
    } else {
        let padding = vec![b'N'; len - edited.len()];
        let place = if at_right { edited.len() } else { 0 };
        edited.splice(place..place, padding);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Values printed by the Python package.
    #[test]
    fn windows_equal_the_published_ones() {
        let cases = [
            (1, "C", "CGG", "ACGGGTACGT"),
            (8, "A", "AGG", "GTACGTAGGC"),
            (5, "C", "CTT", "GTACTTGTAC"),
            (4, "A", "ATT", "ACGTATTCGT"),
            (1, "CGT", "C", "ACACGTACNN"),
            (6, "GTA", "G", "NNACGTACGC"),
        ];
        for (rel_pos, reference, alternate, expected) in cases {
            let edit = RelEdit::new(rel_pos, reference, alternate).unwrap();
            let edited = apply_preserving_length(b"ACGTACGTAC", &edit).unwrap();
            assert_eq!(edited, expected.as_bytes(), "{edit:?}");
        }
    }
}
