//! A small problem to train on.

use std::{
    cell::Cell,
    collections::BTreeMap,
    fs,
    path::Path,
    sync::atomic::{AtomicBool, Ordering},
};

use burn::tensor::Device;
use geno_predictor::{ActionArchitecture, BaseActionConfig, CausalConfig, PredictorArchitecture};
use geno_training::{
    Outcome, Start, TargetSet, TrainError, TrainEvent, TrainPredictor, TrainReport, TrainSettings,
};
use tempfile::TempDir;

use crate::examples::{self, D};

/// Sets to train and validate on, and a folder for runs.
pub(crate) struct Bench {
    pub(crate) folder: TempDir,
    pub(crate) train: TargetSet,
    pub(crate) validation: TargetSet,
    pub(crate) predictor: PredictorArchitecture,
    pub(crate) action: ActionArchitecture,
    pub(crate) more_devices: Vec<Device>,
}

impl Bench {
    pub(crate) fn new(n: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let predictor = CausalConfig {
            d_hidden: 24,
            n_heads: 2,
            ffn_dim: 48,
            n_layers: 2,
            ..CausalConfig::new(D, 12)
        };
        let action = BaseActionConfig {
            d_pos: 4,
            d_hidden: 24,
            ..BaseActionConfig::new(12)
        };
        Self {
            train: examples::set(&folder.path().join("train"), 1, n),
            validation: examples::set(&folder.path().join("validation"), 2, 40),
            predictor: PredictorArchitecture::CausalV2(predictor),
            action: ActionArchitecture::BaseV2(action),
            more_devices: Vec::new(),
            folder,
        }
    }

    pub(crate) fn run(
        &self,
        name: &str,
        settings: &TrainSettings,
        start: Start<'_>,
        until: Option<u64>,
    ) -> (Result<Outcome, TrainError>, Vec<TrainEvent>) {
        let run_dir = self.folder.path().join(name);
        fs::create_dir_all(&run_dir).unwrap();
        let run = TrainPredictor {
            settings,
            predictor: &self.predictor,
            action: &self.action,
            train: &self.train,
            validation: &self.validation,
            test: Some(&self.validation),
            device: &Device::flex(),
            more_devices: &self.more_devices,
            run_dir: &run_dir,
        };
        let (interrupted, mut events) = (AtomicBool::new(false), Vec::new());
        let last = Cell::new(0);
        let outcome = run.run(start, &interrupted, |event| {
            if let TrainEvent::Step(step) = event {
                last.set(step.step);
                if Some(step.step) == until {
                    interrupted.store(true, Ordering::Relaxed);
                }
            }
            events.push(event.clone());
        });
        (outcome, events)
    }

    pub(crate) fn finish(&self, name: &str, settings: &TrainSettings) -> TrainReport {
        match self.run(name, settings, Start::New, None).0.unwrap() {
            Outcome::Finished(report) => *report,
            Outcome::Interrupted { step } => panic!("interrupted at step {step}"),
        }
    }

    pub(crate) fn checkpoints(&self, name: &str) -> BTreeMap<String, Vec<u8>> {
        let mut files = BTreeMap::new();
        collect(
            &self.folder.path().join(name).join("checkpoints"),
            "",
            &mut files,
        );
        files
    }
}

fn collect(folder: &Path, prefix: &str, files: &mut BTreeMap<String, Vec<u8>>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = format!("{prefix}{}", path.file_name().unwrap().display());
        match path.is_dir() {
            true => collect(&path, &format!("{name}/"), files),
            false => _ = files.insert(name, fs::read(path).unwrap()),
        }
    }
}

pub(crate) fn settings(n_steps: u64) -> TrainSettings {
    TrainSettings {
        n_steps,
        batch_edits: 64,
        lr: 3e-3,
        warmup: 5,
        validate_every: 10,
        checkpoint_every: 7,
        log_every: 1,
        collapse_every: 10,
        ..TrainSettings::default()
    }
}

/// Step, loss and norm of the gradient.
pub(crate) fn steps(events: &[TrainEvent]) -> Vec<(u64, f64, f64)> {
    let step = |event: &TrainEvent| match event {
        TrainEvent::Step(step) => Some((step.step, step.loss, step.grad_norm)),
        _ => None,
    };
    events.iter().filter_map(step).collect()
}
