//! `geno-lewm update`: install a newer version of a model beside the one in use, or go back.

use std::{
    io::{self, IsTerminal, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    Client, InstallRoot, InstalledModel, Location, Offer, Outcome, ReleaseId, Standing,
    config::{Layers, Settings},
    find_release, install, manifest_changes, rollback,
};
use geno_provenance::Manifest;

use crate::{
    failure::{Failure, UsageError},
    network_args::{NetworkArgs, location, token_from},
    transfer_bar::TransferBar,
};

/// Where the model in use lies, unless something else is said.
const DEFAULT_MODEL: &str = ".geno-lewm-models/current";
/// The most bytes that one file of a release may have.
const MAX_FILE: u64 = 16 << 30;

#[derive(clap::Args)]
pub(crate) struct Args {
    /// The model in use [default: .geno-lewm-models/current] [key: paths.model_dir]
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    /// Folder of the installed versions [default: the parent of the model's folder]
    /// [key: update.install_root]
    #[arg(long, value_name = "DIR")]
    install_root: Option<PathBuf>,

    /// The list of releases: an https or file URL, or a path [key: update.index_url]
    #[arg(long, value_name = "URL")]
    index_url: Option<String>,

    /// The version or release to install, also an earlier one [default: the latest]
    #[arg(long, value_name = "VERSION")]
    target_version: Option<String>,

    /// Say what there is, install nothing
    #[arg(long)]
    check_only: bool,

    /// Put the previous version in use again, after checking its files
    #[arg(long, conflicts_with_all = ["check_only", "target_version", "index_url"])]
    rollback: bool,

    /// Install without asking
    #[arg(long, short)]
    yes: bool,

    #[command(flatten)]
    network: NetworkArgs,
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let root = self.install_root.as_deref();
        layers.flag_if("update.install_root", "--install-root", root);
        let index = self.index_url.as_deref();
        layers.flag_if("update.index_url", "--index-url", index);
        self.network.add_to(layers);
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let model_dir = settings.paths.model_dir.clone();
    let model_dir = model_dir.unwrap_or_else(|| PathBuf::from(DEFAULT_MODEL));
    let root = match (&settings.update.install_root, model_dir.parent()) {
        (Some(root), _) => root.clone(),
        (None, Some(parent)) if parent != "" => parent.to_owned(),
        (None, _) => PathBuf::from("."),
    };
    let root = InstallRoot::new(root);
    if args.rollback {
        let id = rollback(&root.lock()?)?;
        return say(&format!("Back to {id}; its files were checked.\n"));
    }

    let index = index(settings)?;
    let client = args.network.client(settings, credentials(&index))?;
    let installed = InstalledModel::find(&model_dir)?;
    let installed = installed.as_ref().map(InstalledModel::manifest);
    let offer = find_release(&client, &index, args.target_version.as_deref(), installed)?;
    if let Some(reason) = &offer.installed_is_yanked {
        warn(reason)?;
    }
    say(&comparison(installed, &offer))?;
    let standing = offer.standing(installed);
    if standing == Standing::Installed
        || standing == Standing::Older && args.target_version.is_none()
    {
        return say("Nothing newer to install.\n");
    }
    if args.check_only {
        return say("Only looked: nothing was installed.\n");
    }
    if !args.yes && !consent()? {
        return say("Nothing was installed.\n");
    }
    let in_use = in_use(&model_dir, &root).filter(|_| installed.is_some());
    let outcome = fetch(settings, &client, &root, &offer, in_use.as_ref())?;
    say(&report(&root, &offer, &outcome))
}

fn index(settings: &Settings) -> Result<Location, Failure> {
    match settings.update.index_url.as_deref() {
        Some(text) if !text.is_empty() => location(text),
        _ => Err(UsageError(
            "no list of releases: give `--index-url` or set `update.index_url`".to_owned(),
        )
        .into()),
    }
}

/// The token for the host of the index. That of Hugging Face goes to Hugging Face alone.
fn credentials(index: &Location) -> Option<geno_app::Credentials> {
    let own = token_from("GENO_LEWM_UPDATE_TOKEN", index);
    let is_hub = index.host() == Some("huggingface.co");
    own.or_else(|| is_hub.then(|| token_from("HF_TOKEN", index)).flatten())
}

/// The release in use where no pointer says so: a folder of the install root.
fn in_use(model_dir: &Path, root: &InstallRoot) -> Option<ReleaseId> {
    let id = ReleaseId::new(model_dir.file_name()?.to_str()?).ok()?;
    root.release(&id)
        .join("manifest.json")
        .is_file()
        .then_some(id)
}

fn comparison(installed: Option<&Manifest>, offer: &Offer) -> String {
    let line = |manifest: &Manifest| {
        let Manifest {
            model_version,
            release_id,
            ..
        } = manifest;
        format!("{model_version}  {release_id}  {}", manifest.model_id())
    };
    let old = installed.map_or("nothing".to_owned(), line);
    let mut text = format!("installed  {old}\noffered    {}\n\n", line(&offer.manifest));
    let changes = manifest_changes(installed, &offer.manifest);
    if !changes.is_empty() && installed.is_some() {
        text += "What changes in the manifest:\n";
        for change in changes {
            let or_none = |value: Option<String>| value.unwrap_or("(none)".to_owned());
            let (old, new) = (or_none(change.old), or_none(change.new));
            text += &format!("  {}: {old} -> {new}\n", change.field);
        }
        text += "\n";
    }
    text
}

/// Asks on the terminal. Where there is none, nobody can consent.
fn consent() -> Result<bool, Failure> {
    if !io::stdin().is_terminal() || !io::stderr().is_terminal() {
        let message = "there is nobody to ask: `--yes` installs without asking";
        return Err(UsageError(message.to_owned()).into());
    }
    write!(io::stderr(), "Install it? [y/N] ").map_err(Failure::stdout)?;
    let mut answer = String::new();
    io::stdin()
        .read_line(&mut answer)
        .map_err(Failure::stdout)?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn fetch(
    settings: &Settings,
    client: &Client,
    root: &InstallRoot,
    offer: &Offer,
    in_use: Option<&ReleaseId>,
) -> Result<Outcome, Failure> {
    let bar = TransferBar::new(settings.observability.quiet);
    let lock = root.lock()?;
    let outcome = install(
        client,
        &lock,
        offer,
        in_use,
        MAX_FILE,
        &mut |file, transfer| {
            bar.show(file.as_str(), transfer);
        },
    );
    bar.finish();
    Ok(outcome?)
}

fn report(root: &InstallRoot, offer: &Offer, outcome: &Outcome) -> String {
    let id = &offer.release_id;
    let path = outcome.path.display();
    let done = match outcome.was_there {
        true => format!("{id} was there already, its files hold: {path}\n"),
        false => format!("Installed {id}: {path}\n"),
    };
    let current = root.path().join("current");
    let in_use = format!("In use: {}\n", current.display());
    let kept = match &outcome.previous {
        Some(id) => format!("Kept {id}; `geno-lewm update --rollback` returns to it.\n"),
        None => String::new(),
    };
    let encoder = &offer.manifest.encoder;
    let note = format!(
        "The encoder ({}, {}) is no part of a release: see `geno-lewm encoder`.\n",
        encoder.id, encoder.revision
    );
    done + &in_use + &kept + &note
}

/// Tells that the release in use was withdrawn, which a rollback or another version mends.
fn warn(reason: &str) -> Result<(), Failure> {
    let warning = "warning: the installed release is withdrawn";
    let to_do = "`--rollback` or `--target-version` takes an earlier one";
    writeln!(io::stderr(), "{warning}: {reason}; {to_do}").map_err(Failure::stdout)
}

fn say(text: &str) -> Result<(), Failure> {
    io::stdout()
        .write_all(text.as_bytes())
        .map_err(Failure::stdout)
}
