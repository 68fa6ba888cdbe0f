//! The manifest of an experiment: what was tried, with which parameters, code and data.

mod read;

use std::{collections::BTreeMap, io::Write, path::Path};

use geno_core::Digest;

pub use self::read::{ExperimentDialect, ExperimentError, validate_experiment};
use crate::{AtomicWriteError, GitState, Integer, Json, Label, indented_json, write_atomic};

/// The schema version of the experiment manifests read and written here.
pub const EXPERIMENT_SCHEMA: u64 = 1;

/// The top-level key under which our own extensions stand.
pub const EXTENSION_KEY: &str = "geno_lewm";

/// What an experiment was.
///
/// Building one checks nothing that the types do not: an empty id or a map without hashes is found
/// by [`validate_experiment`], which whoever writes a manifest calls before.
///
/// ```
/// use geno_provenance::{
///     DataProvenance, ExperimentDialect, ExperimentManifest, GitState, Label, validate_experiment,
/// };
///
/// let manifest = ExperimentManifest {
///     experiment_id: "2026-01-02T03:04:05Z_aaaaaaaaaaaa".to_owned(),
///     timestamp_utc: "2026-01-02T03:04:05Z".to_owned(),
///     git: GitState {
///         sha: "a".repeat(40).parse()?,
///         dirty: false,
///         branch: Label::new("main")?,
///     },
///     env: [("backend".to_owned(), "cpu".to_owned())].into(),
///     params: [("radius".to_owned(), 8u32.into())].into(),
///     data_provenance: DataProvenance::Synthetic { seed: 7u64.into() },
///     extensions: [].into(),
/// };
/// let document = manifest.to_json();
/// validate_experiment(&document, ExperimentDialect::GenoLewm)?;
/// assert!(document.get("geno_lewm").is_some(), "there even when empty");
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(
        deny_unknown_fields,
        transform = crate::schema::add_experiment_version,
        description = "What an experiment was: parameters, code, environment and data."
    )
)]
pub struct ExperimentManifest {
    /// Name of the experiment, by convention its time and a short commit.
    #[cfg_attr(feature = "json-schema", schemars(with = "Label"))]
    pub experiment_id: String,
    /// When the manifest was built: ISO 8601 in UTC, with `Z` or `+00:00` and at most nine
    /// digits of fraction.
    #[cfg_attr(
        feature = "json-schema",
        schemars(schema_with = "crate::schema::utc_time")
    )]
    pub timestamp_utc: String,
    /// The working tree the experiment was run from.
    pub git: GitState,
    /// Program and machine.
    pub env: BTreeMap<String, String>,
    /// What was set.
    pub params: BTreeMap<String, Json>,
    /// Where the data came from.
    pub data_provenance: DataProvenance,
    /// Contents by capability. Always written; may be absent in what is read.
    #[cfg_attr(feature = "json-schema", schemars(rename = "geno_lewm", default))]
    pub extensions: BTreeMap<String, Json>,
}

/// Where the data of an experiment came from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(tag = "kind", rename_all = "lowercase", deny_unknown_fields)
)]
pub enum DataProvenance {
    /// Drawn from a seed.
    Synthetic {
        /// The seed.
        seed: Integer,
    },
    /// Read from files.
    External {
        /// SHA-256 of each file by a name for it, at least one. Written as every digest here,
        /// `sha256:` and 64 digits; the digits alone are read too.
        #[cfg_attr(
            feature = "json-schema",
            schemars(
                with = "BTreeMap<Label, crate::schema::DigestWithOrWithoutPrefix>",
                extend("minProperties" = 1)
            )
        )]
        hashes: BTreeMap<Label, Digest>,
    },
}

impl ExperimentManifest {
    /// Reads a manifest of ours, all fields checked.
    ///
    /// # Errors
    ///
    /// [`ExperimentError`], with every field it is about.
    pub fn parse(bytes: &[u8]) -> Result<Self, ExperimentError> {
        Self::from_json(&Json::parse(bytes)?)
    }

    /// Writes the manifest as a value, unchecked.
    pub fn to_json(&self) -> Json {
        let env = self.env.iter();
        Json::object([
            ("manifest_schema_version", EXPERIMENT_SCHEMA.into()),
            ("experiment_id", self.experiment_id.as_str().into()),
            ("timestamp_utc", self.timestamp_utc.as_str().into()),
            ("git", self.git.to_json()),
            (
                "env",
                Json::object(env.map(|(key, text)| (key.as_str(), Json::from(text.as_str())))),
            ),
            ("params", Json::Object(self.params.clone())),
            ("data_provenance", self.data_provenance.to_json()),
            (EXTENSION_KEY, Json::Object(self.extensions.clone())),
        ])
    }
}

impl DataProvenance {
    fn to_json(&self) -> Json {
        match self {
            Self::Synthetic { seed } => Json::object([
                ("kind", Json::from("synthetic")),
                ("seed", Json::Int(seed.clone())),
            ]),
            Self::External { hashes } => {
                let hashes = hashes.iter();
                let hashes =
                    Json::object(hashes.map(|(name, hash)| (name.as_str(), (*hash).into())));
                Json::object([("kind", "external".into()), ("hashes", hashes)])
            }
        }
    }
}

/// Writes a manifest, unchecked, as a file that appears whole or not at all.
///
/// The bytes are [`indented_json`] and a newline, as the Python package `pytyche` writes them.
///
/// # Errors
///
/// [`AtomicWriteError`]; the file's folder must exist.
pub fn write_experiment(document: &Json, path: &Path) -> Result<(), AtomicWriteError> {
    write_atomic(path, |file| writeln!(file, "{}", indented_json(document)))
}
