//! Decoded stretches of a contig, the last of which is kept.

use std::{fmt, ops::Range};

use memchr::{memchr, memrchr};

use super::{
    alphabet::{INVALID, decode_into},
    contig::Contig,
    fetch::Fault,
    scan::MAX_HEADER_LEN,
    source::Source,
};

/// Bases read at once. Windows in genome order find themselves in one chunk many times over.
const CHUNK_LEN: u64 = 1 << 18;

/// An open file, and the last stretch read of it.
pub(crate) struct Reader {
    source: Source,
    /// Contigs whose place was compared with the file.
    checked: Vec<bool>,
    kept: Chunk,
    text: Vec<u8>,
}

/// A stretch of a contig, decoded.
#[derive(Default)]
struct Chunk {
    contig: usize,
    start: u64,
    bases: Vec<u8>,
}

impl Reader {
    pub(crate) fn new(source: Source, n_contigs: usize) -> Self {
        Self {
            source,
            checked: vec![false; n_contigs],
            kept: Chunk::default(),
            text: Vec::new(),
        }
    }

    /// The bases of a region, which must lie on the contig.
    pub(crate) fn bases(
        &mut self,
        i: usize,
        contig: &Contig,
        start: u64,
        end: u64,
    ) -> Result<Vec<u8>, Fault> {
        if start == end {
            return Ok(Vec::new());
        }
        if !self.checked[i] {
            self.check(contig)?;
            self.checked[i] = true;
        }
        let bases = if end - start > CHUNK_LEN {
            self.decode(contig, start..end)?
        } else {
            if !self.kept.covers(i, start, end) {
                let chunk_end = (start + CHUNK_LEN).min(contig.len);
                let bases = self.decode(contig, start..chunk_end)?;
                self.kept = Chunk {
                    contig: i,
                    start,
                    bases,
                };
            }
            let offset = (start - self.kept.start) as usize;
            self.kept.bases[offset..][..(end - start) as usize].to_vec()
        };
        match memchr(INVALID, &bases) {
            Some(_) => Err(Fault::Letter),
            None => Ok(bases),
        }
    }

    /// Reads and decodes a region that is not empty.
    fn decode(&mut self, contig: &Contig, region: Range<u64>) -> Result<Vec<u8>, Fault> {
        let first = contig.place(region.start).ok_or(Fault::Index)?;
        let last = contig.place(region.end - 1).ok_or(Fault::Index)?;
        self.read(first, last + 1)?;

        let n_bases = usize::try_from(region.end - region.start).map_err(|_| Fault::Index)?;
        let mut bases = Vec::with_capacity(n_bases);
        let mut text = &self.text[..];
        let mut on_line = contig.line_bases - region.start % contig.line_bases;
        loop {
            let (line, rest) = text.split_at(text.len().min(on_line as usize));
            decode_into(&mut bases, line);
            if rest.is_empty() {
                return Ok(bases);
            }
            let line_end = (contig.line_width - contig.line_bases) as usize;
            let (line_end, rest) = rest.split_at_checked(line_end).ok_or(Fault::Index)?;
            if !matches!(line_end, b"\n" | b"\r\n") {
                return Err(Fault::Index);
            }
            (text, on_line) = (rest, contig.line_bases);
        }
    }

    /// Checks that the header line of a contig stands before it, and nothing of it after its end.
    fn check(&mut self, contig: &Contig) -> Result<(), Fault> {
        let before = contig.offset.saturating_sub(MAX_HEADER_LEN as u64 + 2);
        self.read(before, contig.offset)?;
        let header = self.text.strip_suffix(b"\n").ok_or(Fault::Index)?;
        let line = memrchr(b'\n', header).map_or(header, |i| &header[i + 1..]);
        let name = line.strip_prefix(b">").ok_or(Fault::Index)?;
        let name = name.strip_prefix(contig.name.as_bytes());
        let is_whole_name = |rest: &[u8]| rest.first().is_none_or(u8::is_ascii_whitespace);
        if !name.is_some_and(is_whole_name) {
            return Err(Fault::Index);
        }

        let end = contig.end().ok_or(Fault::Index)?;
        self.read(end, self.source.total().min(end + 3))?;
        let after = match &self.text[..] {
            [b'\r', b'\n', after @ ..] | [b'\n', after @ ..] => after.first(),
            after => after.first().map(|_| &INVALID),
        };
        match after {
            None | Some(b'>' | b'\r' | b'\n') => Ok(()),
            Some(_) => Err(Fault::Index),
        }
    }

    /// Reads `start..end` of the uncompressed file into `text`.
    fn read(&mut self, start: u64, end: u64) -> Result<(), Fault> {
        let len = end.checked_sub(start).ok_or(Fault::Index)?;
        self.text
            .resize(usize::try_from(len).map_err(|_| Fault::Index)?, 0);
        Ok(self.source.read_at(start, &mut self.text)?)
    }
}

impl Chunk {
    fn covers(&self, contig: usize, start: u64, end: u64) -> bool {
        let own_end = self.start + self.bases.len() as u64;
        self.contig == contig && self.start <= start && end <= own_end
    }
}

impl fmt::Debug for Reader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Reader").finish_non_exhaustive()
    }
}
