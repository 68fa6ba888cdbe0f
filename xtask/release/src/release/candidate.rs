//! `release_candidate_report.json`: that what the hosts serve is what was planned.

use std::path::Path;

use anyhow::Result;
use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Label, PublicPath,
    release::{
        ArtifactSet, Claim, CommandLine, Issue, IssueCode, Report, ReportBody, Severity, Statement,
    },
};

use super::{
    CandidateArgs, chain, hub_args,
    plan::{GROUPS, Group, Plan},
    publication::{Publication, revision_json, take_revision},
    verify,
};
use crate::{
    Verdict,
    hub::{Hub, Revision},
    issues::Issues,
    run_args::Made,
};

/// What `release_candidate_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Candidate {
    pub(crate) lock_digest: Digest,
    /// Errors of the release when it was checked again.
    pub(crate) package_errors: u64,
    /// Files of each part of the release; of the paper too.
    pub(crate) files: [u64; 4],
    /// Of each group of the plan.
    pub(crate) probes: [Probe; 3],
}

/// What a host served.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Probe {
    pub(crate) revision: Revision,
    /// Whether it is what readers see who name no revision.
    pub(crate) is_current: bool,
    /// Why it could not be listed.
    pub(crate) unreachable: Option<Label>,
    pub(crate) expected: u64,
    /// Files that were fetched with the planned digest and size.
    pub(crate) verified: u64,
    pub(crate) missing: Vec<PublicPath>,
    pub(crate) unexpected: Vec<PublicPath>,
    pub(crate) changed: Vec<PublicPath>,
}

/// The parts whose files are counted.
const PARTS: [&str; 4] = ["model", "dataset", "demo", "paper"];

impl Probe {
    /// Lists what is published and fetches every planned file.
    fn of(hub: &Hub, group: &Group, revision: &Revision, into: &Path) -> Result<Self> {
        let mut probe = Self {
            revision: revision.clone(),
            is_current: false,
            unreachable: None,
            expected: group.files.len() as u64,
            verified: 0,
            missing: Vec::new(),
            unexpected: Vec::new(),
            changed: Vec::new(),
        };
        let listed = match hub.list(&group.target, revision) {
            Ok(listed) => listed,
            Err(error) => {
                let told = format!("{:#}", anyhow::Error::from(error));
                probe.unreachable = Some(Label::new(told.replace(char::is_control, " "))?);
                return Ok(probe);
            }
        };
        probe.is_current = hub
            .current(&group.target)
            .is_ok_and(|current| current.as_ref() == Some(revision));
        let is_planned = |path: &PublicPath| group.files.iter().any(|(name, _)| name == path);
        let unexpected = listed.iter().filter(|file| !is_planned(&file.path));
        probe.unexpected = unexpected.map(|file| file.path.clone()).collect();
        for (name, file) in &group.files {
            let name = name.clone();
            if !listed.iter().any(|file| file.path == name) {
                probe.missing.push(name);
                continue;
            }
            let to = into.join(file.digest.to_hex());
            let remote = Artifact {
                path: name.clone(),
                ..file.clone()
            };
            match hub.download(&group.target, revision, &remote, &to) {
                Ok(()) => {
                    probe.verified += 1;
                    std::fs::remove_file(&to)?;
                }
                Err(_) => probe.changed.push(name),
            }
        }
        Ok(probe)
    }

    fn is_complete(&self) -> bool {
        self.unreachable.is_none()
            && self.verified == self.expected
            && self.expected > 0
            && self.unexpected.is_empty()
    }

    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let probe = Self {
            revision: take_revision(fields.object("revision")?)?,
            is_current: fields.bool("is_current")?,
            unreachable: fields.optional_label("unreachable")?,
            expected: fields.unsigned("expected")?,
            verified: fields.unsigned("verified")?,
            missing: fields.paths("missing")?,
            unexpected: fields.paths("unexpected")?,
            changed: fields.paths("changed")?,
        };
        fields.finish()?;
        Ok(probe)
    }
}

impl From<&Probe> for Json {
    fn from(probe: &Probe) -> Self {
        let list = |paths: &[PublicPath]| Self::Array(paths.iter().map(Self::from).collect());
        let unreachable = probe.unreachable.as_ref().map_or(Self::Null, Self::from);
        Self::object([
            ("revision", revision_json(&probe.revision)),
            ("is_current", probe.is_current.into()),
            ("unreachable", unreachable),
            ("expected", probe.expected.into()),
            ("verified", probe.verified.into()),
            ("missing", list(&probe.missing)),
            ("unexpected", list(&probe.unexpected)),
            ("changed", list(&probe.changed)),
        ])
    }
}

