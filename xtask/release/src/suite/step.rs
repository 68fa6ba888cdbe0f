//! One command of a suite, before and after it ran.

use std::{collections::BTreeMap, path::Path};

use anyhow::{Context, Result};
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Label, PublicPath,
    release::{ArtifactSet, CommandLine, RecordedCommand},
};

use crate::folder;

/// A command, with the files it reads and the files it has to leave.
pub(super) struct Step {
    pub(super) id: Label,
    pub(super) kind: Kind,
    pub(super) command: RecordedCommand,
    /// Files, and folders of which every file counts.
    pub(super) inputs: Vec<PublicPath>,
    /// Removed before it runs, and there afterwards.
    pub(super) outputs: Vec<PublicPath>,
    /// There afterwards too, and removed before unless the suite goes on: from these the program
    /// goes on by itself.
    pub(super) kept: Vec<PublicPath>,
}

/// What a command does.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Kind {
    /// Scores a benchmark and evaluates the scores.
    BenchmarkRun,
    /// Puts the metrics of all benchmarks together.
    EvalAll,
}

/// What became of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Status {
    /// It was not to run.
    Planned,
    /// It ran, and left what it had to.
    Passed,
    /// It was done before, with the same command, program and inputs, and its outputs are as they were.
    Kept,
    /// It ran, and did not.
    Failed,
    /// One before it failed, or the run ended before it.
    NotRun,
}

/// A step as a report holds it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct StepRecord {
    pub(crate) id: Label,
    pub(crate) kind: Kind,
    pub(crate) command: CommandLine,
    pub(crate) declared: Vec<PublicPath>,
    pub(crate) inputs: ArtifactSet,
    pub(crate) outputs: ArtifactSet,
    pub(crate) status: Status,
    pub(crate) exit_code: Option<u64>,
    pub(crate) stdout_tail: Vec<Label>,
    pub(crate) stderr_tail: Vec<Label>,
    /// What was wrong with its outputs.
    pub(crate) faults: Vec<Label>,
}

macro_rules! spelled {
    ($($kind:ident: $expected:literal, $($variant:ident => $text:literal),+;)*) => {$(
        impl $kind {
            fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text),+
                }
            }

            fn take(fields: &mut Fields, key: &str) -> Result<Self, FieldError> {
                match &*fields.string(key)? {
                    $($text => Ok(Self::$variant),)+
                    _ => Err(wrong(key, $expected)),
                }
            }
        }
    )*};
}

spelled! {
    Kind: "the kind of a step", BenchmarkRun => "benchmark_run", EvalAll => "eval_all";
    Status: "what became of a step",
        Planned => "planned", Passed => "pass", Kept => "kept", Failed => "failed", NotRun => "not_run";
}

fn wrong(key: &str, expected: &'static str) -> FieldError {
    let field = format!("body.steps[].{key}");
    FieldError::Value { field, expected }
}

impl Status {
    /// Whether its outputs are there.
    pub(crate) fn is_done(self) -> bool {
        matches!(self, Self::Passed | Self::Kept)
    }
}

/// Files by their paths, read once each.
#[derive(Default)]
pub(super) struct Observed(BTreeMap<PublicPath, Artifact>);

impl Observed {
    /// The files of a step's inputs.
    pub(super) fn inputs(&mut self, root: &Path, step: &Step) -> Result<ArtifactSet> {
        let mut set = ArtifactSet::default();
        for input in &step.inputs {
            let place = input.under(root);
            let files = match place.is_dir() {
                false => vec![input.clone()],
                true => {
                    let inside = |file| PublicPath::new(format!("{input}/{file}"));
                    let files = folder::files(&place)?.into_iter().map(inside);
                    files.collect::<Result<_, _>>()?
                }
            };
            for file in files {
                let found = match self.0.get(&file) {
                    Some(found) => found.clone(),
                    None => Artifact::of(root, file.clone())?,
                };
                self.0.insert(file, found.clone());
                let input = set.insert(found);
                input.with_context(|| format!("inputs of `{}`", step.id))?;
            }
        }
        Ok(set)
    }
}

impl StepRecord {
    /// One that is not done.
    pub(super) fn of(step: &Step, status: Status) -> Result<Self> {
        let mut declared = [&*step.outputs, &*step.kept].concat();
        declared.sort();
        Ok(Self {
            id: step.id.clone(),
            kind: step.kind,
            command: step.command.line()?,
            declared,
            inputs: ArtifactSet::default(),
            outputs: ArtifactSet::default(),
            status,
            exit_code: None,
            stdout_tail: Vec::new(),
            stderr_tail: Vec::new(),
            faults: Vec::new(),
        })
    }

    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let line = fields.labels("command")?;
        let line = CommandLine::new(line.iter().map(|word| word.as_str()));
        let record = Self {
            id: fields.label("id")?,
            kind: Kind::take(&mut fields, "kind")?,
            command: line.map_err(|source| FieldError::Command {
                field: "body.steps[].command".to_owned(),
                source,
            })?,
            declared: fields.paths("declared_outputs")?,
            inputs: files(&mut fields, "inputs")?,
            outputs: files(&mut fields, "outputs")?,
            status: Status::take(&mut fields, "status")?,
            exit_code: fields.optional_unsigned("exit_code")?,
            stdout_tail: fields.labels("stdout_tail")?,
            stderr_tail: fields.labels("stderr_tail")?,
            faults: fields.labels("output_findings")?,
        };
        fields.finish()?;
        match record.agrees() {
            true => Ok(record),
            false => Err(wrong("status", "what exit code and outputs give")),
        }
    }

    /// Whether the status is what exit code and outputs give.
    fn agrees(&self) -> bool {
        let left = self.outputs.iter().map(|file| &file.path);
        let is_whole = left.eq(&self.declared) && self.faults.is_empty();
        match self.status {
            Status::Passed => is_whole && self.exit_code == Some(0),
            Status::Kept => is_whole && self.exit_code.is_none(),
            Status::Failed => self.exit_code != Some(0) || !self.faults.is_empty(),
            Status::Planned | Status::NotRun => self.exit_code.is_none() && self.outputs.is_empty(),
        }
    }

    pub(super) fn to_json(&self) -> Json {
        let labels = |texts: &[Label]| Json::Array(texts.iter().map(Json::from).collect());
        let declared = self.declared.iter().map(Json::from);
        Json::object([
            ("id", Json::from(&self.id)),
            ("kind", self.kind.as_str().into()),
            ("command", Json::from(&self.command)),
            ("declared_outputs", Json::Array(declared.collect())),
            ("inputs", Json::from(&self.inputs)),
            ("outputs", Json::from(&self.outputs)),
            ("status", self.status.as_str().into()),
            ("exit_code", self.exit_code.map_or(Json::Null, Json::from)),
            ("stdout_tail", labels(&self.stdout_tail)),
            ("stderr_tail", labels(&self.stderr_tail)),
            ("output_findings", labels(&self.faults)),
        ])
    }
}

/// Takes a list of files, each once.
fn files(fields: &mut Fields, key: &str) -> Result<ArtifactSet, FieldError> {
    let mut set = ArtifactSet::default();
    for mut item in fields.objects(key)? {
        let file = Artifact::take(&mut item)?;
        item.finish()?;
        set.insert(file)
            .map_err(|_| wrong(key, "a list of files, each once"))?;
    }
    Ok(set)
}
