//! Whether an input is the one that a receipt commits to.

use geno_action::EditSpec;
use geno_core::{Coded, ErrorCode};

use crate::{
    DtypeConfig, FieldError, INPUT_COMMITMENT_SCHEMA, InputCommitmentError, Json, PoolingConfig,
    Receipt, RowSalt, SALTED_INPUT_COMMITMENT_SCHEMA, VerifyError, input_commitment,
    salted_input_commitment, verify_input,
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
            Self::SaltMissing | Self::SaltUnused => ErrorCode::InputGeneric,
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
    let recomputed = match (schema.as_str(), salt) {
        (Some(INPUT_COMMITMENT_SCHEMA), None) => input_commitment(window, edit, &pooling, &dtypes),
        (Some(SALTED_INPUT_COMMITMENT_SCHEMA), Some(salt)) => {
            salted_input_commitment(window, edit, &pooling, &dtypes, salt)
        }
        (Some(INPUT_COMMITMENT_SCHEMA), Some(_)) => return Err(OpenInputError::SaltUnused),
        (Some(SALTED_INPUT_COMMITMENT_SCHEMA), None) => return Err(OpenInputError::SaltMissing),
        _ => return Err(OpenInputError::Schema { found: schema }),
    }?;
    Ok(verify_input(receipt, recomputed)?)
}
