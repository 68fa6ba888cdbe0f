//! The files that the program reads, each with the version that it writes.

use std::{fs, path::Path};

use geno_core::Coded;
use geno_data::{ClinvarShard, GnomadShard};
use geno_provenance::EncoderRecord;
use geno_runtime::ModelConfig;
use geno_surprise::CalibrationTable;
use geno_training::{Checkpoint, TargetSet};

/// A file with a version of its own.
pub(crate) struct Schema {
    /// As the book calls it.
    pub(crate) name: &'static str,
    /// What this program writes.
    pub(crate) version: &'static str,
    /// What the Python package 0.2.1 wrote, the one release before this program; a dash for files
    /// that it did not have.
    pub(crate) package: &'static str,
    pub(crate) check: Check,
}

pub(crate) enum Check {
    /// A file of the oldest version, from the root of the workspace, others that go with it, and the
    /// command that reads it. A copy of the next major version is refused.
    Command {
        file: &'static str,
        beside: &'static [&'static str],
        command: &'static [&'static str],
    },
    /// The same by the function that reads it.
    Reader {
        file: &'static str,
        read: fn(&Path) -> Result<(), Box<dyn Coded>>,
    },
    /// The package had no such file, and one of the next major version says no more than that.
    Later {
        name: &'static str,
        read: fn(&Path) -> Result<(), Box<dyn Coded>>,
    },
    /// A test elsewhere makes the file up: where, and its name.
    Elsewhere(&'static str, &'static str),
}

use Check::{Command, Elsewhere, Later, Reader};

