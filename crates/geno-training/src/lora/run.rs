//! A training run that adapts the encoder, too.

use std::sync::atomic::AtomicBool;

use geno_core::Dtype;
use geno_data::Fasta;
use geno_encoder::{CarbonConfig, CarbonEncoder, LoadError, StateSettings};
use geno_runtime::MappedEncoder;

use super::{LoraError, LoraSettings, encode::encode, task::Adapted, windows::with_windows};
use crate::{
    Outcome, Start, StatesIdentity, TrainEvent, TrainPredictor,
    targets::TargetSet,
    trainer::{TrainError, read},
};

/// How far from its stored state an example may lie that is encoded again, in lengths of that state:
/// far above what another kernel changes, far below what one base does.
const MAX_DISTANCE: f64 = 1e-3;

/// A run of the trainer in which adapters of the encoder are trained with the predictor and the action
/// encoder.
///
/// Every step cuts the windows of its examples from the genome, and encodes them with and without
/// their edits by the adapted encoder, under the contract and at the loci of the stored states. Gradients
/// of the loss reach the adapters through both states. The regulariser must be on; beside predicted
/// changes it holds the encoder's, in the size that those of the stored states have.
///
/// Validations measure the adapted encoder's states, and the mean changes that they are compared with
/// are taken anew from those to train on. In the end the run folder holds, beside what
/// [`TrainPredictor`] leaves, the best adapters in `adapter` and the encoder with these merged in
/// `encoder`.
///
/// # Cost
///
/// Memory holds what backpropagation keeps of every window of a step's part (`accumulate` makes more
/// parts of it). A validation encodes all examples to train on.
pub struct TrainAdapted<'a> {
    /// The run: sets, networks, settings.
    pub run: TrainPredictor<'a>,
    /// The adapters.
    pub lora: &'a LoraSettings,
    /// The encoder that made the states of the sets, in `f32`.
    pub encoder: &'a MappedEncoder,
    /// The genome that their examples lie on.
    pub fasta: &'a Fasta,
}

impl TrainAdapted<'_> {
    /// Trains, and tells `on_event` what happens.
    ///
    /// # Errors
    ///
    /// [`TrainError`]; checkpoints that were written stay. [`TrainError::Lora`] for a regulariser that
    /// is off, settings that do not fit the encoder, and an encoder or a genome that are not those of
    /// the states.
    pub fn run(
        &self,
        start: Start<'_>,
        interrupted: &AtomicBool,
        on_event: impl FnMut(&TrainEvent),
    ) -> Result<Outcome, TrainError> {
        self.run.check()?;
        let adapted = self.prepare()?;
        self.run.drive(&adapted, start, interrupted, on_event)
    }

    fn prepare(&self) -> Result<Adapted<'_>, TrainError> {
        let regularizer = self.run.settings.objective.regularizer;
        if regularizer.is_none_or(|regularizer| regularizer.gamma == 0.) {
            return Err(LoraError::NoRegularizer.into());
        }
        let states = self.run.train.identity();
        let encoder = self.encoder(states)?;
        self.lora
            .blocks(encoder.config(), states.state_layer)
            .map_err(LoraError::from)?;
        let sets = [
            Some(self.run.train),
            Some(self.run.validation),
            self.run.test,
        ];
        for set in sets.into_iter().flatten() {
            self.check_states(&encoder, set)?;
        }
        Ok(Adapted {
            run: &self.run,
            lora: self.lora,
            fasta: self.fasta,
            files: self.encoder,
            encoder,
            change_length: change_length(self.run.train),
        })
    }

    /// The encoder of the states.
    fn encoder(&self, states: &StatesIdentity) -> Result<CarbonEncoder, LoraError> {
        if states.dtype != Dtype::F32 {
            let dtype = states.dtype;
            return Err(LoraError::Dtype { dtype });
        }
        let (given, of_states) = (self.encoder.digest(), states.encoder.weights);
        if given != of_states {
            return Err(LoraError::OtherEncoder { given, of_states });
        }
        let files = self.encoder.files()?;
        let config = CarbonConfig::from_json(&files.config).map_err(LoadError::from)?;
        let state_layer = i32::try_from(states.state_layer).ok();
        let state_layer = state_layer.filter(|_| states.state_layer <= config.n_layers);
        let settings = StateSettings {
            state_layer: state_layer.ok_or(LoadError::StateLayer {
                state_layer: i32::MAX,
                n_layers: config.n_layers,
            })?,
            pool_type: states.pool_type,
            pool_radius: states.pool_radius,
            contract: states.state_contract,
        };
        let encoder = CarbonEncoder::load(files, settings, Dtype::F32, self.run.device)?;
        self.encoder.check_unchanged()?;
        Ok(encoder)
    }

    /// Whether genome and encoder give the first example of a set the state that is stored.
    fn check_states(&self, encoder: &CarbonEncoder, set: &TargetSet) -> Result<(), TrainError> {
        if set.is_empty() {
            return Ok(());
        }
        let first = read(set, &[0])?;
        let states = encode(encoder, &with_windows(&first, self.fasta)?)?;
        let encoded: Vec<f32> = states.into_data().iter::<f32>().collect();
        let stored = set.source(0);
        let square = |values: &mut dyn Iterator<Item = f32>| -> f64 {
            values.map(|value| f64::from(value).powi(2)).sum()
        };
        let apart = square(&mut encoded.iter().zip(stored).map(|(a, b)| a - b));
        let distance = (apart / square(&mut stored.iter().copied())).sqrt();
        match distance <= MAX_DISTANCE {
            true => Ok(()),
            false => Err(LoraError::OtherStates {
                example: 0,
                distance,
            }
            .into()),
        }
    }
}

/// The root mean square of the changes `s′ − s` of all edits of a set.
fn change_length(set: &TargetSet) -> f64 {
    let (mut sum, mut n) = (0., 0);
    for index in 0..set.len() {
        let source = set.source(index);
        for edited in set.edited(index).chunks(set.d_state()) {
            let pairs = edited.iter().zip(source);
            sum += pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>();
            n += 1;
        }
    }
    // A set that no edit changes has nothing to predict, whatever it is divided by.
    (sum / f64::from(n).max(1.)).sqrt().max(1e-6)
}
