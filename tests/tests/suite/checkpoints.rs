//! Checkpoints as files: GGUF in a model, others made from one, and what one holds.

use std::{
    fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use geno_core::{Coded, Digest, Dtype, ErrorCode, PoolType, StateContract, Window};
use geno_encoder::{CarbonEncoder, EncoderFiles, StateSettings};
use geno_provenance::{Label, Manifest};
use geno_runtime::{
    BackendChoice, CheckpointError, ConvertTo, Derivation, DerivedEncoder, EncoderSource,
    LoadModelError, ModelDir, ModelDirError, Runtime, RuntimeError, derive_encoder,
    inspect_encoder,
};
use geno_tests::{copy_of, fixture};

use crate::window_bp::set_window_bp;

const BF16: Derivation = Derivation::Convert(ConvertTo::Bf16);
const F32: Derivation = Derivation::Convert(ConvertTo::F32);

fn derive(
    source: &Path,
    target: &Path,
    derivation: Derivation,
) -> Result<DerivedEncoder, CheckpointError> {
    derive_encoder(source, target, derivation, "test 1")
}

/// The hidden rows of the last layer, of a folder or a GGUF file.
fn hidden_rows(place: &Path, dtype: Dtype) -> Vec<f32> {
    let read = |name: &str| fs::read(place.join(name)).unwrap();
    let files = match place.is_file() {
        true => EncoderFiles::from_gguf("tiny.gguf".into(), fs::read(place).unwrap()).unwrap(),
        false => EncoderFiles {
            config: read("config.json").into(),
            dna_config: read("dna_config.json").into(),
            weight_index: None,
            weights: vec![("model.safetensors".into(), read("model.safetensors").into())],
            mapped: Vec::new(),
        },
    };
    let settings = StateSettings {
        state_layer: -1,
        pool_type: PoolType::GlobalMean,
        pool_radius: 0,
        contract: StateContract::L2NormalizedV2,
    };
    let encoder = CarbonEncoder::load(files, settings, dtype, &Device::flex()).unwrap();
    let window = Window::new(0, b"ACGTTGCANCCATG".repeat(20)).unwrap();
    let rows = encoder.hidden_rows(&window).unwrap();
    rows.into_data().try_to_vec().unwrap()
}

#[test]
fn dna_rows_alone_give_the_same_hidden_rows() {
    let source = copy_of("gguf");
    let gguf = source.path().join("tiny.bf16.gguf");
    let target = source.path().join("sliced");
    let derived = derive(&gguf, &target, Derivation::Slice).unwrap();
    for dtype in [Dtype::F32, Dtype::Bf16] {
        assert!(hidden_rows(&target, dtype) == hidden_rows(&gguf, dtype));
    }

    let inspection = inspect_encoder(&target).unwrap();
    let (config, tokenizer) = inspection.network.as_ref().unwrap();
    assert_eq!(config.vocab_size, 155_776);
    assert_eq!(tokenizer.embedding_row_offset(), 151_669);
    assert_eq!(
        (inspection.faults.len(), inspection.digest),
        (0, derived.digest)
    );
    let whole = inspect_encoder(&gguf).unwrap();
    let text_rows = 151_669 * 32;
    assert_eq!(whole.parameters() - inspection.parameters(), text_rows);
    assert_eq!(
        whole.working_bytes(Dtype::Bf16),
        inspection.working_bytes(Dtype::Bf16)
    );
    // A slice of a slice has no row to cut.
    let again = derive(&target, &source.path().join("again"), Derivation::Slice).unwrap();
    let rows = |place: &str| hidden_rows(&source.path().join(place), Dtype::F32);
    assert!(rows("again") == rows("sliced"));
    assert_eq!(again.lineage.steps.len(), 2);
}

#[test]
fn weights_in_blocks_are_widened_and_remember_where_they_come_from() {
    let folder = copy_of("gguf");
    let path = |name: &str| folder.path().join(name);
    let gguf = path("tiny.q8_0.gguf");
    let refused = derive(&gguf, &path("sliced"), Derivation::Slice).unwrap_err();
    assert!(
        matches!(refused, CheckpointError::Blocks { .. }),
        "{refused}"
    );

    let wide = derive(&gguf, &path("wide"), F32).unwrap();
    assert!(hidden_rows(&path("wide"), Dtype::F32) == hidden_rows(&gguf, Dtype::F32));
    let narrow = derive(&path("wide"), &path("narrow"), BF16).unwrap();
    assert!(hidden_rows(&path("narrow"), Dtype::Bf16) == hidden_rows(&gguf, Dtype::Bf16));

    let original = Digest::of(&fs::read(&gguf).unwrap());
    let did = narrow.lineage.since(original);
    assert_eq!(did.as_deref(), Some("convert to fp32, convert to bf16"));
    assert_eq!(narrow.lineage.steps[1].from, wide.digest);
    let read = inspect_encoder(&path("narrow/model.safetensors")).unwrap();
    assert_eq!(read.lineage, Some(narrow.lineage));
}

#[test]
fn equal_checkpoints_give_equal_bytes() {
    let folder = copy_of("gguf");
    let path = |name: &str| folder.path().join(name);
    let make = |name: &str| {
        derive(&path("tiny.f32.gguf"), &path(name), BF16).unwrap();
        ["config.json", "dna_config.json", "model.safetensors"]
            .map(|file| fs::read(path(name).join(file)).unwrap())
    };
    assert!(make("one") == make("two"));
}

#[test]
fn a_folder_that_exists_stays_and_a_failure_leaves_nothing() {
    let folder = copy_of("gguf");
    let path = |name: &str| folder.path().join(name);
    let gguf = path("tiny.bf16.gguf");
    fs::create_dir(path("there")).unwrap();
    let error = derive(&gguf, &path("there"), BF16).unwrap_err();
    assert!(matches!(error, CheckpointError::Folder(_)), "{error}");
    assert_eq!(fs::read_dir(path("there")).unwrap().count(), 0);

    let mut bytes = fs::read(&gguf).unwrap();
    let end = bytes.len();
    // The last tensor of the file is a row of `f32`.
    bytes[end - 4..].copy_from_slice(&f32::NAN.to_le_bytes());
    fs::write(path("nan.gguf"), &bytes).unwrap();
    let names = || fs::read_dir(folder.path()).unwrap().count();
    let before = names();
    for derivation in [Derivation::Slice, F32] {
        let error = derive(&path("nan.gguf"), &path("new"), derivation).unwrap_err();
        let is_named =
            matches!(&error, CheckpointError::NotFinite { name } if name == "model.norm.weight");
        assert!(is_named, "{error}");
        assert_eq!(names(), before);
    }
    let inspection = inspect_encoder(&path("nan.gguf")).unwrap();
    let spoiled: u64 = inspection.groups.iter().map(|group| group.non_finite).sum();
    assert_eq!(spoiled, 1);
}

#[test]
fn faults_of_a_checkpoint_are_listed() {
    let folder = copy_of("demo/model/encoder");
    let config = folder.path().join("config.json");
    let text = fs::read_to_string(&config).unwrap();
    fs::write(
        &config,
        text.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 5"),
    )
    .unwrap();
    let inspection = inspect_encoder(folder.path()).unwrap();
    let unused = "9 unexpected tensors, first `model.layers.5.input_layernorm.weight`";
    assert_eq!(inspection.faults, [unused]);

    fs::write(
        &config,
        text.replace("\"num_hidden_layers\": 6", "\"num_hidden_layers\": 9000000"),
    )
    .unwrap();
    let inspection = inspect_encoder(folder.path()).unwrap();
    assert_eq!(inspection.faults.len(), 20);
    let error = derive(folder.path(), &folder.path().join("new"), BF16).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceWeights);
}

