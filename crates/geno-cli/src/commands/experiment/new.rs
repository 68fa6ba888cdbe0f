//! `geno-lewm experiment new`: write the manifest of an experiment.

use std::{
    collections::BTreeMap,
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    config::{Layers, Settings},
    experiment_env, git_state,
};
use geno_core::Digest;
use geno_provenance::{
    DataProvenance, ExperimentDialect, ExperimentManifest, Integer, Json, Label, LabelError,
    indented_json, validate_experiment, write_experiment,
};

use geno_runtime::BackendError;

use crate::{
    clock,
    failure::{Failure, ReadError, UsageError},
    model_args::{self, MachineArgs},
};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Name of the experiment [default: the time and a short commit]
    #[arg(long, value_name = "ID")]
    id: Option<String>,

    /// A parameter and its value as JSON; may be given again
    #[arg(long = "param", value_name = "KEY=JSON", value_parser = parameter)]
    params: Vec<(String, Json)>,

    #[command(flatten)]
    data: DataArgs,

    #[command(flatten)]
    machine: MachineArgs,

    /// File to write, in a folder that exists [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

#[derive(clap::Args)]
#[group(required = true)]
struct DataArgs {
    /// Seed that the data is drawn from
    #[arg(long, value_name = "N", value_parser = integer, allow_hyphen_values = true)]
    synthetic_seed: Option<Integer>,

    /// A file the data is read from, and a name for it; may be given again
    #[arg(
        long,
        value_name = "NAME=FILE",
        value_parser = named_file,
        conflicts_with = "synthetic_seed"
    )]
    external: Vec<(Label, PathBuf)>,
}

/// Why an argument `NAME=VALUE` cannot be used.
#[derive(Debug, thiserror::Error)]
enum PairError {
    #[error("expected {expected}")]
    NoEquals { expected: &'static str },
    #[error("the name before `=` cannot be used: {0}")]
    Name(LabelError),
    #[error("the value after `=` is not JSON: {0}")]
    Json(geno_provenance::JsonError),
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) -> Result<(), BackendError> {
        self.machine.add_to(layers)
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let git = git_state(Path::new("."))?;
    let timestamp = clock::now()?;
    let (backend, _) = model_args::backend(settings)?.select()?;
    let env = experiment_env(backend.as_str(), rayon::current_num_threads());

    let mut params = BTreeMap::new();
    for (key, value) in &args.params {
        if params.insert(key.clone(), value.clone()).is_some() {
            return Err(twice("--param", key));
        }
    }
    let manifest = ExperimentManifest {
        experiment_id: match &args.id {
            Some(id) => id.clone(),
            None => format!("{timestamp}_{}", git.sha.short()),
        },
        timestamp_utc: timestamp.to_string(),
        git,
        env,
        params,
        data_provenance: args.data.provenance()?,
        extensions: BTreeMap::new(),
    };
    let document = manifest.to_json();
    validate_experiment(&document, ExperimentDialect::GenoLewm)?;
    match &args.output {
        Some(path) => Ok(write_experiment(&document, path)?),
        None => writeln!(io::stdout(), "{}", indented_json(&document)).map_err(Failure::stdout),
    }
}

impl DataArgs {
    fn provenance(&self) -> Result<DataProvenance, Failure> {
        if let Some(seed) = &self.synthetic_seed {
            let seed = seed.clone();
            return Ok(DataProvenance::Synthetic { seed });
        }
        let mut hashes = BTreeMap::new();
        for (name, path) in &self.external {
            let digest = File::open(path).and_then(Digest::of_reader);
            let digest = digest.map_err(|source| ReadError {
                path: path.clone(),
                source,
            })?;
            if hashes.insert(name.clone(), digest).is_some() {
                return Err(twice("--external", name));
            }
        }
        Ok(DataProvenance::External { hashes })
    }
}

fn twice(option: &str, name: &str) -> Failure {
    UsageError(format!("`{option}` names `{name}` twice")).into()
}

fn parameter(text: &str) -> Result<(String, Json), PairError> {
    let expected = "KEY=JSON";
    let (key, value) = text
        .split_once('=')
        .ok_or(PairError::NoEquals { expected })?;
    let key = Label::new(key).map_err(PairError::Name)?;
    let value = Json::parse(value.as_bytes()).map_err(PairError::Json)?;
    Ok((key.to_string(), value))
}

fn named_file(text: &str) -> Result<(Label, PathBuf), PairError> {
    let expected = "NAME=FILE";
    let (name, path) = text
        .split_once('=')
        .ok_or(PairError::NoEquals { expected })?;
    let name = Label::new(name).map_err(PairError::Name)?;
    Ok((name, path.into()))
}

fn integer(text: &str) -> Result<Integer, String> {
    match Json::parse(text.as_bytes()) {
        Ok(Json::Int(integer)) => Ok(integer),
        _ => Err("expected an integer".to_owned()),
    }
}
