//! Benchmarks from small files in the layouts of the published ones.

mod hostile;
mod layouts;
mod made;
mod rollouts;
mod selection;

use std::{
    collections::BTreeMap,
    fs,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use geno_eval::{Assembly, PrepareBenchmark, PrepareBenchmarkError, Prepared, Registry, Selection};
use geno_provenance::Json;
use tempfile::TempDir;

/// Chromosome 13 and 20 of a made-up genome; the comments count positions.
const FASTA: &str = "\
>13
ACGTACGTAAGGCCTTACGTGGGATCCATTTCAGACGTACGGTTAACCGGTTAACGTACG
>20
TTTTTGGGGGCCCCCAAAAATTTTTGGGGGCCCCCAAAAA
";

/// A folder with a reference, and benchmarks in it.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    assembly: Assembly,
}

impl Bench {
    pub(crate) fn new(assembly: Assembly) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ref.fa"), FASTA).unwrap();
        Self { folder, assembly }
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        fs::write(self.path(name), bytes).unwrap();
    }

    pub(crate) fn prepare(
        &self,
        id: &str,
        sources: &[(&str, &str)],
        output: &str,
    ) -> Result<Prepared, PrepareBenchmarkError> {
        self.prepare_some(id, sources, None, output, &Selection::default())
    }

    pub(crate) fn prepare_some(
        &self,
        id: &str,
        sources: &[(&str, &str)],
        genes: Option<&Path>,
        output: &str,
        selection: &Selection,
    ) -> Result<Prepared, PrepareBenchmarkError> {
        let sources = sources.iter();
        let sources: BTreeMap<String, PathBuf> = sources
            .map(|(name, file)| ((*name).to_owned(), self.path(file)))
            .collect();
        let prepared = PrepareBenchmark {
            benchmark: Registry::built_in().find(id).unwrap(),
            assembly: self.assembly,
            sources: &sources,
            fasta: &self.path("ref.fa"),
            genes,
            output: &self.path(output),
            selection,
        }
        .run(|_| ControlFlow::Continue(()))?;
        Ok(prepared.expect("nothing breaks off"))
    }

    pub(crate) fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// The variants, as `CHROM POS REF ALT`.
    pub(crate) fn variants(&self, output: &str) -> Vec<String> {
        let text = self.text(&format!("{output}/variants.vcf"));
        let rows = text.lines().filter(|line| !line.starts_with('#'));
        let row = |row: &str| {
            let cells: Vec<&str> = row.split('\t').collect();
            [cells[0], cells[1], cells[3], cells[4]].join(" ")
        };
        rows.map(row).collect()
    }

    pub(crate) fn labels(&self, output: &str) -> Vec<Json> {
        let text = self.text(&format!("{output}/labels.jsonl"));
        let rows = text.lines();
        rows.map(|row| Json::parse(row.as_bytes()).unwrap())
            .collect()
    }

    pub(crate) fn values(&self, output: &str, field: &str) -> Vec<f64> {
        let labels = self.labels(output);
        let value = |row: &Json| row.get(field).unwrap().as_f64().unwrap();
        labels.iter().map(value).collect()
    }
}

/// The message of an error and of its causes.
pub(crate) fn said(error: &dyn std::error::Error) -> String {
    let mut said = error.to_string();
    let mut source = error.source();
    while let Some(error) = source {
        said += &format!(": {error}");
        source = error.source();
    }
    said
}
