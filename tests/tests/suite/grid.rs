//! The layout `grid`: shared windows, in any order, within any memory.

pub(crate) mod world;

use std::{
    fmt::Write,
    fs,
    path::PathBuf,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode, Layout};
use geno_provenance::ReceiptReader;
use geno_runtime::{
    Annotations, BackendChoice, CalibrationSource, Completion, EncoderSource, LoadOptions,
    ModelDir, RerunVcf, Runtime, Unfinished,
};
use geno_tests::copy_of;

use self::world::{CELL, How, PLAIN, WORLD, load, mixed, snv, with_windows, write_vcf};
use crate::scoring::{number, rows};

#[test]
fn at_the_first_base_of_a_cell_both_layouts_give_one_state() {
    let world = &*WORLD;
    for cell in [1, 2, 4] {
        let row = snv(&world.bases, "1", (cell * CELL) as usize + 1, 1);
        let columns: Vec<&str> = row.trim().split('\t').collect();
        let edit = EditSpec::new("1", cell * CELL + 1, columns[3], columns[4]).unwrap();
        let [grid, centered] = [&world.grid, &world.centered].map(|runtime| {
            let site = world.alone(runtime, &edit);
            let locus = site.edits()[0].rel_pos();
            let state = runtime.encode_window(site.window(), Some(locus)).unwrap();
            let sigma = runtime.raw_surprise(&[site]).unwrap()[0][0];
            (state, sigma)
        });
        let pairs = grid.0.iter().zip(&centered.0);
        let largest = pairs.map(|(a, b)| (a - b).abs()).fold(0., f32::max);
        assert!(largest < 1e-6, "states of cell {cell} differ by {largest}");
        assert!(
            (grid.1 - centered.1).abs() < 1e-6,
            "{} {}",
            grid.1,
            centered.1
        );
    }
}

#[test]
fn a_score_depends_neither_on_what_is_computed_with_it_nor_on_how() {
    let world = &*WORLD;
    let rows = mixed(world);
    let expected = world.score(&rows, PLAIN);
    for (batch_size, threads, n_variants) in [(1, 1, 1), (3, 2, 2), (1_000, 1, 5), (7, 2, 11)] {
        let how = How {
            batch_size,
            threads,
            budget: world.budget_for(n_variants),
        };
        let found = world.score(&rows, how);
        assert!(found == expected, "{batch_size} {threads} {n_variants}");
    }
}

#[test]
fn every_variant_of_a_file_scores_as_it_does_alone() {
    let world = &*WORLD;
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("in.vcf");
    write_vcf(&vcf, mixed(world).into_iter());
    let run = world.run(&vcf, folder.path(), 64);
    let summary = run.score(&world.grid).unwrap();
    assert_eq!((summary.scored, summary.full_passes), (19, 0));
    assert_eq!(summary.rejected.values().sum::<u64>(), 2);
    for row in rows(&run.scores()) {
        let text = |key: &str| row.get(key).unwrap().as_str().unwrap().to_owned();
        let pos = row.get("pos").unwrap().as_u64().unwrap();
        let edit = EditSpec::new(text("chrom"), pos, &text("ref"), &text("alt")).unwrap();
        let site = world.alone(&world.grid, &edit);
        let alone = world.grid.raw_surprise(&[site]).unwrap()[0][0];
        assert_eq!(number(&row, "sigma_raw"), alone, "{pos}");
    }
}

