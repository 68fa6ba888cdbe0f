//! Running a demonstration.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use geno_provenance::{
    Artifact, AtomicFolder, PublicPath,
    release::{
        ArtifactSet, CommandLine, EvidenceClass, FixtureReason, Report, Statement, Workspace,
    },
    write_atomic,
};
use tempfile::TempDir;

use super::{
    BATCH, BatchReceipts, Demonstration, GENERATED, MANIFEST, PREFLIGHT, Preflight, RECEIPTS,
    SCORES, STDERR, STDOUT, TRANSCRIPT, demonstration::Inputs, transcript,
};
use crate::{
    folder, model,
    program::{Program, Ran},
    run_args::{Made, Run},
};

/// The folders of a demonstration by the names that they have in public: a program that runs here
/// sees no path of the machine, and so tells none.
pub(crate) struct Scene {
    stage: TempDir,
    workspace: Workspace,
    pub(crate) model: model::Described,
}

impl Scene {
    /// Sets the folders up.
    pub(crate) fn new(
        model_dir: &Path,
        encoder_dir: Option<&Path>,
        demo_dir: Option<&Path>,
    ) -> Result<Self> {
        let model = model::described(model_dir)?;
        let stage = tempfile::tempdir()?;
        let folders = [
            ("model", Some(model_dir)),
            ("encoder", encoder_dir),
            ("demo", demo_dir),
        ];
        let folders = folders
            .into_iter()
            .filter_map(|(name, folder)| Some((name, folder?)));
        for (name, folder) in folders.clone() {
            let real = fs::canonicalize(folder);
            let real = real.with_context(|| format!("no folder `{}`", folder.display()))?;
            link(&real, &stage.path().join(name))?;
        }
        Ok(Self {
            workspace: Workspace::new(folders)?,
            stage,
            model,
        })
    }

    fn run(&self, program: &Program, line: &CommandLine, run: &Run) -> Result<Ran> {
        program.capture(line, self.stage.path(), run.now)
    }

    fn demo(&self) -> Result<&Path> {
        self.workspace.folder("demo").context("no demonstration")
    }

    /// Files by their public names.
    fn observe<'a>(&self, names: impl IntoIterator<Item = &'a str>) -> Result<ArtifactSet> {
        let mut files = ArtifactSet::default();
        for name in names {
            files.insert(self.workspace.observe(&PublicPath::new(name)?)?)?;
        }
        Ok(files)
    }

    fn manifest_bytes(&self) -> Result<Vec<u8>> {
        let manifest = PublicPath::new("model/manifest.json")?;
        Ok(fs::read(self.workspace.resolve(&manifest)?)?)
    }
}

#[cfg(unix)]
fn link(to: &Path, at: &Path) -> Result<()> {
    Ok(std::os::unix::fs::symlink(to, at)?)
}

#[cfg(windows)]
fn link(to: &Path, at: &Path) -> Result<()> {
    Ok(std::os::windows::fs::symlink_dir(to, at)?)
}

/// What is demonstrated, and where.
pub(crate) struct Setting<'a> {
    pub(crate) model_dir: &'a Path,
    pub(crate) encoder_dir: Option<&'a Path>,
    pub(crate) vcf: &'a Path,
    pub(crate) fasta: &'a Path,
    pub(crate) demo_dir: &'a Path,
    pub(crate) program: Option<&'a Path>,
    pub(crate) run: &'a Run,
}

/// Runs the demonstration beside its place and moves it there whole.
pub(crate) fn make(args: &Setting<'_>) -> Result<()> {
    let run = args.run;
    let output = args.demo_dir;
    ensure!(!output.exists(), "`{}` exists", output.display());
    folder::create_around(output)?;
    let draft = AtomicFolder::create(output)?;
    let folder = draft.draft_folder();
    let scene = Scene::new(args.model_dir, args.encoder_dir, Some(folder))?;
    let program = Program::of_commit(args.program, &run.tool)?;

    let (sources, copied) = copy_inputs(args, folder)?;
    let [vcf, fasta] = [name_of(args.vcf)?, name_of(args.fasta)?];
    let inputs = Inputs {
        vcf: &vcf,
        fasta: &fasta,
        names_encoder: args.encoder_dir.is_some(),
    };
    let names: Vec<String> = copied.iter().map(|name| format!("demo/{name}")).collect();
    eprintln!("==> preflight");
    let preflight = preflight(&scene, args.program, run, names)?;
    let faults: Vec<_> = preflight.issues().map(ToString::to_string).collect();
    ensure!(preflight.is_ok(), "{}", faults.join("; "));

    let line = inputs.command()?;
    eprintln!("==> {line}");
    let captured = scene.run(&program, &line, run)?;
    if captured.exit_code != Some(0) {
        let told = String::from_utf8_lossy(&captured.stderr);
        bail!(
            "`{line}` failed with {:?}:\n{}",
            captured.exit_code,
            told.trim_end()
        );
    }
    // What was found before has to hold still.
    let drifts = preflight.draft().inputs.drifts(&scene.workspace);
    if let Some(drift) = drifts.first() {
        bail!("while the program ran, {drift}");
    }
    for (name, said) in [(STDOUT, &captured.stdout), (STDERR, &captured.stderr)] {
        // Not every host takes a file of nothing.
        if !said.is_empty() {
            write(folder, name, said)?;
        }
    }
    preflight.write(&folder.join(PREFLIGHT))?;
    let batch = batch_receipts(&scene, run)?;
    batch.write(&folder.join(BATCH))?;

    let body = Demonstration::of(folder, &inputs, &scene.model.manifest, batch.body())?;
    let mut outputs = ArtifactSet::default();
    for path in folder::files(folder)? {
        if !GENERATED.contains(&path.as_str()) {
            let public = PublicPath::new(format!("demo/{path}"))?;
            outputs.insert(Artifact::of_file(&path.under(folder), public)?)?;
        }
    }
    let mut made_from = scene.observe(MODEL_FILES)?;
    for source in sources {
        made_from.insert(source)?;
    }
    let report = run.report(Made {
        evidence_class: preflight.draft().evidence_class.clone(),
        command: line,
        inputs: made_from,
        outputs,
        limitations: vec![Statement::new(format!(
            "{} alternate alleles of one file, on one machine.",
            body.alternates
        ))?],
        body,
    })?;
    report.write(&folder.join(MANIFEST))?;
    let text = transcript::render(&report, &preflight, &batch, folder)?;
    write(folder, TRANSCRIPT, text.as_bytes())?;
    folder::write_sums(folder)?;
    Ok(draft.commit()?)
}

