//! `geno-lewm encoder link` and `fetch`: where the encoder of a model is.

use std::{
    env,
    io::{self, Write},
    path::PathBuf,
};

use geno_app::{
    Commit, EncoderFetch, HubRepo, InstalledModel,
    config::{Layers, Settings},
    fetch_encoder, link_encoder, write_record,
};
use geno_core::Digest;
use geno_provenance::{EncoderRecord, Label};
use geno_runtime::EncoderSource;

use crate::{
    clock,
    failure::{Failure, UsageError},
    model_args::encoder_source,
    network_args::{NetworkArgs, location, token_from},
    transfer_bar::TransferBar,
};

#[derive(clap::Args)]
struct WhichArgs {
    /// A model, whose manifest names the encoder and the digest of its weights
    /// [key: paths.model_dir]
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    /// The checkpoint, if the manifest does not say: OWNER/NAME
    #[arg(long, value_name = "NAME")]
    id: Option<String>,

    /// Its revision, if the manifest does not say; to fetch, a commit of 40 digits
    #[arg(long, value_name = "REVISION")]
    revision: Option<String>,
}

#[derive(clap::Args)]
pub(super) struct LinkArgs {
    /// The folder of the checkpoint, or a GGUF file [default: its place in the Hugging Face cache]
    folder: Option<PathBuf>,

    #[command(flatten)]
    which: WhichArgs,
}

#[derive(clap::Args)]
pub(super) struct FetchArgs {
    #[command(flatten)]
    which: WhichArgs,

    #[arg(
        long,
        value_name = "URL",
        help = "The hub or a mirror of it [env: HF_ENDPOINT] [default: https://huggingface.co]"
    )]
    base_url: Option<String>,

    #[command(flatten)]
    network: NetworkArgs,
}

/// What is known of an encoder before it is seen.
struct Wanted {
    id: Label,
    revision: Option<Label>,
    hash: Option<Digest>,
}

impl LinkArgs {
    /// Adds the flags that stand for keys.
    pub(super) fn add_to(&self, layers: &mut Layers) {
        self.which.add_to(layers);
    }
}

impl FetchArgs {
    /// Adds the flags that stand for keys.
    pub(super) fn add_to(&self, layers: &mut Layers) {
        self.network.add_to(layers);
        self.which.add_to(layers);
    }
}

pub(super) fn link(args: &LinkArgs, settings: &Settings) -> Result<(), Failure> {
    let wanted = args.which.read(settings)?;
    let source = encoder_source(&settings.paths);
    let folder = match &args.folder {
        Some(folder) => folder.clone(),
        None => {
            let revision = wanted.revision.as_deref().unwrap_or("main");
            source
                .hub_snapshot(&wanted.id, revision)
                .ok_or_else(|| UsageError(format!("`{}` is no OWNER/NAME", wanted.id)))?
        }
    };
    record(&folder, &wanted, &source)
}

pub(super) fn fetch(args: &FetchArgs, settings: &Settings) -> Result<(), Failure> {
    let wanted = args.which.read(settings)?;
    let source = encoder_source(&settings.paths);
    let base = args
        .base_url
        .clone()
        .or_else(|| env::var("HF_ENDPOINT").ok());
    let base = base.filter(|base| !base.is_empty());
    let base = location(base.as_deref().unwrap_or("https://huggingface.co"))?;
    let revision = wanted.revision.as_deref().unwrap_or("main");
    let request = EncoderFetch {
        repo: HubRepo::new(&wanted.id)?,
        commit: Commit::new(revision.rsplit('@').next().unwrap_or(revision))?,
        cache: source.hub_cache.clone().ok_or_else(|| {
            UsageError("no place for the encoder: set HF_HUB_CACHE or HOME".to_owned())
        })?,
        expected: wanted.hash,
        base,
    };
    let token = token_from("HF_TOKEN", &request.base);
    let client = args.network.client(settings, token)?;
    let bar = TransferBar::new(settings.observability.quiet);
    let folder = fetch_encoder(&client, &request, &mut |name, transfer| {
        bar.show(name, transfer);
    });
    bar.finish();
    record(&folder?, &wanted, &source)
}

fn record(
    folder: &std::path::Path,
    wanted: &Wanted,
    source: &EncoderSource,
) -> Result<(), Failure> {
    let Wanted { id, revision, hash } = wanted;
    let records = source.records.as_deref().ok_or_else(|| {
        UsageError("no place for the record: set GENO_LEWM_CACHE or HOME".to_owned())
    })?;
    let record = link_encoder(folder, id, revision.as_ref(), *hash, clock::now()?)?;
    let path = write_record(records, &record)?;
    let text = summary(&record, hash.is_some());
    writeln!(io::stdout(), "{text}recorded  {}", path.display()).map_err(Failure::stdout)
}

fn summary(record: &EncoderRecord, is_checked: bool) -> String {
    let mut text = String::new();
    for file in &record.files {
        text += &format!("{}  {:>11}  {}\n", file.hash, file.size, file.name);
    }
    let verdict = match is_checked {
        true => "as the model's manifest says",
        false => "compared with no manifest",
    };
    text += &format!("encoder   {}, {verdict}\n", record.hash);
    text + &format!("folder    {}\n", record.folder)
}

impl WhichArgs {
    fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
    }

    /// What the manifest says, and what was said instead. The digest is always the manifest's.
    fn read(&self, settings: &Settings) -> Result<Wanted, Failure> {
        let model = settings
            .paths
            .model_dir
            .as_deref()
            .map(InstalledModel::open)
            .transpose()?;
        let entry = model.as_ref().map(|model| &model.manifest().encoder);
        let given = |text: &Option<String>| text.clone().map(Label::new).transpose();
        let id = given(&self.id)?.or_else(|| entry.map(|entry| entry.id.clone()));
        let revision = given(&self.revision)?.or_else(|| entry.map(|entry| entry.revision.clone()));
        let id =
            id.ok_or_else(|| UsageError("which encoder? `--model-dir` or `--id`".to_owned()))?;
        let hash = entry.map(|entry| entry.hash);
        Ok(Wanted { id, revision, hash })
    }
}
