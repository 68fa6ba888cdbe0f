//! Fetching files: `https` and `file`, nothing else, and nothing trusted that comes back.

mod client;
mod credentials;
mod download;
mod error;
mod location;
mod partial;
mod retry;
mod tls;

pub use self::{
    client::{Client, ClientSettings},
    credentials::Credentials,
    download::{Download, Transfer},
    error::FetchError,
    location::{Location, LocationError},
    partial::Staged,
    retry::RetryPolicy,
};
