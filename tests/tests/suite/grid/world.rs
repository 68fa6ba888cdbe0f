//! A model with short windows in both layouts, and the files it scores.

use std::{
    fs,
    path::Path,
    sync::{LazyLock, atomic::AtomicBool},
};

use geno_action::{EditSpec, Site};
use geno_core::{Layout, RandomStream};
use geno_data::Fasta;
use geno_runtime::{
    Annotations, BackendChoice, Calibrate, CalibrationSource, Completion, Disjoint, EncoderSource,
    GcBinning, LoadOptions, MemoryBudget, ModelDir, Runtime, RuntimeError, Signals,
};
use geno_surprise::{CalibrationParameters, EditFactors, GcCutoffs};
use geno_tests::copy_of;
use tempfile::TempDir;

use crate::{scoring::Run, window_bp::set_window_bp};

/// Bases of a window, and of a cell.
const WINDOW: u64 = 768;
pub(crate) const CELL: u64 = WINDOW / 2;

/// The demo model with short windows, a table for each layout, and a reference.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) grid: Runtime,
    pub(crate) centered: Runtime,
    pub(crate) fasta: Fasta,
    pub(crate) bases: Vec<u8>,
}

pub(crate) static WORLD: LazyLock<World> = LazyLock::new(World::new);

impl World {
    fn new() -> Self {
        let folder = copy_of("demo/model");
        let model = with_windows(folder.path(), WINDOW);

        let mut random = RandomStream::new(7, "grid test");
        let mut bases: Vec<u8> = (0..10 * CELL)
            .map(|_| b"ACGT"[random.below(4) as usize])
            .collect();
        // A stretch of unknown bases that fills a window but for a few.
        bases[6 * CELL as usize + 9..8 * CELL as usize].fill(b'N');
        let text = String::from_utf8(bases.clone()).unwrap();
        let fasta = folder.path().join("ref.fa");
        fs::write(&fasta, format!(">1\n{text}\n>short\n{}\n", &text[..101])).unwrap();

        let background = folder.path().join("background.vcf");
        let every = (20..2_000).step_by(97).map(|pos| snv(&bases, "1", pos, 1));
        write_vcf(&background, every);
        let table = |layout: Layout| {
            let options = LoadOptions {
                layout: Some(layout),
                calibration: CalibrationSource::Nothing,
                ..LoadOptions::default()
            };
            let runtime = Runtime::load_with(&model, BackendChoice::Auto, options).unwrap();
            let path = folder.path().join(format!("{layout}.parquet"));
            fs::write(&path, calibrated(&runtime, &background, &fasta)).unwrap();
            path
        };
        let (grid, centered) = (table(Layout::Grid), table(Layout::Centered));
        Self {
            grid: load(&model, Layout::Grid, &grid).unwrap(),
            centered: load(&model, Layout::Centered, &centered).unwrap(),
            fasta: Fasta::open(fasta).unwrap(),
            folder,
            bases,
        }
    }

    /// The site of one edit in its own window.
    pub(crate) fn alone(&self, runtime: &Runtime, edit: &EditSpec) -> Site {
        let contig = self.fasta.resolve(edit.chrom()).unwrap();
        let window = runtime
            .windows()
            .window(&self.fasta, contig, edit.pos() - 1);
        let window = window.unwrap();
        let relative = edit.relative_to(window.start()).unwrap();
        Site::new(window.into(), vec![relative]).unwrap()
    }

    /// Scores rows in the layout `grid` and gives the bytes of scores and receipts.
    pub(crate) fn score(&self, vcf: &[String], how: How) -> [Vec<u8>; 2] {
        self.score_by(&self.grid, vcf, how)
    }

    /// Scores rows and gives the bytes of scores and receipts.
    pub(crate) fn score_by(&self, runtime: &Runtime, vcf: &[String], how: How) -> [Vec<u8>; 2] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("in.vcf");
        write_vcf(&path, vcf.iter().cloned());
        let run = self.run(&path, folder.path(), how.batch_size);
        let paths = run.paths();
        let request = geno_runtime::ScoreVcf {
            memory_budget: how.budget,
            ..run.request(&paths)
        };
        let pool = rayon::ThreadPoolBuilder::new().num_threads(how.threads);
        let score = || runtime.score_vcf(&request, |_| {}, &AtomicBool::new(false));
        let summary = pool.build().unwrap().install(score).unwrap();
        assert!(matches!(summary, Completion::Finished(_)));
        [&paths[0], &paths[1]].map(|path| fs::read(path).unwrap())
    }

    pub(crate) fn run<'a>(&'a self, vcf: &'a Path, folder: &'a Path, batch_size: usize) -> Run<'a> {
        Run {
            vcf,
            fasta: self.fasta.path(),
            folder,
            batch_size,
            strict: false,
        }
    }

    /// A budget for so many variants at a time.
    pub(crate) fn budget_for(&self, n_variants: usize) -> MemoryBudget {
        Self::budget_of(&self.grid, n_variants)
    }

    /// A budget for so many variants of a runtime at a time.
    pub(crate) fn budget_of(runtime: &Runtime, n_variants: usize) -> MemoryBudget {
        let budgets = (0..64).flat_map(|shift| [2u64, 3].map(|n| n << shift));
        let mut budgets = budgets.map(MemoryBudget::of_bytes);
        let fits = budgets.find(|budget| runtime.variants_within(*budget) >= n_variants);
        fits.unwrap()
    }
}

