//! Interval queries over a genome's annotation, beside bisection of one sorted array.

use std::{iter, ops::Range, time::Instant};

use geno_data::IntervalIndex;
use serde_json::{Value, json};

const CONTIGS: u64 = 24;
const CONTIG_LEN: u64 = 130_000_000;
const GENES_A_CONTIG: u64 = 2_500;
const TRANSCRIPTS_A_GENE: u64 = 4;
const EXONS_A_TRANSCRIPT: u64 = 6;
const GENE_LEN: u64 = 40_000;
const EXON_LEN: u64 = 150;

const QUERIES: u64 = 4_000_000;
const REPEATS: usize = 5;

/// Builds an index of genes, transcripts and exons and asks for single positions on one thread,
/// in genome order and in none.
///
/// The floor is what finding the same positions among the sorted starts takes, which tells where an
/// interval would begin and not which overlap.
pub(crate) fn measure() -> Value {
    let names: Vec<String> = (1..=CONTIGS).map(|i| format!("chr{i}")).collect();
    let intervals = || {
        names.iter().enumerate().flat_map(|(contig, name)| {
            features(contig as u64).map(move |interval| (name.as_str(), interval, ()))
        })
    };
    let start = Instant::now();
    let index = IntervalIndex::new(intervals());
    let build = start.elapsed().as_secs_f64();

    let scattered: Vec<(usize, u64)> = (0..QUERIES)
        .map(|i| {
            (
                (scatter(i) % CONTIGS) as usize,
                scatter(i ^ 0xABCD) % CONTIG_LEN,
            )
        })
        .collect();
    let mut sorted = scattered.clone();
    sorted.sort_unstable();
    let starts: Vec<Vec<u64>> = index
        .contigs()
        .map(|(_, intervals)| {
            intervals
                .iter()
                .map(|(interval, ())| interval.start)
                .collect()
        })
        .collect();

    let mut n_hits = 0;
    let mut query = |positions: &[(usize, u64)]| {
        rate(|| {
            n_hits = 0;
            for &(contig, position) in positions {
                if let Some(intervals) = index.contig(&names[contig]) {
                    n_hits += intervals.overlaps(position..position + 1).count();
                }
            }
            n_hits
        })
    };
    let (in_order, in_none) = (query(&sorted), query(&scattered));
    let floor = |positions: &[(usize, u64)]| {
        rate(|| {
            let places = positions.iter().map(|&(contig, position)| {
                starts[contig].partition_point(|&start| start <= position)
            });
            places.sum()
        })
    };
    let (floor_in_order, floor_in_none) = (floor(&sorted), floor(&scattered));
    json!({
        "name": "annotate",
        "work": format!("{QUERIES} positions among {} intervals, one thread", index.len()),
        "intervals": index.len(),
        "build_seconds": build,
        "hits_a_query": n_hits as f64 / QUERIES as f64,
        "repeats": REPEATS,
        "queries_per_s": in_order,
        "queries_per_s_scattered": in_none,
        "floor_queries_per_s": floor_in_order,
        "floor_queries_per_s_scattered": floor_in_none,
        "floor_fraction": in_order / floor_in_order,
        "threads": 1,
    })
}

/// The genes of a contig with their transcripts and exons, in no order.
fn features(contig: u64) -> impl Iterator<Item = Range<u64>> {
    (0..GENES_A_CONTIG).flat_map(move |gene| {
        let gene = contig * GENES_A_CONTIG + gene;
        let gene_start = scatter(gene) % (CONTIG_LEN - 3 * GENE_LEN);
        let gene_len = GENE_LEN / 4 + scatter(!gene) % GENE_LEN;
        let transcripts = (0..TRANSCRIPTS_A_GENE).flat_map(move |transcript| {
            let start = gene_start + transcript * 500;
            let exons = (0..EXONS_A_TRANSCRIPT).map(move |exon| {
                let exon_start = start + exon * gene_len / EXONS_A_TRANSCRIPT;
                exon_start..exon_start + EXON_LEN
            });
            exons.chain(iter::once(start..start + gene_len))
        });
        transcripts.chain(iter::once(gene_start..gene_start + gene_len + 2_000))
    })
}

/// A number that looks like a random one: the last step of SplitMix64.
fn scatter(i: u64) -> u64 {
    let mut x = i.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    x = (x ^ x >> 30).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    x = (x ^ x >> 27).wrapping_mul(0x94D0_49BB_1331_11EB);
    x ^ x >> 31
}

/// Queries a second: the median over repeats, after one to warm up.
fn rate(mut run: impl FnMut() -> usize) -> f64 {
    std::hint::black_box(run());
    let mut seconds: Vec<f64> = (0..REPEATS)
        .map(|_| {
            let start = Instant::now();
            std::hint::black_box(run());
            start.elapsed().as_secs_f64()
        })
        .collect();
    seconds.sort_by(f64::total_cmp);
    QUERIES as f64 / seconds[REPEATS / 2]
}
