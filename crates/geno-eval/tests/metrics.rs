//! Metrics of labelled scores: the Python package's numbers, and independent arithmetic.

use std::{fs, path::Path};

use geno_core::RandomStream;
use geno_eval::{
    Auroc, BinaryMetrics, Bootstrap, DeLong, DeLongDifference, Ends, LabelledScores, OtherVariants,
    Paired, PairedError, PrecisionByChromosome, Reliability, ScoredGroups, Spearman,
};
use proptest::prelude::*;
use serde_json::Value;

/// Sums in another order differ by rounding.
const ROUNDING: f64 = 1e-12;

fn golden() -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/eval_golden.json");
    serde_json::from_slice(&fs::read(path).unwrap()).unwrap()
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap().iter();
    list.map(|value| value.as_f64().unwrap()).collect()
}

fn scores(rows: &[(bool, f64)]) -> LabelledScores {
    LabelledScores::new(rows.iter().copied()).unwrap()
}

/// Labels, and scores that rise with them, many of them equal.
fn drawn(n: usize, seed: u64) -> Vec<(bool, f64)> {
    let mut stream = RandomStream::new(seed, "metrics");
    let row = |_| {
        let label = stream.below(3) == 0;
        (
            label,
            stream.below(20) as f64 + if label { 3.0 } else { 0.0 },
        )
    };
    (0..n).map(row).collect()
}

#[test]
fn metrics_and_intervals_are_those_of_the_python_package() {
    for case in golden()["binary"].as_array().unwrap() {
        let name = &case["name"];
        let labels = numbers(&case["labels"]);
        let rows = labels.iter().zip(numbers(&case["scores"]));
        let scores =
            LabelledScores::new(rows.map(|(label, score)| (*label == 1.0, score))).unwrap();
        let threshold = case["threshold"].as_f64().unwrap();
        let found = BinaryMetrics::of(&scores, threshold);
        let bootstrap = Bootstrap {
            n_resamples: 200,
            seed: 3,
            level: 0.9,
        };
        let ends = bootstrap.binary(&scores, threshold).unwrap();
        for (metric, value, ends) in [
            ("auroc", found.auroc, Some(ends.auroc)),
            (
                "average_precision",
                found.average_precision_in_order,
                Some(ends.average_precision_in_order),
            ),
            (
                "balanced_accuracy",
                found.balanced_accuracy,
                Some(ends.balanced_accuracy),
            ),
            ("accuracy", found.accuracy, Some(ends.accuracy)),
            ("sensitivity", found.sensitivity, None),
            ("specificity", found.specificity, None),
        ] {
            let expected = case["metrics"][metric].as_f64().unwrap();
            assert!(
                (value - expected).abs() < ROUNDING,
                "{name} {metric}: {value}"
            );
            let Some(ends) = ends else { continue };
            let expected = numbers(&case["bootstrap_200_seed3_ci0.9"][metric]);
            let is_near = |i: usize| (ends[i] - expected[i]).abs() < ROUNDING;
            assert!(
                is_near(0) && is_near(1),
                "{name} {metric}: {ends:?} {expected:?}"
            );
        }
    }
}

#[test]
fn rank_correlations_are_those_of_the_python_package() {
    for case in golden()["spearman"].as_array().unwrap() {
        let pairs: Vec<_> = numbers(&case["x"])
            .into_iter()
            .zip(numbers(&case["y"]))
            .collect();
        let rho = Spearman::of(&Paired::new(&pairs).unwrap()).rho;
        assert!(
            (rho - case["rho"].as_f64().unwrap()).abs() < ROUNDING,
            "{case}"
        );
    }
    for (pairs, error) in [
        (&[(1.0, 2.0)][..], PairedError::TooFew { found: 1 }),
        (&[(1.0, 2.0), (1.0, 3.0)], PairedError::Constant),
    ] {
        assert_eq!(Paired::new(pairs), Err(error));
    }
    let infinite = Paired::new(&[(1.0, 2.0), (0.0, f64::INFINITY)]).unwrap_err();
    assert_eq!(infinite.to_string(), "pair 2 has inf");
}

#[test]
fn the_interval_of_a_rank_correlation_holds_it() {
    let mut stream = RandomStream::new(4, "pairs");
    let mut pair = |_| {
        let x = stream.unit();
        (x, x + stream.unit())
    };
    let pairs: Vec<(f64, f64)> = (0..300).map(&mut pair).collect();
    let pairs = Paired::new(&pairs).unwrap();
    let rho = Spearman::of(&pairs).rho;
    let [low, high] = Bootstrap::default().spearman(&pairs).unwrap();
    assert!(
        low < rho && rho < high && high - low < 0.2,
        "{low} {rho} {high}"
    );
    // Both pairs must be drawn for a correlation.
    let two = Paired::new(&[(1.0, 2.0), (2.0, 1.0)]).unwrap();
    assert_eq!(Bootstrap::default().spearman(&two), Some([-1.0, -1.0]));
}

