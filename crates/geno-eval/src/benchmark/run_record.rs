//! What a run over a benchmark has done, so that it goes on where it ended.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    Artifact, AtomicWriteError, FieldError, Fields, Json, JsonError, Label, PublicPath,
    ReadFileError, indented_json, write_atomic,
};

const PRODUCER: &str = "geno-lewm-benchmark-run";

/// The version of the file.
const SCHEMA: &str = "1.0.0";

/// The steps of a run that are done, in the file `run.json` of its folder.
///
/// A step is done if it had the same inputs, and its outputs are still as it left them. The file is
/// written anew, atomically, after each step.
///
/// ```
/// use geno_eval::{RunRecord, StepInputs};
///
/// let folder = tempfile::tempdir()?;
/// let inputs = StepInputs::new([("recipe", "centered".into())]);
/// let mut record = RunRecord::open(folder.path())?;
/// assert!(!record.is_done("score", &inputs)?);
///
/// std::fs::write(folder.path().join("scores.jsonl"), "{}\n")?;
/// record.finish("score", &inputs, &["scores.jsonl"])?;
/// assert!(RunRecord::open(folder.path())?.is_done("score", &inputs)?);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct RunRecord {
    folder: PathBuf,
    steps: BTreeMap<String, Step>,
}

/// What decides the outputs of a step: digests of files, and settings.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StepInputs(BTreeMap<String, Json>);

#[derive(Clone, Debug)]
struct Step {
    inputs: Json,
    outputs: Vec<Artifact>,
}

/// Why a record of a run cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RunRecordError {
    /// The record cannot be read.
    #[error("cannot read `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The record is not JSON.
    #[error("`{}` is not JSON", path.display())]
    Json {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: JsonError,
    },
    /// The record is not as it is written.
    #[error("`{}` is no record of a run over a benchmark", path.display())]
    Field {
        /// The file.
        path: PathBuf,
        /// Why not.
        source: FieldError,
    },
    /// The record is of another version of its format.
    #[error("`{}` has schema version {found}, only {SCHEMA} is read", path.display())]
    Schema {
        /// The file.
        path: PathBuf,
        /// Its version.
        found: String,
    },
    /// An output cannot be read.
    #[error(transparent)]
    Output(#[from] ReadFileError),
    /// The record cannot be written.
    #[error(transparent)]
    Write(#[from] AtomicWriteError),
}

impl Coded for RunRecordError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Json { .. } | Self::Field { .. } => ErrorCode::InputGeneric,
            Self::Schema { .. } => ErrorCode::ConfigSchemaIncompat,
            Self::Output(error) => error.code(),
            Self::Write(error) => error.code(),
        }
    }
}

impl StepInputs {
    /// By name.
    pub fn new<'a>(inputs: impl IntoIterator<Item = (&'a str, Json)>) -> Self {
        Self(
            inputs
                .into_iter()
                .map(|(name, value)| (name.to_owned(), value))
                .collect(),
        )
    }

    /// With the digest of a file, by name; null where there is none.
    ///
    /// # Errors
    ///
    /// [`RunRecordError::Read`].
    pub fn with_file(self, name: &str, path: Option<&Path>) -> Result<Self, RunRecordError> {
        let digest = path.map(digest).transpose()?;
        Ok(self.with_value(name, digest.map_or(Json::Null, Json::from)))
    }

    /// With one more setting.
    pub fn with_value(mut self, name: &str, value: Json) -> Self {
        self.0.insert(name.to_owned(), value);
        self
    }
}

fn digest(path: &Path) -> Result<Digest, RunRecordError> {
    let read = || Digest::of_reader(File::open(path)?);
    read().map_err(|source| RunRecordError::Read {
        path: path.to_owned(),
        source,
    })
}

impl RunRecord {
    /// Of a folder; without steps, if it has no record.
    ///
    /// # Errors
    ///
    /// [`RunRecordError`].
    pub fn open(folder: &Path) -> Result<Self, RunRecordError> {
        let path = folder.join("run.json");
        let none = Self {
            folder: folder.to_owned(),
            steps: BTreeMap::new(),
        };
        let bytes = match fs::read(&path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(none),
            Err(source) => return Err(RunRecordError::Read { path, source }),
            Ok(bytes) => bytes,
        };
        let document = match Json::parse(&bytes) {
            Ok(document) => document,
            Err(source) => return Err(RunRecordError::Json { path, source }),
        };
        let version = document.get("schema_version").and_then(Json::as_str);
        if let Some(found) = version.filter(|version| *version != SCHEMA) {
            let found = found.to_owned();
            return Err(RunRecordError::Schema { path, found });
        }
        match steps(document) {
            Ok(steps) => Ok(Self { steps, ..none }),
            Err(source) => Err(RunRecordError::Field { path, source }),
        }
    }

