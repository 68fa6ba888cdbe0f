//! What a stage was made of when it ran: it is not run again as long as that holds.

use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result};
use geno_core::{Digest, DigestHasher};
use geno_provenance::{Json, canonical_json, indented_json, write_atomic};

use super::stage::{Stage, Step};
use crate::folder;

/// Digests of what a stage is made of: its commands, programs and inputs.
pub(super) fn key(stage: &Stage, programs: &[Digest], rehearses: bool) -> Result<Digest> {
    let mut inputs = Vec::new();
    for input in &stage.inputs {
        inputs.push(Json::object([
            ("path", Json::from(input.to_string_lossy().into_owned())),
            ("digest", digest(input)?.into()),
        ]));
    }
    let words =
        |words: &[String]| Json::Array(words.iter().map(|word| word.as_str().into()).collect());
    let steps = stage.steps.iter().map(|step| match step {
        Step::Program(arguments) => Json::object([("geno-lewm", words(arguments))]),
        Step::Xtask(arguments) => Json::object([("xtask", words(arguments))]),
    });
    let key = Json::object([
        ("inputs", Json::Array(inputs)),
        ("steps", Json::Array(steps.collect())),
        (
            "programs",
            Json::Array(programs.iter().map(|&digest| digest.into()).collect()),
        ),
        ("rehearses", Json::from(rehearses && stage.name.is_public())),
    ]);
    Ok(Digest::of(&canonical_json(&key)))
}

/// Digest of a file, or of all files of a folder by their names.
pub(super) fn digest(path: &Path) -> Result<Digest> {
    let at = || format!("cannot read `{}`", path.display());
    if !path.is_dir() {
        let file = fs::File::open(path).with_context(at)?;
        return Digest::of_reader(file).with_context(at);
    }
    let mut whole = DigestHasher::default();
    for file in folder::files(path)? {
        let digest = Digest::of_reader(fs::File::open(file.under(path))?)?;
        whole.update(format!("{digest}  {file}\n").as_bytes());
    }
    Ok(whole.finish())
}

/// Where a stage's record lies.
pub(super) fn path(release: &Path, stage: &Stage) -> PathBuf {
    release
        .join("stages")
        .join(format!("{}.json", stage.name.text()))
}

/// Whether a stage ran with this key and left what is still there.
pub(super) fn holds(release: &Path, stage: &Stage, key: Digest) -> bool {
    let record = || {
        let bytes = fs::read(path(release, stage)).ok()?;
        let record = Json::parse(&bytes).ok()?;
        let outputs = outputs(stage).ok()?;
        let is_same =
            record.get("key")?.as_str()? == key.to_string() && record.get("outputs")? == &outputs;
        Some(is_same)
    };
    record().unwrap_or(false)
}

/// Records that a stage ran.
pub(super) fn write(release: &Path, stage: &Stage, key: Digest) -> Result<()> {
    let record = Json::object([("key", Json::from(key)), ("outputs", outputs(stage)?)]);
    let path = path(release, stage);
    folder::create_around(&path)?;
    let text = indented_json(&record) + "\n";
    Ok(write_atomic(&path, |out| out.write_all(text.as_bytes()))?)
}

fn outputs(stage: &Stage) -> Result<Json> {
    let digests = stage.outputs.iter().map(|output| {
        let name = output.to_string_lossy().into_owned();
        Ok((name, Json::from(digest(output)?)))
    });
    Ok(Json::object(digests.collect::<Result<Vec<_>>>()?))
}