#[test]
fn a_shuffled_file_gives_the_scores_of_the_sorted_one_in_its_own_order() {
    let world = &*WORLD;
    let mut shuffled = mixed(world);
    let mut sorted = shuffled.clone();
    sorted.sort_by_key(|row| {
        let columns: Vec<&str> = row.split('\t').collect();
        (columns[0].to_owned(), columns[1].parse::<u64>().unwrap())
    });
    shuffled.swap(0, 7);
    let scores = |rows: &[String], n_variants| {
        let budget = world.budget_for(n_variants);
        let [scores, _] = world.score(rows, How { budget, ..PLAIN });
        let scores = String::from_utf8(scores).unwrap();
        scores.lines().map(str::to_owned).collect::<Vec<_>>()
    };
    for n_variants in [1, 4, 1_000] {
        let (mut found, mut expected) = (scores(&shuffled, n_variants), scores(&sorted, 1_000));
        let places: Vec<String> = found.iter().map(|line| place(line)).collect();
        let asked: Vec<String> = shuffled
            .iter()
            .filter_map(|row| place_of_row(row))
            .collect();
        assert_eq!(places, asked);
        found.sort();
        expected.sort();
        assert_eq!(found, expected);
    }
}

/// Contig and position of a line of scores.
fn place(line: &str) -> String {
    let row = geno_provenance::Json::parse(line.as_bytes()).unwrap();
    let chrom = row.get("chrom").unwrap().as_str().unwrap();
    format!("{chrom}:{}", row.get("pos").unwrap().as_u64().unwrap())
}

/// Contig and position of a row that can be scored.
fn place_of_row(row: &str) -> Option<String> {
    let columns: Vec<&str> = row.split('\t').collect();
    let is_scored = columns[0] != "7" && !row.contains('<');
    is_scored.then(|| format!("{}:{}", columns[0], columns[1]))
}

#[test]
fn a_thousand_edits_of_one_cell_share_its_window() {
    let world = &*WORLD;
    let positions = (CELL + 1..=2 * CELL).flat_map(|pos| (1..4).map(move |n| (pos, n)));
    let rows: Vec<String> = positions
        .take(1_000)
        .map(|(pos, n)| snv(&world.bases, "1", pos as usize, n))
        .collect();
    let together = world.score(&rows, PLAIN);
    assert_eq!(
        together[0].iter().filter(|byte| **byte == b'\n').count(),
        1_000
    );
    let budget = world.budget_for(90);
    assert!(world.grid.variants_within(budget) < 500);
    assert!(world.score(&rows, How { budget, ..PLAIN }) == together);
}

#[test]
fn an_unsorted_run_that_is_cut_off_again_and_again_gives_the_bytes_of_a_whole_one() {
    let world = &*WORLD;
    let expected = world.score(&mixed(world), PLAIN);
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("in.vcf");
    write_vcf(&vcf, mixed(world).into_iter());
    let run = world.run(&vcf, folder.path(), 2);
    let paths = run.paths();

    let mut n_runs = 0;
    for n_variants in [1, 6, 2, 21, 3].into_iter().cycle() {
        n_runs += 1;
        let request = geno_runtime::ScoreVcf {
            memory_budget: world.budget_for(n_variants),
            unfinished: Unfinished::Resume,
            ..run.request(&paths)
        };
        let stop = AtomicBool::new(false);
        let mut n_batches = 0;
        let on_progress = |_| {
            n_batches += 1;
            stop.store(n_batches == 2, Ordering::Relaxed);
        };
        match world.grid.score_vcf(&request, on_progress, &stop).unwrap() {
            Completion::Interrupted => {}
            Completion::Finished(summary) => {
                assert_eq!(summary.scored, 19);
                break;
            }
        }
    }
    assert!(n_runs > 2, "the run was never cut off");
    assert!([&paths[0], &paths[1]].map(|path| fs::read(path).unwrap()) == expected);
}

