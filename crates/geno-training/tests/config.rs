//! Configuration files of the Python package, read as training runs.

use std::{fs, path::Path};

use geno_app::config::Layers;
use geno_core::{Coded, ErrorCode};
use geno_training::{PublishedPhase, Schedule, ScheduleError, TrainingConfig};

fn template(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/config");
    fs::read(Path::new(folder).join(format!("{name}.yaml"))).unwrap()
}

#[test]
fn the_templates_of_the_python_package_describe_runs() {
    let train = TrainingConfig::from_yaml(&template("train")).unwrap();
    assert_eq!(train.run_id, "phase1-default");
    assert_eq!((train.training.max_steps, train.data.batch_size), (50, 64));
    assert_eq!(train.model.encoder.revision, "main@deadbeef");
    // The package's own template ends within its warm-up.
    let error = ScheduleError::WithinWarmup {
        n_steps: 50,
        warmup: 1000,
    };
    assert_eq!(train.course(), Err(error));

    let score = TrainingConfig::from_yaml(&template("score")).unwrap();
    assert_eq!((score.optimizer.lr, score.optimizer.grad_clip), (0.0, None));
    assert_eq!(score.optimizer.schedule, Schedule::Constant);
    let plan = TrainingConfig::from_yaml(&template("plan")).unwrap();
    assert_eq!(
        (plan.phase, plan.deterministic),
        (PublishedPhase::Phase2, true)
    );
}

#[test]
fn what_is_left_out_is_what_the_python_package_takes() {
    for text in ["", "{}", "training:\noptimizer:\ndata:\nruntime:\n"] {
        let config = TrainingConfig::from_yaml(text.as_bytes()).unwrap();
        let template = TrainingConfig::from_yaml(&template("train")).unwrap();
        assert_eq!(config.run_id, "default");
        assert_eq!(config.training, template.training);
        assert_eq!(config.optimizer, template.optimizer);
        assert_eq!(config.data, template.data);
        assert_eq!(config.device, template.device);
    }
}

#[test]
fn keys_that_do_not_exist_are_refused_at_every_level() {
    let code = |yaml: &str| {
        TrainingConfig::from_yaml(yaml.as_bytes())
            .unwrap_err()
            .code()
    };
    assert_eq!(code("optimiser: {}"), ErrorCode::ConfigUnknownTopLevelKey);
    for section in [
        "encoder",
        "predictor",
        "action",
        "training",
        "optimizer",
        "data",
        "eval",
        "runtime",
        "observability",
    ] {
        let yaml = format!("{section}: {{no_such_key: 1}}");
        assert_eq!(code(&yaml), ErrorCode::ConfigGeneric, "{section}");
    }
    assert_eq!(code("training: [1]"), ErrorCode::ConfigGeneric);
    assert_eq!(
        code("optimizer: {name: sgd-momentum}"),
        ErrorCode::ConfigGeneric
    );
    assert_eq!(
        code("schema_version: 2.0.0"),
        ErrorCode::ConfigSchemaIncompat
    );
}

/// The table of keys and this reader of what it wrote must not drift apart.
#[test]
fn a_number_that_the_table_of_keys_refuses_is_refused_here() {
    for (key, refused, taken) in [
        ("training.max_steps", "0", "1"),
        ("training.collapse_log_every_steps", "0", "1"),
        ("data.batch_size", "0", "1"),
        ("optimizer.lr", "-1.0e-9", "0"),
        ("optimizer.beta1", "1.0", "0"),
        ("optimizer.beta2", "-0.1", "0.999"),
        ("optimizer.weight_decay", "-0.5", "0"),
        ("optimizer.grad_clip", "-1", "0"),
        ("optimizer.grad_clip", ".nan", "2.5"),
        ("optimizer.warmup_steps", "-1", "0"),
        ("predictor.d_state", "0", "3"),
    ] {
        let (section, name) = key.split_once('.').unwrap();
        let own = |value| {
            let yaml = format!("{section}: {{{name}: {value}}}");
            TrainingConfig::from_yaml(yaml.as_bytes())
        };
        let table = |value| {
            let mut layers = Layers::default();
            layers.set(&format!("{key}={value}"));
            layers.resolve()
        };
        assert!(own(refused).is_err() && table(refused).is_err(), "{key}");
        assert!(own(taken).is_ok(), "{key}");
        let yaml = table(taken).unwrap().training_yaml();
        assert!(TrainingConfig::from_yaml(yaml.as_bytes()).is_ok(), "{key}");
    }
}
