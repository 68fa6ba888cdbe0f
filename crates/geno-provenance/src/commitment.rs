//! What a score was computed from, as one digest.

use geno_action::EditSpec;
use geno_core::{Coded, Digest, ErrorCode};

use crate::{FieldError, Json, Label, RowSalt, canonical_json, fields::Fields};

/// Name of the rule behind [`input_commitment`], as receipts state it.
pub const INPUT_COMMITMENT_SCHEMA: &str = "reference_window_edit_pool_dtype_v1";

/// Name of the rule behind [`salted_input_commitment`], as receipts state it.
pub const SALTED_INPUT_COMMITMENT_SCHEMA: &str = "reference_window_edit_pool_dtype_salted_v2";

/// Name of the rule behind [`windows_commitment`] without salt, as receipts state it.
pub const WINDOWS_COMMITMENT_SCHEMA: &str = "reference_windows_aggregate_edit_pool_dtype_v1";

/// Name of the rule behind [`windows_commitment`] with salt, as receipts state it.
pub const SALTED_WINDOWS_COMMITMENT_SCHEMA: &str =
    "reference_windows_aggregate_edit_pool_dtype_salted_v2";

/// How token states become the state of a window.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct PoolingConfig {
    /// Encoder layer, counted from the embeddings, which are 0.
    pub state_layer: u64,
    /// Name of the pool.
    pub pool_type: Label,
    /// Tokens on each side of the edit.
    pub pool_radius: u64,
    /// Whether states have length 1.
    pub normalize: bool,
}

/// Number formats of the two networks.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct DtypeConfig {
    /// Format of the encoder.
    pub encoder_dtype: Label,
    /// Format of the predictor.
    pub predictor_dtype: Label,
}

/// Why an input cannot be committed to.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InputCommitmentError {
    /// The reference window is empty.
    #[error("reference window is empty")]
    EmptyWindow,
    /// The reference window is not text.
    #[error("reference window is not UTF-8")]
    WindowNotText,
}

impl Coded for InputCommitmentError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl PoolingConfig {
    /// Writes the object that commitments and receipts hold.
    pub fn to_json(&self) -> Json {
        Json::object([
            ("state_layer", self.state_layer.into()),
            ("pool_type", Json::from(&self.pool_type)),
            ("pool_radius", self.pool_radius.into()),
            ("normalize", self.normalize.into()),
        ])
    }

    /// Reads the object that receipts hold.
    ///
    /// # Errors
    ///
    /// [`FieldError`] for a field that is missing, unknown, mistyped or negative.
    pub fn from_json(value: Json) -> Result<Self, FieldError> {
        let mut fields = Fields::of_document(value)?;
        let config = Self {
            state_layer: fields.unsigned("state_layer")?,
            pool_type: fields.label("pool_type")?,
            pool_radius: fields.unsigned("pool_radius")?,
            normalize: fields.bool("normalize")?,
        };
        fields.finish()?;
        Ok(config)
    }
}

impl DtypeConfig {
    /// Writes the object that commitments and receipts hold.
    pub fn to_json(&self) -> Json {
        Json::object([
            ("encoder_dtype", Json::from(&self.encoder_dtype)),
            ("predictor_dtype", Json::from(&self.predictor_dtype)),
        ])
    }

    /// Reads the object that receipts hold.
    ///
    /// # Errors
    ///
    /// [`FieldError`] for a field that is missing, unknown or mistyped.
    pub fn from_json(value: Json) -> Result<Self, FieldError> {
        let mut fields = Fields::of_document(value)?;
        let config = Self {
            encoder_dtype: fields.label("encoder_dtype")?,
            predictor_dtype: fields.label("predictor_dtype")?,
        };
        fields.finish()?;
        Ok(config)
    }
}

