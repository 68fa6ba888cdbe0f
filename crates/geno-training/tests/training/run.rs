//! Runs of the trainer.

use std::fs;

use burn::tensor::Device;
use geno_training::{
    Curriculum, CurriculumStage, EditObjective, OnCollapse, Outcome, PredictionLoss, Regularizer,
    Start, TrainError, TrainEvent, TrainSettings,
};

use crate::{
    bench::{Bench, settings, steps},
    examples,
};

#[test]
fn what_the_mean_change_cannot_know_is_learned() {
    let bench = Bench::new(150);
    let report = bench.finish("run", &settings(400));
    let all = &report.validation.all;
    // The angle's sign depends on the state, which the mean change does not see.
    assert!(all.mean_change_skill < 0.2, "{}", all.mean_change_skill);
    assert!(all.skill > 0.3, "{}", all.skill);
    // Of 18 alternatives, one in 18 is found by chance.
    assert!(all.better_than_copy > 0.75 && all.recall_at_1.unwrap() > 0.1);
    let interval = all.skill_interval.unwrap();
    assert!(interval.low < all.skill && all.skill < interval.high);
    assert!(all.advantage_interval.unwrap().low > 0.);
    assert_eq!(report.test.as_ref().unwrap(), &report.validation);
    let by_n: Vec<_> = report.validation.by_n_edits.keys().collect();
    assert_eq!(by_n, [&1, &2, &3]);
    assert_eq!(
        report
            .validation
            .by_offset
            .values()
            .map(|s| s.n)
            .sum::<usize>(),
        all.n
    );
}

#[test]
fn a_report_counts_the_predictions_of_all_steps() {
    let bench = Bench::new(20);
    let settings = settings(9);
    bench.run("run", &settings, Start::New, Some(4)).0.unwrap();
    let (outcome, events) = bench.run("run", &settings, Start::Latest, None);
    let Ok(Outcome::Finished(report)) = outcome else {
        panic!("{outcome:?}");
    };
    let after = events.iter().map(|event| match event {
        TrainEvent::Step(step) => step.predictions as u64,
        _ => 0,
    });
    let after: u64 = after.sum();
    // A step stops drawing when it has 64, and no example gives more than 18.
    let before = report.n_predictions - after;
    assert!((4 * 64..=4 * 81).contains(&before), "{before}");
    assert!((5 * 64..=5 * 81).contains(&after), "{after}");
}

#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    let bench = Bench::new(20);
    for (name, ema) in [("plain", None), ("averaged", Some(0.9))] {
        let settings = TrainSettings {
            ema,
            type_weights: Some([1., 0., 0., 0., 0.]),
            ..settings(40)
        };
        bench.finish(name, &settings);
        let parts = format!("{name}-parts");
        for (start, until) in [(Start::New, 3), (Start::Latest, 17), (Start::Latest, 18)] {
            let outcome = bench.run(&parts, &settings, start, Some(until)).0.unwrap();
            assert!(matches!(outcome, Outcome::Interrupted { step } if step == until));
        }
        let last = bench.run(&parts, &settings, Start::Latest, None).0.unwrap();
        assert!(matches!(last, Outcome::Finished(_)));
        let [whole, parts] = [name, &parts].map(|name| bench.checkpoints(name));
        assert_eq!(
            whole.keys().collect::<Vec<_>>(),
            parts.keys().collect::<Vec<_>>()
        );
        assert!(whole == parts, "bytes differ");
        for file in ["metrics.json", "loss.svg"] {
            let read = |name: &str| fs::read(bench.folder.path().join(name).join(file)).unwrap();
            assert!(read(name) == read(&format!("{name}-parts")), "{file}");
        }
    }
}

#[test]
fn a_killed_run_goes_on_from_its_last_checkpoint() {
    let bench = Bench::new(20);
    let settings = settings(30);
    bench.finish("whole", &settings);
    // Interrupted without a word at step 18: what was written after its checkpoint at 14 is lost.
    bench
        .run("killed", &settings, Start::New, Some(18))
        .0
        .unwrap();
    fs::remove_dir_all(bench.folder.path().join("killed/checkpoints/step-00000018")).unwrap();
    let (outcome, events) = bench.run("killed", &settings, Start::Latest, None);
    outcome.unwrap();
    assert!(matches!(events[0], TrainEvent::Resume { step: 14 }));
    assert!(bench.checkpoints("whole") == bench.checkpoints("killed"));
}

#[test]
fn parts_and_replicas_have_the_gradient_of_the_whole() {
    let mut bench = Bench::new(20);
    let mut run = |name: &str, accumulate, replicas, more_devices| {
        bench.more_devices = more_devices;
        let settings = TrainSettings {
            accumulate,
            replicas,
            ..settings(12)
        };
        steps(&bench.run(name, &settings, Start::New, None).1)
    };
    let whole = run("whole", 1, 1, vec![]);
    for (name, accumulate, replicas, more_devices) in [
        ("halves", 2, 1, vec![]),
        ("replicas", 1, 2, vec![]),
        ("both", 2, 2, vec![]),
        ("spread", 1, 3, vec![Device::flex()]),
    ] {
        for (a, b) in whole
            .iter()
            .zip(run(name, accumulate, replicas, more_devices))
        {
            // Sums of f32 in another order, and twelve steps of AdamW after them.
            assert!((a.1 / b.1 - 1.).abs() < 1e-4, "{name} {a:?} {b:?}");
            assert!((a.2 / b.2 - 1.).abs() < 1e-3, "{name} {a:?} {b:?}");
        }
    }
}

