//! The predictor and the action encoder, as a model's configuration describes them.

use geno_core::Dtype;
use geno_predictor::{
    ActionArchitecture, ActionEncoderConfig, BaseActionConfig, CausalConfig, PredictorArchitecture,
    PredictorConfig, StepPositions,
};
use serde::{Deserialize, de::IgnoredAny};

use super::ModelConfig;

/// The predictor. Sizes left out are those of its kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PredictorSection {
    /// Kind of network.
    pub architecture: PredictorKind,
    /// Width of a state.
    pub d_state: usize,
    /// Number format of the published weights; a label that decides nothing.
    pub dtype: Dtype,
    /// Number format in which the native backend multiplies matrices, `fp32` or `bf16`.
    pub compute_dtype: Dtype,
    /// Cross-attention blocks of `cross_attention_v1`, blocks of `causal_v2`.
    pub(super) n_layers: Option<usize>,
    pub(super) n_heads: Option<usize>,
    pub(super) d_hidden: Option<usize>,
    pub(super) ffn_dim: Option<usize>,
    /// Self-attention blocks of `cross_attention_v1`.
    pub(super) n_self_layers: Option<usize>,
    /// How `causal_v2` tells the order of edits.
    pub(super) positions: Option<StepPositions>,
    #[serde(rename = "d_action")]
    _d_action: IgnoredAny,
}

/// A kind of predictor.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum PredictorKind {
    /// The published models'.
    #[default]
    #[serde(alias = "cross_attention")]
    CrossAttentionV1,
    /// Causal over edits.
    CausalV2,
}

/// The action encoder. Sizes left out are those of its kind.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ActionSection {
    /// Kind of network.
    pub architecture: ActionKind,
    /// Width of an action.
    pub d_action: usize,
    /// Most edits of one haplotype that the predictor takes at once; no limit for rotary positions.
    pub max_len: usize,
    pub(super) d_pos: Option<usize>,
    pub(super) d_hidden: Option<usize>,
    /// Width of the type embedding of `kmer_v1`.
    pub(super) d_type: Option<usize>,
    /// Width of the allele encoder of `kmer_v1`.
    pub(super) d_seq: Option<usize>,
    #[serde(rename = "sub_encoders")]
    _sub_encoders: IgnoredAny,
}

/// A kind of action encoder.
#[derive(Clone, Copy, Debug, Default, Deserialize, Eq, PartialEq)]
#[serde(rename_all = "snake_case")]
pub enum ActionKind {
    /// The published models'.
    #[default]
    KmerV1,
    /// Alleles base by base.
    BaseV2,
}

impl Default for PredictorSection {
    fn default() -> Self {
        Self {
            architecture: PredictorKind::default(),
            d_state: 512,
            dtype: Dtype::Bf16,
            compute_dtype: Dtype::F32,
            n_layers: None,
            n_heads: None,
            d_hidden: None,
            ffn_dim: None,
            n_self_layers: None,
            positions: None,
            _d_action: IgnoredAny,
        }
    }
}

impl Default for ActionSection {
    fn default() -> Self {
        Self {
            architecture: ActionKind::default(),
            d_action: 64,
            max_len: 16,
            d_pos: None,
            d_hidden: None,
            d_type: None,
            d_seq: None,
            _sub_encoders: IgnoredAny,
        }
    }
}

/// Cross-attention blocks where a configuration names no number.
const DEFAULT_CROSS_LAYERS: usize = 6;

impl ModelConfig {
    /// The predictor that this describes.
    pub fn predictor_architecture(&self) -> PredictorArchitecture {
        let section = &self.predictor;
        let [d_state, d_action] = [section.d_state, self.action.d_action];
        match section.architecture {
            PredictorKind::CrossAttentionV1 => {
                let default = PredictorConfig::new(d_state, d_action);
                PredictorArchitecture::CrossAttentionV1(PredictorConfig {
                    d_hidden: section.d_hidden.unwrap_or(default.d_hidden),
                    n_heads: section.n_heads.unwrap_or(default.n_heads),
                    n_cross_layers: section.n_layers.unwrap_or(DEFAULT_CROSS_LAYERS),
                    n_self_layers: section.n_self_layers.unwrap_or(default.n_self_layers),
                    ffn_dim: section.ffn_dim.unwrap_or(default.ffn_dim),
                    max_actions: self.action.max_len,
                    ..default
                })
            }
            PredictorKind::CausalV2 => {
                let default = CausalConfig::new(d_state, d_action);
                PredictorArchitecture::CausalV2(CausalConfig {
                    d_hidden: section.d_hidden.unwrap_or(default.d_hidden),
                    n_heads: section.n_heads.unwrap_or(default.n_heads),
                    n_layers: section.n_layers.unwrap_or(default.n_layers),
                    ffn_dim: section.ffn_dim.unwrap_or(default.ffn_dim),
                    positions: section.positions.unwrap_or_default(),
                    max_edits: self.action.max_len,
                    ..default
                })
            }
        }
    }

    /// The action encoder that this describes.
    pub fn action_architecture(&self) -> ActionArchitecture {
        let section = &self.action;
        let max_window_bp = usize::try_from(self.encoder.window_bp).unwrap_or(usize::MAX);
        match section.architecture {
            ActionKind::KmerV1 => {
                let default = ActionEncoderConfig::new(section.d_action);
                ActionArchitecture::KmerV1(ActionEncoderConfig {
                    d_pos: section.d_pos.unwrap_or(default.d_pos),
                    d_type: section.d_type.unwrap_or(default.d_type),
                    d_seq: section.d_seq.unwrap_or(default.d_seq),
                    d_hidden: section.d_hidden.unwrap_or(default.d_hidden),
                    max_window_bp,
                    ..default
                })
            }
            ActionKind::BaseV2 => {
                let default = BaseActionConfig::new(section.d_action);
                ActionArchitecture::BaseV2(BaseActionConfig {
                    d_pos: section.d_pos.unwrap_or(default.d_pos),
                    d_hidden: section.d_hidden.unwrap_or(default.d_hidden),
                    max_window_bp,
                    ..default
                })
            }
        }
    }

    /// A key that only networks of another kind have, with the kind that the configuration names.
    pub(super) fn misplaced_key(&self) -> Option<(&'static str, &'static str)> {
        let (p, a) = (&self.predictor, &self.action);
        let predictor = match p.architecture {
            PredictorKind::CrossAttentionV1 => p.positions.map(|_| "predictor.positions"),
            PredictorKind::CausalV2 => p.n_self_layers.map(|_| "predictor.n_self_layers"),
        };
        let action = match a.architecture {
            ActionKind::KmerV1 => None,
            ActionKind::BaseV2 => {
                let d_type = a.d_type.map(|_| "action.d_type");
                d_type.or(a.d_seq.map(|_| "action.d_seq"))
            }
        };
        let predictor = predictor.map(|key| (key, p.architecture.as_str()));
        predictor.or(action.map(|key| (key, a.architecture.as_str())))
    }
}

impl PredictorKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::CrossAttentionV1 => "cross_attention_v1",
            Self::CausalV2 => "causal_v2",
        }
    }
}

impl ActionKind {
    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::KmerV1 => "kmer_v1",
            Self::BaseV2 => "base_v2",
        }
    }
}
