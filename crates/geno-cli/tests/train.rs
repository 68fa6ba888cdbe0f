//! A predictor trained from the command line: killed, damaged, leaking, and exported.

#[path = "support/program.rs"]
mod program;

use std::{
    collections::BTreeMap, fs, path::Path, process::Stdio, sync::LazyLock, thread, time::Duration,
};

use tempfile::{TempDir, tempdir};

use crate::program::{geno_lewm, succeed};

const CONFIG: &str = "\
schema_version: '1.0.0'
run_id: test
encoder: {dtype: fp32, state_layer: 4, pool_type: downstream_mean, pool_radius: 8,
  state_contract: l2_normalized_v2, window_bp: 600, layout: centered}
predictor: {architecture: causal_v2, d_state: 128, n_layers: 1, n_heads: 2, d_hidden: 32, ffn_dim: 32}
action: {architecture: base_v2, d_action: 16, d_pos: 4, d_hidden: 32}
training: {max_steps: 60, collapse_log_every_steps: 20}
optimizer: {lr: 0.002, warmup_steps: 5}
data: {batch_size: 36}
";

/// A folder with three sets of states.
static STATES: LazyLock<TempDir> = LazyLock::new(|| {
    let folder = tempdir().unwrap();
    let path = folder.path();
    succeed(path, &["demo", "--output", "demo", "--quiet"]);
    fs::write(path.join("config.yaml"), CONFIG).unwrap();
    let regions = [
        ("train", 3_100_000),
        ("validate", 3_130_000),
        ("test", 3_140_000),
    ];
    for (name, start) in regions {
        let bed = format!("20\t{start}\t{}\n", start + 6_000);
        fs::write(path.join(format!("{name}.bed")), bed).unwrap();
        let bed = format!("{name}.bed");
        let mut args = vec!["targets", "--model-config", "config.yaml", "--seed", "3"];
        args.extend(["--encoder-dir", "demo/model/encoder"]);
        args.extend(["--fasta", "demo/GRCh37.20.fa.gz", "--regions", &bed]);
        args.extend(["--window-bp", "600", "--stride", "600", "--saturate", "2"]);
        args.extend(["--mix", "synthetic=1", "--edit-counts", "1,1"]);
        args.extend(["--output", name, "--quiet"]);
        succeed(path, &args);
    }
    folder
});

fn train<'a>(run_dir: &'a str, sets: [&'a str; 3]) -> Vec<&'a str> {
    let mut args = vec!["train", "--config", "config.yaml", "--run-dir", run_dir];
    args.extend([
        "--targets",
        sets[0],
        "--validate",
        sets[1],
        "--test",
        sets[2],
    ]);
    args.extend([
        "--validate-every",
        "20",
        "--checkpoint-every",
        "3",
        "--quiet",
    ]);
    args
}

const SETS: [&str; 3] = ["train", "validate", "test"];

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        match path.is_dir() {
            true => files.extend(
                self::files(&path)
                    .into_iter()
                    .map(|(inner, bytes)| (format!("{name}/{inner}"), bytes)),
            ),
            false => _ = files.insert(name, fs::read(path).unwrap()),
        }
    }
    files
}

#[test]
fn a_run_that_was_killed_ends_with_the_bytes_of_one_that_was_not() {
    let folder = STATES.path();
    let table = succeed(folder, &train("whole", SETS));
    assert!(
        table.contains("mean change") && table.contains("\ntest "),
        "{table}"
    );

    let mut reached = Vec::new();
    for round in 0..10 {
        let mut child = geno_lewm(folder, &train("killed", SETS))
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        thread::sleep(Duration::from_millis(150 + 60 * round));
        child.kill().unwrap();
        child.wait().unwrap();
        let checkpoints = fs::read_dir(folder.join("killed/checkpoints"));
        reached.push(checkpoints.map_or(0, Iterator::count));
    }
    let resumed = succeed(folder, &train("killed", SETS));
    assert_eq!(resumed, table);
    let [whole, killed] = ["whole", "killed"].map(|run| files(&folder.join(run)));
    // What happened when is told by the log and the records; the rest is the same.
    let tells_of_time = ["train.log.jsonl", "training_run.json", "envelope.json"];
    for (name, bytes) in &whole {
        if !tells_of_time.contains(&name.as_str()) {
            assert!(
                killed.get(name) == Some(bytes),
                "{name}; killed at {reached:?}"
            );
        }
    }
    assert_eq!(
        whole.keys().collect::<Vec<_>>(),
        killed.keys().collect::<Vec<_>>()
    );
}

