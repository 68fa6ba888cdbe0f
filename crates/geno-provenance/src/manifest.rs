//! The manifest of a model directory: what it consists of, by digest.

use std::collections::BTreeMap;

use geno_core::{Coded, Digest, ErrorCode};

use crate::{
    Edition, EditionError, FieldError, Json, JsonError, Label, PublicPath, canonical_json,
    fields::Fields,
};

/// The schema version of the manifests written here. [`Edition`] says which are read.
pub const MANIFEST_SCHEMA: &str = "1.0.0";

/// The path of every key, those of the free map `training.data_snapshot` aside.
const KEYS: &[&str] = &[
    "schema_version",
    "model_name",
    "model_version",
    "release_id",
    "encoder",
    "encoder.id",
    "encoder.revision",
    "encoder.hash",
    "predictor",
    "predictor.file",
    "predictor.hash",
    "predictor.dtype",
    "predictor.version",
    "action_encoder",
    "action_encoder.file",
    "action_encoder.hash",
    "action_encoder.dtype",
    "action_encoder.version",
    "calibration",
    "calibration.file",
    "calibration.hash",
    "calibration.dtype",
    "calibration.version",
    "training",
    "training.config_file",
    "training.hash",
    "training.data_snapshot",
    "eval",
    "eval.file",
    "eval.hash",
    "eval.dtype",
    "eval.version",
];

/// What a model consists of.
///
/// ```
/// use geno_provenance::Manifest;
///
/// # let bytes = include_bytes!("../../../fixtures/parity/model/manifest.json");
/// let manifest = Manifest::parse(bytes)?;
/// assert_eq!(manifest.predictor.file.as_str(), "predictor.safetensors");
/// assert!(manifest.model_id().to_hex().starts_with("188087c6d638826063f7417e"));
/// # Ok::<_, geno_provenance::ReadManifestError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(
        deny_unknown_fields,
        transform = crate::schema::add_manifest_version,
        description = "What a model consists of, by digest."
    )
)]
pub struct Manifest {
    /// The edition of the schema, with the keys of a later one.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub edition: Edition,
    /// Name of the model.
    pub model_name: Label,
    /// Version of the model.
    pub model_version: Label,
    /// Name of the release it belongs to.
    pub release_id: Label,
    /// The encoder, which is not part of the directory.
    pub encoder: EncoderEntry,
    /// Weights of the predictor.
    pub predictor: ManifestFile,
    /// Weights of the action encoder.
    pub action_encoder: ManifestFile,
    /// The calibration table.
    pub calibration: ManifestFile,
    /// What the model was trained with.
    pub training: TrainingEntry,
    /// The report of its evaluation.
    pub eval: ManifestFile,
}

/// The encoder a model was trained on.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct EncoderEntry {
    /// Name of the checkpoint.
    pub id: Label,
    /// Revision of the checkpoint.
    pub revision: Label,
    /// Digest of its weights.
    pub hash: Digest,
}

/// One file of a model directory.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct ManifestFile {
    /// Where it lies in the directory.
    pub file: PublicPath,
    /// Digest of its bytes.
    pub hash: Digest,
    /// Number format of its tensors.
    pub dtype: Option<Label>,
    /// Version of its contents.
    pub version: Option<Label>,
}

/// The configuration of a model and the data it saw.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct TrainingEntry {
    /// Where the configuration lies in the directory.
    pub config_file: PublicPath,
    /// Digest of the configuration's bytes.
    pub hash: Digest,
    /// Free facts about data and training. The commit of the code that exported the weights stands
    /// under `code_commit`, by which it is part of [`Manifest::weights_id`].
    #[cfg_attr(feature = "json-schema", schemars(default))]
    pub data_snapshot: BTreeMap<Label, Label>,
}

/// Why bytes are no manifest.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadManifestError {
    /// The bytes are not JSON.
    #[error("manifest is not JSON")]
    Json(#[from] JsonError),
    /// The manifest follows an edition of the schema that this program does not read.
    #[error("manifest is not for this program")]
    Edition(#[from] EditionError),
    /// A field is missing, unknown or mistyped.
    #[error("manifest does not follow its schema")]
    Field(#[from] FieldError),
}

impl Coded for ReadManifestError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Json(_) | Self::Field(_) => ErrorCode::InputGeneric,
            Self::Edition(source) => source.code(),
        }
    }
}

impl Manifest {
    /// Reads a manifest. White space and the order of keys are free.
    ///
    /// # Errors
    ///
    /// [`ReadManifestError`], with the path of the field, for any field that is missing, unknown
    /// or mistyped, at every level. Only `dtype`, `version` and `training.data_snapshot` may be
    /// absent. In a later [`Edition`] unknown fields are kept instead.
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadManifestError> {
        let mut document = Json::parse(bytes)?;
        let edition = Edition::take::<ReadManifestError>(&mut document, KEYS)?;
        let mut fields = Fields::of_document(document)?;
        fields.value("schema_version")?;
        let manifest = Self {
            edition,
            model_name: fields.label("model_name")?,
            model_version: fields.label("model_version")?,
            release_id: fields.label("release_id")?,
            encoder: EncoderEntry::take(fields.object("encoder")?)?,
            predictor: ManifestFile::take(fields.object("predictor")?)?,
            action_encoder: ManifestFile::take(fields.object("action_encoder")?)?,
            calibration: ManifestFile::take(fields.object("calibration")?)?,
            training: TrainingEntry::take(fields.object("training")?)?,
            eval: ManifestFile::take(fields.object("eval")?)?,
        };
        fields.finish()?;
        Ok(manifest)
    }

