//! Solvers against planted optima and an exhaustive comparison.

use geno_action::{EditType, Haplotype};
use geno_planning::{
    CemConfig, Cost, ExhaustiveConfig, MctsConfig, Plan, SearchConfig, Solver, StopReason,
};
use rayon::ThreadPoolBuilder;

use crate::toy::{edited, profile, search, snv, space, text, towards, window};

fn config(horizon: usize, solver: Solver) -> SearchConfig {
    SearchConfig {
        horizon,
        solver,
        seed: 3,
        ..SearchConfig::default()
    }
}

fn cem() -> Solver {
    Solver::Cem(CemConfig::default())
}

fn mcts() -> Solver {
    Solver::Mcts(MctsConfig::default())
}

fn exhaustive() -> Solver {
    Solver::Exhaustive(ExhaustiveConfig::default())
}

#[test]
fn every_solver_finds_two_planted_substitutions() {
    let window = window(300, 1);
    let space = space(&window, &[EditType::Snv], 130..170);
    let target = edited(&window, vec![snv(&window, 139), snv(&window, 158)]);
    for (horizon, solver) in [(2, exhaustive()), (5, cem()), (5, mcts())] {
        let config = config(horizon, solver);
        let found = search(&space, &config, towards(&target)).unwrap();
        assert_eq!(found.best_distance, 0.0, "{}", found.solver);
        assert_eq!(found.stopped_reason, StopReason::DistanceThreshold);
        assert_eq!(found.best_predicted_state, profile(&found.best.sequence()));
        assert!(found.best.edits().len() <= horizon);
    }
}

#[test]
fn neighbours_of_elites_find_what_factors_alone_do_not() {
    let n_found = |neighbours| {
        let found = |seed: &u64| {
            let window = window(300, *seed);
            let space = space(&window, &[EditType::Snv], 130..170);
            let target = edited(&window, vec![snv(&window, 139), snv(&window, 158)]);
            let solver = Solver::Cem(CemConfig {
                neighbours,
                n_samples: 256,
                n_elite: 16,
                ..CemConfig::default()
            });
            let found = search(&space, &config(5, solver), towards(&target)).unwrap();
            found.best_distance == 0.0
        };
        (0..8).filter(found).count()
    };
    // Seeds are fixed: 6 and 0 were found. Bins of 8 bases leave 24 substitutions to chance.
    assert!(n_found(0.5) >= 5);
    assert!(n_found(0.0) <= 1);
}

#[test]
fn every_solver_finds_a_planted_deletion_among_all_types() {
    let window = window(300, 2);
    let all = space(&window, &EditType::ALL, 140..160);
    let planted = geno_action::EditShape::new(4, 1).unwrap();
    let planted = planted.edit(151, &window.bases()[151..155], 0);
    let target = edited(&window, vec![planted]);
    for solver in [cem(), mcts()] {
        let found = search(&all, &config(3, solver), towards(&target)).unwrap();
        assert_eq!(found.best_distance, 0.0, "{}", found.solver);
    }
    let deletions = space(&window, &[EditType::Del], 140..160);
    let found = search(&deletions, &config(1, exhaustive()), towards(&target)).unwrap();
    assert_eq!(found.best_distance, 0.0);
}

/// The best objective of up to two SNVs, by two loops over positions and bases.
fn best_of_two_snvs(
    sequence: &[u8],
    range: std::ops::Range<usize>,
    target: &[u8],
    weight: f64,
) -> f64 {
    let target = profile(target);
    let objective = |sequence: &[u8], n_edits: f64| {
        let squares = profile(sequence)
            .into_iter()
            .zip(&target)
            .map(|(a, b)| f64::from(a - b).powi(2));
        squares.sum::<f64>().sqrt() + weight * n_edits
    };
    let mut best = objective(sequence, 0.0);
    let mut copy = sequence.to_vec();
    for i in range.clone() {
        for a in b"ACGT".iter().filter(|base| **base != sequence[i]) {
            copy[i] = *a;
            best = best.min(objective(&copy, 1.0));
            for j in i + 1..range.end {
                for b in b"ACGT".iter().filter(|base| **base != sequence[j]) {
                    copy[j] = *b;
                    best = best.min(objective(&copy, 2.0));
                }
                copy[j] = sequence[j];
            }
        }
        copy[i] = sequence[i];
    }
    best
}

#[test]
fn solvers_agree_with_a_plain_enumeration_where_costs_count() {
    let window = window(120, 4);
    let range = 50..64;
    let space = space(&window, &[EditType::Snv], range.clone());
    let away: Vec<usize> = vec![20, 25, 55, 62, 90];
    let target = edited(&window, away.into_iter().map(|i| snv(&window, i)).collect());
    for cost_weight in [0.0, 0.3, 1.0, 50.0] {
        let expected = best_of_two_snvs(window.bases(), range.clone(), &target, cost_weight);
        for solver in [exhaustive(), cem(), mcts()] {
            let config = SearchConfig {
                cost_weight,
                ..config(2, solver)
            };
            let found = search(&space, &config, towards(&target)).unwrap();
            // Both sum the same squares in the same order.
            assert_eq!(
                found.best_objective, expected,
                "{} at {cost_weight}",
                found.solver
            );
            if cost_weight == 50.0 {
                assert!(found.best.edits().is_empty());
            }
        }
    }
}

