//! Which examples make up each step.

use std::collections::BTreeMap;

use geno_core::RandomStream;
use serde::{Deserialize, Serialize};

/// What of an example decides when its turn comes.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct Turn {
    /// Which of the balanced classes it is in; all are in one where nothing is balanced.
    pub(super) class: u8,
    /// Predictions it gives.
    pub(super) n_edits: u32,
    /// Edits that lead to its last state.
    pub(super) n_steps: u32,
}

/// How far the examples of one class have been gone through.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Place {
    /// Times that all of them have had their turn.
    epoch: u64,
    /// Those that have had it in this epoch.
    done: u64,
}

/// Where an order stands, so that it can be taken up there.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub(super) struct OrderCursor {
    /// Examples drawn so far.
    drawn: u64,
    /// Predictions of those that had their turn.
    pub(super) predictions: u64,
    /// Classes that an example was drawn of.
    places: BTreeMap<u8, Place>,
}

/// Goes through the examples, class by class in proportion to their weights, each class in a new
/// order every epoch.
///
/// What is drawn next follows from the seed and the cursor alone.
pub(super) struct Order {
    seed: u64,
    turns: Vec<Turn>,
    /// Weight of each class; empty where there is one.
    weights: Vec<f64>,
    classes: BTreeMap<u8, Class>,
    cursor: OrderCursor,
}

/// Examples of one class, in the order of the epoch that they were shuffled for.
struct Class {
    members: Vec<u32>,
    shuffled: Option<(u64, Vec<u32>)>,
}

impl Order {
    /// An order of examples; classes of weight 0, or beyond the weights, never have a turn.
    pub(super) fn new(
        seed: u64,
        turns: Vec<Turn>,
        weights: Option<&[f64]>,
        cursor: OrderCursor,
    ) -> Self {
        let mut classes = BTreeMap::<u8, Class>::new();
        for (index, turn) in turns.iter().enumerate() {
            let class = classes.entry(turn.class).or_insert_with(|| Class {
                members: Vec::new(),
                shuffled: None,
            });
            class.members.push(index as u32);
        }
        // A class without examples would be drawn in vain.
        let weights = weights.unwrap_or_default().iter().enumerate();
        let weights = weights.map(
            |(class, &weight)| match classes.contains_key(&(class as u8)) {
                true => weight,
                false => 0.,
            },
        );
        Self {
            seed,
            weights: weights.collect(),
            turns,
            classes,
            cursor,
        }
    }

    pub(super) fn cursor(&self) -> &OrderCursor {
        &self.cursor
    }

    /// Whether an example may have its turn under a limit of edits.
    pub(super) fn has_any(&self, max_edits: Option<usize>) -> bool {
        self.turns.iter().any(|turn| {
            let has_weight = match &self.weights[..] {
                [] => true,
                weights => weights
                    .get(usize::from(turn.class))
                    .is_some_and(|w| *w > 0.),
            };
            has_weight && is_within(turn, max_edits)
        })
    }

    /// Examples that give at least so many predictions, none by more edits than `max_edits`.
    ///
    /// # Panics
    ///
    /// If no example may have its turn.
    pub(super) fn next(&mut self, n_predictions: usize, max_edits: Option<usize>) -> Vec<usize> {
        assert!(self.has_any(max_edits), "no example may have its turn");
        let (mut examples, mut n) = (Vec::new(), 0);
        while n < n_predictions {
            let index = self.draw();
            let turn = self.turns[index];
            if is_within(&turn, max_edits) {
                examples.push(index);
                n += turn.n_edits as usize;
            }
        }
        self.cursor.predictions += n as u64;
        examples
    }

    fn draw(&mut self) -> usize {
        let class = match &self.weights[..] {
            [] => *self.classes.keys().next().expect("there are examples"),
            weights => {
                let name = format!("train/class/{}", self.cursor.drawn);
                RandomStream::new(self.seed, &name).weighted(weights) as u8
            }
        };
        self.cursor.drawn += 1;
        let place = self.cursor.places.entry(class).or_default();
        let members = self.classes.get_mut(&class).expect("a class with examples");
        let index = members.at(self.seed, class, *place);
        place.done += 1;
        if place.done == members.members.len() as u64 {
            *place = Place {
                epoch: place.epoch + 1,
                done: 0,
            };
        }
        index
    }
}

