//! The parts of an envelope.

use std::collections::BTreeSet;

use geno_core::Digest;

use crate::{FieldError, GitSha, Json, Label, fields::Fields};

/// Which code ran.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct CodeState {
    /// Version of the program.
    pub version: Label,
    /// The commit it was built from, or none if it was built outside a repository.
    #[cfg_attr(
        feature = "json-schema",
        schemars(schema_with = "crate::schema::commit_or_null")
    )]
    pub git: Option<Commit>,
}

/// The commit a program was built from.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct Commit {
    /// Its name.
    pub sha: GitSha,
    /// Whether the tree differed from it. Two dirty builds of one commit may be different code.
    pub dirty: bool,
}

/// What a run was about.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = crate::schema::add_layout)
)]
pub struct InputIdentity {
    /// What kind of input it was, such as `vcf`, `variant` or `corpus`.
    pub kind: Label,
    /// Digest of a file's bytes, or the commitment to a single input.
    pub digest: Digest,
    /// How windows were laid over it, if they were.
    #[cfg_attr(feature = "json-schema", schemars(skip))]
    pub layout: Option<Label>,
}

/// One file that was read.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct FileRecord {
    /// Digest of its bytes.
    pub digest: Digest,
    /// How many they are.
    pub size: u64,
}

/// Everything that was registered in the program, whether or not the run used it: a backend that
/// was only compiled in shows.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields)
)]
pub struct PipelineState {
    /// Names of the encoders.
    pub encoders: BTreeSet<Label>,
    /// Names of the pools.
    pub pools: BTreeSet<Label>,
    /// Names of the state contracts.
    pub contracts: BTreeSet<Label>,
    /// Names of the predictors.
    pub predictors: BTreeSet<Label>,
    /// Names of the aggregations.
    pub aggregations: BTreeSet<Label>,
    /// Names of the backends.
    pub backends: BTreeSet<Label>,
}

impl CodeState {
    pub(crate) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let version = fields.label("version")?;
        if !fields.contains("git") {
            fields.value("git")?;
        }
        let git = match fields.nullable_object("git")? {
            Some(mut git) => {
                let commit = Commit {
                    sha: git.git_sha("sha")?,
                    dirty: git.bool("dirty")?,
                };
                git.finish()?;
                Some(commit)
            }
            None => None,
        };
        fields.finish()?;
        Ok(Self { version, git })
    }

    pub(crate) fn to_json(&self) -> Json {
        let git = self.git.as_ref().map_or(Json::Null, |commit| {
            Json::object([
                ("sha", Json::from(commit.sha.as_str())),
                ("dirty", commit.dirty.into()),
            ])
        });
        Json::object([("version", Json::from(&self.version)), ("git", git)])
    }
}

impl InputIdentity {
    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let input = Self {
            kind: fields.label("kind")?,
            digest: fields.digest("digest")?,
            layout: match fields.contains("layout") {
                true => Some(fields.label("layout")?),
                false => None,
            },
        };
        fields.finish()?;
        Ok(input)
    }

    pub(super) fn to_json(&self) -> Json {
        let layout = self.layout.as_ref();
        let layout = layout.map(|layout| ("layout", Json::from(layout)));
        let fields = [
            ("kind", Json::from(&self.kind)),
            ("digest", self.digest.into()),
        ];
        Json::object(fields.into_iter().chain(layout))
    }
}

impl FileRecord {
    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let record = Self {
            digest: fields.digest("digest")?,
            size: fields.unsigned("size")?,
        };
        fields.finish()?;
        Ok(record)
    }

    pub(super) fn to_json(self) -> Json {
        Json::object([("digest", self.digest.into()), ("size", self.size.into())])
    }
}

impl PipelineState {
    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let state = Self {
            encoders: fields.label_set("encoders")?,
            pools: fields.label_set("pools")?,
            contracts: fields.label_set("contracts")?,
            predictors: fields.label_set("predictors")?,
            aggregations: fields.label_set("aggregations")?,
            backends: fields.label_set("backends")?,
        };
        fields.finish()?;
        Ok(state)
    }

    pub(super) fn to_json(&self) -> Json {
        let names = |set: &BTreeSet<Label>| Json::Array(set.iter().map(Json::from).collect());
        Json::object([
            ("encoders", names(&self.encoders)),
            ("pools", names(&self.pools)),
            ("contracts", names(&self.contracts)),
            ("predictors", names(&self.predictors)),
            ("aggregations", names(&self.aggregations)),
            ("backends", names(&self.backends)),
        ])
    }
}
