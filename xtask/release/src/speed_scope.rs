//! `cargo xtask v02 speed-scope`: the decision to go on with another target than the one that was missed.

use std::{fs, path::PathBuf};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Timestamp,
    release::{
        ArtifactSet, Claim, CommandLine, NegativeFinding, PublicUrl, Report, ReportBody, Statement,
    },
};

use crate::{
    Verdict,
    findings::derived,
    run_args::{Made, RunArgs},
    speed::RolloutSpeed,
    suite::file_name,
};

#[derive(clap::Args)]
pub(crate) struct ScopeArgs {
    /// The report that shows a target missed
    #[arg(long, value_name = "FILE")]
    rollout_speed_report: PathBuf,
    /// Who decided
    #[arg(long, value_name = "NAME")]
    accepted_by: String,
    /// When, such as `2026-05-31T00:00:00Z`
    #[arg(long, value_name = "TIME")]
    accepted_at: Timestamp,
    /// Where the decision can be read
    #[arg(long, value_name = "URL")]
    decision_url: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    rationale: String,
    /// What is aimed at in place of the target
    #[arg(long, value_name = "TEXT")]
    replacement_target: String,
    /// The report of the decision
    #[arg(long, value_name = "FILE")]
    output_json: PathBuf,
    #[command(flatten)]
    run: RunArgs,
}

/// What a report of a decision holds: the decision, and which measurement it is about. What that
/// measured, every reader takes from it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct SpeedScope {
    accepted_by: Statement,
    accepted_at: Timestamp,
    decision_url: PublicUrl,
    rationale: Statement,
    replacement_target: Statement,
    /// The report of the measurement.
    speed_report: Artifact,
}

pub(crate) fn run(args: &ScopeArgs) -> Result<Verdict> {
    let at = || format!("`{}`", args.rollout_speed_report.display());
    let bytes = fs::read(&args.rollout_speed_report).with_context(at)?;
    let speed = Report::<RolloutSpeed>::parse(&bytes).with_context(at)?;
    let speed_report = Artifact {
        path: file_name(&args.rollout_speed_report)?,
        digest: Digest::of(&bytes),
        size: bytes.len() as u64,
    };
    let body = SpeedScope {
        accepted_by: Statement::new(&args.accepted_by).context("`--accepted-by`")?,
        accepted_at: args.accepted_at,
        decision_url: PublicUrl::new(&args.decision_url).context("`--decision-url`")?,
        rationale: Statement::new(&args.rationale).context("`--rationale`")?,
        replacement_target: Statement::new(&args.replacement_target)
            .context("`--replacement-target`")?,
        speed_report: speed_report.clone(),
    };
    body.binds(&speed, speed_report.digest)?;
    let run = args.run.run()?;
    let made = Made {
        evidence_class: speed.draft().evidence_class.clone(),
        command: CommandLine::new([
            "cargo",
            "xtask",
            "v02",
            "speed-scope",
            "--rollout-speed-report",
            speed_report.path.as_str(),
        ])?,
        inputs: ArtifactSet::new([speed_report])?,
        outputs: ArtifactSet::default(),
        limitations: vec![Statement::new(
            "It is a decision about one measurement, and about no other.",
        )?],
        body,
    };
    let report = run.report_of(made, speed.draft().identity.clone())?;
    report.write(&args.output_json)?;
    println!("{}", args.output_json.display());
    Ok(Verdict::Holds)
}

impl SpeedScope {
    /// What is aimed at in place of the target.
    pub(crate) fn replacement_target(&self) -> &Statement {
        &self.replacement_target
    }

    /// Checks that the decision is about this measurement, and that it missed a target.
    pub(crate) fn binds(&self, speed: &Report<RolloutSpeed>, digest: Digest) -> Result<()> {
        ensure!(
            self.speed_report.digest == digest,
            "the decision is about another measurement of the speed of rollouts"
        );
        ensure!(
            speed.body().missed().next().is_some(),
            "every target of the speed of rollouts was met: there is nothing to decide"
        );
        Ok(())
    }
}

impl ReportBody for SpeedScope {
    const PRODUCER: &'static str = "xtask.v02.speed_scope";
    const CLAIMS: &'static [Claim] = &[Claim::ScopeDecisionNotTargetMet, Claim::TimingIsNotQuality];
    const NEEDS_FINDINGS: bool = true;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let url = PublicUrl::new(fields.string("decision_url")?);
        let mut report = fields.object("rollout_speed_report")?;
        let scope = Self {
            accepted_by: Statement::take(fields, "accepted_by")?,
            accepted_at: fields.timestamp("accepted_at")?,
            decision_url: url.map_err(|_| FieldError::Value {
                field: "body.decision_url".to_owned(),
                expected: "an address that anybody may see",
            })?,
            rationale: Statement::take(fields, "rationale")?,
            replacement_target: Statement::take(fields, "replacement_target")?,
            speed_report: Artifact::take(&mut report)?,
        };
        report.finish()?;
        Ok(scope)
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("accepted_by", Json::from(&self.accepted_by)),
            ("accepted_at", self.accepted_at.to_string().into()),
            ("decision_url", self.decision_url.as_str().into()),
            ("rationale", Json::from(&self.rationale)),
            ("replacement_target", Json::from(&self.replacement_target)),
            (
                "rollout_speed_report",
                Json::object(self.speed_report.fields()),
            ),
        ])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let texts = [
            "The measurement that this is about misses a target of the speed of rollouts.",
            "This records a decision, and measures no speed.",
        ];
        texts.map(|text| derived("rescoped", text)).to_vec()
    }
}
