//! Evaluators and settings that do not keep to what is asked of them.

use geno_action::{EditType, Haplotype};
use geno_planning::{
    CemConfig, ConfigError, Cost, Evaluation, MctsConfig, PlanError, SearchConfig, Solver,
};

use crate::toy::{search, space, window};

#[derive(Debug, PartialEq, thiserror::Error)]
#[error("the model is gone")]
struct Gone;

/// Good evaluations of the empty plan, and something else of all others.
fn run(evaluation: impl Fn(usize) -> Result<Vec<Evaluation>, Gone>) -> PlanError<Gone> {
    let window = window(200, 1);
    let space = space(&window, &[EditType::Snv], 90..110);
    let config = SearchConfig {
        batch: 16,
        ..SearchConfig::default()
    };
    let good = Evaluation {
        distance: 1.0,
        state: vec![0.0],
    };
    let evaluate = |candidates: &[Haplotype]| match candidates[0].edits().is_empty() {
        true => Ok(vec![good.clone()]),
        false => evaluation(candidates.len()),
    };
    search(&space, &config, evaluate).unwrap_err()
}

fn evaluations(n: usize, distance: f64, coordinate: f32) -> Result<Vec<Evaluation>, Gone> {
    let state = vec![coordinate];
    let mut all = vec![
        Evaluation {
            distance: 2.0,
            state: vec![0.0]
        };
        n
    ];
    all[1] = Evaluation { distance, state };
    Ok(all)
}

#[test]
fn distances_that_are_none_name_their_candidate() {
    for distance in [f64::NAN, f64::INFINITY, -0.5] {
        let error = run(|n| evaluations(n, distance, 0.0));
        let PlanError::BadValue {
            what,
            candidate,
            edits,
            value,
            ..
        } = error
        else {
            panic!("{error:?}");
        };
        assert_eq!((what, candidate), ("distance", 2));
        assert!(!edits.is_empty());
        assert_eq!(value.to_bits(), distance.to_bits());
    }
    let error = run(|n| evaluations(n, 1.0, f32::NAN));
    let text = "state of candidate 2 is NaN, not of finite numbers";
    assert_eq!(error.to_string(), text);
}

#[test]
fn the_wrong_number_of_evaluations_is_named() {
    let error = run(|n| evaluations(n - 1, 1.0, 0.0));
    let (expected, actual) = (16, 15);
    assert_eq!(error, PlanError::WrongCount { expected, actual });
    let error = run(|n| evaluations(n + 1, 1.0, 0.0));
    let (expected, actual) = (16, 17);
    assert_eq!(error, PlanError::WrongCount { expected, actual });
}

#[test]
fn the_evaluators_own_error_comes_out() {
    let error = run(|_| Err(Gone));
    assert_eq!(error, PlanError::Evaluator(Gone));
    let source = std::error::Error::source(&error).unwrap();
    assert_eq!(source.to_string(), "the model is gone");
}

#[test]
fn a_cost_that_is_none_names_its_candidate() {
    let window = window(200, 2);
    let space = space(&window, &[EditType::Snv], 90..110);
    let cost = Cost::Custom(std::sync::Arc::new(|edits| {
        if edits.is_empty() { 0.0 } else { -1.0 }
    }));
    let config = SearchConfig {
        cost,
        ..SearchConfig::default()
    };
    let evaluate = |candidates: &[Haplotype]| -> Result<_, Gone> {
        Ok(vec![
            Evaluation {
                distance: 1.0,
                state: vec![]
            };
            candidates.len()
        ])
    };
    let error = search(&space, &config, evaluate).unwrap_err();
    assert!(matches!(
        error,
        PlanError::BadValue {
            what: "cost",
            candidate: 1,
            value: -1.0,
            ..
        }
    ));
}

#[test]
fn settings_that_cannot_be_are_named_before_anything_is_evaluated() {
    let window = window(200, 3);
    let space = space(&window, &[EditType::Snv], 90..110);
    let error = |config: SearchConfig| {
        let evaluate = |_: &[Haplotype]| -> Result<Vec<Evaluation>, Gone> { panic!("evaluated") };
        match search(&space, &config, evaluate) {
            Err(PlanError::Config(error)) => error,
            other => panic!("{other:?}"),
        }
    };
    let default = SearchConfig::default();
    let cem = |cem: CemConfig| SearchConfig {
        solver: Solver::Cem(cem),
        ..default.clone()
    };
    let mcts = |mcts: MctsConfig| SearchConfig {
        solver: Solver::Mcts(mcts),
        ..default.clone()
    };

    let zero = |name| ConfigError::Zero { name };
    assert_eq!(
        error(SearchConfig {
            batch: 0,
            ..default.clone()
        }),
        zero("batch")
    );
    assert_eq!(
        error(cem(CemConfig {
            n_elite: 0,
            ..CemConfig::default()
        })),
        zero("n_elite")
    );
    assert_eq!(
        error(mcts(MctsConfig {
            n_leaves: 0,
            ..MctsConfig::default()
        })),
        zero("n_leaves")
    );
    let (n_elite, n_samples) = (64, 8);
    let many = ConfigError::TooManyElites { n_elite, n_samples };
    assert_eq!(
        error(cem(CemConfig {
            n_samples,
            ..CemConfig::default()
        })),
        many
    );

    let is_out = |config: SearchConfig, expected: &str| match error(config) {
        ConfigError::OutOfRange { name, .. } => assert_eq!(name, expected),
        other => panic!("{other:?}"),
    };
    is_out(
        SearchConfig {
            cost_weight: -1.0,
            ..default.clone()
        },
        "cost_weight",
    );
    is_out(
        SearchConfig {
            stopping_eps: f64::NAN,
            ..default.clone()
        },
        "stopping_eps",
    );
    is_out(
        cem(CemConfig {
            smoothing: 1.5,
            ..CemConfig::default()
        }),
        "smoothing",
    );
    is_out(
        mcts(MctsConfig {
            widening: f64::NAN,
            ..MctsConfig::default()
        }),
        "widening",
    );
    let cost = Cost::ByType([1.0, 1.0, f64::INFINITY, 1.0, 1.0]);
    is_out(
        SearchConfig {
            cost,
            ..default.clone()
        },
        "cost of a type",
    );
}