#[derive(Clone, Copy)]
pub(crate) struct How {
    pub(crate) batch_size: usize,
    pub(crate) threads: usize,
    pub(crate) budget: MemoryBudget,
}

pub(crate) const PLAIN: How = How {
    batch_size: 64,
    threads: 2,
    budget: MemoryBudget::of_bytes(512 << 20),
};

/// Gives a copied model windows of so many bases.
pub(crate) fn with_windows(folder: &Path, window_bp: u64) -> ModelDir {
    set_window_bp(folder, window_bp);
    ModelDir::open(folder, &EncoderSource::default()).unwrap()
}

pub(crate) fn load(
    model: &ModelDir,
    layout: Layout,
    table: &Path,
) -> Result<Runtime, RuntimeError> {
    let options = LoadOptions {
        layout: Some(layout),
        calibration: CalibrationSource::File(table),
        ..LoadOptions::default()
    };
    Runtime::load_with(model, BackendChoice::Auto, options)
}

/// The bytes of the table of a background.
pub(crate) fn calibrated(runtime: &Runtime, vcf: &Path, fasta: &Path) -> Vec<u8> {
    let request = Calibrate {
        vcf,
        fasta,
        disjoint: Disjoint::default(),
        parameters: CalibrationParameters::default(),
        gc: GcBinning::Given(GcCutoffs::default()),
        factors: EditFactors::None,
        batch_size: 16,
        memory_budget: MemoryBudget::default(),
        annotations: Annotations::default(),
        signals: Signals::default(),
        is_hashed: false,
    };
    match runtime
        .calibrate(&request, |_| {}, &AtomicBool::new(false))
        .unwrap()
    {
        Completion::Finished(calibration) => calibration.table.write_parquet().unwrap(),
        Completion::Interrupted => panic!("nobody stopped the run"),
    }
}

/// The row of a substitution of the 1-based `pos` by the `n`-th base after its own.
pub(crate) fn snv(bases: &[u8], chrom: &str, pos: usize, n: usize) -> String {
    let own = b"ACGT"
        .iter()
        .position(|base| *base == bases[pos - 1])
        .unwrap();
    let alternate = char::from(b"ACGT"[(own + n) % 4]);
    format!(
        "{chrom}\t{pos}\t.\t{}\t{alternate}\n",
        char::from(bases[pos - 1])
    )
}

/// The row of a deletion of `n` bases right of the 1-based `pos`.
fn deletion(bases: &[u8], pos: usize, n: usize) -> String {
    let reference = std::str::from_utf8(&bases[pos - 1..pos + n]).unwrap();
    format!("1\t{pos}\t.\t{reference}\t{}\n", &reference[..1])
}

pub(crate) fn write_vcf(path: &Path, rows: impl Iterator<Item = String>) {
    let mut text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n".to_owned();
    rows.for_each(|row| text.push_str(&row));
    fs::write(path, text).unwrap();
}

/// Variants of every kind of place, neighbours apart, with rows between them that are no variants.
pub(crate) fn mixed(world: &World) -> Vec<String> {
    let (bases, cell) = (&world.bases, CELL as usize);
    let mut rows = vec![
        snv(bases, "1", 10 * cell, 1),
        snv(bases, "1", 1, 2),
        snv(bases, "short", 101, 1),
        deletion(bases, 3 * cell - 1, 15),
        snv(bases, "1", 3 * cell, 3),
        "1\t5\t.\tA\t<DEL>\n".to_owned(),
        snv(bases, "1", 3 * cell + 1, 1),
        // In a window of little else than unknown bases.
        snv(bases, "1", 6 * cell + 9, 1),
        snv(bases, "1", 8 * cell + 1, 1),
        snv(bases, "short", 1, 3),
        "7\t5\t.\tA\tC\n".to_owned(),
        deletion(bases, 10 * cell - 12, 12),
    ];
    rows.extend((0..9).map(|i| snv(bases, "1", 1 + (i * 577) % (5 * cell), 1 + i % 3)));
    rows
}
