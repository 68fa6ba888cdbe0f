//! Scratch.
use geno_data::*;
use std::{ops::ControlFlow, path::Path, time::Instant};
fn main() {
    let a: Vec<String> = std::env::args().collect();
    let start = Instant::now();
    let files = PrepareShard {
        vcf: Path::new(&a[2]),
        output: Path::new(&a[3]),
        release: "r",
        max_allele_len: 16,
        overwrite: true,
        rejected: None,
    };
    let report = if a[1] == "clinvar" {
        PrepareClinvar { files }
            .run(|_| ControlFlow::Continue(()))
            .unwrap()
            .unwrap()
            .to_json()
    } else {
        PrepareGnomad {
            files,
            min_af: a[4].parse().unwrap(),
            allow_unfiltered: true,
        }
        .run(|_| ControlFlow::Continue(()))
        .unwrap()
        .unwrap()
        .to_json()
    };
    let s = start.elapsed().as_secs_f64();
    println!("{report}\n{s:.3} s {:.0}/s", 1e6 / s);
    if a[1] == "gnomad" {
        let start = Instant::now();
        let n = GnomadShard::open(Path::new(&a[3]).join("gnomad/r/variants.parquet"))
            .unwrap()
            .variants()
            .unwrap()
            .map(|v| v.unwrap().pos)
            .fold(0, |n, _| n + 1);
        let s = start.elapsed().as_secs_f64();
        println!("read {n} in {s:.3}: {:.0}/s", n as f64 / s);
    }
}
