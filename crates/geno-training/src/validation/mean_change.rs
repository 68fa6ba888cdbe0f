//! The baseline: an edit does what edits like it do on average.

use std::collections::HashMap;

use geno_action::{EditType, RelEdit};

use crate::targets::{Example, ExampleEdit, ExampleKind, OpenTargetsError, TargetSet};

/// The mean change `s′ − s` of single edits, by what the edit is.
///
/// Substitutions of one base are told apart by their bases and their place in the 6-mer (72 means), other
/// edits by type, how much longer or shorter they make the window, and that place. An edit whose like
/// was never seen has the mean of its type, or no change. The change along a haplotype is the sum over
/// its edits.
///
/// It has no parameters that are trained, so a predictor that does not beat it has learned nothing of
/// the sequence around an edit.
#[derive(Clone, Debug)]
pub struct MeanChange {
    d_state: usize,
    by_kind: HashMap<EditKind, Vec<f64>>,
    by_type: HashMap<EditType, Vec<f64>>,
}

/// Edits that are averaged together.
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
enum EditKind {
    Substitution {
        reference: String,
        alternate: String,
        offset: usize,
    },
    Other {
        edit_type: EditType,
        longer_by: isize,
        offset: usize,
    },
}

/// A mean in the making.
struct Sum {
    values: Vec<f64>,
    n: u64,
}

/// Means in the making.
pub(crate) struct MeanChanges {
    d_state: usize,
    by_kind: HashMap<EditKind, Sum>,
    by_type: HashMap<EditType, Sum>,
}

impl MeanChanges {
    /// No change yet, of states of a width.
    pub(crate) fn new(d_state: usize) -> Self {
        Self {
            d_state,
            by_kind: HashMap::new(),
            by_type: HashMap::new(),
        }
    }

    /// Adds the single edits of an example: alternatives, or the first of a haplotype. `states` are its
    /// source state and its edited ones, row after row.
    pub(crate) fn add(&mut self, example: &Example, states: &[f32]) {
        let n = match example.kind() {
            ExampleKind::Alternatives => example.edits().len(),
            ExampleKind::Trajectory => 1,
        };
        let (source, edited) = states.split_at(self.d_state);
        let edited = edited.chunks(self.d_state);
        for (edit, edited) in example.edits()[..n].iter().zip(edited) {
            let changes = || {
                edited
                    .iter()
                    .zip(source)
                    .map(|(&a, &b)| f64::from(a) - f64::from(b))
            };
            add(&mut self.by_kind, EditKind::of(edit), changes());
            add(&mut self.by_type, edit.edit().edit_type(), changes());
        }
    }

    pub(crate) fn means(self) -> MeanChange {
        MeanChange {
            d_state: self.d_state,
            by_kind: means(self.by_kind),
            by_type: means(self.by_type),
        }
    }
}

impl MeanChange {
    /// Averages over the single edits of a set: alternatives, and first edits of haplotypes.
    ///
    /// # Errors
    ///
    /// [`OpenTargetsError`] if the set cannot be read.
    pub fn of(set: &TargetSet) -> Result<Self, OpenTargetsError> {
        let mut changes = MeanChanges::new(set.d_state());
        for index in 0..set.len() {
            changes.add(&set.example(index)?, set.states(index));
        }
        Ok(changes.means())
    }

    /// How many means there are.
    pub fn n_kinds(&self) -> usize {
        self.by_kind.len()
    }

    /// The mean change of an edit, `[d_state]`.
    pub(crate) fn change(&self, edit: &ExampleEdit) -> Option<&[f64]> {
        let of_kind = self.by_kind.get(&EditKind::of(edit));
        let mean = of_kind.or_else(|| self.by_type.get(&edit.edit().edit_type()));
        mean.map(Vec::as_slice)
    }

    pub(crate) fn d_state(&self) -> usize {
        self.d_state
    }
}

impl EditKind {
    fn of(of_example: &ExampleEdit) -> Self {
        let (edit, offset): (&RelEdit, _) = (of_example.edit(), of_example.offset());
        match edit.edit_type() {
            EditType::Snv => Self::Substitution {
                reference: edit.reference().to_owned(),
                alternate: edit.alternate().to_owned(),
                offset,
            },
            edit_type => Self::Other {
                edit_type,
                longer_by: edit.alternate().len() as isize - edit.reference().len() as isize,
                offset,
            },
        }
    }
}

fn add<K: Eq + std::hash::Hash>(
    sums: &mut HashMap<K, Sum>,
    key: K,
    changes: impl ExactSizeIterator<Item = f64>,
) {
    let sum = sums.entry(key).or_insert_with(|| Sum {
        values: vec![0.; changes.len()],
        n: 0,
    });
    sum.n += 1;
    sum.values
        .iter_mut()
        .zip(changes)
        .for_each(|(sum, change)| *sum += change);
}

fn means<K: Eq + std::hash::Hash>(sums: HashMap<K, Sum>) -> HashMap<K, Vec<f64>> {
    let mean = |sum: Sum| {
        sum.values
            .iter()
            .map(|value| value / sum.n as f64)
            .collect()
    };
    sums.into_iter()
        .map(|(key, sum)| (key, mean(sum)))
        .collect()
}
