//! `cargo xtask run`: a release from its declaration, stage by stage; what is unchanged is not run again.

mod config;
mod record;
mod stage;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitStatus},
};

use anyhow::{Context, Result, bail};
use clap::{ValueEnum, builder::PossibleValue};
use geno_app::Build;
use geno_core::Digest;
use geno_provenance::{Json, Timestamp, indented_json};

use self::{
    config::Config,
    stage::{Options, Stage, StageName, Step, stages},
};
use crate::{Verdict, efficiency::hardware, local_hub::Server, program::Program};

#[derive(clap::Args)]
#[command(after_help = "\
Stages: dataset, evaluation, efficiency, model, demo, paper, verify, plan, publish, candidate, replay, evidence, assets.
A stage whose inputs, commands and programs have the digests that they had, and whose outputs are still
those that it left, is not run again.

Examples:
  cargo xtask run all --rehearse
  cargo xtask run all --until verify
  cargo xtask run demo")]
pub(crate) struct Args {
    /// A stage, or `all`
    stage: Asked,
    /// The release
    #[arg(
        long = "release-toml",
        value_name = "FILE",
        default_value = "configs/first_experiment/release.toml"
    )]
    release: PathBuf,
    /// First stage of `all`
    #[arg(long, value_name = "STAGE")]
    from: Option<StageName>,
    /// Last stage of `all`
    #[arg(long, value_name = "STAGE")]
    until: Option<StageName>,
    /// Tell what would run, and run nothing
    #[arg(long)]
    dry_run: bool,
    /// Publish to hosts of this machine, which keep everything in `hub` of the release's folder; what is
    /// published there is no evidence
    #[arg(long)]
    rehearse: bool,
    /// Accept what is no evidence, such as what a program from a changed tree made
    #[arg(long)]
    allow_fixture: bool,
    /// The machine in words [default: system, threads and instructions]
    #[arg(long, value_name = "TEXT")]
    hardware: Option<String>,
    /// Time that all reports name
    #[arg(long, value_name = "TIME")]
    now: Option<Timestamp>,
    /// Another program than the one built with this one
    #[arg(long, value_name = "FILE")]
    program: Option<PathBuf>,
    /// Print what became of each stage as JSON
    #[arg(long)]
    json: bool,
}

/// How the names of folders begin that are not finished.
const DRAFT: &str = ".geno-lewm-";

/// One stage or all of them.
#[derive(Clone, Copy, Debug)]
enum Asked {
    All,
    One(StageName),
}

impl ValueEnum for Asked {
    fn value_variants<'a>() -> &'a [Self] {
        use StageName::*;
        &[
            Self::All,
            Self::One(Dataset),
            Self::One(Evaluation),
            Self::One(Efficiency),
            Self::One(Model),
            Self::One(Demo),
            Self::One(Paper),
            Self::One(Verify),
            Self::One(Plan),
            Self::One(Publish),
            Self::One(Candidate),
            Self::One(Replay),
            Self::One(Evidence),
            Self::One(Assets),
        ]
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        match self {
            Self::All => Some(PossibleValue::new("all").help("Every stage")),
            Self::One(stage) => stage.to_possible_value(),
        }
    }
}

/// What became of a stage.
#[derive(Clone, Copy, Debug)]
enum Outcome {
    Ran,
    Unchanged,
    WouldRun,
}

pub(crate) fn run(args: &Args) -> Result<Verdict> {
    let config = Config::read(&args.release)?;
    let hardware = match &args.hardware {
        Some(hardware) => hardware.clone(),
        None => hardware()?.to_string(),
    };
    let git = Build::current().code_state().git;
    let commit = git.context("the program was built from no commit")?;
    let options = Options {
        commit: commit.sha.as_str(),
        hardware: &hardware,
        allow_fixture: args.allow_fixture,
    };
    let wanted = |stage: &Stage| match args.stage {
        Asked::One(name) => stage.name == name,
        Asked::All => {
            args.from.is_none_or(|from| from <= stage.name)
                && args.until.is_none_or(|until| stage.name <= until)
        }
    };
    let stages: Vec<_> = stages(&config, options)?
        .into_iter()
        .filter(wanted)
        .collect();
    let mut runner = Runner::new(args, &config)?;
    let mut outcomes = Vec::new();
    for stage in &stages {
        let name = stage.name.text();
        let outcome = runner
            .stage(stage)
            .with_context(|| format!("stage `{name}`"))?;
        outcomes.push((name, outcome));
    }
    if args.json {
        let row = |(name, outcome): (String, Outcome)| {
            let outcome = match outcome {
                Outcome::Ran => "ran",
                Outcome::Unchanged => "unchanged",
                Outcome::WouldRun => "would_run",
            };
            Json::object([("stage", Json::from(name)), ("outcome", outcome.into())])
        };
        let rows = Json::Array(outcomes.into_iter().map(row).collect());
        println!("{}", indented_json(&rows));
    }
    Ok(Verdict::Holds)
}

struct Runner<'a> {
    args: &'a Args,
    release: &'a Path,
    program: Program,
    this: PathBuf,
    /// Digests of both.
    programs: [Digest; 2],
    /// The hosts of a rehearsal, once they are needed.
    hosts: Option<Server>,
    /// Whether an earlier stage would run, in a dry run: what it makes is not there yet.
    is_stale: bool,
}

