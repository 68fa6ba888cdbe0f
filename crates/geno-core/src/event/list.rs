//! The registered events.

use super::{
    Severity,
    value::{EventValue, Loggable},
};
use crate::{Digest, ErrorCode, Metric, NetworkGuard};

macro_rules! events {
    ($($component:literal {
        $(
            $(#[doc = $doc:literal])*
            $event:ident = $name:literal, $severity:ident {
                $($(#[doc = $field_doc:literal])* $field:ident: $type:ty,)*
            }
        )*
    })*) => {
        /// Something worth a line in a log.
        ///
        /// Names, severities and keys never change their meaning, so a script may match on them;
        /// events and fields may be added. A field is a number, a name known at compile time, a
        /// digest or an [`ErrorCode`], and no field takes a text made at run time.
        #[derive(Clone, Copy, Debug, PartialEq)]
        #[non_exhaustive]
        pub enum Event {
            $($(
                $(#[doc = $doc])*
                $event { $($(#[doc = $field_doc])* $field: $type,)* },
            )*)*
        }

        impl Event {
            /// Every event's name, severity and keys.
            pub const REGISTERED: &[(&'static str, Severity, &'static [&'static str])] = &[
                $($(($name, Severity::$severity, &[$(stringify!($field)),*]),)*)*
            ];

            /// The name used in logs.
            pub fn name(&self) -> &'static str {
                match self { $($(Self::$event { .. } => $name,)*)* }
            }

            /// How much the event matters.
            pub fn severity(&self) -> Severity {
                match self { $($(Self::$event { .. } => Severity::$severity,)*)* }
            }

            /// The part of the program the event is about.
            pub fn component(&self) -> &'static str {
                match self { $($(Self::$event { .. } => $component,)*)* }
            }

            /// The fields that hold a value, by key, in order of declaration.
            pub fn data(&self) -> Vec<(&'static str, EventValue)> {
                match *self {
                    $($(Self::$event { $($field),* } => {
                        let fields: &[(_, Option<EventValue>)] =
                            &[$((stringify!($field), $field.value()),)*];
                        fields.iter().filter_map(|&(key, value)| Some((key, value?))).collect()
                    })*)*
                }
            }
        }
    };
}

events! {
    "run" {
        /// A command begins.
        RunStart = "run.start", Info {
            /// The subcommand.
            command: &'static str,
            /// Version of the program.
            version: &'static str,
            /// The commit it was built from.
            git_sha: Option<&'static str>,
            /// Threads of the machine.
            threads: u64,
            /// What keeps the process off the network.
            sandbox: NetworkGuard,
        }
        /// The process may open network sockets although nobody asked for that.
        RunSandboxOff = "run.sandbox.off", Warn {
            /// Why.
            reason: &'static str,
        }
        /// A command ends.
        RunEnd = "run.end", Info {
            /// Exit code of the process.
            exit_code: u64,
            /// Time since its start.
            duration_ms: f64,
            /// Most memory the process held at once, where the system tells.
            peak_memory_bytes: Option<u64>,
        }
        /// A command failed. Its message, which may name files, is not logged.
        Error = "error", Error {
            /// The code of the error.
            error_code: ErrorCode,
        }
    }
    "inference" {
        /// A model was loaded, every file of it checked.
        InferenceModelLoad = "inference.model.load", Info {
            /// Digest of the manifest's contents.
            model_id: Digest,
            /// The backend.
            backend: &'static str,
            /// Which implementation computes.
            kernel: &'static str,
            /// Number format of the encoder's weights.
            dtype: &'static str,
            /// How states are made.
            state_contract: &'static str,
            /// How windows are laid.
            layout: &'static str,
            /// Bases of a window.
            window_bp: u64,
            /// Time it took.
            duration_ms: f64,
        }
        /// An input was opened. Its name may be a person's and is not logged.
        InferenceFileOpen = "inference.file.open", Info {
            /// What it is read as, such as `vcf`.
            role: &'static str,
            /// Its size, unless it is a stream.
            size_bytes: Option<u64>,
        }
        /// One variant is about to be scored by itself.
        InferenceScoreStart = "inference.score.start", Debug {
            /// Digest of the manifest's contents.
            model_id: Option<Digest>,
        }
        /// One variant was scored by itself.
        InferenceScoreEnd = "inference.score.end", Debug {
            /// Time it took.
            duration_ms: f64,
        }
        /// A row of a VCF was set aside.
        InferenceRowRejected = "inference.row.rejected", Debug {
            /// Why.
            error_code: ErrorCode,
        }
        /// A batch was computed. One comes for every few dozen variants, hence not at `info`.
        InferenceBatchEnd = "inference.batch.end", Debug {
            /// Variants scored in it.
            n: u64,
            /// Rows set aside in it.
            n_rejected: u64,
            /// Number of the batch, from 1.
            batch_id: u64,
            /// Variants a second.
            throughput_per_s: f64,
            /// Time it took.
            duration_ms: f64,
        }
        /// How far a run has come: at most one for each tenth of the file or ten seconds.
        InferenceProgress = "inference.progress", Info {
            /// Variants scored so far.
            scored: u64,
            /// Rows set aside so far.
            rejected: u64,
            /// How much of the file has been read, unless it is a stream.
            percent: Option<u64>,
        }
        /// A VCF was taken through a model, or its run was stopped.
        InferenceVcfEnd = "inference.vcf.end", Info {
            /// Variants scored.
            scored: u64,
            /// Variants among them that needed a pass of their own over their window.
            full_passes: u64,
            /// Rows set aside.
            rejected: u64,
            /// Whether the file was read to its end.
            finished: bool,
            /// Time it took.
            duration_ms: f64,
        }
    }
    "provenance" {
        /// Receipts were written.
        ProvenanceReceiptWrite = "provenance.receipt.write", Info {
            /// Digest of the manifest's contents.
            model_id: Digest,
            /// Receipts in the file.
            n_outputs: u64,
        }
        /// Receipts or a model directory are about to be checked.
        ProvenanceVerifyStart = "provenance.verify.start", Info {
            /// Digest of the manifest's contents.
            model_id: Digest,
        }
        /// Something is not what was committed to.
        ProvenanceVerifyMismatch = "provenance.verify.mismatch", Error {
            /// What was compared, such as `predictor` or `receipt`.
            kind: &'static str,
            /// Which promise does not hold.
            error_code: ErrorCode,
            /// The digest committed to.
            expected: Option<Digest>,
            /// The digest found.
            got: Option<Digest>,
        }
        /// Everything was checked.
        ProvenanceVerifyEnd = "provenance.verify.end", Info {
            /// Whether all of it holds.
            ok: bool,
            /// Receipts checked.
            n_receipts: u64,
            /// Time it took.
            duration_ms: f64,
        }
    }
    "data" {
        /// A window's state was in the cache.
        DataCacheHit = "data.cache.hit", Debug {}
        /// A window's state was not in the cache.
        DataCacheMiss = "data.cache.miss", Debug {}
        /// A shard of a data set was written.
        DataShardWrite = "data.shard.write", Info {
            /// Number of the shard.
            shard_id: u64,
            /// Rows in it.
            n_rows: u64,
            /// Its size.
            size_bytes: u64,
        }
    }
    "training" {
        /// A training run begins.
        TrainingRunStart = "training.run.start", Info {
            /// Digest of what is trained on top of.
            model_id: Option<Digest>,
            /// The backend.
            device: &'static str,
            /// Processes that train together.
            world_size: u64,
            /// The commit the program was built from.
            git_sha: Option<&'static str>,
        }
        /// A training run ends.
        TrainingRunEnd = "training.run.end", Info {
            /// Why.
            reason: &'static str,
            /// The step with the least loss.
            best_step: u64,
            /// That loss.
            best_loss: f64,
        }
        /// One optimizer step.
        TrainingStep = "training.step", Debug {
            /// Number of the step.
            step: u64,
            /// The whole loss.
            loss: f64,
            /// Its part from prediction.
            loss_pred: f64,
            /// Its part from regularisation.
            loss_reg: f64,
            /// Learning rate.
            lr: f64,
            /// Norm of the gradient.
            grad_norm: f64,
            /// Time it took.
            duration_ms: f64,
        }
        /// An epoch ends.
        TrainingEpochEnd = "training.epoch.end", Info {
            /// Number of the epoch.
            epoch: u64,
            /// Mean of the whole loss.
            loss: f64,
            /// Mean of its part from prediction.
            loss_pred: f64,
            /// Mean of its part from regularisation.
            loss_reg: f64,
            /// Learning rate at its end.
            lr: f64,
            /// Training examples seen.
            samples: u64,
        }
        /// A checkpoint was written.
        TrainingCheckpointWrite = "training.checkpoint.write", Info {
            /// Its size.
            size_bytes: u64,
            /// Why it was kept, such as `best`.
            tag: &'static str,
        }
        /// The states lose their spread.
        TrainingCollapseAlert = "training.collapse.alert", Warn {
            /// Which measure tells.
            criterion: &'static str,
            /// Its value.
            value: f64,
            /// The bound it crossed.
            threshold: f64,
        }
        /// One measure of a training run.
        TrainingMetric = "training.metric", Info {
            /// The measure.
            name: Metric,
            /// Its value.
            value: f64,
        }
    }
    "eval" {
        /// A benchmark begins.
        EvalRunStart = "eval.run.start", Info {
            /// The benchmark.
            benchmark: &'static str,
            /// Items in it.
            n_items: u64,
        }
        /// A benchmark ends.
        EvalRunEnd = "eval.run.end", Info {
            /// The benchmark.
            benchmark: &'static str,
            /// Time it took.
            duration_ms: f64,
        }
        /// A metric fell below its baseline.
        EvalRegression = "eval.regression", Error {
            /// The metric.
            metric: &'static str,
            /// What it was.
            baseline: f64,
            /// What it is.
            current: f64,
            /// How far it may fall.
            threshold: f64,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_made_of_words_and_dots() {
        let mut seen = HashSet::new();
        for (name, _, keys) in Event::REGISTERED {
            assert!(seen.insert(name), "{name} twice");
            let plain = |c: char| c.is_ascii_lowercase() || c == '.' || c == '_';
            assert!(name.chars().all(plain), "{name}");
            let mut sorted = keys.to_vec();
            sorted.sort_unstable();
            sorted.dedup();
            assert_eq!(sorted.len(), keys.len(), "{name}");
        }
    }

    #[test]
    fn an_absent_option_is_no_field() {
        let event = Event::InferenceFileOpen {
            role: "vcf",
            size_bytes: None,
        };
        assert_eq!(event.data(), [("role", EventValue::Name("vcf"))]);
    }
}
