//! `geno-lewm pretrain` after the process was killed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

fn pretrain(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
    command
        .env("GENO_LEWM_LOG_LEVEL", "warn")
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .args(["pretrain", "--quiet", "--include", "20:3000001-3030000"])
        .args([
            "--validate",
            "20:3100001-3102000",
            "--exclude",
            "20:3010001-3011000",
        ])
        .args([
            "--hidden-size",
            "32",
            "--layers",
            "2",
            "--heads",
            "2",
            "--kv-heads",
            "1",
        ])
        .args([
            "--ffn-dim",
            "32",
            "--context-tokens",
            "30",
            "--batch-size",
            "4",
        ])
        .args(["--steps", "40", "--warmup", "5", "--validate-every", "8"])
        .args(["--checkpoint-every", "3", "--markov-orders", "0,3"])
        .arg("--fasta")
        .arg(folder.with_file_name("genome.fa.gz"))
        .arg("--run-dir")
        .arg(folder)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// What a run printed.
fn finish(child: Child) -> String {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// The files of a run but for its log, which holds times, by their paths.
fn files(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            match path.is_dir() {
                true => folders.push(path),
                // Left by a process that was killed while it gave a file its name.
                false if path.display().to_string().contains(".geno-lewm-") => {}
                false => {
                    let name = path.strip_prefix(folder).unwrap().to_owned();
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    found.remove(Path::new("train.log.jsonl"));
    found
}

/// The last checkpoint of a run.
fn last(folder: &Path) -> Option<PathBuf> {
    let entries = fs::read_dir(folder.join("checkpoints")).ok()?;
    let paths = entries.filter_map(|entry| Some(entry.ok()?.path()));
    let is_checkpoint = |path: &PathBuf| {
        let name = path.file_name().unwrap_or_default();
        name.to_string_lossy().starts_with("step-")
    };
    paths.filter(is_checkpoint).max()
}

#[test]
fn a_run_killed_six_times_gives_the_bytes_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo/GRCh37.20.fa.gz");
    fs::copy(genome, folder.path().join("genome.fa.gz")).unwrap();
    let [whole, killed] = ["whole", "killed"].map(|name| folder.path().join(name));
    let expected = finish(pretrain(&whole).spawn().unwrap());

    let mut n_kills = 0;
    for i in 0..6 {
        let before = last(&killed);
        let mut child = pretrain(&killed).spawn().unwrap();
        // Right behind a checkpoint, and wherever the run happens to be some time later.
        while last(&killed) == before && child.try_wait().unwrap().is_none() {
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(13 * (i % 3)));
        n_kills += u32::from(child.try_wait().unwrap().is_none());
        child.kill().unwrap();
        child.wait().unwrap();
    }
    assert!(n_kills > 2, "killed {n_kills} times alone");
    assert_eq!(finish(pretrain(&killed).spawn().unwrap()), expected);

    let (expected, found) = (files(&whole), files(&killed));
    let names = |files: &BTreeMap<PathBuf, _>| files.keys().cloned().collect::<Vec<_>>();
    assert_eq!(names(&found), names(&expected));
    for (name, bytes) in &found {
        assert!(expected[name] == *bytes, "`{}` differs", name.display());
    }
    assert!(found.contains_key(Path::new("encoder/model.safetensors")));
    assert!(found.contains_key(Path::new("envelope.json")));
}