#[test]
fn other_runs_do_not_go_on_from_a_checkpoint() {
    let mut bench = Bench::new(20);
    let first = settings(12);
    bench.finish("run", &first);
    let again = bench.run("run", &first, Start::New, None).0.unwrap_err();
    assert!(matches!(again, TrainError::HoldsRun(_)), "{again}");

    let refused = |bench: &Bench, settings: &TrainSettings, key: &str| {
        let error = bench
            .run("run", settings, Start::Latest, None)
            .0
            .unwrap_err();
        assert!(matches!(error, TrainError::OtherRun { .. }), "{error}");
        assert!(
            error.to_string().contains(&format!("`{key}` is")),
            "{error}"
        );
    };
    let seed = TrainSettings {
        seed: 1,
        ..first.clone()
    };
    refused(&bench, &seed, "settings.seed");
    bench.train = examples::set(&bench.folder.path().join("other"), 3, 20);
    refused(&bench, &first, "train");
    bench.train = examples::set(&bench.folder.path().join("again"), 1, 20);

    // The same run may be made longer.
    let longer = TrainSettings {
        n_steps: 15,
        ..first
    };
    bench.run("run", &longer, Start::Latest, None).0.unwrap();
    let shorter = bench
        .run("run", &settings(12), Start::Latest, None)
        .0
        .unwrap_err();
    assert!(
        matches!(
            shorter,
            TrainError::BeyondEnd {
                step: 15,
                n_steps: 12
            }
        ),
        "{shorter}"
    );
}

#[test]
fn a_run_that_diverges_leaves_its_checkpoints_intact() {
    let bench = Bench::new(20);
    let settings = TrainSettings {
        lr: 1e30,
        warmup: 0,
        schedule: geno_training::Schedule::Constant,
        checkpoint_every: 1,
        ..settings(60)
    };
    let error = bench.run("run", &settings, Start::New, None).0.unwrap_err();
    assert!(matches!(error, TrainError::Diverged { .. }), "{error}");
    let checkpoints = bench.checkpoints("run");
    let weights = checkpoints
        .iter()
        .filter(|(name, _)| name.ends_with("/predictor.safetensors"));
    assert!(weights.count() > 0);
}

#[test]
fn collapse_stops_or_goes_back() {
    let bench = Bench::new(20);
    // A loss that drives predictions away from what was encoded.
    let settings = |on_collapse| TrainSettings {
        on_collapse,
        collapse_every: 5,
        checkpoint_every: 2,
        lr: 0.5,
        schedule: geno_training::Schedule::Constant,
        objective: EditObjective {
            prediction: PredictionLoss::Cosine {
                alpha: -1.,
                beta: 0.,
            },
            regularizer: None,
        },
        ..settings(60)
    };
    let (stopped, _) = bench.run("stop", &settings(OnCollapse::Stop), Start::New, None);
    assert!(
        matches!(stopped, Err(TrainError::Collapsed { .. })),
        "{stopped:?}"
    );
    let (_, events) = bench.run("back", &settings(OnCollapse::RollBack), Start::New, None);
    let went_back = events.iter().find_map(|event| match event {
        TrainEvent::RollBack {
            step,
            to_step,
            lr_scale,
        } => Some((*step, *to_step, *lr_scale)),
        _ => None,
    });
    let (from, to, lr_scale) = went_back.expect("a run that goes back");
    assert!(to < from && lr_scale == 0.5);
}

#[test]
fn the_curriculum_and_the_regularizer_take_part() {
    let bench = Bench::new(20);
    let stage = |from_step, max_edits| CurriculumStage {
        from_step,
        max_edits,
    };
    let regularizer = Regularizer {
        gamma: 0.1,
        directions: 8,
    };
    let settings = TrainSettings {
        curriculum: Curriculum::new(vec![stage(1, 1), stage(6, 3)]).unwrap(),
        objective: EditObjective {
            prediction: PredictionLoss::default(),
            regularizer: Some(regularizer),
        },
        ..settings(12)
    };
    let (outcome, events) = bench.run("run", &settings, Start::New, None);
    outcome.unwrap();
    let regularized = events.iter().filter_map(|event| match event {
        TrainEvent::Step(step) => Some(step.loss_reg),
        _ => None,
    });
    // Untrained, nothing is predicted to change: all changes are alike, far from a normal distribution.
    assert!(regularized.take(1).all(|loss| loss > 0.01));

    let none = TrainSettings {
        type_weights: Some([0., 1., 0., 0., 0.]),
        ..settings
    };
    let error = bench.run("none", &none, Start::New, None).0.unwrap_err();
    assert!(
        matches!(error, TrainError::NoExample { step: 1, .. }),
        "{error}"
    );
}
