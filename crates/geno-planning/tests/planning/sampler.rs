//! The sampler against probabilities worked out edit by edit.

use std::{collections::BTreeMap, sync::Arc};

use geno_action::{EditShape, EditType, Haplotype, LengthWeights, RelEdit};
use geno_core::{RandomStream, Window};
use geno_planning::{EditPrior, EditSpace, Restrictions, Sampler};
use proptest::{collection::vec, prelude::*};

type Key = (usize, String, String);

fn keys(edits: &[RelEdit]) -> Vec<Key> {
    let key = |edit: &RelEdit| {
        (
            edit.rel_pos(),
            edit.reference().to_owned(),
            edit.alternate().to_owned(),
        )
    };
    edits.iter().map(key).collect()
}

/// The weights of every factor, as the oracle reads them.
struct Factors {
    numbers: Vec<f64>,
    types: BTreeMap<EditType, f64>,
    shapes: BTreeMap<(usize, usize), f64>,
    bin_bp: usize,
    bins: Vec<f64>,
    bases: String,
}

impl Factors {
    /// Weight of a place: that of its bin, shared by its called bases.
    fn place(&self, start: usize) -> f64 {
        let bin = start / self.bin_bp;
        let bases = self.bases.bytes().skip(bin * self.bin_bp).take(self.bin_bp);
        self.bins[bin] / bases.filter(|base| *base != b'N').count() as f64
    }

    /// The probability of each edit after those that are there.
    fn next(&self, all: &[RelEdit], taken: &[RelEdit]) -> Vec<(RelEdit, f64)> {
        let overlaps = |a: &RelEdit, b: &RelEdit| a.rel_pos() < b.end() && b.rel_pos() < a.end();
        let is_free = |edit: &&RelEdit| !taken.iter().any(|other| overlaps(edit, other));
        let free: Vec<&RelEdit> = all.iter().filter(is_free).collect();
        let lengths = |edit: &RelEdit| (edit.reference().len(), edit.alternate().len());

        // Places are drawn once each, whatever the alternates: weight of a (shape, start).
        let mut n_alternates: BTreeMap<((usize, usize), usize), f64> = BTreeMap::new();
        for edit in &free {
            *n_alternates
                .entry((lengths(edit), edit.rel_pos()))
                .or_default() += 1.0;
        }
        let mut of_shape: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (shape, start) in n_alternates.keys() {
            *of_shape.entry(*shape).or_default() += self.place(*start);
        }
        of_shape.retain(|_, weight| *weight > 0.0);
        let of_type = |shape: &(usize, usize)| EditType::of_lengths(shape.0, shape.1);
        let mut type_total = BTreeMap::new();
        let mut shape_total: BTreeMap<EditType, f64> = BTreeMap::new();
        for shape in of_shape.keys() {
            type_total.insert(of_type(shape), self.types[&of_type(shape)]);
            *shape_total.entry(of_type(shape)).or_default() += self.shapes[shape];
        }
        let total: f64 = type_total.values().sum();
        let probability = |edit: &&RelEdit| {
            let (shape, edit_type) = (lengths(edit), edit.edit_type());
            let p_type = type_total[&edit_type] / total;
            let p_shape = self.shapes[&shape] / shape_total[&edit_type];
            let p_place = self.place(edit.rel_pos()) / of_shape[&shape];
            p_type * p_shape * p_place / n_alternates[&(shape, edit.rel_pos())]
        };
        free.iter()
            .map(|edit| ((*edit).clone(), probability(edit)))
            .collect()
    }

    /// The probability of every haplotype of up to two edits.
    fn haplotypes(&self, all: &[RelEdit]) -> BTreeMap<Vec<Key>, f64> {
        let mut probabilities = BTreeMap::new();
        let total: f64 = self.numbers.iter().sum();
        for (first, p) in self.next(all, &[]) {
            let seconds = self.next(all, std::slice::from_ref(&first));
            let p_alone = if seconds.is_empty() {
                total
            } else {
                self.numbers[0]
            };
            *probabilities
                .entry(keys(std::slice::from_ref(&first)))
                .or_default() += p * p_alone / total;
            for (second, q) in seconds {
                let mut pair = keys(&[first.clone(), second]);
                pair.sort();
                *probabilities.entry(pair).or_default() += p * q * self.numbers[1] / total;
            }
        }
        probabilities
    }
}

