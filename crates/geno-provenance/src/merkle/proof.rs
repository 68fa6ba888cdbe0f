//! Proofs that one receipt belongs to a batch.

use geno_core::{Coded, Digest, ErrorCode};

use super::node_hash;
use crate::{FieldError, Json, JsonError, Label, canonical_json, fields::Fields};

const SCHEMA: &str = "1.0.0";
const KIND: &str = "geno_lewm.inclusion_proof";

/// The proof that a leaf is in a Merkle tree, for whoever knows the tree's root.
///
/// It tells of the other leaves nothing but hashes of them.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct InclusionProof {
    /// Number of the leaf, from 0.
    pub index: u64,
    /// Leaves of the tree.
    pub n_receipts: u64,
    /// The leaf, as [`leaf_hash`](crate::leaf_hash) gives it.
    pub leaf: Digest,
    /// The other half of the tree at each level, from the leaf up.
    pub path: Vec<Digest>,
}

/// Why a proof proves nothing.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
pub enum InclusionProofError {
    /// The tree has no leaf of this number.
    #[error("there is no receipt {index} among {n_receipts}, counted from 0")]
    Index {
        /// The number, from 0.
        index: u64,
        /// Leaves of the tree.
        n_receipts: u64,
    },
    /// The proof is for a tree of another size.
    #[error("proof is for {found} receipts, but the batch has {n_receipts}")]
    Size {
        /// Leaves of the tree that the proof is for.
        found: u64,
        /// Leaves of the tree.
        n_receipts: u64,
    },
    /// The path is not as long as a tree of this size makes it.
    #[error("proof has a path of {found} hashes, which no tree of {n_receipts} receipts has there")]
    Length {
        /// Hashes in the path.
        found: usize,
        /// Leaves of the tree.
        n_receipts: u64,
    },
    /// The leaf and the path lead to another root.
    #[error("proof leads to root {recomputed}, but the batch has {root}")]
    Root {
        /// Root of the batch.
        root: Digest,
        /// Root that the proof leads to.
        recomputed: Digest,
    },
}

impl Coded for InclusionProofError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ProvenanceGeneric
    }
}

/// Why bytes are no inclusion proof.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum ReadProofError {
    /// The bytes are not JSON.
    #[error("proof is not JSON")]
    Json(#[from] JsonError),
    /// A field is missing, unknown or mistyped.
    #[error("proof does not follow its schema")]
    Field(#[from] FieldError),
    /// It is a document of another kind or schema.
    #[error("expected `{KIND}` {SCHEMA}, found `{kind}` {version}")]
    Kind {
        /// The kind.
        kind: Label,
        /// The schema version.
        version: Label,
    },
}

impl Coded for ReadProofError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Json(_) | Self::Field(_) => ErrorCode::InputGeneric,
            Self::Kind { .. } => ErrorCode::ConfigSchemaIncompat,
        }
    }
}

impl InclusionProof {
    /// Checks that the leaf is in the tree with this root and this many leaves.
    ///
    /// # Errors
    ///
    /// [`InclusionProofError`].
    ///
    /// # Source
    ///
    /// RFC 9162, section 2.1.3.2.
    pub fn check(&self, root: Digest, n_receipts: u64) -> Result<(), InclusionProofError> {
        let (index, found) = (self.index, self.n_receipts);
        if found != n_receipts {
            return Err(InclusionProofError::Size { found, n_receipts });
        }
        if index >= n_receipts {
            return Err(InclusionProofError::Index { index, n_receipts });
        }
        let length = || InclusionProofError::Length {
            found: self.path.len(),
            n_receipts,
        };
        let (mut node, mut last) = (index, n_receipts - 1);
        let mut recomputed = self.leaf;
        for &other in &self.path {
            if last == 0 {
                return Err(length());
            }
            if node % 2 == 1 || node == last {
                recomputed = node_hash(other, recomputed);
                // Levels at which the node is the last and has no other half.
                while node % 2 == 0 && node != 0 {
                    node /= 2;
                    last /= 2;
                }
            } else {
                recomputed = node_hash(recomputed, other);
            }
            node /= 2;
            last /= 2;
        }
        if last != 0 {
            return Err(length());
        }
        if recomputed != root {
            return Err(InclusionProofError::Root { root, recomputed });
        }
        Ok(())
    }

    /// Reads a proof.
    ///
    /// # Errors
    ///
    /// [`ReadProofError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, ReadProofError> {
        let mut fields = Fields::of_document(Json::parse(bytes)?)?;
        let (kind, version) = (fields.label("kind")?, fields.label("schema_version")?);
        if (kind.as_str(), version.as_str()) != (KIND, SCHEMA) {
            return Err(ReadProofError::Kind { kind, version });
        }
        let proof = Self {
            index: fields.unsigned("index")?,
            n_receipts: fields.unsigned("n_receipts")?,
            leaf: fields.digest("leaf")?,
            path: fields.digests("path")?,
        };
        fields.finish()?;
        Ok(proof)
    }

    /// Writes the proof as it stands in files: its canonical JSON and a newline.
    pub fn to_line(&self) -> Vec<u8> {
        let path = self.path.iter().map(|&digest| digest.into()).collect();
        let mut line = canonical_json(&Json::object([
            ("schema_version", SCHEMA.into()),
            ("kind", KIND.into()),
            ("index", self.index.into()),
            ("n_receipts", self.n_receipts.into()),
            ("leaf", self.leaf.into()),
            ("path", Json::Array(path)),
        ]));
        line.push(b'\n');
        line
    }
}
