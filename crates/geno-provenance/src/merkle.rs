//! Merkle trees over receipts: one digest for a whole stream.

mod proof;

use geno_core::{Digest, DigestHasher};

pub use self::proof::{InclusionProof, InclusionProofError, ReadProofError};

/// A Merkle tree in the making, to which leaves are added one by one.
///
/// Only the roots of the complete subtrees are kept, at most one for each power of two, so memory
/// grows with the logarithm of the number of leaves.
///
/// # Source
///
/// The Merkle Tree Hash of RFC 6962, section 2.1, and RFC 9162, section 2.1.1, over SHA-256. Leaves
/// and inner nodes are hashed with different first bytes, so that neither can pass for the other.
///
/// # Examples
///
/// ```
/// use geno_provenance::{MerkleTree, leaf_hash};
///
/// let mut tree = MerkleTree::watching(1);
/// for line in ["{\"a\":1}", "{\"a\":2}", "{\"a\":3}"] {
///     tree.push(leaf_hash(line.as_bytes()));
/// }
/// let root = tree.root();
/// let proof = tree.into_proof().expect("there are three leaves");
/// assert_eq!(proof.leaf, leaf_hash(b"{\"a\":2}"));
/// proof.check(root, 3)?;
/// # Ok::<_, geno_provenance::InclusionProofError>(())
/// ```
#[derive(Clone, Debug, Default)]
pub struct MerkleTree {
    /// Complete subtrees from left to right, each smaller than the one before it.
    subtrees: Vec<Subtree>,
    n_leaves: u64,
    watched: Option<u64>,
}

/// A complete subtree, or several joined at the right edge.
#[derive(Clone, Debug)]
struct Subtree {
    n_leaves: u64,
    root: Digest,
    /// The watched leaf, if it lies in this subtree, and what proves that it does.
    watched: Option<(Digest, Vec<Digest>)>,
}

/// The hash of a leaf: of a zero byte and the receipt's line without its newline.
pub fn leaf_hash(line: &[u8]) -> Digest {
    let mut hasher = DigestHasher::default();
    hasher.update(&[0]);
    hasher.update(line);
    hasher.finish()
}

fn node_hash(left: Digest, right: Digest) -> Digest {
    let mut hasher = DigestHasher::default();
    hasher.update(&[1]);
    hasher.update(left.as_bytes());
    hasher.update(right.as_bytes());
    hasher.finish()
}

impl MerkleTree {
    /// An empty tree.
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty tree that will prove that it holds the leaf of this number, counted from 0.
    pub fn watching(index: u64) -> Self {
        Self {
            watched: Some(index),
            ..Self::default()
        }
    }

    /// Adds a leaf at the right, as [`leaf_hash`] gives it.
    pub fn push(&mut self, leaf: Digest) {
        let is_watched = self.watched == Some(self.n_leaves);
        let mut subtree = Subtree {
            n_leaves: 1,
            root: leaf,
            watched: is_watched.then(|| (leaf, Vec::new())),
        };
        while let Some(left) = self
            .subtrees
            .pop_if(|left| left.n_leaves == subtree.n_leaves)
        {
            subtree = left.join(subtree);
        }
        self.subtrees.push(subtree);
        self.n_leaves += 1;
    }

    /// How many leaves there are.
    pub fn n_leaves(&self) -> u64 {
        self.n_leaves
    }

    /// The root; that of an empty tree is the digest of nothing.
    pub fn root(&self) -> Digest {
        self.whole().map_or(Digest::of(b""), |tree| tree.root)
    }

    /// The proof that the watched leaf is in the tree, if one is watched and was added.
    pub fn into_proof(self) -> Option<InclusionProof> {
        let (leaf, path) = self.whole()?.watched?;
        Some(InclusionProof {
            index: self.watched?,
            n_receipts: self.n_leaves,
            leaf,
            path,
        })
    }

    /// Joins the subtrees from the right.
    fn whole(&self) -> Option<Subtree> {
        let from_right = self.subtrees.iter().rev().cloned();
        from_right.reduce(|right, left| left.join(right))
    }
}

impl Subtree {
    fn join(self, right: Self) -> Self {
        let watched = match (self.watched, right.watched) {
            (Some((leaf, mut path)), _) => {
                path.push(right.root);
                Some((leaf, path))
            }
            (None, Some((leaf, mut path))) => {
                path.push(self.root);
                Some((leaf, path))
            }
            (None, None) => None,
        };
        Self {
            n_leaves: self.n_leaves + right.n_leaves,
            root: node_hash(self.root, right.root),
            watched,
        }
    }
}
