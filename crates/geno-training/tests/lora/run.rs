//! Runs that train adapters with the predictor.

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        LazyLock,
        atomic::{AtomicBool, Ordering},
    },
};

use burn::tensor::Device;
use geno_core::{Coded, Digest, Dtype, ErrorCode};
use geno_data::Fasta;
use geno_predictor::{ActionArchitecture, BaseActionConfig, CausalConfig, PredictorArchitecture};
use geno_runtime::MappedEncoder;
use geno_training::{
    EditObjective, LoraError, LoraSettings, Outcome, Regularizer, Start, TargetSet, TrainAdapted,
    TrainError, TrainEvent, TrainPredictor, TrainReport, TrainSettings,
};
use geno_weights::WeightFile;

use crate::{
    tiny::{files, lora},
    world::{World, other_genome},
};

static WORLD: LazyLock<World> = LazyLock::new(|| World::new("fp32"));

fn settings(n_steps: u64) -> TrainSettings {
    TrainSettings {
        n_steps,
        batch_edits: 36,
        lr: 3e-3,
        warmup: 2,
        objective: EditObjective {
            regularizer: Some(Regularizer {
                gamma: 0.05,
                directions: 16,
            }),
            ..EditObjective::default()
        },
        validate_every: 10,
        checkpoint_every: 3,
        log_every: 5,
        collapse_every: 10,
        ..TrainSettings::default()
    }
}

/// What a run is given.
struct Given<'a> {
    settings: TrainSettings,
    lora: LoraSettings,
    train: &'a TargetSet,
    validation: &'a TargetSet,
    encoder: &'a MappedEncoder,
    fasta: &'a Fasta,
}

impl<'a> Given<'a> {
    fn of(world: &'a World, settings: TrainSettings) -> Self {
        Self {
            settings,
            lora: lora(),
            train: &world.train,
            validation: &world.validation,
            encoder: &world.encoder,
            fasta: &world.fasta,
        }
    }

    fn run(
        &self,
        run_dir: &Path,
        start: Start<'_>,
        until: Option<u64>,
    ) -> (Result<Outcome, TrainError>, Vec<TrainEvent>) {
        fs::create_dir_all(run_dir).unwrap();
        let predictor = PredictorArchitecture::CausalV2(CausalConfig {
            d_hidden: 16,
            n_heads: 2,
            ffn_dim: 16,
            n_layers: 1,
            ..CausalConfig::new(24, 8)
        });
        let action = ActionArchitecture::BaseV2(BaseActionConfig {
            d_pos: 4,
            d_hidden: 16,
            ..BaseActionConfig::new(8)
        });
        let adapted = TrainAdapted {
            run: TrainPredictor {
                settings: &self.settings,
                predictor: &predictor,
                action: &action,
                train: self.train,
                validation: self.validation,
                test: None,
                device: &Device::flex(),
                more_devices: &[],
                run_dir,
            },
            lora: &self.lora,
            encoder: self.encoder,
            fasta: self.fasta,
        };
        let (interrupted, mut events) = (AtomicBool::new(false), Vec::new());
        let outcome = adapted.run(start, &interrupted, |event| {
            if let TrainEvent::Step(step) = event
                && Some(step.step) == until
            {
                interrupted.store(true, Ordering::Relaxed);
            }
            events.push(event.clone());
        });
        (outcome, events)
    }

    fn refused(&self, start: Start<'_>, run_dir: &Path) -> TrainError {
        self.run(run_dir, start, None).0.unwrap_err()
    }
}

fn report(outcome: Result<Outcome, TrainError>) -> TrainReport {
    match outcome.unwrap() {
        Outcome::Finished(report) => *report,
        Outcome::Interrupted { step } => panic!("interrupted at step {step}"),
    }
}

fn bytes_of(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => files.extend(
                bytes_of(&path)
                    .into_iter()
                    .map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            ),
            false => _ = files.insert(name, fs::read(path).unwrap()),
        }
    }
    files
}

