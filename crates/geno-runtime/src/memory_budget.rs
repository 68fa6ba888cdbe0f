//! How many variants are worked on at a time.

use geno_core::PoolType;
use geno_data::SiteWindows;

/// Bytes of a number.
const F32: u64 = 4;
/// Chunks of rows, with their windows, that may be in memory at a time: one read, one computed,
/// one waiting, one written.
const CHUNKS: u64 = 4;
/// A row as it is read, and its score.
const ROW: u64 = 512;
/// States of a variant: the reference's, the edited one's and the predicted one's.
const STATES: u64 = 3;

/// The bytes that a run may take beside its model: a chunk of variants has as many as fit.
///
/// With `h` numbers in a hidden row, `t` tokens in the longest window, `s` tokens in the suffix
/// of an edit (`r + 1`; all `t` for `global_mean`) and `w` windows a variant, that is
///
/// `n = (bytes − 4·h·t) / (w·4·h·(s + 3) + 4·(w·bases + 512))`
///
/// and at least 1: the residual stream of the window, once; for each variant that of its suffix,
/// three states in each of its windows, and, in the up to four chunks that are on their way, its row
/// and windows of its own. Variants that share a window take less. The keys and values of one window, which every site
/// needs however many variants it holds, come on top.
///
/// It never changes a result: what does not fit in a chunk is computed in the next one.
///
/// ```
/// use geno_runtime::MemoryBudget;
///
/// assert_eq!(MemoryBudget::default(), MemoryBudget::of_bytes(512 << 20));
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct MemoryBudget {
    bytes: u64,
}

impl Default for MemoryBudget {
    fn default() -> Self {
        Self::of_bytes(512 << 20)
    }
}

/// What decides how much memory a variant takes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct VariantShape {
    pub(crate) d_hidden: usize,
    pub(crate) pool_type: PoolType,
    pub(crate) pool_radius: usize,
    pub(crate) windows: SiteWindows,
    /// Windows of a variant.
    pub(crate) n_windows: usize,
}

impl MemoryBudget {
    /// A budget of so many bytes.
    pub const fn of_bytes(bytes: u64) -> Self {
        Self { bytes }
    }

    /// Variants of a chunk.
    pub(crate) fn variants(self, shape: VariantShape) -> usize {
        let bases = shape.windows.longest();
        let n_tokens = tokens(shape.windows);
        let suffix = match shape.pool_type {
            PoolType::GlobalMean => n_tokens,
            _ => n_tokens.min((shape.pool_radius as u64).saturating_add(1)),
        };
        let row = F32 * shape.d_hidden as u64;
        let once = row.saturating_mul(n_tokens);
        let n_windows = shape.n_windows as u64;
        let computed = row.saturating_mul(suffix.saturating_add(STATES));
        let computed = computed.saturating_mul(n_windows);
        let held = bases.saturating_mul(n_windows).saturating_add(ROW);
        let held = CHUNKS.saturating_mul(held);
        let n = self.bytes.saturating_sub(once) / computed.saturating_add(held);
        usize::try_from(n.max(1)).unwrap_or(usize::MAX)
    }
}

/// Tokens of the longest window: `<dna>`, a token for every six bases, `</dna>`.
fn tokens(windows: SiteWindows) -> u64 {
    windows.longest().div_ceil(6) + 2
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(pool_type: PoolType, pool_radius: usize) -> VariantShape {
        VariantShape {
            d_hidden: 1_024,
            pool_type,
            pool_radius,
            windows: SiteWindows::grid(12_288, pool_radius).unwrap(),
            n_windows: 1,
        }
    }

    #[test]
    fn variants_follow_from_the_formula() {
        let shape = shape(PoolType::DownstreamMean, 8);
        // 2,048 tokens, 64 bases right of the cell, two tags.
        let once = 4 * 1_024 * (2_048 + 11 + 2);
        let each = 4 * 1_024 * (9 + 3) + 4 * (12_288 + 64 + 512);
        let n = |bytes| MemoryBudget::of_bytes(bytes).variants(shape);
        assert_eq!(n(once + 100 * each), 100);
        assert_eq!(n(once + 100 * each - 1), 99);

        let shape = VariantShape {
            n_windows: 6,
            ..shape
        };
        let each = 6 * 4 * 1_024 * (9 + 3) + 4 * (6 * (12_288 + 64) + 512);
        let n = |bytes| MemoryBudget::of_bytes(bytes).variants(shape);
        assert_eq!(n(once + 100 * each), 100);
        assert_eq!(n(once + 100 * each - 1), 99);
    }

    #[test]
    fn however_small_it_is_one_variant_fits() {
        for pool in PoolType::ALL {
            let n = MemoryBudget::of_bytes(0).variants(shape(*pool, 8));
            assert_eq!(n, 1);
        }
    }

    #[test]
    fn a_suffix_is_no_longer_than_its_window() {
        let n = |pool, radius| MemoryBudget::default().variants(shape(pool, radius));
        assert!(n(PoolType::CenteredMean, 8) > 4 * n(PoolType::CenteredMean, 256));
        let shape = VariantShape {
            windows: SiteWindows::grid(12_288, 8).unwrap(),
            ..shape(PoolType::CenteredMean, 1 << 20)
        };
        let all = VariantShape {
            pool_type: PoolType::GlobalMean,
            ..shape
        };
        let budget = MemoryBudget::default();
        assert_eq!(budget.variants(shape), budget.variants(all));
    }
}
