//! What the package's comparison of splits does not see.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    integrity::{Integrity, Place, Split, is_evaluation, is_training},
    release::Release,
};

const PATH: &str = "dataset/split_integrity.json";

/// Tells of pairs of splits that are said to share nothing and cannot be compared by their keys, and of what they
/// share all the same.
pub(super) fn note(release: &mut Release, integrity: &Integrity) {
    let splits = &integrity.splits;
    for (train, trained) in splits.iter().filter(|(name, _)| is_training(name)) {
        for (evaluation, measured) in splits.iter().filter(|(name, _)| is_evaluation(name)) {
            note_kinds(release, [train, evaluation], [trained, measured]);
            note_names(release, [train, evaluation], [trained, measured]);
            note_windows(release, [train, evaluation], [trained, measured]);
        }
    }
}

/// Records on one side and variants on the other have no key in common, whatever they are.
fn note_kinds(release: &mut Release, [train, evaluation]: [&str; 2], sides: [&Split; 2]) {
    let records = |split: &Split| {
        split
            .keys
            .iter()
            .filter(|key| key.starts_with("record:"))
            .count()
    };
    let [trained, measured] = sides.map(|split| (records(split), split.keys.len()));
    let share_a_kind =
        trained.0 > 0 && measured.0 > 0 || trained.0 < trained.1 && measured.0 < measured.1;
    if !share_a_kind && trained.1 > 0 && measured.1 > 0 {
        let message = format!(
            "`{train}` and `{evaluation}` are said to share nothing, and no key of one could be a key of the other"
        );
        release.note("leakage_not_comparable", PATH, message);
    }
}

/// The same variant under two names of its contig.
fn note_names(
    release: &mut Release,
    [train, evaluation]: [&str; 2],
    [trained, measured]: [&Split; 2],
) {
    let [trained_on, measured_on] = [trained, measured].map(|split| {
        let variants = split.places.iter().filter(|place| place.alleles.is_some());
        variants.collect::<BTreeSet<&Place>>()
    });
    let n = trained_on.intersection(&measured_on).count();
    let seen = trained.keys.intersection(&measured.keys).count();
    if n > seen {
        let message = format!(
            "`{train}` and `{evaluation}` have variants in common, {} of them under other names of their contigs",
            n - seen
        );
        release.note("contig_names", PATH, message);
    }
}

/// Variants that are measured on, inside windows that are trained on.
fn note_windows(
    release: &mut Release,
    [train, evaluation]: [&str; 2],
    [trained, measured]: [&Split; 2],
) {
    let mut windows = BTreeMap::<&str, Vec<(u64, u64)>>::new();
    for place in trained
        .places
        .iter()
        .filter(|place| place.alleles.is_none())
    {
        windows
            .entry(&place.contig)
            .or_default()
            .push((place.start, place.end));
    }
    for windows in windows.values_mut() {
        windows.sort_unstable();
        // The end of a window becomes the farthest end up to it.
        let mut farthest = 0;
        for (_, end) in windows {
            farthest = farthest.max(*end);
            *end = farthest;
        }
    }
    let is_inside = |variant: &&Place| {
        let windows = windows
            .get(variant.contig.as_str())
            .map_or(&[][..], Vec::as_slice);
        let n_before = windows.partition_point(|(start, _)| *start < variant.end);
        n_before > 0 && windows[n_before - 1].1 > variant.start
    };
    let n = measured.places.iter().filter(is_inside).count();
    if n > 0 {
        let message = format!("of the variants of `{evaluation}`, {n} lie in windows of `{train}`");
        release.note("leakage_windows", PATH, message);
    }
}
