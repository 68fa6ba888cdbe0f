//! Runs that are cut off and resumed: the bytes of a run that never was.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{MasterSalt, Timestamp};
use geno_runtime::{
    Annotations, Completion, MemoryBudget, PartialError, ReceiptFiles, RowFormat, Runtime,
    ScoreSummary, ScoreVcf, ScoreVcfError, Signals, Unfinished,
};
use geno_tests::fixture;
use tempfile::TempDir;

use crate::scoring::runtime;

/// A folder with a contig of 900 bases, `ACGT` over and over, and a VCF with good and bad rows.
fn folder() -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let fasta = format!(">chr1\n{}\n", "ACGT".repeat(225));
    fs::write(folder.path().join("ref.fa"), fasta).unwrap();
    let mut vcf = "##fileformat=VCFv4.2\n##contig=<ID=1>\n#CHROM\tPOS\tID\tREF\tALT\n".to_owned();
    for pos in (400..460).step_by(2) {
        let reference = ["A", "C", "G", "T"][(pos - 1) % 4];
        let alternates = ["CA,*,G", "T", "C,<DEL>", "A,G"][(pos - 1) % 4];
        vcf += &format!("1\t{pos}\t.\t{reference}\t{alternates}\n");
        if pos % 5 == 0 {
            vcf += "1\t402\tbehind\tG\tT\n2\t9\t.\tA\tC\n";
        }
    }
    fs::write(folder.path().join("in.vcf"), vcf).unwrap();
    folder
}

/// A run into a folder of its own under that one.
struct Run<'a> {
    folder: &'a Path,
    paths: BTreeMap<&'static str, PathBuf>,
    unfinished: Unfinished,
    started: u64,
    region: Option<&'a str>,
    salt: Option<MasterSalt>,
    memory_budget: MemoryBudget,
}

impl<'a> Run<'a> {
    fn new(folder: &'a Path, name: &str, scores: &str) -> Self {
        let own = folder.join(name);
        fs::create_dir_all(&own).unwrap();
        let paths = [
            ("scores", own.join(scores)),
            ("receipts", own.join("receipts.jsonl")),
            ("batch", own.join("batch.json")),
            ("rejected", own.join("rejected.jsonl")),
        ];
        Self {
            folder,
            paths: paths.into(),
            unfinished: Unfinished::Resume,
            started: 1_767_225_600,
            region: None,
            salt: None,
            // A row at a time: what is computed of the one window of so short a contig.
            memory_budget: MemoryBudget::of_bytes(1),
        }
    }

    fn partial(&self) -> PathBuf {
        let mut name = self.paths["scores"].as_os_str().to_owned();
        name.push(".partial");
        name.into()
    }

    /// Scores until `n_batches` batches are done.
    fn score(
        &self,
        runtime: &Runtime,
        n_batches: usize,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        let (vcf, fasta) = (self.folder.join("in.vcf"), self.folder.join("ref.fa"));
        let request = ScoreVcf {
            is_list: false,
            vcf: &vcf,
            fasta: &fasta,
            output: Some(&self.paths["scores"]),
            format: RowFormat::of_path(&self.paths["scores"]).unwrap(),
            receipts: Some(ReceiptFiles {
                stream: &self.paths["receipts"],
                batch: Some(&self.paths["batch"]),
                salt: self.salt.as_ref(),
            }),
            rejected: Some(&self.paths["rejected"]),
            timestamp: Timestamp::from_unix_seconds(self.started).unwrap(),
            batch_size: 3,
            memory_budget: self.memory_budget,
            strict: false,
            annotations: Annotations {
                region: self.region,
                ..Annotations::default()
            },
            signals: Signals::default(),
            envelope: None,
            unfinished: self.unfinished,
        };
        let stop = AtomicBool::new(n_batches == 0);
        let mut n_done = 0;
        let on_progress = |_| {
            n_done += 1;
            stop.store(n_done >= n_batches, Ordering::Relaxed);
        };
        runtime.score_vcf(&request, on_progress, &stop)
    }

