//! What a space holds, against a plain enumeration.

use std::{collections::BTreeSet, ops::Range};

use geno_action::{Haplotype, LengthWeights, RelEdit, SyntheticEdits};
use geno_core::Window;
use geno_planning::{EditPrior, EditSpace, Restrictions, SpaceError};
use proptest::{collection::vec, prelude::*};

type Key = (usize, String, String);

fn key(edit: &RelEdit) -> Key {
    (
        edit.rel_pos(),
        edit.reference().to_owned(),
        edit.alternate().to_owned(),
    )
}

fn window(bases: &str) -> Window {
    Window::new(0, bases.as_bytes()).unwrap()
}

fn prior(max_length: usize) -> EditPrior {
    let lengths = LengthWeights::uniform(1..=max_length).unwrap();
    EditPrior {
        lengths,
        ..EditPrior::default()
    }
}

/// What `geno-action` lists of the whole window, cut down to what lies in one of the ranges.
fn expected(window: &Window, max_length: usize, ranges: &[Range<usize>]) -> BTreeSet<Key> {
    let lengths = LengthWeights::uniform(1..=max_length).unwrap();
    let mnv_lengths = LengthWeights::uniform(2..=max_length).unwrap();
    let all = [
        SyntheticEdits::snvs(window, 0).unwrap(),
        SyntheticEdits::insertions(window, 0, &lengths).unwrap(),
        SyntheticEdits::deletions(window, 0, &lengths).unwrap(),
        SyntheticEdits::mnvs(window, 0, &mnv_lengths).unwrap(),
        SyntheticEdits::delins(window, 0, &lengths, &lengths).unwrap(),
    ];
    let edits = all.iter().flat_map(|edits| edits.iter());
    let is_inside = |edit: &RelEdit| {
        let holds = |range: &Range<usize>| range.start <= edit.rel_pos() && edit.end() <= range.end;
        ranges.iter().any(holds)
    };
    edits.filter(is_inside).map(|edit| key(&edit)).collect()
}

fn listed(space: &EditSpace) -> BTreeSet<Key> {
    let edits: Vec<RelEdit> = space.iter().collect();
    assert_eq!(edits.len() as u128, space.len());
    let keys: BTreeSet<Key> = edits.iter().map(key).collect();
    assert_eq!(keys.len(), edits.len(), "an edit is listed twice");
    keys
}

proptest! {
    #[test]
    fn a_space_has_the_edits_that_restrictions_leave_of_all(
        bases in "[ACGTN]{6,14}", margin in 0usize..3, intervals in vec((0usize..6, 1usize..4), 0..3),
    ) {
        let window = window(&bases);
        let inside = margin..bases.len() - margin;
        let intervals: Vec<_> = intervals.into_iter().map(|(s, n)| s..(s + n).min(bases.len())).collect();
        // Intervals that touch count as one.
        let covered = |i: usize| intervals.is_empty() || intervals.iter().any(|r| r.contains(&i));
        let mut ranges: Vec<Range<usize>> = Vec::new();
        for i in inside.filter(|&i| covered(i)) {
            match ranges.last_mut() {
                Some(last) if last.end == i => last.end = i + 1,
                _ => ranges.push(i..i + 1),
            }
        }
        let restrictions = Restrictions {
            margin,
            intervals: (!intervals.is_empty()).then_some(intervals),
            guides: None,
        };
        let space = EditSpace::new(window.clone().into(), &prior(3), &restrictions).unwrap();
        let expected = expected(&window, 3, &ranges);
        prop_assert_eq!(space.is_empty(), expected.is_empty());
        prop_assert_eq!(listed(&space), expected);
    }

    #[test]
    fn haplotypes_are_counted_as_an_enumeration_counts_them(bases in "[ACGN]{3,6}") {
        let window = window(&bases);
        let anywhere = Restrictions { margin: 0, ..Restrictions::default() };
        let mut prior = prior(1);
        prior.type_weights = [1.0, 0.0, 1.0, 0.0, 0.0];
        let space = EditSpace::new(window.clone().into(), &prior, &anywhere).unwrap();
        let edits: Vec<RelEdit> = space.iter().collect();
        let is_valid = |edits: Vec<RelEdit>| Haplotype::new(window.clone().into(), edits).is_ok();
        let mut n = 1 + edits.len() as u128;
        prop_assert_eq!(space.n_haplotypes(0), 1);
        prop_assert_eq!(space.n_haplotypes(1), n);
        for (i, a) in edits.iter().enumerate() {
            for b in &edits[..i] {
                n += u128::from(is_valid(vec![a.clone(), b.clone()]));
            }
        }
        prop_assert_eq!(space.n_haplotypes(2), n);
    }
}

