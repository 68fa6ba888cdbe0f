//! How likely Carbon finds a window before an edit, and after it.

mod load;
mod reading;

use geno_action::Site;
use geno_encoder::{EncodeError, NativeLikelihood, TOKEN_BP, WindowLikelihood};

use self::reading::Reading;
use crate::found::SiteScores;

/// What a mean is taken over.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum LikelihoodLevel {
    /// The 6-mers of a window, a last one of fewer bases left out.
    Token,
    /// The bases of a window, each from the sum over all 6-mers with that base in its place.
    Base,
}

/// In which directions a window is read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strands {
    /// As the reference has it.
    Forward,
    /// That way and as its reverse complement.
    Both,
}

/// In how many of the six 6-mer phases a window is read, from 1 to 6.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Phases(usize);

/// Mean log-likelihoods of a window before and after an edit, in nats a token or base.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EditLikelihood {
    /// Of the reference window.
    pub reference: f64,
    /// Of the edited window.
    pub alternate: f64,
}

/// What Carbon finds of a site.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SiteLikelihoods {
    /// One for each edit.
    pub edits: Vec<EditLikelihood>,
    /// How many edits needed a pass over a whole window of their own.
    pub full_passes: usize,
}

/// The difference that an edit makes to the mean log-likelihood of its window.
///
/// `delta = mean ln p(edited) − mean ln p(reference)`, each mean over the tokens or the bases of a
/// window, and both averaged over *readings*: strands and phases. In phase `k` the first `k` bases
/// in the direction of reading are left out, so that 6-mers begin at other bases. Edited windows
/// keep what is left of an edit and are filled up from the right flank, as under
/// [`L2NormalizedV2`](geno_core::StateContract::L2NormalizedV2); reading backwards turns the whole
/// edited window.
///
/// A reading counts for the edits that it holds: one that leaves out a base of an edit is no part of
/// its average. Phase 0 leaves out none. By token a window is cut to whole 6-mers, unless the edit
/// reaches into the last, incomplete one, which then is filled up with `A`.
///
/// # Source
///
/// By token and base, and with both strands, the zero-shot recipes of the Carbon report and its
/// `vep_eval`; phases are an addition, for the report finds that scores depend on them.
///
/// # Examples
///
/// ```no_run
/// use std::path::Path;
///
/// use geno_encoder::TokenDomain;
/// use geno_runtime::{EncoderSource, LikelihoodDelta, LikelihoodLevel, ModelDir, Phases, Strands};
/// # let sites: Vec<geno_action::Site> = Vec::new();
///
/// let model = ModelDir::open(Path::new("demo/model"), &EncoderSource::default())?;
/// let carbon = model.load_likelihood(TokenDomain::Dna)?;
/// let delta = LikelihoodDelta {
///     level: LikelihoodLevel::Base,
///     strands: Strands::Both,
///     phases: Phases::ONE,
/// };
/// for site in delta.of_sites(&carbon, &sites)? {
///     for edit in site.edits {
///         println!("{}", edit.delta());
///     }
/// }
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct LikelihoodDelta {
    /// What means are taken over.
    pub level: LikelihoodLevel,
    /// The directions of reading.
    pub strands: Strands,
    /// The phases of each.
    pub phases: Phases,
}

impl LikelihoodLevel {
    /// `token` or `base`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Token => "token",
            Self::Base => "base",
        }
    }

    fn mean(self, window: &WindowLikelihood) -> f64 {
        match self {
            Self::Token => window.token_mean(),
            Self::Base => window.base_mean(),
        }
    }
}

impl Strands {
    /// `forward` or `both`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Forward => "forward",
            Self::Both => "both",
        }
    }
}

impl Phases {
    /// The window as it is.
    pub const ONE: Self = Self(1);
    /// Every way that 6-mers can lie.
    pub const ALL: Self = Self(TOKEN_BP);

    /// The first `n` phases; `None` unless that is 1 to 6.
    pub fn new(n: usize) -> Option<Self> {
        (1..=TOKEN_BP).contains(&n).then_some(Self(n))
    }

    /// How many.
    pub fn get(self) -> usize {
        self.0
    }
}

impl EditLikelihood {
    /// What the edit adds: below 0 where it makes the window less likely.
    pub fn delta(self) -> f64 {
        self.alternate - self.reference
    }
}

impl LikelihoodDelta {
    /// The likelihoods of every edit of some sites.
    ///
    /// Results are the same bits whatever the company and the number of threads.
    ///
    /// # Errors
    ///
    /// [`EncodeError`] for a window that is too long for the model.
    ///
    /// # Cost
    ///
    /// For each reading one pass over the window of a site, and for each edit one from its own token
    /// to the window's end. Read backwards, an edit that changes the length needs a pass over all of
    /// its window, which [`full_passes`](field@SiteLikelihoods::full_passes) counts.
    pub fn of_sites(
        self,
        carbon: &NativeLikelihood,
        sites: &[Site],
    ) -> Result<Vec<SiteLikelihoods>, EncodeError> {
        let nothing = |site: &Site| vec![Sum::default(); site.edits().len()];
        let mut sums: Vec<Vec<Sum>> = sites.iter().map(nothing).collect();
        for reading in Reading::all(self) {
            reading.add(carbon, sites, &mut sums)?;
        }
        let of_site = |sums: Vec<Sum>| SiteLikelihoods {
            full_passes: sums.iter().filter(|sum| sum.is_full).count(),
            edits: sums.iter().map(Sum::mean).collect(),
        };
        Ok(sums.into_iter().map(of_site).collect())
    }
}

/// What readings have given an edit so far.
#[derive(Clone, Copy, Default)]
struct Sum {
    reference: f64,
    alternate: f64,
    n: u32,
    is_full: bool,
}

impl Sum {
    fn add(&mut self, found: EditLikelihood, is_full: bool) {
        self.reference += found.reference;
        self.alternate += found.alternate;
        self.n += 1;
        self.is_full |= is_full;
    }

    fn mean(&self) -> EditLikelihood {
        let n = f64::from(self.n);
        EditLikelihood {
            reference: self.reference / n,
            alternate: self.alternate / n,
        }
    }
}

impl SiteScores for SiteLikelihoods {
    type Value = EditLikelihood;

    fn value(&self, edit: usize) -> EditLikelihood {
        self.edits[edit]
    }

    fn full_passes(&self) -> usize {
        self.full_passes
    }
}