impl Candidate {
    /// The rows of readiness: whether each holds, and what stands in its way.
    pub(crate) fn readiness(&self) -> [(&'static str, Vec<String>); 8] {
        let part = |i: usize| match self.files[i] {
            0 => vec![format!("the release holds no {}", PARTS[i])],
            _ => Vec::new(),
        };
        let package = match self.package_errors {
            0 => Vec::new(),
            n => vec![format!("{n} errors of the release")],
        };
        let groups = || GROUPS.into_iter().zip(&self.probes);
        let links = groups().filter_map(|(name, probe)| match &probe.unreachable {
            Some(why) => Some(format!("{name}: {why}")),
            None if !probe.is_current => Some(format!("{name}: something newer is published")),
            None => None,
        });
        let served = groups().flat_map(|(name, probe)| {
            let lists = [
                ("is not served", &probe.missing),
                ("is served and not planned", &probe.unexpected),
                ("is served with other bytes", &probe.changed),
            ];
            lists.into_iter().flat_map(move |(what, paths)| {
                paths
                    .iter()
                    .map(move |path| format!("{name}: `{path}` {what}"))
            })
        });
        let mut artifacts: Vec<_> = served.collect();
        let incomplete = groups().filter(|(_, probe)| !probe.is_complete());
        if artifacts.is_empty() {
            artifacts.extend(incomplete.map(|(name, _)| format!("{name} was not fetched whole")));
        }
        let planned: u64 = self.probes.iter().map(|probe| probe.expected).sum();
        let plan = match planned == self.files.iter().sum::<u64>() {
            true => Vec::new(),
            false => vec!["not every file of the release is planned".to_owned()],
        };
        [
            ("package_verifier", package),
            ("model_package", part(0)),
            ("dataset_package", part(1)),
            ("terminal_demo", part(2)),
            ("paper_artifact", part(3)),
            ("public_links", links.collect()),
            ("public_artifacts", artifacts),
            ("hub_publication_plan", plan),
        ]
    }
}

impl ReportBody for Candidate {
    const PRODUCER: &'static str = "xtask.release.candidate";
    const CLAIMS: &'static [Claim] = &[
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut probes = fields.object("probes")?;
        let mut probe = |name| Probe::take(probes.object(name)?);
        let [model, dataset, demo] = GROUPS.map(&mut probe);
        let all = [model?, dataset?, demo?];
        probes.finish()?;
        let mut files = fields.object("files")?;
        let [model, dataset, demo, paper] = PARTS.map(|part| files.unsigned(part));
        let counts = [model?, dataset?, demo?, paper?];
        files.finish()?;
        // It follows; the reader compares it.
        fields.value("readiness")?;
        Ok(Self {
            lock_digest: fields.digest("lock_digest")?,
            package_errors: fields.unsigned("package_errors")?,
            files: counts,
            probes: all,
        })
    }

    fn to_json(&self) -> Json {
        let probes = GROUPS.into_iter().zip(self.probes.iter().map(Json::from));
        let files = PARTS.into_iter().zip(self.files.map(Json::from));
        let row = |(code, blockers): (&str, Vec<String>)| {
            Json::object([
                ("code", Json::from(code)),
                ("ok", blockers.is_empty().into()),
                (
                    "blockers",
                    Json::Array(blockers.into_iter().map(Json::from).collect()),
                ),
            ])
        };
        Json::object([
            ("lock_digest", Json::from(self.lock_digest)),
            ("package_errors", self.package_errors.into()),
            ("files", Json::object(files)),
            ("probes", Json::object(probes)),
            (
                "readiness",
                Json::Array(self.readiness().into_iter().map(row).collect()),
            ),
        ])
    }

    /// Whatever stands in the way of a row.
    fn issues(&self) -> Vec<Issue> {
        let rows = self.readiness().into_iter();
        let issues = rows.flat_map(|(code, blockers)| {
            // A release may have no paper.
            let severity = match code {
                "paper_artifact" => Severity::Warning,
                _ => Severity::Error,
            };
            blockers.into_iter().filter_map(move |blocker| {
                Some(Issue {
                    severity,
                    code: IssueCode::new(format!("candidate.{code}")).ok()?,
                    path: None,
                    message: Label::new(blocker).ok()?,
                })
            })
        });
        issues.collect()
    }
}

/// Fetches everything that was published and compares it with the plan.
pub(super) fn run(args: &CandidateArgs) -> Result<Verdict> {
    let folder = &args.release.release_dir;
    let run = args.release.run.run()?;
    let plan: Report<Plan> = chain::read_ok(folder, chain::PLAN)?;
    let publication: Report<Publication> = chain::read_ok(folder, chain::PUBLICATION)?;
    let hub = args.hub.hub()?;
    let class = publication
        .draft()
        .evidence_class
        .join(&hub_args::class(&hub.endpoints));

    let mut issues = Issues::default();
    let lock = verify::check(folder, !class.is_release(), &run, &mut issues)?;
    let is_same = lock
        .as_ref()
        .is_some_and(|lock| lock.body().digest() == plan.body().lock_digest);
    if !is_same && !issues.has_errors() {
        issues.error(
            "release.lock.drift",
            chain::LOCK,
            "the release is another than was planned",
        );
    }
    let count = |part: &str| {
        let files = lock
            .as_ref()
            .map(|lock| lock.body().part(part).count() as u64);
        files.unwrap_or_default()
    };
    let into = tempfile::tempdir()?;
    let groups = plan.body().groups.iter().zip(&publication.body().revisions);
    let mut probes = Vec::new();
    for (group, revision) in groups {
        eprintln!("==> {}", group.target.page());
        probes.push(Probe::of(&hub, group, revision, into.path())?);
    }
    let Ok(probes) = probes.try_into() else {
        unreachable!("there are as many revisions as groups");
    };
    let report = run.report_with(
        Made {
            evidence_class: class,
            command: CommandLine::new(["cargo", "xtask", "release", "candidate"])?,
            inputs: chain::files(folder, &[chain::LOCK, chain::PLAN, chain::PUBLICATION])?,
            outputs: ArtifactSet::default(),
            limitations: vec![Statement::new(
                "What was served was fetched once, from one place.",
            )?],
            body: Candidate {
                lock_digest: plan.body().lock_digest,
                package_errors: issues
                    .all()
                    .iter()
                    .filter(|issue| issue.severity == Severity::Error)
                    .count() as u64,
                files: PARTS.map(count),
                probes,
            },
        },
        plan.draft().identity.clone(),
        Vec::new(),
    )?;
    report.write(&folder.join(chain::CANDIDATE))?;
    issues.extend(report.issues());
    Ok(issues.tell("the candidate", args.json))
}
