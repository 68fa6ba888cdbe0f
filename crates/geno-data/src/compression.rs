//! Telling compressed files apart by what they hold, never by their name.

/// How a file is compressed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Compression {
    /// Not at all, as far as this program knows.
    None,
    /// gzip, one member or several.
    Gzip,
    /// bgzip: gzip in blocks of at most 64 KiB, each of which says its own length.
    Bgzip,
}

/// Bytes that tell the compressions apart, also the length of a bgzip block's header.
pub(crate) const HEAD_LEN: usize = 18;

/// The empty block that ends every complete bgzip file (SAM specification, section 4.1.2).
pub(crate) const BGZIP_EOF: [u8; 28] = [
    0x1f, 0x8b, 0x08, 0x04, 0, 0, 0, 0, 0, 0xff, 6, 0, b'B', b'C', 2, 0, 0x1b, 0, 3, 0, 0, 0, 0, 0,
    0, 0, 0, 0,
];

impl Compression {
    /// Reads the first [`HEAD_LEN`] bytes of a file, or all of a shorter one.
    pub(crate) fn of(head: &[u8]) -> Self {
        let is_gzip = head.starts_with(&[0x1f, 0x8b]);
        let is_blocked = head.len() >= HEAD_LEN
            && head[2..4] == [8, 4]
            && head[10..16] == [6, 0, b'B', b'C', 2, 0];
        match (is_gzip, is_blocked) {
            (true, true) => Self::Bgzip,
            (true, false) => Self::Gzip,
            (false, _) => Self::None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bgzip_is_told_from_gzip_and_text() {
        assert_eq!(Compression::of(&BGZIP_EOF[..HEAD_LEN]), Compression::Bgzip);
        let gzip = [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3];
        assert_eq!(Compression::of(&gzip), Compression::Gzip);
        assert_eq!(Compression::of(b"##fileformat=VCFv4.2"), Compression::None);
        assert_eq!(Compression::of(b""), Compression::None);
    }
}
