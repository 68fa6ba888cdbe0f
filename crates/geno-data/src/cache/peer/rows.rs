//! The rows of one batch, column by column.

use arrow_array::{
    Array, BooleanArray, FixedSizeBinaryArray, Float16Array, Int8Array, Int32Array, Int64Array,
    ListArray, RecordBatch, StringArray,
};
use geno_core::{Digest, Dtype, PoolType, StateContract};
use half::f16;

use super::{
    SCHEMA_VERSION,
    import::{ImportFault, ImportPeerError},
};
use crate::cache::recipe::{StateRecipe, StoredAs};

/// A row that can be cached.
pub(super) struct PeerRow {
    pub(super) recipe: StateRecipe,
    pub(super) window: Digest,
    pub(super) contig: String,
    pub(super) start: u64,
    pub(super) window_bp: u32,
    pub(super) locus: Option<u32>,
    pub(super) values: Vec<f32>,
}

/// The columns of a batch.
pub(super) struct Rows<'a> {
    chrom: &'a StringArray,
    start: &'a Int64Array,
    end: &'a Int64Array,
    window: &'a FixedSizeBinaryArray,
    encoder: &'a FixedSizeBinaryArray,
    state_layer: &'a Int8Array,
    pool_type: &'a StringArray,
    pool_radius: &'a Int32Array,
    dtype: &'a StringArray,
    embedding: &'a ListArray,
    untargeted: &'a BooleanArray,
    schema_version: &'a StringArray,
}

fn column<'a, T: 'static>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a T, ImportPeerError> {
    let column = batch.column_by_name(name);
    let column = column.and_then(|column| column.as_any().downcast_ref());
    column.ok_or(ImportPeerError::Column { name })
}

fn digests<'a>(
    batch: &'a RecordBatch,
    name: &'static str,
) -> Result<&'a FixedSizeBinaryArray, ImportPeerError> {
    let digests: &FixedSizeBinaryArray = column(batch, name)?;
    let is_digest = digests.value_length() == 32;
    is_digest
        .then_some(digests)
        .ok_or(ImportPeerError::Column { name })
}

impl<'a> Rows<'a> {
    pub(super) fn new(batch: &'a RecordBatch) -> Result<Self, ImportPeerError> {
        let embedding: &ListArray = column(batch, "embedding")?;
        if !embedding.values().as_any().is::<Float16Array>() {
            return Err(ImportPeerError::Column { name: "embedding" });
        }
        Ok(Self {
            chrom: column(batch, "chrom")?,
            start: column(batch, "start_bp")?,
            end: column(batch, "end_bp")?,
            window: digests(batch, "window_hash")?,
            encoder: digests(batch, "encoder_hash")?,
            state_layer: column(batch, "state_layer")?,
            pool_type: column(batch, "pool_type")?,
            pool_radius: column(batch, "pool_radius")?,
            dtype: column(batch, "dtype")?,
            embedding,
            untargeted: column(batch, "untargeted")?,
            schema_version: column(batch, "schema_version")?,
        })
    }

    /// A row, with `locus` for the locus that these files do not keep.
    pub(super) fn row(&self, i: usize, locus: Option<u32>) -> Result<PeerRow, ImportFault> {
        self.no_null(i)?;
        if self.schema_version.value(i) != SCHEMA_VERSION {
            return Err(ImportFault::SchemaVersion);
        }
        let recipe = self.recipe(i)?;
        let (start, end) = (self.start.value(i), self.end.value(i));
        let len = end.checked_sub(start).filter(|&len| len > 0);
        let window_bp = len.and_then(|len| u32::try_from(len).ok());
        let window_bp = window_bp.ok_or(ImportFault::Window)?;
        let locus = match (self.untargeted.value(i), recipe.pool_type) {
            (true, _) | (_, PoolType::GlobalMean) => None,
            (false, _) => Some(locus.ok_or(ImportFault::NoLocus)?),
        };
        if locus.is_some_and(|locus| locus >= window_bp) {
            return Err(ImportFault::Window);
        }
        let values = self.values(i)?;
        let contig = self.chrom.value(i);
        if contig.is_empty() || contig.contains('\n') {
            return Err(ImportFault::Window);
        }
        Ok(PeerRow {
            recipe,
            window: digest(self.window.value(i)),
            contig: contig.to_owned(),
            start: u64::try_from(start).map_err(|_| ImportFault::Window)?,
            window_bp,
            locus,
            values,
        })
    }

    fn no_null(&self, i: usize) -> Result<(), ImportFault> {
        let columns: [&dyn Array; 12] = [
            self.chrom,
            self.start,
            self.end,
            self.window,
            self.encoder,
            self.state_layer,
            self.pool_type,
            self.pool_radius,
            self.dtype,
            self.embedding,
            self.untargeted,
            self.schema_version,
        ];
        let is_null = columns.iter().any(|column| column.is_null(i));
        (!is_null).then_some(()).ok_or(ImportFault::Null)
    }

    fn recipe(&self, i: usize) -> Result<StateRecipe, ImportFault> {
        let pool_type = self.pool_type.value(i).parse();
        let pool_radius = self.pool_radius.value(i);
        let dtype: Result<Dtype, _> = self.dtype.value(i).parse();
        Ok(StateRecipe {
            contract: StateContract::LegacyRawV1,
            encoder: digest(self.encoder.value(i)),
            state_layer: self.state_layer.value(i).into(),
            pool_type: pool_type.map_err(|_| ImportFault::Recipe)?,
            pool_radius: u32::try_from(pool_radius).map_err(|_| ImportFault::Recipe)?,
            dtype: dtype.map_err(|_| ImportFault::Recipe)?,
            stored: StoredAs::F16,
        })
    }

    fn values(&self, i: usize) -> Result<Vec<f32>, ImportFault> {
        let list = self.embedding.value(i);
        let list: &Float16Array = list.as_any().downcast_ref().ok_or(ImportFault::Null)?;
        if list.null_count() > 0 || list.is_empty() {
            return Err(ImportFault::Null);
        }
        let values: &[f16] = list.values();
        match values.iter().all(|value| value.is_finite()) {
            true => Ok(values.iter().map(|value| value.to_f32()).collect()),
            false => Err(ImportFault::NotFinite),
        }
    }
}

fn digest(bytes: &[u8]) -> Digest {
    Digest::from_bytes(bytes.try_into().expect("a column of 32 bytes"))
}
