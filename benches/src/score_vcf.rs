//! From files to files: FASTA, VCF and a model directory in, scores and receipts out.

use std::sync::atomic::AtomicBool;

use anyhow::{Result, bail, ensure};
use geno_core::Layout;
use geno_provenance::Timestamp;
use geno_runtime::{
    Annotations, Completion, MemoryBudget, ReceiptFiles, RowFormat, Runtime, ScoreVcf, Signals,
    Unfinished,
};

use crate::{
    line::Line,
    machine::Machine,
    options::Options,
    peak_memory,
    peer::{Peer, compare},
    sequence::WINDOW_BP,
    subject::Subject,
    timings::Timings,
};

/// Scores the subject's VCF with receipts.
///
/// The floor counts a window for every variant of the layout `centered`, and for every cell of the
/// layout `grid`; for files that were not made here it takes every variant to be alone in its window.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    peers: &[Peer],
) -> Result<Line> {
    let runtime = subject.runtime()?;
    peak_memory::reset();
    let mut scored = 0;
    let timings = Timings::of(options.repeats, || {
        scored = score(runtime, subject)?;
        Ok(())
    })?;
    let peak = peak_memory::bytes();
    ensure!(scored > 0, "no variant was scored");

    let encoder = encoder_flops(subject, scored);
    let predictor = scored * subject.prediction();
    let (floor, why) = machine.matrix_floor(
        (subject.dtype(), encoder),
        (subject.predictor_dtype, predictor),
    )?;
    let layout = subject.section.layout;
    let work = format!("{scored} variants from a VCF to scores and receipts, layout {layout}");
    let line = Line::new("score-vcf", work, &timings);
    let line = subject
        .describe(line)?
        .with("layout", layout.as_str())
        .with("peak_memory_bytes", peak)
        .items(scored)
        .flops(encoder + predictor)
        .floor(floor, why);
    let comparison = match &subject.contig {
        Some(_) => compare(peers, &subject.scored(layout == Layout::Grid)),
        // The same files: whether they are dense is the peer's to say.
        None => compare(peers, &subject.scored(peers.iter().any(Peer::is_dense))),
    };
    Ok(line.peer(comparison))
}

fn score(runtime: &Runtime, subject: &Subject) -> Result<u64> {
    let folder = tempfile::tempdir()?;
    let (scores, receipts) = (folder.path().join("s.jsonl"), folder.path().join("r.jsonl"));
    let request = ScoreVcf {
        is_list: false,
        vcf: &subject.vcf,
        fasta: &subject.fasta,
        output: Some(&scores),
        format: RowFormat::Jsonl,
        receipts: Some(ReceiptFiles::stream(&receipts)),
        rejected: None,
        timestamp: Timestamp::from_unix_seconds(0)?,
        batch_size: 64,
        memory_budget: MemoryBudget::default(),
        strict: true,
        annotations: Annotations::default(),
        signals: Signals::default(),
        envelope: None,
        unfinished: Unfinished::Discard,
    };
    match runtime.score_vcf(&request, |_| {}, &AtomicBool::new(false))? {
        Completion::Finished(summary) => Ok(summary.scored),
        Completion::Interrupted => bail!("nobody stopped the run"),
    }
}

fn encoder_flops(subject: &Subject, scored: u64) -> u64 {
    let encoder = &subject.encoder;
    match (&subject.contig, subject.section.layout) {
        (Some(contig), Layout::Grid) => {
            let cell = WINDOW_BP / 2;
            let cells = contig.loci.chunk_by(|a, b| a / cell == b / cell);
            cells.map(|loci| encoder.site(contig.len, loci)).sum()
        }
        _ => scored * encoder.site(WINDOW_BP, &[WINDOW_BP / 2]),
    }
}
