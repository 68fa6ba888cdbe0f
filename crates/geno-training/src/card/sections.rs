//! The sections of a card.

use std::iter;

use geno_provenance::{Manifest, ManifestFile};

use super::{
    ModelCard,
    calibration::CalibrationCounts,
    document::{CardDocument, Topic},
    markdown::{interval, list, number, table, text},
    metric::ReportedMetric,
    strata::Metrics,
};

/// What every model of this kind is for, whatever its numbers.
const INTENDED_USE: &str = "\
Research: to rank variants by how much they surprise a model of the genome, and to predict how edits
move its states.

**Not a clinical diagnostic.** No score says whether a variant causes disease, and none may be used to
decide on anybody's care.
";

/// What no evaluation can lift.
const GENERAL_LIMITS: [&str; 3] = [
    "A percentile is as good as its background: common variants of one population say little about \
     those of another.",
    "Surprise is not harm: a variant may surprise the model for reasons of sequence alone.",
    "Scores of different models, and of different contexts of one model before calibration, are not \
     comparable.",
];

pub(super) fn all(card: &ModelCard<'_>) -> String {
    let manifest = card.model.manifest();
    let mut page = format!(
        "# Model card: {} {}\n\nNot a clinical diagnostic. Written by geno-lewm {} from the files named \
         under Provenance.\n",
        text(&manifest.model_name),
        text(&manifest.model_version),
        env!("CARGO_PKG_VERSION"),
    );
    for (title, body) in [
        ("Identity", identity(card)),
        ("Intended use", INTENDED_USE.to_owned()),
        ("Data", data(card)),
        (
            "Training",
            facts(
                card,
                Topic::Training,
                "Nothing is known of the training run.",
            ),
        ),
        ("Calibration", calibration(card)),
        ("Evaluation", evaluation(card)),
        ("Negative findings", negative_findings(card)),
        ("Limitations", limitations(card)),
        ("Provenance", provenance(card)),
        ("How to reproduce", reproduce(card)),
    ] {
        page += &format!("\n## {title}\n\n{body}");
    }
    page
}

fn identity(card: &ModelCard<'_>) -> String {
    let (manifest, config) = (card.model.manifest(), card.model.config());
    let encoder = &manifest.encoder;
    let row = |name: &str, value: String| [name.to_owned(), value];
    table(
        ["what", "value"],
        [
            row("name", text(&manifest.model_name)),
            row("version", text(&manifest.model_version)),
            row("release", text(&manifest.release_id)),
            row("weights", format!("`{}`", manifest.weights_id())),
            row(
                "encoder",
                format!("{}, {}", text(&encoder.id), text(&encoder.revision)),
            ),
            row(
                "predictor",
                format!("`{}`", json(&config.predictor_architecture())),
            ),
            row(
                "action encoder",
                format!("`{}`", json(&config.action_architecture())),
            ),
            row("state contract", config.encoder.state_contract.to_string()),
            row(
                "window",
                format!(
                    "{} bases, {}",
                    config.encoder.window_bp, config.encoder.layout
                ),
            ),
        ],
    )
}

fn data(card: &ModelCard<'_>) -> String {
    let snapshot = &card.model.manifest().training.data_snapshot;
    let facts = snapshot
        .iter()
        .filter(|(_, value)| !value.starts_with("sha256:"));
    let facts = facts.map(|(key, value)| format!("{}: {}", text(key), text(value)));
    list(facts, "The manifest says nothing of the data.")
}

/// What documents about a topic say in a word or a number.
fn facts(card: &ModelCard<'_>, topic: Topic, without: &str) -> String {
    let documents = card.documents.iter().filter(|doc| doc.topic() == topic);
    let sections: Vec<_> = documents
        .map(|document| {
            let facts = document.facts().into_iter();
            let facts = facts.map(|(key, value)| format!("{}: {}", text(key), text(&value)));
            format!("From `{}`:\n\n{}", document.name, list(facts, "no facts"))
        })
        .collect();
    match sections.is_empty() {
        true => format!("{without}\n"),
        false => sections.join("\n"),
    }
}

