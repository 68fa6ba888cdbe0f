//! The score a receipt vouches for.

use geno_core::Digest;

use crate::{FieldError, Finite, Json, Label, NotFiniteError, canonical_json, fields::Fields};

/// The score of one edit, as a receipt holds it.
///
/// Numbers that were read from a file keep the form they had there, `1` or `1.0`, because the
/// commitment depends on it.
///
/// ```
/// use geno_provenance::{Label, ReceiptOutput};
///
/// let bucket = Label::new("coding.missense.fixture")?;
/// let output = ReceiptOutput::new(0.7321, 0.812, bucket, 0.94, false)?;
/// assert!(output.commitment().to_hex().starts_with("982aee9fc178612634f2afe7"));
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, description = "The score of one edit.")
)]
pub struct ReceiptOutput {
    #[cfg_attr(feature = "json-schema", schemars(with = "f64"))]
    sigma_raw: Number,
    #[cfg_attr(feature = "json-schema", schemars(with = "f64"))]
    sigma_calibrated: Number,
    bucket_id: Label,
    #[cfg_attr(feature = "json-schema", schemars(with = "f64"))]
    confidence: Number,
    low_confidence: bool,
}

/// A number as it is written, and the double nearest to it.
#[derive(Clone, Debug, Eq, PartialEq)]
struct Number {
    written: Json,
    value: Finite,
}

impl Number {
    fn new(value: f64) -> Result<Self, NotFiniteError> {
        let value = Finite::new(value)?;
        let written = Json::Float(value);
        Ok(Self { written, value })
    }

    fn take(fields: &mut Fields, key: &str) -> Result<Self, FieldError> {
        let (written, value) = fields.number(key)?;
        Ok(Self { written, value })
    }
}

impl ReceiptOutput {
    /// Collects a score.
    ///
    /// # Errors
    ///
    /// [`NotFiniteError`] if one of the three numbers is NaN or infinite.
    pub fn new(
        sigma_raw: f64,
        sigma_calibrated: f64,
        bucket_id: Label,
        confidence: f64,
        low_confidence: bool,
    ) -> Result<Self, NotFiniteError> {
        Ok(Self {
            sigma_raw: Number::new(sigma_raw)?,
            sigma_calibrated: Number::new(sigma_calibrated)?,
            bucket_id,
            confidence: Number::new(confidence)?,
            low_confidence,
        })
    }

    pub(crate) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let output = Self {
            sigma_raw: Number::take(&mut fields, "sigma_raw")?,
            sigma_calibrated: Number::take(&mut fields, "sigma_calibrated")?,
            bucket_id: fields.label("bucket_id")?,
            confidence: Number::take(&mut fields, "confidence")?,
            low_confidence: fields.bool("low_confidence")?,
        };
        fields.finish()?;
        Ok(output)
    }

    /// Surprise, in squared state units.
    pub fn sigma_raw(&self) -> f64 {
        self.sigma_raw.value.get()
    }

    /// Share of calibration scores below the surprise, between 0 and 1.
    pub fn sigma_calibrated(&self) -> f64 {
        self.sigma_calibrated.value.get()
    }

    /// Calibration bucket that was used.
    pub fn bucket_id(&self) -> &str {
        &self.bucket_id
    }

    /// How far the bucket can be relied on, between 0 and 1.
    pub fn confidence(&self) -> f64 {
        self.confidence.value.get()
    }

    /// Whether the bucket holds too few scores.
    pub fn low_confidence(&self) -> bool {
        self.low_confidence
    }

    /// Commits to the output: the digest of its canonical JSON.
    pub fn commitment(&self) -> Digest {
        Digest::of(&canonical_json(&self.to_json()))
    }

    /// Writes the object that is committed to.
    pub fn to_json(&self) -> Json {
        Json::object([
            ("sigma_raw", self.sigma_raw.written.clone()),
            ("sigma_calibrated", self.sigma_calibrated.written.clone()),
            ("bucket_id", Json::from(&self.bucket_id)),
            ("confidence", self.confidence.written.clone()),
            ("low_confidence", self.low_confidence.into()),
        ])
    }
}
