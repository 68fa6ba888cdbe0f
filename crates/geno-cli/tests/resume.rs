//! `geno-lewm score --resume` after the process was killed.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::Duration,
};

/// Bases of the contig: its windows are short, so that there is much to score.
const LEN: usize = 1_500;

fn fixture(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures");
    path.join(name)
}

/// Writes a contig and every SNV of it, some behind others, some bad.
fn write_inputs(folder: &Path) {
    // A multiplicative generator: bases without a pattern.
    let mut state = 1u32;
    let mut base = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        b"ACGT"[(state >> 30) as usize]
    };
    let bases: Vec<u8> = (0..LEN).map(|_| base()).collect();
    let text = String::from_utf8(bases.clone()).unwrap();
    fs::write(folder.join("ref.fa"), format!(">20\n{text}\n")).unwrap();

    let mut vcf = "##fileformat=VCFv4.2\n##contig=<ID=20>\n".to_owned();
    vcf += "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";
    for (i, &reference) in bases.iter().enumerate() {
        for &alternate in b"ACGT".iter().filter(|&&base| base != reference) {
            let (reference, alternate) = (char::from(reference), char::from(alternate));
            vcf += &format!(
                "20\t{}\t.\t{reference}\t{alternate},*\t.\tPASS\tDP=7\n",
                i + 1
            );
        }
    }
    fs::write(folder.join("in.vcf"), vcf).unwrap();
}

fn score(folder: &Path, output: &str, more: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
    command
        .current_dir(folder)
        .env("GENO_LEWM_LOG_LEVEL", "warn")
        .env("SOURCE_DATE_EPOCH", "1767225600")
        .args([
            "score",
            "--quiet",
            "--no-banner",
            "--vcf",
            "../in.vcf",
            "--fasta",
            "../ref.fa",
        ])
        .args([
            "--receipt",
            "receipts.jsonl",
            "--batch-receipt",
            "batch.json",
        ])
        .args(["--output", output])
        .arg("--model-dir")
        .arg(fixture("demo/model"))
        .args(more)
        .stderr(Stdio::piped());
    command
}

fn finish(child: Child) {
    let output = child.wait_with_output().unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{stderr}");
}

fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let files = fs::read_dir(folder).unwrap().map(|entry| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        (name, fs::read(path).unwrap())
    });
    files.collect()
}

/// How many chunks a run has closed.
fn n_chunks(folder: &Path, output: &str) -> usize {
    let journal = folder.join(format!("{output}.partial/journal.jsonl"));
    let journal = fs::read_to_string(journal).unwrap_or_default();
    journal.lines().count().saturating_sub(1)
}

/// Waits until a run has closed another chunk, or is over.
fn wait_for_chunk(child: &mut Child, folder: &Path, output: &str, before: usize) {
    while n_chunks(folder, output) <= before && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_run_killed_ten_times_gives_the_bytes_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    write_inputs(folder.path());
    let (whole, killed) = (folder.path().join("whole"), folder.path().join("killed"));
    fs::create_dir(&whole).unwrap();
    fs::create_dir(&killed).unwrap();

    for output in ["s.vcf.gz", "s.parquet", "s.tsv", "s.jsonl"] {
        finish(score(&whole, output, &[]).spawn().unwrap());
    }
    // Kill wherever the run happens to be, and right behind a chunk.
    let output = "s.vcf.gz";
    let mut n_resumed = 0;
    for i in 0..10 {
        let before = n_chunks(&killed, output);
        n_resumed += usize::from(before > 0);
        let mut child = score(&killed, output, &["--resume"]).spawn().unwrap();
        match i % 2 {
            0 => thread::sleep(Duration::from_millis(50 + 97 * i)),
            _ => wait_for_chunk(&mut child, &killed, output, before),
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    finish(score(&killed, output, &["--resume"]).spawn().unwrap());
    assert!(n_resumed > 0, "nothing was ever resumed");
    compare(&whole, &killed, output);

    for output in ["s.parquet", "s.tsv", "s.jsonl"] {
        let mut child = score(&killed, output, &[]).spawn().unwrap();
        wait_for_chunk(&mut child, &killed, output, 0);
        child.kill().unwrap();
        child.wait().unwrap();
        finish(score(&killed, output, &["--resume"]).spawn().unwrap());
        compare(&whole, &killed, output);
    }
}

/// Compares the files of two runs but for the other outputs of the first.
fn compare(whole: &Path, killed: &Path, output: &str) {
    let (mut expected, found) = (files(whole), files(killed));
    let is_of = |name: &str| !name.starts_with("s.") || name.starts_with(output);
    expected.retain(|name, _| is_of(name) || found.contains_key(name));
    assert!(found.contains_key(output));
    for (name, bytes) in found {
        // Left by a process that was killed while it gave files their names.
        if name.starts_with(".geno-lewm-") {
            continue;
        }
        assert!(expected.remove(&name) == Some(bytes), "`{name}` differs");
    }
    assert!(expected.is_empty(), "{:?} are missing", expected.keys());
}

#[test]
fn what_a_killed_run_left_is_refused_until_somebody_says_what_becomes_of_it() {
    let folder = tempfile::tempdir().unwrap();
    write_inputs(folder.path());
    let own = folder.path().join("own");
    fs::create_dir(&own).unwrap();
    let mut child = score(&own, "s.tsv", &[]).spawn().unwrap();
    wait_for_chunk(&mut child, &own, "s.tsv", 0);
    child.kill().unwrap();
    child.wait().unwrap();

    let refused = score(&own, "s.tsv", &[]).output().unwrap();
    let stderr = String::from_utf8_lossy(&refused.stderr);
    assert_eq!(refused.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("`s.tsv.partial` holds an unfinished run: resume or restart it"));
    let other = score(&own, "s.tsv", &["--resume", "--strict"])
        .output()
        .unwrap();
    let stderr = String::from_utf8_lossy(&other.stderr);
    assert!(stderr.contains("begun with another strictness"), "{stderr}");

    finish(score(&own, "s.tsv", &["--restart"]).spawn().unwrap());
    assert!(!own.join("s.tsv.partial").exists());
}
