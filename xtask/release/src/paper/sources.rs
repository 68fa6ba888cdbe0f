//! What a paper follows from.

use std::path::Path;

use anyhow::Result;
use geno_provenance::{
    Artifact, Label, PublicPath,
    release::{ArtifactSet, EvidenceClass, Report, Statement},
};

use crate::{
    dataset::{self, manifest::Manifest as Dataset},
    demo::{self, Demonstration},
    folder,
    issues::Issues,
    model::{self, contents::Contents},
    readiness::{self, report::Readiness},
    suite,
};

/// The packages of a release, read and checked.
pub(super) struct Sources {
    pub(super) model: Report<Contents>,
    pub(super) of_model: model::contents::Sources,
    pub(super) dataset: Report<Dataset>,
    /// The demonstration, and that its receipts hold.
    pub(super) demo: Option<Report<Demonstration>>,
    pub(super) readiness: Option<Report<Readiness>>,
    /// The name of its file.
    pub(super) readiness_file: Option<PublicPath>,
    /// Every file that the paper says is there.
    pub(super) files: ArtifactSet,
    /// Files of the release that are only named.
    pub(super) also: Vec<PublicPath>,
}

impl Sources {
    /// Checks the packages of model and data, and readiness where it is given, and reads them; nothing
    /// if one of them does not hold.
    pub(super) fn read(
        (model_dir, dataset_dir): (&Path, &Path),
        demo_dir: Option<&Path>,
        readiness: Option<&Path>,
        also: Vec<PublicPath>,
        issues: &mut Issues,
    ) -> Result<Option<Self>> {
        model::verify::check(model_dir, issues)?;
        dataset::verify::check(dataset_dir, issues)?;
        if let Some(demo_dir) = demo_dir {
            demo::check(demo_dir, model_dir, issues)?;
        }
        let checked = match readiness {
            Some(path) => readiness::verify::check(path, issues)?,
            None => None,
        };
        if issues.has_errors() {
            return Ok(None);
        }
        let mut files = ArtifactSet::default();
        let packages = [("model", model_dir), ("dataset", dataset_dir)];
        let demo = demo_dir.map(|folder| ("demo", folder));
        for (name, folder) in packages.into_iter().chain(demo) {
            let mut listed: Vec<_> = folder::files(folder)?.into_iter().collect();
            listed.push(PublicPath::new(folder::SUMS)?);
            for path in listed {
                let public = PublicPath::new(format!("{name}/{path}"))?;
                files.insert(Artifact::of_file(&path.under(folder), public)?)?;
            }
        }
        if let (Some(path), Some(report)) = (readiness, &checked) {
            let root = suite::folder_of(path)?;
            let own = Artifact::of(&root, suite::file_name(path)?)?;
            for file in report.draft().inputs.iter().chain([&own]) {
                let path = PublicPath::new(format!("release/{}", file.path))?;
                files.insert(Artifact {
                    path,
                    ..file.clone()
                })?;
            }
        }
        let sources = Self {
            model: model::package(model_dir)?,
            of_model: model::contents::Sources::read(model_dir)?,
            dataset: dataset::package::read_manifest(dataset_dir)?,
            demo: demo_dir.map(demo::read).transpose()?,
            readiness: checked,
            readiness_file: readiness.map(suite::file_name).transpose()?,
            files,
            also,
        };
        sources.check(issues)?;
        Ok(Some(sources))
    }

    /// Finds where the packages are not of one release.
    fn check(&self, issues: &mut Issues) -> Result<()> {
        let model = self.model.body();
        if self.dataset.body().facts.snapshot_id != model.dataset_snapshot {
            let message = "is not the snapshot that the model was trained on";
            issues.error(
                "paper.dataset.identity",
                "dataset/dataset_manifest.json",
                message,
            );
        }
        let Some(readiness) = &self.readiness else {
            return Ok(());
        };
        let metrics = PublicPath::new(format!("model/{}", model::METRICS))?;
        let packaged = self.files.get(&metrics).map(|file| file.digest);
        let mut inputs = readiness.draft().inputs.iter();
        if !inputs.any(|file| Some(file.digest) == packaged) {
            let message = "is of other metrics than the package of the model";
            issues.error("paper.readiness.identity", metrics.as_str(), message);
        }
        Ok(())
    }

    /// A title of the model and its release.
    pub(super) fn title(&self) -> Result<Statement> {
        let model = self.model.body();
        let name = &self.of_model.manifest.model_name;
        Ok(Statement::new(format!(
            "{name}: what was measured of {}",
            model.release
        ))?)
    }

    /// Whether all of it may count as evidence.
    pub(super) fn evidence_class(&self) -> EvidenceClass {
        let model = &self.model.draft().evidence_class;
        let both = model.join(&self.dataset.draft().evidence_class);
        let demo = self.demo.as_ref().map(|demo| &demo.draft().evidence_class);
        let readiness = self.readiness.as_ref();
        let readiness = readiness.map(|readiness| &readiness.draft().evidence_class);
        let more = [demo, readiness].into_iter().flatten();
        more.fold(both, |class, more| class.join(more))
    }

    /// The commit that the weights were trained by, as the run says it, or by which they were
    /// exported, as the manifest does.
    pub(super) fn training_commit(&self) -> Option<&Label> {
        if let Some(run) = &self.model.body().training {
            return Some(&run.commit);
        }
        let facts = &self.of_model.manifest.training.data_snapshot;
        let mut facts = facts.iter();
        facts
            .find(|(key, _)| key.as_str() == "code_commit")
            .map(|(_, commit)| commit)
    }
}
