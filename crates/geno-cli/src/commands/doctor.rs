//! `geno-lewm doctor`: what the program finds on this machine, to paste into a report.

mod report;

use std::{
    env,
    io::{self, Write},
    path::{Path, PathBuf},
};

use geno_app::{
    Build, Machine, Sandbox,
    config::{Layers, Settings},
};
use geno_core::{Coded, ErrorCode};
use geno_provenance::summary_json;
use geno_runtime::{Backend, ModelDir, ModelDirError};

use self::report::{Check, ModelReport, Report};
use crate::{failure::Failure, model_args::encoder_source, shared_args::help_of};

#[derive(clap::Args)]
pub(crate) struct Args {
    /// Folder of a model whose every file is checked [key: paths.model_dir]
    #[arg(long, value_name = "DIR")]
    model_dir: Option<PathBuf>,

    #[arg(long, value_name = "DIR", help = help_of("paths.encoder_dir"))]
    encoder_dir: Option<PathBuf>,

    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

/// The model asked about cannot be used; the report says why.
#[derive(Debug, thiserror::Error)]
#[error("the model cannot be used, see the report")]
struct BrokenModel(ErrorCode);

impl Coded for BrokenModel {
    fn code(&self) -> ErrorCode {
        self.0
    }
}

impl Args {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("paths.model_dir", "--model-dir", self.model_dir.as_deref());
        let encoder_dir = self.encoder_dir.as_deref();
        layers.flag_if("paths.encoder_dir", "--encoder-dir", encoder_dir);
    }
}

pub(crate) fn run(args: &Args, settings: &Settings) -> Result<(), Failure> {
    let home = env::var_os("HOME").filter(|home| !home.is_empty());
    let home = home.map(PathBuf::from);
    let encoders = encoder_source(&settings.paths);
    let model = settings.paths.model_dir.as_deref().map(|folder| {
        let model = ModelDir::open(folder, &encoders);
        report_model(folder, model.as_ref(), home.as_deref())
    });
    let broken = model.as_ref().and_then(ModelReport::fault);

    let report = Report {
        build: Build::current(),
        machine: Machine::current(),
        sandbox: Sandbox::current(),
        backends: Backend::PRIORITY.map(Backend::probe).to_vec(),
        encoder_cache: encoders
            .hub_cache
            .map(|folder| (shorten(&folder, home.as_deref()), folder.is_dir())),
        model,
    };
    let text = match args.json {
        true => format!("{}\n", summary_json(&report.to_json())),
        false => report.to_text(),
    };
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).map_err(Failure::stdout)?;
    match broken {
        None => Ok(()),
        Some(code) => Err(BrokenModel(code).into()),
    }
}

fn report_model(
    folder: &Path,
    model: Result<&ModelDir, &ModelDirError>,
    home: Option<&Path>,
) -> ModelReport {
    let check = |what, error: Option<&ModelDirError>| Check {
        what,
        fault: error.map(|error| {
            let message = Failure::chain(error);
            let message = match home {
                Some(home) => message.replace(&format!("{}/", home.display()), "~/"),
                None => message,
            };
            (error.code(), message)
        }),
    };
    let mut checks = vec![check("manifest", model.err())];
    let model = model.ok();
    if let Some(model) = model {
        let outcomes = model.checks();
        checks.extend(outcomes.map(|(what, outcome)| check(what, outcome.as_ref().err())));
    }
    ModelReport {
        folder: shorten(folder, home),
        name: model.map(|model| model.manifest().model_name.to_string()),
        model_id: model.map(|model| model.manifest().model_id()),
        encoder: model.map(|model| shorten(model.encoder_folder(), home)),
        checks,
    }
}

/// A path with `~` for the home folder, whose name is often a person's.
fn shorten(path: &Path, home: Option<&Path>) -> String {
    match home.and_then(|home| path.strip_prefix(home).ok()) {
        Some(rest) => Path::new("~").join(rest).display().to_string(),
        None => path.display().to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_home_folder_is_not_spelled_out() {
        let home = Some(Path::new("/users/ann"));
        assert_eq!(shorten(Path::new("/users/ann/model"), home), "~/model");
        assert_eq!(
            shorten(Path::new("/users/annette/m"), home),
            "/users/annette/m"
        );
        assert_eq!(shorten(Path::new("model"), None), "model");
    }
}
