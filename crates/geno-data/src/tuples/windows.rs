//! Windows by number.

use crate::corpus::CorpusWindow;

use super::TupleError;

/// Windows that can be asked for in any order, so that they can be shuffled and a stream can begin
/// anywhere.
pub trait WindowSource: Sync {
    /// How many there are.
    fn n_windows(&self) -> u32;

    /// One of them; `None` if it cannot be used, as one of unknown bases.
    ///
    /// # Errors
    ///
    /// [`TupleError`] if the file it comes from cannot be read.
    ///
    /// # Panics
    ///
    /// If `index` is not below [`n_windows`](Self::n_windows).
    fn window(&self, index: u32) -> Result<Option<CorpusWindow>, TupleError>;
}

/// Windows in memory.
impl WindowSource for Vec<CorpusWindow> {
    fn n_windows(&self) -> u32 {
        u32::try_from(self.len()).expect("four billion windows fit no memory")
    }

    fn window(&self, index: u32) -> Result<Option<CorpusWindow>, TupleError> {
        Ok(Some(self[index as usize].clone()))
    }
}
