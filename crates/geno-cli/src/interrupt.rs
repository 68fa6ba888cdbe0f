//! Ctrl-C and SIGTERM, turned into a flag that long work looks at.

use std::sync::atomic::{AtomicBool, Ordering};

static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// Catches signals from now on. The second one ends the process at once.
pub(crate) fn catch() -> &'static AtomicBool {
    // A handler that is already there was set by an earlier call.
    let _already_set = ctrlc::set_handler(|| {
        if INTERRUPTED.swap(true, Ordering::Relaxed) {
            std::process::exit(130);
        }
    });
    &INTERRUPTED
}