#[test]
fn encoder_and_predictor_are_trained_together_and_do_not_collapse() {
    // What is asked is whether anything is learned, not whether so few examples teach of others.
    let given = Given {
        validation: &WORLD.train,
        ..Given::of(&WORLD, settings(60))
    };
    let run_dir = WORLD.folder.path().join("together");
    let (outcome, events) = given.run(&run_dir, Start::New, None);
    let report = report(outcome);
    let losses = &report.history.training;
    let (first, last) = (losses[0].loss, losses[losses.len() - 1].loss);
    assert!(last < 0.9 * first, "{first} {last}");
    assert!(
        report.validation.all.skill > 0.05,
        "{}",
        report.validation.all.skill
    );
    // Predictions of so few examples may be alike for a while; in the end they are not.
    let mut looks = events.iter().rev().filter_map(|event| match event {
        TrainEvent::Collapse { alerts, .. } => Some(alerts),
        _ => None,
    });
    let last = looks.next().expect("a look at collapse");
    let alerts: Vec<_> = last.iter().map(|alert| alert.criterion.as_str()).collect();
    assert!(
        alerts.iter().all(|criterion| *criterion == "kl_reg"),
        "{alerts:?}"
    );

    // The merged encoder has the states on which the predictor was measured.
    let again = WORLD.train_of(&run_dir.join("encoder"));
    let (before, after) = (change(&WORLD.train), change(&again));
    let reported = report.validation.all.displacement;
    assert!((after / reported - 1.).abs() < 1e-3, "{after} {reported}");
    assert!((before / after - 1.).abs() > 0.01, "{before} {after}");
    // Held in the size that changes had, they did not shrink to nothing.
    assert!(after > 0.3 * before, "{before} {after}");

    let adapters = fs::read(run_dir.join("adapter/adapter_model.safetensors")).unwrap();
    let of_checkpoint = fs::read(report.checkpoint.join("adapter_model.safetensors")).unwrap();
    assert!(adapters == of_checkpoint);
    let merged = MappedEncoder::open(&run_dir.join("encoder")).unwrap();
    let step = merged.lineage().unwrap().steps.remove(0);
    assert_eq!(step.from, WORLD.encoder.digest());
    assert_eq!(
        step.did,
        format!("merge adapters {}", Digest::of(&adapters))
    );
    let config = fs::read(run_dir.join("adapter/adapter_config.json")).unwrap();
    let config: serde_json::Value = serde_json::from_slice(&config).unwrap();
    assert_eq!(config["peft_type"], "LORA");
    assert_eq!(
        (&config["r"], &config["lora_alpha"]),
        (&3.into(), &6.0.into())
    );
    assert_eq!(config["layers_to_transform"], serde_json::json!([1, 2]));
    let targets = serde_json::json!(["q_proj", "k_proj", "v_proj", "o_proj"]);
    assert_eq!(config["target_modules"], targets);
}

/// Mean squared change of the states of a set.
fn change(set: &TargetSet) -> f64 {
    let (mut sum, mut n) = (0., 0);
    for i in 0..set.len() {
        for edited in set.edited(i).chunks(set.d_state()) {
            let pairs = edited.iter().zip(set.source(i));
            sum += pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            n += 1;
        }
    }
    sum / f64::from(n)
}

#[test]
fn an_interrupted_run_goes_on_to_the_last_bit() {
    for (name, ema) in [("plain", None), ("averaged", Some(0.8))] {
        let given = Given::of(&WORLD, TrainSettings { ema, ..settings(8) });
        let [whole, parts] =
            [name.to_owned(), format!("{name}-parts")].map(|name| WORLD.folder.path().join(name));
        report(given.run(&whole, Start::New, None).0);
        for (start, until) in [(Start::New, 2), (Start::Latest, 5)] {
            let outcome = given.run(&parts, start, Some(until)).0.unwrap();
            assert!(matches!(outcome, Outcome::Interrupted { step } if step == until));
        }
        report(given.run(&parts, Start::Latest, None).0);
        // An end that comes again leaves the same.
        report(given.run(&parts, Start::Latest, None).0);
        let [mut whole, mut parts] = [whole, parts].map(|folder| bytes_of(&folder));
        for files in [&mut whole, &mut parts] {
            files.remove("train.log.jsonl");
        }
        assert_eq!(
            whole.keys().collect::<Vec<_>>(),
            parts.keys().collect::<Vec<_>>()
        );
        assert!(whole.contains_key("encoder/model.safetensors"));
        assert!(whole == parts, "bytes differ");
    }
}

