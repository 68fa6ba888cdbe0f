//! The index: which shard and row holds a key, in SQLite.

use std::path::Path;

use geno_core::{Coded, ErrorCode};
use rusqlite::{Connection, ErrorCode as SqliteCode, OpenFlags, OptionalExtension, Transaction};

use super::recipe::StateKey;

/// Marks the file as ours, as `PRAGMA application_id`.
const APPLICATION_ID: i32 = 0x474c_5753;
/// Version of the tables, as `PRAGMA user_version`.
const VERSION: i32 = 1;

const TABLES: &str = "
    CREATE TABLE shard (
        id INTEGER PRIMARY KEY AUTOINCREMENT,
        name TEXT NOT NULL UNIQUE,
        n_rows INTEGER NOT NULL,
        n_bytes INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE state (
        key BLOB NOT NULL PRIMARY KEY,
        shard INTEGER NOT NULL,
        row INTEGER NOT NULL
    ) WITHOUT ROWID, STRICT;
";

/// Why the index of a cache could not be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IndexError {
    /// The file is not an index of this program.
    #[error("it is no index that this program reads")]
    Foreign,
    /// The index is of another version of its tables.
    #[error("its tables have version {found}, only {VERSION} is read")]
    Version {
        /// The version found.
        found: i32,
    },
    /// SQLite could not read or write it.
    #[error("SQLite failed")]
    Sqlite(#[source] rusqlite::Error),
}

impl From<rusqlite::Error> for IndexError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Sqlite(error)
    }
}

impl Coded for IndexError {
    fn code(&self) -> ErrorCode {
        let error = match self {
            Self::Foreign => return ErrorCode::ResourceCacheCorrupt,
            Self::Version { .. } => return ErrorCode::ConfigSchemaIncompat,
            Self::Sqlite(error) => error,
        };
        match error.sqlite_error_code() {
            Some(SqliteCode::DiskFull) => ErrorCode::ResourceDiskFull,
            Some(SqliteCode::DatabaseCorrupt | SqliteCode::NotADatabase) | None => {
                ErrorCode::ResourceCacheCorrupt
            }
            Some(_) => ErrorCode::ResourceIo,
        }
    }
}

/// Where a state lies.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct Location {
    pub(crate) shard: i64,
    pub(crate) row: u64,
}

/// A shard as the index knows it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct IndexedShard {
    pub(crate) id: i64,
    pub(crate) name: String,
    pub(crate) rows: u64,
    pub(crate) bytes: u64,
}

/// A connection to an index.
pub(crate) struct Index(Connection);

impl Index {
    /// Makes an empty index that nobody else can see yet, without a journal.
    pub(crate) fn create(path: &Path) -> Result<Self, IndexError> {
        let connection = Connection::open(path)?;
        connection.pragma_update(None, "journal_mode", "off")?;
        connection.pragma_update(None, "synchronous", "off")?;
        connection.pragma_update(None, "cache_size", -200_000)?;
        connection.execute_batch(TABLES)?;
        connection.pragma_update(None, "application_id", APPLICATION_ID)?;
        connection.pragma_update(None, "user_version", VERSION)?;
        Ok(Self(connection))
    }

    /// Ends a new index: its file is then whole, in WAL mode and without neighbours.
    pub(crate) fn finish(self) -> Result<(), IndexError> {
        self.0.pragma_update(None, "journal_mode", "wal")?;
        self.0.close().map_err(|(_, error)| error.into())
    }

