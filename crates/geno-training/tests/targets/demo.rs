//! Targets of the demo's genome and encoder, in windows short enough for tests.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::{Dtype, Layout};
use geno_data::{
    EditProviders, EditSource, Fasta, GenomeWindows, Holdouts, TupleBuilder, TupleSettings,
    WindowSource,
};
use geno_runtime::{Backend, BackendChoice, Completion, FrozenEncoder, ModelConfig};
use geno_training::{BuildTargets, BuildTargetsError, TargetSet, TargetsReport, TokenSettings};
use tempfile::TempDir;

/// Bases of a window: cells of the grid have half as many.
pub(crate) const WINDOW_BP: u64 = 600;

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../fixtures/demo")
        .join(name)
}

pub(crate) fn fasta() -> Fasta {
    Fasta::open(fixture("GRCh37.20.fa.gz")).expect("the demo's genome")
}

/// The demo's encoder in `f32`, so that states can be compared closely.
pub(crate) fn encoder(layout: Layout) -> FrozenEncoder {
    let config = fs::read(fixture("model/config.yaml")).expect("the demo's configuration");
    let config = ModelConfig::from_yaml(&config).expect("a configuration");
    let mut section = config.encoder;
    section.window_bp = WINDOW_BP;
    section.dtype = Dtype::F32;
    let backend = BackendChoice::Only(Backend::Native);
    let place = fixture("model/encoder");
    FrozenEncoder::open(&place, &section, backend, Some(layout)).expect("the demo's encoder")
}

/// A set that was built, in a folder that lasts as long.
pub(crate) struct Built {
    pub(crate) set: TargetSet,
    pub(crate) report: TargetsReport,
    _root: TempDir,
}

/// What is built, beside where it goes.
pub(crate) struct World {
    pub(crate) fasta: Fasta,
    pub(crate) encoder: FrozenEncoder,
    /// 0-based.
    pub(crate) region: (u64, u64),
    pub(crate) is_laid: bool,
    pub(crate) per_window: u32,
    pub(crate) tuples: Option<TupleSettings>,
    pub(crate) holdouts: Holdouts,
    pub(crate) seed: u64,
}

impl World {
    /// Two tokens and six tuples of made-up edits from each of eight windows.
    pub(crate) fn new(layout: Layout) -> Self {
        Self {
            fasta: fasta(),
            encoder: encoder(layout),
            region: (3_100_000, 3_100_000 + 8 * WINDOW_BP),
            is_laid: true,
            per_window: 2,
            tuples: Some(TupleSettings {
                mix: vec![(EditSource::Synthetic, 6)],
                fallbacks: Vec::new(),
                edit_count_weights: vec![1.0, 1.0, 1.0],
                type_weights: Some([0.2; 5]),
                ..TupleSettings::default()
            }),
            holdouts: Holdouts::none(),
            seed: 7,
        }
    }

    /// Builds a folder; the run is told to stop once it has encoded so many edits.
    pub(crate) fn build_until(
        &self,
        folder: &Path,
        resumes: bool,
        edits: u64,
    ) -> Result<Completion<TargetsReport>, BuildTargetsError> {
        let contract = self.encoder.settings().contract;
        let mut windows = GenomeWindows::new(&self.fasta, WINDOW_BP, 0.1, contract);
        let contig = self.fasta.resolve("20").expect("the demo's contig");
        windows.tile(contig, self.region.0..self.region.1, WINDOW_BP);
        self.build_from(&windows, folder, resumes, edits)
    }

    pub(crate) fn build_from(
        &self,
        windows: &dyn WindowSource,
        folder: &Path,
        resumes: bool,
        edits: u64,
    ) -> Result<Completion<TargetsReport>, BuildTargetsError> {
        let providers = EditProviders::default();
        let settings = self.tuples.clone().map(|settings| TupleSettings {
            seed: self.seed,
            ..settings
        });
        let builder = settings.map(|settings| {
            TupleBuilder::new(windows, &providers, &self.holdouts, settings).expect("a builder")
        });
        let build = BuildTargets {
            encoder: &self.encoder,
            windows,
            laid_on: self.is_laid.then_some(&self.fasta),
            seed: self.seed,
            tokens: (self.per_window > 0).then_some(TokenSettings {
                per_window: self.per_window,
                margin: 64,
            }),
            tuples: builder.as_ref().map(|builder| (builder, 2)),
            holdouts: &self.holdouts,
            excludes_windows_of_variants: false,
            max_unknown: 0.1,
            inputs: BTreeMap::new(),
            part_windows: NonZeroU32::new(3).expect("not 0"),
            folder,
            resumes,
        };
        let stop = AtomicBool::new(false);
        let on_progress = |progress: geno_training::TargetProgress| {
            assert!(progress.windows <= progress.total_windows);
            stop.store(progress.edits >= edits, Ordering::Relaxed);
        };
        build.run(on_progress, &stop)
    }

    pub(crate) fn build(&self, folder: &Path) -> Result<TargetsReport, BuildTargetsError> {
        match self.build_until(folder, false, u64::MAX)? {
            Completion::Finished(report) => Ok(report),
            Completion::Interrupted => panic!("nobody stopped it"),
        }
    }

    /// Builds a folder and opens it.
    pub(crate) fn build_set(&self) -> Result<Built, Box<dyn std::error::Error>> {
        let root = tempfile::tempdir()?;
        let folder = root.path().join("targets");
        let report = self.build(&folder)?;
        Ok(Built {
            set: TargetSet::open(&folder)?,
            report,
            _root: root,
        })
    }
}
