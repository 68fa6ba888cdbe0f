//! From sites to raw surprise.

use burn::tensor::Tensor;
use geno_encoder::PrefixReuse;
use geno_predictor::PlacedEdit;

use super::{Runtime, RuntimeError, predict::PREDICTED};
use crate::{
    found::SiteBatch,
    signal::{Signal, SignalLikelihood, SignalValue, Signals},
    windows_per_variant::{WindowSpread, WindowsPerVariant},
};

/// Raw surprise of one edit in one window, and what else was asked of it there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct EditSurprise {
    pub(crate) sigma: f64,
    /// In the order of the signals that were asked for. A variant's likelihood is that of its first
    /// window alone.
    pub(crate) signals: Vec<SignalValue>,
}

/// Raw surprise of a variant, and what else was asked of it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct VariantSurprise {
    pub(crate) sigma: f64,
    /// What several windows say beside it.
    pub(crate) spread: Option<WindowSpread>,
    /// In the order of the signals that were asked for.
    pub(crate) signals: Vec<SignalValue>,
}

impl VariantSurprise {
    /// What the windows of a variant, at least one, say together.
    pub(crate) fn of(windows: &[&EditSurprise], how: WindowsPerVariant) -> Self {
        let sigmas: Vec<_> = windows.iter().map(|window| window.sigma).collect();
        let signals = windows[0].signals.iter().map(|one| {
            let of_window = |window: &&EditSurprise| {
                let mut signals = window.signals.iter();
                let same = signals.find(|other| other.signal == one.signal);
                same.map(|same| same.value)
            };
            let values: Vec<_> = windows.iter().filter_map(of_window).collect();
            SignalValue {
                signal: one.signal,
                value: how.combine(&values),
            }
        });
        Self {
            sigma: how.combine(&sigmas),
            spread: how.spread(&sigmas),
            signals: signals.collect(),
        }
    }
}

/// Raw surprise of one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SiteSurprise {
    /// One for each edit.
    pub(crate) edits: Vec<EditSurprise>,
    /// How many edits could share the site's reference pass.
    pub(crate) reuse: PrefixReuse,
}

impl Runtime {
    /// Raw surprise of every site, in order, with these signals of each edit.
    pub(crate) fn surprise(
        &self,
        batch: SiteBatch<'_>,
        signals: Signals<'_>,
    ) -> Result<Vec<SiteSurprise>, RuntimeError> {
        let sites = batch.sites;
        // What is missing is told before anything is computed.
        let (encoder, _, _) = (self.encoder()?, self.predictor()?, self.action_encoder()?);
        let edits = sites.iter().flat_map(|site| {
            let window = site.window().bases();
            let edits = site.edits().iter();
            edits.map(move |edit| PlacedEdit::centered(edit, window))
        });
        let edits: Vec<_> = edits.collect();
        if edits.is_empty() {
            return Ok(vec![SiteSurprise::default(); sites.len()]);
        }
        let (mut reference, mut edited) = (Vec::new(), Vec::new());
        let mut reuse = Vec::with_capacity(sites.len());
        for states in encoder.encode_sites(sites)? {
            reference.push(states.reference);
            edited.push(states.edited);
            reuse.push(states.reuse);
        }
        let (reference, edited) = (Tensor::cat(reference, 0), Tensor::cat(edited, 0));
        let values = |signal| match (signal, signals.likelihood) {
            (Signal::LikelihoodDelta, Some(likelihood)) => Ok((signal, deltas(batch, likelihood)?)),
            // The same distance, from where the state was instead of where it was predicted.
            _ => {
                let distances = geno_surprise::raw_surprise(reference.clone(), edited.clone());
                Ok((signal, distances.into_iter().map(Some).collect()))
            }
        };
        let columns = signals.iter().map(values);
        let columns: Vec<_> = columns.collect::<Result<_, RuntimeError>>()?;
        let sigmas = self.distances(&edits, reference, &edited)?;

        let mut edits = sigmas.into_iter().enumerate().map(|(i, sigma)| {
            let value = |(signal, values): &(_, Vec<Option<f64>>)| {
                let (signal, value) = (*signal, values[i]?);
                Some(SignalValue { signal, value })
            };
            EditSurprise {
                sigma,
                signals: columns.iter().filter_map(value).collect(),
            }
        });
        let by_site = sites.iter().zip(reuse).map(|(site, reuse)| {
            let edits = edits.by_ref().take(site.edits().len()).collect();
            SiteSurprise { edits, reuse }
        });
        Ok(by_site.collect())
    }

    /// Distances between predicted and encoded states.
    ///
    /// # Shapes
    ///
    /// - `reference`, `edited`: `[n_edits, d_state]`
    fn distances(
        &self,
        edits: &[PlacedEdit<'_>],
        reference: Tensor<2>,
        edited: &Tensor<2>,
    ) -> Result<Vec<f64>, RuntimeError> {
        let (predictor, action_encoder) = (self.predictor()?, self.action_encoder()?);
        let mut sigmas = Vec::with_capacity(edits.len());
        for (i, edits) in edits.chunks(PREDICTED).enumerate() {
            let actions = action_encoder.encode_each(edits)?;
            let rows = |states: &Tensor<2>| states.clone().narrow(0, i * PREDICTED, edits.len());
            let predicted = predictor.predict_single(rows(&reference), actions);
            sigmas.extend(geno_surprise::raw_surprise(predicted, rows(edited)));
        }
        Ok(sigmas)
    }
}

/// What each edit of a batch adds to its window's likelihood, of first windows alone: what further
/// windows are for is the place of 6-mers, and a reading of the likelihood has phases of its own.
fn deltas(
    SiteBatch { sites, is_first }: SiteBatch<'_>,
    likelihood: &SignalLikelihood,
) -> Result<Vec<Option<f64>>, RuntimeError> {
    let first = sites.iter().zip(is_first).filter(|(_, first)| **first);
    let first: Vec<_> = first.map(|(site, _)| site.clone()).collect();
    let found = likelihood.delta.of_sites(&likelihood.carbon, &first)?;
    let mut found = found.iter().flat_map(|site| &site.edits);
    let sites = sites.iter().zip(is_first);
    let edits = sites.flat_map(|(site, first)| site.edits().iter().map(move |_| *first));
    Ok(edits
        .map(|first| match first {
            true => found.next().map(|edit| edit.delta()),
            false => None,
        })
        .collect())
}
