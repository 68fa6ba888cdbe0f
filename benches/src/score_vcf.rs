//! From files to files: the demo's variants with the demo's model.

use std::{path::Path, sync::atomic::AtomicBool};

use anyhow::Result;
use geno_provenance::Timestamp;
use geno_runtime::{
    Annotations, BackendChoice, EncoderSource, MemoryBudget, ModelDir, ReceiptFiles, RowFormat,
    Runtime, ScoreVcf, Unfinished,
};

use crate::{flops::Shape, measure::Measured};

/// The demo's encoder up to its state layer.
const SHAPE: Shape = Shape {
    hidden: 128.,
    ffn: 384.,
    heads: 4.,
    kv_heads: 2.,
    head_dim: 32.,
    layers: 4.,
};

/// Tokens of a centred window of 12,288 bases up to the last pooled one, and those an edit changes.
const PREFIX: f64 = 1_034.;
const SUFFIX: f64 = 9.;

/// Rows of the demo's VCF, nearly each with a site of its own.
const VARIANTS: u64 = 120;

/// Scores the demo's VCF with receipts.
pub(crate) fn measure() -> Result<Measured> {
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fixtures/demo");
    let model = ModelDir::open(&demo.join("model"), &EncoderSource::default())?;
    let runtime = Runtime::load(&model, BackendChoice::Auto)?;
    let folder = tempfile::tempdir()?;
    let (scores, receipts) = (folder.path().join("s.jsonl"), folder.path().join("r.jsonl"));
    let request = ScoreVcf {
        vcf: &demo.join("variants.vcf"),
        fasta: &demo.join("GRCh37.20.fa.gz"),
        output: Some(&scores),
        format: RowFormat::Jsonl,
        receipts: Some(ReceiptFiles::stream(&receipts)),
        rejected: None,
        timestamp: Timestamp::from_unix_seconds(0)?,
        batch_size: 64,
        memory_budget: MemoryBudget::default(),
        strict: true,
        annotations: Annotations::default(),
        envelope: None,
        unfinished: Unfinished::Discard,
    };
    let running = AtomicBool::new(false);
    runtime.score_vcf(&request, |_| {}, &running)?;

    let flops = VARIANTS as f64 * SHAPE.site(PREFIX, SUFFIX, 1.);
    let work = format!("{VARIANTS} variants, hidden 128, 4 of 6 layers, f32, with receipts");
    Ok(Measured::of(work, flops, VARIANTS, 3, || {
        let outcome = runtime.score_vcf(&request, |_| {}, &running);
        std::hint::black_box(outcome.is_ok());
    }))
}
