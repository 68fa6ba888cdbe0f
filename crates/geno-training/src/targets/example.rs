//! One source state, its edits, and where they stand.

use std::fmt;

use geno_action::RelEdit;
use geno_core::{Coded, ErrorCode};
use geno_encoder::TOKEN_BP;
use geno_predictor::PlacedEdit;
use serde::{Deserialize, Serialize};

use super::ExampleSource;

/// How the edits of an example relate to each other.
#[derive(Clone, Copy, Debug, Deserialize, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ExampleKind {
    /// Each edit is made alone, all in one token: edited state `i` is the window after edit `i`.
    Alternatives,
    /// The edits of a haplotype, two at least: edited state `i` is the window after edits `0..=i`.
    Trajectory,
}

/// Where the window of an example lies.
#[derive(Clone, Debug, Deserialize, Eq, PartialEq, Serialize)]
#[serde(deny_unknown_fields)]
pub struct ExamplePlace {
    /// The contig.
    pub contig: String,
    /// The window's first base, 0-based.
    pub window_start: u64,
    /// Bases of the window.
    pub window_bp: u64,
}

/// An edit and the reference window's 6-mer that it begins in.
#[derive(Clone, Eq, PartialEq)]
pub struct ExampleEdit {
    edit: RelEdit,
    token: String,
}

/// A source state, its edits, and what they stand in; the states themselves are in a
/// [`TargetSet`](super::TargetSet).
///
/// All states of an example are pooled around one token, that of its [`locus`](Self::locus). The
/// `Debug` shows no bases and no place.
#[derive(Clone, Eq, PartialEq)]
pub struct Example {
    kind: ExampleKind,
    source: ExampleSource,
    place: Option<ExamplePlace>,
    locus: usize,
    edits: Vec<ExampleEdit>,
}

/// Why edits make no example.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ExampleFault {
    /// There is no edit, or one alone for a trajectory.
    #[error("example has too few edits")]
    TooFew,
    /// The token is not of one to six bases, or begins elsewhere than the edit says.
    #[error("edit {edit} does not fit its token")]
    Token {
        /// Which edit.
        edit: usize,
    },
    /// An alternative stands in another token than the locus.
    #[error("edit {edit} stands in another token")]
    OtherToken {
        /// Which edit.
        edit: usize,
    },
    /// Edits of a trajectory overlap, or the first is not at the locus.
    #[error("edit {edit} of a trajectory is out of order")]
    Order {
        /// Which edit.
        edit: usize,
    },
}

impl Coded for ExampleFault {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputInvalidEdit
    }
}

impl ExampleEdit {
    /// An edit of a window whose bases these are.
    pub fn in_window(edit: RelEdit, window: &[u8]) -> Self {
        let token = PlacedEdit::centered(&edit, window).token;
        let token = String::from_utf8_lossy(token).into_owned();
        Self { edit, token }
    }

    pub(super) fn new(edit: RelEdit, token: String) -> Self {
        Self { edit, token }
    }

    /// The edit, relative to its window.
    pub fn edit(&self) -> &RelEdit {
        &self.edit
    }

    /// The bases of the reference window's 6-mer that the edit begins in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// Which base of that 6-mer the edit begins at.
    pub fn offset(&self) -> usize {
        self.edit.rel_pos() % TOKEN_BP
    }

    fn fits(&self) -> bool {
        let is_base = |base: u8| matches!(base, b'A' | b'C' | b'G' | b'T' | b'N');
        let token = self.token.as_bytes();
        let Some(inside) = token.get(self.offset()..) else {
            return false;
        };
        let mut pairs = inside.iter().zip(self.edit.reference().as_bytes());
        token.len() <= TOKEN_BP
            && !inside.is_empty()
            && token.iter().copied().all(is_base)
            && pairs.all(|(base, expected)| base == expected)
    }
}

impl Example {
    /// Joins edits into an example.
    ///
    /// `locus` is the base that all states are pooled at, 0-based in the window.
    ///
    /// # Errors
    ///
    /// [`ExampleFault`].
    pub fn new(
        kind: ExampleKind,
        source: ExampleSource,
        place: Option<ExamplePlace>,
        locus: usize,
        edits: Vec<ExampleEdit>,
    ) -> Result<Self, ExampleFault> {
        let least = match kind {
            ExampleKind::Alternatives => 1,
            ExampleKind::Trajectory => 2,
        };
        if edits.len() < least {
            return Err(ExampleFault::TooFew);
        }
        if let Some(edit) = edits.iter().position(|edit| !edit.fits()) {
            return Err(ExampleFault::Token { edit });
        }
        let fault = match kind {
            ExampleKind::Alternatives => {
                let token = locus / TOKEN_BP;
                let is_elsewhere = |edit: &ExampleEdit| edit.edit.rel_pos() / TOKEN_BP != token;
                let edit = edits.iter().position(is_elsewhere);
                edit.map(|edit| ExampleFault::OtherToken { edit })
            }
            ExampleKind::Trajectory if edits[0].edit.rel_pos() != locus => {
                Some(ExampleFault::Order { edit: 0 })
            }
            ExampleKind::Trajectory => {
                let mut pairs = edits.windows(2);
                let before = pairs.position(|pair| pair[0].edit.end() > pair[1].edit.rel_pos());
                before.map(|edit| ExampleFault::Order { edit: edit + 1 })
            }
        };
        match fault {
            Some(fault) => Err(fault),
            None => Ok(Self {
                kind,
                source,
                place,
                locus,
                edits,
            }),
        }
    }

