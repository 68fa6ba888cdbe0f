//! Whether an input is the one that a receipt commits to.

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};

use crate::{
    DtypeConfig, FieldError, INPUT_COMMITMENT_SCHEMA, InputCommitmentError, Json, PoolingConfig,
    Receipt, RowSalt, SALTED_INPUT_COMMITMENT_SCHEMA, SALTED_WINDOWS_COMMITMENT_SCHEMA,
    VerifyError, WINDOWS_COMMITMENT_SCHEMA, input_commitment, salted_input_commitment,
    verify_input, windows_commitment,
};

/// Why an input is not shown to be that of a receipt.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum OpenInputError {
    /// The receipt does not say how it commits.
    #[error("receipt does not say how it commits to its input")]
    Details(#[from] FieldError),
    /// The receipt commits by a rule that is unknown.
    #[error("receipt commits to its input in an unknown way")]
    Schema {
        /// What stands in its place.
        found: Json,
    },
    /// The score comes from another number of windows.
    #[error("receipt commits to another number of windows than the {found} given")]
    Windows {
        /// How many were given.
        found: usize,
    },
    /// The receipt is salted, and no salt was given.
    #[error("receipt is salted, and its salt was not given")]
    SaltMissing,
    /// The receipt is not salted, and a salt was given.
    #[error("receipt is not salted, but a salt was given")]
    SaltUnused,
    /// The input cannot be committed to.
    #[error(transparent)]
    Commitment(#[from] InputCommitmentError),
    /// The receipt commits to another input.
    #[error(transparent)]
    Verify(#[from] VerifyError),
}

impl Coded for OpenInputError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Details(_) | Self::Schema { .. } => ErrorCode::ProvenanceReceiptSchema,
            Self::SaltMissing | Self::SaltUnused | Self::Windows { .. } => ErrorCode::InputGeneric,
            Self::Commitment(source) => source.code(),
            Self::Verify(source) => source.code(),
        }
    }
}

/// Checks that a receipt commits to an input, by the rule and the settings that its details name.
///
/// A salted receipt is opened with the salt of its row, which opens no other.
///
/// # Errors
///
/// [`OpenInputError`].
pub fn open_input(
    receipt: &Receipt,
    window: &[u8],
    edit: &EditSpec,
    salt: Option<&RowSalt>,
) -> Result<(), OpenInputError> {
    open_windows(receipt, &[window], edit, salt)
}

/// As [`open_input`], of a score that comes from several windows, in their order.
///
/// # Errors
///
/// [`OpenInputError`].
pub fn open_windows(
    receipt: &Receipt,
    windows: &[&[u8]],
    edit: &EditSpec,
    salt: Option<&RowSalt>,
) -> Result<(), OpenInputError> {
    let detail = |key: &str| {
        let found = receipt.details().and_then(|details| details.get(key));
        let field = || format!("provenance.details.{key}");
        found
            .cloned()
            .ok_or_else(|| FieldError::Missing { field: field() })
    };
    let pooling = PoolingConfig::from_json(detail("pooling_config")?)?;
    let dtypes = DtypeConfig::from_json(detail("dtype_config")?)?;
    let schema = detail("input_commitment_schema")?;
    let (is_salted, is_single) = match schema.as_str() {
        Some(INPUT_COMMITMENT_SCHEMA) => (false, true),
        Some(SALTED_INPUT_COMMITMENT_SCHEMA) => (true, true),
        Some(WINDOWS_COMMITMENT_SCHEMA) => (false, false),
        Some(SALTED_WINDOWS_COMMITMENT_SCHEMA) => (true, false),
        _ => return Err(OpenInputError::Schema { found: schema }),
    };
    match (is_salted, salt) {
        (false, Some(_)) => return Err(OpenInputError::SaltUnused),
        (true, None) => return Err(OpenInputError::SaltMissing),
        _ => {}
    }
    let recomputed = match (is_single, windows, salt) {
        (true, [window], None) => input_commitment(window, edit, &pooling, &dtypes),
        (true, [window], Some(salt)) => {
            salted_input_commitment(window, edit, &pooling, &dtypes, salt)
        }
        (true, ..) => {
            let found = windows.len();
            return Err(OpenInputError::Windows { found });
        }
        (false, ..) => {
            let aggregate = detail("aggregate")?;
            let aggregate = aggregate.as_str().unwrap_or_default();
            windows_commitment(windows, aggregate, edit, &pooling, &dtypes, salt)
        }
    }?;
    Ok(verify_input(receipt, recomputed)?)
}
