//! Which windows and edits an error is measured on.

use geno_action::{LengthWeights, Site, SyntheticEdits};
use geno_core::{Digest, DigestHasher, RandomStream, Window};
use geno_data::{Fasta, GenomeWindows, WindowSource};

use super::{MeasureError, MeasureFault};

/// Edits of a window.
const N_EDITS: usize = 8;

/// Bases from the middle of a window that edits lie within.
const REACH: usize = 32;

/// Sites that depend on the reference, the windows' length and contract, and the seed alone.
pub(super) struct ChosenSites {
    pub(super) sites: Vec<Site>,
    pub(super) n_windows: u64,
    /// Of windows, right flanks and edits, in order.
    pub(super) digest: Digest,
}

/// Draws windows without unknown bases from all contigs, and 8 substitutions, insertions and
/// deletions around the middle of each.
pub(super) fn choose(request: &MeasureError<'_>) -> Result<ChosenSites, MeasureFault> {
    let fasta = Fasta::open(request.fasta)?;
    let (window_bp, contract) = (request.section.window_bp, request.contract());
    let mut windows = GenomeWindows::new(&fasta, window_bp, 0.0, contract);
    // Overlapping, so that a short reference has some.
    windows.tile_genome((window_bp / 4).max(1));
    let mut order: Vec<u32> = (0..windows.n_windows()).collect();
    let mut random = RandomStream::new(request.seed, "measured error/windows");
    random.shuffle(&mut order);

    let mut sites = Vec::new();
    let mut hasher = DigestHasher::default();
    for index in order {
        if sites.len() == request.n_windows {
            break;
        }
        let Some(window) = windows.window(index)? else {
            continue;
        };
        let name = format!("measured error/edits/{}", sites.len());
        let site = site(window.window, &mut RandomStream::new(request.seed, &name));
        add(&site, &mut hasher);
        sites.push(site);
    }
    if sites.is_empty() {
        return Err(MeasureFault::NoWindow { window_bp });
    }
    Ok(ChosenSites {
        n_windows: sites.len() as u64,
        sites,
        digest: hasher.finish(),
    })
}

fn site(window: Window, random: &mut RandomStream) -> Site {
    let margin = (window.len() / 2).saturating_sub(REACH);
    let lengths = LengthWeights::geometric(0.5, 1..=15).expect("lengths of insertions");
    let edits = SyntheticEdits::mix(
        [
            (0.6, SyntheticEdits::snvs(&window, margin)),
            (0.2, SyntheticEdits::insertions(&window, margin, &lengths)),
            (0.2, SyntheticEdits::deletions(&window, margin, &lengths)),
        ]
        .map(|(weight, edits)| (weight, edits.expect("margins that leave the middle"))),
    );
    let edits = edits.sample_distinct(N_EDITS, random);
    let edits = edits.expect("more than eight edits of known bases");
    Site::new(window.into(), edits).expect("edits of this window")
}

fn add(site: &Site, hasher: &mut DigestHasher) {
    let window = site.window();
    for bases in [window.bases(), window.right_flank()] {
        hasher.update(bases);
        hasher.update(b"\n");
    }
    for edit in site.edits() {
        let (reference, alternate) = (edit.reference(), edit.alternate());
        hasher.update(format!("{} {reference} {alternate}\n", edit.rel_pos()).as_bytes());
    }
}
