//! Fixture runs, beside those of the Python package.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use geno_app::config::Layers;
use geno_core::{Coded, ErrorCode};
use geno_provenance::{
    Json, Label, Timestamp,
    training_run::{RunMetadata, RunOrigin},
};
use geno_training::{FixtureReport, FixtureSmoke, FixtureSmokeError, TrainingConfig};

fn golden(name: &str) -> PathBuf {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../fixtures/training");
    Path::new(folder).join(name)
}

/// Makes a run with the configuration that these `--set` lead to.
fn run(
    sets: &[&str],
    run_dir: &Path,
    steps: u64,
    resume_from: Option<&Path>,
) -> Result<FixtureReport, FixtureSmokeError> {
    let mut layers = Layers::default();
    sets.iter().for_each(|set| layers.set(set));
    let yaml = layers.resolve().unwrap().training_yaml();
    let smoke = FixtureSmoke {
        config: &TrainingConfig::from_yaml(yaml.as_bytes()).unwrap(),
        config_yaml: &yaml,
        run_dir,
        steps,
        resume_from,
        origin: RunOrigin {
            command: Label::new("geno-lewm train").unwrap(),
            commit: None,
            version: Label::new("0.3.0").unwrap(),
            time: Some(Timestamp::from_unix_seconds(0).unwrap()),
        },
    };
    smoke.run()
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(folder).unwrap().map(Result::unwrap);
    let file = |entry: fs::DirEntry| {
        let name = entry.file_name().into_string().unwrap();
        (name, fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

/// Compares a run with one of the Python package, byte for byte; in its record, what depends on the
/// program, the time and the commit may differ.
fn assert_is_golden(run_dir: &Path, name: &str) {
    let (mut found, mut expected) = (files(run_dir), files(&golden(name)));
    let record = |files: &mut BTreeMap<String, Vec<u8>>| {
        let bytes = files.remove("training_run.json").unwrap();
        let Json::Object(mut fields) = Json::parse(&bytes).unwrap() else {
            panic!("no object")
        };
        for differs in ["command", "generated_at", "package_version", "runtime"] {
            assert!(fields.remove(differs).is_some());
        }
        fields
    };
    assert_eq!(record(&mut found), record(&mut expected));
    for (name, bytes) in &expected {
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        assert_eq!(text(&found[name]), text(bytes), "{name}");
    }
    assert!(found.keys().eq(expected.keys()));
}

const SEVEN: [&str; 7] = [
    "seed=7",
    "deterministic=true",
    "run_id=seed-seven",
    "optimizer.lr=1e-5",
    "predictor.d_state=1024",
    "encoder.revision=2024",
    "optimizer.grad_clip=1",
];

#[test]
fn a_run_leaves_the_bytes_of_the_python_package() {
    let folder = tempfile::tempdir().unwrap();
    let five = folder.path().join("runs/five");
    let report = run(&[], &five, 5, None).unwrap();
    assert_eq!(report.final_loss, 0.030341297013604836);
    assert_is_golden(&five, "five");
    let seven = folder.path().join("seven");
    run(&SEVEN, &seven, 12, None).unwrap();
    assert_is_golden(&seven, "seed-seven");
}

#[test]
fn a_run_goes_on_where_the_python_package_stopped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    for (name, bytes) in files(&golden("five")) {
        fs::write(path.join(name), bytes).unwrap();
    }
    let checkpoint = path.join("fixture_predictor_checkpoint.json");
    let report = run(&[], path, 9, Some(&checkpoint)).unwrap();
    assert_eq!(report.resumed_from_step, 5);
    assert_is_golden(path, "resumed");

    // And one that never stopped has its bytes, but for the two places that say so.
    let whole = folder.path().join("whole");
    run(&[], &whole, 9, None).unwrap();
    let whole = files(&whole);
    let resumed: BTreeMap<_, _> = files(&golden("resumed"));
    let text = |files: &BTreeMap<String, Vec<u8>>, name: &str| {
        String::from_utf8(files[name].clone()).unwrap()
    };
    let same = ["fixture_predictor_checkpoint.json", "config.resolved.yaml"];
    for name in same {
        assert_eq!(whole[name], resumed[name], "{name}");
    }
    let resume_line = "resume_from_step=5 target_steps=9 seed=0\n";
    let log = text(&resumed, "train.log").replace(resume_line, "");
    assert_eq!(log, text(&whole, "train.log"));
    let metrics = text(&resumed, "metrics.json");
    let metrics = metrics.replace("resumed_from_step\": 5", "resumed_from_step\": 0");
    assert_eq!(metrics, text(&whole, "metrics.json"));
}

#[test]
fn a_checkpoint_of_something_else_is_refused_and_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = golden("five").join("fixture_predictor_checkpoint.json");
    let good = fs::read_to_string(&path).unwrap();
    let altered = |from: &str, to: &str| {
        assert!(good.contains(from), "{from}");
        good.replace(from, to)
    };
    let cases = [
        (altered("\"seed\": 0", "\"seed\": 1"), "the seed 1"),
        (
            altered("fixture_scalar", "carbon"),
            "of kind `carbon_predictor`",
        ),
        (altered("0.585", "0.586"), "another target"),
        (
            altered("0.27202682549667384", "1e200"),
            "a weight that no run has",
        ),
        (altered("\"step\": 5", "\"step\": -5"), "its schema"),
        (altered("\"step\": 5", "\"stepp\": 5"), "its schema"),
        (altered("1.0.0", "2.0.0"), "another schema version"),
        (good[..40].to_owned(), "not JSON"),
        ("[]".to_owned(), "its schema"),
    ];
    for (text, reason) in cases {
        let checkpoint = folder.path().join("checkpoint.json");
        fs::write(&checkpoint, text).unwrap();
        let run_dir = folder.path().join("run");
        let error = run(&[], &run_dir, 9, Some(&checkpoint)).unwrap_err();
        assert!(matches!(error.code().exit_code(), 2 | 3), "{error}");
        let source = std::error::Error::source(&error).unwrap().to_string();
        assert!(source.contains(reason), "{source}");
        assert!(!run_dir.exists());
    }
    for steps in [4, 5] {
        let error = run(&[], folder.path(), steps, Some(&path)).unwrap_err();
        assert!(matches!(error, FixtureSmokeError::Ended { step: 5, .. }));
    }
    let error = run(&[], folder.path(), 0, None).unwrap_err();
    assert!(matches!(error, FixtureSmokeError::NoSteps));
    let missing = run(&[], folder.path(), 9, Some(Path::new("none.json"))).unwrap_err();
    assert_eq!(missing.code(), ErrorCode::ResourceIo);
}

#[test]
fn the_record_of_a_run_reads_back_from_either_program() {
    let folder = tempfile::tempdir().unwrap();
    run(&SEVEN, folder.path(), 3, None).unwrap();
    for folder in [folder.path(), &golden("seed-seven")] {
        let bytes = fs::read(folder.join("training_run.json")).unwrap();
        let metadata = RunMetadata::parse(&bytes).unwrap();
        assert_eq!(metadata.run_id.as_str(), "seed-seven");
        assert_eq!(metadata.to_text().into_bytes(), bytes);
    }
}