/// `Σ (observed − expected)² / expected` over cells of at least 5 expected draws, the rest being one
/// cell, against its 99.9 % quantile (Wilson and Hilferty, 1931).
fn assert_distributed(sampler: &Sampler, probabilities: &BTreeMap<Vec<Key>, f64>, n: usize) {
    let total: f64 = probabilities.values().sum();
    assert!((total - 1.0).abs() < 1e-9, "{total}");
    let mut random = RandomStream::new(11, "haplotypes");
    let mut counts: BTreeMap<Vec<Key>, f64> = BTreeMap::new();
    for _ in 0..n {
        let drawn = keys(sampler.sample(&mut random).edits());
        assert!(probabilities.contains_key(&drawn), "impossible: {drawn:?}");
        *counts.entry(drawn).or_default() += 1.0;
    }
    let mut cells = vec![(0.0, 0.0)];
    for (key, p) in probabilities {
        let (expected, observed) = (p * n as f64, counts.get(key).copied().unwrap_or(0.0));
        if expected < 5.0 {
            cells[0] = (cells[0].0 + expected, cells[0].1 + observed);
        } else {
            cells.push((expected, observed));
        }
    }
    cells.retain(|(expected, _)| *expected > 0.0);
    let statistic: f64 = cells.iter().map(|(e, o)| (o - e).powi(2) / e).sum();
    let df = (cells.len() - 1) as f64;
    let variance = 2.0 / (9.0 * df);
    let bound = df * (1.0 - variance + 3.090 * variance.sqrt()).powi(3);
    assert!(
        statistic < bound,
        "{statistic} of {bound}, {df} degrees of freedom"
    );
}

const BASES: &str = "ACGNTAC";

fn prior() -> EditPrior {
    EditPrior {
        type_weights: [0.5, 0.0, 0.5, 0.0, 0.0],
        lengths: LengthWeights::new([(1, 3.0), (2, 1.0)]).unwrap(),
        position_bin_bp: 3,
        position_weights: Some(vec![2.0, 1.0, 1.0]),
    }
}

fn space() -> EditSpace {
    let anywhere = Restrictions {
        margin: 0,
        ..Restrictions::default()
    };
    let window = Window::new(0, BASES.as_bytes()).unwrap();
    EditSpace::new(window.into(), &prior(), &anywhere).unwrap()
}

fn factors() -> Factors {
    Factors {
        numbers: vec![1.0, 1.0],
        types: [(EditType::Snv, 0.5), (EditType::Del, 0.5)].into(),
        shapes: [((1, 1), 1.0), ((2, 1), 0.75), ((3, 1), 0.25)].into(),
        bin_bp: 3,
        bins: vec![0.5, 0.25, 0.25],
        bases: BASES.to_owned(),
    }
}

#[test]
fn haplotypes_come_as_often_as_their_factors_say() {
    let space = space();
    let all: Vec<RelEdit> = space.iter().collect();
    assert_eq!(all.len(), 18 + 4 + 2);
    let sampler = Sampler::new(&space, 2);
    assert_distributed(&sampler, &factors().haplotypes(&all), 30_000);
}

#[test]
fn a_refit_moves_every_factor_by_its_share() {
    let space = space();
    let all: Vec<RelEdit> = space.iter().collect();
    let edit = |rel_pos, reference, alternate| RelEdit::new(rel_pos, reference, alternate).unwrap();
    let haplotype = |edits| Haplotype::new(Arc::clone(space.window()), edits).unwrap();
    let elites = [
        haplotype(vec![edit(0, "A", "T"), edit(5, "AC", "A")]),
        haplotype(vec![edit(4, "TAC", "T")]),
        haplotype(vec![edit(1, "C", "T"), edit(6, "C", "A")]),
    ];
    let mut sampler = Sampler::new(&space, 2);
    sampler.refit(&elites, 0.25);

    // 0.25 of what was, 0.75 of the frequencies: numbers 1 of 3 and 2 of 3, types 3 and 2 of 5,
    // lengths of deletions 1 and 1 of 2, bins 2, 2 and 1 of 5.
    let mixed = |old: f64, frequency: f64| 0.25 * old + 0.75 * frequency;
    let expected = Factors {
        numbers: vec![mixed(0.5, 1.0 / 3.0), mixed(0.5, 2.0 / 3.0)],
        types: [
            (EditType::Snv, mixed(0.5, 0.6)),
            (EditType::Del, mixed(0.5, 0.4)),
        ]
        .into(),
        shapes: [
            ((1, 1), 1.0),
            ((2, 1), mixed(0.75, 0.5)),
            ((3, 1), mixed(0.25, 0.5)),
        ]
        .into(),
        bins: vec![mixed(0.5, 0.4), mixed(0.25, 0.4), mixed(0.25, 0.2)],
        ..factors()
    };
    assert_distributed(&sampler, &expected.haplotypes(&all), 30_000);
}

