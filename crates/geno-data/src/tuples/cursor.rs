//! Where a stream stands.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// The tuple that comes next, so that a stream can begin there: after an interruption, on another
/// machine, with another number of threads.
///
/// Only the block it stands in is drawn again.
#[derive(Clone, Copy, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TupleCursor {
    /// Tells the settings, the windows and the worker of the stream from others.
    #[serde(serialize_with = "write_hex", deserialize_with = "read_hex")]
    pub(crate) stream: u64,
    /// The epoch, from 0.
    pub epoch: u32,
    /// The block of windows in the epoch, from 0.
    pub block: u32,
    /// The tuple in the block, from 0.
    pub tuple: u32,
}

/// As text, since programs that read JSON numbers as floats would round it.
fn write_hex<S: Serializer>(stream: &u64, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(&format!("{stream:016x}"))
}

fn read_hex<'de, D: Deserializer<'de>>(deserializer: D) -> Result<u64, D::Error> {
    let text = String::deserialize(deserializer)?;
    u64::from_str_radix(&text, 16).map_err(de::Error::custom)
}
