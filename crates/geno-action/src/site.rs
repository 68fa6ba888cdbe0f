//! The unit of work: a window and every edit to be scored in it.

use std::sync::Arc;

use geno_core::Window;

use crate::{ApplyError, RelEdit, apply};

/// One reference window and the edits to be scored in it, each on its own.
///
/// Every edit fits the window and replaces the bases it says. Windows are shared, not copied.
#[derive(Clone, Debug)]
pub struct Site {
    window: Arc<Window>,
    edits: Vec<RelEdit>,
}

impl Site {
    /// Joins a window and its edits.
    ///
    /// # Errors
    ///
    /// [`ApplyError::OutOfWindow`] and [`ApplyError::WindowMismatch`] for the first edit that does
    /// not fit.
    pub fn new(window: Arc<Window>, edits: Vec<RelEdit>) -> Result<Self, ApplyError> {
        for edit in &edits {
            apply::check(window.bases(), edit)?;
        }
        Ok(Self { window, edits })
    }

    /// The reference window.
    pub fn window(&self) -> &Arc<Window> {
        &self.window
    }

    /// The edits, each to be applied to the reference alone.
    pub fn edits(&self) -> &[RelEdit] {
        &self.edits
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_edit_of_other_bases_is_refused() {
        let window = Arc::new(Window::new(0, b"ACGT".as_slice()).unwrap());
        let edit = RelEdit::new(0, "C", "T").unwrap();
        let error = Site::new(window, vec![edit]).unwrap_err();
        assert_eq!(error, ApplyError::WindowMismatch { offset: 0 });
    }
}