#[test]
fn without_smoothing_only_what_was_seen_comes_again() {
    let space = space();
    let edit = RelEdit::new(4, "TAC", "T").unwrap();
    let elite = Haplotype::new(Arc::clone(space.window()), vec![edit]).unwrap();
    let mut sampler = Sampler::new(&space, 2);
    sampler.refit([&elite], 0.0);
    for i in 0..100 {
        let drawn = sampler.sample(&mut RandomStream::new(i, "seen"));
        // The bin of the elite holds one place for its shape.
        assert_eq!(drawn, elite);
    }
}

#[test]
fn a_prior_without_position_weights_makes_every_place_alike() {
    let anywhere = Restrictions {
        margin: 0,
        ..Restrictions::default()
    };
    let window = Window::new(0, BASES.as_bytes()).unwrap();
    let prior = EditPrior {
        position_weights: None,
        ..prior()
    };
    let space = EditSpace::new(window.into(), &prior, &anywhere).unwrap();
    let all: Vec<RelEdit> = space.iter().collect();
    // Six called bases: two bins of three places of which one lacks a base, and one of one.
    let expected = Factors {
        bins: vec![3.0, 2.0, 1.0],
        ..factors()
    };
    assert_distributed(&Sampler::new(&space, 2), &expected.haplotypes(&all), 30_000);
}

proptest! {
    #[test]
    fn every_haplotype_is_valid_within_its_restrictions(
        bases in "[ACGTN]{40,120}", margin in 0usize..15, horizon in 0usize..25, seed: u64,
        intervals in vec((0usize..30, 1usize..10), 1..4), types in vec(0.0f64..2.0, 5),
    ) {
        prop_assume!(types.iter().any(|weight| *weight > 0.0));
        let prior = EditPrior { type_weights: types.clone().try_into().unwrap(), ..EditPrior::default() };
        let intervals: Vec<_> = intervals.into_iter().map(|(start, n)| start..start + n).collect();
        let restrictions = Restrictions { margin, intervals: Some(intervals.clone()), guides: None };
        let window = Arc::new(Window::new(0, bases.as_bytes()).unwrap());
        let space = EditSpace::new(Arc::clone(&window), &prior, &restrictions).unwrap();
        let sampler = Sampler::new(&space, horizon);
        let drawn = sampler.sample(&mut RandomStream::new(seed, "valid"));

        prop_assert!(drawn.edits().len() <= horizon);
        prop_assert_eq!(drawn.edits().is_empty(), horizon == 0 || space.is_empty());
        prop_assert_eq!(drawn.window(), &window);
        let mut end = margin;
        for edit in drawn.edits() {
            prop_assert!(edit.rel_pos() >= end, "unsorted or overlapping");
            end = edit.end();
            prop_assert!(end <= bases.len() - margin);
            prop_assert_eq!(edit.reference(), &bases[edit.rel_pos()..end]);
            prop_assert!((edit.rel_pos()..end).all(|i| intervals.iter().any(|r| r.contains(&i))));
            prop_assert!(types[usize::from(edit.edit_type().id())] > 0.0);
            let shape = EditShape::of(edit);
            let n = shape.n_alternates(edit.reference().as_bytes());
            let again = |number| shape.edit(edit.rel_pos(), edit.reference().as_bytes(), number);
            prop_assert!(n > 1024 || (0..n).any(|number| again(number) == *edit));
        }
    }
}