/// The demo model with its encoder taken out, and where to look for one.
fn demo_with(encoder: PathBuf) -> (tempfile::TempDir, EncoderSource) {
    let model = copy_of("demo/model");
    fs::remove_dir_all(model.path().join("encoder")).unwrap();
    let source = EncoderSource {
        folder: Some(encoder),
        ..EncoderSource::default()
    };
    (model, source)
}

fn load(model: &Path, source: &EncoderSource) -> Result<(), RuntimeError> {
    let model = ModelDir::open(model, source).unwrap();
    Runtime::load(&model, BackendChoice::Auto).map(drop)
}

fn change_manifest(model: &Path, change: impl FnOnce(&Manifest) -> Manifest) {
    let path = model.join("manifest.json");
    let manifest = Manifest::parse(&fs::read(&path).unwrap()).unwrap();
    fs::write(&path, change(&manifest).to_bytes()).unwrap();
}

/// Changes the configuration of a model, and its digest in the manifest.
fn configure(model: &Path, from: &str, to: &str) {
    let path = model.join("config.yaml");
    let config = fs::read_to_string(&path).unwrap();
    assert!(config.contains(from));
    let config = config.replace(from, to);
    fs::write(&path, &config).unwrap();
    change_manifest(model, |manifest| {
        let mut manifest = manifest.clone();
        manifest.training.hash = Digest::of(config.as_bytes());
        manifest
    });
}

