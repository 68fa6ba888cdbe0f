//! Whether everything that a data set is made of is there, and what it is.

use std::collections::BTreeMap;

use anyhow::Result;
use geno_provenance::{
    FieldError, Fields, Json, Label, PublicPath,
    release::{ArtifactSet, Claim, Issue, IssueCode, Report, ReportBody, Severity},
};

use super::{package::Folders, spec::Spec, stage};
use crate::run_args::{Made, Run};

/// What `dataset_input_check_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct InputCheck {
    pub(crate) snapshot_id: Label,
    /// Which file each file of the data set is made of.
    pub(crate) made_of: BTreeMap<PublicPath, PublicPath>,
    /// Inputs that are not there.
    pub(crate) missing: Vec<PublicPath>,
}

/// Looks every input up and hashes it.
pub(crate) fn check(spec: &Spec, folders: &Folders, run: &Run) -> Result<Report<InputCheck>> {
    let mut inputs = ArtifactSet::new([folders.spec()?])?;
    let mut missing = Vec::new();
    for input in spec.inputs() {
        match stage::exists(folders.inputs(), input) {
            true => inputs.insert(folders.input(input)?)?,
            false => missing.push(input.clone()),
        }
    }
    let files = spec.files.iter();
    let made_of = files.filter_map(|(path, file)| Some((path.clone(), file.make.input()?.clone())));
    run.report(Made {
        evidence_class: spec.facts.evidence_class(),
        command: folders.command("snapshot")?,
        inputs,
        outputs: ArtifactSet::default(),
        limitations: spec.facts.limitations.clone(),
        body: InputCheck {
            snapshot_id: spec.facts.snapshot_id.clone(),
            made_of: made_of.collect(),
            missing,
        },
    })
}

impl ReportBody for InputCheck {
    const PRODUCER: &'static str = "xtask.dataset.snapshot";
    const CLAIMS: &'static [Claim] = &[Claim::CoverageOnly];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut made_of = BTreeMap::new();
        for mut item in fields.objects("files")? {
            made_of.insert(item.path("path")?, item.path("input")?);
            item.finish()?;
        }
        Ok(Self {
            snapshot_id: fields.label("snapshot_id")?,
            made_of,
            missing: fields.paths("missing")?,
        })
    }

    fn to_json(&self) -> Json {
        let files = self.made_of.iter().map(|(path, input)| {
            Json::object([("path", Json::from(path)), ("input", Json::from(input))])
        });
        Json::object([
            ("snapshot_id", Json::from(&self.snapshot_id)),
            ("files", Json::Array(files.collect())),
            (
                "missing",
                Json::Array(self.missing.iter().map(Json::from).collect()),
            ),
        ])
    }

    fn issues(&self) -> Vec<Issue> {
        let issue = |path: &PublicPath| {
            Some(Issue {
                severity: Severity::Error,
                code: IssueCode::new("dataset.input.missing").ok()?,
                path: Some(path.clone()),
                message: Label::new("The input is not there.").ok()?,
            })
        };
        self.missing.iter().filter_map(issue).collect()
    }
}
