//! Training tuples from windows of 12,288 bases, beside the cost of reading and hashing these.

use std::{fmt::Write as _, fs, hint::black_box, path::Path, time::Instant};

use anyhow::{Result, ensure};
use geno_action::EditSpec;
use geno_core::{Digest, RandomStream, StateContract};
use geno_data::{
    EditProviders, Fasta, GenomeWindows, Holdouts, TupleBuilder, TupleSettings, TupleStream,
    VariantSet, WindowSource,
};
use serde_json::{Value, json};

/// Bases of the genome.
const GENOME_BP: u64 = 20_000_000;

/// Bases between variants, as gnomAD's common ones lie in a genome.
const VARIANT_EVERY: u64 = 250;

const REPEATS: usize = 3;

/// Draws an epoch of the default mix on one thread, and prints the rates of the median.
pub(crate) fn measure() -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("genome.fa");
    let genome = generate(&path)?;
    let fasta = Fasta::open(&path)?;
    let settings = TupleSettings::default();
    let mut windows = GenomeWindows::new(&fasta, 12_288, 0.1, StateContract::L2NormalizedV2);
    windows.tile_genome(8_192);
    let providers = EditProviders {
        gnomad_common: Some(variants(&genome, 0)?),
        clinvar: Some(variants(&genome, 100)?),
        phased: None,
    };
    let mut holdouts = Holdouts::builder(Some(&fasta));
    holdouts.interval("1", 1_000_000..1_100_000);
    let holdouts = holdouts.build();
    let builder = TupleBuilder::new(&windows, &providers, &holdouts, settings)?;

    let pool = rayon::ThreadPoolBuilder::new().num_threads(1).build()?;
    let mut tuples = 0;
    let seconds = pool.install(|| {
        median(|| {
            tuples = 0;
            for tuple in TupleStream::new(&builder).epochs(1) {
                black_box(tuple?.target_window());
                tuples += 1;
            }
            Ok(())
        })
    })?;
    let floor = median(|| {
        for index in 0..windows.n_windows() {
            let window = windows.window(index)?;
            black_box(window.map(|window| Digest::of(window.window.bases())));
        }
        Ok(())
    })?;
    ensure!(
        tuples > 8 * u64::from(windows.n_windows()) * 9 / 10,
        "{tuples} tuples"
    );
    Ok(json!({
        "name": "tuples",
        "work": "the default mix of 8 tuples from each window of 12,288 bases, on one thread",
        "tuples": tuples,
        "seconds": seconds,
        "repeats": REPEATS,
        "tuples_per_s": tuples as f64 / seconds,
        "floor_seconds": floor,
        "floor_fraction": floor / seconds,
        "threads": 1,
    }))
}

/// The median time of some repeats.
fn median(mut run: impl FnMut() -> Result<()>) -> Result<f64> {
    let mut seconds = Vec::new();
    for _ in 0..REPEATS {
        let start = Instant::now();
        run()?;
        seconds.push(start.elapsed().as_secs_f64());
    }
    seconds.sort_by(f64::total_cmp);
    Ok(seconds[REPEATS / 2])
}

fn generate(path: &Path) -> Result<Vec<u8>> {
    let mut random = RandomStream::new(4, "bench genome");
    let genome: Vec<u8> = (0..GENOME_BP)
        .map(|_| b"ACGT"[random.below(4) as usize])
        .collect();
    let mut text = String::from(">1\n");
    for line in genome.chunks(60) {
        writeln!(text, "{}", String::from_utf8_lossy(line))?;
    }
    fs::write(path, text)?;
    Ok(genome)
}

fn variants(genome: &[u8], first: u64) -> Result<VariantSet> {
    let mut variants = VariantSet::default();
    for start in (first..GENOME_BP).step_by(VARIANT_EVERY as usize) {
        let reference = char::from(genome[start as usize]).to_string();
        let alternate = if reference == "A" { "G" } else { "A" };
        variants.add(&EditSpec::new("1", start + 1, &reference, alternate)?)?;
    }
    variants.sort();
    Ok(variants)
}