    fn finish(&self, runtime: &Runtime) -> ScoreSummary {
        match self.score(runtime, usize::MAX).unwrap() {
            Completion::Finished(summary) => summary,
            Completion::Interrupted => panic!("nobody stopped the run"),
        }
    }

    fn stop_after(&self, runtime: &Runtime, n_batches: usize) {
        let stopped = self.score(runtime, n_batches).unwrap();
        assert_eq!(stopped, Completion::Interrupted);
    }

    fn code(&self, runtime: &Runtime) -> ErrorCode {
        self.score(runtime, usize::MAX).unwrap_err().code()
    }

    /// The bytes of every file of the run.
    fn files(&self) -> BTreeMap<String, Vec<u8>> {
        let folder = fs::read_dir(self.paths["scores"].parent().unwrap()).unwrap();
        let files = folder.map(|entry| {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_string_lossy().into_owned();
            (name, fs::read(path).unwrap())
        });
        files.collect()
    }
}

fn small() -> Runtime {
    runtime(&fixture("demo/model"))
}

#[test]
fn a_run_stopped_again_and_again_gives_the_bytes_of_a_whole_one() {
    let (folder, runtime) = (folder(), small());
    for name in ["s.jsonl", "s.tsv", "s.parquet", "s.vcf", "s.vcf.gz"] {
        let whole = Run::new(folder.path(), &format!("whole {name}"), name);
        let summary = whole.finish(&runtime);
        let mut files = whole.files();

        let mut torn = Run::new(folder.path(), &format!("torn {name}"), name);
        for n_batches in [1, 4, 0, 2, 1, 7] {
            torn.stop_after(&runtime, n_batches);
            assert!(torn.files_without_partial().is_empty(), "{name} too early");
            // The time of the first start is that of the run.
            torn.started += 100;
        }
        let mut resumed = torn.finish(&runtime);
        resumed.rejected_path = summary.rejected_path.clone();
        resumed.index = summary.index.clone();
        assert_eq!(resumed, summary, "{name}");
        assert!(!torn.partial().exists());
        for (file, bytes) in torn.files() {
            assert!(
                files.remove(&file) == Some(bytes),
                "`{file}` of {name} differs"
            );
        }
        assert!(files.is_empty(), "{files:?} are missing");
    }
}

impl Run<'_> {
    fn files_without_partial(&self) -> Vec<PathBuf> {
        let folder = fs::read_dir(self.paths["scores"].parent().unwrap()).unwrap();
        let paths = folder.map(|entry| entry.unwrap().path());
        paths.filter(|path| *path != self.partial()).collect()
    }
}

#[test]
fn what_is_behind_the_last_chunk_is_done_again() {
    let (folder, runtime) = (folder(), small());
    let whole = Run::new(folder.path(), "whole", "s.jsonl");
    whole.finish(&runtime);

    let damages: [fn(&Path); 4] = [
        // What a power cut leaves: rows without a line of the journal, and half of such a line.
        |partial| append(&partial.join("scores.tsv"), b"7\t1\t1\t40"),
        |partial| append(&partial.join("receipts.jsonl"), b"{\"a\":"),
        |partial| append(&partial.join("journal.jsonl"), b"{\"files\":{\"rec"),
        // What a bad disk leaves: another byte in the first chunk.
        |partial| {
            let path = partial.join("scores.tsv");
            let mut bytes = fs::read(&path).unwrap();
            bytes[0] ^= 1;
            fs::write(&path, bytes).unwrap();
        },
    ];
    for (i, damage) in damages.into_iter().enumerate() {
        let torn = Run::new(folder.path(), &format!("torn {i}"), "s.jsonl");
        torn.stop_after(&runtime, 2);
        torn.stop_after(&runtime, 2);
        damage(&torn.partial());
        torn.finish(&runtime);
        assert!(torn.files() == whole.files(), "damage {i}");
    }
}

fn append(path: &Path, bytes: &[u8]) {
    let mut file = fs::OpenOptions::new().append(true).open(path).unwrap();
    file.write_all(bytes).unwrap();
}

