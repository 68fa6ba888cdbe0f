//! The baseline of a benchmark: Carbon's likelihood.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use geno_core::Dtype;
use geno_eval::{BaselineRecipe, RunRecord, StepInputs};
use geno_provenance::Json;
use geno_runtime::{
    BaselineFormat, CarbonBaseline, CarbonModel, CarbonOptions, Completion, Recipe,
};

use super::run::Run;
use crate::{
    clock,
    failure::{Failure, ReadError},
    interrupt, model_args,
    partial_run::beside,
    progress::Bar,
};

#[derive(clap::Args)]
#[command(next_help_heading = "Baseline")]
pub(super) struct CarbonArgs {
    /// Checkpoint of Carbon: a folder, or a GGUF file; in place of the model's encoder
    #[arg(long, visible_alias = "carbon-model-dir", value_name = "DIR")]
    carbon_model: Option<PathBuf>,

    /// What the checkpoint's revision is called in records
    #[arg(long, value_name = "NAME", default_value = "main")]
    carbon_revision: String,

    /// Number format of the baseline's products: fp32, bf16 or fp16
    #[arg(long, value_name = "NAME", default_value_t = Dtype::F32)]
    dtype: Dtype,

    /// How the baseline scores variants [default: that of the benchmark]
    #[arg(long, value_enum, value_name = "NAME")]
    recipe: Option<RecipeName>,

    /// Bases of the baseline's window, or left of a variant [default: 8192, right-end 24000]
    #[arg(long, value_name = "N")]
    window_bp: Option<u64>,

    /// Likelihoods of earlier runs, to which those of this run are added
    #[arg(long, value_name = "FILE")]
    cache: Option<PathBuf>,

    /// Compare to no baseline
    #[arg(long)]
    no_baseline: bool,
}

#[derive(Clone, Copy, ValueEnum)]
enum RecipeName {
    /// Mean log-likelihood of the window around a variant
    Centered,
    /// Probability of the base after what lies left of it; substitutions alone
    RightEnd,
}

impl CarbonArgs {
    fn recipe(&self, run: &Run<'_>) -> Recipe {
        let own = run.prepared.benchmark.baseline.as_ref();
        let own = own.map_or(BaselineRecipe::Centered, |baseline| baseline.recipe);
        let recipe = match (self.recipe, own) {
            (Some(RecipeName::Centered), _) | (None, BaselineRecipe::Centered) => Recipe::CENTERED,
            (Some(RecipeName::RightEnd), _) | (None, BaselineRecipe::RightEnd) => Recipe::RIGHT_END,
        };
        match (recipe, self.window_bp) {
            (Recipe::Centered { delta, .. }, Some(window_bp)) => {
                Recipe::Centered { window_bp, delta }
            }
            (Recipe::RightEnd { .. }, Some(context_bp)) => Recipe::RightEnd { context_bp },
            (recipe, _) => recipe,
        }
    }

    fn name<'a>(run: &Run<'a>) -> &'a str {
        let baseline = run.prepared.benchmark.baseline.as_ref();
        baseline.map_or("carbon_zero_shot", |baseline| &baseline.name)
    }

    /// The name of the baseline and its scores, unless there is none.
    pub(super) fn output<'a>(&self, run: &Run<'a>) -> Option<(&'a str, PathBuf)> {
        let name = Self::name(run);
        let path = run.output.join(format!("{name}.jsonl"));
        (!self.no_baseline).then_some((name, path))
    }

    /// Scores by Carbon, unless that was done or is not wanted.
    pub(super) fn step(
        &self,
        run: &Run<'_>,
        record: &mut RunRecord,
    ) -> Result<Option<bool>, Failure> {
        const STEP: &str = "carbon-baseline";
        let Some((name, output)) = self.output(run) else {
            return Ok(None);
        };
        let recipe = self.recipe(run);
        let settings = run.settings;
        let mut inputs = StepInputs::new(run.inputs().into_iter().chain([
            ("recipe", Json::from(format!("{recipe:?}"))),
            ("dtype", self.dtype.to_string().into()),
            ("revision", self.carbon_revision.as_str().into()),
        ]));
        for file in self.checkpoint()? {
            let name = file.file_name().unwrap_or_default().to_string_lossy();
            inputs = inputs.with_file(&format!("carbon {name}"), Some(&file))?;
        }
        if record.is_done(STEP, &inputs)? {
            return Ok(Some(false));
        }
        let options = CarbonOptions {
            recipe: &recipe,
            revision: &self.carbon_revision,
            dtype: self.dtype,
            domain: None,
        };
        let model = match &self.carbon_model {
            Some(place) => CarbonModel::open(place, options)?,
            None => CarbonModel::of_model(run.model, options)?,
        };
        let rejected = beside(&output, ".rejected.jsonl");
        let request = CarbonBaseline {
            vcf: &run.prepared.variants(),
            fasta: run.fasta,
            recipe: &recipe,
            output: &output,
            format: BaselineFormat::of_path(&output)?,
            rejected: Some(&rejected),
            metadata: None,
            artifact_root: None,
            cache: self.cache.as_deref(),
            timestamp: clock::now()?,
            batch_size: settings.score.batch_size,
            memory_budget: model_args::memory_budget(settings),
            strict: false,
            envelope: None,
            unfinished: run.unfinished,
        };
        let bar = Bar::new(settings.observability.quiet);
        let completion =
            model.score_vcf(&request, |progress| bar.show(progress), interrupt::catch())?;
        bar.finish();
        match completion {
            Completion::Interrupted => Err(Failure::Paused),
            Completion::Finished(_) => {
                record.finish(STEP, &inputs, &[&format!("{name}.jsonl")])?;
                Ok(Some(true))
            }
        }
    }

    /// The files of a checkpoint that was named, by name.
    fn checkpoint(&self) -> Result<Vec<PathBuf>, ReadError> {
        let Some(place) = &self.carbon_model else {
            return Ok(Vec::new());
        };
        let failed = |path: &Path, source: io::Error| ReadError {
            path: path.to_owned(),
            source,
        };
        if place.is_file() {
            return Ok(vec![place.clone()]);
        }
        let entries = fs::read_dir(place).map_err(|source| failed(place, source))?;
        let files: Result<Vec<PathBuf>, io::Error> =
            entries.map(|entry| Ok(entry?.path())).collect();
        let mut files = files.map_err(|source| failed(place, source))?;
        files.retain(|file| file.is_file());
        files.sort();
        Ok(files)
    }
}
