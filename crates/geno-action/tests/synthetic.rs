//! Synthetic edits against a plain enumeration of everything a window allows.

use std::collections::{BTreeMap, BTreeSet};

use geno_action::{
    EditType, LengthWeights, RelEdit, SampleError, SyntheticEdits, SyntheticError, apply,
};
use geno_core::{RandomStream, Window};
use proptest::prelude::*;

/// Position, reference and alternate.
type Key = (usize, String, String);

fn key(edit: &RelEdit) -> Key {
    let (reference, alternate) = (edit.reference().to_owned(), edit.alternate().to_owned());
    (edit.rel_pos(), reference, alternate)
}

fn window(bases: &str) -> Window {
    Window::new(0, bases.as_bytes()).unwrap()
}

fn words(len: usize) -> Vec<String> {
    let longer = |word: String| ["A", "C", "G", "T"].map(|base| format!("{word}{base}"));
    (0..len).fold(vec![String::new()], |words, _| {
        words.into_iter().flat_map(longer).collect()
    })
}

/// Every edit with alleles of these lengths that keeps to the margins, made without the library.
fn all_edits(bases: &str, margin: usize, reference_len: usize, alternate_len: usize) -> Vec<Key> {
    let mut edits = Vec::new();
    let end = bases.len() - margin;
    for start in margin..(end + 1).saturating_sub(reference_len) {
        let reference = &bases[start..start + reference_len];
        if !reference.contains('N') {
            let alternates = words(alternate_len);
            edits.extend(
                alternates
                    .into_iter()
                    .map(|a| (start, reference.to_owned(), a)),
            );
        }
    }
    edits
}

fn differ_everywhere((_, reference, alternate): &Key) -> bool {
    reference
        .bytes()
        .zip(alternate.bytes())
        .all(|(r, a)| r != a)
}

fn share_anchor_alone((_, reference, alternate): &Key) -> bool {
    let (r, a) = (reference.as_bytes(), alternate.as_bytes());
    r[0] == a[0] && r[1] != a[1] && r.last() != a.last()
}

fn starts_with_anchor((_, reference, alternate): &Key) -> bool {
    reference[..1] == alternate[..1]
}

fn listed(edits: &SyntheticEdits) -> BTreeSet<Key> {
    let keys: Vec<Key> = edits.iter().map(|edit| key(&edit)).collect();
    assert_eq!(keys.len() as u64, edits.len());
    let set: BTreeSet<Key> = keys.iter().cloned().collect();
    assert_eq!(set.len(), keys.len(), "an edit is listed twice");
    set
}

fn uniform(range: std::ops::RangeInclusive<usize>) -> LengthWeights {
    LengthWeights::uniform(range).unwrap()
}

fn check_against_enumeration(bases: &str, margin: usize) {
    let window = window(bases);
    let of = |reference, alternate, keep: fn(&Key) -> bool| -> BTreeSet<Key> {
        let edits = all_edits(bases, margin, reference, alternate);
        edits.into_iter().filter(keep).collect()
    };
    let union = |sets: Vec<BTreeSet<Key>>| sets.into_iter().flatten().collect::<BTreeSet<Key>>();

    let snvs = SyntheticEdits::snvs(&window, margin).unwrap();
    assert_eq!(listed(&snvs), of(1, 1, differ_everywhere));
    let insertions = SyntheticEdits::insertions(&window, margin, &uniform(1..=3)).unwrap();
    let expected = (2..=4).map(|len| of(1, len, starts_with_anchor)).collect();
    assert_eq!(listed(&insertions), union(expected));
    let deletions = SyntheticEdits::deletions(&window, margin, &uniform(1..=3)).unwrap();
    let expected = (2..=4).map(|len| of(len, 1, starts_with_anchor)).collect();
    assert_eq!(listed(&deletions), union(expected));
    let mnvs = SyntheticEdits::mnvs(&window, margin, &uniform(2..=4)).unwrap();
    let expected = (2..=4).map(|len| of(len, len, differ_everywhere)).collect();
    assert_eq!(listed(&mnvs), union(expected));

    let lengths = uniform(1..=3);
    let delins = SyntheticEdits::delins(&window, margin, &lengths, &lengths).unwrap();
    let pairs = [(2, 3), (2, 4), (3, 2), (3, 4), (4, 2), (4, 3)];
    let expected = pairs.map(|(r, a)| of(r, a, share_anchor_alone)).to_vec();
    assert_eq!(listed(&delins), union(expected));
}

#[test]
fn a_small_window_has_exactly_the_edits_that_an_enumeration_finds() {
    check_against_enumeration("ACGTAACCTG", 0);
    check_against_enumeration("TTTTTTTT", 2);
    check_against_enumeration("ANNCGNTACATANA", 1);
    check_against_enumeration("NNNNNN", 0);
}

