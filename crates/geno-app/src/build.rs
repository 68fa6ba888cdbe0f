//! What the program was built from.

use geno_provenance::{CodeState, Commit, Label};

/// Code, compiler and target of this program.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Build {
    /// Version of the workspace.
    pub version: &'static str,
    /// The full commit, if it was built inside a repository.
    pub git_sha: Option<&'static str>,
    /// Whether the working tree differed from that commit.
    pub dirty: Option<bool>,
    /// What `rustc --version` printed.
    pub rustc: &'static str,
    /// The target triple.
    pub target: &'static str,
}

impl Build {
    /// This program.
    ///
    /// ```
    /// let build = geno_app::Build::current();
    /// assert!(build.rustc.starts_with("rustc 1."));
    /// ```
    pub fn current() -> Self {
        let sha = env!("GENO_LEWM_GIT_SHA");
        Self {
            version: env!("CARGO_PKG_VERSION"),
            git_sha: (!sha.is_empty()).then_some(sha),
            dirty: env!("GENO_LEWM_GIT_DIRTY").parse().ok(),
            rustc: env!("GENO_LEWM_RUSTC"),
            target: env!("GENO_LEWM_TARGET"),
        }
    }

    /// The state of the code, as a reproducibility envelope records it. A commit counts only
    /// together with word on whether the tree was clean.
    ///
    /// ```
    /// let build = geno_app::Build::current();
    /// assert_eq!(build.code_state().version.as_str(), build.version);
    /// ```
    pub fn code_state(&self) -> CodeState {
        let sha = self.git_sha.and_then(|sha| sha.parse().ok());
        CodeState {
            version: Label::new(self.version).expect("a version is a label"),
            git: sha
                .zip(self.dirty)
                .map(|(sha, dirty)| Commit { sha, dirty }),
        }
    }
}
