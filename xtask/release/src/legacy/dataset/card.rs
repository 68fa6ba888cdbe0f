//! The card of the data.

use geno_provenance::Json;

use crate::legacy::{
    markdown::{bullets, head, paragraph, row, section, text},
    release::{list, shown, texts},
};

/// Writes the card of a manifest and of the report of its counts.
pub(super) fn render(manifest: &Json, integrity: &Json) -> String {
    let said = |field| shown(manifest.get(field));
    let title = format!("Data Card: {}", said("snapshot_id"));
    let mut lines = head(&title, &said("generated_by"), &said("generated_at"));
    section(&mut lines, "Sources");
    lines.extend([
        row(["Name", "Revision", "License", "URL", "Notes"]),
        rule("-----"),
    ]);
    for source in list(manifest, "sources").unwrap_or_default() {
        let names = ["name", "revision", "license", "url", "notes"];
        lines.push(row(names.map(|name| shown(source.get(name)))));
    }
    paragraph(&mut lines, "License", &said("license"));
    bullets(
        &mut lines,
        "Preprocessing",
        &texts(manifest, "preprocessing").unwrap_or_default(),
    );
    paragraph(&mut lines, "Splits", &said("split_policy"));
    lines.extend([
        String::new(),
        row(["Split", "Records", "Description"]),
        rule("->-"),
    ]);
    for (name, split) in splits(manifest) {
        let part = |field| shown(split.get(field));
        lines.push(row([name.clone(), part("records"), part("description")]));
    }
    balance(&mut lines, manifest, integrity);
    section(&mut lines, "Leakage Checks");
    lines.push(
        "The generated `split_integrity.json` records split counts, file hashes, and comparable-key leakage checks."
            .to_owned(),
    );
    let checks = texts(manifest, "leakage_checks").unwrap_or_default();
    lines.extend(checks.iter().map(|check| format!("- {check}")));
    section(&mut lines, "Files");
    lines.extend([
        row([
            "Path",
            "SHA-256",
            "Bytes",
            "Split",
            "Records",
            "Description",
        ]),
        rule("-->->-"),
    ]);
    for file in list(manifest, "files").unwrap_or_default() {
        let names = [
            "path",
            "sha256",
            "size_bytes",
            "split",
            "records",
            "description",
        ];
        lines.push(row(names.map(|name| shown(file.get(name)))));
    }
    paragraph(&mut lines, "Intended Use", &said("intended_use"));
    bullets(
        &mut lines,
        "Limitations",
        &texts(manifest, "limitations").unwrap_or_default(),
    );
    text(&lines)
}

/// How many records of each split have which label.
fn balance(lines: &mut Vec<String>, manifest: &Json, integrity: &Json) {
    section(lines, "Class Balance");
    lines.extend([
        "Class-balance counts are generated from package files by `tools.release.dataset_integrity` and stored in \
         `split_integrity.json`."
            .to_owned(),
        String::new(),
        row(["Split", "Records", "Labelled records", "Unlabelled records", "Labels"]),
        rule("->>>-"),
    ]);
    for (name, _) in splits(manifest) {
        let found = integrity.get("splits").and_then(|splits| splits.get(name));
        let part = |field| shown(found.and_then(|split| split.get(field)));
        let labels = match found.and_then(|split| split.get("label_counts")) {
            Some(Json::Object(counts)) if !counts.is_empty() => {
                let counts = counts
                    .iter()
                    .map(|(label, n)| format!("{label}={}", shown(Some(n))));
                counts.collect::<Vec<_>>().join(", ")
            }
            _ => "none observed".to_owned(),
        };
        let counts = ["observed_records", "labelled_records", "unlabelled_records"].map(part);
        let [observed, labelled, unlabelled] = counts;
        lines.push(row([name.clone(), observed, labelled, unlabelled, labels]));
    }
}

fn splits(manifest: &Json) -> impl Iterator<Item = (&String, &Json)> {
    let splits = match manifest.get("splits") {
        Some(Json::Object(splits)) => Some(splits),
        _ => None,
    };
    splits.into_iter().flatten()
}

/// The line under the head of a table: `>` for a column of numbers.
fn rule(columns: &str) -> String {
    row(columns
        .chars()
        .map(|column| if column == '>' { "---:" } else { "---" }))
}