#[test]
fn receipts_name_the_layout_and_the_table_and_are_recomputed_to_the_bit() {
    let world = &*WORLD;
    let [_, bytes] = world.score(&mixed(world), PLAIN);
    let receipts: Vec<_> = ReceiptReader::new(&bytes[..]).map(Result::unwrap).collect();
    let table = fs::read(world.folder.path().join("grid.parquet")).unwrap();
    for receipt in &receipts {
        let details = receipt.details().unwrap();
        assert_eq!(details["layout"].as_str(), Some("grid"));
        assert_eq!(details["window_start_bp"].as_u64().unwrap() % 6, 0);
        assert_eq!(receipt.calibration_hash(), Digest::of(&table));
    }

    let vcf = world.folder.path().join("rerun.vcf");
    write_vcf(&vcf, mixed(world).into_iter());
    let request = RerunVcf {
        is_list: false,
        vcf: &vcf,
        fasta: world.fasta.path(),
        batch_size: 5,
        memory_budget: world.budget_for(4),
        annotations: Annotations::default(),
        salt: None,
    };
    let mismatches = |runtime: &Runtime| {
        let mut n_mismatches = 0;
        let receipts = receipts.iter().cloned().map(Ok);
        let mismatch = |_, _| n_mismatches += 1;
        let stop = AtomicBool::new(false);
        let outcome = runtime.rerun_vcf(&request, receipts, mismatch, |_| {}, &stop);
        let Completion::Finished(summary) = outcome.unwrap() else {
            panic!("nobody stopped the run");
        };
        (summary.exact, n_mismatches)
    };
    assert_eq!(mismatches(&world.grid), (19, 0));
    let (_, n_mismatches) = mismatches(&world.centered);
    assert!(
        n_mismatches > 10,
        "only {n_mismatches} receipts of another layout were told"
    );
}

#[test]
fn a_table_of_the_other_layout_is_refused() {
    let world = &*WORLD;
    let model = ModelDir::open(world.folder.path(), &EncoderSource::default()).unwrap();
    let table = |layout: Layout| world.folder.path().join(format!("{layout}.parquet"));
    for (layout, other) in [
        (Layout::Grid, Layout::Centered),
        (Layout::Centered, Layout::Grid),
    ] {
        let error = load(&model, layout, &table(other)).err().unwrap();
        assert_eq!(error.code(), ErrorCode::ConfigGeneric);
        let mut text = String::new();
        write!(text, "{error}").unwrap();
        assert!(
            text.contains(&format!("belongs to layout `{other}`, not `{layout}`")),
            "{text}"
        );
        assert!(
            text.contains(&format!("calibrate --layout {layout}")),
            "{text}"
        );
    }
    // The model's own table says nothing else.
    let options = LoadOptions {
        layout: Some(Layout::Grid),
        ..LoadOptions::default()
    };
    assert!(Runtime::load_with(&model, BackendChoice::Auto, options).is_err());
}

#[test]
fn a_table_of_another_model_is_refused() {
    let world = &*WORLD;
    let other = copy_of("demo/model");
    let other = ModelDir::open(other.path(), &EncoderSource::default()).unwrap();
    let table: PathBuf = world.folder.path().join("centered.parquet");
    let error = load(&other, Layout::Centered, &table).err().unwrap();
    assert!(
        error.to_string().contains("was built with the weights"),
        "{error}"
    );
}

#[test]
fn windows_that_reach_past_what_the_encoder_reads_are_refused() {
    // The encoder has 530 positions: 3,168 bases.
    let folder = copy_of("demo/model");
    let model = with_windows(folder.path(), 3_156);
    let code = |layout: Layout| {
        let options = LoadOptions {
            layout: Some(layout),
            calibration: CalibrationSource::Nothing,
            ..LoadOptions::default()
        };
        let runtime = Runtime::load_with(&model, BackendChoice::Auto, options);
        runtime.err().map(|error| error.code())
    };
    assert_eq!(code(Layout::Centered), None);
    assert_eq!(code(Layout::Grid), Some(ErrorCode::ConfigGeneric));
}

#[test]
fn a_model_of_the_legacy_contract_has_no_grid() {
    let kit = copy_of("parity");
    let model = ModelDir::open(&kit.path().join("model"), &EncoderSource::default()).unwrap();
    let options = LoadOptions {
        layout: Some(Layout::Grid),
        calibration: CalibrationSource::Nothing,
        ..LoadOptions::default()
    };
    let error = Runtime::load_with(&model, BackendChoice::Auto, options)
        .err()
        .unwrap();
    assert_eq!(error.code(), ErrorCode::ConfigGeneric);
    assert!(error.to_string().contains("`l2_normalized_v2`"), "{error}");
}
