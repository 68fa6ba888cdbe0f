//! The state of the source tree that a program is run from.

use std::{
    io,
    path::{Path, PathBuf},
    process::{Command, Output},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{GitSha, GitState, Label, LabelError, ParseGitShaError};

/// Why the state of a source tree is not known.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GitStateError {
    /// There is no `git` program.
    #[error("git is not installed, or not in the search path")]
    NoGit,
    /// The `git` program could not be run.
    #[error("cannot run git")]
    Run {
        /// What the system said.
        source: io::Error,
    },
    /// The folder is not in a working tree of a repository.
    #[error("`{}` is not in a git working tree", folder.display())]
    NotARepository {
        /// The folder.
        folder: PathBuf,
    },
    /// Nothing was committed yet.
    #[error("the git repository around `{}` has no commit yet", folder.display())]
    NoCommit {
        /// The folder.
        folder: PathBuf,
    },
    /// Git refused, for example since the repository belongs to somebody else.
    #[error("git failed: {stderr}")]
    Refused {
        /// What it said.
        stderr: String,
    },
    /// Git gave something else than the name of a commit.
    #[error("git gave `{text}` as the commit")]
    Sha {
        /// What it gave.
        text: String,
        /// Why it is none.
        source: ParseGitShaError,
    },
    /// Git gave something else than the name of a branch.
    #[error("git gave no name of a branch")]
    Branch {
        /// Why it is none.
        source: LabelError,
    },
}

impl Coded for GitStateError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::NotARepository { .. } | Self::NoCommit { .. } => ErrorCode::InputGeneric,
            Self::Run { source } => ErrorCode::of_io(source),
            Self::NoGit | Self::Refused { .. } | Self::Sha { .. } | Self::Branch { .. } => {
                ErrorCode::ResourceGeneric
            }
        }
    }
}

/// Reads commit, changes and branch of the working tree around a folder, with the `git` program.
///
/// A file that git does not know and was not told to ignore is a change. Variables such as
/// `GIT_DIR` do not count: the folder alone says which repository is meant. Nothing is written.
///
/// # Errors
///
/// [`GitStateError`], which says whether git, the repository or the first commit is missing.
pub fn git_state(folder: &Path) -> Result<GitState, GitStateError> {
    let inside = git(folder, &["rev-parse", "--is-inside-work-tree"])?;
    let not_a_repository = || GitStateError::NotARepository {
        folder: folder.to_owned(),
    };
    if !inside.status.success() {
        let stderr = String::from_utf8_lossy(&inside.stderr);
        return Err(match stderr.contains("not a git repository") {
            true => not_a_repository(),
            false => refused(&inside),
        });
    }
    if text(&inside) != "true" {
        return Err(not_a_repository());
    }

    let head = git(folder, &["rev-parse", "--verify", "--quiet", "HEAD"])?;
    if !head.status.success() {
        let folder = folder.to_owned();
        return Err(GitStateError::NoCommit { folder });
    }
    let sha: GitSha = text(&head).parse().map_err(|source| GitStateError::Sha {
        text: text(&head),
        source,
    })?;
    let branch = succeed(git(folder, &["rev-parse", "--abbrev-ref", "HEAD"])?)?;
    let branch = Label::new(branch).map_err(|source| GitStateError::Branch { source })?;
    let changes = ["status", "--porcelain", "--untracked-files=normal"];
    let dirty = !succeed(git(folder, &changes)?)?.is_empty();
    Ok(GitState { sha, dirty, branch })
}

fn git(folder: &Path, arguments: &[&str]) -> Result<Output, GitStateError> {
    let output = Command::new("git")
        .arg("--no-optional-locks")
        .args(arguments)
        .current_dir(folder)
        .env("LC_ALL", "C")
        .env_remove("GIT_DIR")
        .env_remove("GIT_WORK_TREE")
        .env_remove("GIT_INDEX_FILE")
        .output();
    output.map_err(|source| match source.kind() {
        io::ErrorKind::NotFound if folder.is_dir() => GitStateError::NoGit,
        _ => GitStateError::Run { source },
    })
}

fn succeed(output: Output) -> Result<String, GitStateError> {
    match output.status.success() {
        true => Ok(text(&output)),
        false => Err(refused(&output)),
    }
}

fn refused(output: &Output) -> GitStateError {
    let stderr = String::from_utf8_lossy(&output.stderr).trim().to_owned();
    GitStateError::Refused { stderr }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).trim().to_owned()
}
