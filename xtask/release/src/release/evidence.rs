//! `publication_evidence_report.json`: that everything from the lock to the replay is of one release.

use std::path::Path;

use anyhow::Result;
use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Label,
    release::{
        ArtifactSet, Claim, CommandLine, EvidenceClass, Issue, IssueCode, PublicUrl, Report,
        ReportBody, Severity, Statement, Workspace,
    },
};

use super::{
    EvidenceArgs,
    candidate::Candidate,
    chain,
    lock::Lock,
    plan::{GROUPS, Plan},
    publication::{Publication, revision_json, take_revision},
    replay::Replay,
};
use crate::{Verdict, hub::Revision, issues::Issues, run_args::Made};

/// What `publication_evidence_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Evidence {
    pub(crate) lock_digest: Digest,
    /// Pages of the groups, and the revisions that hold them.
    pub(crate) published: [(Label, Revision); 3],
    /// Every file that was planned, published, fetched and verified, where it is served for good.
    pub(crate) sources: Vec<(PublicUrl, Artifact)>,
    /// What was compared, and whether it holds.
    pub(crate) links: Vec<(Label, bool)>,
}

impl ReportBody for Evidence {
    const PRODUCER: &'static str = "xtask.release.evidence";
    const CLAIMS: &'static [Claim] = &[
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut published = fields.object("published")?;
        let mut group = |name| {
            let mut group = published.object(name)?;
            let page = group.label("page")?;
            let revision = take_revision(group.object("revision")?)?;
            group.finish()?;
            Ok::<_, FieldError>((page, revision))
        };
        let [model, dataset, demo] = GROUPS.map(&mut group);
        let groups = [model?, dataset?, demo?];
        published.finish()?;
        let source = |mut source: Fields| {
            let url = PublicUrl::new(source.string("url")?);
            let url = url.map_err(|_| FieldError::Value {
                field: "body.sources.url".to_owned(),
                expected: "a public address",
            })?;
            let file = Artifact::take(&mut source)?;
            source.finish()?;
            Ok::<_, FieldError>((url, file))
        };
        let sources = fields.objects("sources")?.into_iter().map(source);
        let sources = sources.collect::<Result<_, _>>()?;
        let links = fields.objects("links")?.into_iter().map(|mut link| {
            let compared = (link.label("what")?, link.bool("holds")?);
            link.finish()?;
            Ok::<_, FieldError>(compared)
        });
        let links = links.collect::<Result<_, _>>()?;
        Ok(Self {
            lock_digest: fields.digest("lock_digest")?,
            published: groups,
            sources,
            links,
        })
    }

    fn to_json(&self) -> Json {
        let group = |(page, revision): &(Label, Revision)| {
            Json::object([
                ("page", Json::from(page)),
                ("revision", revision_json(revision)),
            ])
        };
        let source = |(url, file): &(PublicUrl, Artifact)| {
            let fields = file.fields().into_iter();
            Json::object(fields.chain([("url", Json::from(url))]))
        };
        let link = |(what, holds): &(Label, bool)| {
            Json::object([("what", Json::from(what)), ("holds", (*holds).into())])
        };
        let groups = GROUPS.into_iter().zip(self.published.iter().map(group));
        Json::object([
            ("lock_digest", Json::from(self.lock_digest)),
            ("published", Json::object(groups)),
            (
                "sources",
                Json::Array(self.sources.iter().map(source).collect()),
            ),
            ("links", Json::Array(self.links.iter().map(link).collect())),
        ])
    }

    fn issues(&self) -> Vec<Issue> {
        let broken = self.links.iter().filter(|(_, holds)| !holds);
        let issue = |(what, _): &(Label, bool)| {
            Some(Issue {
                severity: Severity::Error,
                code: IssueCode::new("evidence.link").ok()?,
                path: None,
                message: Label::new(format!("does not hold: {what}")).ok()?,
            })
        };
        broken.filter_map(issue).collect()
    }
}

/// The reports of a publication.
struct Chain {
    lock: Report<Lock>,
    plan: Report<Plan>,
    publication: Report<Publication>,
    candidate: Report<Candidate>,
    replay: Report<Replay>,
}

impl Chain {
    fn read(folder: &Path) -> Result<Self> {
        Ok(Self {
            lock: chain::read(folder, chain::LOCK)?,
            plan: chain::read(folder, chain::PLAN)?,
            publication: chain::read(folder, chain::PUBLICATION)?,
            candidate: chain::read(folder, chain::CANDIDATE)?,
            replay: chain::read(folder, chain::REPLAY)?,
        })
    }

    fn class(&self) -> EvidenceClass {
        let classes = [
            &self.lock.draft().evidence_class,
            &self.plan.draft().evidence_class,
            &self.publication.draft().evidence_class,
            &self.candidate.draft().evidence_class,
            &self.replay.draft().evidence_class,
        ];
        classes
            .into_iter()
            .fold(EvidenceClass::RELEASE, |a, b| a.join(b))
    }