#[test]
fn a_large_number_of_haplotypes_is_the_largest_number() {
    let window = window(&"ACGT".repeat(50));
    let anywhere = Restrictions {
        margin: 0,
        ..Restrictions::default()
    };
    let space = EditSpace::new(window.into(), &EditPrior::default(), &anywhere).unwrap();
    assert_eq!(space.n_haplotypes(usize::MAX), u128::MAX);
}

#[test]
fn a_bin_without_weight_is_never_edited() {
    let window = window("ACGTACGTAC");
    let mut prior = prior(2);
    prior.position_bin_bp = 4;
    prior.position_weights = Some(vec![0.0, 2.0, 0.0]);
    let anywhere = Restrictions {
        margin: 0,
        ..Restrictions::default()
    };
    let space = EditSpace::new(window.into(), &prior, &anywhere).unwrap();
    assert!(space.iter().all(|edit| (4..8).contains(&edit.rel_pos())));
    assert!(space.iter().any(|edit| edit.end() > 8));
}

#[test]
fn what_cannot_be_is_named_and_what_leaves_nothing_is_empty() {
    let window = window("ACGTNNNNNNNNACGTACGT");
    let new = |prior: &EditPrior, restrictions: &Restrictions| {
        EditSpace::new(window.clone().into(), prior, restrictions)
    };
    let anywhere = Restrictions {
        margin: 0,
        ..Restrictions::default()
    };
    let within = |interval: Range<usize>| Restrictions {
        intervals: Some(vec![interval]),
        ..anywhere.clone()
    };
    let default = EditPrior::default();
    let error = |prior: &EditPrior| new(prior, &anywhere).unwrap_err();

    let wide = Restrictions {
        margin: 10,
        ..anywhere.clone()
    };
    let (margin, len) = (10, 20);
    assert_eq!(
        new(&default, &wide).unwrap_err(),
        SpaceError::NoInterior { margin, len }
    );
    let outside = SpaceError::BadInterval {
        start: 18,
        end: 21,
        len,
    };
    assert_eq!(new(&default, &within(18..21)).unwrap_err(), outside);
    let empty = SpaceError::BadInterval {
        start: 3,
        end: 3,
        len,
    };
    assert_eq!(new(&default, &within(3..3)).unwrap_err(), empty);
    assert!(new(&default, &within(4..12)).unwrap().is_empty());

    let none = EditPrior::of_types(&[]);
    assert_eq!(error(&none), SpaceError::NoWeight { factor: "type" });
    let mut negative = default.clone();
    negative.type_weights[1] = -1.0;
    let (factor, weight) = ("type", -1.0);
    assert_eq!(error(&negative), SpaceError::BadWeight { factor, weight });
    let no_bin = EditPrior {
        position_bin_bp: 0,
        ..default.clone()
    };
    assert_eq!(error(&no_bin), SpaceError::EmptyBin);
    let bins = EditPrior {
        position_weights: Some(vec![1.0]),
        ..default.clone()
    };
    let (expected, actual) = (3, 1);
    assert_eq!(error(&bins), SpaceError::WrongBins { expected, actual });
    let lengths = LengthWeights::uniform(1..=17).unwrap();
    let long = EditPrior {
        lengths,
        ..default.clone()
    };
    assert_eq!(error(&long), SpaceError::BadLength { length: 17 });
}
