//! Why weights could not be read or written.

use geno_core::{Coded, ErrorCode};

/// Why weights could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WeightError {
    /// The file is shorter than its own header says.
    #[error("weight file of {len} bytes cannot hold the {header} header bytes it declares")]
    TooShort {
        /// Bytes in the file.
        len: usize,
        /// Header bytes declared, 8 for the length itself when even that is missing.
        header: u64,
    },
    /// A header longer than any real one.
    #[error("weight file declares a header of {header} bytes, more than {limit}")]
    HeaderTooLong {
        /// Header bytes declared.
        header: u64,
        /// The most that are read.
        limit: u64,
    },
    /// The header is not the JSON it must be, or its offsets overlap, leave gaps or disagree with
    /// a shape.
    #[error("weight file has a malformed header")]
    Header(#[source] serde_json::Error),
    /// The tensors do not end where the file ends.
    #[error("weight file holds {actual} bytes of values, its header describes {described}")]
    DataLength {
        /// Bytes after the header.
        actual: usize,
        /// Bytes the header describes.
        described: usize,
    },
    /// A tensor the loader needs is absent.
    #[error("no tensor `{name}`")]
    Missing {
        /// The tensor.
        name: String,
    },
    /// A tensor has another shape than the configuration says.
    #[error("tensor `{name}` has shape {actual:?}, expected {expected:?}")]
    Shape {
        /// The tensor.
        name: String,
        /// Shape in the file.
        actual: Vec<usize>,
        /// Shape by configuration.
        expected: Vec<usize>,
    },
    /// A tensor is stored in a format that is no weight.
    #[error("tensor `{name}` has dtype {dtype}, expected F32, BF16 or F16")]
    Dtype {
        /// The tensor.
        name: String,
        /// Its format.
        dtype: safetensors::Dtype,
    },
    /// A tensor that does not hold the whole numbers that it should.
    #[error("tensor `{name}` has dtype {dtype}, expected I8")]
    NotInt8 {
        /// The tensor.
        name: String,
        /// Its format.
        dtype: String,
    },
    /// A scale of whole numbers that is not above 0, or not finite.
    #[error("tensor `{name}` has the scale {scale} in row {row}")]
    Scale {
        /// The tensor of scales.
        name: String,
        /// The row, counted from 0.
        row: usize,
        /// The scale.
        scale: f32,
    },
    /// Tensors that the loader had no use for.
    #[error("{} unexpected tensors, first `{}`", names.len(), names[0])]
    Unused {
        /// Their names, sorted; at least one.
        names: Vec<String>,
    },
    /// The index of a sharded checkpoint is not the JSON it must be.
    #[error("weight index is malformed")]
    Index(#[source] serde_json::Error),
    /// The index names a file outside its own directory, or not a safetensors file.
    #[error("weight index names `{shard}`, which is no plain `.safetensors` file name")]
    ShardName {
        /// The name.
        shard: String,
    },
    /// A folder with several GGUF files, of which any could be meant.
    #[error("folder holds {} GGUF files, name one: {}", names.len(), names.join(", "))]
    SeveralGguf {
        /// Their names, sorted.
        names: Vec<String>,
    },
    /// A shard of the index was not given, or was given twice.
    #[error("weight file `{shard}` was given {count} times, expected once")]
    ShardCount {
        /// The shard.
        shard: String,
        /// How often it was given.
        count: usize,
    },
    /// A shard that the index does not name.
    #[error("weight file `{shard}` is not in the index")]
    UnknownShard {
        /// The shard.
        shard: String,
    },
    /// A tensor that is not where the index says.
    #[error("tensor `{name}` is in `{shard}` and the index does not say so")]
    Misplaced {
        /// The tensor.
        name: String,
        /// The shard that holds it.
        shard: String,
    },
    /// One shard could not be read.
    #[error("cannot read weight file `{shard}`")]
    Shard {
        /// The shard.
        shard: String,
        /// What is wrong with it.
        source: Box<WeightError>,
    },
}

impl Coded for WeightError {
    fn code(&self) -> ErrorCode {
        ErrorCode::ResourceWeights
    }
}

/// Why weights could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteWeightsError {
    /// Two tensors have one name.
    #[error("two tensors are named `{name}`")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// The number of values is not the product of the shape.
    #[error("tensor `{name}` of shape {shape:?} has {len} values")]
    Length {
        /// The tensor.
        name: String,
        /// Its shape.
        shape: Vec<usize>,
        /// Its number of values.
        len: usize,
    },
    /// A tensor that ends behind the last address there is.
    #[error("tensor `{name}` does not fit a file")]
    Size {
        /// The tensor.
        name: String,
    },
    /// A finite value that the chosen format would make infinite.
    #[error("value {index} of tensor `{name}` is beyond the range of its dtype")]
    OutOfRange {
        /// The tensor.
        name: String,
        /// The value, in row-major order.
        index: usize,
    },
    /// The container could not be written.
    #[error("cannot lay out the weight file")]
    Container(#[source] safetensors::SafeTensorError),
}

impl Coded for WriteWeightsError {
    fn code(&self) -> ErrorCode {
        ErrorCode::DeployExportFormat
    }
}
