//! Checkpoints: folders that are whole or not there.
//!
//! ```text
//! checkpoints/
//!   step-00001200/checkpoint.json    step, state of the run, size and digest of every other file
//!                 *.safetensors
//!   best.json                        which checkpoint the validation likes best
//! ```

mod error;
mod folder;
mod read;

#[cfg(feature = "experimental")]
pub(crate) use self::folder::remove_folder;
pub(crate) use self::folder::remove_unfinished;
pub use self::{
    error::CheckpointError,
    folder::{BestCheckpoint, Checkpoints},
    read::Checkpoint,
};
