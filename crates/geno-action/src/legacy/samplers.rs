//! The samplers of the Python package's training data.

use geno_core::{Coded, ErrorCode, PythonRandom, is_acgt};

use super::lengths::{draw_by_share, halving};
use crate::{MAX_ALLELE_LEN, RelEdit};

/// Why a legacy sampler gave no edits.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum LegacySampleError {
    /// The margins leave nothing of the window.
    #[error("margins of {margin} bases leave nothing of a window of {len}")]
    NoInterior {
        /// Bases left out at either end.
        margin: usize,
        /// Length of the window.
        len: usize,
    },
    /// Nothing that could be drawn has a weight above 0.
    #[error("no length, type or position has a weight above 0")]
    NoWeight,
    /// The bounded attempts ran out.
    #[error("attempts ran out after {produced} of {requested} edits")]
    AttemptsRanOut {
        /// Edits asked for.
        requested: usize,
        /// Edits drawn so far.
        produced: usize,
    },
}

impl Coded for LegacySampleError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

pub(super) fn check_interior(window: &[u8], margin: usize) -> Result<(), LegacySampleError> {
    let len = window.len();
    match len.checked_sub(2 * margin) {
        None | Some(0) => Err(LegacySampleError::NoInterior { margin, len }),
        Some(_) => Ok(()),
    }
}

fn position(random: &mut PythonRandom, window: &[u8], margin: usize) -> usize {
    random.in_range(margin as u64, (window.len() - margin - 1) as u64) as usize
}

pub(super) fn random_bases(random: &mut PythonRandom, n: usize) -> String {
    let base = |_| char::from(b"ACGT"[random.below(4) as usize]);
    (0..n).map(base).collect()
}

/// Another base than `base`, which is one of `ACGT`.
pub(super) fn other_base(random: &mut PythonRandom, base: u8) -> char {
    let mut others = b"ACGT".iter().filter(|&&other| other != base);
    let other = others.nth(random.below(3) as usize);
    char::from(*other.expect("three other bases"))
}

pub(super) fn text(bases: &[u8]) -> &str {
    std::str::from_utf8(bases).expect("called bases are ASCII")
}

pub(super) fn edit(rel_pos: usize, reference: &[u8], alternate: &str) -> RelEdit {
    RelEdit::new(rel_pos, text(reference), alternate).expect("different runs of called bases")
}

/// `uniform_snv`: `n` substitutions of one base, some perhaps twice.
///
/// # Errors
///
/// [`LegacySampleError`] if the margins leave nothing, or eleven positions in a row hold no called
/// base.
pub fn uniform_snv(
    window: &[u8],
    n: usize,
    random: &mut PythonRandom,
    margin: usize,
) -> Result<Vec<RelEdit>, LegacySampleError> {
    check_interior(window, margin)?;
    let mut edits = Vec::new();
    while edits.len() < n {
        let called = (0..11)
            .map(|_| position(random, window, margin))
            .find(|&pos| is_acgt(&window[pos..=pos]));
        let Some(pos) = called else {
            let produced = edits.len();
            return Err(LegacySampleError::AttemptsRanOut {
                requested: n,
                produced,
            });
        };
        let alternate = other_base(random, window[pos]).to_string();
        edits.push(edit(pos, &window[pos..=pos], &alternate));
    }
    Ok(edits)
}

/// `indel`: `n` insertions or deletions behind an anchor base.
///
/// `lengths` are event lengths by weight, in increasing order, each 1 to 16; none means `0.5^k`.
/// `insertion_share` is the probability of an insertion, before those that stand in for deletions
/// that do not fit.
///
/// # Errors
///
/// [`LegacySampleError`] if the margins leave nothing, or `16 n + 16` attempts do not suffice.
pub fn indel(
    window: &[u8],
    n: usize,
    random: &mut PythonRandom,
    lengths: Option<&[(usize, f64)]>,
    insertion_share: f64,
    margin: usize,
) -> Result<Vec<RelEdit>, LegacySampleError> {
    check_interior(window, margin)?;
    let default = halving(1, MAX_ALLELE_LEN);
    let lengths = lengths.unwrap_or(&default);
    let mut edits = Vec::new();
    for _ in 0..n * 16 + 16 {
        if edits.len() == n {
            break;
        }
        let pos = position(random, window, margin);
        if !is_acgt(&window[pos..=pos]) {
            continue;
        }
        let event = draw_by_share(random, lengths)?.min(MAX_ALLELE_LEN - 1);
        let is_insertion = random.random() < insertion_share;
        let end = pos + 1 + event;
        if is_insertion || end > window.len() - margin {
            let anchor = &window[pos..=pos];
            let alternate = format!("{}{}", text(anchor), random_bases(random, event));
            edits.push(edit(pos, anchor, &alternate));
        } else if is_acgt(&window[pos..end]) {
            edits.push(edit(pos, &window[pos..end], text(&window[pos..=pos])));
        }
    }
    match edits.len() {
        produced if produced < n => Err(LegacySampleError::AttemptsRanOut {
            requested: n,
            produced,
        }),
        _ => Ok(edits),
    }
}

/// `mnv`: at most `n` substitutions of several bases, every one of which changes.
///
/// `lengths` are allele lengths by weight, in increasing order; none means 2 to 8 alike.
///
/// # Errors
///
/// [`LegacySampleError`] if the margins or the weights leave nothing. What does not fit is left out without a word.
pub fn mnv(
    window: &[u8],
    n: usize,
    random: &mut PythonRandom,
    lengths: Option<&[(usize, f64)]>,
    margin: usize,
) -> Result<Vec<RelEdit>, LegacySampleError> {
    check_interior(window, margin)?;
    let default: Vec<_> = (2..=8).map(|length| (length, 1.0)).collect();
    let lengths = lengths.unwrap_or(&default);
    let mut edits = Vec::new();
    for _ in 0..n {
        let pos = position(random, window, margin);
        let length = draw_by_share(random, lengths)?.clamp(2, MAX_ALLELE_LEN);
        let end = pos + length;
        if end > window.len() - margin || !is_acgt(&window[pos..end]) {
            continue;
        }
        let reference = &window[pos..end];
        let other = |&base| other_base(random, base);
        let alternate: String = reference.iter().map(other).collect();
        edits.push(edit(pos, reference, &alternate));
    }
    Ok(edits)
}
