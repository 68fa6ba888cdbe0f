//! The report of readiness for people: nothing in it that is not in the report.

use std::fmt::Write;

use geno_provenance::release::{Report, ReportBody};

use super::{measured::Measured, report::Readiness};
use crate::markdown::{cell, evidence, table};

/// The whole text of the table.
pub(super) fn render(report: &Report<Readiness>) -> String {
    let body = report.body();
    let mut text = format!(
        "# Readiness\n\nGenerated at {} from the reports of the release. Evidence class: {}.\n\n",
        report.draft().generated_at,
        evidence(&report.draft().evidence_class),
    );
    text.push_str(match report.is_ok() {
        true => "Everything that is asked for was measured.\n\n",
        false => "Something that is asked for is not there.\n\n",
    });
    text += &rows(body);
    if let Some(target) = &body.replacement_target {
        let _ = write!(
            text,
            "\nIn place of the speed that was aimed at: {target}\n"
        );
    }
    text.push_str("\n## Metrics\n\n");
    let metrics = body.rows.iter().flat_map(|row| {
        let id = &row.required.id;
        row.measured.iter().map(|one| metric(id, one))
    });
    let columns = [
        "Benchmark",
        "Metric",
        "Value",
        "Interval",
        "N",
        "Baseline",
        "Better by",
        "Interval of that",
        "Outcome",
    ];
    text += &table(&columns, metrics);
    text.push_str("\n## Negative findings\n\n");
    for finding in report.findings() {
        let _ = writeln!(text, "- {}", finding.text());
    }
    text.push_str("\n## What this does not show\n\n");
    for claim in Readiness::CLAIMS {
        let _ = writeln!(text, "- {}", claim.text());
    }
    text
}

/// One line a benchmark.
pub(crate) fn rows(body: &Readiness) -> String {
    let rows = body.rows.iter().map(|row| {
        vec![
            cell(&row.required.id),
            cell(row.required.track),
            row.coverage().as_str().to_owned(),
            row.target(body.is_rescoped()).as_str().to_owned(),
            row.outcome().as_str().to_owned(),
            cell(&row.lacks().join(", ")),
        ]
    });
    table(
        &[
            "Benchmark",
            "Track",
            "Coverage",
            "Target",
            "Outcome",
            "Missing",
        ],
        rows,
    )
}

fn metric(id: &str, one: &Measured) -> Vec<String> {
    let ends = |ends: Option<[f64; 2]>| {
        ends.map_or(String::new(), |[low, high]| {
            format!("{low:.4} to {high:.4}")
        })
    };
    let baseline = one.baseline.as_ref();
    vec![
        cell(id),
        cell(&one.metric),
        number(one.value),
        ends(one.interval),
        one.n.map_or(String::new(), |n| n.to_string()),
        baseline.map_or(String::new(), |(name, value)| {
            cell(&format!("{name} {value:.4}"))
        }),
        one.better_by()
            .map_or(String::new(), |better| format!("{better:.4}")),
        ends(one.paired),
        one.outcome().as_str().to_owned(),
    ]
}

/// Four digits after the point, and none of what is large.
fn number(value: f64) -> String {
    match value.abs() >= 1000.0 {
        true => format!("{value:.0}"),
        false => format!("{value:.4}"),
    }
}
