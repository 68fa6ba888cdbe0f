//! Merkle roots and proofs, against published ones and against the definition.

use geno_core::{Digest, DigestHasher};
use geno_provenance::{InclusionProof, InclusionProofError, MerkleTree, leaf_hash};
use proptest::prelude::*;

/// The leaves of Certificate Transparency's own tests (`merkle/testonly` of transparency-dev).
const LEAVES: [&[u8]; 8] = [
    b"",
    b"\x00",
    b"\x10",
    b"\x20\x21",
    b"\x30\x31",
    b"\x40\x41\x42\x43",
    b"\x50\x51\x52\x53\x54\x55\x56\x57",
    b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
];

/// The roots of the first 0 to 8 of them, from the same tests.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn tree(leaves: impl IntoIterator<Item = Digest>, watched: u64) -> MerkleTree {
    let mut tree = MerkleTree::watching(watched);
    for leaf in leaves {
        tree.push(leaf);
    }
    tree
}

/// RFC 6962, section 2.1, word for word.
fn defined_root(leaves: &[Digest]) -> Digest {
    match leaves {
        [] => Digest::of(b""),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(leaves.len().next_power_of_two() / 2);
            let mut hasher = DigestHasher::default();
            hasher.update(&[1]);
            hasher.update(defined_root(left).as_bytes());
            hasher.update(defined_root(right).as_bytes());
            hasher.finish()
        }
    }
}

/// RFC 6962, section 2.1.1, word for word.
fn defined_path(index: usize, leaves: &[Digest]) -> Vec<Digest> {
    if leaves.len() == 1 {
        return Vec::new();
    }
    let half = leaves.len().next_power_of_two() / 2;
    let (left, right) = leaves.split_at(half);
    let (mut path, other) = match index < half {
        true => (defined_path(index, left), defined_root(right)),
        false => (defined_path(index - half, right), defined_root(left)),
    };
    path.push(other);
    path
}

fn numbered(n: u64) -> Vec<Digest> {
    (0..n).map(|i| leaf_hash(&i.to_be_bytes())).collect()
}

#[test]
fn roots_are_the_published_ones() {
    for (n, expected) in ROOTS.into_iter().enumerate() {
        let root = tree(LEAVES[..n].iter().map(|leaf| leaf_hash(leaf)), 0).root();
        assert_eq!(root.to_hex(), expected, "{n} leaves");
    }
}

#[test]
fn roots_and_paths_are_as_defined() {
    for n in 1..=70 {
        let leaves = numbered(n);
        for index in 0..n {
            let tree = tree(leaves.iter().copied(), index);
            assert_eq!(tree.root(), defined_root(&leaves));
            let proof = tree.into_proof().unwrap();
            assert_eq!(proof.path, defined_path(index as usize, &leaves));
            assert_eq!(proof.check(defined_root(&leaves), n), Ok(()));
        }
    }
}

#[test]
fn a_leaf_that_was_not_added_has_no_proof() {
    assert!(tree(numbered(3), 3).into_proof().is_none());
    assert!(MerkleTree::new().into_proof().is_none());
    let mut unwatched = MerkleTree::new();
    unwatched.push(leaf_hash(b""));
    assert!(unwatched.into_proof().is_none());
}

#[test]
fn another_index_or_size_fails_for_every_tree() {
    for n in 1..=70 {
        let leaves = numbered(n);
        let root = defined_root(&leaves);
        for index in 0..n {
            let proof = tree(leaves.iter().copied(), index).into_proof().unwrap();
            for other in (0..n + 2).filter(|&other| other != index) {
                let moved = InclusionProof {
                    index: other,
                    ..proof.clone()
                };
                assert!(moved.check(root, n).is_err(), "{index} as {other} of {n}");
            }
        }
    }
}

#[test]
fn a_number_past_the_end_is_named() {
    let proof = tree(numbered(3), 2).into_proof().unwrap();
    let proof = InclusionProof { index: 3, ..proof };
    let (index, n_receipts) = (3, 3);
    let error = InclusionProofError::Index { index, n_receipts };
    assert_eq!(proof.check(Digest::of(b""), 3), Err(error));
}

proptest! {
    #[test]
    fn every_change_to_a_proof_fails(
        n in 1u64..=70, at in any::<prop::sample::Index>(), bit in 0usize..256,
        which in any::<prop::sample::Index>(), size in 0u64..200,
    ) {
        let index = at.index(n as usize) as u64;
        let leaves = numbered(n);
        let root = defined_root(&leaves);
        let proof = tree(leaves, index).into_proof().unwrap();
        prop_assert_eq!(proof.check(root, n), Ok(()));

        let flipped = |digest: Digest| {
            let mut bytes = *digest.as_bytes();
            bytes[bit / 8] ^= 1 << (bit % 8);
            Digest::from_bytes(bytes)
        };
        prop_assert!(proof.check(flipped(root), n).is_err());
        let changed = InclusionProof { leaf: flipped(proof.leaf), ..proof.clone() };
        prop_assert!(changed.check(root, n).is_err());
        if !proof.path.is_empty() {
            let mut changed = proof.clone();
            let i = which.index(changed.path.len());
            changed.path[i] = flipped(changed.path[i]);
            prop_assert!(changed.check(root, n).is_err());
            let mut shorter = proof.clone();
            shorter.path.remove(i);
            prop_assert!(shorter.check(root, n).is_err());
        }
        let mut longer = proof.clone();
        longer.path.push(root);
        prop_assert!(longer.check(root, n).is_err());
        let resized = InclusionProof { n_receipts: size, ..proof.clone() };
        prop_assert_eq!(resized.check(root, n).is_ok(), size == n);
        prop_assert_eq!(proof.check(root, size).is_ok(), size == n);
        prop_assert_eq!(InclusionProof::parse(&proof.to_line()), Ok(proof));
    }
}
