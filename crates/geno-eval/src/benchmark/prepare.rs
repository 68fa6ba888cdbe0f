//! Making variants and labels of the published files of a benchmark.

mod chains;
mod clinvar;
mod codons;
mod collect;
mod consequence;
mod error;
mod found;
mod genes;
mod haplotypes;
mod mapping;
mod phased;
mod select;
mod splice;
mod table;
mod write;

use std::{
    collections::BTreeMap,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_data::{AnnotationSources, Annotator, DEFAULT_UPSTREAM, Fasta, Genes, Progress};

pub use self::error::PrepareBenchmarkError;
use self::{collect::Collector, write::Outputs};
use super::{
    entry::{Assembly, Benchmark},
    rule::Rule,
};

/// What a benchmark is prepared from, and where it goes.
///
/// The variants and the labels depend on the set of rows and on the settings, not on the order of rows: what is left out
/// for a limit is decided by the digest of seed, split and variant.
#[derive(Clone, Copy, Debug)]
pub struct PrepareBenchmark<'a> {
    /// The benchmark.
    pub benchmark: &'a Benchmark,
    /// The build of the sources and the reference.
    pub assembly: Assembly,
    /// Its sources, by name.
    pub sources: &'a BTreeMap<String, PathBuf>,
    /// The reference.
    pub fasta: &'a Path,
    /// Transcripts: GTF, GFF3 or BED.
    pub genes: Option<&'a Path>,
    /// The folder that is made.
    pub output: &'a Path,
    /// What is taken of what is there.
    pub selection: &'a Selection,
}

/// What is taken of a benchmark.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Selection {
    /// Most variants, or haplotypes of a rollout; of classes half of them positive.
    pub max: Option<u64>,
    /// Decides which, where there are more.
    pub seed: u64,
    /// Contigs, under any of their names; all without.
    pub chromosomes: Vec<String>,
    /// Groups of a table, such as elements; all without.
    pub groups: Vec<String>,
}

/// How far preparing is: which file is read, and how much of it.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct PrepareProgress {
    /// How much of the file in hand was read.
    pub file: Progress,
    /// Variants that were found until now.
    pub found: u64,
}

/// What was prepared.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Prepared {
    /// Variants, or haplotypes, that were written.
    pub written: u64,
    /// Rows that were left out, by reason.
    pub skipped: BTreeMap<&'static str, u64>,
    /// In short: classes with their numbers, the range of values, or haplotypes.
    pub labels: String,
    /// Whether the folder was there already, and held the same.
    pub was_there: bool,
}

/// Hears of progress and may break off.
type OnProgress<'a> = &'a mut dyn FnMut(PrepareProgress) -> ControlFlow<()>;

/// A file that something was made from.
#[derive(Clone, Debug, Eq, PartialEq)]
struct ReadFile {
    path: PathBuf,
    digest: Digest,
    size: u64,
}

impl PrepareBenchmark<'_> {
    /// Reads the sources and writes the folder: `variants.vcf`, `labels.jsonl`, `skipped.jsonl` and
    /// `benchmark.json`; nothing if `on_progress` breaks off.
    ///
    /// A folder that holds the very same is left as it is.
    ///
    /// # Errors
    ///
    /// [`PrepareBenchmarkError`].
    pub fn run(
        &self,
        mut on_progress: impl FnMut(PrepareProgress) -> ControlFlow<()>,
    ) -> Result<Option<Prepared>, PrepareBenchmarkError> {
        self.check()?;
        let fasta = Fasta::open(self.fasta)?;
        match &self.benchmark.rule {
            Rule::PhasedHaplotypes(rule) => phased::prepare(self, rule, &fasta, &mut on_progress),
            Rule::EditChains(rule) => chains::prepare(self, rule, &fasta, &mut on_progress),
            rule => self.variants(rule, &fasta, &mut on_progress),
        }
    }

    fn variants(
        &self,
        rule: &Rule,
        fasta: &Fasta,
        on_progress: OnProgress<'_>,
    ) -> Result<Option<Prepared>, PrepareBenchmarkError> {
        let genes = self.genes.map(Genes::open).transpose()?;
        let representatives = genes.as_ref().map(|genes| self.representatives(genes));
        let annotator = match genes {
            None => None,
            Some(genes) => Some(Annotator::new(AnnotationSources {
                fasta: Some(Fasta::open(self.fasta)?.into()),
                genes: Some(genes),
                upstream: DEFAULT_UPSTREAM,
                regions: None,
                repeats: None,
                tandem_repeats: false,
                soft_mask: false,
            })),
        };
        let mut collector = Collector::new(self, fasta, annotator);
        let transcripts = representatives.unwrap_or_default();
        let read = match rule {
            Rule::Table(rule) => table::read(rule, &mut collector, on_progress)?,
            Rule::Clinvar(rule) => clinvar::read(rule, &mut collector, on_progress)?,
            Rule::Mapping(rule) => mapping::read(rule, &mut collector, on_progress)?,
            Rule::SpliceSites(rule) => {
                splice::make(rule, &transcripts, &mut collector, on_progress)?
            }
            Rule::StopCodons(rule) => {
                codons::make(rule, &transcripts, &mut collector, on_progress)?
            }
            Rule::PhasedHaplotypes(_) | Rule::EditChains(_) => {
                unreachable!("rollouts have no labels")
            }
        };
        let Some(sources) = read else {
            return Ok(None);
        };
        let collected = collector.finish()?;
        Outputs::of_variants(self, fasta, sources, &collected)?
            .write(self.output)
            .map(Some)
    }

    fn check(&self) -> Result<(), PrepareBenchmarkError> {
        let id = || self.benchmark.id.clone();
        for name in self.sources.keys() {
            if self.benchmark.source(name).is_none() {
                return Err(PrepareBenchmarkError::UnknownSource {
                    id: id(),
                    name: name.clone(),
                    known: self
                        .benchmark
                        .sources
                        .iter()
                        .map(|one| one.name.clone())
                        .collect(),
                });
            }
        }
        for source in &self.benchmark.sources {
            if !self.sources.contains_key(&source.name) {
                let (id, name) = (id(), source.name.clone());
                let title = source.title.clone();
                return Err(PrepareBenchmarkError::MissingSource { id, name, title });
            }
        }
        if self.benchmark.needs_genes && self.genes.is_none() {
            return Err(PrepareBenchmarkError::MissingGenes { id: id() });
        }
        if !self.benchmark.assemblies.contains(&self.assembly) {
            let assembly = self.assembly;
            return Err(PrepareBenchmarkError::NoSuchAssembly { id: id(), assembly });
        }
        Ok(())
    }

    /// The file of a source.
    fn file(&self, name: &str) -> &Path {
        self.sources.get(name).expect("sources were checked")
    }
}
