//! The header of one Parquet page: Thrift's compact protocol, of which only sizes are kept.

/// What a page header says about sizes, as written. Absent fields are 0.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(super) struct PageHeader {
    /// 0 for data, 2 for a dictionary.
    pub(super) kind: i64,
    pub(super) uncompressed_bytes: i64,
    pub(super) compressed_bytes: i64,
    pub(super) n_values: i64,
    pub(super) encoding: i64,
    /// Whether the header that belongs to the kind is there.
    pub(super) is_complete: bool,
}

pub(super) const DATA_PAGE: i64 = 0;
pub(super) const DICTIONARY_PAGE: i64 = 2;

/// The field of [`DATA_PAGE`]'s and [`DICTIONARY_PAGE`]'s own headers.
const DATA_HEADER: i16 = 5;
const DICTIONARY_HEADER: i16 = 7;

/// How deep structures may lie in each other.
const MAX_DEPTH: u8 = 16;

impl PageHeader {
    /// Reads a header from the start of `bytes`; returns it and its length.
    pub(super) fn parse(bytes: &[u8]) -> Option<(Self, usize)> {
        let mut reader = Compact { bytes, read: 0 };
        let mut header = Self::default();
        reader.fields(0, &mut |owner, field, value| {
            header.set(owner, field, value)
        })?;
        Some((header, reader.read))
    }

    fn set(&mut self, owner: i16, field: i16, value: i64) {
        match (owner, field) {
            (0, 1) => self.kind = value,
            (0, 2) => self.uncompressed_bytes = value,
            (0, 3) => self.compressed_bytes = value,
            (DATA_HEADER | DICTIONARY_HEADER, 1) => {
                self.n_values = value;
                let own = if self.kind == DATA_PAGE {
                    DATA_HEADER
                } else {
                    DICTIONARY_HEADER
                };
                self.is_complete = owner == own && !self.is_complete;
            }
            (DATA_HEADER | DICTIONARY_HEADER, 2) => self.encoding = value,
            _ => {}
        }
    }
}

/// A reader of Thrift's compact protocol.
struct Compact<'a> {
    bytes: &'a [u8],
    read: usize,
}

impl Compact<'_> {
    fn byte(&mut self) -> Option<u8> {
        let byte = *self.bytes.get(self.read)?;
        self.read += 1;
        Some(byte)
    }

    fn pass(&mut self, n: u64) -> Option<()> {
        let end = self.read.checked_add(usize::try_from(n).ok()?)?;
        self.bytes.get(self.read..end)?;
        self.read = end;
        Some(())
    }

    fn unsigned(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..64).step_by(7) {
            let byte = self.byte()?;
            value |= u64::from(byte & 0x7f) << shift;
            if byte & 0x80 == 0 {
                return Some(value);
            }
        }
        None
    }

    fn signed(&mut self) -> Option<i64> {
        let zigzag = self.unsigned()?;
        Some((zigzag >> 1) as i64 ^ -((zigzag & 1) as i64))
    }

    /// Reads the integers of the header (owner 0) and of the structures right below it (owner:
    /// their field), and passes over everything else.
    fn fields(&mut self, depth: u8, set: &mut dyn FnMut(i16, i16, i64)) -> Option<()> {
        self.structure(0, depth, set)
    }

    fn structure(
        &mut self,
        owner: i16,
        depth: u8,
        set: &mut dyn FnMut(i16, i16, i64),
    ) -> Option<()> {
        let mut field = 0i16;
        loop {
            let head = self.byte()?;
            if head == 0 {
                return Some(());
            }
            field = match head >> 4 {
                0 => i16::try_from(self.signed()?).ok()?,
                delta => field.checked_add(i16::from(delta))?,
            };
            match head & 0xf {
                4..=6 => {
                    let value = self.signed()?;
                    if depth < 2 {
                        set(owner, field, value);
                    }
                }
                STRUCT => {
                    if depth == MAX_DEPTH {
                        return None;
                    }
                    self.structure(field, depth + 1, set)?;
                }
                1 | 2 => {}
                kind => self.skip(kind, depth + 1)?,
            }
        }
    }

    /// Passes over a value that is no field's boolean: of a field, or inside a list.
    fn skip(&mut self, kind: u8, depth: u8) -> Option<()> {
        if depth > MAX_DEPTH {
            return None;
        }
        match kind {
            1..=3 => self.pass(1),
            4..=6 => self.unsigned().map(drop),
            7 => self.pass(8),
            8 => {
                let len = self.unsigned()?;
                self.pass(len)
            }
            9 | 10 => {
                let head = self.byte()?;
                let len = match head >> 4 {
                    15 => self.unsigned()?,
                    len => u64::from(len),
                };
                (0..len).try_for_each(|_| self.skip(head & 0xf, depth + 1))
            }
            STRUCT => self.structure(-1, depth.max(2), &mut |_, _, _| {}),
            _ => None,
        }
    }
}

/// The compact protocol's type of a structure.
const STRUCT: u8 = 12;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// A data page of 35 values in 20 bytes, 16 when compressed, with statistics to pass over.
    const DATA: &[u8] = &[
        0x15, 0, 0x15, 40, 0x15, 32, 0x2c, // type, sizes, field 5
        0x15, 70, 0x15, 16, 0x15, 6, 0x15, 6, // values, encodings
        0x1c, 0x18, 2, b'a', b'b', 0x16, 8, 0x11, 0, // statistics: binary, i64, true
        0, 0, // ends
    ];

    #[test]
    fn sizes_are_read_and_the_rest_is_passed_over() {
        let header = PageHeader {
            kind: DATA_PAGE,
            uncompressed_bytes: 20,
            compressed_bytes: 16,
            n_values: 35,
            encoding: 8,
            is_complete: true,
        };
        let followed = [DATA, &[9; 40]].concat();
        assert_eq!(PageHeader::parse(&followed), Some((header, DATA.len())));
    }

    #[test]
    fn a_header_cut_anywhere_is_none() {
        for len in 0..DATA.len() {
            assert_eq!(PageHeader::parse(&DATA[..len]), None);
        }
    }

    #[test]
    fn deep_nesting_is_none() {
        assert_eq!(PageHeader::parse(&[0x1c; 1 << 16]), None);
        assert_eq!(PageHeader::parse(&[0x19; 1 << 16]), None);
    }

    #[test]
    fn a_dictionary_header_does_not_complete_a_data_page() {
        let mut bytes = DATA.to_vec();
        bytes[6] = 0x4c; // field 7 in place of 5
        assert!(!PageHeader::parse(&bytes).unwrap().0.is_complete);
    }

    proptest! {
        #[test]
        fn any_bytes_parse_or_not_without_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..200),
        ) {
            if let Some((_, len)) = PageHeader::parse(&bytes) {
                prop_assert!(len <= bytes.len());
            }
        }
    }
}
