//! Where a nuclease with a guide cuts.

use std::{borrow::Cow, ops::Range};

use geno_core::{Coded, ErrorCode, reverse_complement};

/// On which side of the protospacer, read from 5′ to 3′, the PAM stands.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum PamSide {
    /// Before it, as for Cas12a.
    FivePrime,
    /// Behind it, as for Cas9.
    ThreePrime,
}

/// On which strands guides may lie.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Strands {
    /// The strand that the window shows.
    Forward,
    /// The other one.
    Reverse,
    /// Either.
    Both,
}

/// A nuclease that finds its target by a guide and cuts beside a PAM.
///
/// # Examples
///
/// ```
/// use geno_planning::{Nuclease, PamSide, Strands};
///
/// let window = b"TTTTTTTTTTTTTTTTTTTTACAGG"; // 22 bases, then AGG
/// assert_eq!(Nuclease::SP_CAS9.cuts(window, Strands::Forward), [19]);
///
/// let relaxed = Nuclease::new("NRN", PamSide::ThreePrime, 20, 3)?;
/// assert_eq!(relaxed.cuts(window, Strands::Forward), [18, 19]);
/// # Ok::<_, geno_planning::NucleaseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Nuclease {
    pam: Cow<'static, str>,
    side: PamSide,
    protospacer_len: usize,
    cut: usize,
}

/// Why no nuclease can be like this.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum NucleaseError {
    /// The PAM is empty or holds a letter that is no IUPAC code of bases.
    #[error("a PAM is a run of upper-case IUPAC codes")]
    NotIupac,
    /// The cut lies outside the protospacer.
    #[error("a cut {cut} bases from the PAM is outside a protospacer of {protospacer_len}")]
    CutOutside {
        /// Bases between PAM and cut.
        cut: usize,
        /// Bases of the protospacer.
        protospacer_len: usize,
    },
}

impl Coded for NucleaseError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Nuclease {
    /// *Streptococcus pyogenes* Cas9: NGG behind 20 bases, cut 3 bases before it.
    pub const SP_CAS9: Self = Self {
        pam: Cow::Borrowed("NGG"),
        side: PamSide::ThreePrime,
        protospacer_len: 20,
        cut: 3,
    };

    /// Cas12a of *Acidaminococcus* or *Lachnospiraceae*: TTTV before 23 bases, cut 18 bases behind
    /// it on the strand of the PAM. The other strand is cut at base 23.
    pub const CAS12A: Self = Self {
        pam: Cow::Borrowed("TTTV"),
        side: PamSide::FivePrime,
        protospacer_len: 23,
        cut: 18,
    };

    /// A nuclease with a PAM of IUPAC codes, which cuts so many bases away from the PAM.
    ///
    /// # Errors
    ///
    /// [`NucleaseError`] for a PAM that is none, and for a cut outside the protospacer.
    pub fn new(
        pam: impl Into<Cow<'static, str>>,
        side: PamSide,
        protospacer_len: usize,
        cut: usize,
    ) -> Result<Self, NucleaseError> {
        let pam = pam.into();
        if pam.is_empty() || pam.bytes().any(|code| iupac(code).is_empty()) {
            return Err(NucleaseError::NotIupac);
        }
        if cut > protospacer_len {
            return Err(NucleaseError::CutOutside {
                cut,
                protospacer_len,
            });
        }
        Ok(Self {
            pam,
            side,
            protospacer_len,
            cut,
        })
    }

    /// The cuts in a window, sorted and each once: a cut at `c` lies between bases `c − 1` and `c`.
    ///
    /// PAM and protospacer lie in the window and hold no `N`.
    pub fn cuts(&self, window: &[u8], strands: Strands) -> Vec<usize> {
        let mut cuts = Vec::new();
        if strands != Strands::Reverse {
            cuts.extend(self.cuts_on(window));
        }
        if strands != Strands::Forward {
            let other = reverse_complement(window);
            cuts.extend(self.cuts_on(&other).map(|cut| window.len() - cut));
        }
        cuts.sort_unstable();
        cuts.dedup();
        cuts
    }

    fn cuts_on(&self, strand: &[u8]) -> impl Iterator<Item = usize> {
        let len = self.pam.len() + self.protospacer_len;
        let sites = strand.windows(len).enumerate();
        sites
            .filter(|(_, site)| self.is_target(site))
            .map(|(start, _)| match self.side {
                PamSide::FivePrime => start + self.pam.len() + self.cut,
                PamSide::ThreePrime => start + self.protospacer_len - self.cut,
            })
    }