#[test]
fn an_unfinished_run_is_neither_lost_nor_taken_for_another() {
    let (folder, runtime) = (folder(), small());
    let mut run = Run::new(folder.path(), "run", "s.tsv");
    run.stop_after(&runtime, 2);

    run.unfinished = Unfinished::Refuse;
    let error = run.score(&runtime, usize::MAX).unwrap_err();
    let ScoreVcfError::Partial(PartialError::Unfinished { folder: partial }) = error else {
        panic!("{error}");
    };
    assert_eq!(partial, run.partial());

    run.unfinished = Unfinished::Resume;
    let differs = |run: &Run<'_>| match run.score(&runtime, usize::MAX).unwrap_err() {
        ScoreVcfError::Partial(PartialError::OtherRun { what, .. }) => what,
        error => panic!("{error}"),
    };
    run.region = Some("missense_variant");
    assert_eq!(differs(&run), "region");
    run.region = None;
    run.salt = Some(MasterSalt::from_bytes([7; 32]));
    assert_eq!(differs(&run), "salt");
    run.salt = None;
    let vcf = folder.path().join("in.vcf");
    let before = fs::read(&vcf).unwrap();
    append(&vcf, b"1\t500\t.\tT\tA\n");
    assert_eq!(differs(&run), "vcf");
    fs::write(&vcf, before).unwrap();
    let fasta = folder.path().join("ref.fa");
    let before = fs::read(&fasta).unwrap();
    fs::write(&fasta, before.to_ascii_lowercase()).unwrap();
    assert_eq!(differs(&run), "fasta");
    fs::write(&fasta, before).unwrap();

    assert!(run.files_without_partial().is_empty());
    run.finish(&runtime);
    assert!(!run.partial().exists());
}

#[test]
fn a_discarded_run_leaves_nothing_behind() {
    let (folder, runtime) = (folder(), small());
    let mut run = Run::new(folder.path(), "run", "s.tsv");
    run.region = Some("missense_variant");
    run.stop_after(&runtime, 2);

    (run.region, run.unfinished) = (None, Unfinished::Discard);
    run.finish(&runtime);
    let whole = Run::new(folder.path(), "whole", "s.tsv");
    whole.finish(&runtime);
    assert!(run.files() == whole.files());
}

#[test]
fn a_folder_with_other_files_is_left_alone() {
    let (folder, runtime) = (folder(), small());
    let mut run = Run::new(folder.path(), "run", "s.tsv");
    fs::create_dir(run.partial()).unwrap();
    let other = run.partial().join("thesis.txt");
    fs::write(&other, "mine").unwrap();
    for unfinished in [Unfinished::Refuse, Unfinished::Resume, Unfinished::Discard] {
        run.unfinished = unfinished;
        assert_eq!(run.code(&runtime), ErrorCode::ResourceIo);
        assert_eq!(fs::read_to_string(&other).unwrap(), "mine");
    }
}

#[test]
fn two_processes_do_not_share_a_run() {
    let (folder, runtime) = (folder(), small());
    let run = Run::new(folder.path(), "run", "s.tsv");
    run.stop_after(&runtime, 2);
    let journal = fs::File::open(run.partial().join("journal.jsonl")).unwrap();
    journal.lock().unwrap();
    assert_eq!(run.code(&runtime), ErrorCode::ResourceGeneric);
    drop(journal);
    run.finish(&runtime);
}

#[test]
fn a_journal_of_another_version_is_refused() {
    let (folder, runtime) = (folder(), small());
    let run = Run::new(folder.path(), "run", "s.tsv");
    run.stop_after(&runtime, 2);
    let path = run.partial().join("journal.jsonl");
    let journal = fs::read_to_string(&path).unwrap();
    fs::write(&path, journal.replace("\"1.0.0\"", "\"9.0.0\"")).unwrap();
    assert_eq!(run.code(&runtime), ErrorCode::ConfigSchemaIncompat);
}
