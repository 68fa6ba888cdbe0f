//! The report of readiness.

use geno_provenance::{
    FieldError, Fields, Json,
    release::{Claim, Issue, NegativeFinding, ReportBody, Statement},
};

use super::{
    requirement,
    row::{Coverage, Row, Target},
};
use crate::{findings::derived, issues::error};

/// What the report holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Readiness {
    pub(super) rows: Vec<Row>,
    /// Whether the commands of the suite ran to their end; none without its report.
    pub(super) suite_is_done: Option<bool>,
    /// What is aimed at in place of the speed that was missed, if that was decided.
    pub(super) replacement_target: Option<Statement>,
    /// What the evaluation says against the model.
    pub(super) evaluation_findings: Vec<Statement>,
}

impl Readiness {
    pub(super) fn is_rescoped(&self) -> bool {
        self.replacement_target.is_some()
    }
}

impl ReportBody for Readiness {
    const PRODUCER: &'static str = "xtask.v02.readiness";
    const CLAIMS: &'static [Claim] = &[
        Claim::CoverageOnly,
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
    ];
    const NEEDS_FINDINGS: bool = true;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let required = requirement::all();
        let rows = fields.objects("rows")?;
        if rows.len() != required.len() {
            return Err(FieldError::Value {
                field: "body.rows".to_owned(),
                expected: "a list of every benchmark of the registry, efficiency and speed",
            });
        }
        let rows = rows.into_iter().zip(required);
        let rows = rows.map(|(fields, required)| Row::take(fields, required));
        let replacement = fields.optional_label("replacement_target")?;
        let replacement = replacement.map(|text| Statement::new(text.as_str()));
        Ok(Self {
            rows: rows.collect::<Result<_, _>>()?,
            suite_is_done: match fields.value("suite_is_done")? {
                Json::Bool(is_done) => Some(is_done),
                Json::Null => None,
                _ => {
                    return Err(FieldError::Value {
                        field: "body.suite_is_done".to_owned(),
                        expected: "true, false or null",
                    });
                }
            },
            replacement_target: replacement.transpose().map_err(|_| FieldError::Value {
                field: "body.replacement_target".to_owned(),
                expected: "a statement without placeholders",
            })?,
            evaluation_findings: Statement::take_all(fields, "evaluation_findings")?,
        })
    }

    fn to_json(&self) -> Json {
        let rows = self.rows.iter().map(|row| row.to_json(self.is_rescoped()));
        let findings = self.evaluation_findings.iter().map(Json::from);
        let replacement = self.replacement_target.as_ref();
        Json::object([
            ("rows", Json::Array(rows.collect())),
            (
                "suite_is_done",
                self.suite_is_done.map_or(Json::Null, Json::from),
            ),
            (
                "replacement_target",
                replacement.map_or(Json::Null, Json::from),
            ),
            ("evaluation_findings", Json::Array(findings.collect())),
        ])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let suite = match self.suite_is_done {
            Some(true) => None,
            Some(false) => Some(derived(
                "suite_not_done",
                "The suite did not run to its end.",
            )),
            None => Some(derived(
                "suite_missing",
                "No suite says how the metrics were made.",
            )),
        };
        let rows = self.rows.iter();
        let rows = rows.flat_map(|row| row.findings(self.is_rescoped()));
        let said = self.evaluation_findings.iter();
        let said = said.map(|text| derived("evaluation", &**text));
        rows.chain(suite).chain(said).collect()
    }

    fn issues(&self) -> Vec<Issue> {
        let suite = match self.suite_is_done {
            Some(true) => None,
            Some(false) => Some(error("v02.suite.not_done", "the suite did not end well")),
            None => Some(error("v02.suite.missing", "there is no report of a suite")),
        };
        let rows = self.rows.iter().flat_map(|row| {
            let id = &row.required.id;
            let coverage = match row.coverage() {
                Coverage::Covered => None,
                Coverage::Missing => {
                    Some(error("v02.row.missing", format!("`{id}` was not measured")))
                }
                Coverage::Incomplete => {
                    let lacks = row.lacks().join(", ");
                    Some(error("v02.row.incomplete", format!("`{id}` lacks {lacks}")))
                }
            };
            let is_missed = row.target(self.is_rescoped()) == Target::Missed;
            let missed = format!("`{id}` misses its target");
            let missed = is_missed.then(|| error("v02.target.missed", missed));
            coverage.into_iter().chain(missed)
        });
        rows.chain(suite).collect()
    }
}
