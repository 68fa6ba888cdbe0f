//! Writing a cache as the Python package's own Parquet files.

use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fs,
    io::Write,
    path::{Path, PathBuf},
    sync::Arc,
};

use arrow_array::{
    ArrayRef, BooleanArray, FixedSizeBinaryArray, Int8Array, Int32Array, Int64Array, RecordBatch,
    StringArray,
    builder::{Float16Builder, ListBuilder},
};
use arrow_schema::ArrowError;
use geno_core::{Coded, Digest, ErrorCode, PoolType, StateContract};
use geno_provenance::{AtomicWriteError, write_atomic};
use half::f16;
use parquet::{
    arrow::arrow_writer::ArrowWriter,
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::WriterProperties,
};

use super::{SCHEMA_VERSION, schema};
use crate::cache::{
    error::CacheError,
    header::Header,
    recipe::{StateRecipe, StoredAs},
    row::{self, RowHead},
    shard::{Fault, scan},
    store::StateCache,
};

/// How hard zstd tries, as in files of the Python package.
const ZSTD_LEVEL: i32 = 9;

/// Why a cache could not be exported.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ExportPeerError {
    /// The cache could not be read, or a folder of the export not be made.
    #[error(transparent)]
    Cache(#[from] CacheError),
    /// A file could not be written.
    #[error("cannot write the export")]
    Write(#[source] AtomicWriteError),
    /// The columns could not be put together.
    #[error("cannot encode rows of states")]
    Arrow(#[from] ArrowError),
    /// The Parquet writer failed.
    #[error("cannot encode Parquet")]
    Parquet(#[from] ParquetError),
}

impl Coded for ExportPeerError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Cache(source) => source.code(),
            Self::Write(source) => source.code(),
            Self::Arrow(_) | Self::Parquet(_) => ErrorCode::DeployExportFormat,
        }
    }
}

/// What was exported.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub struct Exported {
    /// Files that were written.
    pub files: u64,
    /// States in them.
    pub states: u64,
    /// States that these files cannot say: those of another contract than `legacy_raw_v1`, of a
    /// pool that the package does not know, or of a layer beyond ±127.
    pub unfit: u64,
    /// States with a value too large for binary16.
    pub too_large: u64,
    /// States of a window of which another one was written: these files keep no locus.
    pub same_window: u64,
}

/// Writes the states under `legacy_raw_v1` into a folder, laid out and typed as the Python
/// package's cache: its `geno-lewm-cache-windows --reindex` makes the index. Values are rounded
/// to binary16, to nearest.
///
/// The same cache gives the same files. `created_at` is 0 in all of them.
///
/// # Errors
///
/// [`ExportPeerError`]; also for a damaged shard.
pub fn export_peer(cache: &StateCache, to: &Path) -> Result<Exported, ExportPeerError> {
    let mut export = Export {
        folder: to.join("embeddings"),
        seen: HashSet::new(),
        blocks: HashMap::new(),
        report: Exported::default(),
    };
    let mut shards = cache.with_index(|index| index.shards())?;
    shards.sort_by(|a, b| a.name.cmp(&b.name));
    for shard in shards {
        let path = cache.folder().shard(&shard.name);
        let mut rows = BTreeMap::<u32, Vec<Row>>::new();
        let mut header = None;
        scan(&path, &shard.name, |found, _, row| {
            header.get_or_insert_with(|| found.clone());
            if let Some(row) = export.take(found, row?) {
                rows.entry(row.head.contig).or_default().push(row);
            }
            Ok::<_, Fault>(())
        })
        .map_err(|fault| CacheError::shard(&path, fault))?;
        for (contig, rows) in rows {
            let header = header.as_ref().expect("a shard with rows");
            export.write(header, &header.contigs[contig as usize], &rows)?;
        }
    }
    Ok(export.report)
}

struct Row {
    head: RowHead,
    values: Vec<f32>,
}

struct Export {
    folder: PathBuf,
    /// What the package takes for the key.
    seen: HashSet<(Digest, StateRecipe)>,
    /// Files written so far under a path that ends with a contig.
    blocks: HashMap<PathBuf, u64>,
    report: Exported,
}

