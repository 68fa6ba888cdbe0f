//! What a run of `score` says beside its data.

use geno_data::VcfIndex;
use geno_runtime::{ScoreSummary, SurroundingsMismatch};

/// Says on standard error that scores say less than they could.
#[expect(clippy::print_stderr, reason = "a warning beside the data")]
pub(super) fn warn(mismatch: SurroundingsMismatch) {
    eprintln!(
        "warning: {}",
        match mismatch {
            SurroundingsMismatch::UnknownToTable =>
                "the calibration table tells no regions or repeats apart, so variants that have one are \
                 compared with all variants: build a table with `calibrate` and the same files",
            SurroundingsMismatch::UnknownToRun =>
                "the calibration table tells regions and repeats apart, and nothing says which these \
                 variants have: give `--annotation`, `--repeats` or `--context-from-info`",
        }
    );
}

/// Says on standard error what a run did.
#[expect(clippy::print_stderr, reason = "a summary beside the data")]
pub(super) fn report(summary: &ScoreSummary, model: &str, n_windows: usize) {
    let n_rejected: u64 = summary.rejected.values().sum();
    let sidecar = match &summary.rejected_path {
        Some(path) => format!(", see `{}`", path.display()),
        None => String::new(),
    };
    eprintln!(
        "{} scored by `{model}`, {n_rejected} rejected{sidecar}",
        summary.scored
    );
    for (code, n) in &summary.rejected {
        eprintln!("  {n} {code}");
    }
    if summary.full_passes > 0 {
        let of_each = match n_windows {
            1 => String::new(),
            n => format!(", of {n} a variant"),
        };
        eprintln!(
            "{} needed a pass of their own over their window{of_each}",
            summary.full_passes
        );
    }
    if summary.left_out > 0 {
        eprintln!("{} left out of the VCF: no rows", summary.left_out);
    }
    match summary.index {
        Some(VcfIndex::Unsorted { row }) => {
            eprintln!("row {row} is out of order, so the VCF has no index");
        }
        Some(VcfIndex::OutOfRange { row }) => {
            eprintln!("row {row} has a position that no index holds, so the VCF has none");
        }
        _ => {}
    }
}
