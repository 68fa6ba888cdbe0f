//! Int8 checkpoints: written behind a measured error, and used only with it.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, Dtype, ErrorCode};
use geno_encoder::LoadError;
use geno_provenance::{Json, Manifest, canonical_json};
use geno_runtime::{
    Backend, BackendChoice, BindError, CheckpointError, ConvertTo, Derivation, DerivedEncoder,
    EncoderSource, Int8Refusal, LoadModelError, MAX_STATE_ERROR, MeasureError, ModelDir, Runtime,
    RuntimeError, convert_measured, derive_encoder, inspect_encoder,
};
use geno_tests::{copy_of, fixture};
use tempfile::TempDir;

const KEY: &str = "geno_lewm.measured_error";

/// Converts a model's encoder, measured on two windows of its reference.
fn convert(
    model: &Path,
    fasta: &Path,
    target: &Path,
    max_state_error: f64,
) -> Result<DerivedEncoder, CheckpointError> {
    let model = ModelDir::open(model, &EncoderSource::default()).unwrap();
    let request = MeasureError {
        fasta,
        n_windows: 2,
        seed: 0,
        max_state_error,
        against: None,
        section: &model.config().encoder,
        model: Some(&model),
    };
    let source = model.encoder_folder();
    convert_measured(source, target, ConvertTo::Int8, "test 1", &request)
}

fn convert_demo(target: &Path, max_state_error: f64) -> Result<DerivedEncoder, CheckpointError> {
    let demo = copy_of("demo");
    let fasta = demo.path().join("GRCh37.20.fa.gz");
    convert(&demo.path().join("model"), &fasta, target, max_state_error)
}

/// A copy of the demo with an int8 encoder in a model that names it.
struct Int8Demo {
    folder: TempDir,
    derived: DerivedEncoder,
}

impl Int8Demo {
    fn new() -> Self {
        let folder = copy_of("demo");
        let model = folder.path().join("model");
        let int8 = folder.path().join("int8");
        let fasta = folder.path().join("GRCh37.20.fa.gz");
        let derived = convert(&model, &fasta, &int8, MAX_STATE_ERROR).unwrap();
        fs::remove_dir_all(model.join("encoder")).unwrap();
        fs::rename(int8, model.join("encoder")).unwrap();

        let demo = Self { folder, derived };
        demo.configure("dtype: bf16", "dtype: int8");
        demo
    }

    fn model(&self) -> PathBuf {
        self.folder.path().join("model")
    }

    /// Changes the configuration, and binds the encoder to it.
    fn configure(&self, from: &str, to: &str) {
        let path = self.model().join("config.yaml");
        let config = fs::read_to_string(&path).unwrap();
        assert!(config.contains(from), "{config}");
        let config = config.replacen(from, to, 1);
        fs::write(&path, &config).unwrap();
        self.change_manifest(|manifest| {
            let mut manifest = match manifest.encoder.hash == self.derived.digest {
                true => manifest.clone(),
                false => self
                    .derived
                    .bind(manifest, Some(config.as_bytes()))
                    .unwrap(),
            };
            manifest.training.hash = Digest::of(config.as_bytes());
            manifest
        });
    }

    fn change_manifest(&self, change: impl FnOnce(&Manifest) -> Manifest) {
        let path = self.model().join("manifest.json");
        let manifest = Manifest::parse(&fs::read(&path).unwrap()).unwrap();
        fs::write(&path, change(&manifest).to_bytes()).unwrap();
    }

    /// Changes the metadata of the weights, and their digest in the manifest.
    fn tamper(&self, change: impl FnOnce(&mut BTreeMap<String, Json>)) {
        let path = self.model().join("encoder/model.safetensors");
        let bytes = fs::read(&path).unwrap();
        let len = u64::from_le_bytes(*bytes.first_chunk().unwrap()) as usize;
        let (header, data) = bytes[8..].split_at(len);
        let Ok(Json::Object(mut header)) = Json::parse(header) else {
            panic!("a header");
        };
        let Some(Json::Object(metadata)) = header.get_mut("__metadata__") else {
            panic!("metadata");
        };
        change(metadata);
        let header = canonical_json(&Json::Object(header));
        let len = (header.len() as u64).to_le_bytes();
        let bytes = [&len[..], &header, data].concat();
        fs::write(&path, &bytes).unwrap();
        self.change_manifest(|manifest| {
            let mut manifest = manifest.clone();
            manifest.encoder.hash = Digest::of(&bytes);
            manifest
        });
    }

    /// Changes one field of the measured error.
    fn claim(&self, change: impl FnOnce(&mut BTreeMap<String, Json>)) {
        self.tamper(|metadata| {
            let text = metadata[KEY].as_str().unwrap().to_owned();
            let Ok(Json::Object(mut claim)) = Json::parse(text.as_bytes()) else {
                panic!("a claim");
            };
            change(&mut claim);
            let claim = canonical_json(&Json::Object(claim));
            let claim = String::from_utf8(claim).unwrap();
            metadata.insert(KEY.to_owned(), claim.into());
        });
    }

