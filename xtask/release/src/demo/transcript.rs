//! The transcript of a demonstration, for people: nothing in it that is not in its files.

use std::{fmt::Write, fs, io, path::Path};

use anyhow::{Context, Result};
use geno_provenance::release::{Report, ReportBody};

use super::{BATCH, BatchReceipts, Demonstration, MANIFEST, PREFLIGHT, Preflight, STDERR, STDOUT};
use crate::markdown::{cell, evidence, table};

/// The whole text of `terminal-demo-transcript.md`.
pub(crate) fn render(
    report: &Report<Demonstration>,
    preflight: &Report<Preflight>,
    batch: &Report<BatchReceipts>,
    folder: &Path,
) -> Result<String> {
    let (body, draft) = (report.body(), report.draft());
    let mut text = format!("# Terminal transcript: {}\n\n", body.release);
    let _ = write!(
        text,
        "Generated at {} from `{MANIFEST}` and what the program wrote.\n\nEvidence class: {}.\n\n\
         ## Command\n\n```console\n$ {}\n",
        draft.generated_at,
        evidence(&draft.evidence_class),
        draft.command,
    );
    for name in [STDOUT, STDERR] {
        // A program that said nothing left no file; that one is gone is found by the digests.
        let bytes = match fs::read(folder.join(name)) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            read => read.with_context(|| format!("cannot read `{name}`"))?,
        };
        for line in String::from_utf8_lossy(&bytes).lines() {
            // Nothing that a program says ends the block.
            let _ = writeln!(text, "{}", line.replace("```", "'''"));
        }
    }
    text.push_str("```\n\n## First scores\n\n");
    let rows = body
        .first
        .iter()
        .map(|row| row.iter().map(|value| cell(value)).collect());
    text += &table(&["Variant", "Surprise", "Percentile"], rows);

    text.push_str("\n## What was scored\n\n");
    let contigs: Vec<_> = body
        .contigs
        .iter()
        .map(|(contig, n)| format!("{contig}: {n}"))
        .collect();
    let mut rows = vec![
        ("Model id", body.model_id.to_string()),
        ("Weights id", body.weights_id.to_string()),
        (
            "Variants",
            cell(&format!("{} rows of `{}`", body.records, body.vcf)),
        ),
        ("Alternate alleles", body.alternates.to_string()),
        ("Rows by contig", cell(&contigs.join(", "))),
        ("Reference", cell(&format!("`{}`", body.fasta))),
        ("Scored", body.scored.to_string()),
        ("Receipts that hold", batch.body().records.to_string()),
        (
            "Calibration table",
            batch.body().calibration_hash.to_string(),
        ),
        ("Machine", cell(&preflight.body().machine)),
    ];
    rows.extend(
        batch
            .body()
            .runtime
            .fields()
            .map(|(field, value)| (field, cell(value))),
    );
    text += &table(
        &["What", "Which"],
        rows.into_iter()
            .map(|(what, which)| vec![what.to_owned(), which]),
    );
    let _ = write!(
        text,
        "\nWhat the program found on the machine stands in `{PREFLIGHT}`, that scores and receipts are of \
         each other in `{BATCH}`.\n\n## Files\n\n"
    );
    let files = draft.outputs.iter().map(|file| {
        let path = file.path.as_str().trim_start_matches("demo/");
        vec![
            format!("`{path}`"),
            file.size.to_string(),
            file.digest.to_string(),
        ]
    });
    text += &table(&["Path", "Bytes", "Digest"], files);
    text.push_str("\n## Limitations\n\n");
    for limitation in &draft.limitations {
        let _ = writeln!(text, "- {limitation}");
    }
    for claim in Demonstration::CLAIMS {
        let _ = writeln!(text, "- {}", claim.text());
    }
    Ok(text)
}
