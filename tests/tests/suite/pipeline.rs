//! Reading, computing and writing side by side: whoever fails or is stopped ends the others.

use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

use burn::tensor::{Device, Tensor};
use geno_action::{Haplotype, Site};
use geno_core::{StateContract, Window};
use geno_encoder::{EncodeError, PrefixReuse, SiteEncoder, SiteStates};
use geno_provenance::Timestamp;
use geno_runtime::{
    Annotations, BackendChoice, Completion, MemoryBudget, RowFormat, RunVcfError, Runtime,
    RuntimeError, ScoreSummary, ScoreVcf, ScoreVcfError, Signals, Unfinished,
};
use tempfile::{TempDir, tempdir};

use crate::runtime::parts_around;

/// Far more than what may be on its way between two threads.
const ROWS: usize = 3_000;

/// What an encoder does at its last call.
#[derive(Clone, Copy)]
enum End {
    Fails,
    Panics,
    Never,
}

/// An encoder of fixed states that counts its calls.
struct Counting {
    calls: Arc<AtomicUsize>,
    last: usize,
    end: End,
}

impl SiteEncoder for Counting {
    fn encode_sites(&self, sites: &[Site]) -> Result<Vec<SiteStates>, EncodeError> {
        let call = self.calls.fetch_add(1, Ordering::Relaxed) + 1;
        match self.end {
            End::Fails if call == self.last => {
                return Err(EncodeError::TooLong {
                    tokens: 9,
                    limit: 8,
                });
            }
            End::Panics if call == self.last => panic!("an encoder that panics"),
            _ => {}
        }
        let state = |site: &Site| {
            let row = Tensor::<2>::from_floats([[3., 4.]], &Device::flex());
            row.repeat_dim(0, site.edits().len())
        };
        let states = |site| SiteStates {
            reference: state(site),
            edited: state(site),
            reuse: PrefixReuse::default(),
        };
        Ok(sites.iter().map(states).collect())
    }

    fn encode_trajectories(&self, _: &[Haplotype]) -> Result<Vec<SiteStates>, EncodeError> {
        panic!("no haplotype is encoded")
    }

    fn encode_windows(&self, _: &[(&Window, Option<usize>)]) -> Result<Tensor<2>, EncodeError> {
        panic!("no single window is encoded")
    }

    fn d_state(&self) -> usize {
        2
    }
}

/// A run of one row a batch over [`ROWS`] rows.
struct Fixture {
    folder: TempDir,
    calls: Arc<AtomicUsize>,
    runtime: Runtime,
}

impl Fixture {
    /// With a row that cannot be scored after so many others.
    fn new(end: End, last: usize, bad_row: usize) -> Self {
        let folder = tempdir().unwrap();
        let text = format!(">1\n{}\n", "ACGT".repeat(ROWS));
        fs::write(folder.path().join("ref.fa"), text).unwrap();
        let mut vcf = "#CHROM\tPOS\tID\tREF\tALT\n".to_owned();
        for row in 0..ROWS {
            let alternate = if row == bad_row { "*" } else { "C" };
            vcf += &format!("1\t{}\t.\tA\t{alternate}\n", 4 * row + 1);
        }
        fs::write(folder.path().join("in.vcf"), vcf).unwrap();

        let calls = Arc::new(AtomicUsize::new(0));
        let encoder = Counting {
            calls: Arc::clone(&calls),
            last,
            end,
        };
        let contract = StateContract::L2NormalizedV2;
        let parts = parts_around(Box::new(encoder));
        let runtime = Runtime::from_parts(parts, contract, 96, BackendChoice::Auto).unwrap();
        Self {
            folder,
            calls,
            runtime,
        }
    }

    fn output(&self) -> PathBuf {
        self.folder.path().join("scores.tsv")
    }

    fn score(&self, n_batches: usize) -> Result<Completion<ScoreSummary>, ScoreVcfError> {
        let [vcf, fasta] = ["in.vcf", "ref.fa"].map(|name| self.folder.path().join(name));
        let request = ScoreVcf {
            is_list: false,
            vcf: &vcf,
            fasta: &fasta,
            output: Some(&self.output()),
            format: RowFormat::Tsv,
            receipts: None,
            rejected: None,
            timestamp: Timestamp::from_unix_seconds(0).unwrap(),
            batch_size: 1,
            memory_budget: MemoryBudget::of_bytes(1),
            strict: true,
            annotations: Annotations::default(),
            signals: Signals::default(),
            envelope: None,
            unfinished: Unfinished::Refuse,
        };
        let stop = AtomicBool::new(false);
        let mut n_done = 0;
        let on_progress = |_| {
            n_done += 1;
            stop.store(n_done >= n_batches, Ordering::Relaxed);
        };
        self.runtime.score_vcf(&request, on_progress, &stop)
    }

    fn n_calls(&self) -> usize {
        self.calls.load(Ordering::Relaxed)
    }

    /// Neither scores nor a folder of an unfinished run is left.
    fn assert_nothing_is_left(&self) {
        let names = fs::read_dir(self.folder.path()).unwrap();
        let names = names.map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = names
            .filter(|name| name.to_string_lossy().contains("scores"))
            .collect();
        assert!(left.is_empty(), "{left:?}");
    }
}

#[test]
fn an_encoder_that_fails_ends_the_run_with_its_error() {
    let fixture = Fixture::new(End::Fails, 40, usize::MAX);
    let error = fixture.score(usize::MAX).unwrap_err();
    let ScoreVcfError::Run(RunVcfError::Runtime(RuntimeError::Encode(error))) = error else {
        panic!("{error}");
    };
    assert_eq!(
        error,
        EncodeError::TooLong {
            tokens: 9,
            limit: 8
        }
    );
    assert_eq!(fixture.n_calls(), 40);
    fixture.assert_nothing_is_left();
}

#[test]
fn an_encoder_that_panics_ends_the_other_threads_too() {
    let fixture = Fixture::new(End::Panics, 40, usize::MAX);
    let panic = catch_unwind(AssertUnwindSafe(|| fixture.score(usize::MAX))).unwrap_err();
    assert_eq!(panic.downcast_ref(), Some(&"an encoder that panics"));
    fixture.assert_nothing_is_left();
}

#[test]
fn little_is_computed_after_a_writer_has_failed() {
    let fixture = Fixture::new(End::Never, 0, 100);
    let error = fixture.score(usize::MAX).unwrap_err();
    assert!(matches!(error, ScoreVcfError::Rejected(_)), "{error}");
    // The row that failed, one waiting behind it, one in the works.
    assert!(
        (100..=103).contains(&fixture.n_calls()),
        "{}",
        fixture.n_calls()
    );
    fixture.assert_nothing_is_left();
}

#[test]
fn little_is_computed_after_a_run_was_stopped() {
    let fixture = Fixture::new(End::Never, 0, usize::MAX);
    assert_eq!(fixture.score(50).unwrap(), Completion::Interrupted);
    assert!(
        (50..=53).contains(&fixture.n_calls()),
        "{}",
        fixture.n_calls()
    );
    fixture.assert_nothing_is_left();
}

#[test]
fn all_rows_are_computed_once_if_nobody_fails() {
    let fixture = Fixture::new(End::Never, 0, usize::MAX);
    let Completion::Finished(summary) = fixture.score(usize::MAX).unwrap() else {
        panic!("nobody stopped the run");
    };
    assert_eq!((summary.scored, fixture.n_calls()), (ROWS as u64, ROWS));
    let scores = fs::read_to_string(fixture.output()).unwrap();
    assert_eq!(scores.lines().count(), 1 + ROWS);
}
