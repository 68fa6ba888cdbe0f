//! The effective configuration as types, for those who act on it.

use std::{path::PathBuf, str::FromStr};

use geno_core::{Digest, Layout, Severity};

use super::{effective::Effective, value::Value};
use crate::LogFormat;

/// What commands read of a configuration. The table of keys says what each field means.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// `run_id`.
    pub run_id: Option<String>,
    /// `seed`.
    pub seed: u64,
    /// `score`.
    pub score: Score,
    /// `calibrate`.
    pub calibrate: Calibrate,
    /// `provenance`.
    pub provenance: Provenance,
    /// `update`.
    pub update: Update,
    /// `paths`.
    pub paths: Paths,
    /// `runtime`.
    pub runtime: Runtime,
    /// `observability`.
    pub observability: Observability,
    /// What a training run records and obeys; see [`Effective::training_yaml`].
    pub training_yaml: String,
    /// The files that were read, and the digests of their bytes.
    pub files: Vec<(PathBuf, Digest)>,
}

/// `score`.
#[derive(Clone, Debug, PartialEq)]
pub struct Score {
    /// Variants computed together.
    pub batch_size: usize,
    /// Whether a row that cannot be scored ends the run.
    pub strict: bool,
    /// The region class of every variant.
    pub region: Option<String>,
    /// The repeat class of every variant.
    pub repeat: Option<String>,
    /// Whether receipts are written where no file was named.
    pub receipts: bool,
}

/// `calibrate`.
#[derive(Clone, Debug, PartialEq)]
pub struct Calibrate {
    /// Variants computed together.
    pub batch_size: usize,
    /// Most examples kept in a bucket.
    pub per_bucket_sample: usize,
    /// Points of each distribution.
    pub grid_size: usize,
    /// In what they lie evenly, `probability` or `surprise`.
    pub grid: String,
    /// Whether GC bins meet at the terciles of the background.
    pub fit_gc: bool,
    /// What of the edits tells buckets apart: `none`, `type` or `type_and_offset`.
    pub edit_factors: String,
    /// Examples with which a bucket needs no wider one.
    pub min_bucket_size: u64,
    /// Examples below which a bucket is of low confidence.
    pub low_confidence_size: u64,
}

/// `provenance`.
#[derive(Clone, Debug, PartialEq)]
pub struct Provenance {
    /// Whether the envelope of a run is written.
    pub envelope: bool,
}

/// `update`.
#[derive(Clone, Debug, PartialEq)]
pub struct Update {
    /// Where the list of releases is.
    pub index_url: Option<String>,
    /// Folder of the installed versions.
    pub install_root: Option<PathBuf>,
    /// Seconds to wait for an answer.
    pub timeout_s: u64,
}

/// `paths`.
#[derive(Clone, Debug, PartialEq)]
pub struct Paths {
    /// The model directory.
    pub model_dir: Option<PathBuf>,
    /// The encoder's folder.
    pub encoder_dir: Option<PathBuf>,
    /// A calibration table other than the model's own.
    pub calibration: Option<PathBuf>,
    /// Folder for what can be had again.
    pub cache_dir: Option<PathBuf>,
}

/// `runtime`.
#[derive(Clone, Debug, PartialEq)]
pub struct Runtime {
    /// The backend's name; see [`Runtime::backend_for_device`] for what to compute on.
    pub backend: String,
    /// What `auto` is limited to.
    pub device: Option<String>,
    /// Threads, if not all of the machine's.
    pub threads: Option<usize>,
    /// How windows are laid, if not as the model says.
    pub layout: Option<Layout>,
    /// Windows of a variant.
    pub windows_per_variant: usize,
    /// How their surprises become one: `mean`, `max` or `median`.
    pub aggregate: String,
    /// Bytes that variants may take.
    pub memory_budget: u64,
    /// Whether to install the sandbox.
    pub sandbox: bool,
}

