//! Strict reading of safetensors, GGUF and `.npy` files, and writing of safetensors.
//!
//! A weight file is a hostile input: its header may lie about lengths, offsets and shapes. Parsing
//! checks all of that before a single value is read, and a loader that ends with
//! [`WeightFile::finish`] has used every tensor exactly as its configuration says.
//!
//! ```
//! use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};
//!
//! let scale = NewTensor::new("scale", [2], vec![1.0, 0.5], WeightDtype::Bf16);
//! let bytes = write_weights(&[scale])?;
//!
//! let mut file = WeightFile::parse(bytes)?;
//! assert_eq!(file.take_f32("scale", &[2])?, [1.0, 0.5]);
//! file.finish()?;
//! # Ok::<_, Box<dyn std::error::Error>>(())
//! ```

mod dtype;
mod error;
mod file;
mod folder;
mod format;
mod gguf;
mod header;
mod int8;
mod layout;
mod npy;
mod shards;
mod stored;
mod write;

pub use self::{
    dtype::{TensorDtype, WeightDtype},
    error::{WeightError, WriteWeightsError},
    file::WeightFile,
    folder::{FolderWeights, is_gguf_name},
    format::WeightFormat,
    gguf::{GGUF_MAGIC, GgufError, GgufFile, GgufValue},
    int8::{Int8Matrix, scale_name},
    layout::{TensorSpec, WeightLayout},
    npy::{NpyArray, NpyError},
    shards::ShardIndex,
    stored::{RowOrder, StoredTensor},
    write::{NewTensor, write_weights, write_weights_with},
};
