//! Where in its 6-mer an edit begins.

use geno_core::TOKEN_BP;

use crate::names::names;

names! {
    /// The place of an edit's first base in its token, from the left: how far the state moves depends on how
    /// many bases of the token follow.
    "place in a 6-mer"
    enum TokenOffset {
        /// The first base.
        First = "0",
        /// The second base.
        Second = "1",
        /// The third base.
        Third = "2",
        /// The fourth base.
        Fourth = "3",
        /// The fifth base.
        Fifth = "4",
        /// The last base.
        Sixth = "5",
    }
}

impl TokenOffset {
    /// The place of a base, counted from the start of its window.
    ///
    /// ```
    /// use geno_surprise::TokenOffset;
    ///
    /// assert_eq!(TokenOffset::of(6_147), TokenOffset::Fourth);
    /// ```
    pub fn of(position: usize) -> Self {
        Self::ALL[position % TOKEN_BP]
    }
}

const _: () = assert!(TokenOffset::ALL.len() == TOKEN_BP);
