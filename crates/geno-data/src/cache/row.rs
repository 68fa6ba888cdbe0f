//! One row of a shard: a state, its key, and where its window lies.

use std::fmt;

use geno_core::Digest;
use half::f16;

use super::recipe::{StateKey, StoredAs};

/// Bytes of a row before its values.
pub(crate) const HEAD_LEN: usize = 128;
/// Rows begin at multiples of this.
pub(crate) const ALIGNMENT: usize = 64;

/// Stands for a state that is pooled over the whole window.
const NO_LOCUS: u32 = u32::MAX;

/// Bytes of a row of `dim` values.
pub(crate) fn stride(dim: usize, stored: StoredAs) -> usize {
    (HEAD_LEN + dim * stored.width()).next_multiple_of(ALIGNMENT)
}

/// The window of a state, and where in it the state was pooled.
///
/// Its `Debug` shows the length alone.
#[derive(Clone, Copy, Eq, PartialEq)]
pub struct StatePlace<'a> {
    /// SHA-256 digest of the window's upper-case bases, padding included.
    pub window: Digest,
    /// The contig, as its reference names it.
    pub contig: &'a str,
    /// First base of the window, 0-based on the contig.
    pub start: u64,
    /// Bases of the window, padding included.
    pub window_bp: u32,
    /// Where the state was pooled, 0-based in the window; `None` for the whole window.
    pub locus: Option<u32>,
}

impl fmt::Debug for StatePlace<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatePlace")
            .field("window_bp", &self.window_bp)
            .finish_non_exhaustive()
    }
}

/// What a row says beside its values.
#[derive(Clone, Copy)]
pub(crate) struct RowHead {
    pub(crate) key: StateKey,
    pub(crate) window: Digest,
    pub(crate) start: u64,
    pub(crate) window_bp: u32,
    pub(crate) locus: Option<u32>,
    /// Number of the contig in the shard's header.
    pub(crate) contig: u32,
}

/// Appends a row. The values are finite and, for [`StoredAs::F16`], small enough.
pub(crate) fn write(head: &RowHead, values: &[f32], stored: StoredAs, out: &mut Vec<u8>) {
    let begin = out.len();
    out.extend([0; 32]);
    out.extend(head.key.0);
    out.extend(head.window.as_bytes());
    out.extend(head.start.to_le_bytes());
    out.extend(head.window_bp.to_le_bytes());
    out.extend(head.locus.unwrap_or(NO_LOCUS).to_le_bytes());
    out.extend(head.contig.to_le_bytes());
    out.resize(begin + HEAD_LEN, 0);
    match stored {
        StoredAs::F32 => out.extend(values.iter().flat_map(|value| value.to_le_bytes())),
        StoredAs::F16 => out.extend(
            values
                .iter()
                .flat_map(|&value| f16::from_f32(value).to_le_bytes()),
        ),
    }
    out.resize(begin + stride(values.len(), stored), 0);
    let digest = digest(&out[begin..]);
    out[begin..begin + 32].copy_from_slice(&digest);
}

/// Whether the digest at the front of a row is that of the rest.
pub(crate) fn is_intact(row: &[u8]) -> bool {
    row[..32] == digest(row)
}

fn digest(row: &[u8]) -> [u8; 32] {
    blake3::derive_key("geno-lewm window-state row v1", &row[32..])
}

/// The head of a row of at least [`HEAD_LEN`] bytes.
pub(crate) fn head(row: &[u8]) -> RowHead {
    let bytes = |at: usize| -> [u8; 32] { row[at..at + 32].try_into().expect("32 bytes") };
    let number = |at: usize| u32::from_le_bytes(row[at..at + 4].try_into().expect("4 bytes"));
    let start = row[96..104].try_into().expect("8 bytes");
    let locus = number(108);
    RowHead {
        key: StateKey(bytes(32)),
        window: Digest::from_bytes(bytes(64)),
        start: u64::from_le_bytes(start),
        window_bp: number(104),
        locus: (locus != NO_LOCUS).then_some(locus),
        contig: number(112),
    }
}

/// The values of a row.
pub(crate) fn values(row: &[u8], dim: usize, stored: StoredAs) -> Vec<f32> {
    let bytes = &row[HEAD_LEN..HEAD_LEN + dim * stored.width()];
    match stored {
        StoredAs::F32 => {
            let (values, _) = bytes.as_chunks::<4>();
            values
                .iter()
                .map(|&value| f32::from_le_bytes(value))
                .collect()
        }
        StoredAs::F16 => {
            let (values, _) = bytes.as_chunks::<2>();
            let wide = |&value| f16::from_le_bytes(value).to_f32();
            values.iter().map(wide).collect()
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn row(values: &[f32], stored: StoredAs) -> Vec<u8> {
        let head = RowHead {
            key: StateKey([7; 32]),
            window: Digest::of(b"ACGT"),
            start: 1 << 40,
            window_bp: 12_288,
            locus: Some(6_144),
            contig: 3,
        };
        let mut row = Vec::new();
        write(&head, values, stored, &mut row);
        row
    }

    proptest! {
        #[test]
        fn values_come_back_bit_for_bit(
            values in prop::collection::vec(prop::num::f32::NORMAL | prop::num::f32::ZERO, 1..40),
        ) {
            let row = row(&values, StoredAs::F32);
            prop_assert_eq!(row.len() % ALIGNMENT, 0);
            let back = super::values(&row, values.len(), StoredAs::F32);
            let bits = |values: &[f32]| values.iter().map(|v| v.to_bits()).collect::<Vec<_>>();
            prop_assert_eq!(bits(&back), bits(&values));
        }

        #[test]
        fn half_precision_keeps_eleven_bits(value in -65_504f32..65_504.0) {
            let row = row(&[value], StoredAs::F16);
            let back = super::values(&row, 1, StoredAs::F16)[0];
            let bound = (value.abs() / 2048.0).max(1.0 / (1 << 25) as f32);
            prop_assert!((back - value).abs() <= bound, "{} {}", value, back);
        }

        #[test]
        fn a_flipped_bit_shows(bit in 0usize..8 * 256) {
            let mut row = row(&[1.5; 32], StoredAs::F32);
            prop_assert_eq!(row.len(), 256);
            prop_assert!(is_intact(&row));
            row[bit / 8] ^= 1 << (bit % 8);
            prop_assert!(!is_intact(&row));
        }
    }

    #[test]
    fn the_head_reads_back() {
        let row = row(&[0.0], StoredAs::F16);
        let head = head(&row);
        assert_eq!(
            (head.key, head.window),
            (StateKey([7; 32]), Digest::of(b"ACGT"))
        );
        assert_eq!((head.start, head.window_bp), (1 << 40, 12_288));
        assert_eq!((head.locus, head.contig), (Some(6_144), 3));
    }
}
