//! What edits cost.

use std::{fmt, sync::Arc};

use geno_action::{EditType, RelEdit};

/// The cost of a plan: the sum over its edits, or a function of all of them.
///
/// | cost | of an edit |
/// |---|---|
/// | [`Count`](Self::Count) | 1 |
/// | [`BasePairs`](Self::BasePairs) | SNV 1; INS and DEL the bases inserted or deleted; MNV its bases; INDEL the longer allele |
/// | [`ByType`](Self::ByType) | the weight of its type |
/// | [`Custom`](Self::Custom) | whatever the function says of all edits together |
///
/// # Examples
///
/// ```
/// use geno_action::RelEdit;
/// use geno_planning::Cost;
///
/// let edits = [RelEdit::new(3, "A", "ACG")?, RelEdit::new(9, "G", "T")?];
/// assert_eq!(Cost::Count.of(&edits), 2.0);
/// assert_eq!(Cost::BasePairs.of(&edits), 3.0);
/// assert_eq!(Cost::ByType(Cost::TYPE_WEIGHTS).of(&edits), 3.0);
/// # Ok::<_, geno_action::EditError>(())
/// ```
#[derive(Clone)]
pub enum Cost {
    /// Number of edits.
    Count,
    /// Bases changed.
    BasePairs,
    /// A weight for each type, in the order of [`EditType::ALL`].
    ByType([f64; EditType::ALL.len()]),
    /// A function of the edits, sorted by position; its values are finite and at least 0.
    Custom(Arc<CostFunction>),
}

/// A cost of the caller's own.
pub type CostFunction = dyn Fn(&[RelEdit]) -> f64 + Send + Sync;

impl Cost {
    /// The default weights of types: SNV 1, INS, DEL and MNV 2, INDEL 3.
    pub const TYPE_WEIGHTS: [f64; EditType::ALL.len()] = [1.0, 2.0, 2.0, 2.0, 3.0];

    /// The cost of some edits.
    pub fn of(&self, edits: &[RelEdit]) -> f64 {
        match self {
            Self::Count => edits.len() as f64,
            Self::BasePairs => edits.iter().map(|edit| bases(edit) as f64).sum(),
            Self::ByType(weights) => {
                let weight = |edit: &RelEdit| weights[usize::from(edit.edit_type().id())];
                edits.iter().map(weight).sum()
            }
            Self::Custom(cost) => cost(edits),
        }
    }

    /// The name used in files.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Count => "count",
            Self::BasePairs => "bp",
            Self::ByType(_) => "weighted_type",
            Self::Custom(_) => "custom",
        }
    }

    /// Whether more edits never cost less.
    pub(crate) fn is_monotone(&self) -> bool {
        !matches!(self, Self::Custom(_))
    }
}

impl fmt::Debug for Cost {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

fn bases(edit: &RelEdit) -> usize {
    let (reference, alternate) = (edit.reference().len(), edit.alternate().len());
    match edit.edit_type() {
        EditType::Snv => 1,
        EditType::Ins => alternate - reference,
        EditType::Del => reference - alternate,
        EditType::Mnv => reference,
        EditType::Indel => reference.max(alternate),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Counted by hand from the published rules.
    #[test]
    fn costs_are_those_of_the_published_planner() {
        let edit = |reference, alternate| [RelEdit::new(0, reference, alternate).unwrap()];
        let by_type = Cost::ByType(Cost::TYPE_WEIGHTS);
        let cases = [
            (edit("A", "C"), 1.0, 1.0),
            (edit("A", "ACGT"), 3.0, 2.0),
            (edit("ACG", "A"), 2.0, 2.0),
            (edit("ACG", "CAT"), 3.0, 2.0),
            (edit("ACG", "AT"), 3.0, 3.0),
            (edit("AC", "ATTTT"), 5.0, 3.0),
        ];
        for (edits, base_pairs, weighted) in cases {
            assert_eq!(Cost::Count.of(&edits), 1.0);
            assert_eq!(Cost::BasePairs.of(&edits), base_pairs, "{edits:?}");
            assert_eq!(by_type.of(&edits), weighted, "{edits:?}");
        }
        assert_eq!(Cost::BasePairs.of(&[]), 0.0);
    }

    #[test]
    fn a_custom_cost_sees_all_edits() {
        let cost = Cost::Custom(Arc::new(|edits| edits.len().pow(2) as f64));
        let edit = RelEdit::new(0, "A", "C").unwrap();
        assert_eq!(cost.of(&[edit.clone(), edit.clone(), edit]), 9.0);
    }
}
