//! `clean_machine_demo_report.json`: the release fetched into an empty folder, verified, and scored anew.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
};

use anyhow::{Context, Result, bail, ensure};
use geno_core::Digest;
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Label, PublicPath,
    release::{
        ArtifactSet, Claim, CommandLine, Issue, IssueCode, NegativeFinding, Report, ReportBody,
        Severity, Statement,
    },
};

use super::{
    ReplayArgs, candidate::Candidate, chain, hub_args, plan::Plan, publication::Publication, verify,
};
use crate::{Verdict, demo, folder, issues::Issues, run_args::Made};

/// How far scores of other kernels may lie from the published ones: the surprise, of its size, and the
/// percentile. As `geno-lewm verify --rerun` has it for arithmetic that rounds activations.
const TOLERANCE: [f64; 2] = [2e-2, 5e-2];

/// What `clean_machine_demo_report.json` holds.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Replay {
    pub(crate) lock_digest: Digest,
    /// Files that were fetched, all of them with the planned digest and size.
    pub(crate) downloaded: u64,
    pub(crate) bytes: u64,
    /// What computed the published scores, and what computed them here.
    pub(crate) kernels: [Label; 2],
    pub(crate) scored: u64,
    /// Whether the file of scores is the published one.
    pub(crate) is_identical: bool,
    /// Largest difference of a surprise, of its size, and of a percentile.
    pub(crate) differences: [f64; 2],
}

impl ReportBody for Replay {
    const PRODUCER: &'static str = "xtask.release.replay";
    const CLAIMS: &'static [Claim] = &[
        Claim::CommandBehaviourOnly,
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let mut kernels = fields.object("kernels")?;
        let mut differences = fields.object("largest_differences")?;
        let body = Self {
            lock_digest: fields.digest("lock_digest")?,
            downloaded: fields.unsigned("downloaded_files")?,
            bytes: fields.unsigned("downloaded_bytes")?,
            kernels: [kernels.label("published")?, kernels.label("here")?],
            scored: fields.unsigned("scored")?,
            is_identical: fields.bool("scores_are_identical")?,
            differences: [
                differences.finite("sigma_raw_relative")?.get(),
                differences.finite("sigma_calibrated")?.get(),
            ],
        };
        kernels.finish()?;
        differences.finish()?;
        Ok(body)
    }

    fn to_json(&self) -> Json {
        let number = |value: f64| Json::float(value).unwrap_or(Json::Null);
        let [published, here] = &self.kernels;
        let [raw, calibrated] = self.differences;
        Json::object([
            ("lock_digest", Json::from(self.lock_digest)),
            ("downloaded_files", self.downloaded.into()),
            ("downloaded_bytes", self.bytes.into()),
            (
                "kernels",
                Json::object([("published", Json::from(published)), ("here", here.into())]),
            ),
            ("scored", self.scored.into()),
            ("scores_are_identical", self.is_identical.into()),
            (
                "largest_differences",
                Json::object([
                    ("sigma_raw_relative", number(raw)),
                    ("sigma_calibrated", number(calibrated)),
                ]),
            ),
        ])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let [published, here] = &self.kernels;
        let text = format!(
            "Replayed with `{here}`; the published scores are of `{published}`, so the last bits may differ."
        );
        let finding = || {
            let rule = Label::new("another_kernel").ok()?;
            let text = Statement::new(text).ok()?;
            Some(NegativeFinding::Derived { rule, text })
        };
        match published == here {
            true => Vec::new(),
            false => finding().into_iter().collect(),
        }
    }

    /// Scores of the same kernel are the same to the bit; those of another lie close.
    fn issues(&self) -> Vec<Issue> {
        let [published, here] = &self.kernels;
        let is_close = self.differences.iter().zip(TOLERANCE).all(|(a, b)| *a <= b);
        let message = match (published == here, self.is_identical) {
            (_, true) => return Vec::new(),
            (true, false) => "scores of the same kernel differ from the published ones",
            (false, false) if is_close => return Vec::new(),
            (false, false) => "scores lie further from the published ones than kernels may",
        };
        let issue = || {
            Some(Issue {
                severity: Severity::Error,
                code: IssueCode::new("replay.scores").ok()?,
                path: PublicPath::new("replay/scores.jsonl").ok(),
                message: Label::new(message).ok()?,
            })
        };
        issue().into_iter().collect()
    }
}

