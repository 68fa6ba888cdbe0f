//! Metadata of a GGUF file.

use super::{GgufError, cursor::Cursor};

/// A value of the metadata.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum GgufValue {
    /// An integer of any width.
    Integer(i128),
    /// A number of either width.
    Float(f64),
    /// A flag.
    Bool(bool),
    /// A text.
    Text(String),
    /// An array, of which the length alone is kept.
    Array(u64),
}

const BOOL: u32 = 7;
const TEXT: u32 = 8;
const ARRAY: u32 = 9;

/// Reads the value of a key, which begins with the number of its type.
pub(super) fn read(key: &str, cursor: &mut Cursor<'_>) -> Result<GgufValue, GgufError> {
    let kind = cursor.u32()?;
    if kind != ARRAY {
        return read_one(key, kind, cursor);
    }
    let kind = cursor.u32()?;
    let len = cursor.u64()?;
    match (kind, width(kind)) {
        (BOOL, _) => {
            let flags = cursor.take(len)?;
            if flags.iter().any(|flag| *flag > 1) {
                return Err(malformed(key));
            }
        }
        (_, Some(width)) => {
            let bytes = len.saturating_mul(width);
            cursor.take(bytes)?;
        }
        // Each text takes bytes of the file, so a length that lies ends the loop early.
        (TEXT, _) => {
            for _ in 0..len {
                cursor.text()?;
            }
        }
        _ => return Err(unknown(key, kind)),
    }
    Ok(GgufValue::Array(len))
}

/// Bytes of a number of a type.
fn width(kind: u32) -> Option<u64> {
    match kind {
        0 | 1 => Some(1),
        2 | 3 => Some(2),
        4..=6 => Some(4),
        10..=12 => Some(8),
        _ => None,
    }
}

fn read_one(key: &str, kind: u32, cursor: &mut Cursor<'_>) -> Result<GgufValue, GgufError> {
    use GgufValue::{Bool, Float, Integer, Text};

    Ok(match kind {
        0 => Integer(u8::from_le_bytes(cursor.array()?).into()),
        1 => Integer(i8::from_le_bytes(cursor.array()?).into()),
        2 => Integer(u16::from_le_bytes(cursor.array()?).into()),
        3 => Integer(i16::from_le_bytes(cursor.array()?).into()),
        4 => Integer(u32::from_le_bytes(cursor.array()?).into()),
        5 => Integer(i32::from_le_bytes(cursor.array()?).into()),
        6 => Float(f32::from_le_bytes(cursor.array()?).into()),
        BOOL => match cursor.array()? {
            [0] => Bool(false),
            [1] => Bool(true),
            [_] => return Err(malformed(key)),
        },
        TEXT => match str::from_utf8(cursor.text()?) {
            Ok(text) => Text(text.to_owned()),
            Err(_) => return Err(malformed(key)),
        },
        10 => Integer(u64::from_le_bytes(cursor.array()?).into()),
        11 => Integer(i64::from_le_bytes(cursor.array()?).into()),
        12 => Float(f64::from_le_bytes(cursor.array()?)),
        _ => return Err(unknown(key, kind)),
    })
}

fn malformed(key: &str) -> GgufError {
    GgufError::Value { key: key.into() }
}

fn unknown(key: &str, kind: u32) -> GgufError {
    GgufError::ValueType {
        key: key.into(),
        kind,
    }
}
