//! The tuples of the Python package, draw for draw.

use geno_action::{
    DEFAULT_EDGE_MARGIN, EditSpec, RelEdit,
    legacy::{LegacySampleError, indel, uniform_snv},
};
use geno_core::PythonRandom;

use super::EditSource;
use crate::{corpus::CorpusWindow, holdout::Holdouts};

/// The edits that the Python package draws for a window: three from gnomAD, three made-up
/// substitutions, one made-up insertion or deletion and one from ClinVar, a substitution standing in
/// for what gnomAD or ClinVar lacks.
///
/// Variants are given in the order of their file. The order of the result is that of the mix. The
/// target window is [`apply_preserving_length`](geno_action::apply_preserving_length) of the edit.
///
/// # Errors
///
/// [`LegacyTupleError`] where the Python package gives up on the whole stream.
///
/// # Panics
///
/// If the window has a contig and a variant in it replaces no bases of it.
pub fn legacy_edits(
    window: &CorpusWindow,
    gnomad_common: &[EditSpec],
    clinvar: &[EditSpec],
    holdouts: &Holdouts,
    random: &mut PythonRandom,
) -> Result<Vec<(EditSource, RelEdit)>, LegacyTupleError> {
    let place = window
        .chrom
        .as_deref()
        .map(|chrom| (chrom, window.start_bp()..window.end_bp()));
    if holdouts.window(&window.record_id, place).is_some() {
        return Ok(Vec::new());
    }
    let bases = window.window.bases();
    let mut tuples = Vec::new();
    for (source, count) in [
        (EditSource::GnomadCommon, 3),
        (EditSource::SyntheticSnv, 3),
        (EditSource::SyntheticIndel, 1),
        (EditSource::Clinvar, 1),
    ] {
        let mut draw = |source: EditSource, n: usize| -> Result<_, LegacyTupleError> {
            let drawn = match source {
                EditSource::GnomadCommon => variants(window, gnomad_common, n, random),
                EditSource::Clinvar => variants(window, clinvar, n, random),
                EditSource::SyntheticIndel => {
                    indel(bases, n, random, None, 0.5, DEFAULT_EDGE_MARGIN)?
                }
                _ => uniform_snv(bases, n, random, DEFAULT_EDGE_MARGIN)?,
            };
            let is_allowed = |edit: &RelEdit| {
                let excludes = |contig: &String| {
                    holdouts
                        .edit(contig, window.start_bp(), bases, edit)
                        .is_some()
                };
                !window.chrom.as_ref().is_some_and(excludes)
            };
            Ok(drawn.into_iter().filter(is_allowed).collect::<Vec<_>>())
        };
        let edits = draw(source, count)?;
        let missing = count - edits.len();
        tuples.extend(edits.into_iter().map(|edit| (source, edit)));
        if missing == 0 {
            continue;
        }
        let fallback = match source {
            EditSource::GnomadCommon | EditSource::Clinvar => EditSource::SyntheticSnv,
            source_name => return Err(LegacyTupleError::Short { source_name }),
        };
        let edits = draw(fallback, missing)?;
        if edits.len() < missing {
            return Err(LegacyTupleError::Short {
                source_name: source,
            });
        }
        tuples.extend(edits.into_iter().map(|edit| (fallback, edit)));
    }
    Ok(tuples)
}

/// Why the Python package would have given up.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LegacyTupleError {
    /// A source, or its fall-back, gave too few edits that are not held out.
    #[error("`{source_name}` gives too few edits")]
    Short {
        /// The source.
        source_name: EditSource,
    },
    /// Nothing could be drawn from the window.
    #[error(transparent)]
    Sample(#[from] LegacySampleError),
}

impl geno_core::Coded for LegacyTupleError {
    fn code(&self) -> geno_core::ErrorCode {
        geno_core::ErrorCode::InputGeneric
    }
}

/// All variants of the window in random order, of which the first `n` are taken.
fn variants(
    window: &CorpusWindow,
    variants: &[EditSpec],
    n: usize,
    random: &mut PythonRandom,
) -> Vec<RelEdit> {
    let (start, end) = (window.start_bp(), window.end_bp());
    let lies_in = |edit: &&EditSpec| {
        let edit_start = edit.pos() - 1;
        let edit_end = edit_start + edit.reference().len() as u64;
        Some(edit.chrom()) == window.chrom.as_deref() && edit_start >= start && edit_end <= end
    };
    let mut inside: Vec<&EditSpec> = variants.iter().filter(lies_in).collect();
    inside.sort_by_key(|edit| edit.pos());
    random.shuffle(&mut inside);
    let relative = |edit: &EditSpec| edit.relative_to(start).expect("a variant of the window");
    inside.into_iter().take(n).map(relative).collect()
}
