//! Keyed digests.

use crate::{Digest, DigestHasher};

/// Bytes that SHA-256 takes at a time.
const BLOCK: usize = 64;

/// HMAC-SHA-256 of a message under a key of 32 bytes.
///
/// `H((key ⊕ opad) ‖ H((key ⊕ ipad) ‖ message))`, the key filled up with zeros to one block.
///
/// # Source
///
/// RFC 2104. A key longer than a block would have to be hashed first; there is none here.
///
/// # Examples
///
/// ```
/// use geno_core::hmac_sha256;
///
/// let one = hmac_sha256(&[7; 32], b"row 1");
/// assert_ne!(one, hmac_sha256(&[7; 32], b"row 2"));
/// assert_ne!(one, hmac_sha256(&[8; 32], b"row 1"));
/// ```
pub fn hmac_sha256(key: &[u8; 32], message: &[u8]) -> Digest {
    let padded = |pad: u8| {
        let mut block = [pad; BLOCK];
        block.iter_mut().zip(key).for_each(|(byte, k)| *byte ^= k);
        block
    };
    let hash = |pad: u8, message: &[u8]| {
        let mut hasher = DigestHasher::default();
        hasher.update(&padded(pad));
        hasher.update(message);
        hasher.finish()
    };
    hash(0x5c, hash(0x36, message).as_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 4231; its shorter keys are filled up with zeros, which HMAC does too.
    #[test]
    fn published_vectors_hold() {
        let key = |short: &[u8]| {
            let mut key = [0; 32];
            key[..short.len()].copy_from_slice(short);
            key
        };
        let counted: Vec<u8> = (1..=25).collect();
        let cases: [(&[u8], &[u8], &str); 4] = [
            (
                &[0x0b; 20],
                b"Hi There",
                "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            ),
            (
                b"Jefe",
                b"what do ya want for nothing?",
                "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843",
            ),
            (
                &[0xaa; 20],
                &[0xdd; 50],
                "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe",
            ),
            (
                &counted,
                &[0xcd; 50],
                "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b",
            ),
        ];
        for (short, message, expected) in cases {
            assert_eq!(hmac_sha256(&key(short), message).to_hex(), expected);
        }
    }
}
