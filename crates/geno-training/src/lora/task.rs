//! Training over states of an encoder that is trained along.

use std::{borrow::Cow, io::Write, path::Path};

use burn::tensor::{Device, Tensor};
use geno_core::{Digest, RandomStream};
use geno_data::Fasta;
use geno_encoder::{CarbonConfig, CarbonEncoder, EncoderFiles};
use geno_provenance::AtomicFolder;
use geno_runtime::{Lineage, LineageStep, MappedEncoder};
use geno_weights::{WeightFile, write_weights};

use super::{
    Adapters, LoraError, LoraSettings, encode::encode, model::AdaptedModel, peft,
    windows::with_windows,
};
use crate::{
    MeanChange, TrainIdentity, TrainPredictor,
    checkpoint::remove_folder,
    export::{ADAPTED, ADAPTERS, merge_step},
    targets::{Example, TargetSet},
    trainer::{Task, TrainError, read},
    validation::MeanChanges,
};

/// Examples that are encoded together where all of a set are.
const EXAMPLES_TOGETHER: usize = 64;

/// The predictor, the action encoder and adapters, over states that the adapted encoder makes.
pub(super) struct Adapted<'a> {
    pub(super) run: &'a TrainPredictor<'a>,
    pub(super) lora: &'a LoraSettings,
    pub(super) fasta: &'a Fasta,
    pub(super) files: &'a MappedEncoder,
    /// Without adapters, on a device that records nothing.
    pub(super) encoder: CarbonEncoder,
    pub(super) change_length: f64,
}

impl Adapted<'_> {
    fn config(&self) -> &CarbonConfig {
        self.encoder.config()
    }

    fn state_layer(&self) -> usize {
        self.run.train.identity().state_layer
    }

    /// The base, as far as it is needed, and the adapters in one.
    fn merged(&self, adapters: &Adapters) -> Result<EncoderFiles<'static>, TrainError> {
        let file = write_weights(&adapters.to_weights())?;
        let step = LineageStep {
            from: self.files.digest(),
            did: merge_step(Digest::of(&file)),
            by: concat!("geno-lewm ", env!("CARGO_PKG_VERSION")).to_owned(),
        };
        let lineage = Lineage::after(self.files.lineage(), step);
        let base = self.files.files().map_err(LoraError::from)?;
        let merged = adapters.merge(base, &lineage)?;
        self.files.check_unchanged().map_err(LoraError::from)?;
        Ok(merged)
    }
}

impl Task for Adapted<'_> {
    type Learner = AdaptedModel;

    const KIND: &'static str = ADAPTED;
    const SPREADS: bool = false;

    fn identity(&self, run: TrainIdentity) -> TrainIdentity {
        TrainIdentity {
            adapters: Some(self.lora.clone()),
            ..run
        }
    }

    fn draw(&self, device: &Device) -> Result<AdaptedModel, TrainError> {
        let stream = &mut RandomStream::new(self.run.settings.seed, "adapters");
        let (config, layer) = (self.config(), self.state_layer());
        let adapters = Adapters::draw(self.lora, config, layer, stream, device);
        Ok(AdaptedModel {
            networks: self.run.draw(device)?,
            adapters: adapters.map_err(LoraError::from)?,
        })
    }

    fn load(
        &self,
        take: &mut dyn FnMut(&'static str) -> Result<Vec<u8>, TrainError>,
        device: &Device,
    ) -> Result<AdaptedModel, TrainError> {
        let mut file = WeightFile::parse(take(ADAPTERS)?)?;
        let (config, layer) = (self.config(), self.state_layer());
        Ok(AdaptedModel {
            networks: self.run.load(take, device)?,
            adapters: Adapters::load(self.lora, config, layer, &mut file, device)?,
        })
    }

    fn states(
        &self,
        learner: &AdaptedModel,
        _: &TargetSet,
        examples: &[(usize, Example)],
        device: &Device,
    ) -> Result<Tensor<2>, TrainError> {
        let encoder = learner.adapters.adapt(&self.encoder);
        let encoder = match device.is_autodiff() {
            true => encoder.one_after_another(),
            false => encoder,
        };
        Ok(encode(&encoder, &with_windows(examples, self.fasta)?)?)
    }

    fn baseline(
        &self,
        learner: &AdaptedModel,
        _: &Device,
    ) -> Result<Cow<'_, MeanChange>, TrainError> {
        let (train, encoder) = (self.run.train, learner.adapters.adapt(&self.encoder));
        let d = train.d_state();
        let mut changes = MeanChanges::new(d);
        let indices: Vec<usize> = (0..train.len()).collect();
        for together in indices.chunks(EXAMPLES_TOGETHER) {
            let examples = read(train, together)?;
            let states = encode(&encoder, &with_windows(&examples, self.fasta)?)?;
            let states: Vec<f32> = states.into_data().iter::<f32>().collect();
            let mut rest = &states[..];
            for (_, example) in &examples {
                let (states, after) = rest.split_at((1 + example.edits().len()) * d);
                changes.add(example, states);
                rest = after;
            }
        }
        Ok(Cow::Owned(changes.means()))
    }

    fn change_length(&self) -> Option<f64> {
        Some(self.change_length)
    }

    fn conclude(&self, learner: &AdaptedModel, run_dir: &Path) -> Result<(), TrainError> {
        let adapters = &learner.adapters;
        let base = self.files.digest().to_string();
        let mut files = vec![(peft::CONFIG.to_owned(), peft::config(adapters, &base))];
        files.push((ADAPTERS.to_owned(), write_weights(&adapters.to_weights())?));
        write_folder(&run_dir.join("adapter"), files)?;

        let EncoderFiles {
            config,
            dna_config,
            weights,
            ..
        } = self.merged(adapters)?;
        let mut files = vec![
            ("config.json".to_owned(), config.into_owned()),
            ("dna_config.json".to_owned(), dna_config.into_owned()),
        ];
        files.extend(
            weights
                .into_iter()
                .map(|(name, bytes)| (name, bytes.into_owned())),
        );
        write_folder(&run_dir.join("encoder"), files)
    }
}

/// Writes a folder in place of the one that an earlier end of the run left.
fn write_folder(path: &Path, files: Vec<(String, Vec<u8>)>) -> Result<(), TrainError> {
    if path.exists() {
        remove_folder(path)?;
    }
    let folder = AtomicFolder::create(path).map_err(LoraError::from)?;
    for (name, bytes) in files {
        let written = folder.write(&name, |file| file.write_all(&bytes));
        written.map_err(LoraError::from)?;
    }
    folder.commit().map_err(LoraError::from)?;
    Ok(())
}
