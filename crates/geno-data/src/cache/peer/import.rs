//! Reading a file of the Python package's cache into one of ours.

use std::{
    collections::{BTreeMap, HashMap},
    fs::File,
    io,
    path::{Path, PathBuf},
};

use arrow_schema::ArrowError;
use geno_core::{Coded, ErrorCode};
use parquet::{arrow::arrow_reader::ParquetRecordBatchReaderBuilder, errors::ParquetError};

use super::rows::{PeerRow, Rows};
use crate::cache::{
    install::{InstallError, NewState},
    recipe::StateRecipe,
    row::StatePlace,
    writer::CacheWriter,
};

/// What is said to have computed the states: these files do not say on what.
const BACKEND: &str = "python";
/// Rows read at once.
const BATCH: usize = 1_024;
/// States of one recipe and width that are written as one shard.
const PER_SHARD: usize = 4_096;

/// Why a row cannot be cached.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, thiserror::Error)]
#[non_exhaustive]
pub enum ImportFault {
    /// A value or the whole state is not there.
    #[error("a value is missing")]
    Null,
    /// A value is infinite or not a number, as where the package rounded one over 65,504.
    #[error("a value is not finite")]
    NotFinite,
    /// The state was pooled around a locus, which these files do not keep.
    #[error("the locus is not known")]
    NoLocus,
    /// The window has no place or contig, or the locus is outside of it.
    #[error("the window is none")]
    Window,
    /// A pool, radius or dtype that no model has.
    #[error("the pool or the dtype is unknown")]
    Recipe,
    /// Another version of the rows.
    #[error("the row has another schema version")]
    SchemaVersion,
}

/// Why a file could not be imported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ImportPeerError {
    /// The file could not be opened.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The file is no Parquet file, or is damaged.
    #[error("cannot read `{}` as Parquet", path.display())]
    Parquet {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: ParquetError,
    },
    /// Rows could not be decoded.
    #[error("cannot read `{}` as Parquet", path.display())]
    Arrow {
        /// The file.
        path: PathBuf,
        /// What the reader said.
        source: ArrowError,
    },
    /// A column is missing or has another type.
    #[error("column `{name}` is missing or of another type")]
    Column {
        /// The column.
        name: &'static str,
    },
    /// The states could not be cached.
    #[error(transparent)]
    Install(#[from] InstallError),
}

impl Coded for ImportPeerError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Io { source, .. } => ErrorCode::of_io(source),
            Self::Parquet { .. } | Self::Arrow { .. } | Self::Column { .. } => {
                ErrorCode::DeployExportFormat
            }
            Self::Install(source) => source.code(),
        }
    }
}

/// What became of the rows of a file.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Imported {
    /// States that were written.
    pub written: u64,
    /// States that were there already.
    pub present: u64,
    /// Rows that were left out, by why.
    pub rejected: BTreeMap<ImportFault, u64>,
}

/// Adds the states of a Parquet file that the Python package's cache wrote, under the contract
/// `legacy_raw_v1` and stored as binary16, which is what they are.
///
/// These files do not keep where in its window a state was pooled. Rows that were pooled around a
/// locus are left out, unless `locus` says that it was the same in all windows of the file.
///
/// # Errors
///
/// [`ImportPeerError`]. Rows that cannot be cached are none: they are counted.
pub fn import_peer(
    path: &Path,
    locus: Option<u32>,
    writer: &mut CacheWriter,
) -> Result<Imported, ImportPeerError> {
    let parquet = |source| ImportPeerError::Parquet {
        path: path.to_owned(),
        source,
    };
    let file = File::open(path).map_err(|source| ImportPeerError::Io {
        path: path.to_owned(),
        source,
    })?;
    let reader = ParquetRecordBatchReaderBuilder::try_new(file).map_err(parquet)?;
    let reader = reader.with_batch_size(BATCH).build().map_err(parquet)?;

    let mut report = Imported::default();
    let mut waiting: HashMap<(StateRecipe, usize), Vec<PeerRow>> = HashMap::new();
    for batch in reader {
        let batch = batch.map_err(|source| ImportPeerError::Arrow {
            path: path.to_owned(),
            source,
        })?;
        let rows = Rows::new(&batch)?;
        for i in 0..batch.num_rows() {
            match rows.row(i, locus) {
                Err(fault) => *report.rejected.entry(fault).or_default() += 1,
                Ok(row) => {
                    let group = (row.recipe, row.values.len());
                    let rows = waiting.entry(group).or_default();
                    rows.push(row);
                    if rows.len() == PER_SHARD {
                        install(writer, rows, &mut report)?;
                    }
                }
            }
        }
    }
    let mut waiting: Vec<_> = waiting.into_iter().collect();
    waiting.sort_by_key(|((recipe, dim), _)| (recipe.text(), *dim));
    for (_, mut rows) in waiting {
        install(writer, &mut rows, &mut report)?;
    }
    Ok(report)
}

fn install(
    writer: &mut CacheWriter,
    rows: &mut Vec<PeerRow>,
    report: &mut Imported,
) -> Result<(), InstallError> {
    let Some(PeerRow { recipe, .. }) = rows.first() else {
        return Ok(());
    };
    let states = rows.iter().map(|row| NewState {
        place: StatePlace {
            window: row.window,
            contig: &row.contig,
            start: row.start,
            window_bp: row.window_bp,
            locus: row.locus,
        },
        values: &row.values,
    });
    let states: Vec<_> = states.collect();
    let installed = writer.install(recipe, BACKEND, &states)?;
    report.written += installed.written;
    report.present += installed.present;
    rows.clear();
    Ok(())
}
