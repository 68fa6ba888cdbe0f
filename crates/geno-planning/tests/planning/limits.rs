//! The ends of what a search may be asked.

use std::{convert::Infallible, ops::ControlFlow};

use geno_action::{EditType, Haplotype};
use geno_core::Window;
use geno_planning::{
    CemConfig, EditPrior, EditSpace, Evaluation, ExhaustiveConfig, GuideSites, MctsConfig,
    Nuclease, PlanError, Restrictions, SearchConfig, Solver, StopReason, Strands, plan,
};

use crate::toy::{edited, search, snv, space, towards, window};

fn solvers() -> [Solver; 3] {
    let cem = CemConfig {
        n_samples: 40,
        n_elite: 8,
        ..CemConfig::default()
    };
    let mcts = MctsConfig {
        n_simulations: 40,
        ..MctsConfig::default()
    };
    [
        Solver::Cem(cem),
        Solver::Mcts(mcts),
        Solver::Exhaustive(ExhaustiveConfig::default()),
    ]
}

#[test]
fn a_target_that_is_the_source_needs_no_edit() {
    let window = window(200, 1);
    let space = space(&window, &[EditType::Snv], 90..100);
    for solver in solvers() {
        for (stopping_eps, reason) in [
            (0.05, StopReason::DistanceThreshold),
            (0.0, StopReason::Exhausted),
        ] {
            let config = SearchConfig {
                stopping_eps,
                solver: solver.clone(),
                ..SearchConfig::default()
            };
            let found = search(&space, &config, towards(window.bases())).unwrap();
            assert!(found.best.edits().is_empty());
            assert_eq!((found.best_distance, found.n_evaluations), (0.0, 1));
            assert_eq!(found.stopped_reason, reason);
            assert!(found.iterations.is_empty());
        }
    }
}

#[test]
fn horizons_of_none_one_and_more_than_fit() {
    let window = window(200, 2);
    let space = space(&window, &[EditType::Snv], 90..96);
    let target = edited(&window, vec![snv(&window, 10), snv(&window, 93)]);
    for solver in solvers() {
        for horizon in [0, 1, 20] {
            let is_exhaustive = matches!(solver, Solver::Exhaustive(_));
            let config = SearchConfig {
                horizon,
                solver: solver.clone(),
                ..SearchConfig::default()
            };
            let found = search(&space, &config, towards(&target)).unwrap();
            assert!(found.best.edits().len() <= horizon.min(6));
            if horizon == 0 {
                assert_eq!(
                    (found.n_evaluations, found.stopped_reason),
                    (1, StopReason::Exhausted)
                );
            }
            // (1 + 3)⁶ haplotypes of six bases.
            if horizon == 20 && is_exhaustive {
                assert_eq!(found.n_evaluations, 4096);
                assert_eq!(found.iterations.len(), 6);
            }
        }
    }
}

#[test]
fn nothing_to_edit_gives_the_empty_plan() {
    let guides = GuideSites {
        nucleases: vec![Nuclease::SP_CAS9, Nuclease::CAS12A],
        strands: Strands::Both,
        reach: 10,
    };
    let near_cuts = Restrictions {
        guides: Some(guides),
        ..Restrictions::default()
    };
    let cases = [
        (b"N".repeat(200), Restrictions::default()),
        (b"ATAC".repeat(50), near_cuts),
    ];
    for (bases, restrictions) in cases {
        let window = Window::new(0, bases).unwrap();
        let space = EditSpace::new(window.into(), &EditPrior::default(), &restrictions).unwrap();
        for solver in solvers() {
            let config = SearchConfig {
                solver,
                ..SearchConfig::default()
            };
            let evaluate = |candidates: &[Haplotype]| -> Result<_, Infallible> {
                let far = Evaluation {
                    distance: 1.0,
                    state: vec![],
                };
                Ok(vec![far; candidates.len()])
            };
            let found = search(&space, &config, evaluate).unwrap();
            assert!(found.best.edits().is_empty());
            let ended = (found.n_evaluations, found.stopped_reason);
            assert_eq!(ended, (1, StopReason::Exhausted));
        }
    }
}

#[test]
fn too_many_haplotypes_are_refused_with_their_number() {
    let window = window(200, 3);
    let space = space(&window, &[EditType::Snv], 90..100);
    let solver = Solver::Exhaustive(ExhaustiveConfig {
        max_evaluations: 435,
    });
    let config = SearchConfig {
        horizon: 2,
        solver,
        ..SearchConfig::default()
    };
    let error = search(&space, &config, towards(b"ACGT")).unwrap_err();
    let (n, horizon, max_evaluations) = (1 + 30 + 45 * 9, 2, 435);
    assert_eq!(
        error,
        PlanError::TooMany {
            n,
            horizon,
            max_evaluations
        }
    );
}

#[test]
fn batches_are_no_larger_than_asked_for_and_hold_nothing_twice() {
    let window = window(200, 4);
    let space = space(&window, &[EditType::Snv], 90..93);
    for solver in solvers() {
        let config = SearchConfig {
            batch: 7,
            horizon: 2,
            solver,
            ..SearchConfig::default()
        };
        let (mut total, mut largest) = (0, 0);
        let mut of_iteration: Vec<Haplotype> = Vec::new();
        let mut repeated = 0;
        let mut evaluate = |candidates: &[Haplotype]| -> Result<_, Infallible> {
            largest = largest.max(candidates.len());
            total += candidates.len() as u64;
            repeated += candidates
                .iter()
                .filter(|c| of_iteration.contains(c))
                .count();
            of_iteration.extend(candidates.iter().cloned());
            let far = |c: &Haplotype| Evaluation {
                distance: 9.0 - c.edits().len() as f64,
                state: vec![],
            };
            Ok(candidates.iter().map(far).collect())
        };
        let found = plan(
            &space,
            &config,
            &mut evaluate,
            |_| ControlFlow::Continue(()),
        )
        .unwrap();
        assert_eq!(found.n_evaluations, total);
        assert!(largest <= 7 && found.n_evaluations <= 1 + total);
        if matches!(config.solver, Solver::Cem(_)) {
            // 37 haplotypes at most in a generation of 40.
            let generations = found.iterations.len() as u64;
            assert!(total <= 1 + 36 * generations, "{total} in {generations}");
        } else {
            assert_eq!(repeated, 0, "{}", found.solver);
        }
    }
}

#[test]
fn the_caller_can_stop_after_any_batch() {
    let window = window(200, 5);
    let space = space(&window, &[EditType::Snv], 50..150);
    let target = edited(&window, vec![snv(&window, 10), snv(&window, 93)]);
    for solver in solvers() {
        let config = SearchConfig {
            batch: 4,
            horizon: 1,
            solver,
            ..SearchConfig::default()
        };
        for stop_at in [1, 9] {
            let mut evaluate = towards(&target);
            let mut last = 0;
            let found = plan(&space, &config, &mut evaluate, |progress| {
                assert!(progress.n_evaluations > last && progress.n_evaluations <= last + 4);
                assert_eq!(progress.iteration == 0, progress.n_evaluations == 1);
                last = progress.n_evaluations;
                match last >= stop_at {
                    true => ControlFlow::Break(()),
                    false => ControlFlow::Continue(()),
                }
            });
            let found = found.unwrap();
            assert_eq!(found.stopped_reason, StopReason::StoppedByCaller);
            assert_eq!(found.n_evaluations, last);
        }
    }
}
