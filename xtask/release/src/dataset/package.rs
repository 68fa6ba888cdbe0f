//! Making the package of a data set.

use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, ensure};
use geno_core::Digest;
use geno_data::Fasta;
use geno_provenance::{
    Artifact, PublicPath,
    release::{ArtifactSet, CommandLine, Report, Statement, Workspace},
    write_atomic,
};

use super::{
    CARD, INPUT_CHECK, INTEGRITY, MANIFEST, card,
    contents::Contents,
    input_check::InputCheck,
    integrity::{Integrity, is_fasta},
    manifest::{File, Manifest},
    spec::{FileSpec, Spec},
    stage,
};
use crate::{
    folder,
    run_args::{Made, Run},
};

/// The folders of a data set in the making. In public `source` is that of the inputs, `spec` that of
/// the specification and `dataset` the package.
pub(crate) struct Folders {
    spec: PathBuf,
    inputs: PathBuf,
    dataset: Option<PathBuf>,
}

impl Folders {
    pub(crate) fn new(spec: &Path, inputs: &Path, dataset: Option<&Path>) -> Result<Self> {
        ensure!(inputs.is_dir(), "`{}` is no folder", inputs.display());
        if let Some(dataset) = dataset {
            let at = || format!("cannot create `{}`", dataset.display());
            fs::create_dir_all(dataset).with_context(at)?;
        }
        Ok(Self {
            spec: spec.to_owned(),
            inputs: inputs.to_owned(),
            dataset: dataset.map(Path::to_owned),
        })
    }

    pub(crate) fn inputs(&self) -> &Path {
        &self.inputs
    }

    pub(crate) fn dataset(&self) -> Result<&Path> {
        self.dataset
            .as_deref()
            .context("no folder for the data set")
    }

    /// The specification, by its name alone.
    pub(crate) fn spec(&self) -> Result<Artifact> {
        let name = self.spec.file_name().and_then(|name| name.to_str());
        let name = name.context("the specification has no name")?;
        let path = PublicPath::new(format!("spec/{name}"))?;
        Ok(Artifact::of_file(&self.spec, path)?)
    }

    /// An input.
    pub(crate) fn input(&self, input: &PublicPath) -> Result<Artifact> {
        let path = PublicPath::new(format!("source/{input}"))?;
        Ok(Artifact::of_file(&input.under(&self.inputs), path)?)
    }

    /// What was asked for, in public.
    pub(crate) fn command(&self, task: &str) -> Result<CommandLine> {
        let spec = self.spec()?.path;
        let words = [
            "cargo",
            "xtask",
            "dataset",
            task,
            "--spec-json",
            spec.as_str(),
        ];
        let rest = ["--input-dir", "source", "--dataset-dir", "dataset"];
        Ok(CommandLine::new(words.into_iter().chain(rest))?)
    }
}

/// Makes every file of a data set that is not there, and the package around them.
pub(crate) fn make(
    spec: &Spec,
    folders: &Folders,
    check: &Report<InputCheck>,
    overwrite: bool,
    run: &Run,
) -> Result<()> {
    let folder = folders.dataset()?;
    let mut files = BTreeMap::new();
    for (path, file) in &spec.files {
        println!("==> {path}");
        let made = make_file(file, folders.inputs(), &path.under(folder), overwrite);
        made.with_context(|| format!("`{path}`"))?;
        files.insert(path.clone(), describe(folder, path, file)?);
    }
    for (path, file) in &spec.files {
        files.extend(indexes(folder, spec, path, file)?);
    }
    let manifest = Manifest {
        facts: spec.facts.clone(),
        spec: folders.spec()?.digest,
        files,
        declared: spec.declared.clone(),
    };
    let manifest = run.report(Made {
        evidence_class: spec.facts.evidence_class(),
        command: folders.command("snapshot")?,
        inputs: check.draft().inputs.clone(),
        outputs: outputs(&manifest)?,
        limitations: spec.facts.limitations.clone(),
        body: manifest,
    })?;
    // What was there before stays whole until every file is made.
    check.write(&folder.join(INPUT_CHECK))?;
    manifest.write(&folder.join(MANIFEST))?;
    describe_all(folder, &manifest, run)
}