/// Commits to the inputs of one score.
///
/// The digest of the canonical JSON of
/// `{version: 1, reference_window, edit_spec: {chrom, pos, ref, alt, edit_type}, pooling_config,
/// dtype_config}`. The window counts as it is given: upper and lower case are two windows. Where
/// it lies on its contig is not part of it.
///
/// # Errors
///
/// [`InputCommitmentError`] for a window that is empty or not text.
///
/// # Source
///
/// Rule `reference_window_edit_pool_dtype_v1` of the Python package.
///
/// # Examples
///
/// ```
/// use geno_action::EditSpec;
/// use geno_provenance::{DtypeConfig, Label, PoolingConfig, input_commitment};
///
/// let pooling = PoolingConfig {
///     state_layer: 20,
///     pool_type: Label::new("centered_mean")?,
///     pool_radius: 8,
///     normalize: true,
/// };
/// let bf16 = Label::new("bf16")?;
/// let dtypes = DtypeConfig { encoder_dtype: bf16.clone(), predictor_dtype: bf16 };
/// let edit = EditSpec::new("1", 3, "G", "GTT")?;
///
/// let commitment = input_commitment(b"ACGTACGT", &edit, &pooling, &dtypes)?;
/// assert!(commitment.to_hex().starts_with("d69378926d9eccde"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub fn input_commitment(
    window: &[u8],
    edit: &EditSpec,
    pooling: &PoolingConfig,
    dtypes: &DtypeConfig,
) -> Result<Digest, InputCommitmentError> {
    commit([reference_window(window)?], edit, pooling, dtypes, None)
}

/// Commits to the inputs of one score so that they cannot be guessed.
///
/// As [`input_commitment`], with `version: 2` and the salt's hexadecimal digits as `salt` in what
/// is hashed. Without the salt nobody can try variants until one fits.
///
/// # Errors
///
/// [`InputCommitmentError`] for a window that is empty or not text.
pub fn salted_input_commitment(
    window: &[u8],
    edit: &EditSpec,
    pooling: &PoolingConfig,
    dtypes: &DtypeConfig,
    salt: &RowSalt,
) -> Result<Digest, InputCommitmentError> {
    commit(
        [reference_window(window)?],
        edit,
        pooling,
        dtypes,
        Some(salt),
    )
}

/// Commits to the inputs of one score that comes from several windows, with salt so that they cannot
/// be guessed.
///
/// As [`input_commitment`], or [`salted_input_commitment`], with `reference_windows`, the windows in
/// their order, and `aggregate`, how their surprises become one, in place of `reference_window`. So
/// it is never the commitment of a single window.
///
/// # Errors
///
/// [`InputCommitmentError`] for no windows, and one that is empty or not text.
pub fn windows_commitment(
    windows: &[&[u8]],
    aggregate: &str,
    edit: &EditSpec,
    pooling: &PoolingConfig,
    dtypes: &DtypeConfig,
    salt: Option<&RowSalt>,
) -> Result<Digest, InputCommitmentError> {
    if windows.is_empty() {
        return Err(InputCommitmentError::EmptyWindow);
    }
    let windows = windows.iter().map(|window| text(window).map(Json::from));
    let windows = windows.collect::<Result<_, _>>()?;
    let windows = [
        ("reference_windows", Json::Array(windows)),
        ("aggregate", aggregate.into()),
    ];
    commit(windows, edit, pooling, dtypes, salt)
}

fn reference_window(window: &[u8]) -> Result<(&'static str, Json), InputCommitmentError> {
    Ok(("reference_window", text(window)?.into()))
}

fn text(window: &[u8]) -> Result<&str, InputCommitmentError> {
    if window.is_empty() {
        return Err(InputCommitmentError::EmptyWindow);
    }
    str::from_utf8(window).map_err(|_| InputCommitmentError::WindowNotText)
}

fn commit<const N: usize>(
    windows: [(&'static str, Json); N],
    edit: &EditSpec,
    pooling: &PoolingConfig,
    dtypes: &DtypeConfig,
    salt: Option<&RowSalt>,
) -> Result<Digest, InputCommitmentError> {
    let edit = Json::object([
        ("chrom", edit.chrom().into()),
        ("pos", edit.pos().into()),
        ("ref", edit.reference().into()),
        ("alt", edit.alternate().into()),
        ("edit_type", u32::from(edit.edit_type().id()).into()),
    ]);
    let payload = [
        ("version", if salt.is_some() { 2u32 } else { 1u32 }.into()),
        ("edit_spec", edit),
        ("pooling_config", pooling.to_json()),
        ("dtype_config", dtypes.to_json()),
    ];
    let salt = salt.map(|salt| ("salt", salt.to_hex().into()));
    let payload = Json::object(payload.into_iter().chain(windows).chain(salt));
    Ok(Digest::of(&canonical_json(&payload)))
}
