//! One receipt against another of the same variant.

use geno_core::{Coded, Digest, Dtype, ErrorCode};
use geno_provenance::{Json, Receipt};

/// By how much two kernels may differ.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tolerance {
    /// Largest relative difference of two raw surprises.
    pub raw: f64,
    /// Largest difference of two percentiles. Wider: a percentile moves by the slope of its bucket's
    /// distribution.
    pub calibrated: f64,
}

impl Tolerance {
    /// Of two receipts that name no arithmetic but `fp32`: what scores of the published package,
    /// which computes with another library, are held to as well.
    pub const FULL: Self = Self {
        raw: 2e-4,
        calibrated: 2e-3,
    };

    /// Where one of them rounded activations, `bf16` or `int8`. The demo model's raw surprises differ
    /// by up to `3.2e-3` between `bf16` and `fp32` arithmetic, its percentiles by `6.3e-3`.
    pub const ROUNDED: Self = Self {
        raw: 2e-2,
        calibrated: 5e-2,
    };
}

/// In which way two receipts of one variant agree.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Comparison {
    /// One kernel computed both, and every bit is the same.
    Exact,
    /// Two kernels computed them, or one is not known, and they differ by no more than that.
    WithinTolerance {
        /// Relative difference of the raw surprises.
        difference: f64,
        /// What they were held to.
        tolerance: Tolerance,
    },
}

/// How a receipt differs from one made again.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum RerunMismatch {
    /// Another model wrote it.
    #[error("receipt names model {receipt}, but the model is {rerun}")]
    Model {
        /// In the receipt.
        receipt: Digest,
        /// Of the model.
        rerun: Digest,
    },
    /// It is about another variant, window, pooling or number format.
    #[error("receipt commits to input {receipt}, but the input gives {rerun}")]
    Input {
        /// In the receipt.
        receipt: Digest,
        /// Of the input.
        rerun: Digest,
    },
    /// The context label, its size or its confidence differ.
    #[error("receipt has another context than the rerun")]
    Context,
    /// The same kernel gives another score.
    #[error("{field} is {receipt:?} in the receipt, and {rerun:?} again on the same kernel")]
    Bits {
        /// `sigma_raw` or `sigma_calibrated`.
        field: &'static str,
        /// In the receipt.
        receipt: f64,
        /// Computed again.
        rerun: f64,
    },
    /// Another kernel gives a score that differs by more than rounding.
    #[error("{field} is {receipt:?} in the receipt, and {rerun:?} again: beyond {tolerance:e}")]
    Tolerance {
        /// `sigma_raw` or `sigma_calibrated`.
        field: &'static str,
        /// In the receipt.
        receipt: f64,
        /// Computed again.
        rerun: f64,
        /// What they may differ by.
        tolerance: f64,
    },
}

impl Coded for RerunMismatch {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Model { .. } => ErrorCode::ProvenanceManifestHashMismatch,
            Self::Input { .. } => ErrorCode::ProvenanceInputCommitmentMismatch,
            Self::Context | Self::Bits { .. } | Self::Tolerance { .. } => {
                ErrorCode::ProvenanceOutputCommitmentMismatch
            }
        }
    }
}

/// Compares a receipt with one made again from the same input.
///
/// Exactly, if both name the same kernel and arithmetic; else within [`Tolerance::FULL`], or
/// [`Tolerance::ROUNDED`] where one of them names another arithmetic than `fp32`.
///
/// # Errors
///
/// [`RerunMismatch`] for the first difference.
pub fn compare_receipts(receipt: &Receipt, rerun: &Receipt) -> Result<Comparison, RerunMismatch> {
    let (said, again) = (receipt.model_id(), rerun.model_id());
    if said != again {
        return Err(RerunMismatch::Model {
            receipt: said,
            rerun: again,
        });
    }
    let (said, again) = (receipt.input_commitment(), rerun.input_commitment());
    if said != again {
        return Err(RerunMismatch::Input {
            receipt: said,
            rerun: again,
        });
    }
    let (said, again) = (receipt.output(), rerun.output());
    let context = said.bucket_id() == again.bucket_id()
        && said.confidence() == again.confidence()
        && said.low_confidence() == again.low_confidence();
    if !context {
        return Err(RerunMismatch::Context);
    }

    let kernels = [receipt, rerun].map(kernel);
    let is_same_kernel = kernels[0].is_some() && kernels[0] == kernels[1];
    let is_full = |[_, arithmetic @ ..]: &[&Json; 3]| {
        let full = Some(Dtype::F32.as_str());
        arithmetic.iter().all(|dtype| dtype.as_str() == full)
    };
    let tolerance = match kernels.iter().flatten().all(is_full) {
        true => Tolerance::FULL,
        false => Tolerance::ROUNDED,
    };
    let scores = [
        (
            "sigma_raw",
            said.sigma_raw(),
            again.sigma_raw(),
            tolerance.raw * again.sigma_raw().abs(),
        ),
        (
            "sigma_calibrated",
            said.sigma_calibrated(),
            again.sigma_calibrated(),
            tolerance.calibrated,
        ),
    ];
    for (field, receipt, rerun, limit) in scores {
        if is_same_kernel && receipt != rerun {
            return Err(RerunMismatch::Bits {
                field,
                receipt,
                rerun,
            });
        }
        if (receipt - rerun).abs() > limit {
            return Err(RerunMismatch::Tolerance {
                field,
                receipt,
                rerun,
                tolerance: limit,
            });
        }
    }
    match is_same_kernel {
        true => Ok(Comparison::Exact),
        false => Ok(Comparison::WithinTolerance {
            difference: relative_difference(said.sigma_raw(), again.sigma_raw()),
            tolerance,
        }),
    }
}

/// What computed a receipt's score, if it says so.
fn kernel(receipt: &Receipt) -> Option<[&Json; 3]> {
    let details = receipt.details()?;
    let [kernel, encoder, predictor] =
        ["kernel", "arithmetic", "predictor_arithmetic"].map(|name| details.get(name));
    Some([kernel?, encoder?, predictor?])
}

fn relative_difference(a: f64, b: f64) -> f64 {
    match a == b {
        true => 0.,
        false => (a - b).abs() / a.abs().max(b.abs()),
    }
}
