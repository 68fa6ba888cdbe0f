//! The window in which an example is encoded.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

use geno_action::MAX_ALLELE_LEN;
use geno_core::{StateContract, Window};
use geno_data::{Contig, Fasta};

use super::{super::ExamplePlace, BuildTargets, BuildTargetsError};

/// A window that is drawn from.
pub(super) struct DrawnFrom {
    pub(super) record_id: String,
    pub(super) contig: Option<String>,
    pub(super) window: Arc<Window>,
}

/// The window of an example.
pub(super) struct LaidWindow {
    pub(super) window: Arc<Window>,
    pub(super) place: Option<ExamplePlace>,
    /// Where the base lies in it around which it was laid.
    pub(super) locus: usize,
}

/// Why there is no window.
pub(super) enum Refusal {
    HeldOut,
    Unknown,
}

/// Lays the windows of one part. Equal spans give one window.
pub(super) struct Laying<'a> {
    build: &'a BuildTargets<'a>,
    known: Mutex<HashMap<(String, u64, usize), Arc<Window>>>,
}

impl<'a> Laying<'a> {
    pub(super) fn new(build: &'a BuildTargets<'a>) -> Self {
        Self {
            build,
            known: Mutex::default(),
        }
    }

    /// The window for `n_edits` edits, the first at a base of a window that was drawn from.
    pub(super) fn around(
        &self,
        drawn: &DrawnFrom,
        base: usize,
        n_edits: usize,
    ) -> Result<Result<LaidWindow, Refusal>, BuildTargetsError> {
        let laid = match self.build.laid_on {
            Some(fasta) => self.lay(fasta, drawn, base, n_edits)?,
            None => LaidWindow {
                place: drawn
                    .contig
                    .as_ref()
                    .map(|contig| place(contig, &drawn.window)),
                window: Arc::clone(&drawn.window),
                locus: base,
            },
        };
        let bases = laid.window.bases();
        let unknown = bases.iter().filter(|base| **base == b'N').count();
        if unknown as f64 > self.build.max_unknown * bases.len() as f64 {
            return Ok(Err(Refusal::Unknown));
        }
        // Deletions bring bases of the flank in.
        let seen = (bases.len() + laid.window.right_flank().len()) as u64;
        let start = laid.window.start();
        let place = laid.place.as_ref();
        let place = place.map(|place| (place.contig.as_str(), start..start + seen));
        match self.build.is_held_out(&drawn.record_id, place) {
            true => Ok(Err(Refusal::HeldOut)),
            false => Ok(Ok(laid)),
        }
    }

    fn lay(
        &self,
        fasta: &Fasta,
        drawn: &DrawnFrom,
        base: usize,
        n_edits: usize,
    ) -> Result<LaidWindow, BuildTargetsError> {
        let Some(name) = &drawn.contig else {
            let record_id = drawn.record_id.clone();
            return Err(BuildTargetsError::NoPlace { record_id });
        };
        let Some(contig) = fasta.resolve(name) else {
            let contig = name.clone();
            return Err(BuildTargetsError::UnknownContig { contig });
        };
        let locus = drawn.window.start() + base as u64;
        if locus >= contig.len() {
            let record_id = drawn.record_id.clone();
            return Err(BuildTargetsError::OtherBases { record_id });
        }
        let windows = self.build.encoder.windows();
        let span = windows.span(contig.len(), locus);
        let key = (contig.name().to_owned(), span.start, n_edits);
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known().get(&key).cloned();
        let window = match found {
            Some(window) => window,
            None => {
                let window = windows.window(fasta, contig, locus)?;
                let window = Arc::new(with_flank(
                    window,
                    fasta,
                    contig,
                    n_edits,
                    windows.contract(),
                )?);
                Arc::clone(known().entry(key).or_insert(window))
            }
        };
        Ok(LaidWindow {
            locus: (locus - window.start()) as usize,
            place: Some(place(contig.name(), &window)),
            window,
        })
    }
}

fn place(contig: &str, window: &Window) -> ExamplePlace {
    ExamplePlace {
        contig: contig.to_owned(),
        window_start: window.start(),
        window_bp: window.len() as u64,
    }
}

/// The window with as many bases to its right as so many of the longest deletions ask for.
fn with_flank(
    window: Window,
    fasta: &Fasta,
    contig: &Contig,
    n_edits: usize,
    contract: StateContract,
) -> Result<Window, BuildTargetsError> {
    if contract == StateContract::LegacyRawV1 || n_edits == 1 {
        return Ok(window);
    }
    let longest = (n_edits * (MAX_ALLELE_LEN - 1)) as u64;
    let start = window.start() + window.len() as u64;
    let flank = fasta.fetch(contig, start, contig.len().min(start + longest))?;
    Ok(window.with_right_flank(flank).expect("decoded bases"))
}