pub(crate) const SCHEMAS: &[Schema] = &[
    Schema {
        name: "manifest of a model",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/parity/model/manifest.json",
            beside: &["fixtures/parity/receipts.jsonl"],
            command: &["verify", "receipts.jsonl", "--manifest", "FILE"],
        },
    },
    Schema {
        name: "receipt",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/parity/receipts.jsonl",
            beside: &["fixtures/parity/model/manifest.json"],
            command: &["verify", "FILE", "--manifest", "manifest.json"],
        },
    },
    Schema {
        name: "batch receipt",
        version: "1.0.0",
        package: "–",
        check: Elsewhere(
            "crates/geno-provenance/tests/batch.rs",
            "a_batch_of_a_later_version_is_refused",
        ),
    },
    Schema {
        name: "revocation list",
        version: "1.0.0",
        package: "–",
        check: Elsewhere(
            "crates/geno-provenance/tests/revocation.rs",
            "a_signed_list_is_read_strictly",
        ),
    },
    Schema {
        name: "envelope of a run",
        version: "1.0.0",
        package: "–",
        check: Command {
            file: "fixtures/records/envelope.json",
            beside: &[],
            command: &["envelope", "show", "FILE"],
        },
    },
    Schema {
        name: "rows of scores",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/parity/scores.jsonl",
            beside: &[],
            command: &["report", "--scores", "FILE", "--output", "page.html"],
        },
    },
    Schema {
        name: "rows of states",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/parity/rollout/states.jsonl",
            beside: &[],
            command: &[
                "rollout",
                "--states-jsonl",
                "FILE",
                "--recall-k",
                "2",
                "--output",
                "out.json",
            ],
        },
    },
    Schema {
        name: "document of metrics",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/parity/rollout/metrics.json",
            beside: &[],
            command: &[
                "eval-all",
                "FILE",
                "--output-metrics",
                "all.json",
                "--output-report",
                "all.md",
            ],
        },
    },
    Schema {
        name: "calibration table",
        version: "1.0.0",
        package: "1.0.0",
        check: Reader {
            file: "fixtures/parity/calibration.small.parquet",
            read: |path| done(CalibrationTable::read_parquet(&fs::read(path).unwrap())),
        },
    },
    Schema {
        name: "gnomAD shard",
        version: "1.1.0",
        package: "1.0.0",
        check: Reader {
            file: "fixtures/parity/shards/gnomad.parquet",
            read: |path| {
                let rows = GnomadShard::open(path).map_err(coded)?.variants();
                rows.map_err(coded)?.try_for_each(done)
            },
        },
    },
    Schema {
        name: "ClinVar shard",
        version: "1.1.0",
        package: "1.0.0",
        check: Reader {
            file: "fixtures/parity/shards/clinvar.parquet",
            read: |path| {
                let rows = ClinvarShard::open(path).map_err(coded)?.variants();
                rows.map_err(coded)?.try_for_each(done)
            },
        },
    },
    Schema {
        name: "index of the window-state cache",
        version: "1",
        package: "–",
        check: Elsewhere(
            "crates/geno-data/tests/cache/damage.rs",
            "an_index_of_a_later_version_is_refused_and_can_be_made_anew",
        ),
    },
    Schema {
        name: "configuration",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/config/score.yaml",
            beside: &[],
            command: &["score", "--config", "FILE", "--print-config"],
        },
    },
    Schema {
        name: "configuration of a model",
        version: "1.0.0",
        package: "1.0.0",
        check: Reader {
            file: "fixtures/parity/model/training_config.yaml",
            read: |path| done(ModelConfig::from_yaml(&fs::read(path).unwrap())),
        },
    },
    Schema {
        name: "record of a training run",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/training/five/training_run.json",
            beside: &[
                "fixtures/training/five/config.resolved.yaml",
                "fixtures/training/five/dataset_manifest.json",
                "fixtures/training/five/fixture_predictor_checkpoint.json",
                "fixtures/training/five/metrics.json",
                "fixtures/training/five/train.log",
            ],
            command: &["train", "--package-release-run", "--run-dir", "."],
        },
    },
    Schema {
        name: "checkpoint of a fixture run",
        version: "1.0.0",
        package: "1.0.0",
        check: Command {
            file: "fixtures/training/five/fixture_predictor_checkpoint.json",
            beside: &[],
            command: &[
                "train",
                "--fixture-smoke",
                "--steps",
                "9",
                "--resume-from",
                "FILE",
                "--run-dir",
                "run",
            ],
        },
    },
    Schema {
        name: "checkpoint of training",
        version: "1.0.0",
        package: "–",
        check: Later {
            name: "checkpoint.json",
            read: |path| {
                done(Checkpoint::<serde_json::Value>::read(
                    path.parent().unwrap(),
                    "predictor",
                ))
            },
        },
    },
    Schema {
        name: "folder of targets",
        version: "1.0.0",
        package: "–",
        check: Later {
            name: "targets.json",
            read: |path| done(TargetSet::open(path.parent().unwrap())),
        },
    },
    Schema {
        name: "manifest of an experiment",
        version: "1",
        package: "–",
        check: Command {
            file: "crates/geno-cli/tests/cmd/experiment.in/radius-8.json",
            beside: &[],
            command: &["experiment", "validate", "FILE"],
        },
    },
    Schema {
        name: "entry of a benchmark",
        version: "1.0.0",
        package: "–",
        check: Elsewhere(
            "crates/geno-eval/src/benchmark/registry.rs",
            "what_contradicts_itself_is_refused",
        ),
    },
    Schema {
        name: "record of a run over a benchmark",
        version: "1.0.0",
        package: "–",
        check: Elsewhere(
            "crates/geno-eval/src/benchmark/run_record.rs",
            "a_damaged_record_is_an_error",
        ),
    },
    Schema {
        name: "record of an encoder",
        version: "1.0.0",
        package: "–",
        check: Later {
            name: "encoder.json",
            read: |path| done(EncoderRecord::parse(&fs::read(path).unwrap())),
        },
    },
    Schema {
        name: "report of a release",
        version: "1.1.0",
        package: "1.0.0",
        check: Elsewhere(
            "crates/geno-provenance/tests/release_report.rs",
            "what_no_report_may_hold_is_refused",
        ),
    },
];

fn coded<E: Coded + 'static>(error: E) -> Box<dyn Coded> {
    Box::new(error)
}

fn done<T, E: Coded + 'static>(read: Result<T, E>) -> Result<(), Box<dyn Coded>> {
    read.map(drop).map_err(coded)
}
