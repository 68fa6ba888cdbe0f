//! How much less likely a Markov model finds a substitution than the reference.

use std::path::Path;

use anyhow::{Context, Result};
use geno_core::Base;
use geno_data::{Fasta, RegionSet};
use geno_training::{DnaCorpus, MarkovModels};

use crate::split::TEST;

/// Bases before a base that it depends on.
const ORDER: usize = 10;

pub(crate) struct Markov {
    models: MarkovModels,
}

impl Markov {
    /// Counts chromosome 20 after the test part, on both strands.
    pub(crate) fn count(fasta: &Path) -> Result<Self> {
        let fastas = [Fasta::open(fasta)?];
        let end = fastas[0].resolve("20").context("no contig `20`")?.len();
        let regions = RegionSet::read(&[format!("20:{}-{end}", TEST.end + 1)], &fastas)?;
        let corpus = DnaCorpus::read(&fastas, &regions, |_| ())?;
        Ok(Self {
            models: MarkovModels::count(&corpus, ORDER, true),
        })
    }

    /// Bits that the bases which a substitution changes, or which depend on it, take more than those of
    /// the reference.
    pub(crate) fn surprise(&self, fasta: &Fasta, pos: u64, alternate: u8) -> Result<f64> {
        let contig = fasta.resolve("20").context("no contig `20`")?;
        let (before, at) = (ORDER as u64, pos - 1);
        let bases = fasta.fetch(contig, at - before, at + before + 1)?;
        let bits = |bases: &[u8]| {
            let known = bases.iter().filter_map(|letter| Base::from_letter(*letter));
            self.models.bits(ORDER, known)
        };
        let mut edited = bases.clone();
        edited[ORDER] = alternate;
        Ok(bits(&edited) - bits(&bases))
    }
}
