//! The command-line program, whose commands are the stages of a build.

use std::{
    env,
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use anyhow::{Context, Result, bail, ensure};
use geno_provenance::write_atomic;
use serde::{Deserialize, Serialize};

/// The commands that draw.
const DRAWING: &[&str] = &["pretrain", "targets", "train", "calibrate"];

/// The program, and the folder in which it runs.
pub(crate) struct Program {
    path: PathBuf,
    folder: PathBuf,
    seed: u64,
    threads: Option<usize>,
}

/// A stage that is done.
#[derive(Deserialize, Serialize)]
pub(crate) struct StageRecord {
    pub(crate) arguments: Vec<String>,
    /// Wall-clock time.
    pub(crate) seconds: f64,
}

impl Program {
    /// The `geno-lewm` that was built beside this program.
    pub(crate) fn beside(folder: &Path, seed: u64, threads: Option<usize>) -> Result<Self> {
        let path =
            env::current_exe()?.with_file_name(format!("geno-lewm{}", env::consts::EXE_SUFFIX));
        ensure!(path.exists(), "`{}` is not built", path.display());
        fs::create_dir_all(folder.join("stages"))?;
        Ok(Self {
            path,
            folder: folder.to_owned(),
            seed,
            threads,
        })
    }

    /// Runs a command in the folder, unless that was done before.
    ///
    /// A stage that was cut off begins again; commands that can resume go on where they were.
    pub(crate) fn stage(&self, name: &str, arguments: &str, more: &[String]) -> Result<()> {
        let mut arguments: Vec<_> = arguments.split_whitespace().map(str::to_owned).collect();
        arguments.extend_from_slice(more);
        if DRAWING
            .iter()
            .any(|command| arguments.first().is_some_and(|name| name == command))
        {
            arguments.push(format!("--seed={}", self.seed));
        }
        let path = self.folder.join("stages").join(format!("{name}.json"));
        if let Ok(bytes) = fs::read(&path) {
            let record: StageRecord = serde_json::from_slice(&bytes)?;
            ensure!(
                record.arguments == arguments,
                "the stage `{name}` was done with other arguments; begin in another folder"
            );
            println!("==> {name}: done before");
            return Ok(());
        }
        println!("==> {name}: geno-lewm {}", arguments.join(" "));
        let began = Instant::now();
        let status = Command::new(&self.path)
            .current_dir(&self.folder)
            .args(&arguments)
            .args(self.threads.map(|n| format!("--threads={n}")))
            .status()
            .with_context(|| format!("cannot start `{}`", self.path.display()))?;
        if !status.success() {
            bail!("the stage `{name}` failed: {status}");
        }
        let seconds = began.elapsed().as_secs_f64();
        let record = serde_json::to_vec_pretty(&StageRecord { arguments, seconds })?;
        Ok(write_atomic(&path, |out| out.write_all(&record))?)
    }

    /// Runs a command in the current folder.
    pub(crate) fn run(&self, arguments: &[&OsStr]) -> Result<()> {
        let status = Command::new(&self.path).args(arguments).status()?;
        let name = arguments.first().unwrap_or(&OsStr::new("")).display();
        ensure!(status.success(), "`{name}` failed: {status}");
        Ok(())
    }
}