fn calibration(card: &ModelCard<'_>) -> String {
    let Some(CalibrationCounts { buckets, metadata }) = &card.calibration else {
        return "The model has no calibration table yet: its scores have no percentiles.\n"
            .to_owned();
    };
    let rows = buckets.iter().map(|bucket| {
        let confidence = number(bucket.confidence);
        [text(&bucket.id), bucket.variants.to_string(), confidence]
    });
    let mut section = table(["bucket", "variants", "confidence"], rows);
    let labels = metadata.get("geno_lewm.disjoint_from");
    let excluded = metadata.get("geno_lewm.excluded");
    section += &match (labels, excluded) {
        (Some(labels), Some(excluded)) => format!(
            "\nVariants that it shared with label sets were left out, {excluded} in all. Digests of the \
             sets:\n\n{}",
            list(
                labels.lines().map(|digest| format!("`{}`", text(digest))),
                "none"
            )
        ),
        _ => "\nNothing says that it shares no variant with a label set.\n".to_owned(),
    };
    if card
        .documents
        .iter()
        .any(|doc| doc.topic() == Topic::Calibration)
    {
        section += &format!("\n{}", facts(card, Topic::Calibration, ""));
    }
    section
}

fn evaluation(card: &ModelCard<'_>) -> String {
    let measured = card.documents.iter().filter(|doc| !doc.metrics.is_empty());
    let mut tables: Vec<_> = measured.map(metrics).collect();
    if tables.is_empty() {
        return "Nothing was measured, so nothing is claimed.\n".to_owned();
    }
    let documents = card.documents.iter();
    let conclusions: Vec<_> = documents
        .flat_map(|document| document.sentences("conclusions"))
        .map(text)
        .collect();
    if !conclusions.is_empty() {
        tables.push(list(conclusions, ""));
    }
    tables.join("\n")
}

fn metrics(document: &CardDocument) -> String {
    let or_none = |text: Option<String>| text.unwrap_or_else(|| "–".to_owned());
    let row = |metric: &ReportedMetric| {
        let baseline = metric.baseline.as_ref();
        let difference = baseline.map(|baseline| {
            let difference = number(metric.value - baseline.value);
            match baseline.difference {
                Some(ends) => format!("{difference} ({})", interval(ends)),
                None => difference,
            }
        });
        let better = metric.higher_is_better.map(|higher| match higher {
            true => "higher".to_owned(),
            false => "lower".to_owned(),
        });
        [
            text(&metric.name),
            or_none(metric.split.as_deref().map(text)),
            number(metric.value),
            or_none(metric.unit.as_deref().map(text)),
            or_none(metric.interval.map(interval)),
            or_none(baseline.map(|b| format!("{} {}", text(&b.name), number(b.value)))),
            or_none(difference),
            or_none(better),
            or_none(metric.n.map(|n| n.to_string())),
            or_none(metric.notes.as_deref().map(text)),
        ]
    };
    let header = [
        "metric",
        "split",
        "value",
        "unit",
        "interval",
        "baseline",
        "difference",
        "better",
        "n",
        "notes",
    ];
    let metrics = Metrics::of(&document.metrics);
    let rows = metrics.whole.iter().map(|metric| row(metric));
    let mut section = format!("From `{}`:\n\n{}", document.name, table(header, rows));
    if let Some(parts) = metrics.table() {
        section += &format!("\nBy part, with intervals and baselines:\n\n{parts}");
    }
    section
}

fn negative_findings(card: &ModelCard<'_>) -> String {
    let is_measured = card.documents.iter().any(|doc| !doc.metrics.is_empty());
    let without = match is_measured {
        true => "None follows from the values above.",
        false => "Nothing was measured, so nothing could be found.",
    };
    list(card.negative_findings(), without)
}

