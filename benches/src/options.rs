//! The command line.

use std::{path::PathBuf, str::FromStr};

use anyhow::{Context, Result, bail, ensure};
use geno_core::{Dtype, Layout, StateContract};
use geno_runtime::{Backend, BackendChoice};

use crate::{random_model::RandomModel, shape::Shape};

/// What was asked for.
pub(crate) struct Options {
    /// Benchmarks to run; none means all.
    pub(crate) names: Vec<String>,
    pub(crate) model: ModelSource,
    pub(crate) backend: BackendChoice,
    /// Timings of the Python package.
    pub(crate) peers: Vec<PathBuf>,
    /// A Python that has PyTorch, to compare training with.
    pub(crate) torch: Option<PathBuf>,
    /// Repeats of what has no number of its own.
    pub(crate) repeats: usize,
    pub(crate) threads: Option<usize>,
    /// Edits that are hidden from the planner.
    pub(crate) hidden: usize,
}

/// Edits that `plan-recovery` hides if nothing else is said.
const HIDDEN: usize = 4;

/// The model that is measured.
pub(crate) enum ModelSource {
    /// One of a published shape, with random weights.
    Random(RandomModel),
    /// Files that are there, and what to score with them.
    Files {
        model: PathBuf,
        fasta: PathBuf,
        vcf: PathBuf,
    },
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    ///
    /// If a flag is unknown, lacks its value or has one that means nothing, if a name is no
    /// benchmark, or if flags do not go together.
    pub(crate) fn parse(
        arguments: impl IntoIterator<Item = String>,
        benchmarks: &[&str],
    ) -> Result<Self> {
        let mut arguments = arguments.into_iter();
        let (mut names, mut peers) = (Vec::new(), Vec::new());
        let (mut shape, mut contract, mut layout) = (None, None, None);
        let (mut dtype, mut predictor_dtype) = (None, None);
        let (mut model, mut fasta, mut vcf) = (None, None, None);
        let (mut backend, mut repeats, mut threads) = (BackendChoice::Auto, None, None);
        let (mut hidden, mut torch) = (HIDDEN, None);
        while let Some(argument) = arguments.next() {
            if !argument.starts_with("--") {
                ensure!(
                    benchmarks.contains(&argument.as_str()),
                    "no benchmark `{argument}`, there are {}",
                    benchmarks.join(", ")
                );
                names.push(argument);
                continue;
            }
            let value = arguments
                .next()
                .with_context(|| format!("`{argument}` needs a value"))?;
            match argument.as_str() {
                "--shape" => shape = Some(parsed(&argument, &value)?),
                "--dtype" => dtype = Some(parsed(&argument, &value)?),
                "--predictor-dtype" => predictor_dtype = Some(parsed(&argument, &value)?),
                "--contract" => contract = Some(parsed(&argument, &value)?),
                "--layout" => layout = Some(parsed(&argument, &value)?),
                // A build of the same backend, with kernels in SPIR-V.
                "--backend" if value == "vulkan" => backend = BackendChoice::Only(Backend::Wgpu),
                "--backend" => backend = parsed(&argument, &value)?,
                "--model-dir" => model = Some(PathBuf::from(value)),
                "--fasta" => fasta = Some(PathBuf::from(value)),
                "--vcf" => vcf = Some(PathBuf::from(value)),
                "--peer" => peers.push(PathBuf::from(value)),
                "--torch" => torch = Some(PathBuf::from(value)),
                "--repeats" => repeats = Some(at_least_one(&argument, &value)?),
                "--hidden" => hidden = at_least_one(&argument, &value)?,
                "--threads" => threads = Some(at_least_one(&argument, &value)?),
                _ => bail!("unknown flag `{argument}`"),
            }
        }

        let model = match (model, fasta, vcf) {
            (None, None, None) => ModelSource::Random(RandomModel {
                shape: shape.unwrap_or(Shape::Nano),
                dtype: dtype.unwrap_or(Dtype::F32),
                predictor_dtype: predictor_dtype.unwrap_or(Dtype::F32),
                contract: contract.unwrap_or(StateContract::L2NormalizedV2),
                layout: layout.unwrap_or(Layout::Centered),
            }),
            (Some(model), Some(fasta), Some(vcf)) => {
                ensure!(
                    (shape, dtype, predictor_dtype) == (None, None, None)
                        && (contract, layout) == (None, None),
                    "a model directory has its own shape, dtypes, contract and layout"
                );
                ModelSource::Files { model, fasta, vcf }
            }
            _ => bail!("`--model-dir`, `--fasta` and `--vcf` go together"),
        };
        Ok(Self {
            names,
            model,
            backend,
            peers,
            torch,
            repeats: repeats.unwrap_or(match shape {
                Some(Shape::Carbon500M) => 3,
                _ => 5,
            }),
            threads,
            hidden,
        })
    }

