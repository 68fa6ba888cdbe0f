//! `cargo xtask bench`: how fast, and how far from what the machine allows.
//!
//! One JSON line a benchmark: its name, the work in floating-point operations, the median time
//! over repeats with the fastest and the slowest, the rate, and the floor: the time the same work
//! takes at the matrix rate measured in the same run. Names given as arguments choose benchmarks.

#![expect(clippy::print_stdout, reason = "a command-line tool")]

mod flops;
mod matrix_rate;
mod measure;
mod score_vcf;

use std::env;

use anyhow::Result;

fn main() -> Result<()> {
    let chosen: Vec<String> = env::args().skip(1).collect();
    let wanted = |name: &str| chosen.is_empty() || chosen.iter().any(|other| other == name);

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
