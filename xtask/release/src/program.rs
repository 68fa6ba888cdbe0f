//! The program that a release is about, run as its users run it.

use std::{
    env,
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail, ensure};
use geno_core::Digest;
use geno_provenance::{
    CodeState, Json, Timestamp,
    release::{CommandLine, RecordedCommand},
};

/// `geno-lewm`.
pub(crate) struct Program {
    path: PathBuf,
}

/// What became of a run of the program.
pub(crate) struct Finished {
    pub(crate) elapsed: Duration,
    /// Most memory it held at once, by its own word.
    pub(crate) peak_memory_bytes: u64,
}

/// What a run of the program in a folder left and said.
pub(crate) struct Ran {
    /// None if something else ended it.
    pub(crate) exit_code: Option<u64>,
    pub(crate) stdout: Vec<u8>,
    pub(crate) stderr: Vec<u8>,
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        let exit_code = output.status.code();
        Self {
            exit_code: exit_code.and_then(|code| u64::try_from(code).ok()),
            stdout: output.stdout,
            stderr: output.stderr,
        }
    }
}

impl Program {
    /// The program that was built beside this one, or another. What measures has to be of the commit
    /// that reports name: one beside this one of another commit is an error.
    pub(crate) fn of_commit(path: Option<&Path>, tool: &CodeState) -> Result<Self> {
        let program = Self::find(path)?;
        if path.is_some() {
            // What it is nobody knows, and its reports say so.
            return Ok(program);
        }
        let output = program.started().args(["doctor", "--json"]).output();
        let output =
            output.with_context(|| format!("cannot start `{}`", program.path.display()))?;
        let told = Json::parse(&output.stdout).context("`geno-lewm doctor` wrote no JSON")?;
        let commit = told
            .get("build")
            .and_then(|build| build.get("git_sha")?.as_str());
        let own = tool.git.as_ref().map(|commit| commit.sha.as_str());
        ensure!(
            commit == own,
            "`geno-lewm` is of commit {}, and this program of {}: build both",
            commit.unwrap_or("none"),
            own.unwrap_or("none")
        );
        Ok(program)
    }

    /// The program of a path, or the one that was built beside this one.
    pub(crate) fn find(path: Option<&Path>) -> Result<Self> {
        let path = match path {
            Some(path) => path.to_owned(),
            None => {
                env::current_exe()?.with_file_name(format!("geno-lewm{}", env::consts::EXE_SUFFIX))
            }
        };
        ensure!(path.is_file(), "`{}` is not built", path.display());
        // It may be run in another folder.
        let path = fs::canonicalize(path)?;
        Ok(Self { path })
    }

    /// The program with nothing of this one's settings or secrets in its environment.
    pub(crate) fn started(&self) -> Command {
        let mut command = Command::new(&self.path);
        for (key, _) in env::vars_os() {
            let name = key.to_string_lossy();
            if name.starts_with("GENO_LEWM_") || name.ends_with("TOKEN") {
                command.env_remove(&key);
            }
        }
        command.stdin(Stdio::null());
        command
    }

    /// Runs a command in a folder, which the files that it names lie in, at a time of its own.
    pub(crate) fn capture(&self, line: &CommandLine, folder: &Path, now: Timestamp) -> Result<Ran> {
        let output = self
            .started()
            .args(&line.arguments()[1..])
            .current_dir(folder)
            .env("SOURCE_DATE_EPOCH", now.unix_seconds().to_string())
            .output();
        let output = output.with_context(|| format!("cannot start `{}`", self.path.display()))?;
        Ok(output.into())
    }

    /// Digest of its file.
    pub(crate) fn digest(&self) -> Result<Digest> {
        Ok(Digest::of_reader(fs::File::open(&self.path)?)?)
    }

    /// Begins a command.
    pub(crate) fn command(&self) -> Result<RecordedCommand> {
        Ok(RecordedCommand::new("geno-lewm", &self.path)?)
    }

    /// Runs a command in a folder, to its end, however that is.
    pub(crate) fn run(&self, command: &RecordedCommand, folder: &Path) -> Result<Ran> {
        let output = self
            .started()
            .args(command.arguments())
            .current_dir(folder)
            .output()
            .with_context(|| format!("cannot start `{}`", command.program().display()))?;
        Ok(output.into())
    }

    /// Runs a command to its end, which has to be a good one.
    pub(crate) fn measure(&self, command: &RecordedCommand) -> Result<Finished> {
        let began = Instant::now();
        let output = self
            .started()
            .args(command.arguments())
            .args(["--log-format", "json"].map(OsStr::new))
            .output()
            .with_context(|| format!("cannot start `{}`", command.program().display()))?;
        let elapsed = began.elapsed();
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() {
            let words = log.lines().filter(|line| line.starts_with("error"));
            let words: Vec<_> = words.collect();
            bail!("`{}` failed: {}", command.line()?, words.join("; "));
        }
        let peak = log.lines().rev().find_map(peak_memory);
        Ok(Finished {
            elapsed,
            peak_memory_bytes: peak.context("the program did not say how much memory it held")?,
        })
    }
}

/// The peak that the last event of a run names.
fn peak_memory(line: &str) -> Option<u64> {
    let event = Json::parse(line.as_bytes()).ok()?;
    let is_end = event.get("event").and_then(Json::as_str) == Some("run.end");
    let peak = event.get("data")?.get("peak_memory_bytes")?.as_u64();
    peak.filter(|_| is_end)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_event_names_the_peak() {
        let line = r#"{"data": {"exit_code": 0, "peak_memory_bytes": 7}, "event": "run.end"}"#;
        assert_eq!(peak_memory(line), Some(7));
        assert_eq!(peak_memory(&line.replace("run.end", "run.start")), None);
        assert_eq!(peak_memory("120 scored"), None);
    }
}