    /// Whether a step was done with these inputs, and its outputs are as it left them.
    ///
    /// # Errors
    ///
    /// [`RunRecordError::Output`] if an output is there and cannot be read.
    pub fn is_done(&self, step: &str, inputs: &StepInputs) -> Result<bool, RunRecordError> {
        let Some(step) = self.steps.get(step) else {
            return Ok(false);
        };
        if step.inputs != Json::Object(inputs.0.clone()) {
            return Ok(false);
        }
        for output in &step.outputs {
            match Artifact::of(&self.folder, output.path.clone()) {
                Ok(found) if found == *output => {}
                Ok(_) => return Ok(false),
                Err(error) if error.source.kind() == io::ErrorKind::NotFound => return Ok(false),
                Err(error) => return Err(error.into()),
            }
        }
        Ok(true)
    }

    /// Notes that a step is done, with its outputs: names of files in the folder.
    ///
    /// # Errors
    ///
    /// [`RunRecordError`].
    ///
    /// # Panics
    ///
    /// If an output is no name of a file.
    pub fn finish(
        &mut self,
        step: &str,
        inputs: &StepInputs,
        outputs: &[&str],
    ) -> Result<(), RunRecordError> {
        let identity = |name: &&str| {
            let path = PublicPath::new(*name).expect("outputs have plain names");
            Artifact::of(&self.folder, path)
        };
        let outputs: Result<Vec<_>, _> = outputs.iter().map(identity).collect();
        let outputs = outputs?;
        let inputs = Json::Object(inputs.0.clone());
        self.steps.insert(step.to_owned(), Step { inputs, outputs });
        let text = indented_json(&self.to_json()) + "\n";
        Ok(write_atomic(&self.folder.join("run.json"), |file| {
            file.write_all(text.as_bytes())
        })?)
    }

    fn to_json(&self) -> Json {
        let steps = self.steps.iter().map(|(name, step)| {
            let outputs = step.outputs.iter().map(|file| Json::object(file.fields()));
            Json::object([
                ("step", Json::from(name.as_str())),
                ("inputs", step.inputs.clone()),
                ("outputs", Json::Array(outputs.collect())),
            ])
        });
        Json::object([
            ("schema_version", Json::from(SCHEMA)),
            ("generated_by", PRODUCER.into()),
            ("steps", Json::Array(steps.collect())),
        ])
    }
}

fn steps(document: Json) -> Result<BTreeMap<String, Step>, FieldError> {
    let mut fields = Fields::of_document(document)?;
    let mut steps = BTreeMap::new();
    let _versions: [Label; 2] = [
        fields.label("schema_version")?,
        fields.label("generated_by")?,
    ];
    for mut step in fields.objects("steps")? {
        let name = step.string("step")?;
        let inputs = step.value("inputs")?;
        let outputs = step.objects("outputs")?.into_iter().map(|mut output| {
            let identity = Artifact::take(&mut output)?;
            output.finish()?;
            Ok(identity)
        });
        let outputs: Result<Vec<_>, FieldError> = outputs.collect();
        let outputs = outputs?;
        step.finish()?;
        steps.insert(name, Step { inputs, outputs });
    }
    fields.finish()?;
    Ok(steps)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_done_while_inputs_and_outputs_stay() {
        let folder = tempfile::tempdir().unwrap();
        let input = folder.path().join("in.vcf");
        let write = |name: &str, text: &str| fs::write(folder.path().join(name), text).unwrap();
        write("in.vcf", "a");
        write("out.jsonl", "b");
        let inputs = |seed: u64| {
            let inputs = StepInputs::new([("seed", seed.into())]);
            inputs.with_file("vcf", Some(&input)).unwrap()
        };
        let mut record = RunRecord::open(folder.path()).unwrap();
        record.finish("score", &inputs(1), &["out.jsonl"]).unwrap();
        let is_done = |seed| {
            let record = RunRecord::open(folder.path()).unwrap();
            record.is_done("score", &inputs(seed)).unwrap()
        };
        assert!(is_done(1));
        assert!(!is_done(2));
        write("in.vcf", "c");
        assert!(!is_done(1));
        write("in.vcf", "a");
        write("out.jsonl", "d");
        assert!(!is_done(1));
        fs::remove_file(folder.path().join("out.jsonl")).unwrap();
        assert!(!is_done(1));
    }

    #[test]
    fn a_damaged_record_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        for text in [
            "{",
            "{}",
            r#"{"schema_version": "1.0.0", "generated_by": "x", "steps": 1}"#,
        ] {
            fs::write(folder.path().join("run.json"), text).unwrap();
            RunRecord::open(folder.path()).unwrap_err();
        }
        let later = r#"{"schema_version": "2.0.0", "generated_by": "x", "stages": []}"#;
        fs::write(folder.path().join("run.json"), later).unwrap();
        let error = RunRecord::open(folder.path()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::ConfigSchemaIncompat);
    }
}
