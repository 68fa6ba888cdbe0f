//! An example that has no states yet.

use std::sync::Arc;

use geno_core::Window;

use super::super::Example;

/// An example and the window it stands in. Examples of one window share it.
pub(crate) struct Planned {
    pub(crate) example: Example,
    pub(crate) window: Arc<Window>,
}
