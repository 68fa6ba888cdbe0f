//! The known bases of some regions of some genomes.

use std::ops::Range;

use geno_core::{Base, Coded, Digest, DigestHasher, ErrorCode};
use geno_data::{Fasta, FetchError, RegionSet};

use super::packed_bases::PackedBases;

/// Bases that are read from a FASTA at a time.
const CHUNK: u64 = 1 << 20;

/// The known bases of some regions of some genomes, in a quarter of a byte each.
///
/// It is a list of runs: stretches without an unknown base, as long as they can be. A window of it
/// lies in one run.
#[derive(Clone, Debug)]
pub struct DnaCorpus {
    bases: PackedBases,
    /// Where each run ends in `bases`, and the next begins.
    run_ends: Vec<u64>,
    digest: Digest,
}

/// Why regions give no corpus.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DnaCorpusError {
    /// A genome cannot be read.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// No window fits into any run.
    #[error("{what} hold no {window_bp} bases in a row without an unknown one")]
    NoWindow {
        /// Which regions.
        what: &'static str,
        /// Length of a window, in bases.
        window_bp: u64,
    },
}

impl Coded for DnaCorpusError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Fetch(source) => source.code(),
            Self::NoWindow { .. } => ErrorCode::InputEmpty,
        }
    }
}

impl DnaCorpus {
    /// Reads the regions of each genome, a set for each. `read` is told the bases read so far.
    ///
    /// # Errors
    ///
    /// [`FetchError`].
    ///
    /// # Panics
    ///
    /// If there is not a set for each genome.
    pub fn read(
        fastas: &[Fasta],
        regions: &[RegionSet],
        mut read: impl FnMut(u64),
    ) -> Result<Self, FetchError> {
        assert_eq!(fastas.len(), regions.len(), "a set for each genome");
        let mut draft = Draft::default();
        let mut n_read = 0;
        for (fasta, regions) in fastas.iter().zip(regions) {
            for (contig, stretch) in regions.stretches() {
                let contig = &fasta.contigs()[contig];
                let mut start = stretch.start;
                while start < stretch.end {
                    let end = stretch.end.min(start + CHUNK);
                    for (letter, at) in fasta.fetch(contig, start, end)?.into_iter().zip(start..) {
                        match Base::from_letter(letter.to_ascii_uppercase()) {
                            Some(base) => draft.push(base, contig.name(), at),
                            None => draft.end_run(),
                        }
                    }
                    n_read += end - start;
                    read(n_read);
                    start = end;
                }
                draft.end_run();
            }
        }
        Ok(draft.finish())
    }

    /// The number of bases.
    pub fn n_bases(&self) -> u64 {
        self.bases.len()
    }

    /// SHA-256 over every run: its contig, its first base from 1, and its bases in upper case.
    pub fn digest(&self) -> Digest {
        self.digest
    }

    /// The runs, as stretches of the corpus.
    pub fn runs(&self) -> impl Iterator<Item = Range<u64>> {
        let starts = [0].into_iter().chain(self.run_ends.iter().copied());
        starts.zip(&self.run_ends).map(|(start, end)| start..*end)
    }

    /// Windows one after the other, from the first base of every run on; what is left at its end
    /// is in none.
    pub fn tiles(&self, window_bp: u64) -> impl Iterator<Item = Range<u64>> {
        self.runs().flat_map(move |run| {
            let n_windows = (run.end - run.start) / window_bp;
            (0..n_windows).map(move |i| {
                let start = run.start + i * window_bp;
                start..start + window_bp
            })
        })
    }

    /// The bases of a stretch, from either end.
    ///
    /// # Panics
    ///
    /// If it reaches past the corpus.
    pub fn bases(&self, range: Range<u64>) -> impl DoubleEndedIterator<Item = Base> {
        self.bases.bases(range)
    }
}

/// A corpus that is being read.
#[derive(Default)]
struct Draft {
    bases: PackedBases,
    run_ends: Vec<u64>,
    hasher: DigestHasher,
    is_in_run: bool,
    letters: Vec<u8>,
}

impl Draft {
    fn push(&mut self, base: Base, contig: &str, at: u64) {
        if !self.is_in_run {
            self.is_in_run = true;
            self.hasher
                .update(format!(">{contig}:{}\n", at + 1).as_bytes());
        }
        self.bases.push(base);
        self.letters.push(base.letter());
        if self.letters.len() as u64 == CHUNK {
            self.hash_letters();
        }
    }

    fn end_run(&mut self) {
        if self.is_in_run {
            self.is_in_run = false;
            self.letters.push(b'\n');
            self.hash_letters();
            self.run_ends.push(self.bases.len());
        }
    }

    fn hash_letters(&mut self) {
        self.hasher.update(&self.letters);
        self.letters.clear();
    }

    fn finish(self) -> DnaCorpus {
        DnaCorpus {
            bases: self.bases,
            run_ends: self.run_ends,
            digest: self.hasher.finish(),
        }
    }
}

#[cfg(test)]
impl DnaCorpus {
    /// The whole of a genome, given as the text of a FASTA file.
    pub(super) fn of_text(text: &str) -> Self {
        Self::of_genome(text, |genome| vec![RegionSet::whole(genome)])
    }

    /// Regions of such a genome.
    pub(super) fn of_regions(text: &str, regions: &[&str]) -> Self {
        Self::of_genome(text, |genome| {
            RegionSet::read(regions, std::slice::from_ref(genome)).unwrap()
        })
    }

    fn of_genome(text: &str, regions: impl Fn(&Fasta) -> Vec<RegionSet>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.fa");
        std::fs::write(&path, text).unwrap();
        let genomes = [Fasta::open(&path).unwrap()];
        Self::read(&genomes, &regions(&genomes[0]), |_| {}).unwrap()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_end_at_unknown_bases_and_at_the_ends_of_regions() {
        let text = ">1\nACGTNacgtacgt\n>2\nGGGG\n";
        let corpus = DnaCorpus::of_regions(text, &["1:2-9", "1:11-13", "2"]);
        assert_eq!(
            corpus.runs().collect::<Vec<_>>(),
            [0..3, 3..7, 7..10, 10..14]
        );
        let letters: Vec<u8> = corpus.bases(0..14).map(Base::letter).collect();
        assert_eq!(letters, b"CGTACGTCGTGGGG");
        let tiles: Vec<_> = corpus.tiles(2).collect();
        assert_eq!(tiles, [0..2, 3..5, 5..7, 7..9, 10..12, 12..14]);
        let expected = b">1:2\nCGT\n>1:6\nACGT\n>1:11\nCGT\n>2:1\nGGGG\n";
        assert_eq!(corpus.digest(), Digest::of(expected));
    }

    #[test]
    fn a_base_more_or_less_is_another_corpus() {
        let digest = |text, region| DnaCorpus::of_regions(text, &[region]).digest();
        let first = digest(">1\nACGTACGT\n", "1:1-6");
        assert_ne!(first, digest(">1\nACGTACGT\n", "1:1-5"));
        assert_ne!(first, digest(">1\nACGTTCGT\n", "1:1-6"));
    }
}
