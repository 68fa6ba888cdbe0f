//! The header of one safetensors file.

use std::{collections::BTreeMap, ops::Range};

use safetensors::{Dtype, tensor::Metadata};

use crate::WeightError;

/// The longest header that is read; the largest real ones are below one megabyte.
const MAX_HEADER: u64 = 100_000_000;

/// What a header says, checked against the length of its file.
pub(crate) struct Header {
    pub(crate) metadata: BTreeMap<String, String>,
    pub(crate) tensors: Vec<(String, TensorHeader)>,
}

/// One tensor: its format, its shape, and where its bytes are in the file.
#[derive(Clone, Debug)]
pub(crate) struct TensorHeader {
    pub(crate) dtype: Dtype,
    pub(crate) shape: Vec<usize>,
    pub(crate) bytes: Range<usize>,
}

impl Header {
    /// Reads the header and checks that the tensors fill the rest of the file without gap or
    /// overlap.
    pub(crate) fn parse(file: &[u8]) -> Result<Self, WeightError> {
        let len = file.len();
        let Some((length, rest)) = file.split_first_chunk::<8>() else {
            return Err(WeightError::TooShort { len, header: 8 });
        };
        let header = u64::from_le_bytes(*length);
        if header > MAX_HEADER {
            let limit = MAX_HEADER;
            return Err(WeightError::HeaderTooLong { header, limit });
        }
        let split = usize::try_from(header).ok();
        let Some((json, data)) = split.and_then(|at| rest.split_at_checked(at)) else {
            return Err(WeightError::TooShort { len, header });
        };

        let parsed: Metadata = serde_json::from_slice(json).map_err(WeightError::Header)?;
        let (actual, described) = (data.len(), parsed.data_len());
        if actual != described {
            return Err(WeightError::DataLength { actual, described });
        }

        let start = len - actual;
        let tensors = parsed.tensors().into_iter().map(|(name, info)| {
            let (from, to) = info.data_offsets;
            let tensor = TensorHeader {
                dtype: info.dtype,
                shape: info.shape.clone(),
                bytes: start + from..start + to,
            };
            (name, tensor)
        });
        Ok(Self {
            tensors: tensors.collect(),
            metadata: parsed.metadata().iter().flatten().map(owned).collect(),
        })
    }
}

fn owned((key, value): (&String, &String)) -> (String, String) {
    (key.clone(), value.clone())
}
