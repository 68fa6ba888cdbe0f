//! Scoring a VCF the way the tests do.

use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_provenance::{Json, Timestamp};
use geno_runtime::{
    Annotations, BackendChoice, Completion, EncoderSource, MemoryBudget, ModelDir, ReceiptFiles,
    RowFormat, Runtime, ScoreSummary, ScoreVcf, ScoreVcfError, Signals, Unfinished,
};

/// The backend under test.
pub(crate) fn backend() -> BackendChoice {
    geno_tests::backend().parse().unwrap()
}

/// A model, loaded for the backend under test.
pub(crate) fn runtime(model: &Path) -> Runtime {
    let model = ModelDir::open(model, &EncoderSource::default()).unwrap();
    Runtime::load(&model, backend()).unwrap()
}

/// A run whose files lie in one folder.
pub(crate) struct Run<'a> {
    pub(crate) vcf: &'a Path,
    pub(crate) fasta: &'a Path,
    pub(crate) folder: &'a Path,
    pub(crate) batch_size: usize,
    pub(crate) strict: bool,
}

impl Run<'_> {
    pub(crate) fn scores(&self) -> PathBuf {
        self.folder.join("scores.jsonl")
    }

    pub(crate) fn receipts(&self) -> PathBuf {
        self.folder.join("receipts.jsonl")
    }

    pub(crate) fn rejected(&self) -> PathBuf {
        self.folder.join("rejected.jsonl")
    }

    /// The request that scores into the folder.
    pub(crate) fn request<'b>(&'b self, paths: &'b [PathBuf; 3]) -> ScoreVcf<'b> {
        let [scores, receipts, rejected] = paths;
        ScoreVcf {
            is_list: false,
            vcf: self.vcf,
            fasta: self.fasta,
            output: Some(scores),
            format: RowFormat::Jsonl,
            receipts: Some(ReceiptFiles::stream(receipts)),
            rejected: Some(rejected),
            timestamp: Timestamp::from_unix_seconds(1_767_225_600).unwrap(),
            batch_size: self.batch_size,
            memory_budget: MemoryBudget::default(),
            strict: self.strict,
            annotations: Annotations::default(),
            signals: Signals::default(),
            envelope: None,
            unfinished: Unfinished::Discard,
        }
    }

    pub(crate) fn paths(&self) -> [PathBuf; 3] {
        [self.scores(), self.receipts(), self.rejected()]
    }

    pub(crate) fn score(&self, runtime: &Runtime) -> Result<ScoreSummary, ScoreVcfError> {
        match self.score_until(runtime, &AtomicBool::new(false))? {
            Completion::Finished(summary) => Ok(summary),
            Completion::Interrupted => panic!("nobody stopped the run"),
        }
    }

    pub(crate) fn score_until(
        &self,
        runtime: &Runtime,
        stop: &AtomicBool,
    ) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        let paths = self.paths();
        let request = self.request(&paths);
        runtime.score_vcf(&request, |_| {}, stop)
    }
}

/// The rows of a file of JSON lines.
pub(crate) fn rows(path: &Path) -> Vec<Json> {
    let bytes = std::fs::read(path).unwrap();
    let lines = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| !line.is_empty());
    lines.map(|line| Json::parse(line).unwrap()).collect()
}

/// A number of a row.
pub(crate) fn number(row: &Json, key: &str) -> f64 {
    row.get(key).and_then(Json::as_f64).unwrap()
}
