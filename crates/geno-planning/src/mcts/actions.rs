//! The edits that nodes of a tree are widened by.

use std::collections::HashSet;

use geno_action::RelEdit;
use geno_core::RandomStream;

use crate::{EditSpace, Sampler};

/// Spaces of at most so many edits are listed whole.
const LISTED: u128 = 1 << 16;

/// Draws in a row that may give nothing new before the list ends.
const MAX_REPEATS: usize = 64;

/// Different edits in a random order, the same for every node: all of a small space, of a large one
/// as many as are asked for, drawn from its prior.
pub(super) struct Actions<'s> {
    edits: Vec<RelEdit>,
    /// Where more comes from.
    source: Option<Source<'s>>,
}

struct Source<'s> {
    sampler: Sampler<'s>,
    random: RandomStream,
    drawn: HashSet<RelEdit>,
}

impl<'s> Actions<'s> {
    pub(super) fn new(space: &'s EditSpace, seed: u64) -> Self {
        let mut random = RandomStream::new(seed, "plan/mcts/actions");
        if space.len() <= LISTED {
            let mut edits: Vec<RelEdit> = space.iter().collect();
            random.shuffle(&mut edits);
            return Self {
                edits,
                source: None,
            };
        }
        let sampler = Sampler::new(space, 1);
        let source = Source {
            sampler,
            random,
            drawn: HashSet::new(),
        };
        Self {
            edits: Vec::new(),
            source: Some(source),
        }
    }

    /// The edit of this number, if there is one.
    pub(super) fn get(&mut self, number: usize) -> Option<&RelEdit> {
        while number >= self.edits.len() {
            let edit = self.source.as_mut()?.next()?;
            self.edits.push(edit);
        }
        self.edits.get(number)
    }
}

impl Source<'_> {
    fn next(&mut self) -> Option<RelEdit> {
        for _ in 0..MAX_REPEATS {
            let edit = self.sampler.sample_edit(&[], &mut self.random)?;
            if self.drawn.insert(edit.clone()) {
                return Some(edit);
            }
        }
        None
    }
}
