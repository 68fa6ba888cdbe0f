//! All states of one site: one reference pass, then the edits in batches.

use std::collections::BTreeMap;

use burn::tensor::{Int, Tensor, TensorData};
use geno_action::{Haplotype, Site};

use crate::{
    CarbonEncoder, EncodeError, SiteStates,
    attention::BLOCK,
    network::Prefix,
    plan::{EditPlan, SitePlan},
};

/// Suffixes of more tokens run alone, in the blocks of a reference pass.
const MAX_BATCHED_LEN: usize = BLOCK;
/// Attention scores of one batch, all heads together: 64 MiB.
const MAX_SCORES: usize = 16 << 20;

/// The reference pass of a site.
struct ReferencePass {
    /// Rows `first..` of the state layer.
    rows: Tensor<2>,
    first: usize,
    prefix: Prefix,
}

impl ReferencePass {
    /// The sum `[1, d]` of some rows.
    fn sum(&self, rows: std::ops::Range<usize>) -> Tensor<2> {
        let (start, len) = (rows.start - self.first, rows.len());
        self.rows.clone().narrow(0, start, len).sum_dim(0)
    }
}

impl CarbonEncoder {
    pub(crate) fn encode_site(&self, site: &Site) -> Result<SiteStates, EncodeError> {
        let limit = self.config.max_positions;
        let plan = SitePlan::new(site, &self.tokenizer, &self.settings, limit)?;
        Ok(self.encode_plan(&plan))
    }

    pub(crate) fn encode_trajectory(
        &self,
        haplotype: &Haplotype,
    ) -> Result<SiteStates, EncodeError> {
        let limit = self.config.max_positions;
        let plan = SitePlan::of_trajectory(haplotype, &self.tokenizer, &self.settings, limit)?;
        Ok(self.encode_plan(&plan))
    }

    fn encode_plan(&self, plan: &SitePlan) -> SiteStates {
        if plan.edits.is_empty() {
            let none = Tensor::zeros([0, self.config.hidden_size], &self.device);
            return SiteStates {
                reference: none.clone(),
                edited: none,
                reuse: plan.reuse,
            };
        }

        let (rows, prefix) = self.network.extend(&plan.tokens, 0, &[], plan.keep.clone());
        let pass = ReferencePass {
            rows,
            first: plan.keep.start,
            prefix,
        };
        SiteStates {
            reference: self.reference_states(&plan.edits, &pass),
            edited: self.edited_states(&plan.edits, &pass),
            reuse: plan.reuse,
        }
    }

    fn reference_states(&self, edits: &[EditPlan], pass: &ReferencePass) -> Tensor<2> {
        let mut pooled = BTreeMap::new();
        let states = edits.iter().map(|edit| {
            let rows = edit.reference.clone();
            let pool = || self.settings.finish(pass.sum(rows.clone()), rows.len());
            let state: &mut Tensor<2> = pooled.entry((rows.start, rows.end)).or_insert_with(pool);
            state.clone()
        });
        Tensor::cat(states.collect(), 0)
    }

    fn edited_states(&self, edits: &[EditPlan], pass: &ReferencePass) -> Tensor<2> {
        let mut groups = BTreeMap::<_, Vec<usize>>::new();
        for (i, edit) in edits.iter().enumerate() {
            let key = (edit.start, edit.edited.start, edit.edited.end);
            groups.entry(key).or_default().push(i);
        }

        let mut order = Vec::with_capacity(edits.len());
        let mut states = Vec::new();
        for members in groups.into_values() {
            let batch = self.batch_size(&edits[members[0]]);
            for members in members.chunks(batch) {
                let members_of_batch: Vec<_> = members.iter().map(|&i| &edits[i]).collect();
                states.push(self.batch_states(&members_of_batch, pass));
                order.extend(members);
            }
        }
        in_order(Tensor::cat(states, 0), &order)
    }

    /// States `[n, d]` of edits that agree in where their suffix starts and what is pooled.
    fn batch_states(&self, edits: &[&EditPlan], pass: &ReferencePass) -> Tensor<2> {
        let n = edits.len();
        let EditPlan { start, edited, .. } = edits[0];
        let shared = edited.start..(*start).max(edited.start);
        let keep = edited.end - shared.end;

        let mut sums = Vec::new();
        if !shared.is_empty() {
            let sum = pass.sum(shared);
            sums.push(sum.repeat_dim(0, n));
        }
        if keep > 0 {
            let width = self.config.hidden_size;
            let rows = self.suffix_rows(edits, keep, pass);
            sums.push(rows.sum_dim(1).reshape([n, width]));
        }
        let sum = sums.into_iter().reduce(|a, b| a + b);
        let sum = sum.expect("a span of rows is never empty");
        self.settings.finish(sum, edited.len())
    }

    /// The last `keep` rows of every suffix, `[n, keep, d]`.
    fn suffix_rows(&self, edits: &[&EditPlan], keep: usize, pass: &ReferencePass) -> Tensor<3> {
        let EditPlan { start, edited, .. } = edits[0];
        let suffixes: Vec<&[u32]> = edits.iter().map(|edit| edit.suffix.as_slice()).collect();
        if suffixes[0].len() <= MAX_BATCHED_LEN {
            return self
                .network
                .extend_each(&suffixes, *start, &pass.prefix, keep);
        }
        let rows = edited.end - keep..edited.end;
        let rows = suffixes.iter().map(|suffix| {
            let (rows, _) = self
                .network
                .extend(suffix, *start, &pass.prefix, rows.clone());
            rows.unsqueeze_dim(0)
        });
        Tensor::cat(rows.collect(), 0)
    }

    /// How many edits like this one run together.
    fn batch_size(&self, edit: &EditPlan) -> usize {
        let len = edit.suffix.len();
        let scores = self.config.n_heads * len * edit.edited.end;
        match len {
            0..=MAX_BATCHED_LEN => (MAX_SCORES / scores.max(1)).clamp(1, self.max_batch),
            _ => 1,
        }
    }
}

/// Puts row `i` where `order[i]` says.
fn in_order(rows: Tensor<2>, order: &[usize]) -> Tensor<2> {
    if order.is_sorted() {
        return rows;
    }
    let mut sources = vec![0i32; order.len()];
    for (row, &place) in order.iter().enumerate() {
        sources[place] = row as i32;
    }
    let sources = TensorData::new(sources, [order.len()]);
    let sources = Tensor::<1, Int>::from_data(sources, &rows.device());
    rows.select(0, sources)
}
