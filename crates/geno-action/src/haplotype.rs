//! Several edits of one window that stand on one chromosome copy.

use std::sync::Arc;

use geno_core::{Coded, ErrorCode, StateContract, Window};

use crate::{ApplyError, RelEdit, apply, legacy};

/// One chromosome copy's edits of a window, in the order of the window.
///
/// Every edit fits the window, replaces the bases it says, and replaces none that another replaces.
/// Without edits it is the reference itself. Windows are shared, not copied.
///
/// # Examples
///
/// ```
/// use geno_action::{Haplotype, RelEdit};
/// use geno_core::Window;
///
/// let window = Window::new(1_000, b"ACGTACGT".as_slice())?;
/// let edits = vec![RelEdit::new(5, "CG", "C")?, RelEdit::new(1, "C", "T")?];
/// let haplotype = Haplotype::new(window.into(), edits)?;
///
/// assert_eq!(haplotype.edits()[0].rel_pos(), 1);
/// assert_eq!(haplotype.sequence(), b"ATGTACT");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Haplotype {
    window: Arc<Window>,
    edits: Vec<RelEdit>,
}

/// Why edits do not make a haplotype.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum HaplotypeError {
    /// An edit does not fit the window, or replaces what another replaces.
    #[error(transparent)]
    Apply(#[from] ApplyError),
    /// One edit is given twice.
    #[error("edit at base {offset} is given twice")]
    Duplicate {
        /// Its first base, 0-based in the window.
        offset: usize,
    },
}

impl Coded for HaplotypeError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Apply(error) => error.code(),
            Self::Duplicate { .. } => ErrorCode::InputOverlappingEdits,
        }
    }
}

impl Haplotype {
    /// Joins a window and the edits of one chromosome copy, in any order.
    ///
    /// Edits may be adjacent. Two that are anchored on one base overlap, as a substitution and an
    /// insertion behind it do where a file writes them in two rows.
    ///
    /// # Errors
    ///
    /// [`HaplotypeError`] for an edit that reaches past the window, replaces other bases than the
    /// window holds, comes twice, or overlaps another.
    pub fn new(window: Arc<Window>, mut edits: Vec<RelEdit>) -> Result<Self, HaplotypeError> {
        for edit in &edits {
            apply::check(window.bases(), edit)?;
        }
        edits.sort_by_key(RelEdit::rel_pos);
        for pair in edits.windows(2) {
            let offset = pair[1].rel_pos();
            if pair[0] == pair[1] {
                return Err(HaplotypeError::Duplicate { offset });
            }
            if pair[0].end() > offset {
                return Err(ApplyError::Overlap { offset }.into());
            }
        }
        Ok(Self { window, edits })
    }

    /// The reference window.
    pub fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// The edits, by position.
    pub fn edits(&self) -> &[RelEdit] {
        &self.edits
    }

    /// The window's bases with every edit applied; longer or shorter than the window by what the
    /// edits insert and delete.
    pub fn sequence(&self) -> Vec<u8> {
        let bases = self.window.bases();
        let mut sequence = Vec::with_capacity(bases.len());
        let mut copied = 0;
        for edit in &self.edits {
            sequence.extend_from_slice(&bases[copied..edit.rel_pos()]);
            sequence.extend_from_slice(edit.alternate().as_bytes());
            copied = edit.end();
        }
        sequence.extend_from_slice(&bases[copied..]);
        sequence
    }

    /// The haplotype of the first edits alone; of all of them if there are no more.
    #[must_use]
    pub fn first(&self, n_edits: usize) -> Self {
        Self {
            window: Arc::clone(&self.window),
            edits: self.edits[..n_edits.min(self.edits.len())].to_vec(),
        }
    }

    /// The window with every edit applied, as a state contract sees it.
    ///
    /// Under [`StateContract::L2NormalizedV2`] as [`edited_window`](crate::edited_window): the left
    /// end stays, the right flank fills what deletions leave open. Under
    /// [`StateContract::LegacyRawV1`] bases are given or taken once, on the side that the first edit
    /// decides.
    pub fn edited_window(&self, contract: StateContract) -> Vec<u8> {
        let len = self.window.len();
        let mut edited = self.sequence();
        match (contract, self.edits.first()) {
            (_, None) => {}
            (StateContract::L2NormalizedV2, Some(_)) => {
                edited.extend_from_slice(self.window.right_flank());
                edited.truncate(len);
            }
            (StateContract::LegacyRawV1, Some(first)) => {
                legacy::restore_length(&mut edited, len, first.rel_pos());
            }
        }
        edited
    }