/// `observability`.
#[derive(Clone, Debug, PartialEq)]
pub struct Observability {
    /// The least severity that is logged, if one was chosen.
    pub log_level: Option<Severity>,
    /// How log lines look.
    pub log_format: LogFormat,
    /// File for metrics.
    pub metrics: Option<PathBuf>,
    /// Whether to print neither progress nor summaries.
    pub quiet: bool,
}

impl Runtime {
    /// The backend asked for, after what `device` leaves of `auto`: `cpu`, `cuda`, or for `mps`
    /// `wgpu`. A backend that was named stands, whatever the device: files of the Python package
    /// always name one.
    pub fn backend_for_device(&self) -> &str {
        match (self.backend.as_str(), self.device.as_deref()) {
            ("auto", Some("cpu")) => "cpu",
            ("auto", Some("cuda")) => "cuda",
            ("auto", Some("mps")) => "wgpu",
            (backend, _) => backend,
        }
    }
}

impl Settings {
    pub(super) fn of(effective: &Effective) -> Self {
        let v = Values(effective);
        Self {
            run_id: v.text_or_null("run_id"),
            seed: v.int("seed"),
            score: Score {
                batch_size: v.int("score.batch_size"),
                strict: v.bool("score.strict"),
                region: v.text_or_null("score.region"),
                repeat: v.text_or_null("score.repeat"),
                receipts: v.bool("score.receipts"),
            },
            calibrate: Calibrate {
                batch_size: v.int("calibrate.batch_size"),
                per_bucket_sample: v.int("calibrate.per_bucket_sample"),
                grid_size: v.int("calibrate.grid_size"),
                grid: v.text("calibrate.grid"),
                fit_gc: v.bool("calibrate.fit_gc"),
                edit_factors: v.text("calibrate.edit_factors"),
                min_bucket_size: v.int("calibrate.min_bucket_size"),
                low_confidence_size: v.int("calibrate.low_confidence_size"),
            },
            provenance: Provenance {
                envelope: v.bool("provenance.envelope"),
            },
            update: Update {
                index_url: v.text_or_null("update.index_url"),
                install_root: v.path_or_null("update.install_root"),
                timeout_s: v.int("update.timeout_s"),
            },
            paths: Paths {
                model_dir: v.path_or_null("paths.model_dir"),
                encoder_dir: v.path_or_null("paths.encoder_dir"),
                calibration: v.path_or_null("paths.calibration"),
                cache_dir: v.path_or_null("paths.cache_dir"),
            },
            runtime: Runtime {
                backend: v.text("runtime.backend"),
                device: v.text_or_null("runtime.device"),
                threads: v.int_or_null("runtime.threads"),
                layout: v.name_or_null("runtime.layout"),
                windows_per_variant: v.int("runtime.windows_per_variant"),
                aggregate: v.text("runtime.aggregate"),
                memory_budget: v.int("runtime.memory_budget"),
                sandbox: v.bool("runtime.sandbox"),
            },
            observability: Observability {
                log_level: v.name_or_null("observability.log_level"),
                log_format: v.name("observability.log_format"),
                metrics: v.path_or_null("observability.metrics"),
                quiet: v.bool("observability.quiet"),
            },
            training_yaml: effective.training_yaml(),
            files: effective.files().to_vec(),
        }
    }
}

/// Values by key, of the types the table says they have. Another type is a fault of this module,
/// and the first test of it finds every such fault.
struct Values<'a>(&'a Effective);

