//! A pretraining run, from genomes to an encoder.

use std::{
    fs,
    io::Write,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

use burn::tensor::Device;
use geno_data::{Fasta, RegionSet};
use geno_encoder::CarbonConfig;
use geno_provenance::write_atomic;
use geno_weights::WeightDtype;
use serde_json::json;

use super::{
    batches::TokenBatches,
    corpus::DnaCorpus,
    error::PretrainError,
    held_out::HeldOut,
    history::History,
    outcome::{Finish, Pretrained},
    settings::PretrainSettings,
    state::{self, KIND, State},
    steps::Steps,
    trainer::{FILES, Trainer},
};
use crate::{Checkpoints, EventLog, resolved_config::to_yaml};

/// Pretrains a small language model of DNA.
///
/// A run goes on from the last checkpoint in its folder, and gives the bytes of one that was never
/// stopped: on a CPU to the last bit, on other devices as far as those repeat their sums.
#[derive(Debug)]
pub struct Pretrain<'a> {
    /// The genomes.
    pub fastas: &'a [Fasta],
    /// What to train on of each. What is validated on is left out.
    pub training: &'a [RegionSet],
    /// What to validate on of each.
    pub validation: &'a [RegionSet],
    /// The network.
    pub config: &'a CarbonConfig,
    /// What decides the weights.
    pub settings: &'a PretrainSettings,
    /// Format of the encoder's weights.
    pub dtype: WeightDtype,
    /// Orders of the Markov models that it is compared with.
    pub markov_orders: &'a [usize],
    /// Folder of the run. It is made if it does not exist.
    pub folder: &'a Path,
    /// Steps from one checkpoint to the next; the best have one, too.
    pub checkpoint_every: u64,
    /// Checkpoints to keep beside the best.
    pub keep: usize,
    /// A checkpoint to go on from, in place of the last one in the folder.
    pub resume_from: Option<&'a Path>,
    /// Where to compute.
    pub device: &'a Device,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum PretrainProgress {
    /// Bases are read from the genomes.
    Reading {
        /// So many.
        bases: u64,
    },
    /// Steps are taken.
    Training {
        /// Steps done.
        step: u64,
        /// Steps of the run.
        n_steps: u64,
        /// Bits a base of the last step.
        bits_per_base: f64,
        /// Tokens a second, validations left out.
        tokens_per_second: f64,
    },
    /// The encoder is compared with other models.
    Comparing {
        /// Windows done.
        windows: usize,
        /// Windows there are.
        n_windows: usize,
    },
}

impl Pretrain<'_> {
    /// Runs, or goes on. `None` if `show` breaks off: the folder then holds what the run goes on
    /// from.
    ///
    /// # Errors
    ///
    /// [`PretrainError`]. Checkpoints that were written stay.
    ///
    /// # Panics
    ///
    /// If there are not regions for each genome, no checkpoint is to be kept or ever written, or an
    /// order is above [`MarkovModels::MAX_ORDER`](super::MarkovModels::MAX_ORDER).
    pub fn run(
        &self,
        mut show: impl FnMut(PretrainProgress) -> ControlFlow<()>,
    ) -> Result<Option<Pretrained>, PretrainError> {
        let course = self.settings.course(self.config)?;
        let [training, validation] = self.read(&mut show)?;
        let batch = self.settings.batch();
        let batches = TokenBatches::new(&training, batch, self.settings.seed)?;
        let held_out = HeldOut::new(&validation, batch.window_bp())?;
        let identity = state::identity(&training, &validation, self.config, self.settings);
        let folder = |source| PretrainError::Folder {
            path: self.folder.to_owned(),
            source,
        };
        fs::create_dir_all(self.folder).map_err(folder)?;
        let checkpoints = Checkpoints::open(&self.path("checkpoints"), KIND, self.keep)?;

        let from = match self.resume_from {
            Some(path) => Some(path.to_owned()),
            None => checkpoints.latest()?,
        };
        let mut log = EventLog::open(&self.path("train.log.jsonl"))?;
        let (step, trainer, history) = match from {
            None => {
                let trainer = Trainer::draw(self.config, self.settings, self.device)?;
                log.write("train.start", &json!({"config": &identity}))?;
                (0, trainer, History::default())
            }
            Some(path) => {
                let mut checkpoint = state::read(&path, &identity)?;
                let files = [checkpoint.take(FILES[0])?, checkpoint.take(FILES[1])?];
                let trainer = Trainer::load(self.config, self.settings, files, self.device)?;
                let history = checkpoint.state.history;
                if let Some(best) = history.best {
                    state::keep_best(&checkpoints, &path, best, &identity)?;
                }
                log.write("train.resume", &json!({"step": checkpoint.step}))?;
                (checkpoint.step, trainer, history)
            }
        };
        self.write_config(&identity)?;

        let mut steps = Steps {
            settings: self.settings,
            course,
            checkpoint_every: self.checkpoint_every,
            batches: &batches,
            sample: held_out.spread(self.settings.validation_windows.get()),
            checkpoints: &checkpoints,
            log: &mut log,
            state: State {
                config: identity,
                history,
            },
        };
        if steps.run(step, trainer, &mut show)?.is_break() {
            return Ok(None);
        }
        let state = steps.state;
        let finish = Finish {
            run: self,
            training: &training,
            held_out: &held_out,
            checkpoints: &checkpoints,
            log: &mut log,
        };
        finish.run(&state, &mut show)
    }

    /// A file of the run.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// What to train on, and what to validate on.
    fn read(
        &self,
        show: &mut impl FnMut(PretrainProgress) -> ControlFlow<()>,
    ) -> Result<[DnaCorpus; 2], PretrainError> {
        let sets = self.training.iter().zip(self.validation);
        let training: Vec<_> = sets.map(|(all, without)| all.without(without)).collect();
        // Reading is over soon, and nothing is lost by it.
        let mut show = |bases| {
            let _goes_on = show(PretrainProgress::Reading { bases });
        };
        let validation = DnaCorpus::read(self.fastas, self.validation, &mut show)?;
        let training = DnaCorpus::read(self.fastas, &training, &mut show)?;
        Ok([training, validation])
    }

    fn write_config(&self, identity: &serde_json::Value) -> Result<(), PretrainError> {
        let mut config = identity.clone();
        config["output"] = json!({
            "checkpoint_every": self.checkpoint_every,
            "dtype": format!("{:?}", self.dtype).to_lowercase(),
            "keep": self.keep,
            "markov_orders": self.markov_orders,
        });
        let yaml = to_yaml(&config);
        Ok(write_atomic(&self.path("config.resolved.yaml"), |file| {
            file.write_all(yaml.as_bytes())
        })?)
    }
}