/// Makes a file beside its place. One that is there has to be the same.
fn make_file(file: &FileSpec, inputs: &Path, output: &Path, overwrite: bool) -> Result<()> {
    if overwrite || !output.exists() {
        return stage::stage(&file.make, inputs, output);
    }
    let name = output.file_name().context("a file has no name")?;
    let again = tempfile::tempdir()?;
    let again = again.path().join(name);
    stage::stage(&file.make, inputs, &again)?;
    let digest = |path: &Path| Ok::<_, anyhow::Error>(Digest::of_reader(fs::File::open(path)?)?);
    ensure!(
        digest(output)? == digest(&again)?,
        "another file is there; `--overwrite` puts this one in its place"
    );
    Ok(())
}

fn describe(folder: &Path, path: &PublicPath, file: &FileSpec) -> Result<File> {
    let identity = Artifact::of(folder, path.clone())?;
    Ok(File {
        split: file.split.clone(),
        description: file.description.clone(),
        digest: identity.digest,
        size: identity.size,
        records: Contents::of(folder, path)?.records,
        made_of: file.make.input().cloned(),
    })
}

/// The indexes that are beside a file and that the specification does not name.
fn indexes(
    folder: &Path,
    spec: &Spec,
    of: &PublicPath,
    file: &FileSpec,
) -> Result<Vec<(PublicPath, File)>> {
    if is_fasta(of) {
        // Makes the index where there is none.
        Fasta::open(of.under(folder))?;
    }
    let mut indexes = Vec::new();
    for ending in [".tbi", ".csi", ".fai", ".gzi"] {
        let path = PublicPath::new(format!("{of}{ending}"))?;
        if path.under(folder).exists() && !spec.files.contains_key(&path) {
            let described = File {
                description: Statement::new(format!("Index of {of}."))?,
                made_of: None,
                ..describe(folder, &path, file)?
            };
            indexes.push((path, described));
        }
    }
    Ok(indexes)
}

/// The files of a data set under their public names.
fn outputs(manifest: &Manifest) -> Result<ArtifactSet> {
    let files = manifest.files.iter().map(|(path, file)| {
        Ok(Artifact {
            path: PublicPath::new(format!("dataset/{path}"))?,
            digest: file.digest,
            size: file.size,
        })
    });
    Ok(ArtifactSet::new(files.collect::<Result<Vec<_>>>()?)?)
}

/// Proves the splits of a packaged data set again, and writes what follows from its manifest.
pub(crate) fn repackage(folder: &Path, run: &Run) -> Result<()> {
    let manifest = read_manifest(folder)?;
    describe_all(folder, &manifest, run)
}

pub(crate) fn read_manifest(folder: &Path) -> Result<Report<Manifest>> {
    let path = folder.join(MANIFEST);
    let at = || format!("`{}`", path.display());
    let bytes = fs::read(&path).with_context(|| format!("cannot read {}", at()))?;
    Report::parse(&bytes).with_context(at)
}

fn describe_all(folder: &Path, manifest: &Report<Manifest>, run: &Run) -> Result<()> {
    let integrity = integrity(folder, manifest, run)?;
    integrity.write(&folder.join(INTEGRITY))?;
    let text = card::render(manifest, &integrity);
    write_atomic(&folder.join(CARD), |out| out.write_all(text.as_bytes()))?;
    folder::write_sums(folder)
}

/// The report of what a data set holds and of its splits.
pub(crate) fn integrity(
    folder: &Path,
    manifest: &Report<Manifest>,
    run: &Run,
) -> Result<Report<Integrity>> {
    let workspace = Workspace::new([("dataset", folder)])?;
    let mut inputs = manifest.draft().outputs.clone();
    inputs.insert(workspace.observe(&PublicPath::new(format!("dataset/{MANIFEST}"))?)?)?;
    let words = [
        "cargo",
        "xtask",
        "dataset",
        "package",
        "--dataset-dir",
        "dataset",
    ];
    run.report(Made {
        evidence_class: manifest.draft().evidence_class.clone(),
        command: CommandLine::new(words)?,
        inputs,
        outputs: ArtifactSet::default(),
        limitations: manifest.body().facts.limitations.clone(),
        body: Integrity::of(folder, manifest.body())?,
    })
}
