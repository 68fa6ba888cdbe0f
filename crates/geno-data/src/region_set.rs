//! Stretches of several contigs, and what one set has that another has not.

use std::{ops::Range, path::Path};

use geno_core::{Coded, ErrorCode};

use crate::{
    Fasta, Region, RegionError,
    holdout::{ReadEntriesError, entry::Entry, read_bed},
};

/// Stretches of the contigs of one genome, sorted and apart from each other.
///
/// # Examples
///
/// ```
/// use geno_data::{Fasta, RegionSet};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("ref.fa");
/// std::fs::write(&path, ">20\nACGTACGT\n>21\nACGT\n")?;
/// let fastas = [Fasta::open(&path)?];
///
/// let [held_out] = &RegionSet::read(&["chr20:3-5", "20:5-6"], &fastas)?[..] else { panic!() };
/// assert_eq!(held_out.stretches().collect::<Vec<_>>(), [(0, 2..6)]);
/// let rest = RegionSet::whole(&fastas[0]).without(held_out);
/// assert_eq!(rest.stretches().collect::<Vec<_>>(), [(0, 0..2), (0, 6..8), (1, 0..4)]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct RegionSet {
    /// Of every contig, in the order of the file.
    contigs: Vec<Vec<Range<u64>>>,
}

/// Why texts name no regions of some genomes.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadRegionsError {
    /// A BED file cannot be read.
    #[error(transparent)]
    Read(#[from] ReadEntriesError),
    /// A text is no region of any of the genomes.
    #[error("cannot use region `{text}`")]
    Region {
        /// The text.
        text: String,
        /// Why.
        source: RegionError,
    },
    /// A BED file names a contig that none of the genomes has.
    #[error("no reference has a contig `{contig}`, which regions name")]
    UnknownContig {
        /// The contig.
        contig: String,
    },
}

impl Coded for ReadRegionsError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read(source) => source.code(),
            Self::Region { source, .. } => source.code(),
            Self::UnknownContig { .. } => ErrorCode::InputUnknownContig,
        }
    }
}

impl RegionSet {
    /// Nothing of a genome.
    pub fn empty(fasta: &Fasta) -> Self {
        let n_contigs = fasta.contigs().len();
        Self {
            contigs: vec![Vec::new(); n_contigs],
        }
    }

    /// All of a genome.
    pub fn whole(fasta: &Fasta) -> Self {
        let contigs = fasta.contigs().iter();
        let stretch = |len: u64| (len > 0).then_some(0..len).into_iter().collect();
        Self {
            contigs: contigs.map(|contig| stretch(contig.len())).collect(),
        }
    }

    /// Reads what texts name on genomes, a set for each genome.
    ///
    /// A text that ends in `.bed`, `.bed.gz` or `.bed.bgz` is a BED file, whose intervals are cut at
    /// the ends of contigs. Any other is a region, as [`Region::parse`] reads it. What several
    /// genomes have is meant in all of them.
    ///
    /// # Errors
    ///
    /// [`ReadRegionsError`], also for a contig that none of the genomes has: a stretch to leave out
    /// would not be left out.
    pub fn read(
        texts: &[impl AsRef<str>],
        fastas: &[Fasta],
    ) -> Result<Vec<Self>, ReadRegionsError> {
        let mut sets: Vec<Self> = fastas.iter().map(Self::empty).collect();
        for text in texts {
            let text = text.as_ref();
            match is_bed(text) {
                true => add_bed(&mut sets, Path::new(text), fastas)?,
                false => add_region(&mut sets, text, fastas)?,
            }
        }
        for contig in sets.iter_mut().flat_map(|set| &mut set.contigs) {
            *contig = merged(std::mem::take(contig));
        }
        Ok(sets)
    }

    /// What this set has and the other has not. Both are of one genome.
    pub fn without(&self, other: &Self) -> Self {
        let contigs = self.contigs.iter().zip(&other.contigs);
        Self {
            contigs: contigs.map(|(own, other)| difference(own, other)).collect(),
        }
    }

    /// The stretches: which of [`Fasta::contigs`], and where on it, 0-based and half-open.
    pub fn stretches(&self) -> impl Iterator<Item = (usize, Range<u64>)> {
        let contigs = self.contigs.iter().enumerate();
        contigs.flat_map(|(i, contig)| contig.iter().map(move |stretch| (i, stretch.clone())))
    }
}

fn is_bed(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    [".bed", ".bed.gz", ".bed.bgz"]
        .iter()
        .any(|end| text.ends_with(end))
}