fn is_within(turn: &Turn, max_edits: Option<usize>) -> bool {
    max_edits.is_none_or(|max| turn.n_steps as usize <= max)
}

impl Class {
    fn at(&mut self, seed: u64, class: u8, place: Place) -> usize {
        let is_of_epoch = |(epoch, _): &(u64, Vec<u32>)| *epoch == place.epoch;
        if !self.shuffled.as_ref().is_some_and(is_of_epoch) {
            let mut members = self.members.clone();
            let name = format!("train/order/{class}/{}", place.epoch);
            RandomStream::new(seed, &name).shuffle(&mut members);
            self.shuffled = Some((place.epoch, members));
        }
        let (_, members) = self.shuffled.as_ref().expect("just shuffled");
        members[place.done as usize] as usize
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn turns(classes: &[u8]) -> Vec<Turn> {
        let turn = |&class| Turn {
            class,
            n_edits: 1,
            n_steps: 1 + u32::from(class),
        };
        classes.iter().map(turn).collect()
    }

    #[test]
    fn every_example_has_its_turn_once_an_epoch_and_in_another_order() {
        let mut order = Order::new(7, turns(&[0; 50]), None, OrderCursor::default());
        let epochs = [order.next(50, None), order.next(50, None)];
        for epoch in &epochs {
            let mut sorted = epoch.clone();
            sorted.sort_unstable();
            assert_eq!(sorted, (0..50).collect::<Vec<_>>());
        }
        assert_ne!(epochs[0], epochs[1]);
    }

    #[test]
    fn a_cursor_goes_on_where_it_stands() {
        let classes = [0, 1, 1, 2, 0, 0, 1];
        let weights = [0.5, 0.25, 0.25];
        let new = |cursor| Order::new(3, turns(&classes), Some(&weights), cursor);
        let mut whole = new(OrderCursor::default());
        let expected: Vec<_> = (0..40).map(|_| whole.next(3, None)).collect();
        let mut order = new(OrderCursor::default());
        for expected in expected {
            let text = serde_json::to_string(order.cursor()).unwrap();
            order = new(serde_json::from_str(&text).unwrap());
            assert_eq!(order.next(3, None), expected);
        }
    }

    #[test]
    fn classes_come_by_their_weights_and_empty_ones_are_passed_over() {
        let classes = [0, 0, 0, 0, 1];
        let weights = [1., 3., 100.];
        let order = &mut Order::new(1, turns(&classes), Some(&weights), OrderCursor::default());
        let drawn = order.next(40_000, None);
        let n = drawn.iter().filter(|&&index| index == 4).count();
        // Five standard deviations of a draw of 40,000 with chance 3/4.
        assert!(n.abs_diff(30_000) < 433, "{n}");
    }

    #[test]
    fn longer_haplotypes_wait_for_their_stage() {
        let order = &mut Order::new(
            1,
            turns(&[0, 0, 1]),
            Some(&[1., 1.]),
            OrderCursor::default(),
        );
        assert!(order.next(100, Some(1)).iter().all(|&index| index < 2));
        assert!(order.next(100, Some(2)).contains(&2));
        assert!(!order.has_any(Some(0)));
        let none = Order::new(
            1,
            turns(&[0, 0, 1]),
            Some(&[0., 1.]),
            OrderCursor::default(),
        );
        assert!(!none.has_any(Some(1)));
    }

    #[test]
    fn a_step_has_as_many_predictions_as_asked_for() {
        let mut turns = turns(&[0; 4]);
        turns.iter_mut().for_each(|turn| turn.n_edits = 18);
        let mut order = Order::new(1, turns, None, OrderCursor::default());
        assert_eq!(order.next(37, None).len(), 3);
        assert_eq!(order.cursor().predictions, 54);
    }
}
