//! The configurations of a checkpoint that was made from another.

use geno_encoder::DnaTokenizer;
use geno_provenance::{Json, indented_json};

use super::{CheckpointError, ConvertTo, Derivation};

/// `config.json`, with the name of the new format where it names one.
pub(super) fn new_config(bytes: &[u8], derivation: Derivation) -> Result<Vec<u8>, CheckpointError> {
    let (Json::Object(mut fields), Derivation::Convert(to)) = (Json::parse(bytes)?, derivation)
    else {
        return Ok(bytes.to_vec());
    };
    for key in ["torch_dtype", "dtype"] {
        if let Some(value) = fields.get_mut(key) {
            *value = to.torch_name().into();
        }
    }
    if to == ConvertTo::Int8 {
        fields.insert("quantization_config".to_owned(), quantization_config());
    }
    Ok(format!("{}\n", indented_json(&Json::Object(fields))).into_bytes())
}

/// `dna_config.json`, with the id of the first row that is kept.
pub(super) fn new_dna_config(
    bytes: &[u8],
    derivation: Derivation,
    tokenizer: &DnaTokenizer,
) -> Result<Vec<u8>, CheckpointError> {
    let (Json::Object(mut fields), Derivation::Slice) = (Json::parse(bytes)?, derivation) else {
        return Ok(bytes.to_vec());
    };
    let first = tokenizer.dna_start_id();
    fields.insert("embedding_row_offset".to_owned(), first.into());
    Ok(format!("{}\n", indented_json(&Json::Object(fields))).into_bytes())
}

/// What compressed-tensors, and with it vLLM and transformers, read of layers of whole numbers:
/// symmetric, a scale for each output channel, activations rounded as they come, by token.
fn quantization_config() -> Json {
    let int8 = |strategy: &str, dynamic: bool| {
        Json::object([
            ("dynamic", Json::from(dynamic)),
            ("num_bits", 8u64.into()),
            ("strategy", strategy.into()),
            ("symmetric", true.into()),
            ("type", "int".into()),
        ])
    };
    let group = Json::object([
        ("input_activations", int8("token", true)),
        ("output_activations", Json::Null),
        ("targets", Json::Array(vec!["Linear".into()])),
        ("weights", int8("channel", false)),
    ]);
    Json::object([
        ("config_groups", Json::object([("group_0", group)])),
        ("format", "int-quantized".into()),
        ("ignore", Json::Array(vec!["lm_head".into()])),
        ("kv_cache_scheme", Json::Null),
        ("quant_method", "compressed-tensors".into()),
        ("quantization_status", "compressed".into()),
    ])
}