proptest! {
    #[test]
    fn the_order_of_variants_changes_nothing(
        mut rows in prop::collection::vec((any::<bool>(), -4i8..4), 2..60),
        seed: u64,
    ) {
        rows.push((true, 0));
        rows.push((false, 0));
        let of = |rows: &[(bool, i8)]| {
            let rows = rows.iter().map(|(label, score)| (*label, f64::from(*score)));
            BinaryMetrics::of(&LabelledScores::new(rows).unwrap(), 0.5)
        };
        let before = of(&rows);
        geno_core::PythonRandom::new(seed).shuffle(&mut rows);
        let mut after = of(&rows);
        after.average_precision_in_order = before.average_precision_in_order;
        prop_assert_eq!(before, after);

        // By pairs of variants.
        let groups = |label| rows.iter().filter(move |row| row.0 == label).map(|row| f64::from(row.1));
        let groups = ScoredGroups {
            positive: groups(true).collect(),
            negative: groups(false).collect(),
        };
        prop_assert!((before.auroc - Auroc::of(&[groups], 0).unwrap().value).abs() < ROUNDING);
    }

    #[test]
    fn without_ties_both_average_precisions_are_one(labels in prop::collection::vec(any::<bool>(), 1..50)) {
        let rows = labels.into_iter().chain([true, false]).enumerate();
        let rows: Vec<_> = rows.map(|(i, label)| (label, (i * 37 % 101) as f64)).collect();
        let metrics = BinaryMetrics::of(&scores(&rows), 0.0);
        let difference = metrics.average_precision - metrics.average_precision_in_order;
        prop_assert!(difference.abs() < ROUNDING);
    }
}

#[test]
fn equal_scores_have_the_precision_of_chance() {
    let rows: Vec<_> = (0..40).map(|i| (i < 10, 0.5)).collect();
    let metrics = BinaryMetrics::of(&scores(&rows), 0.5);
    assert_eq!((metrics.auroc, metrics.average_precision), (0.5, 0.25));
    // The published definition calls the same scores perfect.
    assert_eq!(metrics.average_precision_in_order, 1.0);
}

#[test]
fn delong_s_variance_is_that_of_all_pairs_and_near_that_of_resamples() {
    let rows = drawn(400, 1);
    let found = DeLong::of(&scores(&rows));
    // Straight from the definition.
    let of = |label| {
        rows.iter()
            .filter(move |row| row.0 == label)
            .map(|row| row.1)
    };
    let kernel = |p: f64, n: f64| match p.total_cmp(&n) {
        std::cmp::Ordering::Greater => 1.0,
        std::cmp::Ordering::Equal => 0.5,
        std::cmp::Ordering::Less => 0.0,
    };
    let (m, n) = (of(true).count() as f64, of(false).count() as f64);
    let positive: Vec<f64> = of(true)
        .map(|p| of(false).map(|q| kernel(p, q)).sum::<f64>() / n)
        .collect();
    let negative: Vec<f64> = of(false)
        .map(|q| of(true).map(|p| kernel(p, q)).sum::<f64>() / m)
        .collect();
    let spread = |values: &[f64]| {
        let n = values.len() as f64;
        let mean = values.iter().sum::<f64>() / n;
        values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / (n - 1.0) / n
    };
    let variance = spread(&positive) + spread(&negative);
    assert!(
        (found.variance / variance - 1.0).abs() < 1e-9,
        "{found:?} {variance}"
    );
    assert!((found.auroc - positive.iter().sum::<f64>() / m).abs() < ROUNDING);

    let [low, high] = found.interval();
    let resampled = Bootstrap {
        n_resamples: 4_000,
        ..Bootstrap::default()
    };
    let [other_low, other_high] = resampled.binary(&scores(&rows), 0.0).unwrap().auroc;
    let width = high - low;
    assert!((low - other_low).abs() < 0.1 * width && (high - other_high).abs() < 0.1 * width);
}

