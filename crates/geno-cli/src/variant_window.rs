//! Arguments about the reference, and the window of a single variant in it.

use std::path::{Path, PathBuf};

use geno_action::EditSpec;
use geno_core::Window;
use geno_data::{Fasta, RejectReason, check_reference};
use geno_runtime::Runtime;

use crate::failure::{Failure, UsageError};

#[derive(clap::Args)]
pub(crate) struct WindowArgs {
    /// Reference, plain or bgzip; an index is built when there is none
    #[arg(long, value_name = "FASTA")]
    pub(crate) fasta: Option<PathBuf>,

    /// The reference window of the one variant, instead of a FASTA
    #[arg(
        long,
        value_name = "BASES",
        requires = "variant",
        conflicts_with = "fasta"
    )]
    window: Option<String>,

    /// Where that window begins on its contig, 0-based
    #[arg(long, value_name = "BP", default_value_t = 0, requires = "window")]
    window_start_bp: u64,
}

impl WindowArgs {
    /// Checks that there is something to read a window from.
    pub(crate) fn require(&self) -> Result<(), UsageError> {
        match (&self.window, &self.fasta) {
            (None, None) => {
                let message = "`--variant` needs `--fasta` or `--window`".to_owned();
                Err(UsageError(message))
            }
            _ => Ok(()),
        }
    }

    /// The window that was given, or those around a variant.
    pub(crate) fn read(
        &self,
        runtime: &Runtime,
        variant: &EditSpec,
    ) -> Result<Vec<Window>, Failure> {
        self.require()?;
        match (&self.window, &self.fasta) {
            (None, Some(fasta)) => fasta_windows(runtime, fasta, variant),
            (window, _) => {
                let bases = window.as_deref().unwrap_or_default();
                Ok(vec![Window::new(self.window_start_bp, bases.as_bytes())?])
            }
        }
    }
}

fn fasta_windows(
    runtime: &Runtime,
    fasta: &Path,
    variant: &EditSpec,
) -> Result<Vec<Window>, Failure> {
    let fasta = Fasta::open(fasta)?;
    let contig = check_reference(&fasta, variant)?.map_err(RejectReason::Reference)?;
    Ok(runtime.variant_windows(&fasta, contig, variant.pos() - 1)?)
}
