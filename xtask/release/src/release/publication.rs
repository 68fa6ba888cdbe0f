//! `hub_publish_report.json`: what was published, by the revisions that hold it.

use anyhow::{Context, Result, ensure};
use geno_app::Commit;
use geno_core::Digest;
use geno_provenance::{
    FieldError, Fields, Json,
    release::{ArtifactSet, Claim, CommandLine, Report, ReportBody, Statement},
};

use super::{
    PublishArgs, chain, hub_args,
    plan::{GROUPS, Plan},
};
use crate::{
    Verdict,
    hub::{Published, Revision, Tag, plan_requests},
    run_args::Made,
};

/// What `hub_publish_report.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Publication {
    pub(crate) lock_digest: Digest,
    /// Of each group of the plan.
    pub(crate) revisions: [Revision; 3],
}

pub(super) fn take_revision(mut fields: Fields) -> Result<Revision, FieldError> {
    let wrong = |field: &str, expected| FieldError::Value {
        field: format!("body.revisions.{field}"),
        expected,
    };
    let revision = match fields.optional_label("commit")? {
        Some(commit) => {
            let commit = Commit::new(&commit).map_err(|_| wrong("commit", "a commit"))?;
            Revision::Commit(commit)
        }
        None => {
            let tag = Tag::new(&fields.string("tag")?);
            Revision::Release {
                id: fields.unsigned("release")?,
                tag: tag.map_err(|_| wrong("tag", "a tag"))?,
            }
        }
    };
    fields.finish()?;
    Ok(revision)
}

pub(super) fn revision_json(revision: &Revision) -> Json {
    match revision {
        Revision::Commit(commit) => Json::object([("commit", Json::from(commit.to_string()))]),
        Revision::Release { id, tag } => {
            Json::object([("release", Json::from(*id)), ("tag", tag.as_str().into())])
        }
    }
}

impl ReportBody for Publication {
    const PRODUCER: &'static str = "xtask.release.publish";
    const CLAIMS: &'static [Claim] = &[Claim::NoDeploymentReadiness];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut revisions = fields.object("revisions")?;
        let mut revision = |name| take_revision(revisions.object(name)?);
        let [model, dataset, demo] = GROUPS.map(&mut revision);
        let all = [model?, dataset?, demo?];
        revisions.finish()?;
        Ok(Self {
            lock_digest: fields.digest("lock_digest")?,
            revisions: all,
        })
    }

    fn to_json(&self) -> Json {
        let revisions = GROUPS
            .into_iter()
            .zip(self.revisions.iter().map(revision_json));
        Json::object([
            ("lock_digest", Json::from(self.lock_digest)),
            ("revisions", Json::object(revisions)),
        ])
    }
}

/// Publishes what the plan names; with `--dry-run`, tells the requests.
pub(super) fn run(args: &PublishArgs) -> Result<Verdict> {
    let folder = &args.release.release_dir;
    let plan: Report<Plan> = chain::read_ok(folder, chain::PLAN)?;
    let lock_digest = plan.body().lock_digest;
    let release = plan
        .draft()
        .identity
        .as_ref()
        .context("the plan names no release")?;
    let message = format!("{} ({lock_digest})", release.model_release);
    let endpoints = args.hub.endpoints()?;
    if args.dry_run {
        for group in &plan.body().groups {
            println!("==> {}", group.target.page());
            let planned = group.planned(folder);
            for request in plan_requests(&endpoints, &group.target, &planned, &message)? {
                println!("{request}");
            }
        }
        return Ok(Verdict::Holds);
    }
    let class = plan
        .draft()
        .evidence_class
        .join(&hub_args::class(&endpoints));
    ensure!(
        plan.draft().evidence_class.is_release() || !endpoints.is_public(),
        "what is no evidence is not published"
    );
    let hub = args.hub.hub()?;
    // All of them are asked for before anything is sent.
    for group in &plan.body().groups {
        hub.tokens.require(&group.target)?;
    }
    let published = match args.replace {
        true => Published::Replace,
        false => Published::Keep,
    };
    let publish = |group: &super::plan::Group| {
        eprintln!("==> {}", group.target.page());
        let planned = group.planned(folder);
        let revision = hub.publish(&group.target, &planned, &message, published)?;
        Ok::<_, anyhow::Error>(revision)
    };
    let [model, dataset, demo] = &plan.body().groups;
    let revisions = [publish(model)?, publish(dataset)?, publish(demo)?];
    let report = args.release.run.run()?.report_of(
        Made {
            evidence_class: class,
            command: CommandLine::new(["cargo", "xtask", "release", "publish"])?,
            inputs: chain::files(folder, &[chain::PLAN])?,
            outputs: ArtifactSet::default(),
            limitations: vec![Statement::new(
                "What the hosts serve is shown by the candidate, which fetches it.",
            )?],
            body: Publication {
                lock_digest,
                revisions,
            },
        },
        plan.draft().identity.clone(),
    )?;
    chain::write(&report, folder, chain::PUBLICATION, args.json)?;
    Ok(Verdict::Holds)
}
