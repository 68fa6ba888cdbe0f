//! Training tuples: a window, edits of it, and the edited window.

mod builder;
mod cursor;
mod draw;
mod error;
mod genome;
mod legacy;
mod report;
mod run;
mod settings;
#[cfg(feature = "parquet")]
mod shards;
mod source;
mod stream;
#[cfg(feature = "parquet")]
mod table;
mod tuple;
mod variants;
mod window_file;
mod windows;
mod write;

pub use self::{
    builder::{EditProviders, TupleBuilder},
    cursor::TupleCursor,
    error::TupleError,
    genome::{GenomeWindows, RegionsError},
    legacy::{LegacyTupleError, legacy_edits},
    report::TupleReport,
    run::{DrawProgress, DrawReport, DrawTuples, DrawTuplesError, ReadCursorError},
    settings::{SettingsError, TupleSettings},
    source::{EditSource, UnknownEditSource},
    stream::{TupleStream, Worker},
    tuple::{TrainingTuple, TupleRow},
    variants::{VariantSet, VariantSetCounts, VariantSetError},
    window_file::{WindowFile, WindowFileError},
    windows::WindowSource,
    write::{TupleFile, TupleFileError},
};