/// Fetches a published release into an empty folder, verifies it there and scores anew.
pub(super) fn run(args: &ReplayArgs) -> Result<Verdict> {
    let (folder, output) = (&args.release.release_dir, &args.output_dir);
    let run = args.release.run.run()?;
    let plan: Report<Plan> = chain::read_ok(folder, chain::PLAN)?;
    let publication: Report<Publication> = chain::read_ok(folder, chain::PUBLICATION)?;
    let candidate: Report<Candidate> = chain::read_ok(folder, chain::CANDIDATE)?;
    let hub = args.hub.hub()?;
    let mut class = candidate
        .draft()
        .evidence_class
        .join(&hub_args::class(&hub.endpoints));

    folder::create_around(output)?;
    fs::create_dir_all(output)?;
    let mut bytes = 0;
    let groups = plan.body().groups.iter().zip(&publication.body().revisions);
    for (group, revision) in groups {
        eprintln!("==> {}", group.target.page());
        for (destination, file) in &group.files {
            // It lies where it lay in the release.
            let to = file.path.under(output);
            folder::create_around(&to)?;
            let remote = Artifact {
                path: destination.clone(),
                ..file.clone()
            };
            hub.download(&group.target, revision, &remote, &to)?;
            bytes += file.size;
        }
    }
    let mut issues = Issues::default();
    let lock = verify::check(output, !class.is_release(), &run, &mut issues)?;
    let Some(lock) = lock else {
        return Ok(issues.tell("what was fetched", args.json));
    };
    ensure!(
        lock.body().digest() == plan.body().lock_digest,
        "what was fetched is another release than was planned"
    );

    let published = demo::read(&output.join("demo"))?;
    let inputs = published.body().inputs();
    let replay_dir = output.join("replay");
    if replay_dir.exists() {
        // Of a replay that was interrupted.
        fs::remove_dir_all(&replay_dir)?;
    }
    let program = args.program.as_deref();
    demo::make(&demo::Setting {
        model_dir: &output.join("model"),
        encoder_dir: args.encoder_dir.as_deref(),
        vcf: &inputs.vcf.under(&output.join("demo")),
        fasta: &inputs.fasta.under(&output.join("demo")),
        demo_dir: &replay_dir,
        program,
        run: &run,
    })?;
    let again = demo::read(&replay_dir)?;
    class = class.join(&again.draft().evidence_class);
    let [was, is] = ["demo", "replay"].map(|name| output.join(name).join(demo::SCORES));
    let body = Replay {
        lock_digest: plan.body().lock_digest,
        downloaded: plan.body().len(),
        bytes,
        kernels: [published.body().kernel.clone(), again.body().kernel.clone()],
        scored: again.body().scored,
        is_identical: fs::read(&was)? == fs::read(&is)?,
        differences: differences(&was, &is)?,
    };
    let mut outputs = ArtifactSet::default();
    for path in folder::files(&replay_dir)? {
        let public = PublicPath::new(format!("replay/{path}"))?;
        outputs.insert(Artifact::of_file(&path.under(&replay_dir), public)?)?;
    }
    let report = run.report_of(
        Made {
            evidence_class: class,
            command: CommandLine::new(["cargo", "xtask", "release", "replay"])?,
            inputs: chain::files(folder, &[chain::PLAN, chain::PUBLICATION, chain::CANDIDATE])?,
            outputs,
            limitations: vec![Statement::new("One replay, on one machine.")?],
            body,
        },
        plan.draft().identity.clone(),
    )?;
    report.write(&folder.join(chain::REPLAY))?;
    issues.extend(report.issues());
    if !args.json {
        println!(
            "{} scores, {} of {}",
            report.body().scored,
            match report.body().is_identical {
                true => "byte for byte those",
                false => "close to those",
            },
            report.body().kernels[0],
        );
    }
    Ok(issues.tell("the replay", args.json))
}

