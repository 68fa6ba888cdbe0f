//! What llama.cpp calls the tensors of a Llama.

use geno_weights::RowOrder;

/// Layers of a block.
const LAYERS: [(&str, &str); 9] = [
    ("attn_norm", "input_layernorm"),
    ("attn_q", "self_attn.q_proj"),
    ("attn_k", "self_attn.k_proj"),
    ("attn_v", "self_attn.v_proj"),
    ("attn_output", "self_attn.o_proj"),
    ("ffn_norm", "post_attention_layernorm"),
    ("ffn_gate", "mlp.gate_proj"),
    ("ffn_up", "mlp.up_proj"),
    ("ffn_down", "mlp.down_proj"),
];

/// The name of a tensor in a Hugging Face checkpoint, and the order of its rows in the GGUF file.
///
/// llama.cpp turns neighbours where Carbon turns the halves of a head, so its converter moves the
/// rows of queries and keys. A name that no Llama has stays as it is, and is told as unexpected.
pub(super) fn in_checkpoint(name: &str, head_dim: usize) -> (String, RowOrder) {
    let interleaved = RowOrder::Interleaved { head_dim };
    let renamed = match name {
        "token_embd.weight" => Some(("model.embed_tokens.weight".to_owned(), RowOrder::AsStored)),
        "output_norm.weight" => Some(("model.norm.weight".to_owned(), RowOrder::AsStored)),
        "output.weight" => Some(("lm_head.weight".to_owned(), RowOrder::AsStored)),
        _ => in_block(name).map(|(block, layer, renamed)| {
            let order = match layer {
                "attn_q" | "attn_k" => interleaved,
                _ => RowOrder::AsStored,
            };
            (format!("model.layers.{block}.{renamed}.weight"), order)
        }),
    };
    renamed.unwrap_or_else(|| (name.to_owned(), RowOrder::AsStored))
}

/// Block, layer and the checkpoint's name of the layer.
fn in_block(name: &str) -> Option<(&str, &str, &'static str)> {
    let rest = name.strip_prefix("blk.")?.strip_suffix(".weight")?;
    let (block, layer) = rest.split_once('.')?;
    let is_number = block.bytes().all(|byte| byte.is_ascii_digit());
    let is_plain = is_number && (block == "0" || !block.starts_with('0')) && !block.is_empty();
    let (_, renamed) = LAYERS.into_iter().find(|(known, _)| *known == layer)?;
    is_plain.then_some((block, layer, renamed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_llama_are_translated_and_others_stay() {
        let name = |name| in_checkpoint(name, 8).0;
        assert_eq!(name("token_embd.weight"), "model.embed_tokens.weight");
        assert_eq!(
            name("blk.12.ffn_down.weight"),
            "model.layers.12.mlp.down_proj.weight"
        );
        for other in [
            "rope_freqs.weight",
            "blk.1.attn_q.bias",
            "blk.01.attn_q.weight",
            "blk..attn_q.weight",
            "blk.1.attn_qkv.weight",
        ] {
            assert_eq!(name(other), other);
        }
    }

    #[test]
    fn only_rows_of_queries_and_keys_were_moved() {
        let order = |name: &str| in_checkpoint(name, 8).1;
        let interleaved = RowOrder::Interleaved { head_dim: 8 };
        assert_eq!(order("blk.0.attn_q.weight"), interleaved);
        assert_eq!(order("blk.0.attn_k.weight"), interleaved);
        assert_eq!(order("blk.0.attn_v.weight"), RowOrder::AsStored);
        assert_eq!(order("blk.0.attn_output.weight"), RowOrder::AsStored);
    }
}
