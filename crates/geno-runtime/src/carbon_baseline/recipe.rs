//! How a variant is scored by Carbon's likelihood.

use std::fmt;

use geno_action::{RelEdit, Site, edited_window};
use geno_core::{Base, Coded, ErrorCode, StateContract, Window};
use geno_data::SiteWindows;
use geno_encoder::{EncodeError, NativeLikelihood, TOKEN_BP, TokenDomain, WindowLikelihood};

use crate::likelihood::{
    EditLikelihood, LikelihoodDelta, LikelihoodLevel, Phases, SiteLikelihoods, Strands,
};

/// A zero-shot score. All are higher for what Carbon finds less likely than the reference.
///
/// The default is [`Recipe::CENTERED`]. By the Carbon report's table S1 (3B and 8B, base level against
/// token level) means over bases do as well as means over tokens or better in nine of ten
/// comparisons, they need no text rows, and both strands are how its TraitGym results were made.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Recipe {
    /// The mean log-likelihood of the window around a variant, with the reference allele and with the
    /// alternate: `score = mean ln p(reference) − mean ln p(alternate)`. Windows are cut where the
    /// contig ends.
    Centered {
        /// Bases of a window.
        window_bp: u64,
        /// What is averaged.
        delta: LikelihoodDelta,
    },
    /// Substitutions by the base that Carbon expects after what lies left of them:
    /// `score = ln(p(reference) / (p(alternate) + 10⁻¹⁰))`. Unknown bases at the left end of the
    /// context are left out, and then up to five more, so that whole 6-mers end before the variant.
    RightEnd {
        /// Bases left of a variant.
        context_bp: u64,
    },
    /// The sum over all tokens of a window and its closing tag, as geno-lewm 0.2.1 has it:
    /// `score = −(Σ ln p(alternate) − Σ ln p(reference))`. Windows are moved inward at the ends of a
    /// contig, and filled up with `A` on short ones.
    Legacy {
        /// Bases of a window.
        window_bp: u64,
    },
}

/// A recipe that cannot be followed.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RecipeError {
    /// A window that could not hold the longest allele.
    #[error("windows of {window_bp} bases, expected at least {MIN_WINDOW_BP}")]
    ShortWindow {
        /// Bases asked for.
        window_bp: u64,
    },
    /// A context without a 6-mer.
    #[error("contexts of {context_bp} bases, expected at least 6")]
    ShortContext {
        /// Bases asked for.
        context_bp: u64,
    },
}

impl Coded for RecipeError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

/// The least that [`SiteWindows::clamped`] takes: twice the longest allele.
const MIN_WINDOW_BP: u64 = 2 * geno_action::MAX_ALLELE_LEN as u64;

/// Keeps the score of an impossible alternate finite.
const LEAST_P: f64 = 1e-10;

impl Recipe {
    /// Both strands of 8,192 bases, by base.
    pub const CENTERED: Self = Self::Centered {
        window_bp: 8_192,
        delta: LikelihoodDelta {
            level: LikelihoodLevel::Base,
            strands: Strands::Both,
            phases: Phases::ONE,
        },
    };
    /// 24,000 bases left of a substitution.
    pub const RIGHT_END: Self = Self::RightEnd { context_bp: 24_000 };
    /// Windows of 12,288 bases.
    pub const LEGACY: Self = Self::Legacy { window_bp: 12_288 };

