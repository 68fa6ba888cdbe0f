//! Carbon, the frozen DNA language model that turns a window into a state.
//!
//! Carbon is causal: a token's hidden row depends on the tokens left of it alone. So a
//! [`Site`](geno_action::Site) costs one pass over its reference window up to the last pooled
//! token, with keys and values kept, and a few tokens for every edit. The result is exact: it
//! equals a full pass over every edited window to rounding, bit for bit the same however many
//! edits, sites and threads share the work.
//!
//! [`SiteEncoder`] is the seam: a cache, a stub or another kernel stands behind it as well as
//! [`CarbonEncoder`]. This crate reads no file; bytes come in.

mod attention;
mod attention_layer;
mod block;
mod carbon;
mod checked_tensors;
mod checkpoint;
mod config;
mod dense;
mod encoder;
mod gguf;
mod likelihood;
mod load;
mod native;
mod network;
mod plan;
mod pool;
mod rope;
mod rotary_frequencies;
mod settings;
mod site;
mod tensors;
mod tokenizer;

pub use self::{
    attention_layer::AttentionLayer,
    carbon::CarbonEncoder,
    checkpoint::{EmbeddingRows, random_checkpoint},
    config::{CarbonConfig, ConfigError, Yarn},
    encoder::{EncodeError, PrefixReuse, SiteEncoder, SiteStates},
    likelihood::{NextBase, SiteLikelihood, TokenDomain, WindowLikelihood},
    load::{EncoderFiles, LoadError},
    native::{NativeEncoder, NativeLikelihood},
    pool::TOKEN_BP,
    rotary_frequencies::rotary_frequencies,
    settings::StateSettings,
    tensors::{CheckpointPart, CheckpointTensor, checkpoint_tensors},
    tokenizer::{DnaTokenizer, TokenizerError},
};
