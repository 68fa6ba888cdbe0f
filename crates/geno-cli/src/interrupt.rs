//! Ctrl-C and SIGTERM, turned into a flag that long work looks at.

use std::{
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
};

use geno_runtime::Completion;

use crate::failure::Failure;

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

/// Whether to go on.
pub(crate) fn flow(interrupted: &AtomicBool) -> ControlFlow<()> {
    match interrupted.load(Ordering::Relaxed) {
        true => ControlFlow::Break(()),
        false => ControlFlow::Continue(()),
    }
}

/// What a run gave, unless it was stopped.
pub(crate) fn finished<T>(completion: Completion<T>) -> Result<T, Failure> {
    match completion {
        Completion::Finished(given) => Ok(given),
        Completion::Interrupted => Err(Failure::Interrupted),
    }
}
