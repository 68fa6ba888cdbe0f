//! Model directories made of drawn networks and the encoder of the demo.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use burn::tensor::Device;
use geno_core::{Coded, ErrorCode, RandomStream};
use geno_predictor::Architecture;
use geno_provenance::{Label, ManifestFile};
use geno_runtime::{Completion, EncoderSource, ModelConfig, ModelDir, ModelDirError};
use geno_training::{
    Checkpoints, EncoderPlacement, Evidence, Export, ExportError, Exported, ModelNames, export,
};
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};
use tempfile::TempDir;

const CONFIG: &str = "\
run_id: drawn
seed: 7
encoder: {model_id: demo/encoder, revision: r1, state_layer: 4, pool_type: downstream_mean,
  state_contract: l2_normalized_v2, window_bp: 3072}
predictor: {architecture: causal_v2, d_state: 128, n_layers: 1, n_heads: 2, d_hidden: 16,
  ffn_dim: 16, dtype: fp32}
action: {architecture: base_v2, d_action: 8, d_hidden: 16, d_pos: 8}
data: {windows: windows.jsonl}
";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/demo")
        .join(name)
}

/// What an export is asked for.
struct Asked {
    checkpoint: PathBuf,
    encoder: PathBuf,
    placement: EncoderPlacement,
    encoder_id: Option<&'static str>,
    /// The calibration table. Without one it and the report may be missing.
    table: Option<PathBuf>,
}

/// A run whose networks were drawn and not trained.
struct Run {
    folder: TempDir,
    checkpoint: PathBuf,
}

impl Run {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("config.resolved.yaml"), CONFIG).unwrap();
        let config = ModelConfig::from_yaml(CONFIG.as_bytes()).unwrap();
        let (device, mut stream) = (Device::flex(), RandomStream::new(7, "export"));
        let predictor = config.predictor_architecture();
        let action_encoder = config.action_architecture();
        let weights = predictor.draw(&mut stream, &device).unwrap();
        let predictor = predictor.write(&weights).unwrap();
        let weights = action_encoder.draw(&mut stream, &device).unwrap();
        let action_encoder = action_encoder.write(&weights).unwrap();
        let checkpoints = Checkpoints::open(&folder.path().join("checkpoints"), "predictor", 1);
        let checkpoint = checkpoints.unwrap().write(
            12,
            &"state",
            &[
                ("predictor.safetensors", predictor),
                ("action_encoder.safetensors", action_encoder),
            ],
        );
        Self {
            checkpoint: checkpoint.unwrap(),
            folder,
        }
    }

    fn config(&self) -> PathBuf {
        self.folder.path().join("config.resolved.yaml")
    }

    fn target(&self) -> PathBuf {
        self.folder.path().join("model")
    }

    /// What is asked for if nothing is changed: a whole model.
    fn asked(&self) -> Asked {
        Asked {
            checkpoint: self.checkpoint.clone(),
            encoder: fixture("model/encoder"),
            placement: EncoderPlacement::Copy,
            encoder_id: None,
            table: Some(fixture("../parity/calibration.small.parquet")),
        }
    }

    fn export(&self, asked: &Asked, stop: bool) -> Result<Completion<Exported>, ExportError> {
        let label = |text: &str| Label::new(text).unwrap();
        let config = self.config();
        let report = asked
            .table
            .is_some()
            .then(|| fixture("model/eval_report.md"));
        let request = Export {
            checkpoint: &asked.checkpoint,
            config: &config,
            encoder: &asked.encoder,
            placement: asked.placement,
            encoder_id: asked.encoder_id.map(label),
            names: ModelNames {
                name: label("drawn"),
                version: label("0.1.0"),
                release_id: label("drawn-r1"),
            },
            calibration: asked.table.as_deref(),
            eval_report: report.as_deref(),
            evidence: match asked.table {
                Some(_) => Evidence::Complete,
                None => Evidence::MayBeMissing,
            },
            facts: [(label("snapshot"), label("none"))].into(),
        };
        export(&request, &self.target(), &AtomicBool::new(stop))
    }

    /// Exports what is asked for.
    fn exported(&self, change: impl FnOnce(&mut Asked)) -> Exported {
        let mut asked = self.asked();
        change(&mut asked);
        match self.export(&asked, false).unwrap() {
            Completion::Finished(exported) => exported,
            Completion::Interrupted => panic!("nobody stopped it"),
        }
    }

    /// Sees that what is asked for is refused, and leaves nothing.
    fn refused(&self, change: impl FnOnce(&mut Asked)) -> ExportError {
        let mut asked = self.asked();
        change(&mut asked);
        let error = self.export(&asked, false).unwrap_err();
        assert_eq!(self.names(), ["checkpoints", "config.resolved.yaml"]);
        error
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(self.folder.path()).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<_> = names.collect();
        names.sort();
        names
    }
}

