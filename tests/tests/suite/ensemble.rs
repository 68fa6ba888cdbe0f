//! Percentiles of signals, and of all together, against their definitions.

use std::{
    fs,
    path::{Path, PathBuf},
    sync::{LazyLock, atomic::AtomicBool},
};

use geno_core::{Coded, ErrorCode, Layout};
use geno_encoder::TokenDomain;
use geno_provenance::Json;
use geno_runtime::{
    Annotations, BackendChoice, Calibrate, CalibrationSource, Completion, Disjoint, EncoderSource,
    GcBinning, LikelihoodDelta, LikelihoodLevel, LoadOptions, MemoryBudget, ModelDir, Phases,
    Runtime, ScoreVcf, Signal, SignalLikelihood, SignalTableError, SignalTables, Signals, Strands,
    TableOf, WindowsPerVariant,
};
use geno_surprise::{Aggregation, CalibrationParameters, CalibrationTable, EditFactors, GcCutoffs};
use tempfile::{TempDir, tempdir};

use crate::{
    grid::world::{WORLD, World, snv, write_vcf},
    scoring::{number, rows},
};

/// As many variants as make percentiles of their own, in no order.
const POSITIONS: [usize; 23] = [
    900, 61, 1_333, 20, 450, 1_900, 77, 608, 1_211, 301, 1_024, 233, 1_700, 512, 1_499, 149, 790,
    1_111, 385, 1_620, 1_801, 701, 990,
];

static LIKELIHOOD: LazyLock<[SignalLikelihood; 2]> = LazyLock::new(|| {
    [1, 2].map(|phases| SignalLikelihood {
        carbon: model().load_likelihood(TokenDomain::Dna).unwrap(),
        delta: LikelihoodDelta {
            level: LikelihoodLevel::Base,
            strands: Strands::Forward,
            phases: Phases::new(phases).unwrap(),
        },
    })
});

fn model() -> ModelDir {
    ModelDir::open(WORLD.folder.path(), &EncoderSource::default()).unwrap()
}

fn load(windows: WindowsPerVariant, calibration: CalibrationSource<'_>) -> Runtime {
    let options = LoadOptions {
        layout: Some(Layout::Centered),
        windows,
        calibration,
    };
    Runtime::load_with(&model(), BackendChoice::Auto, options).unwrap()
}

fn both() -> Signals<'static> {
    Signals {
        displacement: true,
        likelihood: Some(&LIKELIHOOD[0]),
        tables: None,
    }
}

/// A background with the tables of its signals.
struct Background {
    folder: TempDir,
    windows: WindowsPerVariant,
}

impl Background {
    fn new(windows: WindowsPerVariant, signals: Signals<'_>) -> Self {
        Self::of(POSITIONS, windows, signals)
    }

    fn of(positions: [usize; 23], windows: WindowsPerVariant, signals: Signals<'_>) -> Self {
        let folder = tempdir().unwrap();
        let background = Self { folder, windows };
        let of_rows = positions.map(|pos| snv(&WORLD.bases, "1", pos, 1));
        write_vcf(&background.vcf(), of_rows.into_iter());
        let request = Calibrate {
            vcf: &background.vcf(),
            fasta: WORLD.fasta.path(),
            disjoint: Disjoint::default(),
            parameters: CalibrationParameters::default(),
            gc: GcBinning::Given(GcCutoffs::default()),
            factors: EditFactors::None,
            batch_size: 4,
            memory_budget: MemoryBudget::default(),
            annotations: Annotations::default(),
            signals,
            is_hashed: false,
        };
        let runtime = load(windows, CalibrationSource::Nothing);
        let stop = AtomicBool::new(false);
        let Completion::Finished(made) = runtime.calibrate(&request, |_| {}, &stop).unwrap() else {
            panic!("nobody stopped the run");
        };
        for (of, table) in &made.signal_tables {
            let path = of.beside(&background.table());
            fs::write(path, table.write_parquet().unwrap()).unwrap();
        }
        fs::write(background.table(), made.table.write_parquet().unwrap()).unwrap();
        background
    }