/// The largest differences of two files of scores, row by row.
fn differences(was: &Path, is: &Path) -> Result<[f64; 2]> {
    let rows = |path: &Path| Ok::<_, anyhow::Error>(BufReader::new(fs::File::open(path)?).lines());
    let (mut was, mut is) = (rows(was)?, rows(is)?);
    let mut largest = [0.0_f64; 2];
    loop {
        let (a, b) = match (was.next(), is.next()) {
            (None, None) => return Ok(largest),
            (Some(a), Some(b)) => (Json::parse(a?.as_bytes())?, Json::parse(b?.as_bytes())?),
            _ => bail!("the replay has another number of scores"),
        };
        for key in ["chrom", "pos", "ref", "alt"] {
            ensure!(a.get(key) == b.get(key), "the replay has other variants");
        }
        let number = |row: &Json, key: &str| {
            let value = row.get(key).and_then(Json::as_f64);
            value.with_context(|| format!("a score has no `{key}`"))
        };
        let difference = |key| Ok::<_, anyhow::Error>((number(&a, key)? - number(&b, key)?).abs());
        let size = number(&a, "sigma_raw")?.abs().max(f64::MIN_POSITIVE);
        largest[0] = largest[0].max(difference("sigma_raw")? / size);
        largest[1] = largest[1].max(difference("sigma_calibrated")?);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn replay(here: &str, is_identical: bool, differences: [f64; 2]) -> Replay {
        Replay {
            lock_digest: Digest::of(b"lock"),
            downloaded: 2,
            bytes: 9,
            kernels: ["a", here].map(|kernel| Label::new(kernel).unwrap()),
            scored: 2,
            is_identical,
            differences,
        }
    }

    #[test]
    fn scores_of_one_kernel_are_the_same_and_those_of_another_are_close() {
        for (replay, issues, findings) in [
            (replay("a", true, [0.0; 2]), 0, 0),
            (replay("a", false, [1e-9, 0.0]), 1, 0),
            (replay("b", false, [1e-3, 1e-3]), 0, 1),
            (replay("b", false, [0.1, 0.0]), 1, 1),
            (replay("b", false, [0.0, 0.1]), 1, 1),
        ] {
            assert_eq!(replay.issues().len(), issues, "{replay:?}");
            assert_eq!(replay.findings().len(), findings, "{replay:?}");
            let mut fields = Fields::of_document(replay.to_json()).unwrap();
            assert_eq!(Replay::take(&mut fields), Ok(replay));
        }
    }

    #[test]
    fn differences_are_of_the_size_of_a_surprise() {
        let folder = tempfile::tempdir().unwrap();
        let row = |pos: u64, raw: f64, calibrated: f64| {
            format!(
                "{{\"chrom\": \"1\", \"pos\": {pos}, \"ref\": \"A\", \"alt\": \"C\", \
                 \"sigma_raw\": {raw}, \"sigma_calibrated\": {calibrated}}}\n"
            )
        };
        let file = |name: &str, rows: &[String]| {
            let path = folder.path().join(name);
            fs::write(&path, rows.concat()).unwrap();
            path
        };
        let a = file("a", &[row(1, 2.0, 0.5), row(2, 1.0, 0.25)]);
        let b = file("b", &[row(1, 2.5, 0.5), row(2, 1.0, 0.5)]);
        assert_eq!(differences(&a, &b).unwrap(), [0.25, 0.25]);
        let shorter = file("c", &[row(1, 2.0, 0.5)]);
        assert!(differences(&a, &shorter).is_err());
        let other = file("d", &[row(1, 2.0, 0.5), row(3, 1.0, 0.25)]);
        assert!(differences(&a, &other).is_err());
    }
}
