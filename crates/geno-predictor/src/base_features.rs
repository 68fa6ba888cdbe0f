//! What is known of an edit without the encoder, as numbers.

use geno_action::{MAX_ALLELE_LEN, RelEdit};
use geno_core::TOKEN_BP;

use crate::{
    base_config::{BaseActionConfig, N_TYPES},
    sinusoid::Sinusoid,
};

/// An edit where it stands.
#[derive(Clone, Copy, Debug)]
pub struct PlacedEdit<'a> {
    /// The edit.
    pub edit: &'a RelEdit,
    /// The bases of the reference window's 6-mer that the edit begins in: fewer than six at the
    /// window's end.
    pub token: &'a [u8],
    /// The base whose state is predicted, 0-based in the window: of a single edit its own, of a
    /// haplotype that of the pooled centre.
    pub locus: usize,
}

impl<'a> PlacedEdit<'a> {
    /// An edit of a window whose bases these are, seen from a pooled centre.
    pub fn in_window(edit: &'a RelEdit, window: &'a [u8], locus: usize) -> Self {
        let start = edit.rel_pos() - edit.rel_pos() % TOKEN_BP;
        let end = window.len().min(start + TOKEN_BP);
        Self {
            edit,
            token: &window[start.min(end)..end],
            locus,
        }
    }

    /// An edit whose own base is the pooled centre.
    pub fn centered(edit: &'a RelEdit, window: &'a [u8]) -> Self {
        Self::in_window(edit, window, edit.rel_pos())
    }
}

/// Turns edits into features.
///
/// | features | what |
/// |---|---|
/// | 64 | the reference allele, a one-hot of A, C, G, T for each of 16 bases, zeros past its end |
/// | 64 | the alternate allele, alike |
/// | 24 | the bases of the reference window in the edit's 6-mer, zeros for `N` and past its end |
/// | 6 | which of them the edit begins at |
/// | 5 | the type |
/// | 3 | bases of the reference and of the alternate over 16, their difference over 15 |
/// | `d_pos` | the position in the window, as sines and cosines |
/// | `d_pos` | the signed distance from the pooled centre, alike |
#[derive(Clone, Debug)]
pub(crate) struct BaseFeatures {
    sinusoid: Sinusoid,
}

impl BaseFeatures {
    pub(crate) fn new(config: &BaseActionConfig) -> Self {
        Self {
            sinusoid: Sinusoid::new(config.d_pos, config.max_window_bp),
        }
    }

    /// Appends the features of an edit.
    pub(crate) fn extend(&self, features: &mut Vec<f32>, placed: &PlacedEdit<'_>) {
        let PlacedEdit { edit, token, locus } = *placed;
        let (position, [reference, alternate]) = (
            edit.rel_pos(),
            [edit.reference(), edit.alternate()].map(str::as_bytes),
        );
        one_hot_bases(features, reference, MAX_ALLELE_LEN);
        one_hot_bases(features, alternate, MAX_ALLELE_LEN);
        one_hot_bases(features, token, TOKEN_BP);
        one_hot(features, position % TOKEN_BP, TOKEN_BP);
        one_hot(features, usize::from(edit.edit_type().id()), N_TYPES);

        let lengths = [reference, alternate].map(|allele| allele.len() as f32);
        features.extend(lengths.map(|len| len / MAX_ALLELE_LEN as f32));
        features.push((lengths[1] - lengths[0]) / (MAX_ALLELE_LEN - 1) as f32);
        self.sinusoid.extend(features, position as isize);
        self.sinusoid
            .extend(features, position as isize - locus as isize);
    }
}

fn one_hot(features: &mut Vec<f32>, index: usize, n: usize) {
    features.extend((0..n).map(|i| f32::from(u8::from(i == index))));
}

/// Four numbers a base for `n` bases, zeros where there is none or another letter.
fn one_hot_bases(features: &mut Vec<f32>, bases: &[u8], n: usize) {
    for i in 0..n {
        let base = bases.get(i).map(u8::to_ascii_uppercase);
        features.extend(b"ACGT".map(|letter| f32::from(u8::from(base == Some(letter)))));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn features(edit: &RelEdit, window: &[u8], locus: usize) -> Vec<f32> {
        let mut features = Vec::new();
        let config = BaseActionConfig {
            d_pos: 2,
            ..BaseActionConfig::new(4)
        };
        let placed = PlacedEdit::in_window(edit, window, locus);
        BaseFeatures::new(&config).extend(&mut features, &placed);
        assert_eq!(features.len(), config.d_features());
        features
    }

    #[test]
    fn an_edit_is_spelled_out() {
        let edit = RelEdit::new(7, "C", "CGT").unwrap();
        let found = features(&edit, b"AAAAAANCTTG", 5);
        let bases = |bases: &[u8], n| {
            let mut expected = Vec::new();
            one_hot_bases(&mut expected, bases, n);
            expected
        };
        assert_eq!(
            bases(b"CN", 3),
            [0., 1., 0., 0., 0., 0., 0., 0., 0., 0., 0., 0.]
        );
        assert_eq!(found[..64], bases(b"C", 16));
        assert_eq!(found[64..128], bases(b"CGT", 16));
        assert_eq!(found[128..152], bases(b"NCTTG", 6));
        assert_eq!(found[152..158], [0., 1., 0., 0., 0., 0.]);
        assert_eq!(found[158..163], [0., 1., 0., 0., 0.]);
        assert_eq!(found[163..166], [1. / 16., 3. / 16., 2. / 15.]);
        assert_eq!(
            found[166..],
            [7f32.sin(), 7f32.cos(), 2f32.sin(), 2f32.cos()]
        );
    }

    #[test]
    fn left_and_right_of_the_centre_differ() {
        let edit = RelEdit::new(7, "C", "G").unwrap();
        let [left, right] = [9, 5].map(|locus| features(&edit, b"AAAAAANCTTG", locus));
        assert_eq!(left[166 + 2], -right[166 + 2]);
        assert_eq!(left[166 + 3], right[166 + 3]);
    }

    #[test]
    fn insertions_of_more_of_the_same_base_differ() {
        let alternates = ["CA", "CAA", "CAAA", "CAAAA"];
        let all = alternates.map(|alternate| {
            features(&RelEdit::new(7, "C", alternate).unwrap(), b"AAAAAANCTTG", 7)
        });
        for (i, a) in all.iter().enumerate() {
            assert!(all[..i].iter().all(|b| a != b));
        }
    }
}