    /// How the edits relate to each other.
    pub fn kind(&self) -> ExampleKind {
        self.kind
    }

    /// What drew the edits.
    pub fn source(&self) -> ExampleSource {
        self.source
    }

    /// Where the window lies, if it has a place on a genome.
    pub fn place(&self) -> Option<&ExamplePlace> {
        self.place.as_ref()
    }

    /// The base that all states are pooled at, 0-based in the window.
    pub fn locus(&self) -> usize {
        self.locus
    }

    /// The edits; at least one.
    pub fn edits(&self) -> &[ExampleEdit] {
        &self.edits
    }

    /// How many edits lead to the last state: 1 for alternatives.
    pub fn n_steps(&self) -> usize {
        match self.kind {
            ExampleKind::Alternatives => 1,
            ExampleKind::Trajectory => self.edits.len(),
        }
    }

    /// The edits as an action encoder takes them, seen from where scoring sees them: an alternative
    /// from its own base, those of a trajectory from the first.
    pub fn placed(&self) -> impl ExactSizeIterator<Item = PlacedEdit<'_>> {
        self.edits.iter().map(|of_example| PlacedEdit {
            edit: &of_example.edit,
            token: of_example.token.as_bytes(),
            locus: match self.kind {
                ExampleKind::Alternatives => of_example.edit.rel_pos(),
                ExampleKind::Trajectory => self.locus,
            },
        })
    }
}

impl fmt::Debug for Example {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Example")
            .field("kind", &self.kind)
            .field("source", &self.source)
            .field("n_edits", &self.edits.len())
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for ExampleEdit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.edit.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: &[u8] = b"AAAAAACGTACGTTTTTTGG";

    fn edit(rel_pos: usize, reference: &str, alternate: &str) -> ExampleEdit {
        let edit = RelEdit::new(rel_pos, reference, alternate).unwrap();
        ExampleEdit::in_window(edit, WINDOW)
    }

    fn of(kind: ExampleKind, locus: usize, edits: &[ExampleEdit]) -> Result<Example, ExampleFault> {
        Example::new(kind, ExampleSource::Saturated, None, locus, edits.to_vec())
    }

    #[test]
    fn an_edit_carries_its_token() {
        let edits = [edit(6, "C", "A"), edit(11, "G", "A"), edit(18, "G", "GT")];
        let found = edits.map(|edit| edit.token);
        assert_eq!(found, ["CGTACG", "CGTACG", "GG"]);
    }

    #[test]
    fn what_is_no_example_is_refused() {
        use ExampleKind::{Alternatives, Trajectory};
        let (a, b, c) = (edit(6, "C", "A"), edit(9, "AC", "A"), edit(12, "T", "G"));
        assert!(of(Alternatives, 8, &[a.clone(), b.clone()]).is_ok());
        assert!(of(Trajectory, 6, &[a.clone(), b.clone(), c.clone()]).is_ok());
        let fault = |kind, locus, edits: &[&ExampleEdit]| {
            let edits: Vec<_> = edits.iter().map(|&edit| edit.clone()).collect();
            of(kind, locus, &edits).unwrap_err()
        };
        assert_eq!(fault(Alternatives, 6, &[]), ExampleFault::TooFew);
        assert_eq!(fault(Trajectory, 6, &[&a]), ExampleFault::TooFew);
        let other = ExampleFault::OtherToken { edit: 1 };
        assert_eq!(fault(Alternatives, 6, &[&a, &c]), other);
        let first = ExampleFault::Order { edit: 0 };
        assert_eq!(fault(Trajectory, 7, &[&a, &b]), first);
        let second = ExampleFault::Order { edit: 1 };
        assert_eq!(fault(Trajectory, 9, &[&b, &a]), second);
        assert_eq!(fault(Trajectory, 9, &[&b, &edit(10, "C", "G")]), second);
        for token in ["", "CGTACGT", "CGTCCG", "CG ACG"] {
            let bad = ExampleEdit::new(edit(9, "A", "G").edit, token.to_owned());
            assert_eq!(
                fault(Alternatives, 9, &[&bad]),
                ExampleFault::Token { edit: 0 }
            );
        }
    }

    #[test]
    fn edits_are_seen_from_where_they_are_scored() {
        use ExampleKind::{Alternatives, Trajectory};
        let edits = [edit(6, "C", "A"), edit(9, "A", "T")];
        let loci = |kind| {
            let example = of(kind, 6, &edits).unwrap();
            example
                .placed()
                .map(|placed| placed.locus)
                .collect::<Vec<_>>()
        };
        assert_eq!(loci(Alternatives), [6, 9]);
        assert_eq!(loci(Trajectory), [6, 6]);
    }
}