proptest! {
    #[test]
    fn any_window_has_exactly_the_edits_that_an_enumeration_finds(
        bases in "[ACGTN]{5,12}", margin in 0usize..3,
    ) {
        check_against_enumeration(&bases, margin);
    }

    #[test]
    fn every_edit_applies_between_the_margins_and_is_of_its_type(
        bases in "[ACGTN]{100,160}", margin in 0usize..40, seed: u64,
    ) {
        let window = window(&bases);
        let lengths = LengthWeights::geometric(0.3, 1..=15).unwrap();
        let mnv_lengths = LengthWeights::geometric(0.3, 2..=16).unwrap();
        let parts = [
            (EditType::Snv, SyntheticEdits::snvs(&window, margin)),
            (EditType::Ins, SyntheticEdits::insertions(&window, margin, &lengths)),
            (EditType::Del, SyntheticEdits::deletions(&window, margin, &lengths)),
            (EditType::Mnv, SyntheticEdits::mnvs(&window, margin, &mnv_lengths)),
            (EditType::Indel, SyntheticEdits::delins(&window, margin, &lengths, &lengths)),
        ];
        let mut random = RandomStream::new(seed, "edits");
        for (edit_type, edits) in parts {
            let edits = edits.unwrap();
            let n = edits.len().min(40) as usize;
            let drawn = edits.sample_distinct(n, &mut random).unwrap();
            prop_assert_eq!(drawn.len(), n);
            let different: BTreeSet<Key> = drawn.iter().map(key).collect();
            prop_assert_eq!(different.len(), n);
            for edit in drawn {
                prop_assert_eq!(edit.edit_type(), edit_type);
                prop_assert!(edit.rel_pos() >= margin && edit.end() <= bases.len() - margin);
                prop_assert!(apply(window.bases(), &edit).is_ok());
            }
        }
    }
}

/// `Σ (observed − expected)² / expected` of `n` draws, over edits with their probabilities.
fn chi_squared(drawn: &[RelEdit], probabilities: &BTreeMap<Key, f64>) -> f64 {
    let mut counts: BTreeMap<Key, u32> = BTreeMap::new();
    for edit in drawn {
        assert!(probabilities.contains_key(&key(edit)), "an impossible edit");
        *counts.entry(key(edit)).or_default() += 1;
    }
    let term = |(key, p): (&Key, &f64)| {
        let expected = p * drawn.len() as f64;
        let observed = counts.get(key).copied().map_or(0.0, f64::from);
        (observed - expected).powi(2) / expected
    };
    probabilities.iter().map(term).sum()
}

/// The 99.9 % quantile of the chi-squared distribution (Wilson and Hilferty, 1931).
fn critical(cells: usize) -> f64 {
    let df = (cells - 1) as f64;
    let variance = 2.0 / (9.0 * df);
    df * (1.0 - variance + 3.090 * variance.sqrt()).powi(3)
}

fn uniform_over(edits: &SyntheticEdits, p: f64) -> BTreeMap<Key, f64> {
    let each = p / edits.len() as f64;
    edits.iter().map(|edit| (key(&edit), each)).collect()
}

fn assert_distributed(edits: &SyntheticEdits, probabilities: &BTreeMap<Key, f64>) {
    let total: f64 = probabilities.values().sum();
    assert!((total - 1.0).abs() < 1e-9, "{total}");
    for seed in 0..3 {
        let n = 200 * probabilities.len();
        let drawn = edits.sample(n, &mut RandomStream::new(seed, "chi-squared"));
        let statistic = chi_squared(&drawn.unwrap(), probabilities);
        let bound = critical(probabilities.len());
        assert!(statistic < bound, "seed {seed}: {statistic} of {bound}");
    }
}

#[test]
fn snvs_are_uniform_over_position_and_base() {
    let window = window("ACGNNTTTGACANACGT");
    let snvs = SyntheticEdits::snvs(&window, 2).unwrap();
    assert_eq!(snvs.len(), 30);
    assert_distributed(&snvs, &uniform_over(&snvs, 1.0));
}

#[test]
fn delins_of_one_length_pair_are_uniform_over_position_and_bases() {
    // Deleted pairs that begin and end alike have three single bases to become, others two.
    let window = window("AACGGTTANCAACG");
    let (two, one) = (uniform(2..=2), uniform(1..=1));
    let delins = SyntheticEdits::delins(&window, 0, &two, &one).unwrap();
    assert_distributed(&delins, &uniform_over(&delins, 1.0));
}

#[test]
fn lengths_follow_their_weights_whatever_the_number_of_edits() {
    let window = window("ACGTTGCA");
    let lengths = LengthWeights::new([(1, 3.0), (2, 1.0)]).unwrap();
    let of_length = |len| SyntheticEdits::insertions(&window, 0, &uniform(len..=len)).unwrap();
    let mut probabilities = uniform_over(&of_length(1), 0.75);
    probabilities.extend(uniform_over(&of_length(2), 0.25));
    let insertions = SyntheticEdits::insertions(&window, 0, &lengths).unwrap();
    assert_distributed(&insertions, &probabilities);
}