#[test]
fn differences_are_surer_than_two_scores_where_these_err_alike() {
    let rows = drawn(300, 2);
    let mut stream = RandomStream::new(3, "noise");
    // Nearly the same score, a little worse.
    let worse: Vec<_> = rows
        .iter()
        .map(|(label, score)| (*label, score + 4.0 * stream.unit()))
        .collect();
    let (a, b) = (scores(&rows), scores(&worse));
    let bootstrap = Bootstrap::default();
    let width = |[low, high]: Ends| high - low;
    let paired = bootstrap.difference((&a, 0.0), (&b, 0.0)).unwrap().unwrap();
    let alone = bootstrap.binary(&a, 0.0).unwrap();
    assert!(width(paired.auroc) < 0.7 * width(alone.auroc));
    let by_formula = DeLongDifference::of(&a, &b).unwrap();
    assert!(paired.auroc[0] < by_formula.difference && by_formula.difference < paired.auroc[1]);
    let width_by_formula = 2.0 * 1.96 * by_formula.variance.sqrt();
    assert!((width(paired.auroc) / width_by_formula - 1.0).abs() < 0.15);

    let itself = DeLongDifference::of(&a, &a).unwrap();
    assert_eq!((itself.difference, itself.p_value), (0.0, None));
    let reversed: Vec<_> = rows.iter().rev().copied().collect();
    assert_eq!(
        DeLongDifference::of(&a, &scores(&reversed)),
        Err(OtherVariants)
    );
}

#[test]
fn the_probability_of_a_difference_by_chance_is_uniform_if_there_is_none() {
    let below = (0..400).filter(|seed| {
        let mut stream = RandomStream::new(*seed, "null");
        let mut noise = || -> Vec<_> { (0..60).map(|i| (i % 2 == 0, stream.unit())).collect() };
        let (a, b) = (scores(&noise()), scores(&noise()));
        DeLongDifference::of(&a, &b).unwrap().p_value.unwrap() < 0.1
    });
    // 40 are due, give or take 18 (three standard deviations).
    let below = below.count();
    assert!((22..=58).contains(&below), "{below}");
}

#[test]
fn a_million_variants_are_no_matter() {
    let n = 1_000_000;
    let rows = (0..n).map(|i| (i % 4 == 0, (i / 4) as f64));
    let metrics = BinaryMetrics::of(&LabelledScores::new(rows).unwrap(), f64::from(n) / 8.0);
    // Each score is that of one positive variant and three negative ones.
    assert!((metrics.auroc - 0.5).abs() < ROUNDING);
    assert!((metrics.average_precision - 0.25).abs() < ROUNDING);
    assert_eq!((metrics.sensitivity, metrics.specificity), (0.5, 0.5));
}

#[test]
fn reliability_tells_what_is_said_from_what_comes_true() {
    // Ten of each tenth, as many positive as it says.
    let rows: Vec<_> = (0..10)
        .flat_map(|tenth| (0..10).map(move |i| (i < tenth, f64::from(tenth) / 10.0)))
        .collect();
    let true_to_word = Reliability::of(&scores(&rows), 10).unwrap();
    assert!(true_to_word.ece < ROUNDING, "{true_to_word:?}");
    let brier = (0..10)
        .map(|t| f64::from(t * (10 - t)) / 100.0)
        .sum::<f64>()
        / 10.0;
    assert!((true_to_word.brier - brier).abs() < ROUNDING);

    let certain: Vec<_> = (0..10).map(|i| (i < 7, 1.0)).collect();
    let certain = Reliability::of(&scores(&certain), 5).unwrap();
    assert!((certain.ece - 0.3).abs() < ROUNDING && (certain.brier - 0.3).abs() < ROUNDING);
    assert_eq!((certain.bins[4].n, certain.bins[4].observed), (10, 0.7));

    let log_odds = scores(&[(true, 1.2), (false, -3.0)]);
    assert_eq!(Reliability::of(&log_odds, 10), None);
    assert_eq!(
        Reliability::of(&scores(&[(true, 0.5), (false, 0.5)]), 0),
        None
    );
}

#[test]
fn chromosomes_count_by_their_variants() {
    let rows = [
        ("1", true, 0.1),
        ("1", false, 0.2),
        ("1", false, 0.3),
        ("X", true, 9.0),
        ("X", false, 8.0),
        ("2", false, 0.0),
    ];
    let found = PrecisionByChromosome::of(rows).unwrap().unwrap();
    assert!((found.value - (3.0 / 3.0 + 2.0) / 5.0).abs() < ROUNDING);
    assert_eq!(found.n, 5);
    assert_eq!(found.left_out.into_iter().collect::<Vec<_>>(), ["2"]);
    assert_eq!(PrecisionByChromosome::of([("1", true, 1.0)]), Ok(None));
    assert!(PrecisionByChromosome::of([("1", true, f64::NAN)]).is_err());
}
