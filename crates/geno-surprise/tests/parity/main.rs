//! Checks against values computed by the Python package 0.2.1, and against its files.

mod context;
#[cfg(feature = "parquet")]
mod file;
mod fixtures;
mod surprise;
mod table;
