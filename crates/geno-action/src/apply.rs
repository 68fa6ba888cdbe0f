//! Applying edits to a sequence.

use std::cmp::Reverse;

use geno_core::{Coded, ErrorCode, StateContract, Window};

use crate::{RelEdit, legacy};

/// Why an edit does not apply to a sequence.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ApplyError {
    /// The edit reaches past the end.
    #[error("edit covers bases {start}..{end} of a window of {len}")]
    OutOfWindow {
        /// First base covered, 0-based.
        start: usize,
        /// One past the last base covered.
        end: usize,
        /// Length of the sequence, in bases.
        len: usize,
    },
    /// The sequence holds other bases than the edit replaces.
    #[error("window differs from the reference allele at base {offset}")]
    WindowMismatch {
        /// First base that differs, 0-based.
        offset: usize,
    },
    /// Two edits replace the same base.
    #[error("edits overlap at base {offset}")]
    Overlap {
        /// First base of the later edit, 0-based.
        offset: usize,
    },
}

impl Coded for ApplyError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::OutOfWindow { .. } => ErrorCode::InputOutOfWindow,
            Self::WindowMismatch { .. } => ErrorCode::InputWindowMismatch,
            Self::Overlap { .. } => ErrorCode::InputOverlappingEdits,
        }
    }
}

/// Checks that a sequence holds the bases that an edit replaces, whatever their case.
///
/// # Errors
///
/// [`ApplyError::OutOfWindow`] and [`ApplyError::WindowMismatch`].
pub(crate) fn check(sequence: &[u8], edit: &RelEdit) -> Result<(), ApplyError> {
    let (start, end) = (edit.rel_pos(), edit.end());
    let Some(replaced) = sequence.get(start..end) else {
        let len = sequence.len();
        return Err(ApplyError::OutOfWindow { start, end, len });
    };
    let differs = |(base, expected): (&u8, &u8)| !base.eq_ignore_ascii_case(expected);
    match replaced
        .iter()
        .zip(edit.reference().as_bytes())
        .position(differs)
    {
        Some(i) => Err(ApplyError::WindowMismatch { offset: start + i }),
        None => Ok(()),
    }
}

/// Replaces the bases of one edit.
///
/// # Errors
///
/// [`ApplyError::OutOfWindow`] and [`ApplyError::WindowMismatch`].
///
/// # Examples
///
/// ```
/// use geno_action::{RelEdit, apply};
///
/// assert_eq!(apply(b"ACGT", &RelEdit::new(1, "CG", "T")?)?, b"ATT");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn apply(sequence: &[u8], edit: &RelEdit) -> Result<Vec<u8>, ApplyError> {
    check(sequence, edit)?;
    let (left, right) = (&sequence[..edit.rel_pos()], &sequence[edit.end()..]);
    Ok([left, edit.alternate().as_bytes(), right].concat())
}

/// Replaces the bases of several edits of one haplotype, in any order.
///
/// # Errors
///
/// [`ApplyError::Overlap`] when two edits replace the same base; adjacent edits are fine.
pub fn apply_all(sequence: &[u8], edits: &[RelEdit]) -> Result<Vec<u8>, ApplyError> {
    let mut rightmost_first: Vec<&RelEdit> = edits.iter().collect();
    rightmost_first.sort_by_key(|edit| Reverse(edit.rel_pos()));
    for pair in rightmost_first.windows(2) {
        if pair[1].end() > pair[0].rel_pos() {
            return Err(ApplyError::Overlap {
                offset: pair[0].rel_pos(),
            });
        }
    }
    let mut edited = sequence.to_vec();
    for edit in rightmost_first {
        edited = apply(&edited, edit)?;
    }
    Ok(edited)
}

/// The window after an edit, as a state contract sees it.
///
/// Under [`StateContract::L2NormalizedV2`] everything left of the edit stays in place; what an
/// insertion pushes out is cut at the right end, and what a deletion leaves open is filled from the
/// right flank. Where the flank runs out, at the end of a contig, the result is shorter. Under
/// [`StateContract::LegacyRawV1`] see [`apply_preserving_length`](crate::apply_preserving_length).
///
/// # Errors
///
/// [`ApplyError::OutOfWindow`] and [`ApplyError::WindowMismatch`].
pub fn edited_window(
    window: &Window,
    edit: &RelEdit,
    contract: StateContract,
) -> Result<Vec<u8>, ApplyError> {
    match contract {
        StateContract::L2NormalizedV2 => {
            let mut edited = apply(window.bases(), edit)?;
            edited.extend_from_slice(window.right_flank());
            edited.truncate(window.len());
            Ok(edited)
        }
        StateContract::LegacyRawV1 => legacy::apply_preserving_length(window.bases(), edit),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn edit(rel_pos: usize, reference: &str, alternate: &str) -> RelEdit {
        RelEdit::new(rel_pos, reference, alternate).unwrap()
    }

    #[test]
    fn a_deletion_takes_bases_from_the_flank() {
        let window = Window::new(0, b"ACGTAC".as_slice()).unwrap();
        let window = window.with_right_flank(b"gg".as_slice()).unwrap();
        let v2 = |e: RelEdit| edited_window(&window, &e, StateContract::L2NormalizedV2).unwrap();
        assert_eq!(v2(edit(1, "CGT", "C")), b"ACACGG");
        assert_eq!(v2(edit(1, "CGTA", "C")), b"ACCGG");
        assert_eq!(v2(edit(1, "C", "CTT")), b"ACTTGT");
    }

    #[test]
    fn edits_that_do_not_fit_are_named() {
        let past_end = ApplyError::OutOfWindow {
            start: 3,
            end: 5,
            len: 4,
        };
        assert_eq!(apply(b"ACGT", &edit(3, "TA", "T")), Err(past_end));
        let mismatch = ApplyError::WindowMismatch { offset: 2 };
        assert_eq!(apply(b"ACGT", &edit(1, "CT", "C")), Err(mismatch));
    }

    #[test]
    fn edits_on_one_base_overlap_and_neighbours_do_not() {
        let error = apply_all(b"ACGT", &[edit(1, "C", "CA"), edit(1, "C", "T")]);
        assert_eq!(error, Err(ApplyError::Overlap { offset: 1 }));
        let edits = [edit(2, "G", "GG"), edit(1, "C", "T")];
        assert_eq!(apply_all(b"ACGT", &edits).unwrap(), b"ATGGT");
    }

    proptest! {
        #[test]
        fn the_inverse_restores_the_sequence(
            sequence in "[ACGT]{8,32}", offset in 0usize..4, len in 1usize..4, alternate in "[ACGT]{1,6}",
        ) {
            let reference = &sequence[offset..offset + len];
            prop_assume!(reference != alternate);
            let edit = edit(offset, reference, &alternate);
            let edited = apply(sequence.as_bytes(), &edit).unwrap();
            prop_assert_eq!(apply(&edited, &edit.inverse()).unwrap(), sequence.as_bytes());
        }
    }
}
