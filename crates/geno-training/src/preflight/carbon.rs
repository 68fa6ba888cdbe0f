//! Whether the encoder's checkpoint is there, whole, and fits.

use std::path::Path;

use geno_provenance::{Artifact, Json, PublicPath};
use geno_runtime::{EncoderInspection, inspect_encoder};

use super::{ConfigSection, Issues};
use crate::public_path::public_path;

/// The checkpoint, as far as it is there.
#[derive(Debug)]
pub(super) struct Carbon {
    path: String,
    config: Option<Artifact>,
    tokenizer: Option<Artifact>,
    weights: Option<Artifact>,
    pub(super) inspection: Option<EncoderInspection>,
}

/// A part of a checkpoint: what it is called, the files that may hold it, and what is said if none
/// does.
const PARTS: [(&str, &[&str], &str); 3] = [
    ("config", &["config.json"], "config.json is required"),
    (
        "tokenizer",
        &["dna_config.json"],
        "dna_config.json is required: it says where the vocabulary holds DNA",
    ),
    (
        "weights",
        &["model.safetensors", "model.safetensors.index.json"],
        "weights in the safetensors format are required",
    ),
];

impl Carbon {
    pub(super) fn inspect(folder: &Path, issues: &mut Issues) -> Self {
        let mut carbon = Self {
            path: public_path(folder),
            config: None,
            tokenizer: None,
            weights: None,
            inspection: None,
        };
        if !folder.is_dir() {
            let message = "the encoder's checkpoint is no folder";
            issues.error("carbon.dir_missing", carbon.path.as_str(), message);
            return carbon;
        }
        let [config, tokenizer, weights] = PARTS.map(|(part, names, message)| {
            let found = names.iter().find_map(|name| {
                let path = PublicPath::new(*name).ok()?;
                Artifact::of(folder, path).ok()
            });
            if found.is_none() {
                issues.error(
                    format!("carbon.{part}_missing"),
                    carbon.path.as_str(),
                    message,
                );
            }
            found
        });
        let is_whole = config.is_some() && tokenizer.is_some() && weights.is_some();
        (carbon.config, carbon.tokenizer, carbon.weights) = (config, tokenizer, weights);
        if is_whole {
            carbon.look_inside(folder, issues);
        }
        carbon
    }

    /// Reads every weight, as loading would.
    fn look_inside(&mut self, folder: &Path, issues: &mut Issues) {
        const CODE: &str = "carbon.checkpoint_invalid";
        let path = self.path.as_str();
        match inspect_encoder(folder) {
            Ok(inspection) => {
                for fault in &inspection.faults {
                    issues.error(CODE, path, fault.as_str());
                }
                let non_finite: u64 = inspection.groups.iter().map(|g| g.non_finite).sum();
                if non_finite > 0 {
                    issues.error(CODE, path, format!("{non_finite} weights are not finite"));
                }
                self.inspection = Some(inspection);
            }
            Err(error) => issues.error(CODE, path, error.to_string()),
        }
    }

    /// A predictor's states are the encoder's hidden rows.
    pub(super) fn check_width(&self, config: &ConfigSection, issues: &mut Issues) {
        let network = self
            .inspection
            .as_ref()
            .and_then(|found| found.network.as_ref());
        let (Some((network, _)), Some(config)) = (network, &config.config) else {
            return;
        };
        let (d_state, hidden_size) = (config.model.predictor.d_state, network.hidden_size);
        if d_state != hidden_size {
            let message =
                format!("`predictor.d_state` is {d_state}, the encoder's rows have {hidden_size}");
            let code = "training_config.predictor.d_state_mismatch";
            issues.error(code, self.path.as_str(), message);
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let identity = |file: &Option<Artifact>| {
            let file = file.as_ref();
            file.map_or(Json::Null, |file| Json::object(file.fields()))
        };
        let digest = self.inspection.as_ref().map(|found| found.digest);
        let artifacts = Json::object([
            ("config", identity(&self.config)),
            ("tokenizer", identity(&self.tokenizer)),
            ("weights", identity(&self.weights)),
        ]);
        Json::object([
            ("path", Json::from(self.path.as_str())),
            ("local_files_only", true.into()),
            ("artifacts", artifacts),
            // Over all shards, which an index alone is not.
            ("encoder_hash", digest.map_or(Json::Null, Json::from)),
        ])
    }
}
