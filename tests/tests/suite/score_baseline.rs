//! A patch changes no score: those of the demo, bit for bit, on the canonical kernel.

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use geno_encoder::{NativeEncoder, StateSettings};
use geno_kernels::Kernel;
use geno_provenance::Json;
use geno_runtime::{
    Backend, BackendChoice, EncoderSource, MappedEncoder, ModelDir, Parts, RowFormat, Runtime,
};
use geno_surprise::CalibrationTable;
use geno_tests::fixture;
use geno_weights::WeightFile;

use crate::scoring::Run;

/// Where `cargo xtask repo bit-match` wants the rows instead of a comparison.
const ROWS: &str = "GENO_LEWM_SCORE_ROWS";

/// The demo's model with every product computed by one kernel.
fn on_kernel(kernel: Kernel) -> Runtime {
    let folder = fixture("demo/model");
    let model = ModelDir::open(&folder, &EncoderSource::default()).unwrap();
    model.check().unwrap();
    let config = model.config();
    let section = &config.encoder;
    let settings = StateSettings {
        state_layer: section.state_layer,
        pool_type: section.pool_type,
        pool_radius: section.pool_radius,
        contract: section.state_contract,
    };
    let mapped = MappedEncoder::open(&folder.join("encoder")).unwrap();
    let files = mapped.files().unwrap();
    let device = Device::flex();
    let encoder = NativeEncoder::load(files, settings, section.dtype, kernel, &device).unwrap();

    let weights = |name: &str| WeightFile::parse(fs::read(folder.join(name)).unwrap()).unwrap();
    let products = config.predictor.compute_dtype;
    let predictor = config.predictor_architecture();
    let predictor = predictor.load_native(&mut weights("predictor.safetensors"), products, kernel);
    let mut actions = weights("action_encoder.safetensors");
    let actions = config
        .action_architecture()
        .load_native(&mut actions, kernel, &device);
    let table = fs::read(folder.join("calibration.parquet")).unwrap();

    let parts = Parts {
        encoder: Some(Box::new(encoder)),
        action_encoder: Some(actions.unwrap()),
        predictor: Some(predictor.unwrap()),
        calibration: Some(CalibrationTable::read_parquet(&table).unwrap()),
    };
    let native = BackendChoice::Only(Backend::Native);
    Runtime::from_parts(parts, section.state_contract, section.window_bp, native).unwrap()
}

/// The demo's scores with `threads` threads, a line a variant: its name, the bits of its raw surprise
/// and of its percentile, and both as numbers.
fn rows(runtime: &Runtime, threads: usize, batch_size: usize) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    let run = Run {
        vcf: &fixture("demo/variants.vcf"),
        fasta: &fixture("demo/GRCh37.20.fa.gz"),
        folder: folder.path(),
        batch_size,
        strict: true,
    };
    let paths = run.paths();
    let mut request = run.request(&paths);
    request.receipts = None;
    request.format = RowFormat::Jsonl;
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
    let pool = pool.build().unwrap();
    let stop = std::sync::atomic::AtomicBool::new(false);
    pool.install(|| runtime.score_vcf(&request, |_| {}, &stop))
        .unwrap();
    let scores = fs::read_to_string(run.scores()).unwrap();
    scores.lines().map(row).collect()
}

fn row(line: &str) -> String {
    let Json::Object(fields) = Json::parse(line.as_bytes()).unwrap() else {
        panic!("`{line}` is no object");
    };
    let fields: BTreeMap<_, _> = fields.into_iter().collect();
    let text = |name: &str| fields[name].as_str().unwrap().to_owned();
    let number = |name: &str| fields[name].as_f64().unwrap();
    let [raw, calibrated] = ["sigma_raw", "sigma_calibrated"].map(number);
    format!(
        "{}:{}:{}:{}\t{:016x}\t{:016x}\t{raw}\t{calibrated}",
        text("chrom"),
        number("pos"),
        text("ref"),
        text("alt"),
        raw.to_bits(),
        calibrated.to_bits(),
    )
}

fn baseline() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/api/scores.txt")
}

#[test]
fn scores_are_those_of_the_baseline_for_any_number_of_threads() {
    let runtime = on_kernel(Kernel::PORTABLE);
    let found = rows(&runtime, 1, 64);
    assert_eq!(found.len(), 120);
    for (threads, batch_size) in [(2, 64), (3, 7)] {
        let other = rows(&runtime, threads, batch_size);
        assert_eq!(found, other, "{threads} threads, batches of {batch_size}");
    }
    if let Some(path) = env::var_os(ROWS) {
        return fs::write(path, found.join("\n") + "\n").unwrap();
    }
    let baseline = fs::read_to_string(baseline()).unwrap();
    let expected: Vec<&str> = baseline
        .lines()
        .filter(|line| !line.starts_with('#'))
        .collect();
    for (expected, found) in expected.iter().zip(&found) {
        assert_eq!(
            expected, found,
            "a score is another one: if that is meant, `cargo xtask repo bit-match write`"
        );
    }
    assert_eq!(expected.len(), found.len());
}

/// So that what is compared above is what the program computes.
#[test]
fn the_kernel_is_all_that_differs_from_the_program() {
    let folder = fixture("demo/model");
    let model = ModelDir::open(&folder, &EncoderSource::default()).unwrap();
    let native = BackendChoice::Only(Backend::Native);
    let program = Runtime::load(&model, native).unwrap();
    let expected = rows(&program, 2, 64);
    assert_eq!(rows(&on_kernel(Kernel::detect()), 2, 64), expected);
}

/// The kernels differ in last bits, so that one of them has to be canonical; not in more.
#[test]
fn kernels_agree_but_for_rounding() {
    let numbers = |rows: Vec<String>| -> Vec<f64> {
        let raw = |row: &String| row.split('\t').nth(3).unwrap().parse().unwrap();
        rows.iter().map(raw).collect()
    };
    let canonical = numbers(rows(&on_kernel(Kernel::PORTABLE), 2, 64));
    for kernel in Kernel::available() {
        let found = numbers(rows(&on_kernel(kernel), 2, 64));
        let pairs = canonical.iter().zip(&found);
        let largest = pairs.map(|(a, b)| (a - b).abs() / a).fold(0.0, f64::max);
        // Sums in `fp32` differ by some 1e-7; a factor that `bf16` rounds the other way, by 2⁻⁹.
        assert!(largest < 2e-3, "{kernel}: {largest}");
    }
}