#[test]
fn what_costs_too_much_is_left_out_and_changes_nothing() {
    let window = window(120, 5);
    let space = space(&window, &[EditType::Snv], 50..60);
    let target = edited(&window, vec![snv(&window, 20), snv(&window, 55)]);
    let all = search(&space, &config(2, exhaustive()), towards(&target)).unwrap();
    assert_eq!(all.n_evaluations, 1 + 30 + 45 * 9);
    assert_eq!(all.stopped_reason, StopReason::Exhausted);

    // One edit reaches the target for 2, and two cost 4 wherever they lead.
    let target = edited(&window, vec![snv(&window, 55)]);
    let (cost_weight, stopping_eps) = (2.0, 0.0);
    let few = SearchConfig {
        cost_weight,
        stopping_eps,
        ..config(2, exhaustive())
    };
    let found = search(&space, &few, towards(&target)).unwrap();
    assert_eq!(found.n_evaluations, 1 + 30);
    assert_eq!(found.best.edits().len(), 1);
    // A custom cost may fall with more edits: only what is complete is left out.
    let custom = Cost::Custom(std::sync::Arc::new(|edits| edits.len() as f64));
    let same = search(
        &space,
        &SearchConfig {
            cost: custom,
            ..few
        },
        towards(&target),
    )
    .unwrap();
    assert_eq!(
        (same.best, same.n_evaluations),
        (found.best, found.n_evaluations)
    );
}

#[test]
fn the_same_seed_gives_the_same_plan_on_any_number_of_threads_and_in_any_batch() {
    let window = window(400, 6);
    let space = space(&window, &EditType::ALL, 100..300);
    let target = edited(&window, vec![snv(&window, 110), snv(&window, 280)]);
    for solver in [cem(), mcts()] {
        let run = |seed, n_threads, batch| -> Plan {
            let pool = ThreadPoolBuilder::new()
                .num_threads(n_threads)
                .build()
                .unwrap();
            let config = SearchConfig {
                seed,
                batch,
                ..config(4, solver.clone())
            };
            pool.install(|| search(&space, &config, towards(&target)).unwrap())
        };
        let first = text(&run(1, 1, 256));
        assert_eq!(first, text(&run(1, 2, 256)));
        assert_eq!(first, text(&run(1, 2, 7)));
        assert_ne!(first, text(&run(2, 1, 256)));
    }
}

#[test]
fn the_front_holds_what_no_other_plan_beats() {
    let window = window(120, 7);
    let space = space(&window, &[EditType::Snv], 50..56);
    let target = edited(&window, vec![snv(&window, 51), snv(&window, 54)]);
    let mut seen = Vec::new();
    let mut inner = towards(&target);
    let keep = |candidates: &[Haplotype]| {
        let evaluations = geno_planning::Evaluate::evaluate(&mut inner, candidates)?;
        let distances = evaluations.iter().map(|evaluation| evaluation.distance);
        seen.extend(
            candidates
                .iter()
                .map(|c| c.edits().len() as f64)
                .zip(distances),
        );
        Ok::<_, std::convert::Infallible>(evaluations)
    };
    let found = search(&space, &config(2, exhaustive()), keep).unwrap();
    let points = found.pareto_front.points();
    assert!(points.len() > 1);
    for point in points {
        let beats = |(cost, distance): &(f64, f64)| {
            *cost <= point.score.cost
                && *distance <= point.score.distance
                && (*cost, *distance) != (point.score.cost, point.score.distance)
        };
        assert!(!seen.iter().any(beats));
        assert!(seen.contains(&(point.edits.len() as f64, point.score.distance)));
    }
    let is_covered = |(cost, distance): &(f64, f64)| {
        points
            .iter()
            .any(|p| p.score.cost <= *cost && p.score.distance <= *distance)
    };
    assert!(seen.iter().all(is_covered));
}

#[test]
fn iterations_are_logged_as_the_published_planner_logs_them() {
    let window = window(200, 8);
    let space = space(&window, &[EditType::Snv], 80..120);
    let target = edited(&window, vec![snv(&window, 20), snv(&window, 90)]);
    let (n_samples, n_elite) = (400, 10);
    let solver = Solver::Cem(CemConfig {
        n_samples,
        n_elite,
        ..CemConfig::default()
    });
    let found = search(&space, &config(3, solver), towards(&target)).unwrap();
    for (i, iteration) in found.iterations.iter().enumerate() {
        assert_eq!(iteration.iteration, i + 1);
        assert!((1..=n_samples).contains(&iteration.n_candidates));
        assert!(iteration.elite_mean_distance.unwrap() >= iteration.best_distance);
        assert!(iteration.elite_mean_objective.unwrap() >= iteration.best_objective);
    }
    let json: serde_json::Value = serde_json::from_str(&text(&found)).unwrap();
    let keys: Vec<&String> = json.as_object().unwrap().keys().collect();
    let expected = "best_cost best_distance best_edits best_objective best_predicted_state \
        iterations n_evaluations pareto_front seed solver stopped_reason";
    assert_eq!(keys, expected.split(' ').collect::<Vec<_>>());
    let edit = json["best_edits"][0].as_object().unwrap();
    let expected = [
        "alt_bases",
        "edit_type",
        "edit_type_id",
        "ref_bases",
        "rel_pos",
    ];
    assert!(edit.keys().eq(expected));
    assert_eq!(
        (&json["solver"], &json["best_edits"][0]["edit_type"]),
        (&"cem".into(), &"SNV".into())
    );
    let log = json["iterations"][0].as_object().unwrap();
    let expected = "best_cost best_distance best_objective elite_mean_distance elite_mean_objective \
        iteration n_candidates";
    assert!(log.keys().eq(expected.split(' ')));
}

#[test]
fn settings_are_written_under_the_published_names() {
    let json = serde_json::to_value(SearchConfig::default()).unwrap();
    let expected = "batch cost cost_weight horizon n_elite n_iterations n_samples neighbours patience \
        seed smoothing solver stopping_eps";
    assert!(json.as_object().unwrap().keys().eq(expected.split(' ')));
    assert_eq!(
        (&json["cost"], &json["solver"]),
        (&"count".into(), &"cem".into())
    );
}
