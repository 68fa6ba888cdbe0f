//! A model's configuration as YAML.

use geno_predictor::{ActionArchitecture, PredictorArchitecture, StepPositions};
use geno_provenance::{Json, canonical_json};

use super::ModelConfig;

impl ModelConfig {
    /// Writes the configuration with every key that scoring reads, sizes left out among them.
    ///
    /// Reading it gives the same encoder section and the same networks. Sections about training are
    /// not written.
    ///
    /// ```
    /// use geno_runtime::ModelConfig;
    ///
    /// let config = ModelConfig::from_yaml(b"predictor: {architecture: causal_v2, d_state: 32}")?;
    /// let written = ModelConfig::from_yaml(config.to_yaml().as_bytes())?;
    /// assert_eq!(written.predictor_architecture(), config.predictor_architecture());
    /// # Ok::<_, geno_runtime::ModelConfigError>(())
    /// ```
    pub fn to_yaml(&self) -> String {
        let sections = [
            ("encoder", self.encoder_keys()),
            ("predictor", self.predictor_keys()),
            ("action", self.action_keys()),
        ];
        let mut yaml = "schema_version: \"1.0.0\"\n".to_owned();
        for (section, keys) in sections {
            yaml += &format!("\n{section}:\n");
            for (key, value) in keys {
                yaml += &format!("  {key}: {value}\n");
            }
        }
        yaml
    }

    fn encoder_keys(&self) -> Keys {
        let encoder = &self.encoder;
        vec![
            ("model_id", quoted(&encoder.model_id)),
            ("revision", quoted(&encoder.revision)),
            ("dtype", encoder.dtype.to_string()),
            ("state_layer", encoder.state_layer.to_string()),
            ("pool_type", encoder.pool_type.to_string()),
            ("pool_radius", encoder.pool_radius.to_string()),
            ("normalize", encoder.normalize.to_string()),
            ("state_contract", encoder.state_contract.to_string()),
            ("window_bp", encoder.window_bp.to_string()),
            ("layout", encoder.layout.to_string()),
        ]
    }

    fn predictor_keys(&self) -> Keys {
        let section = &self.predictor;
        let mut keys = vec![("architecture", section.architecture.as_str().to_owned())];
        let sizes = match self.predictor_architecture() {
            PredictorArchitecture::CrossAttentionV1(network) => vec![
                ("n_layers", network.n_cross_layers),
                ("n_self_layers", network.n_self_layers),
                ("n_heads", network.n_heads),
                ("d_state", network.d_state),
                ("d_hidden", network.d_hidden),
                ("ffn_dim", network.ffn_dim),
            ],
            PredictorArchitecture::CausalV2(network) => {
                let positions = match network.positions {
                    StepPositions::Rope => "rope",
                    StepPositions::Learned => "learned",
                };
                keys.push(("positions", positions.to_owned()));
                vec![
                    ("n_layers", network.n_layers),
                    ("n_heads", network.n_heads),
                    ("d_state", network.d_state),
                    ("d_hidden", network.d_hidden),
                    ("ffn_dim", network.ffn_dim),
                ]
            }
        };
        keys.extend(texts(sizes));
        keys.push(("dtype", section.dtype.to_string()));
        keys.push(("compute_dtype", section.compute_dtype.to_string()));
        keys
    }

    fn action_keys(&self) -> Keys {
        let section = &self.action;
        let mut keys = vec![("architecture", section.architecture.as_str().to_owned())];
        let mut sizes = vec![("d_action", section.d_action), ("max_len", section.max_len)];
        sizes.extend(match self.action_architecture() {
            ActionArchitecture::KmerV1(network) => vec![
                ("d_pos", network.d_pos),
                ("d_type", network.d_type),
                ("d_seq", network.d_seq),
                ("d_hidden", network.d_hidden),
            ],
            ActionArchitecture::BaseV2(network) => {
                vec![("d_pos", network.d_pos), ("d_hidden", network.d_hidden)]
            }
        });
        keys.extend(texts(sizes));
        keys
    }
}

type Keys = Vec<(&'static str, String)>;

fn texts(sizes: Vec<(&'static str, usize)>) -> impl Iterator<Item = (&'static str, String)> {
    sizes.into_iter().map(|(key, size)| (key, size.to_string()))
}

/// A text between double quotes, which YAML reads as JSON does.
fn quoted(text: &str) -> String {
    String::from_utf8(canonical_json(&Json::from(text))).expect("JSON is UTF-8")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_reads_back() {
        for yaml in [
            "",
            "encoder: {model_id: \"a: b # \\\"c\\\"\", revision: \"7\", dtype: fp32, state_layer: -2, \
             pool_type: downstream_mean, pool_radius: 3, normalize: false, \
             state_contract: l2_normalized_v2, window_bp: 24576, layout: grid}",
            "predictor: {architecture: causal_v2, d_state: 64, n_layers: 3, n_heads: 2, d_hidden: 32, \
             ffn_dim: 48, positions: learned, dtype: fp32, compute_dtype: bf16}\n\
             action: {architecture: base_v2, d_action: 12, max_len: 4, d_pos: 16, d_hidden: 20}",
            "predictor: {n_layers: 3, n_self_layers: 1}\naction: {d_type: 8, d_seq: 12}",
        ] {
            let config = ModelConfig::from_yaml(yaml.as_bytes()).unwrap();
            let written = config.to_yaml();
            let read = ModelConfig::from_yaml(written.as_bytes()).unwrap();
            assert_eq!(
                format!("{:?}", read.encoder),
                format!("{:?}", config.encoder)
            );
            let networks = |config: &ModelConfig| {
                (
                    config.predictor_architecture(),
                    config.action_architecture(),
                )
            };
            assert_eq!(networks(&read), networks(&config));
            assert_eq!(read.predictor.dtype, config.predictor.dtype);
            assert_eq!(read.predictor.compute_dtype, config.predictor.compute_dtype);
            assert_eq!(read.to_yaml(), written);
        }
    }
}