    /// Where each file is served, by the revision that was published.
    fn sources(&self) -> Result<Vec<(PublicUrl, Artifact)>> {
        let mut sources = Vec::new();
        let revisions = &self.publication.body().revisions;
        for (group, revision) in self.plan.body().groups.iter().zip(revisions) {
            for (destination, file) in &group.files {
                let url = group.target.file(revision, destination)?;
                sources.push((url, file.clone()));
            }
        }
        Ok(sources)
    }

    /// Compares every report with those that it is made of.
    fn links(&self, folder: &Path) -> Result<Vec<(Label, bool)>> {
        let workspace = Workspace::new([("release", folder)])?;
        let digest = self.lock.body().digest();
        let planned = Plan::of(self.lock.body(), self.plan.body().targets());
        let probed = self
            .candidate
            .body()
            .probes
            .iter()
            .map(|probe| &probe.revision);
        let files = self.plan.body().len();
        let made_of = |name: &str, inputs: &ArtifactSet| {
            (
                format!("`{name}` is made of the reports that are here"),
                inputs.drifts(&workspace).is_empty(),
            )
        };
        let release = self.lock.draft().identity.as_ref();
        let identities = [
            self.plan.draft().identity.as_ref(),
            self.publication.draft().identity.as_ref(),
            self.candidate.draft().identity.as_ref(),
            self.replay.draft().identity.as_ref(),
        ];
        let links = [
            (format!("`{}` is well", chain::LOCK), self.lock.is_ok()),
            (format!("`{}` is well", chain::PLAN), self.plan.is_ok()),
            (
                format!("`{}` is well", chain::PUBLICATION),
                self.publication.is_ok(),
            ),
            (
                format!("`{}` is well", chain::CANDIDATE),
                self.candidate.is_ok(),
            ),
            (format!("`{}` is well", chain::REPLAY), self.replay.is_ok()),
            made_of(chain::PLAN, &self.plan.draft().inputs),
            made_of(chain::PUBLICATION, &self.publication.draft().inputs),
            made_of(chain::CANDIDATE, &self.candidate.draft().inputs),
            made_of(chain::REPLAY, &self.replay.draft().inputs),
            (
                "all are of one release".to_owned(),
                identities.iter().all(|identity| *identity == release),
            ),
            (
                "the plan is that of the lock".to_owned(),
                planned.is_ok_and(|planned| planned == *self.plan.body()),
            ),
            (
                "the publication is of the plan".to_owned(),
                self.publication.body().lock_digest == digest,
            ),
            (
                "the candidate is of the lock".to_owned(),
                self.candidate.body().lock_digest == digest,
            ),
            (
                "the candidate probed what was published".to_owned(),
                probed.eq(&self.publication.body().revisions),
            ),
            (
                "the replay is of the lock".to_owned(),
                self.replay.body().lock_digest == digest,
            ),
            (
                "the replay fetched every planned file".to_owned(),
                self.replay.body().downloaded == files,
            ),
        ];
        links
            .into_iter()
            .map(|(what, holds)| Ok((Label::new(what)?, holds)))
            .collect()
    }
}

/// Binds the reports of a publication.
pub(super) fn run(args: &EvidenceArgs) -> Result<Verdict> {
    let folder = &args.release.release_dir;
    let chain = Chain::read(folder)?;
    let groups = chain.plan.body().groups.iter();
    let pages = groups.map(|group| Ok(Label::new(group.target.page())?));
    let pages: Vec<Label> = pages.collect::<Result<_>>()?;
    let revisions = chain.publication.body().revisions.iter().cloned();
    let published: Vec<_> = pages.into_iter().zip(revisions).collect();
    let Ok(published) = published.try_into() else {
        unreachable!("there are as many revisions as groups");
    };
    let report = args.release.run.run()?.report_of(
        Made {
            evidence_class: chain.class(),
            command: CommandLine::new(["cargo", "xtask", "release", "evidence"])?,
            inputs: chain::files(
                folder,
                &[
                    chain::LOCK,
                    chain::PLAN,
                    chain::PUBLICATION,
                    chain::CANDIDATE,
                    chain::REPLAY,
                ],
            )?,
            outputs: ArtifactSet::default(),
            limitations: vec![Statement::new(
                "Hosts may stop serving what they served; digests stay what they are.",
            )?],
            body: Evidence {
                lock_digest: chain.lock.body().digest(),
                published,
                sources: chain.sources()?,
                links: chain.links(folder)?,
            },
        },
        chain.lock.draft().identity.clone(),
    )?;
    report.write(&folder.join(chain::EVIDENCE))?;
    let mut issues = Issues::default();
    issues.extend(report.issues());
    Ok(issues.tell("every link", args.json))
}
