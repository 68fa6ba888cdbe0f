//! What computes the likelihoods of sites, unless they are remembered.

use std::cell::RefCell;

use geno_action::{RelEdit, Site};
use geno_core::{Digest, PoolType};
use geno_data::SiteWindows;

use super::{
    CarbonModel, Recipe,
    cache::{Cache, EditKey},
};
use crate::{
    found::SiteBatch,
    likelihood::{EditLikelihood, SiteLikelihoods},
    memory_budget::{MemoryBudget, VariantShape},
    run_vcf::{RunVcfError, SiteScorer},
    runtime::RuntimeError,
};

/// A model, a recipe, and what is known already.
pub(super) struct Scorer<'a> {
    pub(super) model: &'a CarbonModel,
    pub(super) recipe: &'a Recipe,
    pub(super) windows: SiteWindows,
    pub(super) cache: Option<RefCell<Cache>>,
}

impl Scorer<'_> {
    fn compute(&self, sites: &[Site]) -> Result<Vec<SiteLikelihoods>, RunVcfError> {
        let found = self.recipe.likelihoods(&self.model.carbon, sites);
        Ok(found.map_err(RuntimeError::Encode)?)
    }

    /// Looks edits up, and computes and remembers those that are not known.
    fn remembered(
        &self,
        cache: &mut Cache,
        sites: &[Site],
    ) -> Result<Vec<SiteLikelihoods>, RunVcfError> {
        let keys: Vec<_> = sites.iter().map(|site| self.keys(site)).collect();
        let look_up = |keys: &Vec<EditKey>| keys.iter().map(|key| cache.get(key)).collect();
        let mut known: Vec<Vec<Option<EditLikelihood>>> = keys.iter().map(look_up).collect();
        let missing = sites.iter().zip(&known).filter_map(|(site, known)| {
            let edits = site.edits().iter().zip(known);
            let edits: Vec<RelEdit> = edits
                .filter(|(_, known)| known.is_none())
                .map(|(edit, _)| edit.clone())
                .collect();
            let site = (!edits.is_empty()).then(|| Site::new(site.window().clone(), edits));
            site.map(|site| site.expect("edits of the same window"))
        });
        let missing: Vec<Site> = missing.collect();
        let mut computed = self.compute(&missing)?.into_iter();

        let (mut rows, mut found) = (Vec::new(), Vec::with_capacity(sites.len()));
        for (keys, known) in keys.iter().zip(&mut known) {
            let is_whole = known.iter().all(Option::is_some);
            let own = match is_whole {
                true => SiteLikelihoods::default(),
                false => computed.next().expect("a result for every site"),
            };
            let mut new = own.edits.into_iter();
            let edits = keys.iter().zip(known).map(|(key, known)| {
                known.unwrap_or_else(|| {
                    let new = new.next().expect("a result for every edit");
                    rows.push((*key, new));
                    new
                })
            });
            found.push(SiteLikelihoods {
                edits: edits.collect(),
                full_passes: own.full_passes,
            });
        }
        cache.push(rows)?;
        Ok(found)
    }

    fn keys(&self, site: &Site) -> Vec<EditKey> {
        let before = Digest::of(self.recipe.reference(site.window()).1);
        let key = |edit: &RelEdit| EditKey {
            windows: [
                before,
                Digest::of(&self.recipe.alternate(site.window(), edit)),
            ],
            offset: edit.rel_pos() as u64,
        };
        site.edits().iter().map(key).collect()
    }
}

impl SiteScorer for Scorer<'_> {
    type Scores = SiteLikelihoods;

    fn windows(&self) -> SiteWindows {
        self.windows
    }

    /// As of states that are pooled over whole windows.
    fn variants_within(&self, budget: MemoryBudget) -> usize {
        budget.variants(VariantShape {
            d_hidden: self.model.carbon.config().hidden_size,
            pool_type: PoolType::GlobalMean,
            pool_radius: 0,
            windows: self.windows,
            n_windows: 1,
        })
    }

    fn score(&self, batch: SiteBatch<'_>) -> Result<Vec<SiteLikelihoods>, RunVcfError> {
        match &self.cache {
            None => self.compute(batch.sites),
            Some(cache) => self.remembered(&mut cache.borrow_mut(), batch.sites),
        }
    }
}