    /// `centered`, `right-end` or `legacy`.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Centered { .. } => "centered",
            Self::RightEnd { .. } => "right-end",
            Self::Legacy { .. } => "legacy",
        }
    }

    /// What is averaged, where something is.
    pub fn delta(&self) -> Option<LikelihoodDelta> {
        match self {
            Self::Centered { delta, .. } => Some(*delta),
            Self::RightEnd { .. } | Self::Legacy { .. } => None,
        }
    }

    /// The bases that were asked for: of a window, or left of a variant.
    pub fn window_bp(&self) -> u64 {
        match self {
            Self::Centered { window_bp, .. } | Self::Legacy { window_bp } => *window_bp,
            Self::RightEnd { context_bp } => *context_bp,
        }
    }

    /// Whether probabilities are shared among 6-mers alone, whatever else the model holds.
    pub fn is_of_6_mers(&self) -> bool {
        match self {
            Self::Centered { delta, .. } => delta.level == LikelihoodLevel::Base,
            Self::RightEnd { .. } => true,
            Self::Legacy { .. } => false,
        }
    }

    /// Among what the probabilities that count are shared: `6-mers`, `vocabulary` or `dna`.
    pub fn softmax(&self, domain: TokenDomain) -> &'static str {
        match domain {
            _ if self.is_of_6_mers() => "6-mers",
            TokenDomain::Vocabulary => "vocabulary",
            TokenDomain::Dna => "dna",
        }
    }

    /// The score of an edit, higher for what is less likely than the reference.
    pub fn score(&self, found: EditLikelihood) -> f64 {
        match self {
            Self::Centered { .. } | Self::Legacy { .. } => -found.delta(),
            Self::RightEnd { .. } => {
                (found.reference.exp() / (found.alternate.exp() + LEAST_P)).ln()
            }
        }
    }

    /// How windows are laid over variants.
    ///
    /// # Errors
    ///
    /// [`RecipeError`].
    pub fn windows(&self) -> Result<SiteWindows, RecipeError> {
        match *self {
            Self::Centered { window_bp, .. } | Self::Legacy { window_bp }
                if window_bp < MIN_WINDOW_BP =>
            {
                Err(RecipeError::ShortWindow { window_bp })
            }
            Self::RightEnd { context_bp } if context_bp < TOKEN_BP as u64 => {
                Err(RecipeError::ShortContext { context_bp })
            }
            Self::Centered { window_bp, .. } => Ok(SiteWindows::clamped(window_bp)),
            Self::RightEnd { context_bp } => Ok(SiteWindows::left_context(context_bp)),
            Self::Legacy { window_bp } => {
                let contract = StateContract::LegacyRawV1;
                Ok(SiteWindows::centered(window_bp, contract))
            }
        }
    }

    /// The window as it is looked at: of [`Recipe::RightEnd`] the context that is used and the base
    /// after it. Its start on the contig, and its bases.
    pub(super) fn reference<'w>(&self, window: &'w Window) -> (u64, &'w [u8]) {
        let bases = window.bases();
        let left_out = match self {
            Self::RightEnd { .. } => bases.len() - 1 - context(bases).len(),
            Self::Centered { .. } | Self::Legacy { .. } => 0,
        };
        (window.start() + left_out as u64, &bases[left_out..])
    }

    /// The same window with the alternate allele.
    pub(super) fn alternate(&self, window: &Window, edit: &RelEdit) -> Vec<u8> {
        let edited = edited_window(window, edit, self.contract());
        let mut edited = edited.expect("an edit of the window");
        edited.split_off(window.len() - self.reference(window).1.len())
    }

    fn contract(&self) -> StateContract {
        match self {
            Self::Centered { .. } | Self::RightEnd { .. } => StateContract::L2NormalizedV2,
            Self::Legacy { .. } => StateContract::LegacyRawV1,
        }
    }

    /// The likelihoods of every edit of some sites.
    pub(super) fn likelihoods(
        &self,
        carbon: &NativeLikelihood,
        sites: &[Site],
    ) -> Result<Vec<SiteLikelihoods>, EncodeError> {
        match self {
            Self::Centered { delta, .. } => delta.of_sites(carbon, sites),
            Self::RightEnd { .. } => next_bases(carbon, sites),
            Self::Legacy { .. } => sums(carbon, sites),
        }
    }
}

impl fmt::Display for Recipe {
    /// The name, and of means what they are taken over: `centered/base/both/1`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.as_str())?;
        match self.delta() {
            None => Ok(()),
            Some(delta) => {
                let (level, strands) = (delta.level.as_str(), delta.strands.as_str());
                write!(f, "/{level}/{strands}/{}", delta.phases.get())
            }
        }
    }
}

/// What is used of the bases left of a window's last: no unknown ones at the left end, and whole
/// 6-mers.
fn context(bases: &[u8]) -> &[u8] {
    let left = &bases[..bases.len() - 1];
    let n_unknown = left.iter().take_while(|base| **base == b'N').count();
    let known = &left[n_unknown..];
    &known[known.len() % TOKEN_BP..]
}

