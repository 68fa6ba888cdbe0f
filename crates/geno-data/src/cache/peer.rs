//! Caches of the published Python package: Parquet files whose rows are states under
//! `legacy_raw_v1`, rounded to binary16.

mod export;
mod import;
mod rows;

use std::sync::Arc;

use arrow_schema::{DataType, Field, Schema};

pub use self::{
    export::{ExportPeerError, Exported, export_peer},
    import::{ImportFault, ImportPeerError, Imported, import_peer},
};

/// What rows of these files say of themselves.
const SCHEMA_VERSION: &str = "1.0.0";

fn schema() -> Schema {
    let field = |name, data_type| Field::new(name, data_type, true);
    let half = Arc::new(field("item", DataType::Float16));
    Schema::new(vec![
        field("chrom", DataType::Utf8),
        field("start_bp", DataType::Int64),
        field("end_bp", DataType::Int64),
        field("window_hash", DataType::FixedSizeBinary(32)),
        field("encoder_hash", DataType::FixedSizeBinary(32)),
        field("state_layer", DataType::Int8),
        field("pool_type", DataType::Utf8),
        field("pool_radius", DataType::Int32),
        field("dtype", DataType::Utf8),
        field("embedding", DataType::List(half)),
        field("untargeted", DataType::Boolean),
        field("created_at", DataType::Int64),
        field("schema_version", DataType::Utf8),
    ])
}
