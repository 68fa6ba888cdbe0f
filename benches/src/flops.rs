//! How much arithmetic a state needs at least.
//!
//! Counted are products of matrices: linear layers, `2 · n_in · n_out` operations a row, and
//! attention, `4 · n_heads · head_dim` operations a pair of a token and a token it sees (a product
//! for the score, one for the mix, of two operations a value each). A causal token sees itself and
//! all before it. In the last layer that is run only pooled rows need queries, attention and the
//! gated layer; all rows need keys and values there.
//!
//! Left out as small beside these: norms, rotary positions, softmax, activations and pooling.

use std::ops::Range;

use geno_core::{PoolType, StateContract, TOKEN_BP};
use geno_encoder::{CarbonConfig, DnaTokenizer, StateSettings};

/// The encoder up to its state layer.
pub(crate) struct EncoderWork {
    config: CarbonConfig,
    settings: StateSettings,
    /// Layers that are run.
    n_run: u64,
}

impl EncoderWork {
    pub(crate) fn new(config: CarbonConfig, settings: StateSettings) -> Self {
        let n_layers = config.n_layers as u64;
        let layer = i64::from(settings.state_layer);
        let n_run = u64::try_from(layer).unwrap_or_else(|_| n_layers + 1 - layer.unsigned_abs());
        Self {
            config,
            settings,
            n_run,
        }
    }

    /// Operations of one window of `bases`, pooled at a locus.
    pub(crate) fn window(&self, bases: usize, locus: usize) -> u64 {
        let rows = self.pooled(bases, locus);
        self.pass(0..rows.end, rows)
    }

    /// Operations of a site: one pass over its window up to the last pooled token, and for the
    /// substitution at every locus one over the tokens from its own to its last pooled one.
    pub(crate) fn site(&self, bases: usize, loci: &[usize]) -> u64 {
        let spans = loci.iter().map(|&locus| self.pooled(bases, locus));
        let union = |a: Range<usize>, b: Range<usize>| a.start.min(b.start)..a.end.max(b.end);
        let Some(pooled) = spans.clone().reduce(union) else {
            return 0;
        };
        let suffixes = spans.zip(loci).map(|(rows, &locus)| {
            let own = (1 + locus / TOKEN_BP).min(rows.end);
            self.pass(own..rows.end, rows.start.max(own)..rows.end)
        });
        self.pass(0..pooled.end, pooled) + suffixes.sum::<u64>()
    }

    /// Operations of the likelihoods of a window of `bases` and of the substitution at every locus:
    /// all layers over all tokens but the last, for a substitution from its own token on, and for
    /// each row the DNA tokens of the output layer.
    pub(crate) fn likelihood(&self, bases: usize, loci: &[usize]) -> u64 {
        let all = Self {
            config: self.config.clone(),
            settings: self.settings,
            n_run: self.config.n_layers as u64,
        };
        let rows = bases.div_ceil(TOKEN_BP) + 1;
        let logits = 2 * self.config.hidden_size as u64 * DnaTokenizer::N_ROWS as u64;
        let from =
            |first: usize| all.pass(first..rows, first..rows) + (rows - first) as u64 * logits;
        let edited = loci.iter().map(|locus| from(1 + locus / TOKEN_BP));
        from(0) + edited.sum::<u64>()
    }

    /// Operations of the tokens `run`, of which the last layer gives the rows `kept`.
    fn pass(&self, run: Range<usize>, kept: Range<usize>) -> u64 {
        let Some(below) = self.n_run.checked_sub(1) else {
            return 0;
        };
        let c = &self.config;
        let (d, q) = (c.hidden_size as u64, (c.n_heads * c.head_dim) as u64);
        let kv = (c.n_kv_heads * c.head_dim) as u64;
        let keys_values = 2 * d * 2 * kv;
        let rest = 2 * (2 * d * q + 3 * d * c.ffn_dim as u64);

        let rows = |range: &Range<usize>| range.len() as u64;
        let attention = |range: &Range<usize>| 4 * q * pairs(range);
        let full = rows(&run) * (keys_values + rest) + attention(&run);
        let last = rows(&run) * keys_values + rows(&kept) * rest + attention(&kept);
        below * full + last
    }

    /// The rows that are pooled at a locus, counted from `<dna>`.
    fn pooled(&self, bases: usize, locus: usize) -> Range<usize> {
        let tokens = bases.div_ceil(TOKEN_BP) + 2;
        let (limits, tag) = match self.settings.contract {
            StateContract::L2NormalizedV2 => (1..tokens - 1, 1),
            StateContract::LegacyRawV1 => (0..tokens, 0),
        };
        let (center, radius) = (locus / TOKEN_BP + tag, self.settings.pool_radius);
        let end = (center + radius + 1).min(limits.end);
        match self.settings.pool_type {
            PoolType::GlobalMean => limits,
            PoolType::CenteredMean => center.saturating_sub(radius).max(limits.start)..end,
            PoolType::DownstreamMean => center..end,
        }
    }
}

