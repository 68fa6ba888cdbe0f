//! How fast the machine's memory is read and copied by all threads together.

use std::hint::black_box;

use anyhow::Result;
use rayon::prelude::*;

use crate::{line::Line, timings::Timings};

/// Far more than any cache holds.
const BYTES: usize = 256 << 20;

/// What one thread takes at a time, in numbers of eight bytes.
const PIECE: usize = 1 << 17;

/// Times of reading and of copying as many bytes.
pub(crate) struct MemoryBandwidth {
    read: Timings,
    copy: Timings,
}

impl MemoryBandwidth {
    /// Bytes that are read in a second.
    pub(crate) fn read_rate(&self) -> f64 {
        BYTES as f64 / self.read.median()
    }

    /// One line for reading, and one for copying, which goes through every byte twice.
    pub(crate) fn lines(&self) -> [Line; 2] {
        let megabytes = BYTES >> 20;
        let line = |work: &str, timings| {
            Line::new(
                "memory-bandwidth",
                format!("{work} {megabytes} MiB"),
                timings,
            )
        };
        [
            line("read", &self.read).bytes(BYTES as u64),
            line("copy", &self.copy).bytes(2 * BYTES as u64),
        ]
    }
}

/// Reads and copies a buffer.
///
/// # Errors
///
/// None: the work cannot fail.
pub(crate) fn measure(repeats: usize) -> Result<MemoryBandwidth> {
    let source: Vec<u64> = (0..BYTES as u64 / 8).collect();
    let mut target = vec![0; source.len()];
    Ok(MemoryBandwidth {
        read: Timings::of(repeats, || {
            black_box(sum(black_box(&source)));
            Ok(())
        })?,
        copy: Timings::of(repeats, || {
            copy(black_box(&source), &mut target);
            black_box(&target);
            Ok(())
        })?,
    })
}

fn sum(source: &[u64]) -> u64 {
    let piece = |piece: &[u64]| piece.iter().fold(0u64, |sum, x| sum.wrapping_add(*x));
    let sums = source.par_chunks(PIECE).map(piece);
    sums.reduce(|| 0, u64::wrapping_add)
}

fn copy(source: &[u64], target: &mut [u64]) {
    let pairs = source.par_chunks(PIECE).zip(target.par_chunks_mut(PIECE));
    pairs.for_each(|(source, target)| target.copy_from_slice(source));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_number_is_read_and_copied_once() {
        let n = 3 * PIECE + 5;
        let source: Vec<u64> = (0..n as u64).collect();
        assert_eq!(sum(&source), (n as u64) * (n as u64 - 1) / 2);
        let mut target = vec![0; n];
        copy(&source, &mut target);
        assert_eq!(source, target);
    }

    #[test]
    fn a_copy_goes_through_twice_the_bytes() {
        let times = MemoryBandwidth {
            read: Timings::made_up(&[0.5]),
            copy: Timings::made_up(&[0.5]),
        };
        let [read, copy] = times.lines().map(Line::into_json);
        assert_eq!(read["work"], "read 256 MiB");
        assert_eq!(read["gb_per_s"], BYTES as f64 / 0.5 / 1e9);
        assert_eq!(times.read_rate(), 2. * BYTES as f64);
        assert_eq!(read["gb"].as_f64().unwrap() * 2., copy["gb"]);
    }
}
