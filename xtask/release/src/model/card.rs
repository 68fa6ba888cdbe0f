//! The card of a model, for people: nothing in it that is not in its files.

use std::fmt::Write;

use geno_eval::MetricRow;
use geno_provenance::release::{Report, ReportBody, Statement};

use super::contents::{Contents, Sources};
use crate::markdown::{cell, evidence, table};

/// The whole text of `model_card.md`.
pub(crate) fn render(report: &Report<Contents>, sources: &Sources) -> String {
    let body = report.body();
    let (manifest, facts) = (&sources.manifest, &body.facts);
    let list = |texts: &[Statement]| {
        texts
            .iter()
            .map(|text| format!("- {text}\n"))
            .collect::<String>()
    };
    let mut card = format!("# Model card: {}\n\n", body.release);
    let _ = write!(
        card,
        "Generated at {} from the reports of this package.\n\nEvidence class: {}.\n\n## Summary\n\n{}\n\n",
        report.draft().generated_at,
        evidence(&report.draft().evidence_class),
        facts.summary
    );

    card.push_str("## Identity\n\n");
    let encoder = &manifest.encoder;
    let rows = [
        ("Model", cell(&manifest.model_name)),
        ("Version", cell(&manifest.model_version)),
        ("Release", cell(&body.release)),
        ("Model id", body.model_id.to_string()),
        ("Weights id", body.weights_id.to_string()),
        (
            "Encoder",
            cell(&format!("{}, revision {}", encoder.id, encoder.revision)),
        ),
        ("Encoder weights", encoder.hash.to_string()),
        ("Data snapshot", cell(&body.dataset_snapshot)),
    ];
    card += &table(
        &["What", "Which"],
        rows.map(|(what, which)| vec![what.to_owned(), which]),
    );
    card.push_str(match body.holds_encoder {
        true => "\nThe encoder is part of this package.\n",
        false => "\nThe encoder is not part of this package; its weights have to have the digest above.\n",
    });

    card.push_str("\n## Training\n\n");
    match &body.training {
        None => card.push_str("This package holds no record of the training.\n"),
        Some(run) => {
            let yes_no = |is| if is { "yes" } else { "no" };
            let rows = [
                ("Run", cell(&run.run_id)),
                ("Code", cell(&run.commit)),
                ("Its name of the data", cell(&run.dataset_snapshot)),
                ("Result", cell(&run.summary)),
                (
                    "Looked at before (preflight)",
                    yes_no(run.has_preflight).to_owned(),
                ),
                (
                    "Weights as the run left them",
                    yes_no(run.is_weights).to_owned(),
                ),
            ];
            card += &table(
                &["What", "Which"],
                rows.map(|(what, which)| vec![what.to_owned(), which]),
            );
            let _ = write!(
                card,
                "\nThe run's own card is `{}/training_run_card.md`.\n",
                super::TRAINING
            );
        }
    }

    let _ = write!(
        card,
        "\n## Evaluation\n\nFrom `{}`, whose report is `{}`.\n\n",
        super::METRICS,
        super::EVAL_REPORT
    );
    card += &metrics(&sources.metrics.metrics);

    let _ = write!(card, "\n## Efficiency\n\nFrom `{}`.\n\n", super::EFFICIENCY);
    let efficiency = sources.efficiency.body();
    let hardware = sources.efficiency.draft().identity.as_ref();
    let rows = [
        (
            "Machine",
            hardware.map_or(String::new(), |identity| cell(&identity.hardware)),
        ),
        ("Backend", cell(&efficiency.backend)),
        (
            "One variant, ms",
            format!("{:.1}", efficiency.single_variant_latency_ms()),
        ),
        (
            "Variants a second",
            format!("{:.0}", efficiency.batched_throughput()),
        ),
        (
            "Memory, MB",
            format!("{:.0}", efficiency.peak_memory() as f64 / 1e6),
        ),
    ];
    card += &table(
        &["What", "Measured"],
        rows.map(|(what, value)| vec![what.to_owned(), value]),
    );

    card.push_str("\n## Negative findings\n\n");
    for finding in report.findings() {
        let _ = writeln!(card, "- {}", finding.text());
    }

    card.push_str("\n## Files\n\n");
    let files = report.draft().outputs.iter().map(|file| {
        let path = file.path.as_str().trim_start_matches("model/");
        vec![
            format!("`{path}`"),
            file.size.to_string(),
            file.digest.to_string(),
        ]
    });
    card += &table(&["Path", "Bytes", "Digest"], files);

    let _ = write!(
        card,
        "\n## Licence\n\n{}\n\n## Intended use\n\n{}\n\n## Limitations\n\n",
        facts.license, facts.intended_use
    );
    card += &list(&facts.limitations);
    for claim in Contents::CLAIMS {
        let _ = writeln!(card, "- {}", claim.text());
    }
    card.push_str("\n## Release notes\n\n");
    card += &list(&facts.release_notes);
    card
}

/// A table of metrics.
pub(crate) fn metrics(rows: &[MetricRow]) -> String {
    let columns = [
        "Split",
        "Metric",
        "Value",
        "Interval",
        "Baseline",
        "Better by",
        "N",
    ];
    table(&columns, rows.iter().map(metric))
}

fn metric(row: &MetricRow) -> Vec<String> {
    let number = |value: f64| format!("{value:.4}");
    let baseline = row.baseline.as_ref();
    vec![
        cell(&row.split),
        cell(&row.name),
        number(row.value),
        row.interval.map_or(String::new(), |[low, high]| {
            format!("{low:.4} to {high:.4}")
        }),
        baseline.map_or(String::new(), |baseline| {
            cell(&format!("{} {:.4}", baseline.name, baseline.value))
        }),
        row.better_by().map_or(String::new(), number),
        row.n.map_or(String::new(), |n| n.to_string()),
    ]
}
