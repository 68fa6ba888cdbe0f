//! GGUF files that lie, and files that another program wrote.

use geno_weights::{GGUF_MAGIC, GgufError, GgufFile, GgufValue, RowOrder, WeightFile};
use proptest::prelude::*;

/// A file of our own making, to be damaged. Files of another writer are compared in the encoder.
#[derive(Clone, Default)]
struct Gguf {
    keys: Vec<(&'static str, Vec<u8>)>,
    tensors: Vec<(&'static str, Vec<u64>, u32, u64)>,
    values: Vec<u8>,
}

fn text(text: &str) -> Vec<u8> {
    [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
}

fn value(kind: u32, bytes: &[u8]) -> Vec<u8> {
    [&kind.to_le_bytes()[..], bytes].concat()
}

impl Gguf {
    /// Two tensors: a `[3, 2]` of F32 and a `[64]` of Q8_0.
    fn honest() -> Self {
        let mut values: Vec<u8> = (0..6).flat_map(|v| (v as f32).to_le_bytes()).collect();
        values.resize(32, 0);
        for scale in [0x3c00u16, 0x4000] {
            values.extend(scale.to_le_bytes());
            values.extend((0..32u8).map(|q| q.wrapping_sub(16)));
        }
        values.resize(32 + 96, 0);
        Self {
            keys: vec![
                ("general.architecture", value(8, &text("llama"))),
                ("llama.block_count", value(4, &2u32.to_le_bytes())),
                (
                    "an.array",
                    value(
                        9,
                        &value(8, &[&3u64.to_le_bytes()[..], &text("a").repeat(3)].concat()),
                    ),
                ),
            ],
            tensors: vec![("a", vec![2, 3], 0, 0), ("b", vec![64], 8, 32)],
            values,
        }
    }

    fn bytes(&self) -> Vec<u8> {
        let mut bytes = GGUF_MAGIC.to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend((self.tensors.len() as u64).to_le_bytes());
        bytes.extend((self.keys.len() as u64).to_le_bytes());
        for (key, value) in &self.keys {
            bytes.extend(text(key));
            bytes.extend(value);
        }
        for (name, dims, kind, offset) in &self.tensors {
            bytes.extend(text(name));
            bytes.extend((dims.len() as u32).to_le_bytes());
            bytes.extend(dims.iter().flat_map(|dim| dim.to_le_bytes()));
            bytes.extend(kind.to_le_bytes());
            bytes.extend(offset.to_le_bytes());
        }
        bytes.resize(bytes.len().next_multiple_of(32), 0);
        bytes.extend(&self.values);
        bytes
    }

    fn error(&self) -> GgufError {
        GgufFile::parse(self.bytes()).unwrap_err()
    }
}

fn as_named(name: &str) -> (String, RowOrder) {
    (name.to_owned(), RowOrder::AsStored)
}

#[test]
fn an_honest_file_is_read_with_its_axes_turned_round() {
    let bytes = Gguf::honest().bytes();
    let file = GgufFile::parse(&bytes).unwrap();
    assert_eq!(file.metadata()["llama.block_count"], GgufValue::Integer(2));
    assert_eq!(file.metadata()["an.array"], GgufValue::Array(3));
    assert_eq!(file.shape("a"), Some(&[3, 2][..]));
    assert!(file.names().eq(["a", "b"]));

    let mut weights = WeightFile::from_gguf(file, as_named).unwrap();
    let rows = weights.take_rows_f32("a", &[3, 2], 1..3).unwrap();
    assert_eq!(rows, [2.0, 3.0, 4.0, 5.0]);
    let blocks = weights.take_f32("b", &[64]).unwrap();
    assert_eq!((blocks[0], blocks[31], blocks[32]), (-16.0, 15.0, -32.0));
    weights.finish().unwrap();
    assert!(weights.non_finite().is_empty());
}

#[test]
fn a_scale_that_is_not_finite_spoils_its_block() {
    let mut file = Gguf::honest();
    file.values[32..34].copy_from_slice(&0x7c00u16.to_le_bytes());
    let bytes = file.bytes();
    let weights = WeightFile::from_gguf(GgufFile::parse(&bytes).unwrap(), as_named).unwrap();
    assert_eq!(weights.non_finite(), [("b", 32)]);
}

#[test]
fn rows_of_heads_come_back_in_their_order() {
    // One head of width 4: rows 0 2 | 1 3 of the pairs lie as 0 1 2 3.
    let mut file = Gguf::honest();
    file.tensors = vec![("q", vec![2, 4], 0, 0)];
    file.values = (0..8).flat_map(|v| (v as f32).to_le_bytes()).collect();
    let bytes = file.bytes();
    let interleaved = |head_dim| {
        let file = GgufFile::parse(&bytes).unwrap();
        WeightFile::from_gguf(file, |_| ("q".into(), RowOrder::Interleaved { head_dim }))
    };
    let mut weights = interleaved(4).unwrap();
    let rows = weights.take_f32("q", &[4, 2]).unwrap();
    assert_eq!(rows, [0.0, 1.0, 4.0, 5.0, 2.0, 3.0, 6.0, 7.0]);
    for head_dim in [0, 1, 3, 8] {
        let error = interleaved(head_dim).unwrap_err();
        assert!(
            matches!(error, GgufError::HeadRows { rows: 4, .. }),
            "{error}"
        );
    }
}

#[test]
fn other_files_and_versions_are_refused() {
    let honest = Gguf::honest().bytes();
    assert_eq!(GgufFile::parse(&honest[..3]).unwrap_err(), GgufError::Magic);
    for version in [0, 1, 4, u32::MAX] {
        let mut bytes = honest.clone();
        bytes[4..8].copy_from_slice(&version.to_le_bytes());
        assert_eq!(
            GgufFile::parse(bytes).unwrap_err(),
            GgufError::Version { version }
        );
    }
}

#[test]
fn counts_and_lengths_that_lie_end_at_the_end_of_the_file() {
    for (at, what) in [(8, "tensors"), (16, "keys"), (24, "length of a key")] {
        let mut bytes = Gguf::honest().bytes();
        bytes[at..at + 8].copy_from_slice(&(u64::MAX / 2).to_le_bytes());
        assert!(GgufFile::parse(bytes).is_err(), "{what}");
    }
    for array in [
        value(8, &u64::MAX.to_le_bytes()),
        value(10, &(u64::MAX / 4).to_le_bytes()),
    ] {
        let mut file = Gguf::honest();
        file.keys[2].1 = value(9, &array);
        assert!(
            matches!(file.error(), GgufError::Ends { .. }),
            "{}",
            file.error()
        );
    }
}

#[test]
fn metadata_that_cannot_be_is_refused() {
    let error = |key: &'static str, value| {
        let mut file = Gguf::honest();
        file.keys.push((key, value));
        file.error()
    };
    let twice = error("llama.block_count", value(4, &[0; 4]));
    assert!(matches!(twice, GgufError::DuplicateKey { .. }), "{twice}");
    let flag = error("flag", value(7, &[2]));
    assert!(matches!(flag, GgufError::Value { .. }), "{flag}");
    let flags = error("flags", value(9, &value(7, &[1, 0, 0, 0, 0, 0, 0, 0, 9])));
    assert!(matches!(flags, GgufError::Value { .. }), "{flags}");
    let latin = error("text", value(8, &[1, 0, 0, 0, 0, 0, 0, 0, 0xe9]));
    assert!(matches!(latin, GgufError::Value { .. }), "{latin}");
    let nested = error("nested", value(9, &value(9, &[0; 8])));
    assert!(
        matches!(nested, GgufError::ValueType { kind: 9, .. }),
        "{nested}"
    );
    let unknown = error("unknown", value(13, &[]));
    assert!(
        matches!(unknown, GgufError::ValueType { kind: 13, .. }),
        "{unknown}"
    );
    let name = error("line\nbreak", value(7, &[1]));
    assert!(matches!(name, GgufError::Name { .. }), "{name}");
    for alignment in [0u32, 3, 4, 48] {
        let error = error("general.alignment", value(4, &alignment.to_le_bytes()));
        let alignment = alignment.into();
        assert_eq!(error, GgufError::Alignment { alignment });
    }
}

#[test]
fn tensors_that_cannot_be_are_refused() {
    let error = |tensor| {
        let mut file = Gguf::honest();
        file.tensors[1] = tensor;
        file.error()
    };
    let names = |error: GgufError| match error {
        GgufError::TensorType { kind, .. } => kind,
        other => panic!("{other}"),
    };
    assert_eq!(names(error(("b", vec![64], 12, 32))), "Q4_K");
    assert_eq!(names(error(("b", vec![64], 39, 32))), "MXFP4");
    assert_eq!(names(error(("b", vec![64], 99, 32))), "99");
    let twice = error(("a", vec![64], 8, 32));
    assert!(
        matches!(twice, GgufError::DuplicateTensor { .. }),
        "{twice}"
    );
    let ragged = error(("b", vec![48], 8, 32));
    assert!(
        matches!(ragged, GgufError::Blocks { row_len: 48, .. }),
        "{ragged}"
    );
    for shape in [
        vec![],
        vec![0],
        vec![64, 0],
        vec![1; 5],
        vec![1 << 62, 1 << 62],
        vec![u64::MAX],
    ] {
        let error = error(("b", shape.clone(), 0, 32));
        assert!(
            matches!(error, GgufError::Shape { .. }),
            "{shape:?}: {error}"
        );
    }
}

#[test]
fn tensors_that_overlap_leave_gaps_or_reach_past_the_end_are_refused() {
    let with = |change: fn(&mut Gguf)| {
        let mut file = Gguf::honest();
        change(&mut file);
        file.error()
    };
    for offset in [0, 24, 31, 33, 64, u64::MAX] {
        let mut file = Gguf::honest();
        file.tensors[1].3 = offset;
        let error = file.error();
        assert!(
            matches!(error, GgufError::Offset { .. }),
            "{offset}: {error}"
        );
    }
    let late = with(|file| file.tensors[0].3 = 32);
    assert!(
        matches!(late, GgufError::Offset { expected: 0, .. }),
        "{late}"
    );
    let cut = with(|file| file.values.truncate(32 + 67));
    assert!(matches!(cut, GgufError::PastEnd { .. }), "{cut}");
    let long = with(|file| file.values.push(0));
    assert_eq!(long, GgufError::Trailing { extra: 1 });
    let huge = with(|file| file.tensors[1].1 = vec![1 << 40, 1 << 10]);
    assert!(matches!(huge, GgufError::PastEnd { .. }), "{huge}");
}

#[test]
fn two_tensors_of_one_name_after_renaming_are_refused() {
    let bytes = Gguf::honest().bytes();
    let file = GgufFile::parse(&bytes).unwrap();
    let error = WeightFile::from_gguf(file, |_| as_named("same")).unwrap_err();
    assert_eq!(
        error,
        GgufError::Renamed {
            name: "same".into()
        }
    );
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(tail in prop::collection::vec(any::<u8>(), 0..300), counts: (u8, u8)) {
        let mut bytes = GGUF_MAGIC.to_vec();
        bytes.extend(3u32.to_le_bytes());
        bytes.extend(u64::from(counts.0 % 4).to_le_bytes());
        bytes.extend(u64::from(counts.1 % 4).to_le_bytes());
        bytes.extend(&tail);
        let _ = GgufFile::parse(&bytes);
        let _ = GgufFile::parse(&tail);
    }

    #[test]
    fn no_damage_to_a_file_makes_it_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..6),
        cut in any::<prop::sample::Index>(),
        is_cut: bool,
    ) {
        let mut bytes = Gguf::honest().bytes();
        for (at, byte) in changes {
            let at = at.index(bytes.len());
            bytes[at] = byte;
        }
        let len = if is_cut { cut.index(bytes.len()) } else { bytes.len() };
        let Ok(file) = GgufFile::parse(&bytes[..len]) else { return Ok(()) };
        let names: Vec<_> = file.names().map(str::to_owned).collect();
        let order = RowOrder::Interleaved { head_dim: 2 };
        for order in [RowOrder::AsStored, order] {
            let renamed = WeightFile::from_gguf(file.clone(), |name| (name.to_owned(), order));
            let Ok(mut weights) = renamed else { continue };
            weights.non_finite();
            for name in &names {
                let shape = weights.shape(name).unwrap().to_vec();
                weights.take_f32(name, &shape).unwrap();
            }
            weights.finish().unwrap();
        }
    }
}
