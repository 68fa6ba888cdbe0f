//! The table of keys: validation, defaults, explanations, the JSON Schema and the book's page all
//! come from it.

use super::{
    key::{Key, Readers},
    kind::Kind,
};

use Kind::{Bool, Bytes, Float, Int, Name, Names, Path, SchemaVersion, Text, Texts};
use Readers::{Commands, Every, Model, Nobody};

macro_rules! keys {
    ($($path:literal: $kind:expr, $default:literal, $readers:expr, $meaning:literal
        $(, $change:ident $(($argument:expr))?)*;)*) => {
        /// Every key, by section, those at the top first.
        pub static KEYS: &[Key] = &[$(
            Key::new($path, $kind, $default, $readers, $meaning)
                $(.$change($($argument)?))*,
        )*];
    };
}

keys! {
    "schema_version": SchemaVersion, "1.0.0", Every,
        "Version of this schema that a file is written for", in_package;
    "run_id": Text, "null", Every,
        "Name of the run in logs and records; null makes one up", or_null, in_package;
    "seed": Int { min: 0, max: u64::MAX as i128 }, "0", Commands(&["calibrate", "plan", "windows", "tuples", "targets", "pretrain", "encoder", "train", "benchmark"]),
        "Seed of everything that is drawn", in_package;
    "phase": Name(&["phase1", "phase2"]), "phase1", TRAIN,
        "Phase of the published training plan, recorded", in_package;
    "deterministic": Bool, "false", TRAIN,
        "Whether runs repeat, recorded; here they always do", in_package;

    // What the commands do.
    "score.batch_size": at_least(1), "64", Commands(&["score", "carbon-baseline", "verify", "benchmark"]),
        "Variants computed together; never changes a result";
    "score.strict": Bool, "false", Commands(&["score", "carbon-baseline"]),
        "Stop at the first row that cannot be scored";
    "score.region": Text, "null", Commands(&["score", "verify"]),
        "Region class of every variant, such as `missense_variant`", or_null;
    "score.repeat": Text, "null", Commands(&["score", "verify"]),
        "Repeat class of every variant, such as `simple_repeat`", or_null;
    "score.receipts": Bool, "false", SCORE,
        "Write receipts even where no file is named, to OUTPUT.receipts.jsonl";
    "calibrate.batch_size": at_least(1), "64", CALIBRATE,
        "Variants computed together; never changes a result";
    "calibrate.per_bucket_sample": at_least(1), "10000", CALIBRATE,
        "Most examples kept in a bucket";
    "calibrate.grid_size": at_least(2), "1001", CALIBRATE,
        "Points of each bucket's distribution";
    "calibrate.grid": Name(&["probability", "surprise"]), "probability", CALIBRATE,
        "In what the points lie evenly: `surprise` is the Python package's";
    "calibrate.fit_gc": Bool, "true", CALIBRATE,
        "Let the GC bins meet at the background's terciles, not at the Python package's thirds";
    "calibrate.edit_factors": Name(&["none", "type", "type_and_offset"]), "none", CALIBRATE,
        "What of the edits themselves tells buckets apart: their type, and their place in their 6-mer";
    "calibrate.min_bucket_size": at_least(1), "1000", CALIBRATE,
        "Examples with which a bucket needs no wider one";
    "calibrate.low_confidence_size": at_least(1), "100", CALIBRATE,
        "Examples below which a bucket is of low confidence";
    "provenance.envelope": Bool, "true", Commands(&["score", "carbon-baseline", "calibrate", "pretrain"]),
        "Write the envelope of a run, what it stood on, beside its output";
    "update.index_url": Text, "null", UPDATE,
        "Where the list of releases is: an https or file URL", or_null;
    "update.install_root": Path, "null", UPDATE,
        "Folder of the installed versions; null is the model directory's parent", or_null;
    "update.timeout_s": Int { min: 1, max: 86_400 }, "30", Commands(&["update", "encoder"]),
        "Seconds to wait for an answer";
    "paths.model_dir": Path, "null", Commands(&["score", "carbon-baseline", "predict", "rollout", "verify", "calibrate", "plan", "cache-windows", "targets", "update", "encoder", "doctor", "benchmark"]),
        "Folder with a manifest and what it names", or_null, variables(&["GENO_LEWM_MODEL_DIR"]);
    "paths.encoder_dir": Path, "null", Commands(&["score", "carbon-baseline", "predict", "rollout", "verify", "calibrate", "plan", "cache-windows", "targets", "export", "model-card", "doctor", "train", "benchmark"]),
        "Folder of the encoder's checkpoint, when the model directory does not hold it", or_null, variables(&["GENO_LEWM_ENCODER_DIR"]);
    "paths.calibration": Path, "null", Commands(&["score", "verify", "benchmark"]),
        "Calibration table to use in place of the model's own", or_null;
    "paths.cache_dir": Path, "null", Commands(&["score", "carbon-baseline", "predict", "rollout", "verify", "calibrate", "plan", "cache-windows", "model-card", "encoder", "doctor", "benchmark"]),
        "Folder of what is remembered between runs, such as where encoders are and the window-state cache; null is the user's cache", or_null, variables(&["GENO_LEWM_CACHE"]);

    // How they do it.
    "runtime.backend": Name(&["auto", "native", "cpu", "ndarray", "wgpu", "cuda", "onnx", "coreml", "gguf"]), "auto", COMPUTE,
        "Where to compute; `onnx`, `coreml` and `gguf` are refused when something is computed", synonyms(&[("torch", "auto")]), in_package;
    "runtime.device": Name(&["cpu", "cuda", "mps"]), "null", COMPUTE,
        "What the backend `auto` is limited to; null is any", or_null, in_package;
    "runtime.threads": Int { min: 1, max: 65_535 }, "null", Every,
        "Threads to use, null for all of the machine's; never changes a result", or_null;
    "runtime.layout": Name(&["centered", "grid"]), "null", Commands(&["score", "predict", "rollout", "calibrate", "plan", "cache-windows", "targets", "benchmark"]),
        "How windows are laid over the variants; null is the model's way", or_null;
    "runtime.windows_per_variant": Int { min: 1, max: 6 }, "1", Commands(&["score", "calibrate", "benchmark"]),
        "Windows that a variant is scored in, each one base further left than the one before";
    "runtime.aggregate": Name(&["mean", "max", "median"]), "mean", Commands(&["score", "calibrate", "benchmark"]),
        "How the surprises of several windows become one; of one window they are all the same";
    "runtime.memory_budget": Bytes, "512M", Commands(&["score", "carbon-baseline", "verify", "calibrate", "benchmark"]),
        "Memory that variants may take beside the model; never changes a result";
    "runtime.sandbox": Bool, "true", Every,
        "Give up what the command does not need before it starts";
    "observability.log_level": Name(&["debug", "info", "warn", "error"]), "null", Every,
        "Least level that is logged; null is warn on a terminal and info elsewhere", or_null, variables(&["GENO_LEWM_LOG_LEVEL"]), in_package;
    "observability.log_format": Name(&["human", "json"]), "human", Every,
        "How log lines are written", variables(&["GENO_LEWM_LOG_FORMAT"]);
    "observability.metrics": Path, "null", Every,
        "File for Prometheus text metrics; null for none", or_null;
    "observability.quiet": Bool, "false", Every,
        "Print neither progress nor a summary";
    "observability.redaction_strict": Bool, "true", Nobody,
        "Whether sequences are kept out of logs; here they always are", variables(&["GENO_LEWM_REDACTION_STRICT"]), in_package;
    "observability.wandb_project": Text, "null", Nobody,
        "Project of a tracking service; none is ever contacted", or_null, in_package;

    // What a model is.
    "encoder.model_id": Text, "HuggingFaceBio/Carbon-500M", Model,
        "The encoder: a path inside the model directory or a repository", in_package;
    "encoder.revision": Text, "main", Model,
        "Revision of the encoder", in_package;
    "encoder.dtype": ENCODER_DTYPE, "bf16", Model,
        "Number format of the encoder", in_package;
    "encoder.state_layer": Int { min: -1000, max: 1000 }, "20", Model,
        "Which hidden rows are the state: 0 the embedding, -1 the last", in_package;
    "encoder.pool_type": Name(&["centered_mean", "downstream_mean", "global_mean"]), "centered_mean", Model,
        "Which tokens are averaged into a state", in_package;
    "encoder.pool_radius": at_least(0), "8", Model,
        "Tokens beyond the edit's own", in_package;
    "encoder.normalize": Bool, "true", Model,
        "What receipts of the legacy contract say of normalisation", in_package;
    "encoder.trust_remote_code": Bool, "false", Nobody,
        "Whether a repository's code may run; here none ever does", in_package;
    "encoder.state_contract": Name(&["l2_normalized_v2", "legacy_raw_v1"]), "legacy_raw_v1", Model,
        "How a hidden row becomes a state";
    "encoder.window_bp": at_least(32), "12288", Model,
        "Bases in a window";
    "encoder.layout": Name(&["centered", "grid"]), "centered", Model,
        "How windows are laid over the variants";
    "predictor.architecture": Name(&["cross_attention", "cross_attention_v1", "causal_v2"]), "cross_attention", Model,
        "The network's kind", in_package;
    "predictor.n_layers": at_least(1), "6", Model,
        "Cross blocks; blocks of `causal_v2`, by default 4", in_package;
    "predictor.n_heads": at_least(1), "8", Model,
        "Heads of every attention", in_package;
    "predictor.d_state": at_least(1), "512", Model,
        "Width of a state, the encoder's hidden size", in_package;
    "predictor.d_action": at_least(1), "64", Nobody,
        "Width of an action; `action.d_action` is what is built", in_package;
    "predictor.dtype": PREDICTOR_DTYPE, "bf16", Model,
        "Number format that receipts name for the predictor", in_package;
    "predictor.d_hidden": at_least(1), "768", Model,
        "Width of the blocks; of `causal_v2` by default 512";
    "predictor.n_self_layers": at_least(0), "2", Model,
        "Self-attention blocks after the cross blocks; `causal_v2` has none";
    "predictor.ffn_dim": at_least(1), "768", Model,
        "Width of the feed-forward layers; of `causal_v2` by default 2048";
    "predictor.positions": Name(&["rope", "learned"]), "null", Model,
        "How `causal_v2` tells the order of edits; null is `rope`", or_null;
    "predictor.compute_dtype": Name(&["fp32", "bf16"]), "fp32", Model,
        "Number format in which the native backend multiplies the predictor's matrices";
    "action.architecture": Name(&["kmer_v1", "base_v2"]), "kmer_v1", Model,
        "The action encoder's kind";
    "action.d_action": at_least(1), "64", Model,
        "Width of an action", in_package;
    "action.max_len": at_least(1), "16", Model,
        "Edits that one haplotype may hold", in_package;
    "action.sub_encoders": Names(&["snv", "ins", "del", "mnv"]), "[snv, ins, del, mnv]", Nobody,
        "Kinds of edits; all are encoded", in_package;
    "action.d_pos": at_least(1), "128", Model,
        "Width of the sinusoidal position features; even; of `base_v2` by default 64";
    "action.d_type": at_least(1), "64", Model,
        "Width of the edit type's embedding of `kmer_v1`";
    "action.d_seq": at_least(1), "256", Model,
        "Width of each allele's encoding of `kmer_v1`; a multiple of 4";
    "action.d_hidden": at_least(1), "1024", Model,
        "Width of the projection's inner layer; of `base_v2` by default 512";

    // What training reads, and what evaluation did.
    "training.max_steps": at_least(1), "50", TRAIN,
        "Steps", in_package;
    "training.collapse_log_every_steps": at_least(1), "500", TRAIN,
        "Steps between two looks at collapse", in_package;
    "optimizer.name": Name(&["adamw", "sgd-momentum"]), "adamw", TRAIN,
        "Optimizer", in_package;
    "optimizer.lr": NOT_NEGATIVE, "3e-4", TRAIN,
        "Learning rate", in_package;
    "optimizer.beta1": BELOW_ONE, "0.9", TRAIN,
        "Decay of the first moment", in_package;
    "optimizer.beta2": BELOW_ONE, "0.95", TRAIN,
        "Decay of the second moment", in_package;
    "optimizer.weight_decay": NOT_NEGATIVE, "0.1", TRAIN,
        "Weight decay", in_package;
    "optimizer.grad_clip": NOT_NEGATIVE, "1.0", TRAIN,
        "Largest norm of a gradient; 0 for any", in_package;
    "optimizer.warmup_steps": at_least(0), "1000", TRAIN,
        "Steps until the full learning rate", in_package;
    "optimizer.schedule": Name(&["wsd", "cosine", "constant"]), "wsd", TRAIN,
        "Course of the learning rate", in_package;
    "data.corpus_id": Text, "HuggingFaceBio/carbon-pretraining-corpus", Nobody,
        "Corpus that training draws from", in_package;
    "data.corpus_revision": Text, "main", Nobody,
        "Revision of the corpus", in_package;
    "data.batch_size": at_least(1), "64", TRAIN,
        "Examples of a training step", in_package;
    "data.num_workers": at_least(0), "4", Nobody,
        "Workers that prepare examples", in_package;
    "data.shuffle_buffer": at_least(0), "4096", Nobody,
        "Examples among which the next is drawn", in_package;
    "eval.benchmarks": Texts, "[clinvar_coding, clinvar_noncoding, rollout]", Nobody,
        "Benchmarks of an evaluation", in_package;
    "eval.smoke_variants": at_least(0), "1000", Nobody,
        "Variants of a quick evaluation", in_package;
}

const SCORE: Readers = Commands(&["score"]);
const CALIBRATE: Readers = Commands(&["calibrate"]);
const UPDATE: Readers = Commands(&["update"]);
const COMPUTE: Readers = Commands(&[
    "score",
    "predict",
    "rollout",
    "verify",
    "calibrate",
    "plan",
    "cache-windows",
    "targets",
    "pretrain",
    "demo",
    "experiment",
    "train",
    "benchmark",
]);
const TRAIN: Readers = Commands(&["train"]);

const ENCODER_DTYPE: Kind = Name(&["fp32", "bf16", "fp16", "int8"]);
const PREDICTOR_DTYPE: Kind = Name(&["fp32", "bf16", "fp16"]);
const NOT_NEGATIVE: Kind = Float {
    min: 0.0,
    below: None,
};
const BELOW_ONE: Kind = Float {
    min: 0.0,
    below: Some(1.0),
};

/// A whole number that fits the machine's sizes.
const fn at_least(min: i128) -> Kind {
    Int {
        min,
        max: u32::MAX as i128,
    }
}