#[test]
fn an_encoder_made_from_the_models_is_told_as_such_and_can_be_bound() {
    let folder = tempfile::tempdir().unwrap();
    let wide = folder.path().join("wide");
    let derived = derive(&fixture("demo/model/encoder"), &wide, F32).unwrap();
    let (model, source) = demo_with(wide);
    let message = load(model.path(), &source).unwrap_err().to_string();
    // The configuration differs first: its digest is in the manifest too.
    assert!(message.contains("encoder/config.json"), "{message}");

    change_manifest(model.path(), |manifest| {
        let mut manifest = manifest.clone();
        manifest.training.data_snapshot.clear();
        manifest
    });
    let error = load(model.path(), &source).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ProvenanceManifestHashMismatch);
    let message = error.to_string();
    assert!(message.contains("convert to fp32"), "{message}");

    change_manifest(model.path(), |manifest| {
        derived.bind(manifest, None).unwrap()
    });
    assert!(load(model.path(), &source).is_ok());
    let manifest = fs::read(fixture("parity/model/manifest.json")).unwrap();
    assert!(
        derived
            .bind(&Manifest::parse(&manifest).unwrap(), None)
            .is_err()
    );
}

#[test]
fn a_gguf_file_is_the_encoder_of_a_model() {
    let folder = copy_of("gguf");
    let gguf = folder.path().join("tiny.bf16.gguf");
    let (model, source) = demo_with(gguf.clone());
    configure(model.path(), "state_layer: 4", "state_layer: 2");
    let snapshot = |manifest: &Manifest| manifest.training.data_snapshot.clone();
    change_manifest(model.path(), |manifest| {
        let mut manifest = manifest.clone();
        manifest.encoder.hash = Digest::of(&fs::read(&gguf).unwrap());
        manifest
    });
    // A manifest that asks for configuration files finds none.
    let opened = ModelDir::open(model.path(), &source).unwrap();
    assert!(snapshot(opened.manifest()).contains_key(&Label::new("encoder/config.json").unwrap()));
    let error = opened.check().unwrap_err();
    assert!(matches!(error, ModelDirError::NotFound { .. }), "{error}");

    change_manifest(model.path(), |manifest| {
        let mut manifest = manifest.clone();
        manifest.training.data_snapshot.clear();
        manifest
    });
    let opened = ModelDir::open(model.path(), &source).unwrap();
    opened.check().unwrap();
    assert_eq!(opened.encoder_folder(), folder.path());
    // The file is read and accepted: all that does not fit is the predictor made for wider states.
    let error = load(model.path(), &source).unwrap_err();
    let is_width = matches!(
        error,
        RuntimeError::Load(LoadModelError::StateWidth {
            encoder: 32,
            predictor: 128
        })
    );
    assert!(is_width, "{error}");
}

#[test]
fn windows_may_be_as_long_as_the_encoder_has_positions_for() {
    let with = |window_bp: u64| {
        let model = copy_of("demo/model");
        set_window_bp(model.path(), window_bp);
        load(model.path(), &EncoderSource::default())
    };
    for length in [32, 601, 3167, 3168] {
        assert!(with(length).is_ok(), "{length}");
    }
    let error = with(3169).unwrap_err();
    let expected =
        "windows have up to 3169 bases, but the encoder takes windows of up to 3168 bases";
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
}
