//! Sets of a tiny encoder's states over the demo's genome.

use std::{
    collections::BTreeMap,
    fs,
    num::NonZeroU32,
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

use geno_core::Layout;
use geno_data::{
    EditProviders, EditSource, Fasta, GenomeWindows, Holdouts, TupleBuilder, TupleSettings,
};
use geno_runtime::{
    Backend, BackendChoice, EncoderSection, FrozenEncoder, MappedEncoder, ModelConfig,
};
use geno_training::{BuildTargets, TargetSet, TokenSettings};
use tempfile::TempDir;

use crate::tiny;

const WINDOW_BP: u64 = 240;
/// First base and number of the windows to train on.
const TRAIN: (u64, u64) = (3_100_000, 8);
/// The same of those to validate on.
const VALIDATION: (u64, u64) = (3_110_000, 4);

/// The encoder, two sets of its states, and a folder for runs.
pub(crate) struct World {
    pub(crate) folder: TempDir,
    pub(crate) fasta: Fasta,
    pub(crate) encoder: MappedEncoder,
    pub(crate) train: TargetSet,
    pub(crate) validation: TargetSet,
}

fn section(dtype: &str) -> EncoderSection {
    let layer = tiny::STATE_LAYER;
    let yaml = format!(
        "encoder: {{dtype: {dtype}, state_layer: {layer}, pool_type: downstream_mean, \
         pool_radius: 8, state_contract: l2_normalized_v2, window_bp: {WINDOW_BP}}}"
    );
    ModelConfig::from_yaml(yaml.as_bytes()).unwrap().encoder
}

/// Another genome: that of the demo with every base of a stretch exchanged.
pub(crate) fn other_genome(folder: &Path) -> Fasta {
    let fasta = demo();
    let contig = fasta.resolve("20").unwrap();
    let bases = fasta.fetch(contig, 0, contig.len()).unwrap();
    let exchanged = bases.iter().map(|base| match base.to_ascii_uppercase() {
        b'A' => 'T',
        b'C' => 'G',
        b'G' => 'C',
        b'T' => 'A',
        _ => 'N',
    });
    let path = folder.join("other.fa");
    fs::write(&path, format!(">20\n{}\n", exchanged.collect::<String>())).unwrap();
    Fasta::open(path).unwrap()
}

fn demo() -> Fasta {
    let path: PathBuf = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/demo");
    Fasta::open(path.join("GRCh37.20.fa.gz")).unwrap()
}

impl World {
    pub(crate) fn new(dtype: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("base");
        fs::create_dir(&place).unwrap();
        let files = tiny::files();
        fs::write(place.join("config.json"), &files.config).unwrap();
        fs::write(place.join("dna_config.json"), &files.dna_config).unwrap();
        fs::write(place.join("model.safetensors"), &files.weights[0].1).unwrap();

        let fasta = demo();
        let frozen = frozen(&place, dtype);
        let set = |name: &str, place| build(&folder.path().join(name), &frozen, &fasta, place);
        let (train, validation) = (set("train", TRAIN), set("validation", VALIDATION));
        Self {
            encoder: MappedEncoder::open(&place).unwrap(),
            train,
            validation,
            fasta,
            folder,
        }
    }

    /// States of the examples to train on, made anew by the encoder in a folder.
    pub(crate) fn train_of(&self, encoder: &Path) -> TargetSet {
        let folder = self.folder.path().join("again");
        build(&folder, &frozen(encoder, "fp32"), &self.fasta, TRAIN)
    }
}

fn frozen(place: &Path, dtype: &str) -> FrozenEncoder {
    let backend = BackendChoice::Only(Backend::Native);
    FrozenEncoder::open(place, &section(dtype), backend, Some(Layout::Centered)).unwrap()
}

/// One saturated token and two haplotypes of each window.
fn build(
    folder: &Path,
    encoder: &FrozenEncoder,
    fasta: &Fasta,
    (start, n_windows): (u64, u64),
) -> TargetSet {
    let contract = encoder.settings().contract;
    let mut windows = GenomeWindows::new(fasta, WINDOW_BP, 0.1, contract);
    let contig = fasta.resolve("20").unwrap();
    windows.tile(contig, start..start + n_windows * WINDOW_BP, WINDOW_BP);
    let (providers, holdouts) = (EditProviders::default(), Holdouts::none());
    let settings = TupleSettings {
        seed: 7,
        mix: vec![(EditSource::Synthetic, 2)],
        fallbacks: Vec::new(),
        edit_count_weights: vec![1.0, 1.0],
        type_weights: Some([0.2; 5]),
        ..TupleSettings::default()
    };
    let tuples = TupleBuilder::new(&windows, &providers, &holdouts, settings).unwrap();
    let targets = BuildTargets {
        encoder,
        windows: &windows,
        laid_on: Some(fasta),
        seed: 7,
        tokens: Some(TokenSettings {
            per_window: 1,
            margin: 64,
        }),
        tuples: Some((&tuples, 1)),
        holdouts: &holdouts,
        excludes_windows_of_variants: false,
        max_unknown: 0.1,
        inputs: BTreeMap::new(),
        part_windows: NonZeroU32::new(4).unwrap(),
        folder,
        resumes: false,
    };
    targets.run(|_| {}, &AtomicBool::new(false)).unwrap();
    TargetSet::open(folder).unwrap()
}
