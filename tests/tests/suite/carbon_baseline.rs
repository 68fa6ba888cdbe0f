//! Zero-shot scores by Carbon's likelihood, from a VCF to files.

mod cache;
mod goldens;
mod hostile;
mod resume;

use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::Dtype;
use geno_encoder::TokenDomain;
use geno_provenance::{Json, Timestamp};
use geno_runtime::{
    BaselineFormat, BaselineSummary, CarbonBaseline, CarbonBaselineError, CarbonModel,
    CarbonOptions, Completion, LikelihoodDelta, LikelihoodLevel, MemoryBudget, Phases, Recipe,
    Strands, Unfinished,
};
use geno_tests::fixture;

fn centered(window_bp: u64, level: LikelihoodLevel, strands: Strands) -> Recipe {
    let phases = Phases::ONE;
    Recipe::Centered {
        window_bp,
        delta: LikelihoodDelta {
            level,
            strands,
            phases,
        },
    }
}

/// A recipe that is quick with the small encoder of the demo.
fn quick() -> Recipe {
    centered(120, LikelihoodLevel::Base, Strands::Both)
}

fn load(place: &Path, recipe: &Recipe, domain: Option<TokenDomain>) -> CarbonModel {
    let options = CarbonOptions {
        recipe,
        revision: "main",
        dtype: Dtype::F32,
        domain,
    };
    CarbonModel::open(place, options).unwrap()
}

/// The encoder of the demo.
fn demo(recipe: &Recipe) -> CarbonModel {
    load(&fixture("demo/model/encoder"), recipe, None)
}

/// A run whose files lie in one folder.
struct Run<'a> {
    folder: &'a Path,
    name: &'a str,
    fasta: PathBuf,
    recipe: Recipe,
    cache: Option<PathBuf>,
    batch_size: usize,
    memory_budget: MemoryBudget,
    strict: bool,
    unfinished: Unfinished,
}

impl<'a> Run<'a> {
    /// Scores `in.vcf` of the folder on its `ref.fa`.
    fn new(folder: &'a Path, name: &'a str, recipe: Recipe) -> Self {
        Self {
            folder,
            name,
            fasta: folder.join("ref.fa"),
            recipe,
            cache: None,
            batch_size: 3,
            memory_budget: MemoryBudget::default(),
            strict: false,
            unfinished: Unfinished::Resume,
        }
    }

    fn file(&self, ending: &str) -> PathBuf {
        self.folder.join(format!("{}{ending}", self.name))
    }

    /// Scores until `n_batches` batches are done.
    fn score(
        &self,
        model: &CarbonModel,
        n_batches: usize,
    ) -> Result<Completion<BaselineSummary>, CarbonBaselineError> {
        let (vcf, output) = (self.folder.join("in.vcf"), self.file(""));
        let (rejected, metadata) = (self.file(".rejected"), self.file(".metadata"));
        let request = CarbonBaseline {
            vcf: &vcf,
            fasta: &self.fasta,
            recipe: &self.recipe,
            output: &output,
            format: BaselineFormat::of_path(&output).unwrap(),
            rejected: Some(&rejected),
            metadata: Some(&metadata),
            artifact_root: Some(self.folder),
            cache: self.cache.as_deref(),
            timestamp: Timestamp::from_unix_seconds(1_767_225_600).unwrap(),
            batch_size: self.batch_size,
            memory_budget: self.memory_budget,
            strict: self.strict,
            envelope: None,
            unfinished: self.unfinished,
        };
        let stop = AtomicBool::new(n_batches == 0);
        let mut n_done = 0;
        let on_progress = |_| {
            n_done += 1;
            stop.store(n_done >= n_batches, Ordering::Relaxed);
        };
        model.score_vcf(&request, on_progress, &stop)
    }

    fn finish(&self, model: &CarbonModel) -> BaselineSummary {
        match self.score(model, usize::MAX).unwrap() {
            Completion::Finished(summary) => summary,
            Completion::Interrupted => panic!("nobody stopped the run"),
        }
    }

    fn rows(&self) -> Vec<Json> {
        json_lines(&fs::read(self.file("")).unwrap())
    }

    /// The bytes of scores, rejected rows and the summary.
    fn bytes(&self) -> [Option<Vec<u8>>; 3] {
        ["", ".rejected", ".metadata"].map(|ending| fs::read(self.file(ending)).ok())
    }
}

fn json_lines(bytes: &[u8]) -> Vec<Json> {
    let lines = bytes.split(|byte| *byte == b'\n');
    let lines = lines.filter(|line| !line.is_empty());
    lines.map(|line| Json::parse(line).unwrap()).collect()
}

fn number(row: &Json, name: &str) -> f64 {
    let number = row.get(name).and_then(Json::as_f64);
    number.unwrap_or_else(|| panic!("no number `{name}`"))
}

fn text<'r>(row: &'r Json, name: &str) -> &'r str {
    let text = row.get(name).and_then(Json::as_str);
    text.unwrap_or_else(|| panic!("no text `{name}`"))
}

/// A folder with a contig of 900 bases without a pattern, and a VCF with good and bad rows.
fn small_inputs() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let mut state = 1u32;
    let mut base = || {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        char::from(b"ACGT"[(state >> 30) as usize])
    };
    let bases: String = (0..900).map(|_| base()).collect();
    fs::write(folder.path().join("ref.fa"), format!(">chr1\n{bases}\n")).unwrap();
    let mut vcf = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n".to_owned();
    for pos in (1..=900).step_by(31) {
        let reference = &bases[pos - 1..pos];
        let others: Vec<_> = ["A", "C", "G", "T"]
            .into_iter()
            .filter(|base| *base != reference)
            .collect();
        vcf += &format!("1\t{pos}\t.\t{reference}\t{},*\n", others.join(","));
        vcf += &format!("1\t{pos}\t.\t{reference}\t{reference}AC\n2\t9\t.\tA\tC\n");
        if pos + 4 <= 900 {
            vcf += &format!("1\t{pos}\t.\t{}\t{reference}\n", &bases[pos - 1..pos + 3]);
        }
    }
    fs::write(folder.path().join("in.vcf"), vcf).unwrap();
    folder
}