#[test]
fn a_length_that_fits_nowhere_leaves_its_share_to_the_others() {
    let window = window("ACGNACNTAG");
    let lengths = LengthWeights::new([(1, 1.0), (2, 1.0), (5, 8.0)]).unwrap();
    let of_length = |len| SyntheticEdits::deletions(&window, 0, &uniform(len..=len)).unwrap();
    assert!(of_length(5).is_empty());
    let mut probabilities = uniform_over(&of_length(1), 0.5);
    probabilities.extend(uniform_over(&of_length(2), 0.5));
    let deletions = SyntheticEdits::deletions(&window, 0, &lengths).unwrap();
    assert_distributed(&deletions, &probabilities);
}

#[test]
fn a_mix_draws_kinds_by_weight_among_those_that_fit() {
    let window = window("ACGNACNTAG");
    let one = uniform(1..=1);
    let long = uniform(9..=9);
    let snvs = SyntheticEdits::snvs(&window, 0).unwrap();
    let insertions = SyntheticEdits::insertions(&window, 0, &one).unwrap();
    let nothing = SyntheticEdits::deletions(&window, 0, &long).unwrap();
    let mut probabilities = uniform_over(&snvs, 0.8);
    probabilities.extend(uniform_over(&insertions, 0.2));
    let mix = SyntheticEdits::mix([(4.0, snvs), (5.0, nothing), (1.0, insertions)]);
    assert_distributed(&mix, &probabilities);
}

#[test]
fn every_set_of_different_edits_is_equally_likely() {
    let window = window("NGN");
    let snvs = SyntheticEdits::snvs(&window, 0).unwrap();
    let mut counts: BTreeMap<Vec<Key>, u32> = BTreeMap::new();
    let mut random = RandomStream::new(5, "orders");
    for _ in 0..6_000 {
        let drawn = snvs.sample_distinct(3, &mut random).unwrap();
        *counts.entry(drawn.iter().map(key).collect()).or_default() += 1;
    }
    let term = |count: &u32| (f64::from(*count) - 1_000.0).powi(2) / 1_000.0;
    let statistic: f64 = counts.values().map(term).sum();
    assert_eq!(counts.len(), 6);
    assert!(statistic < critical(6), "{statistic}");
}

#[test]
fn drawing_everything_without_replacement_gives_everything_once() {
    let window = window("ACGTNACGGT");
    let lengths = LengthWeights::geometric(0.5, 1..=4).unwrap();
    let parts = [
        (1.0, SyntheticEdits::snvs(&window, 1).unwrap()),
        (
            2.0,
            SyntheticEdits::insertions(&window, 1, &lengths).unwrap(),
        ),
        (
            3.0,
            SyntheticEdits::delins(&window, 1, &lengths, &lengths).unwrap(),
        ),
    ];
    let mix = SyntheticEdits::mix(parts);
    let mut random = RandomStream::new(6, "all");
    let drawn = mix
        .sample_distinct(mix.len() as usize, &mut random)
        .unwrap();
    assert_eq!(drawn.iter().map(key).collect::<BTreeSet<_>>(), listed(&mix));
    let error = mix.sample_distinct(mix.len() as usize + 1, &mut random);
    let (requested, available) = (mix.len() + 1, mix.len());
    assert_eq!(
        error,
        Err(SampleError {
            requested,
            available
        })
    );
}

#[test]
fn a_window_of_unknown_bases_says_that_it_allows_nothing() {
    let window = window("NNNNNNNN");
    let snvs = SyntheticEdits::snvs(&window, 0).unwrap();
    let mut random = RandomStream::new(0, "none");
    let none = |requested| SampleError {
        requested,
        available: 0,
    };
    assert_eq!(snvs.sample(2, &mut random), Err(none(2)));
    assert_eq!(snvs.sample_distinct(1, &mut random), Err(none(1)));
    assert_eq!(snvs.sample(0, &mut random), Ok(vec![]));
}

#[test]
fn margins_and_lengths_that_cannot_be_are_named() {
    let window = window("ACGTACGT");
    let error = SyntheticEdits::snvs(&window, 4).unwrap_err();
    assert_eq!(error, SyntheticError::NoInterior { margin: 4, len: 8 });
    let error = SyntheticEdits::insertions(&window, 0, &uniform(1..=16)).unwrap_err();
    let (length, min, max) = (16, 1, 15);
    assert_eq!(error, SyntheticError::BadLength { length, min, max });
    let error = SyntheticEdits::mnvs(&window, 0, &uniform(1..=2)).unwrap_err();
    let (length, min, max) = (1, 2, 16);
    assert_eq!(error, SyntheticError::BadLength { length, min, max });
}

#[test]
fn one_seed_gives_one_list() {
    let window = window(&"ACGTTGCATTAC".repeat(20));
    let snvs = SyntheticEdits::snvs(&window, 64).unwrap();
    let draw = |seed| {
        snvs.sample_distinct(5, &mut RandomStream::new(seed, "snvs"))
            .unwrap()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    // Fixed for good: a training run must be able to draw its edits again.
    let first: Vec<String> = draw(1)
        .iter()
        .map(|edit| {
            format!(
                "{}{}>{}",
                edit.rel_pos(),
                edit.reference(),
                edit.alternate()
            )
        })
        .collect();
    assert_eq!(first.join(" "), "116T>A 89G>C 66C>A 168A>G 70A>G");
}
