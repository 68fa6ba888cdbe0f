//! What a package of a model holds, read from its files.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use geno_core::Digest;
use geno_eval::MetricsDocument;
use geno_provenance::{
    FieldError, Fields, Json, Label, Manifest, encoder_digest,
    release::{Claim, Issue, NegativeFinding, Report, ReportBody, Statement},
};

use super::{
    EFFICIENCY, MANIFEST, METRICS,
    facts::Facts,
    training::{Training, warnings},
};
use crate::{efficiency::Efficiency, findings::derived, folder, identity, issues::Issues};

/// What `model_package.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Contents {
    pub(crate) facts: Facts,
    pub(crate) model_id: Digest,
    pub(crate) weights_id: Digest,
    pub(crate) release: Label,
    pub(crate) dataset_snapshot: Label,
    /// Whether the encoder's weights are among the files.
    pub(crate) holds_encoder: bool,
    /// The run that trained it.
    pub(crate) training: Option<Training>,
    /// What speaks against the model, as its evaluation says it.
    pub(crate) findings: Vec<Statement>,
}

/// The files that a package is described by.
pub(crate) struct Sources {
    pub(crate) manifest: Manifest,
    pub(crate) metrics: MetricsDocument,
    pub(crate) efficiency: Report<Efficiency>,
}

impl Sources {
    /// Reads them.
    pub(crate) fn read(folder: &Path) -> Result<Self> {
        let read = |name: &str| {
            fs::read(folder.join(name)).with_context(|| format!("cannot read `{name}`"))
        };
        let manifest = Manifest::parse(&read(MANIFEST)?).context(MANIFEST)?;
        let metrics = MetricsDocument::parse(&read(METRICS)?).context(METRICS)?;
        let efficiency = Report::parse(&read(EFFICIENCY)?).context(EFFICIENCY)?;
        Ok(Self {
            manifest,
            metrics,
            efficiency,
        })
    }

    /// Finds where the manifest and what was measured disagree.
    pub(crate) fn check(&self, issues: &mut Issues) -> Result<()> {
        let mut differ = |file: &str, fields: Vec<&str>| {
            for field in fields {
                let message = format!("`{field}` is not the model's");
                issues.error("model.identity.drift", file, message);
            }
        };
        differ(
            METRICS,
            identity::of_metrics(&self.manifest, &self.metrics)?,
        );
        let Some(identity) = &self.efficiency.draft().identity else {
            differ(EFFICIENCY, vec!["identity"]);
            return Ok(());
        };
        differ(EFFICIENCY, identity::of_report(&self.manifest, identity)?);
        differ(METRICS, identity::of_run(&self.metrics, identity));
        Ok(())
    }
}

impl Contents {
    /// Reads a package.
    pub(crate) fn of(folder: &Path, facts: Facts, sources: &Sources) -> Result<Self> {
        let findings = sources.metrics.negative_findings.iter();
        Ok(Self {
            facts,
            model_id: sources.manifest.model_id(),
            weights_id: sources.manifest.weights_id(),
            release: sources.manifest.release_id.clone(),
            dataset_snapshot: identity::snapshot(&sources.manifest)?.clone(),
            holds_encoder: holds_encoder(folder, &sources.manifest)?,
            training: Training::of(folder, &sources.manifest)?,
            findings: findings
                .map(|text| Statement::new(&**text))
                .collect::<Result<_, _>>()?,
        })
    }
}

/// Whether the weights in `encoder/` are those of the manifest; there may be none.
fn holds_encoder(package: &Path, manifest: &Manifest) -> Result<bool> {
    let folder = package.join("encoder");
    if !folder.is_dir() {
        return Ok(false);
    }
    let mut weights = Vec::new();
    for path in folder::files(&folder)? {
        if path.as_str().ends_with(".safetensors") || path.as_str().ends_with(".gguf") {
            let file = fs::File::open(path.under(&folder))?;
            weights.push(Digest::of_reader(file)?);
        }
    }
    Ok(encoder_digest(weights) == manifest.encoder.hash)
}

impl ReportBody for Contents {
    const PRODUCER: &'static str = "xtask.model.package";
    const CLAIMS: &'static [Claim] = &[
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = true;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        Ok(Self {
            facts: Facts::take(fields)?,
            model_id: fields.digest("model_id")?,
            weights_id: fields.digest("weights_id")?,
            release: fields.label("model_release")?,
            dataset_snapshot: fields.label("dataset_snapshot")?,
            holds_encoder: fields.bool("holds_encoder")?,
            training: match fields.nullable_object("training")? {
                Some(training) => Some(Training::take(training)?),
                None => None,
            },
            findings: Statement::take_all(fields, "evaluation_findings")?,
        })
    }

    fn to_json(&self) -> Json {
        let findings = self.findings.iter().map(Json::from);
        let mut fields = self.facts.fields();
        fields.extend([
            ("model_id", self.model_id.into()),
            ("weights_id", self.weights_id.into()),
            ("model_release", Json::from(&self.release)),
            ("dataset_snapshot", Json::from(&self.dataset_snapshot)),
            ("holds_encoder", self.holds_encoder.into()),
            (
                "training",
                self.training.as_ref().map_or(Json::Null, Json::from),
            ),
            ("evaluation_findings", Json::Array(findings.collect())),
        ]);
        Json::object(fields)
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let trained = self.training.as_ref().and_then(Training::finding);
        let evaluated = self.findings.iter();
        let evaluated = evaluated.map(|text| derived("evaluation", &**text));
        trained.into_iter().chain(evaluated).collect()
    }

    fn issues(&self) -> Vec<Issue> {
        warnings(self.training.as_ref(), &self.dataset_snapshot)
    }
}
