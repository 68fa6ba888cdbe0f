//! Directions of reading on the command line.

use clap::ValueEnum;
use geno_runtime::Strands;

/// In which directions a window is read.
#[derive(Clone, Copy, ValueEnum)]
pub(crate) enum StrandsName {
    /// As the reference has it
    Forward,
    /// That way and as its reverse complement, averaged
    Both,
}

impl From<StrandsName> for Strands {
    fn from(name: StrandsName) -> Self {
        match name {
            StrandsName::Forward => Self::Forward,
            StrandsName::Both => Self::Both,
        }
    }
}