/// Pairs of a token of `run` and a token that it sees.
fn pairs(run: &Range<usize>) -> u64 {
    let sum_to = |n: usize| (n * (n + 1) / 2) as u64;
    sum_to(run.end) - sum_to(run.start)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape::Shape;

    fn settings(state_layer: i32, pool_type: PoolType, contract: StateContract) -> StateSettings {
        StateSettings {
            state_layer,
            pool_type,
            pool_radius: 1,
            contract,
        }
    }

    /// Two heads of width 1 over one of keys and values; 8 + 4 weights of attention, 18 of the gated
    /// layer.
    fn tiny(state_layer: i32, pool_type: PoolType, contract: StateContract) -> EncoderWork {
        let config = CarbonConfig {
            hidden_size: 2,
            n_layers: 3,
            n_heads: 2,
            n_kv_heads: 1,
            head_dim: 1,
            ffn_dim: 3,
            ..Shape::Nano.config()
        };
        EncoderWork::new(config, settings(state_layer, pool_type, contract))
    }

    #[test]
    fn a_window_costs_what_a_count_by_hand_says() {
        use {PoolType::DownstreamMean, StateContract::L2NormalizedV2};
        // 24 bases are `<dna>`, 4 tokens, `</dna>`; base 7 lies in token 2, and 2 and 3 are pooled.
        // Keys and values: 2·2·2·1 = 8 a row; the rest: 2·(2·2·2 + 3·2·3) = 52; attention: 4·2 = 8 a
        // pair. Tokens 0..4 see 1 + 2 + 3 + 4 = 10, the pooled ones 7.
        let full = 4 * (8 + 52) + 8 * 10;
        let last = 4 * 8 + 2 * 52 + 8 * 7;
        let work = |layer| tiny(layer, DownstreamMean, L2NormalizedV2).window(24, 7);
        assert_eq!((full, last), (320, 192));
        assert_eq!(work(0), 0);
        assert_eq!(work(1), last);
        assert_eq!(work(2), full + last);
        assert_eq!(work(-1), work(3));
        assert_eq!(work(-4), work(0));
    }

    #[test]
    fn an_edit_adds_its_own_tokens_alone() {
        use {PoolType::DownstreamMean, StateContract::L2NormalizedV2};
        let work = tiny(2, DownstreamMean, L2NormalizedV2);
        // Tokens 2 and 3 see 3 and 4; all their rows are pooled.
        let suffix = 2 * (2 * (8 + 52) + 8 * 7);
        assert_eq!(work.site(24, &[7]) - work.window(24, 7), suffix);
        let two = work.site(24, &[7, 7]);
        assert_eq!(two - work.site(24, &[7]), suffix);
        assert_eq!(work.site(24, &[]), 0);
    }

    #[test]
    fn a_centred_pool_needs_rows_left_of_the_edit_from_the_reference_pass_alone() {
        use {PoolType::CenteredMean, StateContract::LegacyRawV1};
        // The legacy centre ignores `<dna>`: of base 12 it is row 2, with rows 1 to 3, though its own
        // token is row 3.
        let work = tiny(1, CenteredMean, LegacyRawV1);
        let reference = 4 * 8 + 3 * 52 + 8 * (2 + 3 + 4);
        assert_eq!(work.window(24, 12), reference);
        assert_eq!(work.site(24, &[12]), reference + 8 + 52 + 8 * 4);
    }

    #[test]
    fn a_likelihood_needs_all_layers_and_the_output_layer_of_every_row_but_the_last() {
        use {PoolType::DownstreamMean, StateContract::L2NormalizedV2};
        // 24 bases are 5 rows that predict; base 7 lies in token 2, so 3 are its own.
        let layer = |n_rows: u64, pairs: u64| n_rows * (8 + 52) + 8 * pairs;
        let logits = 2 * 2 * 4_099;
        let reference = 3 * layer(5, 15) + 5 * logits;
        let edited = 3 * layer(3, 3 + 4 + 5) + 3 * logits;
        let work = tiny(1, DownstreamMean, L2NormalizedV2);
        assert_eq!(work.likelihood(24, &[]), reference);
        assert_eq!(work.likelihood(24, &[7, 7]), reference + 2 * edited);
    }

    #[test]
    fn carbon_500m_needs_half_a_teraflop_a_window() {
        let shape = Shape::Carbon500M;
        let settings = StateSettings {
            pool_radius: 8,
            ..settings(
                shape.state_layer(),
                PoolType::DownstreamMean,
                StateContract::L2NormalizedV2,
            )
        };
        let work = EncoderWork::new(shape.config(), settings);
        // A row of a layer: 2·1024·2·512 of keys and values, 2·(2·1024·1024 + 3·1024·3072) else.
        let (keys_values, rest) = (2_097_152, 23_068_672);
        // 1,034 tokens see 1,034·1,035/2, the last nine of them 9·(1,026 + 1,034)/2.
        let full = 1_034 * (keys_values + rest) + 4_096 * 535_095;
        let last = 1_034 * keys_values + 9 * rest + 4_096 * 9_270;
        assert_eq!(work.window(12_288, 6_144), 19 * full + last);
    }
}
