//! Windows as a Parquet file.

use std::{
    io::{self, Write},
    sync::Arc,
};

use arrow_array::{ArrayRef, Int64Array, RecordBatch, StringArray};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use parquet::{
    arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::properties::{WriterProperties, WriterVersion},
};

use super::window::CorpusWindow;

/// Windows of a row group, which is what memory holds.
const ROW_GROUP: usize = 1 << 11;

/// Windows that are encoded at once.
const BATCH: usize = 1 << 7;

/// A table of windows in the making.
pub(super) struct WindowTable<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: SchemaRef,
    pending: Vec<CorpusWindow>,
}

impl<W: Write + Send> WindowTable<W> {
    pub(super) fn new(out: W) -> io::Result<Self> {
        let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
        let position = |name| Field::new(name, DataType::Int64, false);
        let schema = Arc::new(Schema::new(vec![
            text("record_id", false),
            text("source", false),
            text("chrom", true),
            position("start_bp"),
            position("end_bp"),
            text("sequence", false),
        ]));
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::ZSTD(ZstdLevel::default()))
            .set_max_row_group_row_count(Some(ROW_GROUP))
            .set_column_dictionary_enabled("sequence".into(), false)
            .set_created_by("geno-lewm".to_owned())
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options);
        Ok(Self {
            writer: writer.map_err(io_error)?,
            schema,
            pending: Vec::new(),
        })
    }

    pub(super) fn write(&mut self, window: CorpusWindow) -> io::Result<()> {
        self.pending.push(window);
        match self.pending.len() {
            BATCH => self.flush(),
            _ => Ok(()),
        }
    }

    pub(super) fn finish(mut self) -> io::Result<W> {
        self.flush()?;
        self.writer.into_inner().map_err(io_error)
    }

    fn flush(&mut self) -> io::Result<()> {
        let windows = std::mem::take(&mut self.pending);
        let windows = windows.iter();
        let bases = |window: &CorpusWindow| {
            let bases = window.window.bases().to_vec();
            String::from_utf8(bases).expect("bases are ASCII")
        };
        let ids = windows.clone().map(|window| window.record_id.as_str());
        let sources = windows.clone().map(|window| window.source.as_str());
        let contigs = windows.clone().map(|window| window.chrom.as_deref());
        // No sequence is as long as what these integers hold.
        let starts = windows.clone().map(|window| window.start_bp() as i64);
        let ends = windows.clone().map(|window| window.end_bp() as i64);
        let columns: Vec<ArrayRef> = vec![
            Arc::new(StringArray::from_iter_values(ids)),
            Arc::new(StringArray::from_iter_values(sources)),
            Arc::new(contigs.collect::<StringArray>()),
            Arc::new(Int64Array::from_iter_values(starts)),
            Arc::new(Int64Array::from_iter_values(ends)),
            Arc::new(StringArray::from_iter_values(windows.map(bases))),
        ];
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        let batch = batch.expect("columns of the schema, equally long");
        self.writer.write(&batch).map_err(io_error)
    }
}

/// What the encoder says of the file it writes to, or else of its rows.
fn io_error(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(source) => *source,
            Err(source) => io::Error::other(source),
        },
        other => io::Error::other(other),
    }
}
