//! The report of a suite: which commands ran, on what, and what they left.

use anyhow::Result;
use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json,
    release::{ArtifactSet, Claim, Issue, NegativeFinding, ReportBody, Statement},
};

use super::step::{Status, Step, StepRecord};
use crate::{findings::derived, issues::error};

/// What a report of a suite holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Suite {
    /// Whether the commands were to run.
    pub(crate) is_executed: bool,
    /// Digest of the program's file.
    pub(crate) program: Digest,
    pub(crate) steps: Vec<StepRecord>,
    /// What speaks against the model, as the metrics say it that were put together.
    pub(crate) findings: Vec<Statement>,
}

impl Suite {
    /// One of which nothing ran.
    pub(super) fn planned(steps: &[Step], program: Digest) -> Result<Self> {
        let steps = steps
            .iter()
            .map(|step| StepRecord::of(step, Status::Planned));
        Ok(Self {
            is_executed: false,
            program,
            steps: steps.collect::<Result<_>>()?,
            findings: Vec::new(),
        })
    }

    /// Everything that was left.
    pub(crate) fn outputs(&self) -> Result<ArtifactSet> {
        let files = self.steps.iter().flat_map(|step| step.outputs.iter());
        Ok(ArtifactSet::new(files.cloned())?)
    }

    /// Everything that was read and not made here.
    pub(super) fn inputs(&self, outputs: &ArtifactSet) -> Result<ArtifactSet> {
        let mut inputs = ArtifactSet::default();
        for file in self.steps.iter().flat_map(|step| step.inputs.iter()) {
            if outputs.get(&file.path).is_none() && inputs.get(&file.path).is_none() {
                inputs.insert(file.clone())?;
            }
        }
        Ok(inputs)
    }

    /// Whether the steps follow each other as a run leaves them.
    fn is_in_order(&self) -> bool {
        let statuses = self.steps.iter().map(|step| step.status);
        if !self.is_executed {
            return statuses.into_iter().all(|status| status == Status::Planned);
        }
        let mut rest = statuses.skip_while(|status| status.is_done()).peekable();
        if rest.peek() == Some(&Status::Failed) {
            rest.next();
        }
        rest.all(|status| status == Status::NotRun)
    }
}

impl ReportBody for Suite {
    const PRODUCER: &'static str = "xtask.v02.suite";
    const CLAIMS: &'static [Claim] = &[Claim::NoDeploymentReadiness, Claim::OrchestrationOnly];
    const NEEDS_FINDINGS: bool = true;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let steps = fields.objects("steps")?.into_iter().map(StepRecord::take);
        let suite = Self {
            is_executed: fields.bool("execute")?,
            program: fields.digest("program_sha256")?,
            steps: steps.collect::<Result<_, _>>()?,
            findings: Statement::take_all(fields, "evaluation_findings")?,
        };
        match suite.is_in_order() {
            true => Ok(suite),
            false => Err(FieldError::Value {
                field: "body.steps".to_owned(),
                expected: "a list that ends at the first step that failed",
            }),
        }
    }

    fn to_json(&self) -> Json {
        let steps = self.steps.iter().map(StepRecord::to_json);
        let findings = self.findings.iter().map(Json::from);
        Json::object([
            ("execute", Json::from(self.is_executed)),
            ("program_sha256", self.program.into()),
            ("steps", Json::Array(steps.collect())),
            ("evaluation_findings", Json::Array(findings.collect())),
        ])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let plan = (!self.is_executed)
            .then(|| derived("plan_only", "Nothing ran: a plan is no evidence."));
        let steps = self.steps.iter().filter_map(|step| {
            let what = match step.status {
                Status::Failed => "failed",
                Status::NotRun => "did not run",
                _ => return None,
            };
            Some(derived(
                "step_not_done",
                format!("Step `{}` {what}.", step.id),
            ))
        });
        let said = self
            .findings
            .iter()
            .map(|text| derived("evaluation", &**text));
        plan.into_iter().chain(steps).chain(said).collect()
    }

    fn issues(&self) -> Vec<Issue> {
        let plan = (!self.is_executed).then(|| error("v02.suite.not_executed", "nothing ran"));
        let failed = self.steps.iter().filter_map(|step| match step.status {
            Status::Failed => {
                let faults = step.faults.iter().map(|fault| format!(", {fault}"));
                let faults: String = faults.collect();
                let code = step
                    .exit_code
                    .map_or("none".to_owned(), |code| code.to_string());
                let message = format!("`{}` failed: exit code {code}{faults}", step.id);
                Some(error("v02.suite.step_failed", message))
            }
            Status::NotRun => {
                let message = format!("`{}` did not run", step.id);
                Some(error("v02.suite.step_not_run", message))
            }
            _ => None,
        });
        plan.into_iter().chain(failed).collect()
    }
}