    fn load(&self, backend: Backend) -> Result<Runtime, RuntimeError> {
        let model = ModelDir::open(&self.model(), &EncoderSource::default()).unwrap();
        Runtime::load_uncalibrated(&model, BackendChoice::Only(backend))
    }

    fn refusal(&self) -> Int8Refusal {
        match self.load(Backend::Native).err() {
            Some(RuntimeError::Load(LoadModelError::Int8(refusal))) => refusal,
            Some(other) => panic!("{other:?}"),
            None => panic!("it loaded"),
        }
    }
}

#[test]
fn an_int8_model_computes_in_int8_and_says_so() {
    let demo = Int8Demo::new();
    let runtime = demo.load(Backend::Native).unwrap();
    assert_eq!(runtime.arithmetic().encoder, Dtype::Int8);
    let dtypes = &runtime.identity().unwrap().dtypes;
    assert_eq!(dtypes.encoder_dtype.as_str(), "int8");

    let measured = demo.derived.measured.as_ref().unwrap();
    assert_eq!(
        (measured.dtype, measured.against),
        (Dtype::Int8, Dtype::Bf16)
    );
    assert_eq!((measured.n_windows, measured.states.n), (2, 32));
    assert!(measured.states.max > 1e-3, "nothing was rounded");
    assert!(measured.states.median <= measured.states.p95);
    let scores = measured.scores.unwrap();
    assert!(
        scores.n == 16 && scores.rank_correlation > 0.9,
        "{scores:?}"
    );

    let inspection = inspect_encoder(&demo.model().join("encoder")).unwrap();
    assert_eq!(inspection.faults, [""; 0]);
    let read = inspection.measured.unwrap().unwrap();
    assert_eq!(read.sites, measured.sites);
    // Written with four digits.
    assert!((read.states.max / measured.states.max - 1.0).abs() < 1e-3);
}

#[test]
fn the_calibration_of_the_source_is_not_that_of_an_int8_model() {
    let demo = Int8Demo::new();
    let model = ModelDir::open(&demo.model(), &EncoderSource::default()).unwrap();
    let error = Runtime::load(&model, BackendChoice::Only(Backend::Native))
        .err()
        .unwrap();
    assert!(error.to_string().contains("geno-lewm calibrate"), "{error}");
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
}

#[test]
fn above_the_bound_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let error = convert_demo(&folder.path().join("int8"), 1e-4).unwrap_err();
    let CheckpointError::Int8(Int8Refusal::Exceeded { measured, .. }) = &error else {
        panic!("{error:?}");
    };
    assert!(measured.states.max > 1e-4);
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    for bound in [0.0, -1.0, f64::NAN, f64::INFINITY] {
        let error = convert_demo(&folder.path().join("int8"), bound).unwrap_err();
        assert!(matches!(error, CheckpointError::Measure(_)), "{error:?}");
    }
    let encoder = fixture("demo/model/encoder");
    let to_int8 = Derivation::Convert(ConvertTo::Int8);
    let target = folder.path().join("int8");
    let error = derive_encoder(&encoder, &target, to_int8, "test 1").unwrap_err();
    assert!(matches!(
        error,
        CheckpointError::Int8(Int8Refusal::Unmeasured)
    ));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn equal_input_gives_equal_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let digest = |name: &str| {
        convert_demo(&folder.path().join(name), 0.05)
            .unwrap()
            .digest
    };
    assert_eq!(digest("a"), digest("b"));
}

#[test]
fn a_checkpoint_that_does_not_say_its_error_is_refused() {
    let demo = Int8Demo::new();
    demo.tamper(|metadata| drop(metadata.remove(KEY)));
    assert_eq!(demo.refusal(), Int8Refusal::Unmeasured);
    demo.tamper(|metadata| drop(metadata.insert(KEY.to_owned(), "{".into())));
    assert!(matches!(demo.refusal(), Int8Refusal::Malformed { .. }));
}

#[test]
fn a_claim_that_does_not_hold_is_refused() {
    let demo = Int8Demo::new();
    demo.claim(|claim| drop(claim.remove("states")));
    assert_eq!(demo.refusal(), Int8Refusal::Malformed { field: "states" });

    let demo = Int8Demo::new();
    demo.claim(|claim| drop(claim.insert("max_state_error".to_owned(), json(0.001))));
    assert!(matches!(demo.refusal(), Int8Refusal::Exceeded { .. }));
    demo.claim(|claim| drop(claim.insert("max_state_error".to_owned(), json(-1.0))));
    assert!(matches!(demo.refusal(), Int8Refusal::Exceeded { .. }));
    demo.claim(|claim| drop(claim.insert("dtype".to_owned(), "bf16".into())));
    assert_eq!(demo.refusal(), Int8Refusal::OtherSource);

    let demo = Int8Demo::new();
    let other = Digest::of(b"another checkpoint");
    demo.claim(|claim| drop(claim.insert("source".to_owned(), other.into())));
    assert_eq!(demo.refusal(), Int8Refusal::OtherSource);
}

