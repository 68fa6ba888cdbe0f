//! The card of the run.

use geno_provenance::Json;

use crate::legacy::{
    markdown::{bullets, head, paragraph, row, section, text},
    release::{list, shown, texts},
};

/// Writes the card of a manifest.
pub(super) fn render(run: &Json) -> String {
    let said = |field| shown(run.get(field)).trim().to_owned();
    let all = |field| texts(run, field).unwrap_or_default();
    let pairs = |field| match run.get(field) {
        Some(Json::Object(pairs)) => Some(pairs),
        _ => None,
    };
    let title = format!("Training Run: {}", said("run_id"));
    let mut lines = head(&title, &said("generated_by"), &said("generated_at"));
    section(&mut lines, "Run Identity");
    lines.extend([
        format!("- Run id: {}", said("run_id")),
        format!("- Status: {}", said("status")),
        format!("- Commit SHA: {}", said("commit_sha").to_lowercase()),
        format!("- Package version: {}", said("package_version")),
        format!("- Dataset snapshot: {}", said("dataset_snapshot_id")),
    ]);
    section(&mut lines, "Command");
    lines.extend(["```console".to_owned(), said("command"), "```".to_owned()]);
    bullets(&mut lines, "Hardware", &all("hardware"));
    bullets(&mut lines, "Runtime", &all("runtime"));
    section(&mut lines, "Reproducibility");
    lines.push(format!("- Determinism: {}", said("determinism")));
    for (name, seed) in pairs("seeds").into_iter().flatten() {
        lines.push(format!("- Seed `{name}`: {}", shown(Some(seed))));
    }
    section(&mut lines, "Monitoring");
    for name in ["collapse_monitoring", "nan_monitoring"] {
        lines.push(format!("- {name}: enabled"));
    }
    section(&mut lines, "Artifacts");
    let columns = ["Kind", "Path", "SHA-256", "Bytes", "Description"];
    lines.extend([row(columns), row(["---", "---", "---", "---:", "---"])]);
    for file in list(run, "artifacts").unwrap_or_default() {
        let fields = ["kind", "path", "sha256", "size_bytes", "description"];
        lines.push(row(fields.map(|field| shown(file.get(field)))));
    }
    paragraph(&mut lines, "Result Summary", &said("result_summary"));
    bullets(&mut lines, "Limitations", &all("limitations"));
    text(&lines)
}
