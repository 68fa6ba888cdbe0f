//! The letters of a FASTA sequence.

/// Stands in a decoded sequence for a byte that is no nucleotide code.
pub(crate) const INVALID: u8 = 0;

/// What each byte decodes to: `ACGTN` as they are, other IUPAC codes to `N`, the soft mask (lower
/// case) kept, anything else to [`INVALID`].
const DECODED: [u8; 256] = {
    let mut decoded = [INVALID; 256];
    let mut i = 0;
    let known = b"ACGTN";
    while i < known.len() {
        decoded[known[i] as usize] = known[i];
        decoded[known[i].to_ascii_lowercase() as usize] = known[i].to_ascii_lowercase();
        i += 1;
    }
    let ambiguous = b"RYSWKMBDHVU";
    i = 0;
    while i < ambiguous.len() {
        decoded[ambiguous[i] as usize] = b'N';
        decoded[ambiguous[i].to_ascii_lowercase() as usize] = b'n';
        i += 1;
    }
    decoded
};

/// Appends a run of sequence to `bases`, decoded.
pub(crate) fn decode_into(bases: &mut Vec<u8>, text: &[u8]) {
    bases.extend(text.iter().map(|&letter| DECODED[usize::from(letter)]));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn iupac_codes_become_n_and_keep_their_case() {
        let mut bases = Vec::new();
        decode_into(&mut bases, b"ACGTNacgtnRYSWKMBDHVUryswkmbdhvu-*X>");
        assert_eq!(bases, b"ACGTNacgtnNNNNNNNNNNNnnnnnnnnnnn\0\0\0\0");
    }
}