    /// Opens an index for looking up.
    pub(crate) fn open(path: &Path) -> Result<Self, IndexError> {
        Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_ONLY)
    }

    /// Opens an index for looking up and writing.
    pub(crate) fn open_writable(path: &Path) -> Result<Self, IndexError> {
        let index = Self::open_with(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        // What a power cut takes back is found again from the shards.
        index.0.pragma_update(None, "synchronous", "normal")?;
        Ok(index)
    }

    fn open_with(path: &Path, access: OpenFlags) -> Result<Self, IndexError> {
        let connection =
            Connection::open_with_flags(path, access | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        connection.busy_timeout(std::time::Duration::from_secs(30))?;
        connection.pragma_update(None, "cache_size", -65_536)?;
        let number = |name| connection.pragma_query_value(None, name, |row| row.get::<_, i32>(0));
        if number("application_id")? != APPLICATION_ID {
            return Err(IndexError::Foreign);
        }
        match number("user_version")? {
            VERSION => Ok(Self(connection)),
            found => Err(IndexError::Version { found }),
        }
    }

    /// Where the state of a key lies.
    pub(crate) fn find(&self, key: &StateKey) -> Result<Option<Location>, IndexError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT shard, row FROM state WHERE key = ?1")?;
        let found = statement.query_row([&key.0[..]], |row| {
            Ok(Location {
                shard: row.get(0)?,
                row: row.get(1)?,
            })
        });
        Ok(found.optional()?)
    }

    /// Where the states of many keys lie, all at one moment.
    pub(crate) fn find_all(&self, keys: &[StateKey]) -> Result<Vec<Option<Location>>, IndexError> {
        let moment = self.0.unchecked_transaction()?;
        let found = keys.iter().map(|key| self.find(key)).collect();
        moment.finish()?;
        found
    }

    /// The name of a shard; none if it was taken out since.
    pub(crate) fn shard_name(&self, id: i64) -> Result<Option<String>, IndexError> {
        let mut statement = self
            .0
            .prepare_cached("SELECT name FROM shard WHERE id = ?1")?;
        Ok(statement.query_row([id], |row| row.get(0)).optional()?)
    }

    /// All shards, in the order they came.
    pub(crate) fn shards(&self) -> Result<Vec<IndexedShard>, IndexError> {
        let mut statement = self
            .0
            .prepare("SELECT id, name, n_rows, n_bytes FROM shard ORDER BY id")?;
        let shards = statement.query_map([], |row| {
            Ok(IndexedShard {
                id: row.get(0)?,
                name: row.get(1)?,
                rows: row.get(2)?,
                bytes: row.get(3)?,
            })
        })?;
        Ok(shards.collect::<Result<_, _>>()?)
    }

    /// How many keys there are.
    pub(crate) fn n_states(&self) -> Result<u64, IndexError> {
        let count = "SELECT count(*) FROM state";
        Ok(self.0.query_row(count, [], |row| row.get(0))?)
    }

    /// Adds a shard and its keys, in order of its rows, at once or not at all. A key that is
    /// there already stays with its older shard.
    pub(crate) fn add(
        &mut self,
        name: &str,
        n_bytes: u64,
        keys: &[StateKey],
    ) -> Result<(), IndexError> {
        let transaction = self.0.transaction()?;
        add_in(&transaction, name, n_bytes, keys)?;
        Ok(transaction.commit()?)
    }

    /// Takes shards and their keys out, at once or not at all.
    pub(crate) fn remove(&mut self, shards: &[i64]) -> Result<(), IndexError> {
        let transaction = self.0.transaction()?;
        transaction.execute_batch("CREATE TEMP TABLE gone (id INTEGER PRIMARY KEY)")?;
        for id in shards {
            transaction.execute("INSERT INTO gone VALUES (?1)", [id])?;
        }
        transaction.execute_batch(
            "DELETE FROM state WHERE shard IN (SELECT id FROM gone);
             DELETE FROM shard WHERE id IN (SELECT id FROM gone);
             DROP TABLE gone;",
        )?;
        Ok(transaction.commit()?)
    }

    /// Has SQLite check its own pages; what it finds, if anything.
    pub(crate) fn faults(&self) -> Result<Vec<String>, IndexError> {
        let mut statement = self.0.prepare("PRAGMA integrity_check(20)")?;
        let lines = statement.query_map([], |row| row.get::<_, String>(0))?;
        let mut lines = lines.collect::<Result<Vec<_>, _>>()?;
        lines.retain(|line| line != "ok");
        Ok(lines)
    }
}

fn add_in(
    transaction: &Transaction<'_>,
    name: &str,
    n_bytes: u64,
    keys: &[StateKey],
) -> Result<(), IndexError> {
    let mut shard = transaction
        .prepare_cached("INSERT INTO shard (name, n_rows, n_bytes) VALUES (?1, ?2, ?3)")?;
    let id = shard.insert((name, keys.len() as u64, n_bytes))?;
    let mut state = transaction
        .prepare_cached("INSERT OR IGNORE INTO state (key, shard, row) VALUES (?1, ?2, ?3)")?;
    for (row, key) in keys.iter().enumerate() {
        state.execute((&key.0[..], id, row as u64))?;
    }
    Ok(())
}
