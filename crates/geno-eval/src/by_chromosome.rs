//! Precision within chromosomes.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    binary::BinaryMetrics,
    labelled::{LabelledScores, LabelledScoresError},
};

/// Average precision of each chromosome, averaged by numbers of variants.
///
/// ```text
/// Σ_c n_c · AP_c / Σ_c n_c
/// ```
///
/// A model that is trained on other chromosomes for each of these has scores that cannot be compared
/// across them. Chromosomes with one label alone have no precision and are left out.
///
/// Source: TraitGym's `AUPRC_by_chrom_weighted_average` (Benegas, Eraslan and Song, 2025).
///
/// ```
/// use geno_eval::PrecisionByChromosome;
///
/// let rows = [("1", true, 0.9), ("1", false, 0.1), ("2", true, 0.2), ("2", false, 0.5), ("3", true, 0.4)];
/// let precision = PrecisionByChromosome::of(rows)?.unwrap();
/// assert_eq!((precision.value, precision.n), (0.75, 4));
/// assert!(precision.left_out.contains("3"));
/// # Ok::<_, geno_eval::LabelledScoresError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct PrecisionByChromosome {
    /// The weighted average.
    pub value: f64,
    /// Variants that it is of.
    pub n: usize,
    /// The average precision of each chromosome.
    pub chromosomes: BTreeMap<String, f64>,
    /// Chromosomes with positive variants alone, or with none.
    pub left_out: BTreeSet<String>,
}

impl PrecisionByChromosome {
    /// Of variants with their chromosome, label and score; none if no chromosome has both labels.
    ///
    /// # Errors
    ///
    /// [`LabelledScoresError::NotFinite`], the row counted within its chromosome.
    pub fn of<'a>(
        rows: impl IntoIterator<Item = (&'a str, bool, f64)>,
    ) -> Result<Option<Self>, LabelledScoresError> {
        let mut by_chromosome = BTreeMap::<&str, Vec<(bool, f64)>>::new();
        for (chromosome, label, score) in rows {
            by_chromosome
                .entry(chromosome)
                .or_default()
                .push((label, score));
        }
        let (mut sum, mut n) = (0.0, 0);
        let (mut chromosomes, mut left_out) = (BTreeMap::new(), BTreeSet::new());
        for (chromosome, rows) in by_chromosome {
            let n_rows = rows.len();
            match LabelledScores::new(rows) {
                Ok(scores) => {
                    // No metric with a threshold is asked for.
                    let precision = BinaryMetrics::of(&scores, 0.0).average_precision;
                    sum += n_rows as f64 * precision;
                    n += n_rows;
                    chromosomes.insert(chromosome.to_owned(), precision);
                }
                Err(LabelledScoresError::OneClass { .. }) => {
                    left_out.insert(chromosome.to_owned());
                }
                Err(error) => return Err(error),
            }
        }
        Ok((n > 0).then(|| Self {
            value: sum / n as f64,
            n,
            chromosomes,
            left_out,
        }))
    }
}
