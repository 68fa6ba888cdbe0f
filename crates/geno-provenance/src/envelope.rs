//! The reproducibility envelope: the state of code, data and pipeline that a run stood on.

mod compare;
mod document;
mod state;

use std::{
    collections::{BTreeMap, btree_map::Entry},
    io::Write,
    path::Path,
};

use geno_core::{Coded, Digest, ErrorCode};

pub use self::{
    compare::{EnvelopeDifference, StateKind, diff},
    document::ReadEnvelopeError,
    state::{CodeState, Commit, FileRecord, InputIdentity, PipelineState},
};
use crate::{AtomicWriteError, PublicPath, Timestamp, write_atomic};

/// The schema version of the envelopes read and written here.
pub const ENVELOPE_SCHEMA: &str = "1.0.0";

/// What an envelope is to hold.
///
/// ```
/// use geno_core::Digest;
/// use geno_provenance::{
///     PublicPath, CodeState, Envelope, EnvelopeDraft, FileRecord, InputIdentity, Label,
///     PipelineState, Timestamp, diff,
/// };
///
/// let draft = |seconds| {
///     Ok::<_, Box<dyn std::error::Error>>(EnvelopeDraft {
///         code: CodeState { version: Label::new("0.3.0")?, git: None },
///         input: InputIdentity { kind: Label::new("vcf")?, digest: Digest::of(b"variants"), layout: None },
///         artifacts: vec![(
///             PublicPath::new("model/predictor.safetensors")?,
///             FileRecord { digest: Digest::of(b"weights"), size: 7 },
///         )],
///         configs: [(PublicPath::new("model/config.yaml")?, Digest::of(b"radius: 8"))].into(),
///         pipeline: PipelineState {
///             backends: [Label::new("cpu")?].into(),
///             ..PipelineState::default()
///         },
///         started: Timestamp::from_unix_seconds(seconds)?,
///     })
/// };
/// let (first, second) = (draft(1)?.freeze()?, draft(2)?.freeze()?);
/// assert_eq!(first.artifact_count(), 1);
/// assert_eq!(first.digest(), second.digest());
/// assert!(diff(&first, &second).is_empty());
/// assert_eq!(Envelope::parse(&first.to_line())?, first);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct EnvelopeDraft {
    /// The program.
    pub code: CodeState,
    /// What the run was about.
    pub input: InputIdentity,
    /// Every file really read, in any order. A name may stand twice if its record is the same.
    pub artifacts: Vec<(PublicPath, FileRecord)>,
    /// What [`hash_configs`](crate::hash_configs) gave.
    pub configs: BTreeMap<PublicPath, Digest>,
    /// What the program could have chosen from.
    pub pipeline: PipelineState,
    /// When the run began.
    pub started: Timestamp,
}

/// The state that a run stood on, which nothing changes any more.
///
/// Two runs of the same program on the same inputs have envelopes that differ in
/// [`Envelope::started`] alone. Everything else counts in [`Envelope::digest`].
///
/// Files go by public names such as `model/predictor.safetensors` or `vcf`, never by the paths of
/// a machine: an [`PublicPath`] cannot hold one that begins at a root.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(
        deny_unknown_fields,
        transform = crate::schema::add_envelope_version,
        description = "The state of code, data and pipeline that a run stood on."
    )
)]
pub struct Envelope {
    code: CodeState,
    data: DataState,
    pipeline: PipelineState,
    /// When the run began; all that differs between two runs on the same inputs.
    started: Timestamp,
}

/// What came from outside.
#[derive(Clone, Debug, Eq, PartialEq)]
#[cfg_attr(
    feature = "json-schema",
    derive(schemars::JsonSchema),
    schemars(deny_unknown_fields, transform = crate::schema::add_artifact_count)
)]
struct DataState {
    /// What the run was about.
    input: InputIdentity,
    /// Every file read, by name.
    artifacts: BTreeMap<PublicPath, FileRecord>,
    /// Digests of the configuration files, by name.
    configs: BTreeMap<PublicPath, Digest>,
}

/// Why a draft is no envelope.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum FreezeError {
    /// Two different files have one name.
    #[error("two different files are named `{name}`")]
    TwoFiles {
        /// The name.
        name: PublicPath,
    },
}

impl Coded for FreezeError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InternalInvariantViolation
    }
}

impl EnvelopeDraft {
    /// Makes the envelope, sorted and complete.
    ///
    /// # Errors
    ///
    /// [`FreezeError::TwoFiles`] if a name stands for two different files.
    pub fn freeze(self) -> Result<Envelope, FreezeError> {
        let mut artifacts = BTreeMap::new();
        for (name, record) in self.artifacts {
            match artifacts.entry(name) {
                Entry::Vacant(entry) => {
                    entry.insert(record);
                }
                Entry::Occupied(entry) if *entry.get() == record => {}
                Entry::Occupied(entry) => {
                    let name = entry.key().clone();
                    return Err(FreezeError::TwoFiles { name });
                }
            }
        }
        Ok(Envelope {
            code: self.code,
            data: DataState {
                input: self.input,
                artifacts,
                configs: self.configs,
            },
            pipeline: self.pipeline,
            started: self.started,
        })
    }
}

impl Envelope {
    /// The program.
    pub fn code(&self) -> &CodeState {
        &self.code
    }

    /// What the run was about.
    pub fn input(&self) -> &InputIdentity {
        &self.data.input
    }

    /// Every file read, by name.
    pub fn artifacts(&self) -> &BTreeMap<PublicPath, FileRecord> {
        &self.data.artifacts
    }

    /// How many files were read.
    pub fn artifact_count(&self) -> usize {
        self.data.artifacts.len()
    }

    /// Digests of the configuration files, by name.
    pub fn configs(&self) -> &BTreeMap<PublicPath, Digest> {
        &self.data.configs
    }

    /// What the program could have chosen from.
    pub fn pipeline(&self) -> &PipelineState {
        &self.pipeline
    }

    /// When the run began.
    pub fn started(&self) -> Timestamp {
        self.started
    }

    /// Writes the envelope as a file that appears whole or not at all.
    ///
    /// # Errors
    ///
    /// [`AtomicWriteError`]; the file's folder must exist.
    pub fn write(&self, path: &Path) -> Result<(), AtomicWriteError> {
        write_atomic(path, |file| file.write_all(&self.to_line()))
    }
}
