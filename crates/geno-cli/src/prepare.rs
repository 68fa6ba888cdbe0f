//! What happens between the configuration and the command.

use geno_app::config::Effective;

use crate::failure::{Failure, UsageError};

/// Sets the process up as the configuration says. Called once, before anything starts a thread.
pub(crate) fn prepare(effective: &Effective) -> Result<(), Failure> {
    let settings = effective.settings();
    if let Some(threads) = settings.runtime.threads {
        rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build_global()
            .map_err(|error| UsageError(format!("cannot start threads: {error}")))?;
    }
    Ok(())
}
