//! Several windows a variant: each is one of its own, and together they are what was asked for.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_action::{EditSpec, Site};
use geno_core::{Coded, Digest, ErrorCode, Layout, Window};
use geno_provenance::{Json, ReceiptReader};
use geno_runtime::{
    Annotations, BackendChoice, CalibrationSource, Completion, EncoderSource, LoadOptions,
    ModelDir, RerunVcf, Runtime, RuntimeError, ScoreVcf, Signals, Unfinished, WindowsPerVariant,
};
use geno_surprise::{Aggregation, CalibrationTable};
use tempfile::{TempDir, tempdir};

use crate::{
    grid::world::{CELL, How, PLAIN, WORLD, World, calibrated, mixed, write_vcf},
    scoring::number,
};

const WINDOW: u64 = 2 * CELL;

/// What the demo model pools right of an edit under the layout `grid`, with the longest allele.
const REACH: u64 = 6 * 8 + 16;

fn load(
    layout: Layout,
    windows: WindowsPerVariant,
    calibration: CalibrationSource<'_>,
) -> Result<Runtime, RuntimeError> {
    let model = ModelDir::open(WORLD.folder.path(), &EncoderSource::default()).unwrap();
    let options = LoadOptions {
        layout: Some(layout),
        windows,
        calibration,
    };
    Runtime::load_with(&model, BackendChoice::Auto, options)
}

fn several(n: usize, aggregate: Aggregation) -> WindowsPerVariant {
    WindowsPerVariant::new(n, aggregate).unwrap()
}

/// A runtime with a table of its own kind.
struct Several {
    runtime: Runtime,
    table: PathBuf,
    _folder: TempDir,
}

fn with_table(layout: Layout, windows: WindowsPerVariant) -> Several {
    let folder = tempdir().unwrap();
    let table = folder.path().join("table.parquet");
    let runtime = load(layout, windows, CalibrationSource::Nothing).unwrap();
    let background = WORLD.folder.path().join("background.vcf");
    let bytes = calibrated(&runtime, &background, WORLD.fasta.path());
    fs::write(&table, bytes).unwrap();
    Several {
        runtime: load(layout, windows, CalibrationSource::File(&table)).unwrap(),
        table,
        _folder: folder,
    }
}

fn parsed(bytes: &[u8]) -> Vec<Json> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| Json::parse(line).unwrap()).collect()
}

fn edit_of(row: &Json) -> EditSpec {
    let text = |key: &str| row.get(key).unwrap().as_str().unwrap();
    let pos = row.get("pos").unwrap().as_u64().unwrap();
    EditSpec::new(text("chrom"), pos, text("ref"), text("alt")).unwrap()
}

/// Bases from `start` to `end` of the window of a locus, worked out from the definition of the layout.
fn span(layout: Layout, len: u64, locus: u64, shift: u64) -> (u64, u64) {
    match layout {
        Layout::Centered => {
            let last = len.saturating_sub(WINDOW) as i64;
            let start = (locus as i64 - (WINDOW / 2) as i64 - shift as i64).clamp(0, last);
            (start as u64, (start as u64 + WINDOW).min(len))
        }
        Layout::Grid => {
            // Borders of cells lie at multiples of a cell's length, less the shift.
            let borders = (0..).map(|k| (k * CELL) as i64 - shift as i64);
            let begin = borders.take_while(|border| *border <= locus as i64).last();
            let start = (begin.unwrap() - CELL as i64).max(0);
            let end = (begin.unwrap() + CELL as i64) as u64 + REACH;
            (start as u64, end.min(len))
        }
    }
}

/// The raw surprise in one window, cut and scored apart from everything else.
fn in_window(layout: Layout, edit: &EditSpec, shift: u64) -> f64 {
    let runtime = match layout {
        Layout::Centered => &WORLD.centered,
        Layout::Grid => &WORLD.grid,
    };
    let contig = &WORLD.bases[..if edit.chrom() == "short" {
        101
    } else {
        WORLD.bases.len()
    }];
    let (start, end) = span(layout, contig.len() as u64, edit.pos() - 1, shift);
    let bases = |start: u64, end: u64| contig[start as usize..end as usize].to_vec();
    let flank = bases(end, (end + 15).min(contig.len() as u64));
    let window = Window::new(start, bases(start, end)).unwrap();
    let window = window.with_right_flank(flank).unwrap();
    let relative = edit.relative_to(start).unwrap();
    let site = Site::new(window.into(), vec![relative]).unwrap();
    runtime.raw_surprise(&[site]).unwrap()[0][0]
}

