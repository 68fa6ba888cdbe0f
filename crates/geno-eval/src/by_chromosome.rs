//! Precision within chromosomes.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    binary::BinaryMetrics,
    bootstrap::{Bootstrap, Ends, OtherVariants},
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
    /// Variants of each of these.
    pub sizes: BTreeMap<String, usize>,
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
        let (mut chromosomes, mut sizes) = (BTreeMap::new(), BTreeMap::new());
        let mut left_out = BTreeSet::new();
        for (chromosome, rows) in by_chromosome {
            let n_rows = rows.len();
            match LabelledScores::new(rows) {
                Ok(scores) => {
                    // No metric with a threshold is asked for.
                    let precision = BinaryMetrics::of(&scores, 0.0).average_precision;
                    sum += n_rows as f64 * precision;
                    n += n_rows;
                    chromosomes.insert(chromosome.to_owned(), precision);
                    sizes.insert(chromosome.to_owned(), n_rows);
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
            sizes,
            left_out,
        }))
    }

    /// The interval of the average, from chromosomes drawn again; none of fewer than two.
    ///
    /// Variants of a chromosome go together, as in TraitGym, for they are not independent.
    pub fn interval(&self, bootstrap: &Bootstrap) -> Option<Ends> {
        self.of_chromosomes(bootstrap, |chromosome| self.chromosomes[chromosome])
    }

    /// The interval of how far the average lies above that of other scores, from the same draws of both;
    /// none of fewer than two chromosomes.
    ///
    /// # Errors
    ///
    /// [`OtherVariants`] if the chromosomes, or their numbers of variants, differ.
    pub fn difference(
        &self,
        other: &Self,
        bootstrap: &Bootstrap,
    ) -> Result<Option<Ends>, OtherVariants> {
        if self.sizes != other.sizes {
            return Err(OtherVariants);
        }
        Ok(self.of_chromosomes(bootstrap, |chromosome| {
            self.chromosomes[chromosome] - other.chromosomes[chromosome]
        }))
    }

    fn of_chromosomes(&self, bootstrap: &Bootstrap, value: impl Fn(&str) -> f64) -> Option<Ends> {
        let chromosomes: Vec<(f64, f64)> = self
            .sizes
            .iter()
            .map(|(name, n)| (*n as f64, value(name)))
            .collect();
        if chromosomes.len() < 2 {
            return None;
        }
        bootstrap.of_pairs(chromosomes.len(), |counts| {
            let (mut sum, mut total) = (0.0, 0.0);
            for ((n, value), count) in chromosomes.iter().zip(counts) {
                sum += f64::from(*count) * n * value;
                total += f64::from(*count) * n;
            }
            Some(sum / total)
        })
    }
}
