//! The card of a data set, for people: nothing in it that is not in its reports.

use std::{collections::BTreeSet, fmt::Write};

use geno_provenance::{
    Json,
    release::{Report, ReportBody, Statement},
};

use super::{facts::Facts, integrity::Integrity, manifest::Manifest};
use crate::markdown::{cell, table};

/// The whole text of `data_card.md`.
pub(crate) fn render(manifest: &Report<Manifest>, integrity: &Report<Integrity>) -> String {
    let (body, held) = (manifest.body(), integrity.body());
    let facts = &body.facts;
    let mut card = format!("# Data card: {}\n\n", facts.snapshot_id);
    let list = |texts: &[Statement]| {
        texts
            .iter()
            .map(|text| format!("- {text}\n"))
            .collect::<String>()
    };
    let generated = manifest.draft().generated_at;
    let _ = write!(
        card,
        "Generated at {generated} from `dataset_manifest.json` and `split_integrity.json`.\n\n\
         Assembly: {}. Evidence class: {}.\n\n",
        facts.assembly,
        crate::markdown::evidence(&manifest.draft().evidence_class),
    );

    card.push_str("## Sources\n\n");
    card += &sources(facts);
    let _ = write!(
        card,
        "\n## Licence\n\n{}\n\n## Preprocessing\n\n",
        facts.license
    );
    card += &list(&facts.preprocessing);

    let _ = write!(card, "\n## Splits\n\n{}\n\n", facts.split_policy);
    card += &splits(body);

    card.push_str("\n## Class balance\n\n");
    let balance = held.splits.iter().map(|(name, split)| {
        let labelled: u64 = split.labels.values().sum();
        let labels = split
            .labels
            .iter()
            .map(|(label, count)| format!("{label}={count}"));
        let labels: Vec<_> = labels.collect();
        let labels = match labels.is_empty() {
            true => "none observed".to_owned(),
            false => labels.join(", "),
        };
        vec![
            cell(name),
            split.records.to_string(),
            labelled.to_string(),
            (split.records - labelled).to_string(),
            cell(&labels),
        ]
    });
    let columns = ["Split", "Records", "Labelled", "Unlabelled", "Classes"];
    card += &table(&columns, balance);

    card.push_str("\n## Leakage checks\n\n");
    let text = |json: &Json, key: &str| match json.get(key) {
        Some(Json::String(text)) => text.clone(),
        Some(Json::Int(number)) => number.as_str().to_owned(),
        _ => String::new(),
    };
    let checks = held.proofs.iter().flat_map(|((side, name), proof)| {
        let checks = match proof.report.get("leakage_checks") {
            Some(Json::Array(checks)) => checks.clone(),
            _ => Vec::new(),
        };
        checks.into_iter().map(move |check| {
            let mut row = vec![side.to_string(), cell(name)];
            row.extend(
                [
                    "name",
                    "status",
                    "split_a_comparable_keys",
                    "split_b_comparable_keys",
                    "overlap_count",
                    "declared",
                ]
                .map(|key| cell(&text(&check, key))),
            );
            row
        })
    });
    let columns = [
        "Used",
        "Held out",
        "Check",
        "Status",
        "Compared of the used",
        "Compared of the held out",
        "Shared",
        "Declared",
    ];
    card += &table(&columns, checks);

    card.push_str("\n## Files\n\n");
    let files = body.files.iter().map(|(path, file)| {
        let records = file
            .records
            .map_or(String::new(), |records| records.to_string());
        vec![
            format!("`{path}`"),
            cell(&file.split),
            records,
            file.size.to_string(),
            file.digest.to_string(),
            cell(&file.description),
        ]
    });
    let columns = ["Path", "Split", "Records", "Bytes", "Digest", "What"];
    card += &table(&columns, files);

    let _ = write!(
        card,
        "\n## Intended use\n\n{}\n\n## Limitations\n\n",
        facts.intended_use
    );
    card += &list(&facts.limitations);
    let claims: BTreeSet<_> = Manifest::CLAIMS.iter().chain(Integrity::CLAIMS).collect();
    for claim in claims {
        let _ = writeln!(card, "- {}", claim.text());
    }
    card
}

/// A table of where data come from.
pub(crate) fn sources(facts: &Facts) -> String {
    let sources = facts.sources.iter().map(|(name, source)| {
        vec![
            cell(name),
            cell(&source.revision),
            cell(&source.license),
            cell(source.url.as_str()),
        ]
    });
    table(&["Name", "Revision", "Licence", "Address"], sources)
}

/// A table of the parts of data.
pub(crate) fn splits(manifest: &Manifest) -> String {
    let splits = manifest.facts.splits.iter().map(|(name, split)| {
        let records = manifest.records(name).to_string();
        vec![
            cell(name),
            split.role.to_string(),
            records,
            cell(&split.description),
        ]
    });
    table(&["Split", "Role", "Records", "What"], splits)
}
