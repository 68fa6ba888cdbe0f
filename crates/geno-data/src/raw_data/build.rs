//! Which build of the human genome positions are of, and how that is known.

mod lengths;
mod markers;

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};

pub(crate) use self::lengths::{OLD_MITOCHONDRION_LEN, build_of_contigs};
use self::markers::MARKERS;

/// A build of the human reference genome.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Build {
    /// NCBI36, also hg18.
    Ncbi36,
    /// GRCh37, also hg19.
    Grch37,
    /// GRCh38, also hg38.
    Grch38,
}

/// A name that is no build.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown build `{name}`, expected 36, 37 or 38")]
pub struct ParseBuildError {
    /// The name.
    pub name: String,
}

impl Coded for ParseBuildError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Build {
    /// Every build, the oldest first.
    pub const ALL: [Self; 3] = [Self::Ncbi36, Self::Grch37, Self::Grch38];

    /// The name its makers gave it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Ncbi36 => "NCBI36",
            Self::Grch37 => "GRCh37",
            Self::Grch38 => "GRCh38",
        }
    }

    /// Names that stand for a build in comments and on command lines.
    fn spellings(self) -> [&'static str; 5] {
        match self {
            Self::Ncbi36 => ["build 36", "build36", "ncbi36", "hg18", "grch36"],
            Self::Grch37 => ["build 37", "build37", "grch37", "hg19", "ncbi37"],
            Self::Grch38 => ["build 38", "build38", "grch38", "hg38", "ncbi38"],
        }
    }

    /// The build that a line of a file's head names, if it names just one.
    pub(crate) fn named_in(line: &str) -> Option<Self> {
        let line = line.to_ascii_lowercase();
        let is_named = |build: &Self| build.spellings().iter().any(|name| line.contains(name));
        let mut named = Self::ALL.into_iter().filter(is_named);
        let first = named.next()?;
        named.next().is_none().then_some(first)
    }
}

impl fmt::Display for Build {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl FromStr for Build {
    type Err = ParseBuildError;

    /// Reads `37`, `GRCh37`, `hg19` or `build 37`, in any case.
    fn from_str(text: &str) -> Result<Self, ParseBuildError> {
        let name = text.to_ascii_lowercase();
        let is_it = |build: &Self| {
            let spellings = build.spellings();
            spellings.contains(&&name[..]) || spellings[0].strip_prefix("build ") == Some(&name)
        };
        let found = Self::ALL.into_iter().find(is_it);
        found.ok_or_else(|| ParseBuildError {
            name: text.to_owned(),
        })
    }
}

/// What is known of the build of a file, and from what.
///
/// Its `Debug` holds counts alone.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct BuildEvidence {
    /// The build that the file's comments name.
    pub comment: Option<Build>,
    /// Well-known markers that lie where NCBI36, GRCh37 and GRCh38 have them.
    pub markers: [u64; 3],
    /// Well-known markers that lie at none of these places.
    pub markers_elsewhere: u64,
    /// Calls whose position the reference holds.
    pub reference_checked: u64,
    /// Calls among them that name the reference's base.
    pub reference_agree: u64,
    /// The build whose chromosome lengths the reference has.
    pub fasta: Option<Build>,
}

/// Markers that decide against a comment: fewer may be chance.
const ENOUGH_MARKERS: u64 = 3;

/// Calls from which the share that names the reference's base can be trusted.
const ENOUGH_CALLS: u64 = 100;

impl BuildEvidence {
    /// Looks a row up among the well-known markers.
    pub(crate) fn add_marker(&mut self, id: &str, position: u32) {
        let Some(number) = id.strip_prefix("rs").and_then(|n| n.parse().ok()) else {
            return;
        };
        let Ok(i) = MARKERS.binary_search_by_key(&number, |marker| marker.0) else {
            return;
        };
        let places = MARKERS[i].1;
        match places.iter().position(|&place| place == position) {
            Some(build) => self.markers[build] += 1,
            None => self.markers_elsewhere += 1,
        }
    }

