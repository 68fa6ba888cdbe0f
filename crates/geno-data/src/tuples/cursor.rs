//! Where a stream stands.

use serde::{Deserialize, Serialize};

/// The tuple that comes next, so that a stream can begin there: after an interruption, on another
/// machine, with another number of threads.
///
/// Only the block it stands in is drawn again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TupleCursor {
    /// Tells the settings, the windows and the worker of the stream from others.
    pub(crate) stream: u64,
    /// The epoch, from 0.
    pub epoch: u32,
    /// The block of windows in the epoch, from 0.
    pub block: u32,
    /// The tuple in the block, from 0.
    pub tuple: u32,
}
