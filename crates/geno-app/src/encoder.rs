//! The encoder's files: found in a folder, or fetched at a pinned revision.

mod error;
mod fetch;
mod link;
mod names;

pub use self::{
    error::EncoderError,
    fetch::{EncoderFetch, fetch_encoder},
    link::{link_encoder, write_record},
    names::{Commit, HubRepo, NameError},
};
