//! What of each example decides when its turn comes.

use super::order::Turn;
use crate::targets::{OpenTargetsError, TargetSet};

/// The turns of a set's examples, in classes by the type of the first edit where types are balanced.
pub(super) fn turns(set: &TargetSet, is_balanced: bool) -> Result<Vec<Turn>, OpenTargetsError> {
    let turn = |index| {
        let example = set.example(index)?;
        let edits = example.edits();
        Ok(Turn {
            class: match is_balanced {
                true => edits[0].edit().edit_type().id(),
                false => 0,
            },
            n_edits: edits.len() as u32,
            n_steps: example.n_steps() as u32,
        })
    };
    (0..set.len()).map(turn).collect()
}
