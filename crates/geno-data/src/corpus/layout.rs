//! Where windows lie in a sequence.

use geno_core::{Coded, DEFAULT_WINDOW_BP, ErrorCode};

/// Windows of one length at equal distances, away from the ends of a sequence.
///
/// Starts are `margin + phase`, then every `stride`, as long as a window and a margin fit behind
/// them. All in bases.
///
/// ```
/// use geno_data::WindowLayout;
///
/// let layout = WindowLayout::new(100, 10, 60)?;
/// assert_eq!(layout.starts(300, 0).collect::<Vec<_>>(), [10, 70, 130, 190]);
/// assert_eq!(layout.starts(119, 0).count(), 0);
/// # Ok::<_, geno_data::WindowLayoutError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct WindowLayout {
    window_bp: u64,
    margin_bp: u64,
    stride_bp: u64,
}

/// Why there is no such layout.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum WindowLayoutError {
    /// A length or a distance of 0.
    #[error("{what} of 0 bases")]
    Zero {
        /// `window` or `stride`.
        what: &'static str,
    },
    /// Lengths that no sequence reaches.
    #[error("window and margins are longer than any sequence")]
    TooLong,
}

impl Coded for WindowLayoutError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl WindowLayout {
    /// The layout of the published training windows: 12,288 bases every 8,192, 256 from the ends.
    pub fn carbon() -> Self {
        Self {
            window_bp: DEFAULT_WINDOW_BP,
            margin_bp: 256,
            stride_bp: 8_192,
        }
    }

    /// Windows of `window_bp` every `stride_bp`, at least `margin_bp` from the ends.
    ///
    /// # Errors
    ///
    /// [`WindowLayoutError`] for a window or a stride of 0, or lengths past `2⁶⁴`.
    pub fn new(window_bp: u64, margin_bp: u64, stride_bp: u64) -> Result<Self, WindowLayoutError> {
        for (what, bp) in [("window", window_bp), ("stride", stride_bp)] {
            if bp == 0 {
                return Err(WindowLayoutError::Zero { what });
            }
        }
        let layout = Self {
            window_bp,
            margin_bp,
            stride_bp,
        };
        let required = margin_bp
            .checked_mul(2)
            .and_then(|margins| margins.checked_add(window_bp))
            .and_then(|required| required.checked_add(stride_bp));
        required.map(|_| layout).ok_or(WindowLayoutError::TooLong)
    }

    /// Length of a window.
    pub fn window_bp(&self) -> u64 {
        self.window_bp
    }

    /// Bases between a window and the end of its sequence, at least.
    pub fn margin_bp(&self) -> u64 {
        self.margin_bp
    }

    /// Distance between two starts.
    pub fn stride_bp(&self) -> u64 {
        self.stride_bp
    }

    /// How many different phases a sequence of this length has; none where no window fits.
    ///
    /// The Python package draws `randrange` of this number, where it is above 1.
    pub fn phases(&self, sequence_len: u64) -> u64 {
        let required = self.window_bp + 2 * self.margin_bp;
        match sequence_len.checked_sub(required) {
            None => 0,
            Some(room) => self.stride_bp.min(room.saturating_add(1)),
        }
    }

    /// The starts of windows in a sequence, from a phase below [`WindowLayout::phases`].
    pub fn starts(&self, sequence_len: u64, phase: u64) -> impl Iterator<Item = u64> + use<> {
        let required = self.window_bp + 2 * self.margin_bp;
        let first = self.margin_bp.saturating_add(phase);
        let stride = self.stride_bp;
        let last = sequence_len
            .checked_sub(required)
            .map(|room| self.margin_bp + room)
            .filter(|last| first <= *last);
        let n = last.map_or(0, |last| (last - first) / stride + 1);
        (0..n).map(move |i| first + i * stride)
    }
}

#[cfg(test)]
mod tests {
    use geno_core::PythonRandom;
    use proptest::prelude::*;

    use super::*;

    // `iter_window_starts(60000, rng=random.Random(1))` of the Python package.
    #[test]
    fn starts_equal_the_published_ones() {
        let layout = WindowLayout::carbon();
        let phase = PythonRandom::new(1).below(layout.phases(60_000));
        let starts: Vec<u64> = layout.starts(60_000, phase).collect();
        assert_eq!(starts, [2457, 10649, 18841, 27033, 35225, 43417]);
    }

    #[test]
    fn a_sequence_that_just_fits_has_one_window() {
        let layout = WindowLayout::new(100, 10, 50).unwrap();
        assert_eq!(layout.phases(120), 1);
        assert_eq!(layout.starts(120, 0).collect::<Vec<_>>(), [10]);
        assert_eq!(layout.phases(119), 0);
        assert_eq!(layout.starts(u64::MAX, 0).next(), Some(10));
    }

    proptest! {
        #[test]
        fn every_window_keeps_to_the_margins_and_none_is_left_out(
            window in 1u64..40, margin in 0u64..10, stride in 1u64..50, len in 0u64..300, pick: u64,
        ) {
            let layout = WindowLayout::new(window, margin, stride).unwrap();
            let phases = layout.phases(len);
            let phase = if phases == 0 { 0 } else { pick % phases };
            let starts: Vec<u64> = layout.starts(len, phase).collect();
            let fits = |start: &u64| *start >= margin && start + window + margin <= len;
            let expected: Vec<u64> = (0..len)
                .filter(|start| *start >= margin + phase && (start - margin - phase) % stride == 0)
                .filter(fits)
                .collect();
            prop_assert_eq!(&starts, &expected);
            prop_assert_eq!(starts.is_empty(), phases == 0);
        }
    }
}
