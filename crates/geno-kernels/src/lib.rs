//! Arithmetic of a Llama forward pass on CPUs, mapped files and allocator settings.
//!
//! The one crate of this project with `unsafe` code, each use of it behind a safe function.

mod allocator;
mod mapped_file;

pub use self::{allocator::keep_freed_memory, mapped_file::MappedFile};
