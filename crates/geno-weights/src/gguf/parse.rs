//! The header of a GGUF file, and where its tensors lie.

use std::collections::{BTreeMap, BTreeSet};

use super::{GGUF_MAGIC, GgufError, GgufTensor, GgufValue, cursor::Cursor, tensor_type, value};
use crate::WeightFormat;

/// Where values begin if the file does not say: at a multiple of this.
const DEFAULT_ALIGNMENT: usize = 32;
/// The most axes of a tensor.
const MAX_AXES: u32 = 4;

type Parsed = (BTreeMap<String, GgufValue>, Vec<GgufTensor>);

/// A tensor before its place in the file is known to be right.
struct Announced {
    name: String,
    shape: Vec<usize>,
    format: WeightFormat,
    len: usize,
    offset: u64,
}

/// Every count is of things that take bytes of the file, and nothing is set aside for any before
/// those bytes were seen. So a count that lies ends at the end of the file.
pub(super) fn parse(bytes: &[u8]) -> Result<Parsed, GgufError> {
    let mut cursor = Cursor { bytes, at: 0 };
    if cursor.take(4).ok() != Some(GGUF_MAGIC) {
        return Err(GgufError::Magic);
    }
    let version = cursor.u32()?;
    if !(2..=3).contains(&version) {
        return Err(GgufError::Version { version });
    }
    let n_tensors = cursor.u64()?;
    let n_keys = cursor.u64()?;

    let mut metadata = BTreeMap::new();
    for _ in 0..n_keys {
        let key = cursor.name()?;
        let value = value::read(&key, &mut cursor)?;
        if metadata.insert(key.clone(), value).is_some() {
            return Err(GgufError::DuplicateKey { key });
        }
    }
    let mut tensors = Vec::new();
    let mut names = BTreeSet::new();
    for _ in 0..n_tensors {
        let tensor = announced(&mut cursor)?;
        if !names.insert(tensor.name.clone()) {
            return Err(GgufError::DuplicateTensor { name: tensor.name });
        }
        tensors.push(tensor);
    }
    let tensors = place(bytes.len(), cursor.at, alignment(&metadata)?, tensors)?;
    Ok((metadata, tensors))
}

fn alignment(metadata: &BTreeMap<String, GgufValue>) -> Result<usize, GgufError> {
    let given = match metadata.get("general.alignment") {
        None => return Ok(DEFAULT_ALIGNMENT),
        Some(GgufValue::Integer(given)) => u64::try_from(*given).unwrap_or(0),
        Some(_) => 0,
    };
    let usable = usize::try_from(given).ok();
    let usable = usable.filter(|at| at.is_power_of_two() && (8..=1 << 20).contains(at));
    usable.ok_or(GgufError::Alignment { alignment: given })
}

fn announced(cursor: &mut Cursor<'_>) -> Result<Announced, GgufError> {
    let name = cursor.name()?;
    let n_axes = cursor.u32()?;
    if !(1..=MAX_AXES).contains(&n_axes) {
        return Err(GgufError::Shape { name });
    }
    let mut shape = Vec::new();
    for _ in 0..n_axes {
        let Ok(size) = usize::try_from(cursor.u64()?) else {
            return Err(GgufError::Shape { name });
        };
        shape.push(size);
    }
    let format = match tensor_type::format(cursor.u32()?) {
        Ok(format) => format,
        Err(kind) => return Err(GgufError::TensorType { name, kind }),
    };
    let offset = cursor.u64()?;

    // The file names the axis along which values lie side by side first.
    let row_len = shape[0];
    let n_rows = shape[1..]
        .iter()
        .try_fold(1, |n: usize, d| n.checked_mul(*d));
    if format == WeightFormat::Q8_0 && !row_len.is_multiple_of(crate::format::BLOCK) {
        return Err(GgufError::Blocks { name, row_len });
    }
    let len = n_rows.and_then(|n_rows| format.row_bytes(row_len)?.checked_mul(n_rows));
    let (Some(len), false) = (len, shape.contains(&0)) else {
        return Err(GgufError::Shape { name });
    };
    shape.reverse();
    Ok(Announced {
        name,
        shape,
        format,
        len,
        offset,
    })
}

/// Compares the places of tensors with each other and the end of the file. They follow each other,
/// each at the next multiple of the alignment; nothing else stands between or behind them.
fn place(
    file_len: usize,
    header_len: usize,
    alignment: usize,
    mut announced: Vec<Announced>,
) -> Result<Vec<GgufTensor>, GgufError> {
    announced.sort_by_key(|tensor| tensor.offset);
    let aligned = |at: usize| at.next_multiple_of(alignment);
    let start = aligned(header_len);

    let mut tensors = Vec::new();
    let mut end = header_len;
    for tensor in announced {
        let Announced { name, offset, .. } = tensor;
        let expected = aligned(end) - start;
        if offset != expected as u64 {
            return Err(GgufError::Offset {
                name,
                offset,
                expected: expected as u64,
            });
        }
        let from = start + expected;
        let to = from.checked_add(tensor.len).filter(|to| *to <= file_len);
        let Some(to) = to else {
            return Err(GgufError::PastEnd { name });
        };
        tensors.push(GgufTensor {
            name,
            shape: tensor.shape,
            format: tensor.format,
            bytes: from..to,
        });
        end = to;
    }
    match file_len.saturating_sub(aligned(end)) {
        0 => Ok(tensors),
        extra => Err(GgufError::Trailing { extra }),
    }
}
