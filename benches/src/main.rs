//! `cargo xtask bench`: how fast, and how far from what the machine allows.
//!
//! One JSON line a benchmark: its name, the work of one repeat, the median time over repeats with
//! the fastest and the slowest, the rate, and the floor: the least time that the same work can take
//! on this machine, by a limit that is measured in the same run. What multiplies matrices is held
//! against the matrix rate, what loads a model against SHA-256, what checks receipts too, what reads
//! a bgzip file against decompressing it, what looks up intervals against a bisection, and what
//! looks up states against reading their bytes.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool"
)]

mod annotate;
mod cache_lookup;
mod causal_flops;
mod flops;
mod fraction;
mod haplotypes;
mod likelihood;
mod line;
mod load_model;
mod machine;
mod matrix_rate;
mod memory_bandwidth;
mod networks;
mod options;
mod peak_memory;
mod peer;
mod plan;
mod plan_recovery;
mod predict;
mod predictor_flops;
mod prepare_gnomad;
mod processor;
mod random_model;
mod rollout;
mod score_sites;
mod score_vcf;
mod sequence;
mod shape;
mod subject;
mod timings;
mod torch;
mod train_lm;
mod train_predictor;
mod training;
mod tuples;
mod verify_receipts;

use std::{env, process::ExitCode};

use anyhow::{Context, Result};
use serde_json::Value;

use crate::{
    line::Line, machine::Machine, networks::Networks, options::Options, peer::Peer,
    processor::processor, subject::Subject,
};

/// What the machine can do at most.
const LIMITS: &[&str] = &["matrix-rate", "memory-bandwidth"];

/// What a model does without its encoder.
const NETWORKS: &[&str] = &["predict", "plan", "rollout"];

/// What a whole model does.
const MODEL: &[&str] = &[
    "load-model",
    "encode-window",
    "score-sparse",
    "score-dense",
    "score-vcf",
    "likelihood",
    "plan-recovery",
];

/// What trains one.
const TRAINING: &[&str] = &["train-lm", "train-predictor"];

/// What needs no model.
const DATA: &[&str] = &[
    "verify-receipts",
    "prepare-gnomad",
    "annotate",
    "cache-lookup",
    "tuples",
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    // As the command line does.
    geno_kernels::keep_freed_memory();
    let names = [LIMITS, NETWORKS, MODEL, TRAINING, DATA].concat();
    let options = Options::parse(env::args().skip(1), &names)?;
    let peers = options.peers.iter().map(|path| Peer::read(path));
    let peers: Vec<Peer> = peers.collect::<Result<_>>()?;
    if let Some(threads) = options.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build_global().context("cannot start the threads")?;
    }

    let machine = Machine::new(options.backend, options.repeats)?;
    for name in LIMITS.iter().filter(|name| options.wants(name)) {
        limit(name, &machine)?.into_iter().for_each(print);
    }
    if NETWORKS.iter().any(|name| options.wants(name)) {
        let networks = Networks::new(&options.model)?;
        for name in NETWORKS.iter().filter(|name| options.wants(name)) {
            let lines = without_encoder(name, &options, &machine, &networks, &peers)?;
            lines.into_iter().for_each(print);
        }
    }
    if MODEL.iter().any(|name| options.wants(name)) {
        let subject = Subject::new(&options.model, options.backend)?;
        for name in MODEL.iter().filter(|name| options.wants(name)) {
            let lines = model(name, &options, &machine, &subject, &peers)?;
            lines.into_iter().for_each(print);
        }
    }
    if options.wants("train-lm") {
        let lines = train_lm::measure(&options, &machine)?;
        lines.into_iter().for_each(print);
    }
    if options.wants("train-predictor") {
        print(train_predictor::measure(&options, &machine)?);
    }
    for name in DATA.iter().filter(|name| options.wants(name)) {
        print_json(data(name)?);
    }
    Ok(())
}

fn print(line: Line) {
    print_json(line.into_json());
}

/// Prints a line with the kind of processor it is of.
fn print_json(mut line: Value) {
    line["cpu"] = processor().into();
    println!("{line}");
}

fn limit(name: &str, machine: &Machine) -> Result<Vec<Line>> {
    Ok(match name {
        "matrix-rate" => machine
            .matrix_rates()?
            .iter()
            .map(|rate| rate.line())
            .collect(),
        _ => machine.memory()?.lines().into(),
    })
}

fn without_encoder(
    name: &str,
    options: &Options,
    machine: &Machine,
    networks: &Networks,
    peers: &[Peer],
) -> Result<Vec<Line>> {
    Ok(match name {
        "predict" => predict::measure(options, machine, networks)?.into(),
        "plan" => plan::measure(options, machine, networks, peers)?.into(),
        _ => rollout::measure(options, machine, networks, peers)?.into(),
    })
}

fn model(
    name: &str,
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    peers: &[Peer],
) -> Result<Vec<Line>> {
    Ok(match name {
        "load-model" => vec![load_model::measure(options, machine, subject)?],
        "encode-window" => vec![score_sites::encode_window(options, machine, subject)?],
        "score-sparse" => vec![score_sites::sparse(options, machine, subject, peers)?],
        "score-dense" => score_sites::dense(options, machine, subject, peers)?.into(),
        "plan-recovery" => plan_recovery::measure(options, subject)?,
        "likelihood" => likelihood::measure(options, machine, subject)?.into(),
        _ => vec![score_vcf::measure(options, machine, subject, peers)?],
    })
}

fn data(name: &str) -> Result<Value> {
    match name {
        "verify-receipts" => verify_receipts::measure(),
        "prepare-gnomad" => prepare_gnomad::measure(),
        "annotate" => Ok(annotate::measure()),
        "cache-lookup" => cache_lookup::measure(),
        _ => tuples::measure(),
    }
}