#[test]
fn a_variant_in_several_windows_is_what_each_of_them_says_alone() {
    for layout in [Layout::Centered, Layout::Grid] {
        let six = with_table(layout, several(6, Aggregation::Mean));
        let [bytes, _] = WORLD.score_by(&six.runtime, &mixed(&WORLD), PLAIN);
        let rows = parsed(&bytes);
        assert_eq!(rows.len(), 19);
        let alone = rows.iter().map(|row| {
            let edit = edit_of(row);
            (0..6)
                .map(|shift| in_window(layout, &edit, shift))
                .collect()
        });
        let alone: Vec<Vec<f64>> = alone.collect();
        let differ = alone.iter().filter(|six| six[0] != six[5]).count();
        assert!(differ > 10, "{layout}: phases hardly differ");

        for (n, aggregate) in [
            (6, Aggregation::Mean),
            (6, Aggregation::Max),
            (6, Aggregation::Median),
            (3, Aggregation::Median),
            (2, Aggregation::Mean),
            (2, Aggregation::Median),
        ] {
            let runtime = with_table(layout, several(n, aggregate)).runtime;
            let [bytes, _] = WORLD.score_by(&runtime, &mixed(&WORLD), PLAIN);
            for (row, alone) in parsed(&bytes).iter().zip(&alone) {
                let mut sigmas = alone[..n].to_vec();
                let mean = sigmas.iter().sum::<f64>() / n as f64;
                sigmas.sort_by(f64::total_cmp);
                let expected = match aggregate {
                    Aggregation::Mean => mean,
                    Aggregation::Max => sigmas[n - 1],
                    Aggregation::Median if n % 2 == 1 => sigmas[n / 2],
                    Aggregation::Median => (sigmas[n / 2 - 1] + sigmas[n / 2]) / 2.,
                };
                let context = format!("{layout} {n} {aggregate}");
                assert_eq!(number(row, "sigma_raw"), expected, "{context}");
                assert_eq!(number(row, "n_windows"), n as f64, "{context}");
                let spread = sigmas[n - 1] - sigmas[0];
                assert_eq!(number(row, "sigma_raw_spread"), spread, "{context}");
            }
        }
    }
}

#[test]
fn percentiles_are_those_of_a_table_of_the_same_windows() {
    let six = with_table(Layout::Centered, several(6, Aggregation::Mean));
    let table = CalibrationTable::read_parquet(&fs::read(&six.table).unwrap()).unwrap();
    let metadata = |key: &str| table.metadata().get(key).map(String::as_str);
    assert_eq!(metadata("geno_lewm.windows_per_variant"), Some("6"));
    assert_eq!(metadata("geno_lewm.aggregate"), Some("mean"));
    let [bytes, _] = WORLD.score_by(&six.runtime, &mixed(&WORLD), PLAIN);
    for row in parsed(&bytes) {
        let sigma = number(&row, "sigma_raw");
        // The background is small, so that every variant is compared with all of it.
        let all = geno_surprise::score(sigma, geno_surprise::BucketId::All, &table).unwrap();
        assert_eq!(number(&row, "sigma_calibrated"), all.sigma_calibrated);
    }
}

#[test]
fn nothing_but_the_windows_decides_a_score_of_several() {
    for layout in [Layout::Centered, Layout::Grid] {
        let runtime = with_table(layout, several(4, Aggregation::Median)).runtime;
        let rows = mixed(&WORLD);
        let expected = WORLD.score_by(&runtime, &rows, PLAIN);
        for (batch_size, threads, n_variants) in [(1, 1, 1), (5, 2, 3), (1_000, 1, 7)] {
            let how = How {
                batch_size,
                threads,
                budget: World::budget_of(&runtime, n_variants),
            };
            let found = WORLD.score_by(&runtime, &rows, how);
            assert!(
                found == expected,
                "{layout} {batch_size} {threads} {n_variants}"
            );
        }
    }
}

#[test]
fn a_run_of_several_windows_that_is_cut_off_gives_the_bytes_of_a_whole_one() {
    let runtime = with_table(Layout::Grid, several(3, Aggregation::Max)).runtime;
    let expected = WORLD.score_by(&runtime, &mixed(&WORLD), PLAIN);
    let folder = tempdir().unwrap();
    let vcf = folder.path().join("in.vcf");
    write_vcf(&vcf, mixed(&WORLD).into_iter());
    let run = WORLD.run(&vcf, folder.path(), 2);
    let paths = run.paths();
    let mut n_runs = 0;
    for n_variants in [1, 6, 2, 21, 3].into_iter().cycle() {
        n_runs += 1;
        let request = ScoreVcf {
            memory_budget: World::budget_of(&runtime, n_variants),
            unfinished: Unfinished::Resume,
            ..run.request(&paths)
        };
        if n_runs == 2 {
            // As a run of one window it is another one.
            let error = WORLD
                .grid
                .score_vcf(&request, |_| {}, &AtomicBool::new(false));
            let text = error.err().unwrap().to_string();
            assert!(text.contains("calibration"), "{text}");
        }
        let stop = AtomicBool::new(false);
        let mut n_batches = 0;
        let on_progress = |_| {
            n_batches += 1;
            stop.store(n_batches == 2, Ordering::Relaxed);
        };
        if let Completion::Finished(summary) =
            runtime.score_vcf(&request, on_progress, &stop).unwrap()
        {
            assert_eq!(summary.scored, 19);
            break;
        }
    }
    assert!(n_runs > 2, "the run was never cut off");
    assert!([&paths[0], &paths[1]].map(|path| fs::read(path).unwrap()) == expected);
}