impl Values<'_> {
    fn value(&self, path: &str) -> &Value {
        match self.0.get(path) {
            Some(value) => value,
            None => panic!("no key `{path}`"),
        }
    }

    fn bool(&self, path: &str) -> bool {
        match self.value(path) {
            Value::Bool(value) => *value,
            other => panic!("`{path}` is {other:?}"),
        }
    }

    fn int<T: TryFrom<i128>>(&self, path: &str) -> T {
        match self.int_or_null(path) {
            Some(value) => value,
            None => panic!("`{path}` is null"),
        }
    }

    fn int_or_null<T: TryFrom<i128>>(&self, path: &str) -> Option<T> {
        match self.value(path) {
            Value::Null => None,
            Value::Int(value) => match T::try_from(*value) {
                Ok(value) => Some(value),
                Err(_) => panic!("`{path}` is {value}, outside its range"),
            },
            other => panic!("`{path}` is {other:?}"),
        }
    }

    fn name<T: FromStr>(&self, path: &str) -> T {
        match self.name_or_null(path) {
            Some(name) => name,
            None => panic!("`{path}` is null"),
        }
    }

    fn name_or_null<T: FromStr>(&self, path: &str) -> Option<T> {
        let name = self.text_or_null(path)?;
        match name.parse() {
            Ok(value) => Some(value),
            Err(_) => panic!("`{path}` is {name}, which the table allows"),
        }
    }

    fn text(&self, path: &str) -> String {
        match self.text_or_null(path) {
            Some(text) => text,
            None => panic!("`{path}` is null"),
        }
    }

    fn text_or_null(&self, path: &str) -> Option<String> {
        match self.value(path) {
            Value::Null => None,
            Value::Text(text) => Some(text.clone()),
            other => panic!("`{path}` is {other:?}"),
        }
    }

    fn path_or_null(&self, path: &str) -> Option<PathBuf> {
        match self.value(path) {
            Value::Null => None,
            Value::Path(path) => Some(path.clone()),
            other => panic!("`{path}` is {other:?}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Layers, key::Readers, keys::KEYS};
    use super::*;

    fn settings(sets: &[&str]) -> Settings {
        let mut layers = Layers::default();
        sets.iter().for_each(|set| layers.set(set));
        layers.resolve().unwrap().settings()
    }

    #[test]
    fn defaults_are_what_the_commands_did_without_a_configuration() {
        let defaults = settings(&[]);
        assert_eq!(
            (defaults.score.batch_size, defaults.calibrate.batch_size),
            (64, 64)
        );
        assert_eq!((defaults.seed, defaults.runtime.threads), (0, None));
        assert_eq!(defaults.runtime.backend_for_device(), "auto");
        assert!(!defaults.score.receipts && !defaults.score.strict);
    }

    #[test]
    fn both_ends_of_every_range_have_a_place_in_the_types() {
        for key in KEYS {
            let super::super::Kind::Int { min, max } = key.kind else {
                continue;
            };
            for end in [min, max] {
                let path = key.path;
                settings(&[&format!("{path}={end}")]);
            }
        }
    }

    #[test]
    fn every_key_that_a_command_reads_changes_the_settings() {
        for key in KEYS {
            let is_read = matches!(key.readers, Readers::Every | Readers::Commands(_));
            if !is_read || key.path == "schema_version" {
                continue;
            }
            let candidates = [
                "true",
                "false",
                "3",
                "7",
                "0.5",
                "json",
                "debug",
                "cpu",
                "grid",
                "max",
                "surprise",
                "type",
                "phase2",
                "cosine",
                "sgd-momentum",
                "else",
            ];
            let changed = candidates.iter().any(|value| {
                let mut layers = Layers::default();
                layers.set(&format!("{}={value}", key.path));
                layers
                    .resolve()
                    .is_ok_and(|effective| effective.settings() != settings(&[]))
            });
            assert!(changed, "nothing reads `{}`", key.path);
        }
    }

    #[test]
    fn a_device_limits_auto_and_nothing_else() {
        let backend = |sets: &[&str]| settings(sets).runtime.backend_for_device().to_owned();
        assert_eq!(
            backend(&["runtime.backend=torch", "runtime.device=cpu"]),
            "cpu"
        );
        assert_eq!(backend(&["runtime.device=mps"]), "wgpu");
        assert_eq!(
            backend(&["runtime.backend=cuda", "runtime.device=cpu"]),
            "cuda"
        );
        assert_eq!(
            backend(&["runtime.backend=onnx", "runtime.device=cuda"]),
            "onnx"
        );
    }
}
