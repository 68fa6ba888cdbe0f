//! Why a cache could not be used.

use std::{
    io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::AtomicWriteError;

use super::{header::ShardFault, index::IndexError, shard::Fault};

/// Why a cache could not be read, written or kept in order.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// The folder holds no cache.
    #[error("`{}` holds no cache of states", path.display())]
    NoCache {
        /// The folder.
        path: PathBuf,
    },
    /// A file or folder of the cache could not be read or changed.
    #[error("cannot use `{}`", path.display())]
    Io {
        /// The file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A shard could not be written.
    #[error("cannot write a shard")]
    Write(#[source] AtomicWriteError),
    /// Another process has been writing all the time that was waited for.
    #[error("another process is writing to the cache `{}`", path.display())]
    Busy {
        /// The folder.
        path: PathBuf,
    },
    /// The index cannot be used. `reindex` makes a new one from the shards.
    #[error("cannot use the index `{}`", path.display())]
    Index {
        /// The file.
        path: PathBuf,
        /// Why.
        source: IndexError,
    },
    /// A shard is damaged. `repair` takes it out.
    #[error("cannot use the shard `{}`", path.display())]
    Shard {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ShardFault,
    },
    /// The cache has reached its size and holds nothing that may be taken out.
    #[error("{needed} more bytes do not fit into the cache's {limit}")]
    Full {
        /// Bytes of the new shard.
        needed: u64,
        /// The limit, in bytes.
        limit: u64,
    },
}

impl CacheError {
    pub(crate) fn io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        Self::Io { path, source }
    }

    pub(crate) fn index(path: &Path, source: IndexError) -> Self {
        let path = path.to_owned();
        Self::Index { path, source }
    }

    pub(crate) fn shard(path: &Path, fault: Fault) -> Self {
        let path = path.to_owned();
        match fault {
            Fault::Io(source) => Self::Io { path, source },
            Fault::Shard(source) => Self::Shard { path, source },
        }
    }
}

impl Coded for CacheError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Write(source) => source.code(),
            Self::Index { source, .. } => source.code(),
            Self::Shard { .. } => ErrorCode::ResourceCacheCorrupt,
            Self::NoCache { .. } | Self::Busy { .. } | Self::Full { .. } => {
                ErrorCode::ResourceGeneric
            }
        }
    }
}
