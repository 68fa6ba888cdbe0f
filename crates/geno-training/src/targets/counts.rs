//! What a set of examples holds, and what was left out of it.

use std::collections::BTreeMap;

use geno_encoder::TOKEN_BP;
use serde::{Deserialize, Serialize};

use super::{Example, ExampleKind, ExampleSource};

/// How many examples and edits of each kind there are.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct TargetCounts {
    /// Examples.
    pub examples: u64,
    /// Edits, each of which has a state.
    pub edits: u64,
    /// Examples by how their edits relate.
    pub by_kind: BTreeMap<ExampleKind, u64>,
    /// Examples by what drew them.
    pub by_source: BTreeMap<ExampleSource, u64>,
    /// Examples by the number of edits that lead to their last state.
    pub by_n_steps: BTreeMap<usize, u64>,
    /// Edits by type.
    pub by_type: BTreeMap<String, u64>,
    /// Edits by the base of their 6-mer that they begin at.
    pub by_offset: [u64; TOKEN_BP],
}

impl TargetCounts {
    pub(super) fn count(&mut self, example: &Example) {
        self.examples += 1;
        self.edits += example.edits().len() as u64;
        *self.by_kind.entry(example.kind()).or_default() += 1;
        *self.by_source.entry(example.source()).or_default() += 1;
        *self.by_n_steps.entry(example.n_steps()).or_default() += 1;
        for of_example in example.edits() {
            let name = of_example.edit().edit_type().as_str();
            match self.by_type.get_mut(name) {
                Some(n) => *n += 1,
                None => _ = self.by_type.insert(name.to_owned(), 1),
            }
            self.by_offset[of_example.offset()] += 1;
        }
    }

    /// Adds what another set holds.
    pub(super) fn add(&mut self, other: &Self) {
        self.examples += other.examples;
        self.edits += other.edits;
        add(&mut self.by_kind, &other.by_kind);
        add(&mut self.by_source, &other.by_source);
        add(&mut self.by_n_steps, &other.by_n_steps);
        add(&mut self.by_type, &other.by_type);
        for (n, more) in self.by_offset.iter_mut().zip(other.by_offset) {
            *n += more;
        }
    }
}

fn add<K: Clone + Ord>(counts: &mut BTreeMap<K, u64>, others: &BTreeMap<K, u64>) {
    for (key, n) in others {
        *counts.entry(key.clone()).or_default() += n;
    }
}

/// What was drawn and gave no example, or less than was asked for.
#[derive(Clone, Debug, Default, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct LeftOut {
    /// Windows of too many unknown bases.
    pub unusable_windows: u64,
    /// Windows that training must not see.
    pub held_out_windows: u64,
    /// Tokens of a window that were asked for and not found.
    pub missing_tokens: u64,
    /// Tuples of a source that were asked for and not found.
    pub missing_tuples: u64,
    /// Edits of tuples that training must not see.
    pub held_out_edits: u64,
    /// Variants of a file whose reference allele the window does not have.
    pub reference_mismatches: u64,
    /// Tuples whose window, laid as for scoring, holds what training must not see.
    pub held_out_tuples: u64,
    /// Tuples whose window, laid as for scoring, has too many unknown bases.
    pub unknown_tuples: u64,
    /// Tuples whose last edits lie outside the window that is laid around the first.
    pub cut_tuples: u64,
}

impl LeftOut {
    pub(super) fn add(&mut self, other: &Self) {
        self.unusable_windows += other.unusable_windows;
        self.held_out_windows += other.held_out_windows;
        self.missing_tokens += other.missing_tokens;
        self.missing_tuples += other.missing_tuples;
        self.held_out_edits += other.held_out_edits;
        self.reference_mismatches += other.reference_mismatches;
        self.held_out_tuples += other.held_out_tuples;
        self.unknown_tuples += other.unknown_tuples;
        self.cut_tuples += other.cut_tuples;
    }
}