fn json(value: f64) -> Json {
    Json::float(value).unwrap()
}

#[test]
fn an_error_that_was_measured_on_other_states_says_nothing() {
    let demo = Int8Demo::new();
    demo.configure("state_layer: 4", "state_layer: 3");
    let refusal = demo.refusal();
    let Int8Refusal::OtherSettings {
        what,
        measured,
        model,
    } = &refusal
    else {
        panic!("{refusal:?}");
    };
    assert_eq!((*what, &**measured, &**model), ("state_layer", "4", "3"));
    assert_eq!(refusal.code(), ErrorCode::ConfigGeneric);
    // The last of six layers has two names.
    demo.configure("state_layer: 3", "state_layer: -3");
    assert!(demo.load(Backend::Native).is_ok());
}

#[test]
fn a_dtype_and_a_checkpoint_that_differ_are_refused() {
    let demo = Int8Demo::new();
    demo.configure("dtype: int8", "dtype: bf16");
    let error = demo.load(Backend::Native).err().unwrap();
    let RuntimeError::Load(LoadModelError::Encoder(LoadError::Quantized { dtype, .. })) = error
    else {
        panic!("{error:?}");
    };
    assert_eq!(dtype, Dtype::Bf16);

    let error = demo.load(Backend::Cpu).err().unwrap();
    assert!(matches!(
        error,
        RuntimeError::Load(LoadModelError::Encoder(LoadError::Quantized { .. }))
    ));
    demo.configure("dtype: bf16", "dtype: int8");
    let error = demo.load(Backend::Cpu).err().unwrap();
    assert!(matches!(
        error,
        RuntimeError::Load(LoadModelError::Encoder(LoadError::Int8Backend))
    ));
    assert_eq!(error.code(), ErrorCode::DeployBackendUnsupported);
}

#[test]
fn an_int8_model_with_the_weights_it_was_made_from_is_refused() {
    let folder = copy_of("demo");
    let model = folder.path().join("model");
    let config = fs::read_to_string(model.join("config.yaml")).unwrap();
    let config = config.replacen("dtype: bf16", "dtype: int8", 1);
    fs::write(model.join("config.yaml"), &config).unwrap();
    let path = model.join("manifest.json");
    let mut manifest = Manifest::parse(&fs::read(&path).unwrap()).unwrap();
    manifest.training.hash = Digest::of(config.as_bytes());
    fs::write(&path, manifest.to_bytes()).unwrap();
    let model = ModelDir::open(&model, &EncoderSource::default()).unwrap();
    let native = BackendChoice::Only(Backend::Native);
    let error = Runtime::load_uncalibrated(&model, native).err().unwrap();
    assert!(matches!(
        error,
        RuntimeError::Load(LoadModelError::Encoder(LoadError::NotQuantized { .. }))
    ));
}

#[test]
fn a_manifest_takes_an_int8_encoder_with_a_configuration_that_says_so() {
    let demo = Int8Demo::new();
    let manifest = fs::read(fixture("demo/model/manifest.json")).unwrap();
    let manifest = Manifest::parse(&manifest).unwrap();
    let config = fs::read(fixture("demo/model/config.yaml")).unwrap();
    for config in [None, Some(&config[..])] {
        let error = demo.derived.bind(&manifest, config).unwrap_err();
        assert!(matches!(error, BindError::NoInt8Config), "{error:?}");
    }
}

#[test]
fn nothing_is_made_from_an_int8_checkpoint() {
    let demo = Int8Demo::new();
    let target = demo.folder.path().join("sliced");
    let encoder = demo.model().join("encoder");
    for derivation in [Derivation::Slice, Derivation::Convert(ConvertTo::Bf16)] {
        let error = derive_encoder(&encoder, &target, derivation, "test 1").unwrap_err();
        assert!(
            matches!(error, CheckpointError::Quantized { .. }),
            "{error:?}"
        );
    }
}

#[test]
fn the_parity_model_is_above_the_default_bound() {
    let folder = copy_of("parity");
    let (model, fasta) = (folder.path().join("model"), folder.path().join("ref.fa"));
    let int8 = folder.path().join("int8");
    let error = convert(&model, &fasta, &int8, MAX_STATE_ERROR).unwrap_err();
    assert!(matches!(
        error,
        CheckpointError::Int8(Int8Refusal::Exceeded { .. })
    ));
    assert!(!int8.exists());
    let derived = convert(&model, &fasta, &int8, 0.1).unwrap();
    assert!(derived.measured.unwrap().states.max <= 0.1);
}
