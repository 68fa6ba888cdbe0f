//! Arguments that say what a document of metrics is of, and which files it stands on.

use std::{
    collections::BTreeMap,
    path::{self, Path, PathBuf},
};

use geno_core::Digest;
use geno_eval::ReportIdentity;
use geno_provenance::{Label, PublicPath};

use crate::failure::{Failure, UsageError};

/// A file, with what it is.
type NamedFile<'a> = (String, &'a Path);

#[derive(clap::Args)]
#[command(next_help_heading = "What the report names")]
pub(crate) struct ReportArgs {
    /// Folder that the files named below lie in [default: that of the metrics]
    #[arg(long, value_name = "DIR")]
    artifact_root: Option<PathBuf>,

    /// Model, by the digest of its manifest [default: that of the model directory]
    #[arg(long, value_name = "DIGEST")]
    model_id: Option<Digest>,

    /// Release of the model [default: that of the model directory]
    #[arg(long, value_name = "NAME")]
    model_release: Option<String>,

    /// Data that was evaluated on
    #[arg(long, value_name = "NAME")]
    dataset_snapshot: Option<String>,

    /// Commit of the code
    #[arg(long, value_name = "SHA")]
    commit: Option<String>,

    /// Machine
    #[arg(long, value_name = "TEXT")]
    hardware: Option<String>,

    /// Checkpoint of the predictor
    #[arg(long, value_name = "FILE")]
    checkpoint: Option<PathBuf>,

    /// Configuration of the model
    #[arg(long, value_name = "FILE")]
    config_artifact: Option<PathBuf>,

    /// Manifest of the data
    #[arg(long, value_name = "FILE")]
    dataset_manifest: Option<PathBuf>,

    /// Configuration of the evaluation
    #[arg(long, value_name = "FILE")]
    pub(crate) eval_config: Option<PathBuf>,

    /// Report about speed and memory
    #[arg(long, value_name = "FILE")]
    efficiency_report: Option<PathBuf>,
}

impl ReportArgs {
    /// What was said of the model, the data and the machine. The model's own words stand where nothing
    /// else was said.
    pub(crate) fn identity(&self, model: ReportIdentity) -> Result<ReportIdentity, Failure> {
        let label = |text: &Option<String>| text.as_deref().map(Label::new).transpose();
        Ok(ReportIdentity {
            model_id: model.model_id.or(self.model_id),
            model_release: label(&self.model_release)?.or(model.model_release),
            dataset_snapshot: label(&self.dataset_snapshot)?.or(model.dataset_snapshot),
            commit: label(&self.commit)?.or(model.commit),
            hardware: label(&self.hardware)?.or(model.hardware),
        })
    }

    /// Whether a model is named by its digest.
    pub(crate) fn names_model(&self) -> bool {
        self.model_id.is_some()
    }

    /// Files, parted into those that can be named and those outside the folder of artifacts. Where the
    /// folder was named, it has to hold all of them, so none is outside.
    pub(crate) fn reachable<'a>(
        &self,
        output: &Path,
        files: Vec<NamedFile<'a>>,
    ) -> (Vec<NamedFile<'a>>, Vec<NamedFile<'a>>) {
        let root = artifact_root(self.artifact_root.as_deref(), output);
        let is_named = |(name, file): &NamedFile<'_>| {
            self.artifact_root.is_some() || inside(&root, file, name).is_ok()
        };
        files.into_iter().partition(is_named)
    }

    /// The files named here and others, as paths inside the folder of artifacts.
    pub(crate) fn artifacts<'a>(
        &'a self,
        output: &Path,
        others: impl IntoIterator<Item = NamedFile<'a>>,
    ) -> Result<BTreeMap<Label, PublicPath>, Failure> {
        let own = [
            ("checkpoint", &self.checkpoint),
            ("config", &self.config_artifact),
            ("dataset_manifest", &self.dataset_manifest),
            ("eval_config", &self.eval_config),
            ("efficiency_report", &self.efficiency_report),
        ];
        let own = own
            .into_iter()
            .filter_map(|(name, file)| Some((name.to_owned(), file.as_deref()?)));
        let root = artifact_root(self.artifact_root.as_deref(), output);
        let artifact =
            |(name, file): NamedFile<'_>| Ok((Label::new(&*name)?, inside(&root, file, &name)?));
        own.chain(others).map(artifact).collect()
    }
}

/// The folder of artifacts: unless it is named, that of the metrics.
pub(crate) fn artifact_root(named: Option<&Path>, output: &Path) -> PathBuf {
    let parent = || output.parent().unwrap_or(Path::new(""));
    named.unwrap_or_else(parent).to_owned()
}

/// A file's path inside a folder.
pub(crate) fn inside(root: &Path, file: &Path, name: &str) -> Result<PublicPath, Failure> {
    let outside = || UsageError(format!("`{name}` does not lie in the folder of artifacts"));
    let absolute = |path: &Path| {
        let path = if path == "" { Path::new(".") } else { path };
        path::absolute(path).map_err(|_| outside())
    };
    let (root, file) = (absolute(root)?, absolute(file)?);
    let inner = file.strip_prefix(&root).map_err(|_| outside())?;
    let parts: Option<Vec<&str>> = inner.iter().map(|part| part.to_str()).collect();
    let path = parts.ok_or_else(outside)?.join("/");
    Ok(PublicPath::new(path)?)
}
