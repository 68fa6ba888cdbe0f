//! Arguments of adapters of the encoder.

use std::{collections::BTreeSet, num::NonZeroUsize, path::PathBuf};

use geno_app::config::Settings;
use geno_data::Fasta;
use geno_encoder::AttentionLayer;
use geno_runtime::MappedEncoder;
use geno_training::{LoraSettings, Outcome, Start, TrainAdapted, TrainEvent, TrainPredictor};

use crate::{
    banner,
    failure::{Failure, UsageError},
    interrupt,
};

#[derive(clap::Args)]
pub(super) struct LoraArgs {
    /// Train adapters of the encoder, too, and merge them into it in the end
    #[arg(long, requires = "fasta", conflicts_with_all = ["preflight", "fixture_smoke"])]
    lora: bool,

    /// Genome on which the examples of the states lie
    #[arg(long, value_name = "FASTA", requires = "lora")]
    fasta: Option<PathBuf>,

    /// Rank of the adapters
    #[arg(long, value_name = "R", default_value = "16", requires = "lora")]
    lora_rank: NonZeroUsize,

    /// Scale of the adapters, as a multiple of one over their rank
    #[arg(long, value_name = "ALPHA", default_value_t = 32.0, requires = "lora")]
    lora_alpha: f64,

    /// Blocks below the state layer that are adapted; all of them if there are fewer
    #[arg(long, value_name = "N", default_value = "8", requires = "lora")]
    lora_layers: NonZeroUsize,

    /// Layers of each block that are adapted
    #[arg(long, value_name = "LAYER,…", default_value = "q,k,v,o", value_parser = targets, requires = "lora")]
    lora_targets: Targets,
}

/// Layers that are adapted.
#[derive(Clone)]
struct Targets(BTreeSet<AttentionLayer>);

fn targets(text: &str) -> Result<Targets, String> {
    let layer = |name: &str| match name {
        "q" => Ok(AttentionLayer::Query),
        "k" => Ok(AttentionLayer::Key),
        "v" => Ok(AttentionLayer::Value),
        "o" => Ok(AttentionLayer::Output),
        _ => Err("expected some of q, k, v, o".to_owned()),
    };
    text.split(',')
        .map(layer)
        .collect::<Result<_, _>>()
        .map(Targets)
}

impl LoraArgs {
    /// Runs a training, with adapters if they are asked for.
    pub(super) fn run(
        &self,
        run: TrainPredictor<'_>,
        settings: &Settings,
        start: Start<'_>,
        on_event: impl FnMut(&TrainEvent),
    ) -> Result<Outcome, Failure> {
        let Some(fasta) = self.fasta.as_ref().filter(|_| self.lora) else {
            return Ok(run.run(start, interrupt::catch(), on_event)?);
        };
        banner::show_experimental("--lora", settings);
        let Some(encoder) = &settings.paths.encoder_dir else {
            let message = "`--lora` needs the encoder: give `--encoder-dir`";
            return Err(UsageError(message.to_owned()).into());
        };
        let adapted = TrainAdapted {
            run,
            lora: &LoraSettings {
                rank: self.lora_rank.get(),
                alpha: self.lora_alpha,
                layers: self.lora_layers.get(),
                targets: self.lora_targets.0.clone(),
            },
            encoder: &MappedEncoder::open(encoder)?,
            fasta: &Fasta::open(fasta)?,
        };
        Ok(adapted.run(start, interrupt::catch(), on_event)?)
    }

    /// Weights that a finished run leaves beside its checkpoints.
    pub(super) fn files(&self) -> &'static [&'static str] {
        match self.lora {
            true => &[
                "adapter/adapter_model.safetensors",
                "encoder/model.safetensors",
            ],
            false => &[],
        }
    }
}
