//! Which token rows are averaged into a state.

use std::ops::Range;

use burn::tensor::Tensor;
pub use geno_core::TOKEN_BP;
use geno_core::{PoolType, StateContract};

use crate::{EncodeError, StateSettings};

/// A window as tokens: `<dna>`, the 6-mers, `</dna>`.
#[derive(Clone, Copy)]
pub(crate) struct WindowLen {
    pub(crate) bases: usize,
    pub(crate) tokens: usize,
}

impl WindowLen {
    pub(crate) fn of(bases: &[u8], tokens: &[u32]) -> Self {
        Self {
            bases: bases.len(),
            tokens: tokens.len(),
        }
    }
}

impl StateSettings {
    /// The rows that are averaged, never empty.
    ///
    /// Centre and limits by contract:
    /// - `l2_normalized_v2`: `1 + locus / 6`, within the DNA tokens `1..tokens − 1`
    /// - `legacy_raw_v1`: `locus / 6`, which ignores `<dna>`, within all tokens
    pub(crate) fn pooled(
        &self,
        locus: Option<usize>,
        len: WindowLen,
    ) -> Result<Range<usize>, EncodeError> {
        let (limits, tag) = match self.contract {
            StateContract::L2NormalizedV2 => (1..len.tokens - 1, 1),
            StateContract::LegacyRawV1 => (0..len.tokens, 0),
        };
        let Some(locus) = locus else {
            return Ok(limits);
        };
        let center = locus / TOKEN_BP + tag;
        if !limits.contains(&center) || (tag == 1 && locus >= len.bases) {
            return Err(EncodeError::LocusOutOfWindow {
                locus,
                len: len.bases,
            });
        }

        let end = (center + 1).saturating_add(self.pool_radius);
        Ok(match self.pool_type {
            PoolType::GlobalMean => limits,
            PoolType::CenteredMean => {
                let start = center.saturating_sub(self.pool_radius);
                start.max(limits.start)..end.min(limits.end)
            }
            PoolType::DownstreamMean => center..end.min(limits.end),
        })
    }

    /// Turns sums of rows `[n, d]` into states: divided by the number of rows and, by contract,
    /// by the length of the mean. A mean of zero stays zero.
    pub(crate) fn finish(&self, sums: Tensor<2>, rows: usize) -> Tensor<2> {
        let mean = sums.div_scalar(rows as f32);
        match self.contract {
            StateContract::LegacyRawV1 => mean,
            StateContract::L2NormalizedV2 => {
                let norm = mean.clone().square().sum_dim(1).sqrt();
                mean / norm.clamp_min(f32::MIN_POSITIVE)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LEN: WindowLen = WindowLen {
        bases: 605,
        tokens: 103,
    };

    fn settings(pool_type: PoolType, contract: StateContract) -> StateSettings {
        StateSettings {
            state_layer: -1,
            pool_type,
            pool_radius: 8,
            contract,
        }
    }

    #[test]
    fn the_dna_tag_counts_in_v2_and_not_before() {
        use PoolType::*;
        let v2 = |pool, locus| settings(pool, StateContract::L2NormalizedV2).pooled(locus, LEN);
        assert_eq!(v2(CenteredMean, Some(300)), Ok(43..60));
        assert_eq!(v2(DownstreamMean, Some(300)), Ok(51..60));
        assert_eq!(v2(CenteredMean, Some(0)), Ok(1..10));
        assert_eq!(v2(CenteredMean, Some(604)), Ok(93..102));
        assert_eq!(v2(GlobalMean, Some(300)), Ok(1..102));
        assert_eq!(v2(CenteredMean, None), Ok(1..102));

        let legacy = |pool, locus| settings(pool, StateContract::LegacyRawV1).pooled(locus, LEN);
        assert_eq!(legacy(CenteredMean, Some(300)), Ok(42..59));
        assert_eq!(legacy(DownstreamMean, Some(300)), Ok(50..59));
        assert_eq!(legacy(CenteredMean, Some(604)), Ok(92..103));
        assert_eq!(legacy(CenteredMean, None), Ok(0..103));
    }

    #[test]
    fn a_locus_past_the_rows_is_refused() {
        let refused = |locus, contract| {
            let error = EncodeError::LocusOutOfWindow { locus, len: 605 };
            settings(PoolType::CenteredMean, contract).pooled(Some(locus), LEN) == Err(error)
        };
        assert!(refused(605, StateContract::L2NormalizedV2));
        assert!(!refused(605, StateContract::LegacyRawV1));
        assert!(refused(618, StateContract::LegacyRawV1));
    }

    #[test]
    fn a_huge_radius_is_clipped() {
        let huge = StateSettings {
            pool_radius: usize::MAX,
            ..settings(PoolType::CenteredMean, StateContract::L2NormalizedV2)
        };
        assert_eq!(huge.pooled(Some(300), LEN), Ok(1..102));
    }
}
