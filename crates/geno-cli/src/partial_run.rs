//! What a run that is cut off leaves beside its output.

use std::path::{Path, PathBuf};

use geno_runtime::Unfinished;

/// A neighbour of an output: `scores.jsonl` has its rejected rows in `scores.jsonl.rejected.jsonl`.
pub(crate) fn beside(output: &Path, ending: &str) -> PathBuf {
    let mut name = output.as_os_str().to_owned();
    name.push(ending);
    name.into()
}

/// What becomes of a run that was cut off, by `--resume` and `--restart`.
pub(crate) fn unfinished(resume: bool, restart: bool) -> Unfinished {
    match (resume, restart) {
        (true, _) => Unfinished::Resume,
        (false, true) => Unfinished::Discard,
        (false, false) => Unfinished::Refuse,
    }
}

/// Says on standard error what is left of a run, if anything is.
#[expect(clippy::print_stderr, reason = "a hint beside the data")]
pub(crate) fn tell_kept(output: Option<&Path>) {
    let partial = output.map(|output| beside(output, ".partial"));
    if let Some(partial) = partial.filter(|partial| partial.exists()) {
        eprintln!(
            "`{}` keeps what is done: go on with --resume",
            partial.display()
        );
    }
}