    fn vcf(&self) -> PathBuf {
        self.folder.path().join("background.vcf")
    }

    fn table(&self) -> PathBuf {
        self.folder.path().join("table.parquet")
    }

    fn runtime(&self) -> Runtime {
        load(self.windows, CalibrationSource::File(&self.table()))
    }

    fn tables(&self, signals: Signals<'_>) -> Result<SignalTables, SignalTableError> {
        let table = self.table();
        self.runtime().read_signal_tables(Some(&table), signals)
    }

    /// The rows of the scores of a file.
    fn score(&self, vcf: &Path, n_variants: usize, batch_size: usize, threads: usize) -> Vec<Json> {
        let runtime = self.runtime();
        let tables = self.tables(both()).unwrap();
        let folder = tempdir().unwrap();
        let run = WORLD.run(vcf, folder.path(), batch_size);
        let paths = run.paths();
        let request = ScoreVcf {
            memory_budget: World::budget_of(&runtime, n_variants),
            signals: Signals {
                tables: Some(&tables),
                ..both()
            },
            ..run.request(&paths)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let score = || runtime.score_vcf(&request, |_| {}, &AtomicBool::new(false));
        let done = pool.build().unwrap().install(score).unwrap();
        assert!(matches!(done, Completion::Finished(_)));
        rows(&paths[0])
    }
}

/// The share of values below each, and half of those equal to it but for rounding.
fn mid_ranks(values: &[f64]) -> Vec<f64> {
    let of_one = |value: &f64| {
        let places = values.iter().map(|other| match value - other {
            apart if apart.abs() < 1e-9 * (1. + value.abs()) => 0.5,
            apart if apart > 0. => 1.,
            _ => 0.,
        });
        places.sum::<f64>() / values.len() as f64
    };
    values.iter().map(of_one).collect()
}

fn assert_percentiles(rows: &[Json], column: &str, of: impl Fn(&Json) -> f64) {
    let values: Vec<_> = rows.iter().map(of).collect();
    for (row, expected) in rows.iter().zip(mid_ranks(&values)) {
        // Tables keep 32-bit numbers. A raw surprise is looked up between two of them.
        let found = number(row, column);
        let tolerance = if column == "sigma_calibrated" {
            1e-3
        } else {
            1e-6
        };
        assert!(
            (found - expected).abs() < tolerance,
            "{column}: {found} {expected}"
        );
    }
}

#[test]
fn percentiles_of_a_background_are_its_mid_ranks_and_so_is_that_of_their_mean() {
    for windows in [
        WindowsPerVariant::ONE,
        WindowsPerVariant::new(3, Aggregation::Max).unwrap(),
    ] {
        let background = Background::new(windows, both());
        let rows = background.score(&background.vcf(), 100, 64, 2);
        assert_eq!(rows.len(), POSITIONS.len());
        assert_percentiles(&rows, "sigma_calibrated", |row| number(row, "sigma_raw"));
        assert_percentiles(&rows, "displacement_percentile", |row| {
            number(row, "displacement")
        });
        // What makes a window less likely is less usual.
        assert_percentiles(&rows, "likelihood_delta_percentile", |row| {
            -number(row, "likelihood_delta")
        });
        let mean = |row: &Json| {
            let signals = ["displacement_percentile", "likelihood_delta_percentile"];
            let signals = signals.map(|column| number(row, column));
            let mean = (number(row, "sigma_calibrated") + signals[0] + signals[1]) / 3.;
            // As a table keeps it: what differs by less is equal.
            f64::from(mean as f32)
        };
        assert_percentiles(&rows, "ensemble_percentile", mean);
        // A mean of uniform percentiles is a half.
        let own: f64 = rows
            .iter()
            .map(|row| number(row, "ensemble_percentile"))
            .sum();
        assert!((own / rows.len() as f64 - 0.5).abs() < 1e-6);
    }
}

#[test]
fn percentiles_depend_on_no_order_batch_or_thread() {
    let windows = WindowsPerVariant::new(2, Aggregation::Mean).unwrap();
    let background = Background::new(windows, both());
    let expected = background.score(&background.vcf(), 100, 64, 2);
    let found = background.score(&background.vcf(), 3, 2, 1);
    assert_eq!(found, expected);
    let sorted = background.folder.path().join("sorted.vcf");
    let mut positions = POSITIONS;
    positions.sort_unstable();
    write_vcf(
        &sorted,
        positions
            .map(|pos| snv(&WORLD.bases, "1", pos, 1))
            .into_iter(),
    );
    let mut expected = expected;
    expected.sort_by_key(|row| row.get("pos").and_then(Json::as_u64));
    assert_eq!(background.score(&sorted, 100, 64, 2), expected);
}

#[test]
fn tables_of_a_background_depend_on_no_order() {
    let background = Background::new(WindowsPerVariant::ONE, both());
    let mut positions = POSITIONS;
    positions.reverse();
    let reversed = Background::of(positions, WindowsPerVariant::ONE, both());
    for of in [
        TableOf::Signal(Signal::Displacement),
        TableOf::Signal(Signal::LikelihoodDelta),
        TableOf::Ensemble,
    ] {
        let table = |one: &Background| {
            let bytes = fs::read(of.beside(&one.table())).unwrap();
            CalibrationTable::read_parquet(&bytes).unwrap()
        };
        assert!(
            table(&background).buckets() == table(&reversed).buckets(),
            "{of}"
        );
    }
}

#[test]
fn a_table_of_another_signal_setting_or_run_is_refused() {
    let one = WindowsPerVariant::ONE;
    let background = Background::new(one, both());
    let refused = |background: &Background, signals, says: &str| {
        let error = background.tables(signals).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ConfigGeneric, "{error}");
        assert!(error.to_string().contains(says), "{error}");
    };
    // Computed in another way.
    let phases = Signals {
        likelihood: Some(&LIKELIHOOD[1]),
        ..both()
    };
    refused(
        &background,
        phases,
        "`likelihood_delta base forward 1`, but the run computes",
    );
    // Of other members.
    let displacement = Signals {
        displacement: true,
        ..Signals::default()
    };
    refused(
        &background,
        displacement,
        "but the run computes `displacement`",
    );

