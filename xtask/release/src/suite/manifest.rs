//! The manifest of a suite: the model, the data, and the files of each benchmark.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use geno_eval::{Benchmark, Registry};
use geno_provenance::{FieldError, Fields, Json, Label, PublicPath};

use crate::v02::VERSION;

/// The schema version of such files.
pub(super) const SCHEMA: &str = "1.1.0";

/// What a field holds that is still to be filled in.
const PLACEHOLDER: &str = "REPLACE_WITH_";

/// A suite of benchmarks. All paths begin at the folder of the manifest, where the commands run.
#[derive(Clone, Debug)]
pub(crate) struct Manifest {
    pub(super) identity: Stated,
    pub(super) model_dir: PublicPath,
    pub(super) dataset_dir: PublicPath,
    pub(super) checkpoint: PublicPath,
    pub(super) config: PublicPath,
    pub(super) efficiency_report: PublicPath,
    pub(super) metrics_json: PublicPath,
    pub(super) report_md: PublicPath,
    pub(super) needs_vep: bool,
    pub(super) needs_rollout: bool,
    pub(super) bootstrap_resamples: u64,
    pub(super) bootstrap_seed: u64,
    pub(super) benchmarks: Vec<Entry>,
}

/// What everything has to be of, as it is written.
#[derive(Clone, Debug)]
pub(super) struct Stated {
    pub(super) model_release: Label,
    pub(super) model_id: Label,
    pub(super) dataset_snapshot: Label,
    pub(super) commit: Label,
    pub(super) hardware: Label,
}

/// The files of a benchmark.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    pub(super) benchmark: &'static Benchmark,
    /// Folder of `geno-lewm benchmark prepare`.
    pub(super) prepared: PublicPath,
    pub(super) fasta: PublicPath,
    /// Folder of the results.
    pub(super) output: PublicPath,
    /// From which likelihood on Carbon calls a variant positive.
    pub(super) baseline_threshold: Option<f64>,
    pub(super) annotation: Option<PublicPath>,
    /// Carbon's checkpoint in place of the model's encoder.
    pub(super) carbon_model: Option<PublicPath>,
    /// How Carbon scores, in place of what the registry says.
    pub(super) recipe: Option<Label>,
    /// Bases of Carbon's window.
    pub(super) window_bp: Option<u64>,
}

impl Manifest {
    /// Reads a manifest.
    pub(super) fn read(path: &Path) -> Result<Self> {
        let at = || format!("`{}`", path.display());
        let bytes = fs::read(path).with_context(|| format!("cannot read {}", at()))?;
        let document = Json::parse(&bytes).with_context(at)?;
        Self::of(document).with_context(at)
    }

    pub(super) fn of(document: Json) -> Result<Self> {
        let mut fields = Fields::of_document(document)?;
        let version = fields.string("schema_version")?;
        ensure!(
            version == SCHEMA,
            "`schema_version` is `{version}`, not {SCHEMA}"
        );
        let identity = Stated::take(fields.object("identity")?)?;
        let mut artifacts = fields.object("artifacts")?;
        let mut aggregate = fields.object("aggregate")?;
        let mut evaluation = fields.object("evaluation")?;
        let mut benchmarks = Vec::new();
        for item in fields.objects("benchmarks")? {
            benchmarks.push(Entry::take(item)?);
        }
        let manifest = Self {
            identity,
            model_dir: artifacts.path("model_dir")?,
            dataset_dir: artifacts.path("dataset_dir")?,
            checkpoint: artifacts.path("checkpoint")?,
            config: artifacts.path("config")?,
            efficiency_report: artifacts.path("efficiency_report")?,
            metrics_json: aggregate.path("metrics_json")?,
            report_md: aggregate.path("report_md")?,
            needs_vep: aggregate.bool("require_v02_vep_metrics")?,
            needs_rollout: aggregate.bool("require_v02_rollout_metrics")?,
            bootstrap_resamples: evaluation.unsigned("bootstrap_resamples")?,
            bootstrap_seed: evaluation.unsigned("bootstrap_seed")?,
            benchmarks,
        };
        for rest in [artifacts, aggregate, evaluation, fields] {
            rest.finish()?;
        }
        manifest.check()?;
        Ok(manifest)
    }

    fn check(&self) -> Result<()> {
        ensure!(!self.benchmarks.is_empty(), "`benchmarks` is empty");
        for file in [&self.metrics_json, &self.report_md] {
            // Paths in metrics begin where the metrics lie.
            let lies_above = !file.as_str().contains('/');
            ensure!(lies_above, "`{file}` does not lie beside the manifest");
        }
        let mut ids = BTreeSet::new();
        let mut outputs: Vec<&PublicPath> = Vec::new();
        for Entry {
            benchmark, output, ..
        } in &self.benchmarks
        {
            let id = &benchmark.id;
            ensure!(ids.insert(id), "benchmark `{id}` comes twice");
            let holds =
                |a: &PublicPath, b: &PublicPath| a == b || b.as_str().starts_with(&format!("{a}/"));
            let shared = outputs
                .iter()
                .find(|one| holds(one, output) || holds(output, one));
            if let Some(other) = shared {
                bail!("outputs `{output}` and `{other}` are not apart");
            }
            outputs.push(output);
        }
        Ok(())
    }

    /// The first field that is still to be filled in.
    pub(super) fn placeholder(&self) -> Option<&'static str> {
        let stated = self.identity.fields();
        let is_open = |text: &Label| text.starts_with(PLACEHOLDER);
        let mut open = stated.into_iter().filter(|(_, text)| is_open(text));
        open.next().map(|(field, _)| field)
    }
}

impl Stated {
    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let stated = Self {
            model_release: fields.label("model_release")?,
            model_id: fields.label("model_id")?,
            dataset_snapshot: fields.label("dataset_snapshot")?,
            commit: fields.label("commit")?,
            hardware: fields.label("hardware")?,
        };
        fields.finish()?;
        Ok(stated)
    }

    /// What is stated, by field.
    pub(super) fn fields(&self) -> [(&'static str, &Label); 5] {
        [
            ("model_release", &self.model_release),
            ("model_id", &self.model_id),
            ("dataset_snapshot", &self.dataset_snapshot),
            ("commit", &self.commit),
            ("hardware", &self.hardware),
        ]
    }

    /// A manifest with nothing filled in.
    pub(super) fn template() -> Json {
        let open = |field: &str| Json::from(format!("{PLACEHOLDER}{}", field.to_uppercase()));
        let names = [
            "model_release",
            "model_id",
            "dataset_snapshot",
            "commit",
            "hardware",
        ];
        Json::object(names.map(|name| (name, open(name))))
    }
}

impl Entry {
    fn take(mut fields: Fields) -> Result<Self> {
        let id = fields.label("id")?;
        let benchmark = Registry::built_in().find(&id)?;
        ensure!(
            benchmark.gate(VERSION).is_some(),
            "version {VERSION} does not ask for benchmark `{id}`"
        );
        let entry = Self {
            benchmark,
            prepared: fields.path("prepared")?,
            fasta: fields.path("fasta")?,
            output: fields.path("output")?,
            baseline_threshold: match fields.contains("baseline_threshold") {
                true => Some(fields.finite("baseline_threshold")?.get()),
                false => None,
            },
            annotation: fields.optional_path("annotation")?,
            carbon_model: fields.optional_path("carbon_model")?,
            recipe: fields.optional_label("recipe")?,
            window_bp: fields.optional_unsigned("window_bp")?,
        };
        fields.finish()?;
        Ok(entry)
    }
}