fn mismatches(runtime: &Runtime, vcf: &Path, receipts: &[u8]) -> (u64, u64) {
    let request = RerunVcf {
        is_list: false,
        vcf,
        fasta: WORLD.fasta.path(),
        batch_size: 5,
        memory_budget: World::budget_of(runtime, 4),
        annotations: Annotations::default(),
        salt: None,
    };
    let stop = AtomicBool::new(false);
    let receipts = ReceiptReader::new(receipts);
    let receipts: Vec<_> = receipts.collect();
    let outcome = runtime.rerun_vcf(&request, receipts.into_iter(), |_, _| {}, |_| {}, &stop);
    let Completion::Finished(summary) = outcome.unwrap() else {
        panic!("nobody stopped the run");
    };
    (summary.exact, summary.mismatches)
}

#[test]
fn receipts_commit_to_all_windows_and_are_recomputed_in_them_alone() {
    let six = with_table(Layout::Centered, several(6, Aggregation::Mean));
    let [_, bytes] = WORLD.score_by(&six.runtime, &mixed(&WORLD), PLAIN);
    for receipt in ReceiptReader::new(&bytes[..]).map(Result::unwrap) {
        let details = receipt.details().unwrap();
        assert_eq!(details["windows_per_variant"].as_u64(), Some(6));
        assert_eq!(details["aggregate"].as_str(), Some("mean"));
        let Json::Array(starts) = &details["window_starts_bp"] else {
            panic!("no windows");
        };
        assert_eq!((starts.len(), &starts[0]), (6, &details["window_start_bp"]));
        let table = fs::read(&six.table).unwrap();
        assert_eq!(receipt.calibration_hash(), Digest::of(&table));
    }

    let vcf = WORLD.folder.path().join("windows.vcf");
    write_vcf(&vcf, mixed(&WORLD).into_iter());
    assert_eq!(mismatches(&six.runtime, &vcf, &bytes), (19, 0));
    // Not one of them passes for a score of one window, of fewer, or aggregated in another way, and
    // none of one window for theirs.
    assert_eq!(mismatches(&WORLD.centered, &vcf, &bytes), (0, 19));
    for other in [several(5, Aggregation::Mean), several(6, Aggregation::Max)] {
        let other = with_table(Layout::Centered, other);
        assert_eq!(mismatches(&other.runtime, &vcf, &bytes), (0, 19));
    }
    let [_, one] = WORLD.score_by(&WORLD.centered, &mixed(&WORLD), PLAIN);
    assert_eq!(mismatches(&WORLD.centered, &vcf, &one), (19, 0));
    assert_eq!(mismatches(&six.runtime, &vcf, &one), (0, 19));
}

#[test]
fn a_table_of_other_windows_is_refused() {
    let six = with_table(Layout::Centered, several(6, Aggregation::Mean));
    let own = WORLD.folder.path().join("centered.parquet");
    for (windows, table, says) in [
        (
            WindowsPerVariant::ONE,
            &six.table,
            "6 by mean window(s) a variant, not 1",
        ),
        (
            several(6, Aggregation::Mean),
            &own,
            "1 window(s) a variant, not 6 by mean",
        ),
        (
            several(6, Aggregation::Max),
            &six.table,
            "6 by mean window(s) a variant, not 6 by max",
        ),
        (
            several(5, Aggregation::Mean),
            &six.table,
            "6 by mean window(s) a variant, not 5",
        ),
    ] {
        let error = load(Layout::Centered, windows, CalibrationSource::File(table));
        let error = error.err().unwrap();
        assert_eq!(error.code(), ErrorCode::ConfigGeneric);
        assert!(error.to_string().contains(says), "{error}");
    }
}

#[test]
fn a_single_variant_scores_as_in_a_file_and_needs_all_its_windows() {
    let runtime = with_table(Layout::Grid, several(6, Aggregation::Mean)).runtime;
    let [bytes, _] = WORLD.score_by(&runtime, &mixed(&WORLD), PLAIN);
    let row = &parsed(&bytes)[0];
    let edit = edit_of(row);
    let contig = WORLD.fasta.resolve(edit.chrom()).unwrap();
    let windows = runtime.variant_windows(&WORLD.fasta, contig, edit.pos() - 1);
    let windows = windows.unwrap();
    let score = |windows: Vec<Window>| {
        runtime.score_with_signals(&edit, windows, Annotations::default(), Signals::default())
    };
    let error = score(windows[..1].to_vec()).unwrap_err();
    assert_eq!(error.to_string(), "a variant is scored in 6 windows, not 1");
    let scored = score(windows).unwrap();
    assert_eq!(scored.score.sigma_raw, number(row, "sigma_raw"));
    assert_eq!(
        scored.score.sigma_calibrated,
        number(row, "sigma_calibrated")
    );
    assert_eq!(
        scored.spread.unwrap().spread,
        number(row, "sigma_raw_spread")
    );
}