    /// Writes the canonical JSON of the manifest, without a newline.
    pub fn to_bytes(&self) -> Vec<u8> {
        let document = Json::object([
            ("schema_version", self.edition.version().into()),
            ("model_name", Json::from(&self.model_name)),
            ("model_version", Json::from(&self.model_version)),
            ("release_id", Json::from(&self.release_id)),
            ("encoder", self.encoder.to_json()),
            ("predictor", self.predictor.to_json()),
            ("action_encoder", self.action_encoder.to_json()),
            ("calibration", self.calibration.to_json()),
            ("training", self.training.to_json()),
            ("eval", self.eval.to_json()),
        ]);
        canonical_json(&self.edition.restore(document))
    }

    /// The identity of the model: the digest of the manifest's canonical JSON, keys of a later
    /// edition among it.
    pub fn model_id(&self) -> Digest {
        Digest::of(&self.to_bytes())
    }

    /// The identity of the weights: the digest of everything that decides a raw score.
    ///
    /// `SHA-256` of the canonical JSON of `{action_encoder, config, data_snapshot, encoder: {hash,
    /// id, revision}, predictor}`, where a file stands as its digest. The commit of the code that
    /// exported the weights is part of it as `code_commit` of the data snapshot.
    ///
    /// It is fixed once the weights are exported. The calibration table and the evaluation report
    /// cite it; the model id covers them in turn, so neither has to hold a digest of itself.
    pub fn weights_id(&self) -> Digest {
        let snapshot = self.training.data_snapshot.iter();
        let parts = Json::object([
            ("action_encoder", self.action_encoder.hash.into()),
            ("config", self.training.hash.into()),
            (
                "data_snapshot",
                Json::object(snapshot.map(|(key, text)| (key.as_str(), Json::from(text)))),
            ),
            ("encoder", self.encoder.to_json()),
            ("predictor", self.predictor.hash.into()),
        ]);
        Digest::of(&canonical_json(&parts))
    }

    /// The files of the directory: section of the manifest, path and digest.
    pub fn files(&self) -> [(&'static str, &PublicPath, Digest); 5] {
        let training = &self.training;
        [
            ("predictor", &self.predictor.file, self.predictor.hash),
            (
                "action_encoder",
                &self.action_encoder.file,
                self.action_encoder.hash,
            ),
            ("calibration", &self.calibration.file, self.calibration.hash),
            ("training", &training.config_file, training.hash),
            ("eval", &self.eval.file, self.eval.hash),
        ]
    }
}

impl EncoderEntry {
    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let entry = Self {
            id: fields.label("id")?,
            revision: fields.label("revision")?,
            hash: fields.digest("hash")?,
        };
        fields.finish()?;
        Ok(entry)
    }

    fn to_json(&self) -> Json {
        Json::object([
            ("id", Json::from(&self.id)),
            ("revision", Json::from(&self.revision)),
            ("hash", self.hash.into()),
        ])
    }
}

impl ManifestFile {
    /// What stands for the digest of a file that is still to come.
    pub const MISSING: Digest = Digest::from_bytes([0; 32]);

    /// The place of a file that is still to come: its digest is all zeros, which no file has.
    ///
    /// ```
    /// use geno_provenance::{ManifestFile, PublicPath};
    ///
    /// let report = ManifestFile::missing(PublicPath::new("eval_report.md")?);
    /// assert!(report.is_missing());
    /// # Ok::<_, geno_provenance::PublicPathError>(())
    /// ```
    ///
    /// # Source
    ///
    /// `--allow-missing-evidence` of geno-lewm 0.2.1.
    pub fn missing(file: PublicPath) -> Self {
        Self {
            file,
            hash: Self::MISSING,
            dtype: None,
            version: None,
        }
    }

    /// Whether the file is still to come.
    pub fn is_missing(&self) -> bool {
        self.hash == Self::MISSING
    }

    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let artifact = Self {
            file: fields.path("file")?,
            hash: fields.digest("hash")?,
            dtype: fields.optional_label("dtype")?,
            version: fields.optional_label("version")?,
        };
        fields.finish()?;
        Ok(artifact)
    }

    fn to_json(&self) -> Json {
        let or_null = |label: &Option<Label>| label.as_ref().map_or(Json::Null, Json::from);
        Json::object([
            ("file", Json::from(&self.file)),
            ("hash", self.hash.into()),
            ("dtype", or_null(&self.dtype)),
            ("version", or_null(&self.version)),
        ])
    }
}

impl TrainingEntry {
    fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let entry = Self {
            config_file: fields.path("config_file")?,
            hash: fields.digest("hash")?,
            data_snapshot: match fields.optional_object("data_snapshot")? {
                Some(snapshot) => snapshot.into_labels()?,
                None => BTreeMap::new(),
            },
        };
        fields.finish()?;
        Ok(entry)
    }

    fn to_json(&self) -> Json {
        let snapshot = self.data_snapshot.iter();
        Json::object([
            ("config_file", Json::from(&self.config_file)),
            ("hash", self.hash.into()),
            (
                "data_snapshot",
                Json::object(snapshot.map(|(key, text)| (key.as_str(), Json::from(text)))),
            ),
        ])
    }
}