fn fact(exported: &Exported, key: &str) -> String {
    let key = Label::new(key).unwrap();
    exported.manifest.training.data_snapshot[&key].to_string()
}

#[test]
fn an_exported_model_opens_and_every_file_of_it_is_checked() {
    let run = Run::new();
    let exported = run.exported(|_| {});
    assert!(exported.missing.is_empty());
    let model = ModelDir::open(&run.target(), &EncoderSource::default()).unwrap();
    model.check().unwrap();
    assert_eq!(model.manifest(), &exported.manifest);

    assert_eq!(fact(&exported, "snapshot"), "none");
    assert_eq!(fact(&exported, "layout"), "centered");
    assert_eq!(fact(&exported, "state_contract"), "l2_normalized_v2");
    assert_eq!(fact(&exported, "training/step"), "12");
    let digest = geno_core::Digest::of(CONFIG.as_bytes()).to_string();
    assert_eq!(fact(&exported, "training/config"), digest);
    let predictor = fs::read(run.checkpoint.join("predictor.safetensors")).unwrap();
    let tensors = WeightFile::parse(predictor).unwrap().tensor_digest();
    assert_eq!(fact(&exported, "predictor/tensors"), tensors.to_string());
    assert_eq!(exported.manifest.predictor.dtype, Label::new("fp32").ok());

    // The configuration names every size, and nothing of where the data lay.
    let trained = ModelConfig::from_yaml(CONFIG.as_bytes()).unwrap();
    let networks = |config: &ModelConfig| {
        (
            config.predictor_architecture(),
            config.action_architecture(),
        )
    };
    assert_eq!(networks(model.config()), networks(&trained));
    let written = fs::read_to_string(run.target().join("config.yaml")).unwrap();
    assert!(written.contains("d_hidden: 16") && !written.contains("windows.jsonl"));
}

#[test]
fn linked_encoders_are_the_same_model_and_absent_ones_are_found_where_one_says() {
    let (copied, linked, absent) = (Run::new(), Run::new(), Run::new());
    let copied = copied.exported(|_| {});
    let link = |asked: &mut Asked| asked.placement = EncoderPlacement::Link;
    assert_eq!(linked.exported(link).manifest, copied.manifest);
    let weights = linked.target().join("encoder/model.safetensors");
    assert!(fs::symlink_metadata(weights).unwrap().is_symlink());

    let none = |asked: &mut Asked| asked.placement = EncoderPlacement::None;
    assert_eq!(absent.exported(none).manifest, copied.manifest);
    assert!(!absent.target().join("encoder").exists());
    let source = EncoderSource {
        folder: Some(fixture("model/encoder")),
        ..EncoderSource::default()
    };
    let model = ModelDir::open(&absent.target(), &source).unwrap();
    model.check().unwrap();
}

