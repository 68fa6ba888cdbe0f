//! Measuring the program as its users run it.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use geno_app::Machine;
use geno_data::{VcfReader, VcfRow};
use geno_provenance::{
    Artifact, Label, Manifest, PublicPath, ReceiptReader,
    release::{
        ArtifactSet, EvidenceClass, FixtureReason, RecordedCommand, Redaction, ReleaseIdentity,
        Statement,
    },
};

use super::{Efficiency, MeasureArgs};
use crate::{
    Verdict, dataset, identity,
    program::{Finished, Program},
    run_args::{Made, Run},
};

pub(super) fn run(args: &MeasureArgs) -> Result<Verdict> {
    ensure!(args.samples > 0, "`--samples` is 0");
    let run = args.run.run()?;
    let manifest = manifest(&args.model_dir)?;
    let program = Program::of_commit(args.program.as_deref(), &run.tool)?;
    let folder = tempfile::tempdir()?;
    let files = Files::of(args)?;

    let receipts = folder.path().join("receipts.jsonl");
    let single = files
        .score(&program)?
        .word("--variant")?
        .redacted(first_variant(&args.vcf)?, Redaction::Variant)
        .word("--output")?
        .file_known_as(
            &folder.path().join("one.jsonl"),
            &PublicPath::new("one.jsonl")?,
        );
    let batch = files
        .score(&program)?
        .word("--vcf")?
        .file_known_as(&args.vcf, &files.vcf.path)
        .word("--output")?
        .file_known_as(
            &folder.path().join("scores.jsonl"),
            &PublicPath::new("scores.jsonl")?,
        )
        .word("--restart")?;

    println!("==> {} times one variant", args.samples);
    let single_ns = nanoseconds(&repeat(&program, &single, args)?)?;
    println!("==> {} times the whole file", args.samples);
    let batches = repeat(&program, &batch, args)?;
    // One more, for what the program says of itself.
    let told = batch
        .clone()
        .word("--receipt")?
        .file_known_as(&receipts, &PublicPath::new("receipts.jsonl")?);
    program.measure(&told)?;
    let (variants, backend) = receipts_of(&receipts)?;

    let hardware = match &args.hardware {
        Some(text) => Label::new(text.clone())?,
        None => hardware()?,
    };
    let body = Efficiency {
        backend,
        warmup: args.warmup.into(),
        variants,
        single_ns,
        batch_ns: nanoseconds(&batches)?,
        peak_memory_bytes: batches.iter().map(|run| run.peak_memory_bytes).collect(),
        program: program.digest()?,
    };
    let identity = measured_now(&manifest, &run, hardware)?;
    let mut evidence_class = match &args.dataset_dir {
        Some(folder) => dataset::described(folder)?.evidence_class,
        None => EvidenceClass::RELEASE,
    };
    if args.program.is_some() {
        // What it is nobody knows.
        let injected = EvidenceClass::fixture(FixtureReason::InjectedRuntime);
        evidence_class = evidence_class.join(&injected);
    }
    let made = Made {
        evidence_class,
        command: batch.line()?,
        inputs: files.identities(&args.model_dir)?,
        outputs: ArtifactSet::default(),
        limitations: vec![
            Statement::new("Times hold the start of the program and the reading of its files.")?,
            Statement::new("One machine; others were not measured.")?,
        ],
        body,
    };
    let report = run.report_of(made, Some(identity))?;
    report.write(&args.output_json)?;
    println!("{}", args.output_json.display());
    Ok(Verdict::Holds)
}

/// The files of the runs, by their public names.
struct Files<'a> {
    args: &'a MeasureArgs,
    vcf: Artifact,
    fasta: Artifact,
}

impl<'a> Files<'a> {
    fn of(args: &'a MeasureArgs) -> Result<Self> {
        let identity = |path: &Path| {
            let name = path.file_name().and_then(|name| name.to_str());
            let name = name.context("an input has no name")?;
            let public = PublicPath::new(format!("input/{name}"))?;
            Ok::<_, anyhow::Error>(Artifact::of_file(path, public)?)
        };
        Ok(Self {
            args,
            vcf: identity(&args.vcf)?,
            fasta: identity(&args.fasta)?,
        })
    }

    /// What both commands begin with.
    fn score(&self, program: &Program) -> Result<RecordedCommand> {
        let command = program.command()?.word("score")?.word("--model-dir")?;
        let command = command
            .file_known_as(&self.args.model_dir, &PublicPath::new("model")?)
            .word("--fasta")?
            .file_known_as(&self.args.fasta, &self.fasta.path);
        Ok(command)
    }

    fn identities(&self, model_dir: &Path) -> Result<ArtifactSet> {
        let manifest = model_dir.join("manifest.json");
        let manifest = Artifact::of_file(&manifest, PublicPath::new("model/manifest.json")?)?;
        Ok(ArtifactSet::new([
            manifest,
            self.vcf.clone(),
            self.fasta.clone(),
        ])?)
    }
}

pub(crate) fn manifest(model_dir: &Path) -> Result<Manifest> {
    let path = model_dir.join("manifest.json");
    let at = || format!("`{}`", path.display());
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", at()))?;
    Manifest::parse(&bytes).with_context(at)
}

/// The machine in words that name no machine in particular.
pub(crate) fn hardware() -> Result<Label> {
    let machine = Machine::current();
    let features = machine.cpu_features.join(" ");
    let text = format!(
        "{}, {} threads, {features}",
        machine.system, machine.threads
    );
    Ok(Label::new(text)?)
}

/// What was measured now, of a model.
pub(crate) fn measured_now(
    manifest: &Manifest,
    run: &Run,
    hardware: Label,
) -> Result<ReleaseIdentity> {
    let commit = run.tool.git.as_ref();
    let commit = commit.context("the program was built from no commit")?;
    let release: &str = &manifest.release_id;
    Ok(ReleaseIdentity {
        model_release: release.parse().with_context(|| format!("`{release}`"))?,
        weights_id: manifest.weights_id(),
        model_id: None,
        dataset_snapshot: identity::snapshot(manifest)?.clone(),
        commit: commit.sha.clone(),
        hardware,
    })
}

/// The first variant of a file, as it is written.
fn first_variant(vcf: &Path) -> Result<String> {
    for row in VcfReader::open(vcf)? {
        if let VcfRow::Variant(variant) = row? {
            let edit = variant.edit();
            return Ok(format!(
                "{}:{}:{}:{}",
                edit.chrom(),
                edit.pos(),
                edit.reference(),
                edit.alternate()
            ));
        }
    }
    anyhow::bail!("`{}` holds no variant", vcf.display())
}

fn repeat(
    program: &Program,
    command: &RecordedCommand,
    args: &MeasureArgs,
) -> Result<Vec<Finished>> {
    for _ in 0..args.warmup {
        program.measure(command)?;
    }
    (0..args.samples)
        .map(|_| program.measure(command))
        .collect()
}

fn nanoseconds(runs: &[Finished]) -> Result<Vec<u64>> {
    let nanoseconds = runs.iter().map(|run| u64::try_from(run.elapsed.as_nanos()));
    Ok(nanoseconds.collect::<Result<_, _>>()?)
}

/// How many receipts a run left, and what they say it computed on.
fn receipts_of(path: &Path) -> Result<(u64, Label)> {
    let file = std::io::BufReader::new(fs::File::open(path)?);
    let (mut count, mut backend) = (0, None);
    for receipt in ReceiptReader::new(file) {
        backend = Some(Label::new(receipt?.backend())?);
        count += 1;
    }
    Ok((count, backend.context("no variant was scored")?))
}
