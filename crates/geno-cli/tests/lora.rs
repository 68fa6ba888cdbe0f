//! Adapters trained from the command line: merged, exported and scored with.
#![cfg(feature = "experimental")]

#[path = "support/program.rs"]
mod program;

use std::{fs, path::Path, process::Output};

use tempfile::tempdir;

use crate::program::{geno_lewm, succeed};

const CONFIG: &str = "\
schema_version: '1.0.0'
run_id: test
encoder: {dtype: fp32, state_layer: 4, pool_type: downstream_mean, pool_radius: 8,
  state_contract: l2_normalized_v2, window_bp: 600, layout: centered}
predictor: {architecture: causal_v2, d_state: 128, n_layers: 1, n_heads: 2, d_hidden: 32, ffn_dim: 32}
action: {architecture: base_v2, d_action: 16, d_pos: 4, d_hidden: 32}
training: {max_steps: 3, collapse_log_every_steps: 20}
optimizer: {lr: 0.002, warmup_steps: 1}
data: {batch_size: 18}
";

/// Fails with an exit code and a message that holds a text.
fn fail(folder: &Path, args: &[&str], code: i32, text: &str) {
    let Output { status, stderr, .. } = geno_lewm(folder, args).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert_eq!(status.code(), Some(code), "{args:?}: {stderr}");
    assert!(stderr.contains(text), "{stderr}");
}

#[test]
fn an_adapted_encoder_is_exported_with_its_predictor_and_no_other() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    succeed(folder, &["demo", "--output", "demo", "--quiet"]);
    fs::write(folder.join("config.yaml"), CONFIG).unwrap();
    let fasta = ["--fasta", "demo/GRCh37.20.fa.gz"];
    let encoder = ["--encoder-dir", "demo/model/encoder"];
    for (name, start) in [("train", 3_100_000), ("validate", 3_130_000)] {
        let bed = format!("{name}.bed");
        fs::write(
            folder.join(&bed),
            format!("20\t{start}\t{}\n", start + 1_800),
        )
        .unwrap();
        let mut args = vec![
            "targets",
            "--model-config",
            "config.yaml",
            "--regions",
            &bed,
        ];
        args.extend([encoder, fasta].concat());
        args.extend(["--window-bp", "600", "--stride", "600", "--saturate", "1"]);
        args.extend(["--output", name, "--quiet"]);
        succeed(folder, &args);
    }

    let mut plain = vec![
        "train",
        "--config",
        "config.yaml",
        "--run-dir",
        "run",
        "--quiet",
    ];
    plain.extend(["--targets", "train", "--validate", "validate"]);
    plain.extend(encoder);
    let with = |more: &[&'static str]| [&plain[..], &["--lora"], &fasta, more].concat();
    fail(folder, &with(&[]), 3, "gamma must be above 0");
    fail(folder, &[&plain[..], &["--lora"]].concat(), 2, "--fasta");
    let rank = with(&["--gamma", "0.01", "--lora-rank", "65"]);
    fail(folder, &rank, 3, "has rank 64");
    fail(
        folder,
        &with(&["--lora-targets", "q,x"]),
        2,
        "some of q, k, v, o",
    );
    let mut small = with(&[
        "--gamma",
        "0.01",
        "--lora-rank",
        "4",
        "--lora-targets",
        "q,v",
    ]);
    small.retain(|flag| *flag != "--quiet");
    let Output { status, stderr, .. } = geno_lewm(folder, &small).output().unwrap();
    let stderr = String::from_utf8_lossy(&stderr);
    assert!(status.success(), "{stderr}");
    let notice = "notice: `--lora` is experimental: it may change with every version";
    assert_eq!(stderr.matches("experimental").count(), 1, "{stderr}");
    assert!(stderr.contains(notice), "{stderr}");
    let record = fs::read_to_string(folder.join("run/training_run.json")).unwrap();
    assert!(record.contains("encoder/model.safetensors"), "{record}");
    // Without adapters, it is another run.
    fail(folder, &plain, 2, "adapted predictor");

    let best = fs::read(folder.join("run/checkpoints/best.json")).unwrap();
    let best: serde_json::Value = serde_json::from_slice(&best).unwrap();
    let checkpoint = format!("run/checkpoints/step-{:08}", best["step"].as_u64().unwrap());
    let export = |encoder: &'static str| {
        let mut args = vec!["export", &checkpoint, "--encoder-dir", encoder];
        args.extend([
            "--encoder-id",
            "adapted",
            "--output",
            "model",
            "--model-name",
            "test",
        ]);
        args.extend(["--model-version", "0.1.0", "--release-id", "test-r1"]);
        args.extend(["--dataset-snapshot", "test", "--allow-missing-evidence"]);
        args.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let base = export("demo/model/encoder");
    let base: Vec<_> = base.iter().map(String::as_str).collect();
    fail(folder, &base, 2, "are not merged into this encoder");
    assert!(!folder.join("model").exists());
    let merged = export("run/encoder");
    succeed(
        folder,
        &merged.iter().map(String::as_str).collect::<Vec<_>>(),
    );
    let mut calibrate = vec!["calibrate", "--model-dir", "model", "--into-model"];
    calibrate.extend(["--vcf", "demo/background.vcf.gz"]);
    calibrate.extend(fasta);
    succeed(folder, &calibrate);
    let mut score = vec![
        "score",
        "--model-dir",
        "model",
        "--vcf",
        "demo/variants.vcf",
    ];
    score.extend(["--output", "scores.jsonl"]);
    score.extend(fasta);
    succeed(folder, &score);
    let scores = fs::read_to_string(folder.join("scores.jsonl")).unwrap();
    assert_eq!(scores.lines().count(), 120);
}
