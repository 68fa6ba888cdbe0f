//! A shard of a million gnomAD rows, beside the rate of decompressing them.

use std::{
    fs::{self, File},
    io::{Read, Write},
    num::NonZero,
    ops::ControlFlow,
    path::Path,
    time::Instant,
};

use anyhow::{Context, Result, ensure};
use geno_data::{PrepareGnomad, PrepareShard};
use noodles_bgzf as bgzf;
use rayon::prelude::*;
use serde_json::{Value, json};

/// Rows of the file.
const ROWS: u64 = 1_000_000;

/// Rows generated together.
const CHUNK: u64 = 10_000;

const REPEATS: usize = 3;

const POPULATIONS: [&str; 10] = [
    "afr",
    "ami",
    "amr",
    "asj",
    "eas",
    "fin",
    "mid",
    "nfe",
    "remaining",
    "sas",
];

/// Writes the file, makes a shard of it several times, and prints the rates of the median.
///
/// The floor is what decompressing the file once takes on as many threads.
pub(crate) fn measure() -> Result<Value> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("gnomad.vcf.bgz");
    generate(&path)?;
    let n_bytes = path.metadata()?.len();

    let prepare = PrepareGnomad {
        files: PrepareShard {
            vcf: &path,
            output: folder.path(),
            release: "bench",
            max_allele_len: 16,
            overwrite: true,
            rejected: None,
        },
        min_af: 0.01,
        allow_unfiltered: false,
    };
    let mut counts = None;
    let (mut floors, mut seconds) = (Vec::new(), Vec::new());
    for _ in 0..REPEATS {
        // By turns, so that whatever else the machine does weighs on both.
        let start = Instant::now();
        decompress(&path)?;
        floors.push(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let report = prepare.run(|_| ControlFlow::Continue(()))?;
        seconds.push(start.elapsed().as_secs_f64());
        counts = report.map(|report| report.counts);
    }
    let (floor, seconds) = (median(floors), median(seconds));
    let rows = counts.context("nothing was made")?.rows;
    ensure!(rows.records_read == ROWS, "{rows:?}");
    Ok(json!({
        "name": "prepare-gnomad",
        "work": format!("{ROWS} rows of 49 INFO fields, from a bgzip file"),
        "rows": ROWS,
        "written": rows.records_written,
        "bytes": n_bytes,
        "seconds": seconds,
        "repeats": REPEATS,
        "rows_per_s": ROWS as f64 / seconds,
        "floor_seconds": floor,
        "floor_fraction": floor / seconds,
        "threads": rayon::current_num_threads(),
    }))
}

fn median(mut seconds: Vec<f64>) -> f64 {
    seconds.sort_by(f64::total_cmp);
    seconds[seconds.len() / 2]
}

/// Decompresses a file on all threads and drops what it holds.
fn decompress(path: &Path) -> Result<()> {
    let bytes = fs::read(path)?;
    let mut blocks = Vec::new();
    let mut rest = &bytes[..];
    while let Some(head) = rest.first_chunk::<18>() {
        let len = usize::from(u16::from_le_bytes([head[16], head[17]])) + 1;
        let (block, after) = rest.split_at_checked(len).context("a block is cut")?;
        blocks.push(block);
        rest = after;
    }
    blocks.par_chunks(8).try_for_each(|blocks| {
        let mut text = Vec::new();
        for block in blocks {
            text.clear();
            bgzf::io::Reader::new(*block).read_to_end(&mut text)?;
        }
        Ok(())
    })
}

fn generate(path: &Path) -> Result<()> {
    let file = File::create(path)?;
    let threads = NonZero::new(rayon::current_num_threads()).context("no threads")?;
    let mut file = bgzf::io::MultithreadedWriter::with_worker_count(threads, file);
    let header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    file.write_all(header.as_bytes())?;
    for first in (0..ROWS).step_by(CHUNK as usize) {
        let rows = (first..first + CHUNK).into_par_iter().map(row);
        for row in rows.collect::<Vec<_>>() {
            file.write_all(row.as_bytes())?;
        }
    }
    file.finish()?;
    Ok(())
}

/// A row like gnomAD's: most variants are rare, and each population has four numbers.
fn row(n: u64) -> String {
    let mut draws = (0..).map(|i| mixed(n << 8 | i));
    let mut draw = |below: u64| draws.next().map_or(0, |bits| bits % below);
    let bases = ["A", "C", "G", "T", "TGA"];
    let place = draw(4) as usize;
    let (reference, alternate) = (bases[place], bases[(place + 1 + draw(4) as usize) % 5]);
    let filter = if draw(8) == 0 { "AC0;AS_VQSR" } else { "PASS" };
    // One variant in sixteen is common.
    let an = 140_000 + draw(12_000);
    let ac = if draw(16) == 0 { draw(an) } else { draw(100) };
    let mut info = format!(
        "AC={ac};AN={an};AF={:.5e};grpmax=nfe;fafmax_faf95_max={:.5e};nhomalt={};lcr",
        ac as f64 / an as f64,
        draw(1_000_000) as f64 / 1e9,
        ac / 3,
    );
    for population in POPULATIONS {
        let (an, share) = (an / 10, draw(10_000) as f64 / 1e4);
        let ac = (share * ac as f64) as u64;
        info += &format!(
            ";AC_{population}={ac};AN_{population}={an};AF_{population}={:.5e};nhomalt_{population}={}",
            ac as f64 / an as f64,
            ac / 3,
        );
    }
    let pos = 10_001 + n * 3;
    format!(
        "chr20\t{pos}\trs{}\t{reference}\t{alternate}\t.\t{filter}\t{info};variant_type=snv;VarDP={}\n",
        draw(1_000_000_000),
        draw(9_000),
    )
}

/// Bits that look random (SplitMix64).
fn mixed(n: u64) -> u64 {
    let n = n.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    let n = (n ^ n >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let n = (n ^ n >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    n ^ n >> 31
}
