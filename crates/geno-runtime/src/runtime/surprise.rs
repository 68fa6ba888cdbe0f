//! From sites to raw surprise.

use burn::tensor::Tensor;
use geno_action::Site;
use geno_encoder::PrefixReuse;
use geno_predictor::PlacedEdit;

use super::{Runtime, RuntimeError, predict::PREDICTED};

/// Raw surprise of one site.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct SiteSurprise {
    /// One for each edit.
    pub(crate) sigmas: Vec<f64>,
    /// How many edits could share the site's reference pass.
    pub(crate) reuse: PrefixReuse,
}

impl Runtime {
    /// Raw surprise of every site, in order.
    pub(crate) fn surprise(&self, sites: &[Site]) -> Result<Vec<SiteSurprise>, RuntimeError> {
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
        let sigmas = self.distances(&edits, Tensor::cat(reference, 0), &Tensor::cat(edited, 0))?;

        let mut rest = sigmas.as_slice();
        let by_site = sites.iter().zip(reuse).map(|(site, reuse)| {
            let (own, others) = rest.split_at(site.edits().len());
            rest = others;
            let sigmas = own.to_vec();
            SiteSurprise { sigmas, reuse }
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