/// What a demonstration is bound to.
const MODEL_FILES: [&str; 2] = ["model/manifest.json", "model/model_package.json"];

fn class(scene: &Scene, injected: bool) -> EvidenceClass {
    let class = &scene.model.evidence_class;
    match injected {
        true => class.join(&EvidenceClass::fixture(FixtureReason::InjectedRuntime)),
        false => class.clone(),
    }
}

/// Asks the program what it finds.
pub(super) fn preflight(
    scene: &Scene,
    program: Option<&Path>,
    run: &Run,
    files: Vec<String>,
) -> Result<Report<Preflight>> {
    let injected = program.is_some();
    let program = Program::find(program)?;
    let mut words = vec!["geno-lewm", "doctor", "--model-dir", "model"];
    if scene.workspace.folder("encoder").is_some() {
        words.extend(["--encoder-dir", "encoder"]);
    }
    words.push("--json");
    let line = CommandLine::new(words)?;
    let captured = scene.run(&program, &line, run)?;
    let digest = program.digest()?;
    let release = scene.model.manifest.release_id.clone();
    let body = Preflight::of(&captured.stdout, release, digest)?;
    let files = files.iter().map(String::as_str);
    run.report(Made {
        evidence_class: class(scene, injected).join(&body.program_class()),
        command: line,
        inputs: scene.observe(MODEL_FILES.into_iter().chain(files))?,
        outputs: ArtifactSet::default(),
        limitations: vec![Statement::new("One machine, at one time.")?],
        body,
    })
}

/// Compares scores with their receipts.
pub(super) fn batch_receipts(scene: &Scene, run: &Run) -> Result<Report<BatchReceipts>> {
    let demo = scene.demo()?;
    let manifest = scene.manifest_bytes()?;
    let body = BatchReceipts::of(&demo.join(SCORES), &demo.join(RECEIPTS), &manifest)?;
    let words = ["cargo", "xtask", "demo", "batch-receipts"];
    let folders = ["--model-dir", "model", "--demo-dir", "demo"];
    let [scores, receipts] = [SCORES, RECEIPTS].map(|name| format!("demo/{name}"));
    run.report(Made {
        evidence_class: scene.model.evidence_class.clone(),
        command: CommandLine::new(words.into_iter().chain(folders))?,
        inputs: scene.observe(["model/manifest.json", &scores, &receipts])?,
        outputs: ArtifactSet::default(),
        limitations: vec![Statement::new(
            "A receipt is a hash: it shows that files belong together, not who made them.",
        )?],
        body,
    })
}

/// Copies the inputs and the indexes beside them; gives what was copied, as it was and by name.
fn copy_inputs(args: &Setting<'_>, folder: &Path) -> Result<(Vec<Artifact>, Vec<PublicPath>)> {
    let (mut sources, mut names) = (Vec::new(), Vec::new());
    for (input, endings) in [(args.vcf, ["tbi", "csi"]), (args.fasta, ["fai", "gzi"])] {
        let name = name_of(input)?;
        ensure!(
            !RESERVED.contains(&name.as_str()),
            "an input cannot be called `{name}`"
        );
        let beside = endings.into_iter().filter_map(|ending| {
            let mut path = input.as_os_str().to_owned();
            path.push(format!(".{ending}"));
            let path = PathBuf::from(path);
            path.is_file().then(|| (path, format!("{name}.{ending}")))
        });
        for (path, name) in [(input.to_owned(), name.to_string())]
            .into_iter()
            .chain(beside)
        {
            let name = PublicPath::new(name)?;
            ensure!(!names.contains(&name), "both inputs are called `{name}`");
            folder::copy(&path, &name.under(folder))?;
            let public = PublicPath::new(format!("source/{name}"))?;
            sources.push(Artifact::of_file(&path, public)?);
            names.push(name);
        }
    }
    Ok((sources, names))
}

/// Names that a demonstration gives its own files.
const RESERVED: [&str; 9] = [
    MANIFEST,
    PREFLIGHT,
    BATCH,
    TRANSCRIPT,
    SCORES,
    RECEIPTS,
    STDOUT,
    STDERR,
    folder::SUMS,
];

fn name_of(path: &Path) -> Result<PublicPath> {
    let name = path.file_name().and_then(|name| name.to_str());
    Ok(PublicPath::new(name.context("an input has no name")?)?)
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> Result<()> {
    Ok(write_atomic(&folder.join(name), |out| {
        out.write_all(bytes)
    })?)
}