    /// The same haplotype with every edit in its [left-aligned](RelEdit::left_aligned) spelling.
    ///
    /// An edit does not move past the one to its left. The sequence stays as it is, and haplotypes
    /// whose edits are the same one by one, however they were spelled, become equal.
    #[must_use]
    pub fn normalized(&self) -> Self {
        let mut floor = 0;
        let align = |edit: &RelEdit| {
            let aligned = edit.left_aligned(self.window.bases(), floor);
            floor = aligned.end();
            aligned
        };
        Self {
            window: Arc::clone(&self.window),
            edits: self.edits.iter().map(align).collect(),
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{apply_all, apply_preserving_length, edited_window};

    fn window(bases: &str) -> Arc<Window> {
        Arc::new(Window::new(7, bases.as_bytes()).unwrap())
    }

    fn edit(rel_pos: usize, reference: &str, alternate: &str) -> RelEdit {
        RelEdit::new(rel_pos, reference, alternate).unwrap()
    }

    #[test]
    fn impossible_haplotypes_are_named() {
        let error = |edits: &[RelEdit]| Haplotype::new(window("ACGTAC"), edits.to_vec()).err();
        let duplicate = HaplotypeError::Duplicate { offset: 1 };
        assert_eq!(
            error(&[edit(1, "C", "T"), edit(1, "C", "T")]),
            Some(duplicate)
        );
        let overlap = Some(ApplyError::Overlap { offset: 2 }.into());
        assert_eq!(error(&[edit(2, "G", "T"), edit(1, "CG", "C")]), overlap);
        let past_end = ApplyError::OutOfWindow {
            start: 5,
            end: 7,
            len: 6,
        };
        assert_eq!(error(&[edit(5, "CA", "C")]), Some(past_end.into()));
        let mismatch = Some(ApplyError::WindowMismatch { offset: 0 }.into());
        assert_eq!(error(&[edit(0, "C", "T")]), mismatch);
        assert_eq!(error(&[edit(1, "C", "CA"), edit(2, "G", "T")]), None);
        assert_eq!(error(&[]), None);
    }

    #[test]
    fn a_single_edit_gives_the_window_that_it_gives_alone() {
        let bases = Window::new(0, b"ACGTACGTAC".as_slice()).unwrap();
        let bases = Arc::new(bases.with_right_flank(b"GGTT".as_slice()).unwrap());
        for edit in [edit(1, "CGT", "C"), edit(8, "A", "AGG"), edit(5, "C", "G")] {
            let haplotype = Haplotype::new(Arc::clone(&bases), vec![edit.clone()]).unwrap();
            for contract in [StateContract::L2NormalizedV2, StateContract::LegacyRawV1] {
                let alone = edited_window(&bases, &edit, contract).unwrap();
                assert_eq!(haplotype.edited_window(contract), alone);
            }
            let legacy = apply_preserving_length(bases.bases(), &edit).unwrap();
            assert_eq!(haplotype.edited_window(StateContract::LegacyRawV1), legacy);
        }
    }

    // Printed by the Python package: `apply_edits(..., preserve_length=True)`.
    #[test]
    fn several_edits_equal_the_published_windows() {
        let legacy = |edits: &[RelEdit]| {
            let haplotype = Haplotype::new(window("ACGTACGTAC"), edits.to_vec()).unwrap();
            String::from_utf8(haplotype.edited_window(StateContract::LegacyRawV1)).unwrap()
        };
        assert_eq!(
            legacy(&[edit(7, "T", "TGG"), edit(2, "GTA", "G")]),
            "ACGCGTGGAC"
        );
        assert_eq!(
            legacy(&[edit(8, "AC", "A"), edit(6, "G", "T")]),
            "NACGTACTTA"
        );
        assert_eq!(
            legacy(&[edit(6, "G", "GAAA"), edit(8, "A", "C")]),
            "TACGAAATCC"
        );
    }

    #[test]
    fn equal_edits_in_other_spellings_become_equal() {
        let normal = |edits: &[RelEdit]| {
            let haplotype = Haplotype::new(window("GCAAAAATGG"), edits.to_vec()).unwrap();
            haplotype.normalized()
        };
        let spelled = normal(&[edit(5, "AA", "A"), edit(7, "TG", "CG")]);
        assert_eq!(spelled, normal(&[edit(7, "T", "C"), edit(1, "CA", "C")]));
        // The insertion in the repeat stays right of the substitution.
        let blocked = normal(&[edit(3, "A", "G"), edit(6, "A", "AA")]);
        assert_eq!(blocked.edits()[1], edit(4, "A", "AA"));
    }

    fn haplotypes() -> impl Strategy<Value = Haplotype> {
        let edits = proptest::collection::vec((0usize..4, 1usize..4, "[AC]{1,4}"), 0..6);
        ("[AC]{48}", edits).prop_map(|(bases, drawn)| {
            let mut edits = Vec::new();
            let mut at = 0;
            for (gap, len, alternate) in drawn {
                let start = at + gap;
                let reference = &bases[start..start + len];
                at = start + len;
                edits.extend(RelEdit::new(start, reference, &alternate));
            }
            Haplotype::new(window(&bases), edits).unwrap()
        })
    }

    proptest! {
        #[test]
        fn the_sequence_is_that_of_the_edits_in_any_order(haplotype in haplotypes()) {
            let mut edits = haplotype.edits().to_vec();
            edits.reverse();
            let applied = apply_all(haplotype.window().bases(), &edits).unwrap();
            prop_assert_eq!(haplotype.sequence(), applied);
            let again = Haplotype::new(Arc::clone(haplotype.window()), edits).unwrap();
            prop_assert_eq!(&again, &haplotype);
        }

        #[test]
        fn the_normal_form_is_one_and_changes_no_base(haplotype in haplotypes()) {
            let normal = haplotype.normalized();
            let edits = normal.edits().to_vec();
            let valid = Haplotype::new(Arc::clone(normal.window()), edits).unwrap();
            prop_assert_eq!(&valid, &normal);
            prop_assert_eq!(normal.sequence(), haplotype.sequence());
            prop_assert_eq!(normal.normalized(), normal);
        }
    }
}
