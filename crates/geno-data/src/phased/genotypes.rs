//! The genotype columns of a row.

use super::{call::Call, runs::Phase};

/// Takes the calls of a row, a sample after the other.
pub(super) struct Genotypes<'a> {
    columns: Box<dyn Iterator<Item = &'a [u8]> + 'a>,
    gt: usize,
    ps: Option<usize>,
}

/// What one sample has at a row.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct SampleCall {
    pub(super) call: Call,
    pub(super) phase: Phase,
}

impl<'a> Genotypes<'a> {
    /// Finds the fields of a whole row; nothing if it has no `GT`.
    pub(super) fn of(text: &'a [u8]) -> Option<Self> {
        let mut columns = text.split(|&byte| byte == b'\t').skip(8);
        let format = columns.next().unwrap_or_default();
        let field = |name: &[u8]| format.split(|&byte| byte == b':').position(|f| f == name);
        Some(Self {
            gt: field(b"GT")?,
            ps: field(b"PS"),
            columns: Box::new(columns),
        })
    }

    /// The call of the next sample. One without a column has none.
    pub(super) fn next_call(&mut self) -> SampleCall {
        let fields = self.columns.next().unwrap_or_default();
        let mut fields = fields.split(|&byte| byte == b':');
        let call = Call::parse(fields.clone().nth(self.gt).unwrap_or_default());
        let phase = match call {
            Call::Phased(first, Some(second)) if first != second => {
                phase(self.ps.and_then(|ps| fields.nth(ps)))
            }
            _ => Phase::Any,
        };
        SampleCall { call, phase }
    }
}

impl SampleCall {
    /// The allele of each chromosome copy, if it is known; of a haploid call the second is none.
    pub(super) fn alleles(self) -> Option<[Option<u32>; 2]> {
        match self.call {
            Call::Phased(first, second) => Some([Some(first), second]),
            Call::Unphased | Call::Missing => None,
        }
    }
}

fn phase(phase_set: Option<&[u8]>) -> Phase {
    match phase_set {
        None | Some(b"." | b"") => Phase::Contig,
        Some(text) => {
            let number = str::from_utf8(text).ok().and_then(|text| text.parse().ok());
            // A set that is no number is told by its bytes.
            let hash =
                |hash: u64, &byte: &u8| hash.wrapping_mul(0x0100_0000_01b3) ^ u64::from(byte);
            Phase::Set(number.unwrap_or_else(|| text.iter().fold(1 << 63, hash)))
        }
    }
}
