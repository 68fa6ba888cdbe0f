//! A packed network with memory for its passes.

use std::{ops::Range, sync::Mutex};

use geno_action::{Haplotype, Site};
use geno_core::Window;
use geno_kernels::Kernel;
use rayon::prelude::*;

use super::{
    batch::Batch,
    network::{Network, Workspace},
};
use crate::{
    CarbonConfig, DnaTokenizer, EncodeError,
    plan::{SitePlan, Wanted, window_tokens},
};

/// Rows for each thread that are computed together, so that threads have enough to share.
const ROWS_A_THREAD: usize = 512;
/// Most bytes of the residual stream: more edits of one site are computed in parts, each with a
/// reference pass of its own.
const MAX_STREAM_BYTES: usize = 256 << 20;

/// What runs batches.
pub(super) struct Engine {
    pub(super) config: CarbonConfig,
    pub(super) tokenizer: DnaTokenizer,
    pub(super) network: Network,
    pub(super) kernel: Kernel,
    workspaces: Mutex<Vec<Workspace>>,
}

/// Sites that are computed together.
pub(super) struct Together {
    pub(super) sites: Range<usize>,
    /// Which edits of each, as far as it has them.
    edits: Range<usize>,
}

impl Engine {
    pub(super) fn new(
        config: CarbonConfig,
        tokenizer: DnaTokenizer,
        network: Network,
        kernel: Kernel,
    ) -> Self {
        Self {
            config,
            tokenizer,
            network,
            kernel,
            workspaces: Mutex::default(),
        }
    }

    pub(super) fn window_tokens(&self, window: &Window) -> Result<Vec<u32>, EncodeError> {
        window_tokens(window.bases(), &self.tokenizer, self.config.max_positions)
    }

    /// What has to be computed for some sites.
    pub(super) fn plans(
        &self,
        sites: &[Site],
        wanted: &impl Wanted,
    ) -> Result<Vec<SitePlan>, EncodeError> {
        let limit = self.config.max_positions;
        in_order(sites, |site| {
            SitePlan::new(site, &self.tokenizer, wanted, limit)
        })
    }

    /// What has to be computed for some haplotypes, edit by edit.
    pub(super) fn trajectory_plans(
        &self,
        haplotypes: &[Haplotype],
        wanted: &impl Wanted,
    ) -> Result<Vec<SitePlan>, EncodeError> {
        let limit = self.config.max_positions;
        in_order(haplotypes, |haplotype| {
            SitePlan::of_trajectory(haplotype, &self.tokenizer, wanted, limit)
        })
    }

    /// Runs a batch with memory that an earlier one has left.
    pub(super) fn run<T>(&self, batch: &Batch, take: impl FnOnce(&[f32]) -> T) -> T {
        let lock = || self.workspaces.lock().unwrap_or_else(|e| e.into_inner());
        let kept = lock().pop();
        let mut workspace = kept.unwrap_or_else(|| self.network.workspace(self.kernel));
        let result = take(self.network.forward(self.kernel, batch, &mut workspace));
        lock().push(workspace);
        result
    }

    /// Rows that keep all threads at work.
    pub(super) fn enough_rows(&self) -> usize {
        ROWS_A_THREAD * rayon::current_num_threads()
    }

    /// Which sites share a batch: enough of them for all threads, and of one that is too large for
    /// the memory some edits at a time.
    pub(super) fn schedule(&self, plans: &[SitePlan]) -> Vec<Together> {
        let max_rows = MAX_STREAM_BYTES / (4 * self.config.hidden_size);
        let enough = self.enough_rows();
        let mut schedule = Vec::new();
        let mut next = 0;
        while next < plans.len() {
            let (first, mut n_rows) = (next, 0);
            while next < plans.len() && (next == first || n_rows < enough) {
                n_rows += plans[next].n_rows();
                next += 1;
            }
            let together = |edits| Together {
                sites: first..next,
                edits,
            };
            match next - first {
                1 if n_rows > max_rows => {
                    schedule.extend(plans[first].parts(max_rows).into_iter().map(together));
                }
                _ => schedule.push(together(0..usize::MAX)),
            }
        }
        schedule
    }
}

/// Plans side by side. The first item that is at fault is the one that is named.
fn in_order<T: Sync>(
    items: &[T],
    plan: impl Fn(&T) -> Result<SitePlan, EncodeError> + Send + Sync,
) -> Result<Vec<SitePlan>, EncodeError> {
    let plans: Vec<_> = items.par_iter().map(plan).collect();
    plans.into_iter().collect()
}

impl Together {
    /// The edits of one of the sites.
    pub(super) fn edits_of(&self, plan: &SitePlan) -> Range<usize> {
        self.edits.start..self.edits.end.min(plan.edits.len())
    }

    /// The batch of the sites, whose plans these are.
    pub(super) fn batch(&self, plans: &[SitePlan]) -> Batch {
        let mut batch = Batch::default();
        for plan in plans {
            batch.push_site(plan, self.edits_of(plan));
        }
        batch
    }
}