    /// The build that the markers speak for: most of them, and nine in ten of those found.
    fn by_markers(&self) -> Option<(Build, u64)> {
        let (i, &n) = self.markers.iter().enumerate().max_by_key(|(_, n)| **n)?;
        let total: u64 = self.markers.iter().sum();
        (n > 0 && n * 10 >= total * 9).then(|| (Build::ALL[i], n))
    }

    /// The build of the file: where its markers lie, or what its comments say where there are too
    /// few of them.
    pub fn build(&self) -> Option<Build> {
        match (self.by_markers(), self.comment) {
            (Some((build, n)), _) if n >= ENOUGH_MARKERS => Some(build),
            (_, Some(comment)) => Some(comment),
            (Some((build, _)), None) => Some(build),
            (None, None) => None,
        }
    }

    /// Whether the markers and the comments speak for two builds.
    pub(crate) fn contradiction(&self) -> Option<(Build, Build)> {
        let (markers, n) = self.by_markers()?;
        let comment = self.comment?;
        (n >= ENOUGH_MARKERS && markers != comment).then_some((comment, markers))
    }

    /// Whether so few calls name the reference's base that it is another build.
    ///
    /// Of the calls of one person, nine in ten name it. At positions of another build every second
    /// to third call does by chance.
    pub(crate) fn reference_contradicts(&self) -> bool {
        let (checked, agree) = (self.reference_checked, self.reference_agree);
        checked >= ENOUGH_CALLS && agree * 10 < checked * 6
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn comments_of_the_services_name_their_build() {
        for (line, build) in [
            (
                "# reference human assembly build 37 (also known as Annotation Release 104).",
                Some(Build::Grch37),
            ),
            (
                "# We are using reference human assembly build 36.",
                Some(Build::Ncbi36),
            ),
            ("##reference=build37", Some(Build::Grch37)),
            ("# GRCh38 or GRCh37", None),
            ("#AncestryDNA raw data download", None),
        ] {
            assert_eq!(Build::named_in(line), build, "{line}");
        }
    }

    #[test]
    fn a_build_is_read_by_any_of_its_names() {
        for name in ["37", "GRCh37", "hg19", "build 37"] {
            assert_eq!(name.parse(), Ok(Build::Grch37));
        }
        assert!("39".parse::<Build>().is_err());
        assert!("build".parse::<Build>().is_err());
    }

    #[test]
    fn markers_outweigh_a_comment_only_in_number() {
        let mut evidence = BuildEvidence {
            comment: Some(Build::Ncbi36),
            ..BuildEvidence::default()
        };
        evidence.add_marker("rs3094315", 752_566);
        evidence.add_marker("rs1", 5);
        evidence.add_marker("i3094315", 752_566);
        assert_eq!(evidence.markers, [0, 1, 0]);
        assert_eq!(evidence.build(), Some(Build::Ncbi36));
        assert_eq!(evidence.contradiction(), None);

        evidence.add_marker("rs11928389", 50_927_009);
        evidence.add_marker("rs2341354", 918_573);
        evidence.add_marker("rs964481", 1);
        assert_eq!(
            (evidence.markers, evidence.markers_elsewhere),
            ([0, 3, 0], 1)
        );
        assert_eq!(evidence.build(), Some(Build::Grch37));
        assert_eq!(
            evidence.contradiction(),
            Some((Build::Ncbi36, Build::Grch37))
        );
    }

    #[test]
    fn markers_of_several_builds_speak_for_none() {
        let evidence = BuildEvidence {
            markers: [4, 5, 0],
            ..BuildEvidence::default()
        };
        assert_eq!(evidence.build(), None);
    }

    #[test]
    fn few_calls_never_contradict_the_reference() {
        let evidence = |checked, agree| BuildEvidence {
            reference_checked: checked,
            reference_agree: agree,
            ..BuildEvidence::default()
        };
        assert!(!evidence(99, 0).reference_contradicts());
        assert!(evidence(100, 59).reference_contradicts());
        assert!(!evidence(100, 60).reference_contradicts());
    }
}
