//! Which variants are taken where there are more than asked for.

use std::collections::BTreeMap;

use geno_core::Digest;

use super::{PrepareBenchmark, found::Found};
use crate::benchmark::entry::LabelKind;

/// What is taken or left together: a variant, or a pair.
struct Unit {
    /// Decides the order; it depends on nothing but seed, split and variant.
    order: Digest,
    is_positive: bool,
    members: Vec<usize>,
}

/// The digest by which something is chosen.
pub(super) fn order(request: &PrepareBenchmark<'_>, key: &str) -> Digest {
    let (seed, split) = (request.selection.seed, &request.benchmark.split);
    Digest::of(format!("{seed}\n{split}\n{key}").as_bytes())
}

/// The variants that are taken, by their places: of classes as many positive as negative ones, as far as there are, and
/// the rest negative.
pub(super) fn select(request: &PrepareBenchmark<'_>, all: &[Found]) -> Vec<usize> {
    let Some(max) = request.selection.max else {
        return (0..all.len()).collect();
    };
    let max = usize::try_from(max).unwrap_or(usize::MAX);
    let mut by_pair: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (i, found) in all.iter().enumerate() {
        by_pair.entry(key(found)).or_default().push(i);
    }
    let is_paired = all.iter().any(|found| found.pair.is_some());
    let units = by_pair.into_iter().map(|(key, members)| Unit {
        order: order(request, &key),
        is_positive: all[members[0]].label == 1.0,
        members,
    });
    let mut units: Vec<Unit> = units.collect();
    units.sort_by_key(|unit| *unit.order.as_bytes());
    let label = request.benchmark.label.as_ref();
    let is_binary = label.is_some_and(|label| label.kind == LabelKind::Binary);
    let taken: Vec<Unit> = match is_binary && !is_paired {
        true => {
            let (positive, negative): (Vec<_>, Vec<_>) =
                units.into_iter().partition(|unit| unit.is_positive);
            let n_positive = positive.len().min(max / 2);
            let negative = negative.into_iter().take(max - n_positive);
            positive
                .into_iter()
                .take(n_positive)
                .chain(negative)
                .collect()
        }
        false => {
            let size = if is_paired { 2 } else { 1 };
            units.into_iter().take(max / size).collect()
        }
    };
    taken.into_iter().flat_map(|unit| unit.members).collect()
}

fn key(found: &Found) -> String {
    let Found {
        contig,
        pos,
        reference,
        alternate,
        ..
    } = found;
    let own = || format!("{contig}:{pos}:{reference}:{alternate}");
    found.pair.clone().unwrap_or_else(own)
}
