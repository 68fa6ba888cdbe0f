//! Where a plan begins: window, locus and state.

use std::{
    collections::BTreeMap,
    fs::File,
    path::{Path, PathBuf},
    sync::Arc,
};

use geno_action::MAX_ALLELE_LEN;
use geno_core::{Digest, StateContract, Window, WindowSpan};
use geno_data::{Contig, Fasta, FetchError, Region};
use geno_provenance::FileRecord;
use geno_runtime::Runtime;

use super::usage;
use crate::failure::{Failure, ReadError};

#[derive(clap::Args)]
pub(super) struct StartArgs {
    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA", required_unless_present_any = ["print_config", "explain"])]
    pub(super) fasta: Option<PathBuf>,

    /// The window, as CHROM:START-END, 1-based and with its last base
    #[arg(long, value_name = "REGION")]
    region: Option<String>,

    /// The base whose state is planned, as CHROM:POS; without a region the window is the one that the
    /// model lays there [default: the middle of the region]
    #[arg(long, value_name = "CHROM:POS")]
    locus: Option<String>,

    /// The state to begin at, instead of that of the window: .npy, .safetensors or .json
    #[arg(long, value_name = "FILE")]
    initial_state: Option<PathBuf>,
}

/// Bases right of a window that fill what deletions leave open: those of 16 of the longest.
const FLANK_BP: u64 = 16 * (MAX_ALLELE_LEN as u64 - 1);

/// Where a plan begins.
pub(super) struct Start {
    pub(super) fasta: Fasta,
    /// The contig as the reference names it.
    pub(super) contig: String,
    pub(super) contig_len: u64,
    pub(super) window: Arc<Window>,
    /// What of the window lies on the contig.
    pub(super) region: Region,
    /// The base whose state is planned, 0-based in the window.
    pub(super) locus: usize,
}

/// Files that were read, by their use.
#[derive(Default)]
pub(super) struct Inputs(pub(super) BTreeMap<String, (PathBuf, FileRecord)>);

impl Inputs {
    /// Hashes a file.
    pub(super) fn add(&mut self, name: &str, path: &Path) -> Result<(), ReadError> {
        let hash = || {
            let file = File::open(path)?;
            let size = file.metadata()?.len();
            let digest = Digest::of_reader(file)?;
            Ok(FileRecord { digest, size })
        };
        let record = hash().map_err(|source| ReadError {
            path: path.to_owned(),
            source,
        })?;
        self.insert(name, path, record);
        Ok(())
    }

    /// Notes a file that has been hashed.
    pub(super) fn insert(&mut self, name: &str, path: &Path, record: FileRecord) {
        self.0.insert(name.to_owned(), (path.to_owned(), record));
    }
}

impl StartArgs {
    pub(super) fn read(&self, runtime: &Runtime, path: &Path) -> Result<(Start, Inputs), Failure> {
        let fasta = Fasta::open(path)?;
        let mut inputs = Inputs::default();
        inputs.add("fasta", path)?;
        let locus = self.locus.as_deref().map(|text| base(text, &fasta));
        let locus = locus.transpose()?;
        let region = self
            .region
            .as_deref()
            .map(|text| Region::parse(text, &fasta));
        let (region, window) = match (region.transpose()?, &locus) {
            (Some(region), _) => {
                let window = cut(runtime, &fasta, region.contig(&fasta), of_region(&region))?;
                (region, window)
            }
            (None, Some(locus)) => {
                let contig = locus.contig(&fasta);
                let windows = runtime.windows();
                let span = windows.span(contig.len(), locus.bases().start);
                let window = match windows.contract() {
                    StateContract::L2NormalizedV2 => cut(runtime, &fasta, contig, span)?,
                    StateContract::LegacyRawV1 => {
                        windows.window(&fasta, contig, locus.bases().start)?
                    }
                };
                let end = (window.start() + window.len() as u64).min(contig.len());
                (Region::new(&fasta, contig, window.start()..end)?, window)
            }
            (None, None) => return usage("a window is needed: give `--region` or `--locus`"),
        };
        let contig = region.contig(&fasta);
        let locus = match &locus {
            None => window.len() / 2,
            Some(locus) => {
                let base = locus.bases().start;
                if locus.contig(&fasta) != contig || !region.bases().contains(&base) {
                    return usage("`--locus` does not lie in `--region`");
                }
                (base - window.start()) as usize
            }
        };
        let start = Start {
            contig: contig.name().to_owned(),
            contig_len: contig.len(),
            window: window.into(),
            region,
            locus,
            fasta,
        };
        Ok((start, inputs))
    }

    /// The state that plans begin at.
    pub(super) fn source(
        &self,
        runtime: &Runtime,
        start: &Start,
        inputs: &mut Inputs,
    ) -> Result<Vec<f32>, Failure> {
        let Some(path) = &self.initial_state else {
            return Ok(runtime.encode_planned(&start.window, Some(start.locus))?);
        };
        let (mut states, record) = runtime.read_states(path)?;
        inputs.insert("initial_state", path, record);
        match states.len() {
            1 => Ok(states.swap_remove(0)),
            _ => usage("`--initial-state` holds several states"),
        }
    }
}

/// The window over a span, with the right flank that the model's contract takes deleted bases from.
pub(super) fn cut(
    runtime: &Runtime,
    fasta: &Fasta,
    contig: &Contig,
    span: WindowSpan,
) -> Result<Window, FetchError> {
    let flank = match runtime.contract() {
        StateContract::L2NormalizedV2 => FLANK_BP,
        StateContract::LegacyRawV1 => 0,
    };
    fasta.window(contig, span, flank)
}

/// The span of a region.
pub(super) fn of_region(region: &Region) -> WindowSpan {
    let bases = region.bases();
    WindowSpan {
        start: bases.start,
        end: bases.end,
        missing: 0,
    }
}

/// The single base that a text names.
fn base(text: &str, fasta: &Fasta) -> Result<Region, Failure> {
    let Some((contig, position)) = text.rsplit_once(':') else {
        return usage("`--locus` is not CHROM:POS");
    };
    Ok(Region::parse(
        &format!("{contig}:{position}-{position}"),
        fasta,
    )?)
}