impl Export {
    /// A row, if it can be said.
    fn take(&mut self, header: &Header, row: &[u8]) -> Option<Row> {
        let recipe = header.recipe;
        let is_fit = recipe.contract == StateContract::LegacyRawV1
            && recipe.pool_type != PoolType::DownstreamMean
            && i8::try_from(recipe.state_layer).is_ok()
            && i32::try_from(recipe.pool_radius).is_ok();
        let head = row::head(row);
        let values = row::values(row, header.dim, recipe.stored);
        // The package's key does not say how a state is stored.
        let key = StateRecipe {
            stored: StoredAs::F16,
            ..recipe
        };
        if !is_fit {
            self.report.unfit += 1;
        } else if values
            .iter()
            .any(|&value| f16::from_f32(value).is_infinite())
        {
            self.report.too_large += 1;
        } else if !self.seen.insert((head.window, key)) {
            self.report.same_window += 1;
        } else {
            return Some(Row { head, values });
        }
        None
    }

    fn write(
        &mut self,
        header: &Header,
        contig: &str,
        rows: &[Row],
    ) -> Result<(), ExportPeerError> {
        let StateRecipe {
            encoder,
            state_layer,
            pool_type,
            pool_radius,
            ..
        } = header.recipe;
        let folder = self
            .folder
            .join(encoder.to_hex())
            .join(state_layer.to_string())
            .join(format!("{pool_type}_{pool_radius}"));
        fs::create_dir_all(&folder).map_err(|source| CacheError::io(&folder, source))?;
        let part = contig.strip_prefix("chr").unwrap_or(contig);
        let part = part.replace(['/', '\\'], "__");
        let stem = folder.join(format!("chr{part}"));
        let block = self.blocks.entry(stem).or_default();
        let path = folder.join(format!("chr{part}_{block}.parquet"));
        *block += 1;

        let bytes = encode(&header.recipe, contig, rows)?;
        write_atomic(&path, |file| file.write_all(&bytes)).map_err(ExportPeerError::Write)?;
        self.report.files += 1;
        self.report.states += rows.len() as u64;
        Ok(())
    }
}

fn encode(recipe: &StateRecipe, contig: &str, rows: &[Row]) -> Result<Vec<u8>, ExportPeerError> {
    let n = rows.len();
    let all = |text: &str| -> ArrayRef { Arc::new(StringArray::from(vec![text; n])) };
    let heads = || rows.iter().map(|row| &row.head);
    let encoder = *recipe.encoder.as_bytes();
    let digests = |digests: &mut dyn Iterator<Item = [u8; 32]>| -> Result<ArrayRef, ArrowError> {
        Ok(Arc::new(FixedSizeBinaryArray::try_from_iter(digests)?))
    };
    let columns: Vec<ArrayRef> = vec![
        all(contig),
        Arc::new(Int64Array::from_iter_values(
            heads().map(|head| place(head.start)),
        )),
        Arc::new(Int64Array::from_iter_values(heads().map(|head| {
            place(head.start.saturating_add(head.window_bp.into()))
        }))),
        digests(&mut heads().map(|head| *head.window.as_bytes()))?,
        digests(&mut heads().map(|_| encoder))?,
        Arc::new(Int8Array::from(vec![recipe.state_layer as i8; n])),
        all(recipe.pool_type.as_str()),
        Arc::new(Int32Array::from(vec![recipe.pool_radius as i32; n])),
        all(recipe.dtype.as_str()),
        embeddings(rows),
        Arc::new(BooleanArray::from_iter(
            heads().map(|head| Some(head.locus.is_none())),
        )),
        Arc::new(Int64Array::from(vec![0; n])),
        all(SCHEMA_VERSION),
    ];
    let schema = Arc::new(schema());
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    let properties = WriterProperties::builder()
        .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
        .set_created_by("geno-lewm".to_owned())
        .build();
    let mut bytes = Vec::new();
    let mut writer = ArrowWriter::try_new(&mut bytes, schema, Some(properties))?;
    writer.write(&batch)?;
    writer.close()?;
    Ok(bytes)
}

/// A place on a contig. None is near the largest number.
fn place(base: u64) -> i64 {
    i64::try_from(base).unwrap_or(i64::MAX)
}

fn embeddings(rows: &[Row]) -> ArrayRef {
    let mut lists = ListBuilder::new(Float16Builder::new());
    for row in rows {
        for &value in &row.values {
            lists.values().append_value(f16::from_f32(value));
        }
        lists.append(true);
    }
    Arc::new(lists.finish())
}