    let path = |of: TableOf| of.beside(&background.table());
    let ensemble = fs::read(path(TableOf::Ensemble)).unwrap();
    let displaced = TableOf::Signal(Signal::Displacement);
    fs::write(path(TableOf::Ensemble), fs::read(path(displaced)).unwrap()).unwrap();
    refused(
        &background,
        both(),
        "is a table of `displacement`, not of `ensemble`",
    );
    fs::write(path(TableOf::Ensemble), &ensemble).unwrap();

    // Of another run: with more windows, so that all else is equal.
    let two = WindowsPerVariant::new(2, Aggregation::Mean).unwrap();
    let other = Background::new(two, both());
    fs::copy(displaced.beside(&other.table()), path(displaced)).unwrap();
    refused(&background, both(), "was not built together with");

    fs::remove_file(path(displaced)).unwrap();
    refused(
        &background,
        both(),
        "calibrate --signals displacement,likelihood_delta --output",
    );
    let mut runtime = background.runtime();
    let error = runtime.read_signal_tables(None, both()).unwrap_err();
    assert!(error.to_string().contains("calibrate --signals"), "{error}");
    let error = background.tables(Signals::default()).unwrap_err();
    assert_eq!(error.code(), ErrorCode::InputGeneric);

    // None of them is a table of the surprise.
    let path = path(TableOf::Ensemble);
    let options = LoadOptions {
        calibration: CalibrationSource::File(&path),
        ..LoadOptions::default()
    };
    let error = Runtime::load_with(&model(), BackendChoice::Auto, options)
        .err()
        .unwrap();
    assert!(error.to_string().contains("`ensemble` is what"), "{error}");
}
