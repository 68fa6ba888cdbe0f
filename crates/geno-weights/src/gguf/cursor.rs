//! Little-endian numbers and texts, none past the end.

use super::GgufError;

/// The longest name of a key or a tensor that is read.
const MAX_NAME: u64 = 1 << 16;

/// A place in a file.
pub(super) struct Cursor<'b> {
    pub(super) bytes: &'b [u8],
    pub(super) at: usize,
}

impl<'b> Cursor<'b> {
    /// The next `n` bytes.
    pub(super) fn take(&mut self, n: u64) -> Result<&'b [u8], GgufError> {
        let rest = &self.bytes[self.at..];
        let taken = usize::try_from(n).ok().and_then(|n| rest.get(..n));
        let taken = taken.ok_or(GgufError::Ends {
            at: self.at,
            needed: n,
            len: self.bytes.len(),
        })?;
        self.at += taken.len();
        Ok(taken)
    }

    pub(super) fn array<const N: usize>(&mut self) -> Result<[u8; N], GgufError> {
        let bytes = self.take(N as u64)?;
        Ok(*bytes.first_chunk().expect("as many as were asked for"))
    }

    pub(super) fn u32(&mut self) -> Result<u32, GgufError> {
        Ok(u32::from_le_bytes(self.array()?))
    }

    pub(super) fn u64(&mut self) -> Result<u64, GgufError> {
        Ok(u64::from_le_bytes(self.array()?))
    }

    /// A length and as many bytes.
    pub(super) fn text(&mut self) -> Result<&'b [u8], GgufError> {
        let len = self.u64()?;
        self.take(len)
    }

    /// The name of a key or a tensor.
    pub(super) fn name(&mut self) -> Result<String, GgufError> {
        let at = self.at;
        let len = self.u64()?;
        if len > MAX_NAME {
            return Err(GgufError::Name { at });
        }
        let bytes = self.take(len)?;
        match str::from_utf8(bytes) {
            Ok(name) if !name.contains(char::is_control) => Ok(name.to_owned()),
            _ => Err(GgufError::Name { at }),
        }
    }
}
