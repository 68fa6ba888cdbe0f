//! The contigs of the VCF, in the order of its rows.

use std::collections::HashMap;

use super::chromosome::{Chromosome, N_RANKS, Placement};
use crate::Fasta;

/// Names of contigs in the order of the VCF.
pub(crate) struct Contigs {
    /// Each with its length, where the reference tells it.
    names: Vec<(String, Option<u64>)>,
    by_name: HashMap<String, u32>,
    /// The contig of each chromosome, by its rank.
    by_rank: [Option<u32>; N_RANKS],
}

impl Contigs {
    /// Those of a reference, under its names and in its order.
    pub(crate) fn of_fasta(fasta: &Fasta) -> Self {
        let names = fasta.contigs().iter();
        let names = names.map(|contig| (contig.name().to_owned(), Some(contig.len())));
        let mut contigs = Self::new(names.collect());
        for (i, contig) in (0..).zip(fasta.contigs()) {
            if let Some(Placement::On(chromosome)) = Chromosome::parse(contig.name()) {
                contigs.by_rank[chromosome.rank()].get_or_insert(i);
            }
        }
        contigs
    }

    /// The human chromosomes, 1 to 22, X, Y and MT, without lengths.
    pub(crate) fn human() -> Self {
        let names = Chromosome::all().map(|chromosome| (chromosome.to_string(), None));
        let mut contigs = Self::new(names.collect());
        for (i, chromosome) in (0..).zip(Chromosome::all()) {
            contigs.by_rank[chromosome.rank()] = Some(i);
        }
        contigs
    }

    fn new(names: Vec<(String, Option<u64>)>) -> Self {
        let numbered = (0..).zip(&names);
        Self {
            by_name: numbered.map(|(i, (name, _))| (name.clone(), i)).collect(),
            names,
            by_rank: [None; N_RANKS],
        }
    }

    /// Their names and lengths.
    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, Option<u64>)> {
        self.names.iter().map(|(name, len)| (&name[..], *len))
    }

    /// The name of one of them.
    pub(crate) fn name(&self, i: u32) -> &str {
        &self.names[i as usize].0
    }

    /// The place of a chromosome's contig, if there is one.
    pub(crate) fn of(&self, chromosome: Chromosome) -> Option<u32> {
        self.by_rank[chromosome.rank()]
    }

    /// The place of a contig by any of its names. Without a reference a new one comes behind the
    /// others, as far as there is room.
    pub(crate) fn find(&mut self, name: &str, fasta: Option<&Fasta>) -> Option<u32> {
        match Chromosome::parse(name) {
            Some(Placement::On(chromosome)) => return self.of(chromosome),
            Some(Placement::Pseudoautosomal) => return self.of(Chromosome::X),
            Some(Placement::Unplaced) => return None,
            None => {}
        }
        if let Some(&i) = self.by_name.get(name) {
            return Some(i);
        }
        if let Some(fasta) = fasta {
            return self.by_name.get(fasta.resolve(name)?.name()).copied();
        }
        let is_plain = name
            .bytes()
            .all(|byte| byte.is_ascii_graphic() && byte != b',');
        let i = u32::try_from(self.names.len()).ok()?;
        if i >= MAX_CONTIGS || name.is_empty() || !is_plain {
            return None;
        }
        self.names.push((name.to_owned(), None));
        self.by_name.insert(name.to_owned(), i);
        Some(i)
    }
}

/// Most contigs of a file without a reference.
const MAX_CONTIGS: u32 = 1 << 16;
