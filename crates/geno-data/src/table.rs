//! Tables in Parquet files: written row group by row group, read batch by batch.
//!
//! What is here knows no columns of any one table. Memory holds a row group on either side, however
//! long the table is.

mod read;
mod values;
mod write;

pub use self::{read::ReadTableError, values::TableRows, write::WriteTableError};
pub(crate) use self::{
    read::{Batches, Table},
    write::TableWriter,
};