    fn is_target(&self, site: &[u8]) -> bool {
        let pam = match self.side {
            PamSide::FivePrime => &site[..self.pam.len()],
            PamSide::ThreePrime => &site[self.protospacer_len..],
        };
        let matches = |(base, code): (&u8, u8)| iupac(code).contains(base);
        pam.iter().zip(self.pam.bytes()).all(matches) && !site.contains(&b'N')
    }
}

/// Edits within reach of a cut, so that a guide can bring them about.
#[derive(Clone, Debug)]
pub struct GuideSites {
    /// Which nucleases there are.
    pub nucleases: Vec<Nuclease>,
    /// On which strands their guides may lie.
    pub strands: Strands,
    /// Bases on either side of a cut in which the whole reference allele lies.
    pub reach: usize,
}

impl GuideSites {
    /// The stretch around each cut, as far as the window goes.
    pub(crate) fn stretches(&self, window: &[u8]) -> Vec<Range<usize>> {
        let cuts = self
            .nucleases
            .iter()
            .flat_map(|n| n.cuts(window, self.strands));
        let end = |cut: usize| window.len().min(cut.saturating_add(self.reach));
        cuts.map(|cut| cut.saturating_sub(self.reach)..end(cut))
            .collect()
    }
}

/// The bases that an IUPAC code stands for; none for any other letter.
fn iupac(code: u8) -> &'static [u8] {
    match code {
        b'A' => b"A",
        b'C' => b"C",
        b'G' => b"G",
        b'T' => b"T",
        b'R' => b"AG",
        b'Y' => b"CT",
        b'S' => b"CG",
        b'W' => b"AT",
        b'K' => b"GT",
        b'M' => b"AC",
        b'B' => b"CGT",
        b'D' => b"AGT",
        b'H' => b"ACT",
        b'V' => b"ACG",
        b'N' => b"ACGT",
        _ => b"",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nucleases_that_cannot_be_are_named() {
        let new = |pam, cut| Nuclease::new(pam, PamSide::ThreePrime, 20, cut);
        assert_eq!(new("NXG", 3), Err(NucleaseError::NotIupac));
        assert_eq!(new("", 3), Err(NucleaseError::NotIupac));
        let (cut, protospacer_len) = (21, 20);
        assert_eq!(
            new("NGG", 21),
            Err(NucleaseError::CutOutside {
                cut,
                protospacer_len
            })
        );
        assert_eq!(new("NGG", 3), Ok(Nuclease::SP_CAS9));
    }

    // Written out by hand: 20 bases, PAM, and the cut three bases before it.
    #[test]
    fn cas9_cuts_three_bases_before_its_pam_on_either_strand() {
        let target = ["ACACACACACACACACA", "ACA", "TGG"];
        let window = ["TT", &target.concat(), "TT"].concat();
        let cut = 2 + 17;
        assert_eq!(
            Nuclease::SP_CAS9.cuts(window.as_bytes(), Strands::Forward),
            [cut]
        );
        assert!(
            Nuclease::SP_CAS9
                .cuts(window.as_bytes(), Strands::Reverse)
                .is_empty()
        );
        let turned = reverse_complement(window.as_bytes());
        let cuts = Nuclease::SP_CAS9.cuts(&turned, Strands::Both);
        assert_eq!(cuts, [window.len() - cut]);
    }

    #[test]
    fn cas12a_cuts_eighteen_bases_behind_its_pam() {
        let window = ["G", "TTTC", &"AC".repeat(9), "GACAC"].concat();
        assert_eq!(
            Nuclease::CAS12A.cuts(window.as_bytes(), Strands::Forward),
            [1 + 4 + 18]
        );
        let thymine = window.replace("TTTC", "TTTT");
        assert!(
            Nuclease::CAS12A
                .cuts(thymine.as_bytes(), Strands::Forward)
                .is_empty()
        );
    }

    #[test]
    fn a_target_with_an_unknown_base_or_past_the_end_is_none() {
        let window = ["ACACACACACACACACAACA", "TGG"].concat();
        let n_cuts = |window: &str| {
            Nuclease::SP_CAS9
                .cuts(window.as_bytes(), Strands::Both)
                .len()
        };
        assert_eq!(n_cuts(&window), 1);
        assert_eq!(n_cuts(&window[1..]), 0);
        assert_eq!(n_cuts(&window.replacen('C', "N", 1)), 0);
        assert_eq!(n_cuts(&window.replace("TGG", "NGG")), 0);
    }
}