#[test]
fn what_is_missing_has_a_digest_that_no_file_has() {
    let run = Run::new();
    let exported = run.exported(|asked| asked.table = None);
    assert_eq!(exported.missing, ["calibration", "eval"]);
    assert_eq!(exported.manifest.calibration.hash, ManifestFile::MISSING);
    let model = ModelDir::open(&run.target(), &EncoderSource::default()).unwrap();
    let error = model.check().unwrap_err();
    assert!(matches!(error, ModelDirError::Unfinished { what } if what == "calibration"));
    // A file in its place is not the one that the manifest means.
    fs::write(run.target().join("calibration.parquet"), b"table").unwrap();
    assert!(model.check().is_err());
}

#[test]
fn a_folder_that_exists_stays_as_it_is() {
    let run = Run::new();
    fs::create_dir(run.target()).unwrap();
    fs::write(run.target().join("notes.txt"), b"mine").unwrap();
    let error = run.export(&run.asked(), false).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputGeneric);
    let entries = fs::read_dir(run.target()).unwrap();
    assert_eq!(entries.count(), 1);
}

#[test]
fn networks_other_than_the_configured_ones_are_refused() {
    let run = Run::new();
    let other = CONFIG.replace("d_hidden: 16", "d_hidden: 32");
    fs::write(run.config(), other).unwrap();
    let error = run.refused(|_| {});
    assert!(matches!(error, ExportError::Architecture { .. }), "{error}");

    // States of another width than the encoder gives.
    let narrow = CONFIG.replace("d_state: 128", "d_state: 64");
    fs::write(run.config(), &narrow).unwrap();
    let plain = tempfile::tempdir().unwrap();
    let config = ModelConfig::from_yaml(narrow.as_bytes()).unwrap();
    let (device, mut stream) = (Device::flex(), RandomStream::new(7, "export"));
    let weights = config.predictor_architecture().draw(&mut stream, &device);
    let predictor = write_weights(&weights.unwrap()).unwrap();
    fs::write(plain.path().join("predictor.safetensors"), predictor).unwrap();
    let name = "action_encoder.safetensors";
    fs::copy(run.checkpoint.join(name), plain.path().join(name)).unwrap();
    let error = run.refused(|asked| asked.checkpoint = plain.path().to_owned());
    assert!(matches!(error, ExportError::Load(_)), "{error}");
}

#[test]
fn damaged_and_unusable_files_are_refused() {
    let run = Run::new();
    let missing = tempfile::tempdir().unwrap();
    let error = run.refused(|asked| asked.checkpoint = missing.path().to_owned());
    assert!(matches!(error, ExportError::Read { .. }), "{error}");
    let error = run.refused(|asked| asked.encoder = missing.path().to_owned());
    assert!(matches!(error, ExportError::Encoder(_)), "{error}");
    let error = run.refused(|asked| asked.encoder_id = Some("/models/carbon"));
    assert!(matches!(error, ExportError::LocalEncoder { .. }), "{error}");

    // It says that it was built with the weights of the demo.
    let error = run.refused(|asked| asked.table = Some(fixture("model/calibration.parquet")));
    assert!(matches!(error, ExportError::Load(_)), "{error}");

    let infinite = NewTensor::new("w", [1], vec![f32::INFINITY], WeightDtype::F32);
    let infinite = write_weights(&[infinite]).unwrap();
    for name in ["predictor.safetensors", "action_encoder.safetensors"] {
        fs::write(missing.path().join(name), &infinite).unwrap();
    }
    let error = run.refused(|asked| asked.checkpoint = missing.path().to_owned());
    assert!(matches!(error, ExportError::NotFinite { .. }), "{error}");

    let path = run.checkpoint.join("predictor.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = run.refused(|_| {});
    assert_eq!(error.code(), ErrorCode::ProvenanceManifestHashMismatch);
}

#[test]
fn an_interrupted_export_leaves_nothing() {
    let run = Run::new();
    let stopped = run.export(&run.asked(), true).unwrap();
    assert!(matches!(stopped, Completion::Interrupted));
    assert_eq!(run.names(), ["checkpoints", "config.resolved.yaml"]);
}
