//! `geno-lewm model-card`: write what there is to know of a model.

use std::{
    io::{self, Write},
    path::PathBuf,
};

use geno_app::config::{Layers, Settings};
use geno_provenance::write_atomic;
use geno_runtime::{MissingPart, ModelDir};
use geno_training::{CardDocument, CardError, ModelCard};

use crate::{
    failure::{Failure, required},
    model_args::encoder_source,
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model directory
    #[arg(value_name = "MODEL_DIR", required_unless_present_any = ["print_config", "explain"])]
    model_dir: Option<PathBuf>,

    /// A report to quote: `metrics.json` of a run, a held-out report, a summary of `calibrate`; may be
    /// repeated
    #[arg(long, value_name = "FILE")]
    report: Vec<PathBuf>,

    /// The card, Markdown [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Put the card into the model directory, which was exported without an evaluation report
    #[arg(long, conflicts_with = "output")]
    into_model: bool,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let folder = required(&args.model_dir, "MODEL_DIR")?;
    let model = ModelDir::open(folder, &encoder_source(&settings.paths))?;
    if args.into_model {
        model.check_missing(MissingPart::Eval)?;
    }
    let documents = args.report.iter().map(|path| CardDocument::read(path));
    let documents: Vec<_> = documents.collect::<Result<_, CardError>>()?;
    let card = ModelCard::new(&model, documents)?.to_markdown();
    if args.into_model {
        let manifest = model.complete(MissingPart::Eval, card.as_bytes())?;
        return writeln!(io::stdout(), "{}", manifest.model_id()).map_err(Failure::stdout);
    }
    match &args.output {
        Some(path) => Ok(write_atomic(path, |file| file.write_all(card.as_bytes()))?),
        None => io::stdout()
            .write_all(card.as_bytes())
            .map_err(Failure::stdout),
    }
}
