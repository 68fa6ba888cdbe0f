//! The card of the model.

use geno_provenance::{Json, Label, Manifest, ManifestFile};

use crate::legacy::{
    markdown::{bullets, head, paragraph, row, section, text},
    release::{SCHEMA, shown, texts},
};

/// Writes the card of a manifest and of what people say of the model.
pub(super) fn render(manifest: &Manifest, metadata: &Json) -> String {
    let said = |field| shown(metadata.get(field)).trim().to_owned();
    let all = |field| texts(metadata, field).unwrap_or_default();
    let title = format!("Model Card: {}", manifest.release_id);
    let mut lines = head(&title, &said("generated_by"), &said("generated_at"));
    paragraph(&mut lines, "Summary", &said("summary"));
    section(&mut lines, "Model Identity");
    let encoder = &manifest.encoder;
    lines.extend([
        format!("- Model name: {}", manifest.model_name),
        format!("- Model version: {}", manifest.model_version),
        format!("- Release id: {}", manifest.release_id),
        format!("- Model id: {}", manifest.model_id()),
        format!("- Manifest schema: {SCHEMA}"),
        format!("- Encoder: {}", encoder.id),
        format!("- Encoder revision: {}", encoder.revision),
        format!("- Encoder hash: {}", encoder.hash),
    ]);
    bullets(&mut lines, "Data", &all("data"));
    let facts = &manifest.training.data_snapshot;
    if !facts.is_empty() {
        lines.push("- Manifest data snapshot:".to_owned());
        lines.extend(
            facts
                .iter()
                .map(|(name, value)| format!("  - {name}: {value}")),
        );
    }
    bullets(&mut lines, "Hardware", &all("hardware"));
    bullets(&mut lines, "Training", &all("training"));
    bullets(&mut lines, "Evaluation", &all("evaluation"));
    section(&mut lines, "Artifacts");
    lines.extend([
        row(["Artifact", "Path", "SHA-256", "Detail"]),
        row(["---"; 4]),
    ]);
    lines.extend(artifacts(manifest).into_iter().map(row));
    bullets(&mut lines, "Runtime", &all("runtime"));
    paragraph(&mut lines, "License", &said("license"));
    paragraph(&mut lines, "Intended Use", &said("intended_use"));
    bullets(&mut lines, "Limitations", &all("limitations"));
    bullets(&mut lines, "Release Notes", &all("release_notes"));
    text(&lines)
}

fn artifacts(manifest: &Manifest) -> [[String; 4]; 6] {
    let file = |name: &str, file: &ManifestFile| {
        let note = |kind: &str, value: &Option<Label>| {
            value.as_ref().map(|value| format!("{kind}={value}"))
        };
        let details = [note("dtype", &file.dtype), note("version", &file.version)];
        let details: Vec<_> = details.into_iter().flatten().collect();
        [
            name.to_owned(),
            file.file.to_string(),
            file.hash.to_string(),
            details.join(", "),
        ]
    };
    let training = &manifest.training;
    [
        [
            "manifest".to_owned(),
            "manifest.json".to_owned(),
            manifest.model_id().to_string(),
            "canonical manifest model_id".to_owned(),
        ],
        file("predictor", &manifest.predictor),
        file("action_encoder", &manifest.action_encoder),
        file("calibration", &manifest.calibration),
        [
            "training_config".to_owned(),
            training.config_file.to_string(),
            training.hash.to_string(),
            "training configuration".to_owned(),
        ],
        file("evaluation_report", &manifest.eval),
    ]
}
