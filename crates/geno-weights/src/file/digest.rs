//! What tensors are, whatever file they lie in.

use geno_core::{Digest, DigestHasher};

use super::{Entry, Kind, WeightFile};

/// The first bytes that are hashed, so that no other digest of ours can be equal.
const DOMAIN: &[u8] = b"geno-lewm tensors 1\n";

impl WeightFile<'_> {
    /// The digest of the tensors: their names, formats, shapes and values, and nothing else.
    ///
    /// `SHA-256` of `geno-lewm tensors 1`, a newline, and of each tensor, in the order of their names'
    /// bytes: its name and its format, each a length and the bytes; the number of its axes, their
    /// lengths, the number of its bytes; and these, row by row. All numbers are 64 bits wide, the
    /// lowest byte first.
    ///
    /// Where a tensor lies in its file or in which shard, and the file's metadata, change nothing. A
    /// bit of a value does.
    ///
    /// # Examples
    ///
    /// ```
    /// use std::collections::BTreeMap;
    /// use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights, write_weights_with};
    ///
    /// let scale = [NewTensor::new("scale", [2], vec![1.0, 0.5], WeightDtype::F32)];
    /// let metadata = BTreeMap::from([("unit".to_owned(), "bp".to_owned())]);
    /// let plain = WeightFile::parse(write_weights(&scale)?)?;
    /// let described = WeightFile::parse(write_weights_with(&scale, &metadata)?)?;
    /// assert_eq!(plain.tensor_digest(), described.tensor_digest());
    /// # Ok::<_, Box<dyn std::error::Error>>(())
    /// ```
    pub fn tensor_digest(&self) -> Digest {
        let mut hasher = DigestHasher::default();
        hasher.update(DOMAIN);
        for (name, entry) in &self.tensors {
            update_text(&mut hasher, name);
            update_text(&mut hasher, &entry.format_name());
            update_number(&mut hasher, entry.shape.len());
            for size in &entry.shape {
                update_number(&mut hasher, *size);
            }
            update_number(&mut hasher, entry.bytes.len());
            match self.stored(name) {
                Some(stored) if stored.bytes().is_none() => {
                    (0..stored.n_rows()).for_each(|i| hasher.update(stored.row(i)));
                }
                _ => hasher.update(self.bytes(entry)),
            }
        }
        hasher.finish()
    }
}

impl Entry {
    fn format_name(&self) -> String {
        match self.kind {
            Kind::Weights(format, _) => format.to_string(),
            Kind::Other(dtype) => dtype.to_string(),
        }
    }
}

fn update_text(hasher: &mut DigestHasher, text: &str) {
    update_number(hasher, text.len());
    hasher.update(text.as_bytes());
}

fn update_number(hasher: &mut DigestHasher, number: usize) {
    hasher.update(&(number as u64).to_le_bytes());
}

#[cfg(test)]
mod tests {
    use crate::{NewTensor, WeightDtype, WeightFile, write_weights};

    fn tensors() -> [NewTensor; 2] {
        [
            NewTensor::new("a", [2, 2], vec![1., 2., 3., 4.], WeightDtype::F32),
            NewTensor::new("b", [2], vec![0.5, 0.25], WeightDtype::F32),
        ]
    }

    fn digest(tensors: &[NewTensor]) -> geno_core::Digest {
        let bytes = write_weights(tensors).unwrap();
        WeightFile::parse(bytes).unwrap().tensor_digest()
    }

    /// A file of these two tensors with the second one's values before the first one's.
    fn reordered() -> Vec<u8> {
        let header = r#"{"a":{"dtype":"F32","shape":[2,2],"data_offsets":[8,24]},"b":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}}"#;
        let mut bytes = (header.len() as u64).to_le_bytes().to_vec();
        bytes.extend_from_slice(header.as_bytes());
        for value in [0.5f32, 0.25, 1., 2., 3., 4.] {
            bytes.extend_from_slice(&value.to_le_bytes());
        }
        bytes
    }

    #[test]
    fn the_order_of_tensors_in_a_file_changes_nothing() {
        let file = WeightFile::parse(reordered()).unwrap();
        assert_eq!(file.tensor_digest(), digest(&tensors()));
    }

    #[test]
    fn every_bit_of_a_value_counts() {
        let bytes = reordered();
        let before = digest(&tensors());
        let values = bytes.len() - 24;
        for at in 8 * values..8 * bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at / 8] ^= 1 << (at % 8);
            let after = WeightFile::parse(flipped).unwrap().tensor_digest();
            assert_ne!(before, after, "bit {at}");
        }
    }

    #[test]
    fn names_shapes_and_formats_count() {
        let before = digest(&tensors());
        let changes: [fn(&mut NewTensor); 3] = [
            |tensor| tensor.name = "c".to_owned(),
            |tensor| tensor.shape = vec![4],
            |tensor| tensor.dtype = WeightDtype::Bf16,
        ];
        for change in changes {
            let mut changed = tensors();
            change(&mut changed[0]);
            assert_ne!(before, digest(&changed), "{:?}", changed[0]);
        }
    }

    /// The bytes that the documentation names, written out.
    #[test]
    fn the_digest_is_what_the_documentation_says() {
        let one = NewTensor::new("w", [1], vec![1.0], WeightDtype::F32);
        let number = |n: u64| n.to_le_bytes();
        let bytes = [
            b"geno-lewm tensors 1\n".as_slice(),
            &number(1),
            b"w",
            &number(3),
            b"F32",
            &number(1),
            &number(1),
            &number(4),
            &1.0f32.to_le_bytes(),
        ];
        assert_eq!(digest(&[one]), geno_core::Digest::of(&bytes.concat()));
    }
}
