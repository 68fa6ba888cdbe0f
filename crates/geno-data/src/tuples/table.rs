//! Training tuples as a table.

use std::{path::Path, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{Int64Builder, StringBuilder, UInt32Builder},
};
use arrow_schema::{DataType, Field, Schema, SchemaRef};
use geno_provenance::AtomicFile;

use super::{TrainingTuple, TupleFileError, tuple::edits_as_json};
use crate::table::TableWriter;

/// Rows handed to the encoder at once.
const BATCH: usize = 1 << 12;

/// The columns of a table of tuples: those of the JSON Lines but for the sequences, `rel_edits` as
/// the JSON text.
pub(crate) struct TupleTable {
    writer: TableWriter<AtomicFile>,
    schema: SchemaRef,
    texts: [StringBuilder; 6],
    span: [Int64Builder; 2],
    n_copies: UInt32Builder,
    n_rows: usize,
}

impl TupleTable {
    pub(crate) fn create(path: &Path) -> Result<Self, TupleFileError> {
        let text = |name, nullable| Field::new(name, DataType::Utf8, nullable);
        let number = |name| Field::new(name, DataType::Int64, false);
        let schema = Arc::new(Schema::new(vec![
            text("window_id", false),
            text("source_record_id", false),
            text("source", false),
            text("chrom", true),
            text("edit_source", false),
            text("rel_edits", false),
            number("window_start_bp"),
            number("window_end_bp"),
            Field::new("n_copies", DataType::UInt32, true),
        ]));
        Ok(Self {
            writer: TableWriter::new(AtomicFile::create(path)?, Arc::clone(&schema))?,
            schema,
            texts: Default::default(),
            span: Default::default(),
            n_copies: UInt32Builder::new(),
            n_rows: 0,
        })
    }

    pub(crate) fn write(&mut self, tuple: &TrainingTuple) -> Result<(), TupleFileError> {
        let window = tuple.window();
        let [id, record, source, chrom, edit_source, edits] = &mut self.texts;
        id.append_value(tuple.window_id().to_hex());
        record.append_value(tuple.record_id());
        source.append_value(tuple.window_source());
        chrom.append_option(tuple.chrom());
        edit_source.append_value(tuple.edit_source().as_str());
        edits.append_value(edits_as_json(tuple.edits()));
        let start = window.start() as i64;
        self.span[0].append_value(start);
        self.span[1].append_value(start + window.len() as i64);
        self.n_copies.append_option(tuple.n_copies());
        self.n_rows += 1;
        match self.n_rows {
            BATCH => self.flush(),
            _ => Ok(()),
        }
    }

    fn flush(&mut self) -> Result<(), TupleFileError> {
        self.n_rows = 0;
        let texts = self
            .texts
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef);
        let span = self
            .span
            .iter_mut()
            .map(|column| Arc::new(column.finish()) as ArrayRef);
        let mut columns: Vec<ArrayRef> = texts.chain(span).collect();
        columns.push(Arc::new(self.n_copies.finish()));
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), columns);
        Ok(self
            .writer
            .write(batch.expect("columns of the schema, of one length"))?)
    }

    pub(crate) fn finish(mut self) -> Result<(), TupleFileError> {
        self.flush()?;
        let file = self
            .writer
            .finish([("schema_version", "1.0.0".to_owned())])?;
        Ok(file.commit()?)
    }
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, StringArray};
    use geno_core::Window;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use crate::{
        CorpusWindow, EditProviders, Holdouts, TupleBuilder, TupleFile, TupleFileError,
        TupleSettings, TupleStream,
    };

    #[test]
    fn a_table_holds_what_the_lines_hold() {
        let folder = tempfile::tempdir().unwrap();
        let windows = vec![CorpusWindow {
            record_id: "a".to_owned(),
            source: "mrna".to_owned(),
            chrom: None,
            window: Window::new(0, b"ACGGT".repeat(40)).unwrap(),
        }];
        let (providers, holdouts) = (EditProviders::default(), Holdouts::none());
        let settings = TupleSettings::default();
        let builder = TupleBuilder::new(&windows, &providers, &holdouts, settings).unwrap();
        let (table, lines) = (
            folder.path().join("t.parquet"),
            folder.path().join("t.jsonl"),
        );
        for path in [&table, &lines] {
            let mut file = TupleFile::create(path, false).unwrap();
            for tuple in TupleStream::new(&builder).epochs(3) {
                file.write(&tuple.unwrap()).unwrap();
            }
            assert!(!path.exists());
            file.finish().unwrap();
        }
        let lines = std::fs::read_to_string(lines).unwrap();
        let edits = lines.lines().map(|line| {
            let row: serde_json::Value = serde_json::from_str(line).unwrap();
            row["rel_edits"].clone()
        });
        let file = std::fs::File::open(&table).unwrap();
        let reader = ParquetRecordBatchReaderBuilder::try_new(file)
            .unwrap()
            .build()
            .unwrap();
        let mut read = Vec::new();
        for batch in reader {
            let batch = batch.unwrap();
            let column = batch.column_by_name("rel_edits").unwrap().as_any();
            let column = column.downcast_ref::<StringArray>().unwrap();
            read.extend(
                (0..column.len()).map(|i| -> serde_json::Value {
                    serde_json::from_str(column.value(i)).unwrap()
                }),
            );
        }
        assert_eq!(read.len(), 24);
        assert!(edits.eq(read));
        let refused = TupleFile::create(&table, true).err();
        assert!(matches!(refused, Some(TupleFileError::SequencesInTable)));
    }
}