#[test]
fn a_run_becomes_a_package_that_covers_its_files() {
    let folder = STATES.path();
    let mut args = train("packaged", SETS);
    args.extend(["--steps", "9", "--carbon-train", "--package-release-run"]);
    let printed = succeed(folder, &args);
    let line = printed.lines().last().unwrap();
    let package: serde_json::Value = serde_json::from_str(line).unwrap();
    let artifacts = package["artifacts"].as_array().unwrap();
    let kinds: Vec<_> = artifacts.iter().map(|file| &file["kind"]).collect();
    let expected = [
        "dataset_manifest",
        "training_config",
        "metrics",
        "log",
        "checkpoint",
        "checkpoint",
    ];
    assert_eq!(kinds, expected);
    let run_dir = folder.join("packaged");
    let card = fs::read_to_string(run_dir.join("training_run_card.md")).unwrap();
    let metrics = fs::read(run_dir.join("metrics.json")).unwrap();
    let metrics: serde_json::Value = serde_json::from_slice(&metrics).unwrap();
    let tested = format!(
        "on {} held-out edits",
        metrics["evaluation"]["metrics"][0]["n"]
    );
    assert!(card.contains(&tested), "{card}");

    // The same of the run that is there, and none of one whose weights are gone.
    let again = ["train", "--package-release-run", "--run-dir", "packaged"];
    let before = files(&run_dir);
    assert_eq!(succeed(folder, &again).trim(), line);
    assert!(files(&run_dir) == before);
    let checkpoint = artifacts[5]["path"].as_str().unwrap();
    fs::remove_file(run_dir.join(checkpoint)).unwrap();
    let output = geno_lewm(folder, &again).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(
        !output.status.success() && stderr.contains(checkpoint),
        "{stderr}"
    );
}

#[test]
fn a_damaged_checkpoint_is_named() {
    let folder = STATES.path();
    succeed(
        folder,
        &[&train("damaged", SETS)[..], &["--steps", "9"]].concat(),
    );
    let weights = folder.join("damaged/checkpoints/step-00000009/predictor.safetensors");
    let mut bytes = fs::read(&weights).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&weights, bytes).unwrap();
    let longer = [&train("damaged", SETS)[..], &["--steps", "12"]].concat();
    let output = geno_lewm(folder, &longer).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(8), "{stderr}");
    assert!(
        stderr.contains("predictor.safetensors") && stderr.contains("digest"),
        "{stderr}"
    );

    // The one before it is good.
    let before = "damaged/checkpoints/step-00000006";
    succeed(folder, &[&longer[..], &["--resume-from", before]].concat());
}

#[test]
fn sets_that_leak_into_each_other_are_refused() {
    let folder = STATES.path();
    for sets in [
        ["train", "train", "test"],
        ["train", "validate", "train"],
        ["test", "validate", "validate"],
    ] {
        let output = geno_lewm(folder, &train("leaking", sets)).output().unwrap();
        let stderr = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{sets:?} {stderr}");
        assert!(stderr.contains("change bases that"), "{sets:?} {stderr}");
        assert!(!folder.join("leaking").exists());
    }
}

#[test]
fn states_of_another_configuration_are_refused() {
    let folder = STATES.path();
    let other = [
        &train("other", SETS)[..],
        &["--set", "encoder.pool_radius=7"],
    ]
    .concat();
    let output = geno_lewm(folder, &other).output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(3), "{stderr}");
    assert!(
        stderr.contains("`encoder.pool_radius` is 7, where the stored states have 8"),
        "{stderr}"
    );
}

#[test]
fn a_trained_checkpoint_becomes_a_model() {
    let folder = STATES.path();
    succeed(
        folder,
        &[&train("exported", SETS)[..], &["--steps", "10"]].concat(),
    );
    let best: serde_json::Value =
        serde_json::from_slice(&fs::read(folder.join("exported/checkpoints/best.json")).unwrap())
            .unwrap();
    let checkpoint = format!(
        "exported/checkpoints/step-{:08}",
        best["step"].as_u64().unwrap()
    );
    let mut export = vec!["export", &checkpoint, "--encoder-dir", "demo/model/encoder"];
    export.extend(["--training-config", "exported/config.resolved.yaml"]);
    export.extend([
        "--encoder-id",
        "encoder",
        "--output",
        "model",
        "--model-name",
        "test",
    ]);
    export.extend(["--model-version", "0.1.0", "--release-id", "test-r1"]);
    export.extend(["--dataset-snapshot", "test", "--allow-missing-evidence"]);
    succeed(folder, &export);
    let mut calibrate = vec!["calibrate", "--model-dir", "model", "--into-model"];
    calibrate.extend([
        "--vcf",
        "demo/background.vcf.gz",
        "--fasta",
        "demo/GRCh37.20.fa.gz",
    ]);
    succeed(folder, &calibrate);
    let mut score = vec![
        "score",
        "--model-dir",
        "model",
        "--vcf",
        "demo/variants.vcf",
    ];
    score.extend([
        "--fasta",
        "demo/GRCh37.20.fa.gz",
        "--output",
        "scores.jsonl",
    ]);
    succeed(folder, &score);
    let scores = fs::read_to_string(folder.join("scores.jsonl")).unwrap();
    assert_eq!(scores.lines().count(), 120);
}
