//! `cargo xtask bench`: how fast, and how far from what the machine allows.
//!
//! One JSON line a benchmark: its name, the work in floating-point operations, the median time
//! over repeats with the fastest and the slowest, the rate, and the floor: the time the same work
//! takes at the matrix rate measured in the same run. What hashes has SHA-256 for its floor, what
//! reads a bgzip file the time to decompress it, what looks up intervals a bisection, and what looks
//! up states the reading of their bytes. Names given as arguments choose benchmarks.

#![expect(clippy::print_stdout, reason = "a command-line tool")]

mod annotate;
mod cache_lookup;
mod flops;
mod matrix_rate;
mod measure;
mod prepare_gnomad;
mod score_vcf;
mod tuples;
mod verify_receipts;

use std::env;

use anyhow::Result;

fn main() -> Result<()> {
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|other| other == name);

    if wanted("verify-receipts") {
        println!("{}", verify_receipts::measure()?);
    }
    if wanted("prepare-gnomad") {
        println!("{}", prepare_gnomad::measure()?);
    }
    if wanted("annotate") {
        println!("{}", annotate::measure());
    }
    if wanted("cache-lookup") {
        println!("{}", cache_lookup::measure()?);
    }
    if wanted("tuples") {
        println!("{}", tuples::measure()?);
    }
    if !["matrix-rate", "score-vcf"].into_iter().any(wanted) {
        return Ok(());
    }
    let rate = matrix_rate::measure();
    if wanted("matrix-rate") {
        println!("{}", rate.line("matrix-rate", None));
    }
    if wanted("score-vcf") {
        println!(
            "{}",
            score_vcf::measure()?.line("score-vcf", Some(rate.rate()))
        );
    }
    Ok(())
}
