//! Rank correlation.

use geno_core::{Coded, ErrorCode};

use crate::ties::distinct;

/// Pairs of finite numbers, neither of which is constant.
#[derive(Clone, Debug, PartialEq)]
pub struct Paired {
    /// Of each pair the places of its numbers among the distinct ones, the largest first.
    groups: Vec<[u32; 2]>,
    n_groups: [usize; 2],
}

/// Why pairs have no rank correlation.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum PairedError {
    /// A number is infinite or no number.
    #[error("pair {row} has {value}")]
    NotFinite {
        /// Which pair, counted from 1.
        row: usize,
        /// The number.
        value: f64,
    },
    /// There are fewer than two pairs.
    #[error("a rank correlation needs two pairs, and there are {found}")]
    TooFew {
        /// How many there are.
        found: usize,
    },
    /// All numbers of one side are equal.
    #[error("a rank correlation needs two different numbers on either side")]
    Constant,
}

impl Coded for PairedError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Paired {
    /// Takes pairs.
    ///
    /// # Errors
    ///
    /// [`PairedError`].
    pub fn new(pairs: &[(f64, f64)]) -> Result<Self, PairedError> {
        for (i, (x, y)) in pairs.iter().enumerate() {
            if let Some(value) = [*x, *y].into_iter().find(|value| !value.is_finite()) {
                return Err(PairedError::NotFinite { row: i + 1, value });
            }
        }
        if pairs.len() < 2 {
            return Err(PairedError::TooFew { found: pairs.len() });
        }
        let sides = [
            distinct(pairs.iter().map(|pair| pair.0)),
            distinct(pairs.iter().map(|pair| pair.1)),
        ];
        if sides.iter().any(|side| side.len() == 1) {
            return Err(PairedError::Constant);
        }
        let place =
            |side: usize, value: f64| sides[side].partition_point(|other| *other > value) as u32;
        Ok(Self {
            groups: pairs
                .iter()
                .map(|(x, y)| [place(0, *x), place(1, *y)])
                .collect(),
            n_groups: [0, 1].map(|side| sides[side].len()),
        })
    }

    /// Number of pairs.
    #[expect(clippy::len_without_is_empty, reason = "there are two at least")]
    pub fn len(&self) -> usize {
        self.groups.len()
    }
}

/// Spearman's rank correlation: that of Pearson over ranks, equal numbers having the mean of theirs.
///
/// ```
/// use geno_eval::{Paired, Spearman};
///
/// let pairs = Paired::new(&[(1.0, 10.0), (2.0, 20.0), (3.0, 19.0)])?;
/// assert!((Spearman::of(&pairs).rho - 0.5).abs() < 1e-12);
/// # Ok::<_, geno_eval::PairedError>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spearman {
    /// Between −1 and 1.
    pub rho: f64,
}

impl Spearman {
    /// The correlation.
    pub fn of(pairs: &Paired) -> Self {
        let rho = Self::of_counts(pairs, &vec![1; pairs.len()]);
        Self {
            rho: rho.expect("neither side is constant"),
        }
    }

    /// That of a sample which has each pair so many times; none if a side is constant in it.
    pub(crate) fn of_counts(pairs: &Paired, counts: &[u32]) -> Option<f64> {
        let ranks = [0, 1].map(|side| mean_ranks(pairs, counts, side));
        let n: f64 = counts.iter().map(|count| f64::from(*count)).sum();
        let middle = (n + 1.0) / 2.0;
        let (mut xx, mut yy, mut xy) = (0.0, 0.0, 0.0);
        for ([x, y], count) in pairs.groups.iter().zip(counts) {
            let (x, y) = (
                ranks[0][*x as usize] - middle,
                ranks[1][*y as usize] - middle,
            );
            let count = f64::from(*count);
            xx += count * x * x;
            yy += count * y * y;
            xy += count * x * y;
        }
        (xx > 0.0 && yy > 0.0).then(|| xy / (xx * yy).sqrt())
    }
}

/// The mean rank of each distinct number of a side, the smallest having the lowest.
fn mean_ranks(pairs: &Paired, counts: &[u32], side: usize) -> Vec<f64> {
    let mut sizes = vec![0.0; pairs.n_groups[side]];
    for (groups, count) in pairs.groups.iter().zip(counts) {
        sizes[groups[side] as usize] += f64::from(*count);
    }
    let mut below = 0.0;
    for size in sizes.iter_mut().rev() {
        let rank = below + (*size + 1.0) / 2.0;
        below += *size;
        *size = rank;
    }
    sizes
}