    /// Whether to run a benchmark.
    pub(crate) fn wants(&self, name: &str) -> bool {
        self.names.is_empty() || self.names.iter().any(|wanted| wanted == name)
    }
}

fn parsed<T: FromStr>(flag: &str, value: &str) -> Result<T>
where
    T::Err: std::error::Error + Send + Sync + 'static,
{
    value.parse().with_context(|| format!("`{flag}`"))
}

fn at_least_one(flag: &str, value: &str) -> Result<usize> {
    let number = parsed(flag, value)?;
    ensure!(number > 0, "`{flag}` must be at least 1");
    Ok(number)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BENCHMARKS: &[&str] = &["load-model", "score-vcf"];

    fn parse(arguments: &str) -> Result<Options> {
        Options::parse(arguments.split_whitespace().map(str::to_owned), BENCHMARKS)
    }

    fn refusal(arguments: &str) -> String {
        format!("{:#}", parse(arguments).err().expect("a refusal"))
    }

    #[test]
    fn no_arguments_run_everything_at_the_small_shape() {
        let options = parse("").unwrap();
        assert!(BENCHMARKS.iter().all(|name| options.wants(name)));
        assert!(matches!(
            options.model,
            ModelSource::Random(RandomModel {
                shape: Shape::Nano,
                dtype: Dtype::F32,
                predictor_dtype: Dtype::F32,
                contract: StateContract::L2NormalizedV2,
                layout: Layout::Centered,
            })
        ));
    }

    #[test]
    fn names_choose_and_flags_decide() {
        let options =
            parse("score-vcf --shape 500m --dtype bf16 --threads 2 --peer a.json --peer b.json")
                .unwrap();
        assert_eq!(
            (options.hidden, parse("--hidden 9").unwrap().hidden),
            (HIDDEN, 9)
        );
        assert!(options.wants("score-vcf") && !options.wants("load-model"));
        assert_eq!((options.threads, options.repeats), (Some(2), 3));
        assert_eq!(options.peers.len(), 2);
        let vulkan = parse("--backend vulkan").unwrap().backend;
        assert_eq!(vulkan, BackendChoice::Only(Backend::Wgpu));
        assert!(matches!(
            options.model,
            ModelSource::Random(RandomModel {
                shape: Shape::Carbon500M,
                dtype: Dtype::Bf16,
                ..
            })
        ));
    }

    #[test]
    fn what_means_nothing_is_refused_by_name() {
        assert_eq!(
            refusal("score-vfc"),
            "no benchmark `score-vfc`, there are load-model, score-vcf"
        );
        assert_eq!(refusal("--fast yes"), "unknown flag `--fast`");
        assert_eq!(refusal("--threads"), "`--threads` needs a value");
        assert_eq!(refusal("--threads 0"), "`--threads` must be at least 1");
        assert!(refusal("--dtype fp8").starts_with("`--dtype`: unknown dtype `fp8`"));
        assert!(refusal("--shape 3b").starts_with("`--shape`: unknown shape `3b`"));
        assert!(refusal("--model-dir m --vcf v").contains("go together"));
        let own = refusal("--model-dir m --vcf v --fasta f --dtype fp32");
        assert!(own.contains("its own"), "{own}");
    }
}
