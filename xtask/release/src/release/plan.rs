//! `hub_release_plan.json`: which file of a release is published where.

use std::path::Path;

use anyhow::{Result, ensure};
use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, PublicPath,
    release::{ArtifactSet, Claim, CommandLine, Report, ReportBody, Statement},
};

use super::{PlanArgs, chain, lock::Lock, verify};
use crate::{
    Verdict,
    hub::{PlannedFile, Target},
    issues::Issues,
    run_args::Made,
};

/// What `hub_release_plan.json` holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Plan {
    /// The release that it is of.
    pub(crate) lock_digest: Digest,
    pub(crate) groups: [Group; 3],
}

/// Files that are published together.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Group {
    pub(crate) target: Target,
    /// Files by the names that they will have.
    pub(crate) files: Vec<(PublicPath, Artifact)>,
}

/// The names of the groups.
pub(crate) const GROUPS: [&str; 3] = ["model", "dataset", "demo"];

impl Plan {
    /// Plans a release. Model and data go to repositories, whose files keep their folders; the
    /// demonstration and the paper go to one release, whose files have none.
    pub(crate) fn of(lock: &Lock, targets: [Target; 3]) -> Result<Self> {
        let [model, dataset, demo] = &targets;
        ensure!(
            matches!(model, Target::Model(_)),
            "`{}` is no model",
            model.page()
        );
        ensure!(
            matches!(dataset, Target::Dataset(_)),
            "`{}` is no data set",
            dataset.page()
        );
        ensure!(
            matches!(demo, Target::Release { .. }),
            "`{}` is no release",
            demo.page()
        );
        let files = |part| -> Vec<_> {
            let files = lock.part(part);
            files.map(|(path, file)| (path, file.clone())).collect()
        };
        let [model_files, dataset_files] = ["model", "dataset"].map(files);
        let mut flat: Vec<(PublicPath, Artifact)> = Vec::new();
        for (path, file) in files("demo").into_iter().chain(files("paper")) {
            let name = path.as_str().rsplit('/').next().unwrap_or_default();
            let name = PublicPath::new(name)?;
            let is_taken = flat.iter().any(|(taken, _)| *taken == name);
            ensure!(
                !is_taken,
                "two files of the demonstration are called `{name}`"
            );
            flat.push((name, file));
        }
        flat.sort_by(|a, b| a.0.cmp(&b.0));
        let [model, dataset, demo] = targets;
        Ok(Self {
            lock_digest: lock.digest(),
            groups: [
                Group {
                    target: model,
                    files: model_files,
                },
                Group {
                    target: dataset,
                    files: dataset_files,
                },
                Group {
                    target: demo,
                    files: flat,
                },
            ],
        })
    }

    /// How many files are published.
    pub(crate) fn len(&self) -> u64 {
        self.groups
            .iter()
            .map(|group| group.files.len() as u64)
            .sum()
    }

    pub(crate) fn targets(&self) -> [Target; 3] {
        self.groups.clone().map(|group| group.target)
    }
}

impl Group {
    /// The files as they are sent, from the folder of the release.
    pub(crate) fn planned(&self, folder: &Path) -> Vec<PlannedFile> {
        let planned = |(destination, file): &(PublicPath, Artifact)| PlannedFile {
            source: file.path.under(folder),
            destination: destination.clone(),
            digest: file.digest,
            size: file.size,
        };
        self.files.iter().map(planned).collect()
    }

    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let page = fields.string("page")?;
        let target = Target::of_page(&page).map_err(|_| FieldError::Value {
            field: "body.groups.page".to_owned(),
            expected: "the page of a model, a data set or a release",
        })?;
        let mut files = Vec::new();
        for mut file in fields.objects("files")? {
            files.push((file.path("destination")?, Artifact::take(&mut file)?));
            file.finish()?;
        }
        fields.finish()?;
        Ok(Self { target, files })
    }
}

impl From<&Group> for Json {
    fn from(group: &Group) -> Self {
        let file = |(destination, file): &(PublicPath, Artifact)| {
            let fields = file.fields().into_iter();
            Self::object(fields.chain([("destination", Self::from(destination))]))
        };
        Self::object([
            ("page", Self::from(group.target.page())),
            ("files", Self::Array(group.files.iter().map(file).collect())),
        ])
    }
}

impl ReportBody for Plan {
    const PRODUCER: &'static str = "xtask.release.plan";
    const CLAIMS: &'static [Claim] = &[Claim::NoDeploymentReadiness];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut groups = fields.object("groups")?;
        let mut group = |name| Group::take(groups.object(name)?);
        let [model, dataset, demo] = GROUPS.map(&mut group);
        let all = [model?, dataset?, demo?];
        groups.finish()?;
        Ok(Self {
            lock_digest: fields.digest("lock_digest")?,
            groups: all,
        })
    }

    fn to_json(&self) -> Json {
        let groups = GROUPS.into_iter().zip(self.groups.iter().map(Json::from));
        Json::object([
            ("lock_digest", Json::from(self.lock_digest)),
            ("groups", Json::object(groups)),
        ])
    }
}

/// Plans a release that holds.
pub(super) fn run(args: &PlanArgs) -> Result<Verdict> {
    let folder = &args.release.release_dir;
    let run = args.release.run.run()?;
    let lock: Report<Lock> = chain::read(folder, chain::LOCK)?;
    let mut issues = Issues::default();
    let found = verify::check(folder, args.allow_fixture, &run, &mut issues)?;
    let Some(found) = found else {
        return Ok(issues.tell("the release", false));
    };
    ensure!(
        found.body().files == lock.body().files,
        "the release is not the one that `{}` holds; verify it again",
        chain::LOCK
    );
    let model = format!("https://huggingface.co/{}", args.repo_id);
    let targets = [&model, &args.dataset_url, &args.demo_url];
    let [model, dataset, demo] = targets.map(|page| Target::of_page(page));
    let targets = [model?, dataset?, demo?];
    let plan = Plan::of(lock.body(), targets)?;
    for group in &plan.groups {
        let bytes: u64 = group.files.iter().map(|(_, file)| file.size).sum();
        eprintln!(
            "{}: {} files, {bytes} bytes",
            group.target.page(),
            group.files.len()
        );
    }
    let report = run.report_of(
        Made {
            evidence_class: lock.draft().evidence_class.clone(),
            command: CommandLine::new([
                "cargo",
                "xtask",
                "release",
                "plan",
                "--repo-id",
                &args.repo_id,
                "--dataset-url",
                &args.dataset_url,
                "--demo-url",
                &args.demo_url,
            ])?,
            inputs: chain::files(folder, &[chain::LOCK])?,
            outputs: ArtifactSet::default(),
            limitations: vec![Statement::new("Nothing was sent.")?],
            body: plan,
        },
        lock.draft().identity.clone(),
    )?;
    chain::write(&report, folder, chain::PLAN, args.json)?;
    Ok(Verdict::Holds)
}
