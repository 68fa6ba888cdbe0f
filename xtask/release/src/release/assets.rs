//! `publication_evidence_assets.json`: the evidence itself, published beside the release.

use anyhow::{Context, Result, ensure};
use geno_provenance::{
    Artifact, FieldError, Fields, Json, PublicPath,
    release::{ArtifactSet, Claim, CommandLine, Report, ReportBody, Statement},
    write_atomic,
};

use super::{
    AssetsArgs, chain,
    evidence::Evidence,
    hub_args,
    plan::Plan,
    publication::{revision_json, take_revision},
};
use crate::{
    Verdict,
    hub::{PlannedFile, Published, Revision, Tag, Target, plan_requests},
    run_args::Made,
};

/// What `publication_evidence_assets.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Assets {
    /// Where the evidence is published: the tag of the demonstration and `-evidence`, so that it never
    /// takes the place of what it is evidence of.
    pub(crate) target: Target,
    pub(crate) files: ArtifactSet,
    /// The release that holds it, once it was published.
    pub(crate) revision: Option<Revision>,
}

/// Where the names of the target stand for other programs.
const TARGET_ENV: &str = "publication-evidence-target.env";

impl ReportBody for Assets {
    const PRODUCER: &'static str = "xtask.release.assets";
    const CLAIMS: &'static [Claim] = &[Claim::NoDeploymentReadiness];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let page = Target::of_page(&fields.string("page")?);
        let mut files = ArtifactSet::default();
        for mut file in fields.objects("files")? {
            let taken = Artifact::take(&mut file)?;
            file.finish()?;
            files.insert(taken).map_err(|_| FieldError::Value {
                field: "body.files".to_owned(),
                expected: "files that are each there once",
            })?;
        }
        Ok(Self {
            target: page.map_err(|_| FieldError::Value {
                field: "body.page".to_owned(),
                expected: "the page of a release",
            })?,
            files,
            revision: match fields.nullable_object("revision")? {
                Some(revision) => Some(take_revision(revision)?),
                None => None,
            },
        })
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("page", Json::from(self.target.page())),
            ("files", Json::from(&self.files)),
            (
                "revision",
                self.revision.as_ref().map_or(Json::Null, revision_json),
            ),
        ])
    }
}

/// The files of the evidence.
const FILES: [&str; 6] = [
    chain::LOCK,
    chain::PLAN,
    chain::PUBLICATION,
    chain::CANDIDATE,
    chain::REPLAY,
    chain::EVIDENCE,
];

/// Lists the evidence, and publishes it on request.
pub(super) fn run(args: &AssetsArgs) -> Result<Verdict> {
    let folder = &args.release.release_dir;
    let run = args.release.run.run()?;
    let evidence: Report<Evidence> = chain::read_ok(folder, chain::EVIDENCE)?;
    let plan: Report<Plan> = chain::read_ok(folder, chain::PLAN)?;
    let [_, _, demo] = plan.body().targets();
    let Target::Release { repo, tag } = demo else {
        anyhow::bail!("the demonstration is not planned as a release");
    };
    let tag = Tag::new(&format!("{}-evidence", tag.as_str()))?;
    let target = Target::Release { repo, tag };
    let mut files = ArtifactSet::default();
    for name in FILES {
        files.insert(Artifact::of(folder, PublicPath::new(name)?)?)?;
    }
    let mut class = evidence.draft().evidence_class.clone();
    let mut revision = None;
    let planned = files.iter().map(|file| PlannedFile {
        source: file.path.under(folder),
        destination: file.path.clone(),
        digest: file.digest,
        size: file.size,
    });
    let planned: Vec<_> = planned.collect();
    let message = format!("Evidence of {}", evidence.body().lock_digest);
    let endpoints = args.hub.endpoints()?;
    if args.dry_run {
        for request in plan_requests(&endpoints, &target, &planned, &message)? {
            println!("{request}");
        }
        return Ok(Verdict::Holds);
    }
    if args.publish {
        class = class.join(&hub_args::class(&endpoints));
        ensure!(
            evidence.draft().evidence_class.is_release() || !endpoints.is_public(),
            "what is no evidence is not published"
        );
        eprintln!("==> {}", target.page());
        let hub = args.hub.hub()?;
        revision = Some(hub.publish(&target, &planned, &message, Published::Keep)?);
    }
    let Target::Release { repo, tag } = &target else {
        unreachable!("it was made as a release");
    };
    let env = format!("DEMO_REPO={repo}\nDEMO_TAG={}\n", tag.as_str());
    write_atomic(&folder.join(TARGET_ENV), |out| {
        std::io::Write::write_all(out, env.as_bytes())
    })
    .with_context(|| format!("cannot write `{TARGET_ENV}`"))?;
    for file in files.iter().filter(|_| !args.json) {
        println!("{}  {}", file.digest, file.path);
    }
    let report = run.report_of(
        Made {
            evidence_class: class,
            command: CommandLine::new(["cargo", "xtask", "release", "assets"])?,
            inputs: chain::files(folder, &FILES)?,
            outputs: ArtifactSet::default(),
            limitations: vec![Statement::new(
                "It lists the evidence, and is none itself.",
            )?],
            body: Assets {
                target,
                files,
                revision,
            },
        },
        evidence.draft().identity.clone(),
    )?;
    chain::write(&report, folder, chain::ASSETS, args.json)?;
    Ok(Verdict::Holds)
}