/// The probabilities of the bases that follow contexts.
fn next_bases(
    carbon: &NativeLikelihood,
    sites: &[Site],
) -> Result<Vec<SiteLikelihoods>, EncodeError> {
    let contexts = sites.iter().map(|site| context(site.window().bases()));
    let found = carbon.next_bases(&contexts.collect::<Vec<_>>())?;
    let of_site = |(site, found): (&Site, geno_encoder::NextBase)| {
        let ln_p = |allele: &str| {
            let base = Base::from_letter(allele.as_bytes()[0]).expect("an allele is DNA");
            found.ln_p(base)
        };
        let edits = site.edits().iter().map(|edit| EditLikelihood {
            reference: ln_p(edit.reference()),
            alternate: ln_p(edit.alternate()),
        });
        SiteLikelihoods {
            edits: edits.collect(),
            full_passes: 0,
        }
    };
    Ok(sites.iter().zip(found).map(of_site).collect())
}

/// The sums over all tokens of windows, and over their closing tags.
fn sums(carbon: &NativeLikelihood, sites: &[Site]) -> Result<Vec<SiteLikelihoods>, EncodeError> {
    let contract = StateContract::LegacyRawV1;
    let sum = |window: &WindowLikelihood| window.tokens.iter().sum::<f64>() + window.close_tag;
    let found = carbon.sites(sites, contract)?;
    let of_site = |(site, found): (&Site, geno_encoder::SiteLikelihood)| {
        let reference = sum(&found.reference);
        let edits = found.edited.iter().map(|edited| EditLikelihood {
            reference,
            alternate: sum(edited),
        });
        SiteLikelihoods {
            edits: edits.collect(),
            full_passes: site
                .edits()
                .iter()
                .filter(|edit| moves_left(site, edit))
                .count(),
        }
    };
    Ok(sites.iter().zip(found).map(of_site).collect())
}

/// Whether an edit changes tokens left of its own, so that no pass can be shared.
fn moves_left(site: &Site, edit: &RelEdit) -> bool {
    let own = edit.rel_pos() / TOKEN_BP * TOKEN_BP;
    let edited = edited_window(site.window(), edit, StateContract::LegacyRawV1);
    edited.is_ok_and(|edited| edited[..own] != site.window().bases()[..own])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_context_begins_with_a_known_base_and_ends_in_whole_6_mers() {
        assert_eq!(context(b"G"), b"");
        assert_eq!(context(b"ACGTAG"), b"");
        assert_eq!(context(b"NNNACGTACGTACGTAG"), b"CGTACGTACGTA");
        // An unknown base that is not at the end stays.
        assert_eq!(context(b"NACNTACG"), b"ACNTAC");
    }

    #[test]
    fn the_window_of_a_right_end_is_what_it_was_read_from() {
        let window = Window::new(100, b"NNCACGTACG".as_slice()).unwrap();
        let edit = RelEdit::new(9, "G", "T").unwrap();
        let recipe = Recipe::RIGHT_END;
        assert_eq!(recipe.reference(&window), (103, &b"ACGTACG"[..]));
        assert_eq!(recipe.alternate(&window, &edit), b"ACGTACT");
        assert_eq!(Recipe::CENTERED.reference(&window), (100, window.bases()));
    }

    #[test]
    fn scores_are_higher_for_what_is_less_likely() {
        let found = EditLikelihood {
            reference: -1.0,
            alternate: -3.0,
        };
        assert_eq!(Recipe::CENTERED.score(found), 2.0);
        assert_eq!(Recipe::LEGACY.score(found), 2.0);
        assert!((Recipe::RIGHT_END.score(found) - 2.0).abs() < 1e-8);
        let impossible = EditLikelihood {
            reference: 0.0,
            alternate: f64::NEG_INFINITY,
        };
        assert!((Recipe::RIGHT_END.score(impossible) - 1e10f64.ln()).abs() < 1e-9);
    }

    #[test]
    fn windows_that_hold_nothing_are_refused() {
        let legacy = Recipe::Legacy { window_bp: 31 };
        assert_eq!(
            legacy.windows(),
            Err(RecipeError::ShortWindow { window_bp: 31 })
        );
        let right_end = Recipe::RightEnd { context_bp: 5 };
        assert_eq!(
            right_end.windows(),
            Err(RecipeError::ShortContext { context_bp: 5 })
        );
    }
}
