//! From the demo model to scores in int8, with the commands that the book names.

use std::{
    fs,
    path::Path,
    process::{Command, Output},
};

fn run(folder: &Path, args: &str) -> Output {
    Command::new(env!("CARGO_BIN_EXE_geno-lewm"))
        .current_dir(folder)
        .env("GENO_LEWM_LOG_LEVEL", "warn")
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .env("GENO_LEWM_CACHE", folder.join("cache"))
        .args(args.split_whitespace())
        .output()
        .unwrap()
}

fn succeed(folder: &Path, args: &str) -> String {
    let output = run(folder, args);
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{args}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

fn fail(folder: &Path, args: &str) -> String {
    let output = run(folder, args);
    assert!(!output.status.success(), "{args} succeeded");
    String::from_utf8(output.stderr).unwrap()
}

const SCORE: &str = "score --quiet --model-dir int8 --vcf demo/variants.vcf \
                     --fasta demo/GRCh37.20.fa.gz --backend native";

#[test]
fn a_model_becomes_an_int8_model_that_scores_and_is_verified() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path();
    succeed(folder, "demo --quiet --output demo");
    fs::create_dir(folder.join("int8")).unwrap();
    for name in [
        "action_encoder.safetensors",
        "calibration.parquet",
        "eval_report.md",
        "predictor.safetensors",
    ] {
        let from = folder.join("demo/model").join(name);
        fs::copy(from, folder.join("int8").join(name)).unwrap();
    }
    let config = fs::read_to_string(folder.join("demo/model/config.yaml")).unwrap();
    let config = config.replacen("dtype: bf16", "dtype: int8", 1);
    fs::write(folder.join("int8/config.yaml"), config).unwrap();

    let convert = "encoder convert demo/model/encoder int8/encoder --dtype int8 \
                   --fasta demo/GRCh37.20.fa.gz --windows 2 --model-dir demo/model \
                   --manifest-output int8/manifest.json";
    let refused = fail(folder, convert);
    assert!(refused.contains("dtype: int8"), "{refused}");
    assert!(!folder.join("int8/encoder").exists());
    let converted = succeed(
        folder,
        &format!("{convert} --model-config int8/config.yaml"),
    );
    assert!(
        converted.contains("measured  32 states: error"),
        "{converted}"
    );

    // The table of the model that it was made from is not its own.
    let refused = fail(folder, &format!("{SCORE} --output scores.jsonl"));
    assert!(refused.contains("geno-lewm calibrate"), "{refused}");
    succeed(
        folder,
        "calibrate --quiet --model-dir int8 --vcf demo/variants.vcf \
         --fasta demo/GRCh37.20.fa.gz --backend native --output int8/own.parquet --no-receipt",
    );
    let receipt = "--output scores.jsonl --receipt receipts.jsonl --calibration int8/own.parquet";
    succeed(folder, &format!("{SCORE} {receipt} --batch-size 7"));
    let receipts = fs::read_to_string(folder.join("receipts.jsonl")).unwrap();
    let first = receipts.lines().next().unwrap();
    assert!(first.contains(r#""arithmetic":"int8""#), "{first}");
    assert!(first.contains(r#""encoder_dtype":"int8""#), "{first}");
    succeed(
        folder,
        "verify receipts.jsonl --model-dir int8 --rerun --vcf demo/variants.vcf \
         --fasta demo/GRCh37.20.fa.gz --backend native --calibration int8/own.parquet",
    );

    // Scores do not depend on what is computed together.
    let again = "--output again.jsonl --calibration int8/own.parquet --batch-size 64";
    succeed(folder, &format!("{SCORE} {again} --no-receipt"));
    let read = |name: &str| fs::read(folder.join(name)).unwrap();
    assert_eq!(read("again.jsonl"), read("scores.jsonl"));

    let refused = fail(folder, &format!("{SCORE} {again}").replace("native", "cpu"));
    assert!(refused.contains("--backend native"), "{refused}");
}