fn add_bed(sets: &mut [RegionSet], path: &Path, fastas: &[Fasta]) -> Result<(), ReadRegionsError> {
    read_bed(path, |entry| {
        let Entry::Interval { contig, range } = entry else {
            return Ok(());
        };
        let mut is_known = false;
        for (set, fasta) in sets.iter_mut().zip(fastas) {
            if let Some(found) = fasta.resolve(&contig) {
                is_known = true;
                let stretch = range.start..range.end.min(found.len());
                set.contigs[fasta.index_of(found)].push(stretch);
            }
        }
        match is_known {
            true => Ok(()),
            false => Err(ReadRegionsError::UnknownContig { contig }),
        }
    })
}

fn add_region(
    sets: &mut [RegionSet],
    text: &str,
    fastas: &[Fasta],
) -> Result<(), ReadRegionsError> {
    let mut fault = Some(RegionError::UnknownContig);
    for (set, fasta) in sets.iter_mut().zip(fastas) {
        match Region::parse(text, fasta) {
            Ok(region) => {
                set.contigs[region.contig_index()].push(region.bases());
                fault = None;
            }
            Err(RegionError::UnknownContig) => {}
            Err(error) => {
                fault = Some(error);
                break;
            }
        }
    }
    match fault {
        None => Ok(()),
        Some(source) => Err(ReadRegionsError::Region {
            text: text.to_owned(),
            source,
        }),
    }
}

/// Sorts stretches and joins those that touch.
fn merged(mut stretches: Vec<Range<u64>>) -> Vec<Range<u64>> {
    stretches.retain(|stretch| !stretch.is_empty());
    stretches.sort_by_key(|stretch| stretch.start);
    let mut merged: Vec<Range<u64>> = Vec::with_capacity(stretches.len());
    for stretch in stretches {
        match merged.last_mut() {
            Some(last) if stretch.start <= last.end => last.end = last.end.max(stretch.end),
            _ => merged.push(stretch),
        }
    }
    merged
}

/// What one list of sorted stretches has and another has not.
fn difference(own: &[Range<u64>], other: &[Range<u64>]) -> Vec<Range<u64>> {
    let mut left = Vec::new();
    let mut other = other.iter().peekable();
    for stretch in own {
        let mut start = stretch.start;
        while let Some(cut) = other.peek().filter(|cut| cut.start < stretch.end) {
            if start < cut.start {
                left.push(start..cut.start);
            }
            start = start.max(cut.end);
            if cut.end > stretch.end {
                break;
            }
            other.next();
        }
        if start < stretch.end {
            left.push(start..stretch.end);
        }
    }
    left
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn genomes(folder: &Path) -> Vec<Fasta> {
        let files = [
            ("a.fa", ">1\nACGTACGTAC\n>2\nACGT\n"),
            ("b.fa", ">2\nACGTAC\n"),
        ];
        let open = |(name, text): (&str, &str)| {
            let path = folder.join(name);
            std::fs::write(&path, text).unwrap();
            Fasta::open(path).unwrap()
        };
        files.map(open).into()
    }

    #[test]
    fn regions_and_files_of_regions_are_read_on_every_genome_that_has_them() {
        let folder = tempfile::tempdir().unwrap();
        let fastas = genomes(folder.path());
        let bed = folder.path().join("x.bed");
        std::fs::write(&bed, "chr2\t1\t99\n1\t8\t9\n").unwrap();
        let texts = [bed.to_str().unwrap(), "1:3-4", "1:5-5"];
        let sets = RegionSet::read(&texts, &fastas).unwrap();
        let found = |i: usize| sets[i].stretches().collect::<Vec<_>>();
        assert_eq!(found(0), [(0, 2..5), (0, 8..9), (1, 1..4)]);
        assert_eq!(found(1), [(0, 1..6)]);
    }

    #[test]
    fn what_no_genome_has_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let fastas = genomes(folder.path());
        let bed = folder.path().join("x.bed");
        std::fs::write(&bed, "3\t1\t2\n").unwrap();
        let message = |text: &str| RegionSet::read(&[text], &fastas).unwrap_err().to_string();
        assert!(message(bed.to_str().unwrap()).contains("contig `3`"));
        assert_eq!(message("3:1-2"), "cannot use region `3:1-2`");
        // It lies on one genome and not on the other.
        assert_eq!(message("2:1-6"), "cannot use region `2:1-6`");
    }

    fn stretches() -> impl Strategy<Value = Vec<Range<u64>>> {
        let stretch = (0u64..40, 0u64..9).prop_map(|(start, len)| start..start + len);
        prop::collection::vec(stretch, 0..8).prop_map(merged)
    }

    proptest! {
        #[test]
        fn a_difference_has_what_one_has_and_the_other_has_not(
            own in stretches(), other in stretches(),
        ) {
            let has = |list: &[Range<u64>], at: u64| list.iter().any(|s| s.contains(&at));
            let left = difference(&own, &other);
            for at in 0..50 {
                prop_assert_eq!(has(&left, at), has(&own, at) && !has(&other, at), "{}", at);
            }
            prop_assert_eq!(merged(left.clone()), left);
        }
    }
}
