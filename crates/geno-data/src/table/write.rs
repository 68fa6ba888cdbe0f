//! Writing a table.

use std::{io::Write, mem, sync::Arc};

use arrow_array::{ArrayRef, RecordBatch};
use arrow_schema::{Field, SchemaRef};
use geno_core::{Coded, ErrorCode};
use parquet::{
    arrow::{
        ArrowSchemaConverter,
        arrow_writer::{
            ArrowColumnChunk, ArrowColumnWriter, ArrowRowGroupWriterFactory, compute_leaves,
        },
    },
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{
        metadata::KeyValue,
        properties::{WriterProperties, WriterVersion},
        writer::SerializedFileWriter,
    },
};
use rayon::prelude::*;

/// Rows of a row group, the last one excepted.
const ROW_GROUP: usize = 1 << 17;

/// How hard zstd tries. Higher levels cost more time than they save disk on such columns.
const ZSTD_LEVEL: i32 = 1;

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
#[error("cannot encode Parquet")]
pub struct WriteTableError(#[from] ParquetError);

impl Coded for WriteTableError {
    fn code(&self) -> ErrorCode {
        // A full disk comes wrapped by the encoder.
        match &self.0 {
            ParquetError::External(source) => source
                .downcast_ref()
                .map_or(ErrorCode::DeployExportFormat, ErrorCode::of_io),
            _ => ErrorCode::DeployExportFormat,
        }
    }
}

/// A table in the making.
///
/// Its bytes depend on the batches and the metadata, not on the number of threads, which encode one
/// column each.
pub(crate) struct TableWriter<W: Write + Send> {
    file: SerializedFileWriter<W>,
    groups: ArrowRowGroupWriterFactory,
    schema: SchemaRef,
    n_groups: usize,
    /// Rows of the group to come.
    pending: Vec<RecordBatch>,
    n_pending: usize,
}

impl<W: Write + Send> TableWriter<W> {
    /// Begins a table of flat columns.
    pub(crate) fn new(out: W, schema: SchemaRef) -> Result<Self, WriteTableError> {
        let properties = WriterProperties::builder()
            .set_writer_version(WriterVersion::PARQUET_1_0)
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_created_by("geno-lewm".to_owned())
            .build();
        let root = ArrowSchemaConverter::new()
            .convert(&schema)?
            .root_schema_ptr();
        let file = SerializedFileWriter::new(out, root, Arc::new(properties))?;
        Ok(Self {
            groups: ArrowRowGroupWriterFactory::new(&file, Arc::clone(&schema)),
            file,
            schema,
            n_groups: 0,
            pending: Vec::new(),
            n_pending: 0,
        })
    }

    /// Appends rows.
    ///
    /// # Panics
    ///
    /// If the batch has other columns than the table.
    pub(crate) fn write(&mut self, mut batch: RecordBatch) -> Result<(), WriteTableError> {
        assert_eq!(batch.schema_ref(), &self.schema, "columns of another table");
        while self.n_pending + batch.num_rows() >= ROW_GROUP {
            let room = ROW_GROUP - self.n_pending;
            self.pending.push(batch.slice(0, room));
            batch = batch.slice(room, batch.num_rows() - room);
            self.write_group()?;
        }
        if batch.num_rows() > 0 {
            self.n_pending += batch.num_rows();
            self.pending.push(batch);
        }
        Ok(())
    }

    /// Ends the table, and gives back what it was written to.
    pub(crate) fn finish(
        mut self,
        metadata: impl IntoIterator<Item = (&'static str, String)>,
    ) -> Result<W, WriteTableError> {
        if self.n_pending > 0 {
            self.write_group()?;
        }
        for (key, value) in metadata {
            let pair = KeyValue::new(key.to_owned(), value);
            self.file.append_key_value_metadata(pair);
        }
        Ok(self.file.into_inner()?)
    }

    fn write_group(&mut self) -> Result<(), WriteTableError> {
        let batches = mem::take(&mut self.pending);
        self.n_pending = 0;
        let columns = self.groups.create_column_writers(self.n_groups)?;
        let schema = &self.schema;
        let chunks = columns
            .into_par_iter()
            .enumerate()
            .map(|(i, column)| {
                let arrays: Vec<_> = batches.iter().map(|batch| batch.column(i)).collect();
                encode(schema.field(i), column, &arrays)
            })
            .collect::<Result<Vec<_>, _>>()?;

        let mut group = self.file.next_row_group()?;
        for chunk in chunks {
            chunk.append_to_row_group(&mut group)?;
        }
        group.close()?;
        self.n_groups += 1;
        Ok(())
    }
}

fn encode(
    field: &Field,
    mut column: ArrowColumnWriter,
    arrays: &[&ArrayRef],
) -> Result<ArrowColumnChunk, ParquetError> {
    for array in arrays {
        for leaf in compute_leaves(field, array)? {
            column.write(&leaf)?;
        }
    }
    column.close()
}

#[cfg(test)]
mod tests {
    use arrow_array::{Int64Array, StringArray};
    use arrow_schema::{DataType, Schema};
    use bytes::Bytes;
    use parquet::file::reader::{FileReader, SerializedFileReader};

    use super::*;

    fn schema() -> SchemaRef {
        Arc::new(Schema::new(vec![
            Field::new("n", DataType::Int64, false),
            Field::new("text", DataType::Utf8, true),
        ]))
    }

    fn file(n_rows: usize, batch_len: usize) -> Vec<u8> {
        let mut writer = TableWriter::new(Vec::new(), schema()).unwrap();
        for first in (0..n_rows).step_by(batch_len) {
            let numbers = first..n_rows.min(first + batch_len);
            let texts = numbers.clone().map(|n| (n % 3 > 0).then(|| n.to_string()));
            let n = Int64Array::from_iter_values(numbers.clone().map(|n| n as i64));
            let text = StringArray::from_iter(texts);
            let columns = vec![Arc::new(n) as _, Arc::new(text) as _];
            writer
                .write(RecordBatch::try_new(schema(), columns).unwrap())
                .unwrap();
        }
        writer.finish([("key", "value".to_owned())]).unwrap()
    }

    fn on_threads(n: usize, run: impl Fn() -> Vec<u8> + Send + Sync) -> Vec<u8> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
        pool.unwrap().install(run)
    }

    #[test]
    fn the_number_of_threads_changes_no_byte() {
        let table = || file(2 * ROW_GROUP + 7, 50_000);
        let one = on_threads(1, table);
        assert!(on_threads(3, table) == one);
        assert!(on_threads(2, table) == one);
    }

    #[test]
    fn row_groups_are_full_however_the_rows_come() {
        for batch_len in [50_000, ROW_GROUP, 3 * ROW_GROUP] {
            let file = Bytes::from(file(2 * ROW_GROUP + 7, batch_len));
            let reader = SerializedFileReader::new(file).unwrap();
            let groups = reader.metadata().row_groups();
            let lens: Vec<_> = groups.iter().map(|group| group.num_rows()).collect();
            assert_eq!(lens, [ROW_GROUP as i64, ROW_GROUP as i64, 7]);
        }
    }
}