fn limitations(card: &ModelCard<'_>) -> String {
    let (mut all, mut without, mut alone) = (0, 0, 0);
    for document in &card.documents {
        for metric in Metrics::of(&document.metrics).all() {
            all += 1;
            without += u32::from(metric.interval.is_none());
            alone += u32::from(metric.baseline.is_none());
        }
    }
    let counted = [
        (without, "have no interval"),
        (alone, "are compared to no baseline"),
    ];
    let counted = counted.into_iter().filter(|(n, _)| *n > 0);
    let counted = counted.map(|(n, what)| format!("{n} of {all} metrics {what}."));
    let documents = card.documents.iter();
    let stated = documents.flat_map(|document| document.sentences("limitations"));
    let general = GENERAL_LIMITS.map(str::to_owned).into_iter();
    list(general.chain(counted).chain(stated.map(text)), "")
}

fn provenance(card: &ModelCard<'_>) -> String {
    let manifest = card.model.manifest();
    let row = |name: String, digest: String| [name, digest];
    let files = artifacts(manifest).map(|(file, artifact)| {
        let digest = match artifact.is_missing() {
            true => "still to come".to_owned(),
            false => format!("`{}`", artifact.hash),
        };
        row(format!("`{file}`"), digest)
    });
    let config = &manifest.training;
    let config = row(
        format!("`{}`", config.config_file),
        format!("`{}`", config.hash),
    );
    let encoder = row("encoder".to_owned(), format!("`{}`", manifest.encoder.hash));
    let snapshot =
        config_digests(manifest).map(|(key, value)| row(text(key), format!("`{value}`")));
    let documents = card.documents.iter();
    let documents =
        documents.map(|doc| row(format!("`{}`", doc.name), format!("`{}`", doc.digest)));
    let rows = iter::once(config)
        .chain(iter::once(encoder))
        .chain(files)
        .chain(snapshot)
        .chain(documents);
    table(["file", "digest"], rows)
}

/// The files that a manifest names beside the configuration. The report of the evaluation is not among
/// them: it may be this card.
fn artifacts(manifest: &Manifest) -> impl Iterator<Item = (&str, &ManifestFile)> {
    let artifacts = [
        &manifest.predictor,
        &manifest.action_encoder,
        &manifest.calibration,
    ];
    artifacts
        .into_iter()
        .map(|artifact| (artifact.file.as_str(), artifact))
}

fn config_digests(manifest: &Manifest) -> impl Iterator<Item = (&str, &str)> {
    let snapshot = manifest.training.data_snapshot.iter();
    let digests = snapshot.filter(|(_, value)| value.starts_with("sha256:"));
    digests.map(|(key, value)| (key.as_str(), value.as_str()))
}

fn reproduce(card: &ModelCard<'_>) -> String {
    let documents = card.documents.iter();
    let commands = documents.filter_map(|doc| Some((&doc.name, doc.facts().remove("command")?)));
    let commands = commands.map(|(name, command)| format!("`{name}` was written by `{command}`."));
    let snapshot = &card.model.manifest().training.data_snapshot;
    let commit = snapshot
        .iter()
        .find(|(key, _)| key.as_str() == "code_commit");
    let commit = commit.map(|(_, commit)| {
        format!(
            "The weights were exported by code at commit {}.",
            text(commit)
        )
    });
    let lines = [
        "Train with the configuration whose digest is `training/config` above, and export it again: \
         the digests of the tensors, `predictor/tensors` and `action_encoder/tensors`, are then the same."
            .to_owned(),
        "`geno-lewm doctor --model-dir` checks every file of the directory against its manifest."
            .to_owned(),
    ];
    list(commit.into_iter().chain(commands).chain(lines), "")
}

fn json(architecture: &impl serde::Serialize) -> String {
    serde_json::to_string(architecture).expect("names and whole numbers")
}