impl<'a> Runner<'a> {
    fn new(args: &'a Args, config: &'a Config) -> Result<Self> {
        let tool = Build::current().code_state();
        let program = Program::of_commit(args.program.as_deref(), &tool)?;
        let this = env::current_exe()?;
        Ok(Self {
            args,
            release: &config.folder,
            programs: [program.digest()?, record::digest(&this)?],
            program,
            this,
            hosts: None,
            is_stale: false,
        })
    }

    fn stage(&mut self, stage: &Stage) -> Result<Outcome> {
        let name = stage.name.text();
        if self.is_stale {
            return self.tell(stage);
        }
        let key = record::key(stage, &self.programs, self.args.rehearse)?;
        if record::holds(self.release, stage, key) {
            self.say(&format!("==> {name}: unchanged"));
            return Ok(Outcome::Unchanged);
        }
        if self.args.dry_run {
            self.is_stale = true;
            return self.tell(stage);
        }
        // What is left of an earlier run can never stand for this one's.
        remove(&record::path(self.release, stage))?;
        stage.outputs.iter().try_for_each(|output| remove(output))?;
        self.remove_drafts()?;
        for output in &stage.outputs {
            crate::folder::create_around(output)?;
        }
        if matches!(stage.name, StageName::Evaluation) {
            fs::create_dir_all(self.release.join("eval"))?;
        }
        for step in &stage.steps {
            self.say(&format!("==> {name}: {}", line(step)));
            let status = self.step(stage, step)?;
            if !status.success() {
                bail!("`{}` ended with {status}", line(step));
            }
        }
        let missing = stage.outputs.iter().find(|output| !output.exists());
        if let Some(missing) = missing {
            bail!("`{}` was not made", missing.display());
        }
        record::write(self.release, stage, key)?;
        Ok(Outcome::Ran)
    }

    /// Removes folders that a run which was cut off left unfinished.
    fn remove_drafts(&self) -> Result<()> {
        let Ok(entries) = fs::read_dir(self.release) else {
            return Ok(());
        };
        for entry in entries {
            let entry = entry?;
            if entry.file_name().to_string_lossy().starts_with(DRAFT) {
                remove(&entry.path())?;
            }
        }
        Ok(())
    }

    fn tell(&self, stage: &Stage) -> Result<Outcome> {
        for step in &stage.steps {
            self.say(&format!("{}: {}", stage.name.text(), line(step)));
        }
        Ok(Outcome::WouldRun)
    }

    fn say(&self, text: &str) {
        match self.args.json {
            true => eprintln!("{text}"),
            false => println!("{text}"),
        }
    }

    fn step(&mut self, stage: &Stage, step: &Step) -> Result<ExitStatus> {
        let mut command = match step {
            Step::Program(arguments) => {
                let mut command = self.program.started();
                command.args(arguments);
                command
            }
            Step::Xtask(arguments) => {
                let mut command = Command::new(&self.this);
                command.args(arguments);
                // These commands run the program.
                let runs = [StageName::Efficiency, StageName::Demo, StageName::Replay];
                if let Some(program) = self
                    .args
                    .program
                    .as_ref()
                    .filter(|_| runs.contains(&stage.name))
                {
                    command.arg("--program").arg(program);
                }
                command
            }
        };
        if let Some(now) = self.args.now {
            command.env("SOURCE_DATE_EPOCH", now.unix_seconds().to_string());
        }
        if self.args.rehearse && stage.name.is_public() {
            let hosts = self.hosts()?;
            command
                .env("HF_ENDPOINT", &hosts.hugging_face)
                .env("GITHUB_ENDPOINT", &hosts.github);
            // They are told by how they begin, and let nobody in anywhere else.
            for (name, token) in [("HF_TOKEN", "hf_rehearsal"), ("GH_TOKEN", "ghp_rehearsal")] {
                if env::var_os(name).is_none() {
                    command.env(name, token);
                }
            }
        }
        if self.args.json {
            // What is printed there is of this command alone.
            command.stdout(std::process::Stdio::null());
        }
        command
            .status()
            .with_context(|| format!("cannot run `{}`", line(step)))
    }

    /// The hosts of the rehearsal.
    fn hosts(&mut self) -> Result<&Server> {
        if self.hosts.is_none() {
            // Another plan has hosts of its own, on which nothing is published yet.
            let plan = record::digest(&self.release.join("hub_release_plan.json"))?;
            let folder = self.release.join("hub").join(&plan.to_hex()[..16]);
            let server = Server::start(&folder, 0, Vec::new());
            let server = server.with_context(|| format!("cannot serve `{}`", folder.display()))?;
            self.hosts = Some(server);
        }
        self.hosts.as_ref().context("no hosts")
    }
}

fn remove(path: &Path) -> Result<()> {
    let removed = match path.is_dir() {
        true => fs::remove_dir_all(path),
        false if path.exists() => fs::remove_file(path),
        false => Ok(()),
    };
    removed.with_context(|| format!("cannot remove `{}`", path.display()))
}

/// A step as somebody would type it.
fn line(step: &Step) -> String {
    let (program, arguments) = match step {
        Step::Program(arguments) => ("geno-lewm", arguments),
        Step::Xtask(arguments) => ("cargo xtask", arguments),
    };
    format!("{program} {}", arguments.join(" "))
}
