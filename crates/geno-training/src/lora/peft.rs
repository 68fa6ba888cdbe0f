//! The names and the configuration that the PEFT library knows adapters by.

use geno_encoder::AttentionLayer;
use serde_json::json;

use super::Adapters;

/// The file of an adapter folder that says what its tensors are.
pub(super) const CONFIG: &str = "adapter_config.json";

/// The names of `A` and `B` of a layer.
pub(super) fn names(block: usize, layer: AttentionLayer) -> [String; 2] {
    let layer = layer.as_str();
    ["lora_A", "lora_B"].map(|matrix| {
        format!("base_model.model.model.layers.{block}.self_attn.{layer}.{matrix}.weight")
    })
}

/// `adapter_config.json`. `base` names the encoder.
pub(super) fn config(adapters: &Adapters, base: &str) -> Vec<u8> {
    let settings = adapters.settings();
    let targets = settings.targets.iter().map(|layer| layer.as_str());
    let config = json!({
        "base_model_name_or_path": base,
        "bias": "none",
        "fan_in_fan_out": false,
        "inference_mode": true,
        "init_lora_weights": true,
        "layers_pattern": "layers",
        "layers_to_transform": adapters.blocks(),
        "lora_alpha": settings.alpha,
        "lora_dropout": 0.0,
        "peft_type": "LORA",
        "r": settings.rank,
        "target_modules": targets.collect::<Vec<_>>(),
        "task_type": "CAUSAL_LM",
    });
    format!("{config:#}\n").into_bytes()
}
