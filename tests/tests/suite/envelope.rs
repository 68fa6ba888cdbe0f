//! What an envelope says about a run.

use std::{fs, path::Path, sync::atomic::AtomicBool};

use geno_core::Digest;
use geno_provenance::{CodeState, Envelope, Label, StateKind, Timestamp, diff};
use geno_runtime::{EnvelopeRequest, RunState};
use geno_tests::{copy_of, fixture};
use tempfile::tempdir;

use crate::scoring::{Run, runtime};

/// Scores the published package's variants with a model directory.
fn envelope(kit: &Path, started: u64) -> Envelope {
    let folder = tempdir().unwrap();
    let run = Run {
        vcf: &kit.join("variants.vcf"),
        fasta: &kit.join("ref.fa"),
        folder: folder.path(),
        batch_size: 16,
        strict: true,
    };
    let (paths, path) = (run.paths(), folder.path().join("envelope.json"));
    let mut request = run.request(&paths);
    request.envelope = Some(EnvelopeRequest {
        path: &path,
        run: RunState {
            code: CodeState {
                version: Label::new("0.3.0").unwrap(),
                git: None,
            },
            configs: Default::default(),
            started: Timestamp::from_unix_seconds(started).unwrap(),
        },
    });
    let stop = AtomicBool::new(false);
    runtime(&kit.join("model"))
        .score_vcf(&request, |_| {}, &stop)
        .unwrap();
    Envelope::parse(&fs::read(&path).unwrap()).unwrap()
}

#[test]
fn every_file_that_was_read_is_in_the_envelope_and_nothing_else() {
    let kit = copy_of("parity");
    let envelope = envelope(kit.path(), 1);
    let names: Vec<_> = envelope
        .artifacts()
        .keys()
        .map(|name| name.as_str())
        .collect();
    let expected = [
        "encoder/config.json",
        "encoder/dna_config.json",
        "encoder/model.safetensors",
        "fasta",
        "fasta.fai",
        "model/action_encoder.safetensors",
        "model/calibration.parquet",
        "model/manifest.json",
        "model/predictor.safetensors",
        "model/training_config.yaml",
        "vcf",
    ];
    assert_eq!(names, expected);
    for (name, path) in [
        ("vcf", "variants.vcf"),
        ("fasta", "ref.fa"),
        ("fasta.fai", "ref.fa.fai"),
        ("model/manifest.json", "model/manifest.json"),
        ("model/calibration.parquet", "model/calibration.parquet"),
    ] {
        let bytes = fs::read(kit.path().join(path)).unwrap();
        let record = envelope
            .artifacts()
            .iter()
            .find(|(n, _)| n.as_str() == name);
        let (_, record) = record.unwrap();
        assert_eq!(record.digest, Digest::of(&bytes), "{name}");
        assert_eq!(record.size, bytes.len() as u64, "{name}");
    }
    let vcf = fs::read(fixture("parity/variants.vcf")).unwrap();
    assert_eq!(envelope.input().digest, Digest::of(&vcf));
    let configs: Vec<_> = envelope
        .configs()
        .keys()
        .map(|name| name.as_str())
        .collect();
    assert_eq!(
        configs,
        [
            "encoder/config.json",
            "encoder/dna_config.json",
            "model/training_config.yaml"
        ]
    );
}

#[test]
fn two_runs_differ_in_their_time_alone_and_a_changed_input_in_the_data() {
    let kit = copy_of("parity");
    let first = envelope(kit.path(), 1);
    let second = envelope(kit.path(), 2);
    assert_ne!(first, second);
    assert_eq!(first.digest(), second.digest());
    assert_eq!(diff(&first, &second), []);

    let fasta = kit.path().join("ref.fa");
    let text = fs::read_to_string(&fasta).unwrap();
    // Soft-masked: the same bases in another file.
    let masked: Vec<_> = text
        .lines()
        .map(|line| match line.starts_with('>') {
            true => line.to_owned(),
            false => line.to_lowercase(),
        })
        .collect();
    fs::write(&fasta, masked.join("\n") + "\n").unwrap();
    let changed = envelope(kit.path(), 3);
    let differences = diff(&first, &changed);
    assert!(!differences.is_empty());
    assert!(
        differences
            .iter()
            .all(|found| found.kind == StateKind::Data)
    );
}
