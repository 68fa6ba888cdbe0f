//! Whether the run fits into memory, by an estimate.

use geno_predictor::{ActionArchitecture, PredictorArchitecture};
use geno_provenance::Json;
use geno_runtime::EncoderInspection;

use super::{Issues, Preflight};
use crate::{TrainingConfig, public_path::public_path};

/// Bytes that a run takes, by what for, and those that are free.
///
/// ```text
/// encoder      its weights in the dtype that the configuration names
/// learnt       16·n: weights, gradients and two moments of n parameters, in f32
/// activations  4·B·(K + 2)·L·(12·h + 2·f): L blocks of width h with an inner layer of f, for B
///              examples of up to K edits
/// window       4·t·(2·d_kv·l + 4·d): keys and values of t tokens in l layers, and a few rows
/// ```
#[derive(Clone, Copy, Debug)]
pub(super) struct Memory {
    encoder: u64,
    learnt: u64,
    activations: u64,
    window: u64,
    available: Option<u64>,
}

impl Memory {
    pub(super) fn inspect(
        preflight: &Preflight<'_>,
        config: &TrainingConfig,
        encoder: &EncoderInspection,
        issues: &mut Issues,
    ) -> Self {
        let predictor = config.model.predictor_architecture();
        let (n_predictor, n_layers, d_hidden, ffn_dim) = match &predictor {
            PredictorArchitecture::CrossAttentionV1(shape) => (
                shape.n_parameters(),
                shape.n_cross_layers + shape.n_self_layers,
                shape.d_hidden,
                shape.ffn_dim,
            ),
            PredictorArchitecture::CausalV2(shape) => (
                shape.n_parameters(),
                shape.n_layers,
                shape.d_hidden,
                shape.ffn_dim,
            ),
        };
        let n_action = match &config.model.action_architecture() {
            ActionArchitecture::KmerV1(shape) => shape.n_parameters(),
            ActionArchitecture::BaseV2(shape) => shape.n_parameters(),
        };
        let max_len = config.model.action.max_len;
        let row = n_layers * (12 * d_hidden + 2 * ffn_dim);
        let tokens = config.model.encoder.window_bp.div_ceil(6) + 2;
        let window = encoder.network.as_ref().map_or(0, |(network, _)| {
            let keys = 2 * network.n_kv_heads * network.head_dim * network.n_layers;
            4 * tokens * (keys + 4 * network.hidden_size) as u64
        });
        let dtype = config.model.encoder.dtype;
        let memory = Self {
            encoder: encoder.working_bytes(dtype).unwrap_or(0),
            learnt: 16 * (n_predictor + n_action) as u64,
            activations: 4 * (config.data.batch_size * (max_len + 2)) as u64 * row as u64,
            window,
            available: preflight.available_bytes,
        };
        let estimated = memory.estimated();
        if let Some(available) = memory.available.filter(|available| *available < estimated) {
            let message = format!("about {estimated} bytes are needed, {available} are free");
            let path = public_path(preflight.training_config);
            issues.error("training.memory_too_low", path, message);
        }
        memory
    }

    fn estimated(self) -> u64 {
        self.encoder + self.learnt + self.activations + self.window
    }

    pub(super) fn to_json(self) -> Json {
        Json::object([
            ("estimated_bytes", Json::from(self.estimated())),
            ("encoder_bytes", self.encoder.into()),
            ("learnt_bytes", self.learnt.into()),
            ("activation_bytes", self.activations.into()),
            ("window_bytes", self.window.into()),
            (
                "available_bytes",
                self.available.map_or(Json::Null, Json::from),
            ),
        ])
    }
}
