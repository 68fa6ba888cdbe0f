//! The windows of examples, cut from the genome again.

use std::{collections::HashMap, sync::Arc};

use geno_action::{MAX_ALLELE_LEN, RelEdit, Site};
use geno_core::{Window, WindowSpan};
use geno_data::Fasta;

use super::LoraError;
use crate::targets::{Example, ExampleEdit, ExamplePlace, Planned};

/// Cuts the windows of examples. Examples of one place share a window.
///
/// # Errors
///
/// [`LoraError`] for an example without a place, a contig that the genome lacks, and bases that are not
/// those of the example.
pub(super) fn with_windows(
    examples: &[(usize, Example)],
    fasta: &Fasta,
) -> Result<Vec<Planned>, LoraError> {
    let mut known = HashMap::<(String, u64, u64, u64), Arc<Window>>::new();
    let planned = examples.iter().map(|(_, example)| {
        let place = example.place().ok_or(LoraError::NoPlace)?;
        // As many bases to the right as the longest deletions would bring into the window.
        let flank = (example.edits().len() * (MAX_ALLELE_LEN - 1)) as u64;
        let contig = place.contig.clone();
        let key = (contig, place.window_start, place.window_bp, flank);
        let window = match known.get(&key) {
            Some(window) => Arc::clone(window),
            None => {
                let window = Arc::new(cut(place, flank, fasta)?);
                known.insert(key, Arc::clone(&window));
                window
            }
        };
        match is_of(example, &window) {
            true => Ok(Planned {
                example: example.clone(),
                window,
            }),
            false => Err(LoraError::OtherBases {
                contig: place.contig.clone(),
                start: place.window_start,
            }),
        }
    });
    planned.collect()
}

fn cut(place: &ExamplePlace, flank: u64, fasta: &Fasta) -> Result<Window, LoraError> {
    let contig = fasta.resolve(&place.contig);
    let contig = contig.ok_or_else(|| LoraError::UnknownContig {
        contig: place.contig.clone(),
    })?;
    let end = place.window_start.checked_add(place.window_bp);
    let end = end.filter(|&end| place.window_bp > 0 && end <= contig.len());
    let end = end.ok_or_else(|| LoraError::OtherBases {
        contig: place.contig.clone(),
        start: place.window_start,
    })?;
    let span = WindowSpan {
        start: place.window_start,
        end,
        missing: 0,
    };
    Ok(fasta.window(contig, span, flank)?)
}

/// Whether the edits and the 6-mers around them are those of a window.
fn is_of(example: &Example, window: &Arc<Window>) -> bool {
    let edits = example.edits().iter().map(ExampleEdit::edit);
    let edits: Vec<RelEdit> = edits.cloned().collect();
    Site::new(Arc::clone(window), edits).is_ok()
        && example.edits().iter().all(|of_example| {
            let in_window = ExampleEdit::in_window(of_example.edit().clone(), window.bases());
            in_window.token() == of_example.token()
        })
}