#[test]
fn what_a_step_moves_is_the_adapters_and_the_networks() {
    let given = Given::of(&WORLD, settings(3));
    let run_dir = WORLD.folder.path().join("moved");
    let report = report(given.run(&run_dir, Start::New, None).0);
    let optimizer = fs::read(report.checkpoint.join("optimizer.safetensors")).unwrap();
    let optimizer = WeightFile::parse(optimizer).unwrap();
    let stems: std::collections::BTreeSet<_> = optimizer
        .names()
        .map(|name| name.split('.').next().unwrap())
        .collect();
    let expected = ["action_encoder", "base_model", "predictor"];
    assert_eq!(stems.into_iter().collect::<Vec<_>>(), expected);
    let merged = fs::read(run_dir.join("encoder/model.safetensors")).unwrap();
    let merged = WeightFile::parse(merged).unwrap();
    let base = files().weight_file().unwrap();
    for name in base.names() {
        let is_same = base.stored(name).unwrap().to_f32() == merged.stored(name).unwrap().to_f32();
        let is_adapted = ["layers.1.self", "layers.2.self"]
            .iter()
            .any(|part| name.contains(part));
        assert_eq!(is_same, !is_adapted, "{name}");
    }
}

#[test]
fn what_cannot_be_trained_together_is_refused() {
    let run_dir = WORLD.folder.path().join("refused");
    let lora_error = |error: TrainError| match error {
        TrainError::Lora(error) => error,
        other => panic!("{other}"),
    };
    for gamma in [None, Some(0.)] {
        let mut without = settings(4);
        without.objective.regularizer = gamma.map(|gamma| Regularizer {
            gamma,
            directions: 16,
        });
        let error = lora_error(Given::of(&WORLD, without).refused(Start::New, &run_dir));
        assert!(matches!(error, LoraError::NoRegularizer), "{error}");
        assert_eq!(error.code(), ErrorCode::ConfigGeneric);
    }

    let other = other_genome(WORLD.folder.path());
    let given = Given {
        fasta: &other,
        ..Given::of(&WORLD, settings(4))
    };
    let error = lora_error(given.refused(Start::New, &run_dir));
    assert!(matches!(error, LoraError::OtherBases { .. }), "{error}");

    let mut large = Given::of(&WORLD, settings(4));
    large.lora.rank = 100;
    let error = lora_error(large.refused(Start::New, &run_dir));
    assert!(matches!(error, LoraError::Settings(_)), "{error}");

    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/model/encoder");
    let demo = MappedEncoder::open(&demo).unwrap();
    let given = Given {
        encoder: &demo,
        ..Given::of(&WORLD, settings(4))
    };
    let error = lora_error(given.refused(Start::New, &run_dir));
    assert!(matches!(error, LoraError::OtherEncoder { .. }), "{error}");
    assert!(!run_dir.join("checkpoints").exists());
}

#[test]
fn states_of_another_format_are_refused() {
    let world = World::new("bf16");
    let given = Given::of(&world, settings(4));
    match given.refused(Start::New, &world.folder.path().join("run")) {
        TrainError::Lora(LoraError::Dtype { dtype }) => assert_eq!(dtype, Dtype::Bf16),
        other => panic!("{other}"),
    }
}

#[test]
fn other_adapters_do_not_go_on_from_a_checkpoint() {
    let run_dir = WORLD.folder.path().join("other");
    let mut given = Given::of(&WORLD, settings(3));
    report(given.run(&run_dir, Start::New, None).0);
    given.lora.rank = 2;
    let error = given.refused(Start::Latest, &run_dir).to_string();
    assert!(error.contains("`adapters.rank` is 3, not 2"), "{error}");
    given.lora.rank = 3;
    given.settings.n_steps = 4;
    report(given.run(&run_dir, Start::Latest, None).0);
}
