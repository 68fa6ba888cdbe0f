//! Build commands that cargo lacks. See <https://github.com/matklad/cargo-xtask>.

#![expect(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool"
)]

mod browser;
mod ci;
mod codes;
mod config_table;
mod fixtures;
mod layers;
mod links;
mod repo;
mod sanitize;
mod schemas;
mod test_device;
mod tidy;
mod workspace;

use std::{env, process::ExitCode};

use anyhow::{Result, bail};

const HELP: &str = "\
Usage: cargo xtask <TASK>

Tasks:
  bench [NAMES] [--shape nano|500m] [--dtype fp32|bf16|fp16|int8] [--backend NAME] [--peer FILE]
          [--torch PYTHON]
          Measure speed beside its floor, one JSON line a benchmark
  ci      Run the whole gate: format, lints, tests, documentation, layers
  codes   Check that the book lists every error code
  config-table [--check]
          Write the schema of configurations and the table of the book
  dataset snapshot|package|verify
          Make and check the data of a release
  demo run|preflight|batch-receipts|verify
          Score a file with a packaged model, keep what was said, and check that
  efficiency measure|check
          Measure how fast the program scores, and in how much memory
  fixtures parity KIT
          Take over the numbers of the Python package
  layers  Check which crate depends on which
  links   Check the links between the Markdown files
  local-hub --folder DIR
          Serve both hosts of a release on this machine, for rehearsals; `--help` says more
  model build [--output DIR] [--seed N] [--threads N] [--install] [--labels VCF --genes FILE]
          Make the model of the demo from public sequence, in some 75 minutes
  model evaluate --labels VCF --genes FILE [--build DIR]
          Hold a built model against labelled variants
  model package|verify
          Put a model and what was measured of it into one folder, and check such a folder
  paper draft|verify
          Write the paper of a release from its packages, and check it by writing it again
  release verify|plan|publish|candidate|replay|evidence|assets|graph
          Bind packages into one release, publish it, and prove that what is served is what was made
  repo changelog|bump|api|bit-match|package-assets|perf|coverage|eval-smoke|index|sbom|reproducible|lint|workflows
          Gates for the versions of the workspace; `repo --help` says more
  run STAGE|all [--from STAGE] [--until STAGE] [--rehearse] [--dry-run]
          Make a release from its declaration; `--help` says more
  sanitize
          Run the tests of the kernels under AddressSanitizer
  schemas [--check]
          Write the JSON Schemas of the documents, or check that they are as written
  test-device --backend cpu|native|ndarray|wgpu|vulkan|cuda
          Run the tests of encoder, predictor and scoring on a device
  tidy    Check the form of sources and manifests
  v02 template|suite|speed|speed-scope|readiness|verify
          Run the benchmarks that a release has to show, and say of each what it is worth
";

fn main() -> ExitCode {
    if env::var_os(repo::MAKES_JSON).is_some() {
        return repo::as_rustdoc();
    }
    if env::args().nth(1).as_deref() == Some("repo") {
        return repo::run(&env::args().skip(2).collect::<Vec<_>>());
    }
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<()> {
    env::set_current_dir(workspace::root())?;

    let rest: Vec<String> = env::args().skip(2).collect();
    match env::args().nth(1).as_deref() {
        Some("bench") => bench(&rest),
        Some("ci") => ci::run(),
        Some("codes") => codes::check(),
        Some("config-table") => config_table::run(&rest),
        Some("dataset" | "paper") => release_task(),
        Some("demo" | "efficiency" | "run") => {
            program()?;
            release_task()
        }
        Some("fixtures") => fixtures::run(&rest),
        Some("layers") => layers::check(),
        Some("links") => links::check(),
        Some("local-hub") => release_task(),
        Some("release") => {
            // Only a replay scores.
            if rest.first().is_some_and(|task| task == "replay") {
                workspace::cargo(&["build", "--release", "--package", "geno-cli"], &[])?;
            }
            release_task()
        }
        Some("model") => match rest.first().map(String::as_str) {
            Some("package" | "verify") => release_task(),
            _ => model(&rest),
        },
        Some("sanitize") => sanitize::run(),
        Some("schemas") => schemas::run(rest.iter().any(|flag| flag == "--check")),
        Some("test-device") => test_device::run(&rest),
        Some("tidy") => tidy::check(),
        Some("v02") => {
            if rest.first().map(String::as_str) == Some("suite") {
                program()?;
            }
            release_task()
        }
        Some(task) => bail!("unknown task `{task}`\n\n{HELP}"),
        None => {
            print!("{HELP}");
            Ok(())
        }
    }
}

/// Runs the benchmarks, built for the backend that they are asked for.
fn bench(arguments: &[String]) -> Result<()> {
    let is_flag = |argument: &String| argument == "--backend";
    let name = arguments
        .iter()
        .position(is_flag)
        .and_then(|i| arguments.get(i + 1));
    let feature = name.and_then(|name| test_device::feature(name));
    release("geno-benches", feature.as_slice(), arguments)
}

/// Runs the build of the demo's model, with the program whose commands are its stages.
fn model(arguments: &[String]) -> Result<()> {
    program()?;
    release("geno-model-build", &[], arguments)
}

/// Builds the program that users run.
fn program() -> Result<()> {
    workspace::cargo(&["build", "--release", "--package", "geno-cli"], &[])
}

/// Runs a pipeline of a release.
fn release_task() -> Result<()> {
    release(
        "geno-release",
        &[],
        &env::args().skip(1).collect::<Vec<_>>(),
    )
}

/// Runs a package whose dependencies would make this one slow to build.
fn release(package: &str, features: &[&str], arguments: &[String]) -> Result<()> {
    let mut command = vec!["run", "--quiet", "--release", "--package", package];
    for feature in features {
        command.extend(["--features", feature]);
    }
    command.push("--");
    command.extend(arguments.iter().map(String::as_str));
    workspace::cargo(&command, &[])
}
