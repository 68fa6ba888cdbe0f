//! In what proportions the sources of a corpus are drawn.

use std::str::FromStr;

use geno_action::exact_quotas;
use geno_core::{Coded, ErrorCode};

use super::source::{CorpusSource, UnknownSource};

/// Sources with their shares.
///
/// Written `SOURCE=SHARE,SOURCE=SHARE`. Shares need not add up to 1.
///
/// ```
/// use geno_data::{CorpusSource, SourceMix};
///
/// let mix: SourceMix = "mrna=0.75,gtdb=0.25".parse()?;
/// assert_eq!(mix.quotas(10), [(CorpusSource::Mrna, 8), (CorpusSource::Gtdb, 2)]);
/// # Ok::<_, geno_data::SourceMixError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct SourceMix(Vec<(CorpusSource, f64)>);

/// Why shares make no mix.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum SourceMixError {
    /// There is no source.
    #[error("mix names no source")]
    Empty,
    /// An entry is not `SOURCE=SHARE`.
    #[error("`{entry}` is not SOURCE=SHARE")]
    Malformed {
        /// The entry.
        entry: String,
    },
    /// A label names no source.
    #[error("cannot use `{label}`")]
    Source {
        /// The label.
        label: String,
        /// What is wrong with it.
        source: UnknownSource,
    },
    /// A share does not lie above 0 and at most at 1.
    #[error("share {share} of {of} does not lie above 0 and at most at 1")]
    BadShare {
        /// Whose share.
        of: CorpusSource,
        /// The share.
        share: f64,
    },
    /// A source comes twice.
    #[error("source {of} is given twice")]
    Duplicate {
        /// The source.
        of: CorpusSource,
    },
}

impl Coded for SourceMixError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl SourceMix {
    /// The mix that Carbon was trained on: half genes, a quarter mRNA, a tenth splice sites, the
    /// rest bacteria.
    pub fn carbon() -> Self {
        let shares = [0.50, 0.25, 0.10, 0.15];
        Self(CorpusSource::ALL.into_iter().zip(shares).collect())
    }

    /// Joins sources and shares.
    ///
    /// # Errors
    ///
    /// [`SourceMixError`] for no source, one that comes twice, or a share outside `(0, 1]`.
    pub fn new(
        entries: impl IntoIterator<Item = (CorpusSource, f64)>,
    ) -> Result<Self, SourceMixError> {
        let mut mix = Vec::new();
        for (of, share) in entries {
            if !(share > 0.0 && share <= 1.0) {
                return Err(SourceMixError::BadShare { of, share });
            }
            if mix.iter().any(|(other, _)| *other == of) {
                return Err(SourceMixError::Duplicate { of });
            }
            mix.push((of, share));
        }
        match mix.is_empty() {
            true => Err(SourceMixError::Empty),
            false => Ok(Self(mix)),
        }
    }

    /// The sources with their shares, in the order given.
    pub fn entries(&self) -> &[(CorpusSource, f64)] {
        &self.0
    }

    /// The source that a number in `[0, 1)` falls on: the first whose cumulative share is above
    /// `unit · total`.
    ///
    /// With `PythonRandom::random` it draws what the Python package draws for a seed; new work draws
    /// from `RandomStream::unit`.
    pub fn source_at(&self, unit: f64) -> CorpusSource {
        let total: f64 = self.0.iter().map(|(_, share)| share).sum();
        let mut cumulative = 0.0;
        let is_reached = |(_, share): &&(CorpusSource, f64)| {
            cumulative += share;
            unit * total < cumulative
        };
        let last = &self.0[self.0.len() - 1];
        self.0.iter().find(is_reached).unwrap_or(last).0
    }

    /// How many of `n` fall to each source, by the method of [`exact_quotas`].
    pub fn quotas(&self, n: u64) -> Vec<(CorpusSource, u64)> {
        let shares: Vec<f64> = self.0.iter().map(|(_, share)| *share).collect();
        let sources = self.0.iter().map(|(source, _)| *source);
        sources.zip(exact_quotas(&shares, n)).collect()
    }
}

impl FromStr for SourceMix {
    type Err = SourceMixError;

    fn from_str(text: &str) -> Result<Self, SourceMixError> {
        let entry = |entry: &str| {
            let malformed = || SourceMixError::Malformed {
                entry: entry.to_owned(),
            };
            let (label, share) = entry.split_once('=').ok_or_else(malformed)?;
            let share: f64 = share.trim().parse().map_err(|_| malformed())?;
            let source = label.parse().map_err(|source| SourceMixError::Source {
                label: label.to_owned(),
                source,
            })?;
            Ok((source, share))
        };
        let entries = text.split(',').map(entry);
        Self::new(entries.collect::<Result<Vec<_>, _>>()?)
    }
}

#[cfg(test)]
mod tests {
    use geno_core::{PythonRandom, RandomStream};

    use super::*;

    // `draw_source_counts(1000, rng=random.Random(3))` of the Python package.
    #[test]
    fn draws_equal_the_published_ones() {
        let mix = SourceMix::carbon();
        let mut random = PythonRandom::new(3);
        let mut counts = [0; 4];
        for _ in 0..1000 {
            counts[mix.source_at(random.random()) as usize] += 1;
        }
        assert_eq!(counts, [509, 243, 97, 151]);
    }

    #[test]
    fn draws_follow_the_shares() {
        let mix: SourceMix = "gtdb=0.9,mrna=0.3".parse().unwrap();
        let mut random = RandomStream::new(0, "mix");
        let n = 40_000;
        let drawn = (0..n).map(|_| mix.source_at(random.unit()));
        let n_mrna = drawn.filter(|source| *source == CorpusSource::Mrna).count();
        // Four standard deviations of a binomial count around its mean.
        assert!((n_mrna as f64 - 10_000.0).abs() < 4.0 * 87.0, "{n_mrna}");
    }

    #[test]
    fn what_is_no_mix_is_named() {
        let error = |text: &str| text.parse::<SourceMix>().unwrap_err();
        let entry = String::new();
        assert_eq!(error(""), SourceMixError::Malformed { entry });
        let of = CorpusSource::Mrna;
        assert_eq!(error("mrna=0.1,mRNA=1"), SourceMixError::Duplicate { of });
        let share = 1.5;
        assert_eq!(error("mrna=1.5"), SourceMixError::BadShare { of, share });
        let (label, source) = ("plants".to_owned(), UnknownSource);
        assert_eq!(error("plants=1"), SourceMixError::Source { label, source });
    }
}
