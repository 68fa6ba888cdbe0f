//! Fetching files: `https` and `file`, nothing else, and nothing trusted that comes back.

mod client;
mod credentials;
mod download;
mod error;
mod location;
mod partial;
mod retry;
mod retry_after;
mod tls;

pub use self::{
    client::{Client, ClientSettings},
    credentials::Credentials,
    download::{Download, Transfer},
    error::FetchError,
    location::{Location, LocationError},
    partial::{PartialFile, Staged},
    retry::{Fault, RetryPolicy},
    retry_after::retry_after,
};
