//! Draws the edits of one window.

mod chain;
mod placed;

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use geno_action::{LengthWeights, RelEdit, SyntheticEdits, SyntheticError};
use geno_core::{RandomStream, Window};

use super::{
    EditProviders, EditSource, TupleReport, TupleSettings, settings::BALANCED_TYPES, tuple::Origin,
};
use crate::holdout::{Exclusion, Holdouts};

/// Made-up edits of a source that may be held out or come twice before the source counts as short.
const MAX_SPARE: usize = 64;

/// The edits of one tuple.
pub(crate) struct Drawn {
    pub(crate) source: EditSource,
    pub(crate) edits: Vec<RelEdit>,
    pub(crate) n_copies: Option<u32>,
}

/// Draws from one window. Its stream of random numbers depends on seed, epoch and window alone.
pub(crate) struct Draw<'a> {
    pub(crate) settings: &'a TupleSettings,
    pub(crate) providers: &'a EditProviders,
    pub(crate) holdouts: &'a Holdouts,
    pub(crate) lengths: &'a Lengths,
    pub(crate) origin: &'a Origin,
    pub(crate) window: &'a Arc<Window>,
    pub(crate) random: RandomStream,
    pub(crate) report: &'a mut TupleReport,
    pub(crate) seen: HashSet<Vec<RelEdit>>,
    pub(crate) synthetic: BTreeMap<EditSource, SyntheticEdits<'a>>,
}

/// Lengths of made-up edits.
#[derive(Clone, Debug)]
pub(crate) struct Lengths {
    events: LengthWeights,
    mnvs: LengthWeights,
}

impl Default for Lengths {
    fn default() -> Self {
        let events = LengthWeights::geometric(0.5, 1..=15);
        let mnvs = LengthWeights::uniform(2..=8);
        Self {
            events: events.expect("a distribution over 15 lengths"),
            mnvs: mnvs.expect("a distribution over 7 lengths"),
        }
    }
}

impl Draw<'_> {
    /// Up to `n` sets of edits from a source.
    pub(crate) fn draw(&mut self, source: EditSource, n: usize) -> Vec<Drawn> {
        let providers = self.providers;
        match (source, &providers.phased) {
            (EditSource::GnomadCommon | EditSource::Clinvar, _) => match providers.set(source) {
                Some(set) => self.draw_variants(source, set, n),
                None => Vec::new(),
            },
            (EditSource::Phased, Some(phased)) => self.draw_phased(phased, n),
            (EditSource::Phased, None) => Vec::new(),
            _ => self.made_up(source, n),
        }
    }

    fn made_up(&mut self, source: EditSource, n: usize) -> Vec<Drawn> {
        let mut drawn = Vec::with_capacity(n);
        let mut spare = MAX_SPARE;
        while drawn.len() < n {
            let Some(edits) = self.chain(source) else {
                break;
            };
            if edits.iter().all(|edit| self.is_allowed(edit)) && self.seen.insert(edits.clone()) {
                drawn.push(Drawn {
                    source,
                    edits,
                    n_copies: None,
                });
            } else if spare == 0 {
                break;
            } else {
                spare -= 1;
            }
        }
        drawn
    }

    /// Whether an edit that fits the window is not held out; counts it if it is.
    fn is_allowed(&mut self, edit: &RelEdit) -> bool {
        let Some(contig) = &self.origin.chrom else {
            return true;
        };
        let window = self.window;
        let excluded = self
            .holdouts
            .edit(contig, window.start(), window.bases(), edit);
        excluded.map(|exclusion| self.exclude(exclusion)).is_none()
    }

    fn exclude(&mut self, exclusion: Exclusion) {
        *self.report.excluded_edits.entry(exclusion).or_default() += 1;
    }
}

/// All edits of a made-up source in a window.
fn synthetic_edits<'w>(
    source: EditSource,
    window: &'w Window,
    margin: usize,
    lengths: &Lengths,
    type_weights: Option<[f64; 5]>,
) -> Result<SyntheticEdits<'w>, SyntheticError> {
    let Lengths { events, mnvs } = lengths;
    let insertions = || SyntheticEdits::insertions(window, margin, events);
    let deletions = || SyntheticEdits::deletions(window, margin, events);
    let delins = || SyntheticEdits::delins(window, margin, events, events);
    match source {
        EditSource::SyntheticIndel => Ok(SyntheticEdits::mix([
            (0.5, insertions()?),
            (0.5, deletions()?),
        ])),
        EditSource::SyntheticMnv => SyntheticEdits::mnvs(window, margin, mnvs),
        EditSource::SyntheticDelins => delins(),
        EditSource::Synthetic => {
            let [snv, ins, del, mnv, indel] = type_weights.unwrap_or(BALANCED_TYPES);
            Ok(SyntheticEdits::mix([
                (snv, SyntheticEdits::snvs(window, margin)?),
                (ins, insertions()?),
                (del, deletions()?),
                (mnv, SyntheticEdits::mnvs(window, margin, mnvs)?),
                (indel, delins()?),
            ]))
        }
        _ => SyntheticEdits::snvs(window, margin),
    }
}
