//! Scores as a Parquet file.

use std::{error::Error, io, io::Write, mem, sync::Arc};

use arrow_array::{
    ArrayRef, RecordBatch,
    builder::{BooleanBuilder, Float64Builder, Int64Builder, StringBuilder},
};
use arrow_schema::{ArrowError, DataType, Field, Schema};
use geno_core::{Coded, ErrorCode};
use parquet::{
    arrow::arrow_writer::{ArrowWriter, ArrowWriterOptions},
    basic::{Compression, ZstdLevel},
    errors::ParquetError,
    file::{metadata::KeyValue, properties::WriterProperties},
};

/// Rows of a row group: all that is kept in memory.
const GROUP_ROWS: usize = 1 << 16;

/// How hard zstd tries; more takes longer and saves little on numbers.
const ZSTD_LEVEL: i32 = 3;

/// A scored alternate, as a row of a table.
#[derive(Clone, Copy)]
pub struct ScoreRecord<'a> {
    /// The contig, as the VCF names it.
    pub chrom: &'a str,
    /// The 1-based position.
    pub pos: u64,
    /// REF, in upper case.
    pub reference: &'a str,
    /// One allele of ALT, in upper case.
    pub alternate: &'a str,
    /// The raw surprise.
    pub sigma_raw: f64,
    /// Its percentile, 0 to 1.
    pub sigma_calibrated: f64,
    /// The context that it was compared in.
    pub bucket_id: &'a str,
    /// How well filled that context is, 0 to 1.
    pub confidence: f64,
    /// Whether it is too empty to be trusted.
    pub low_confidence: bool,
    /// How many examples fill it.
    pub n_calibration: u64,
    /// What several windows say of it, in a table that has columns for it.
    pub windows: Option<WindowsRecord>,
    /// A value for each further column.
    pub signals: &'a [f64],
    /// The variant as it was written, in a table that has a column for it.
    pub notation: Option<&'a str>,
}

/// What the windows of a variant say, where it has several.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WindowsRecord {
    /// How many there are.
    pub n: u64,
    /// The largest raw surprise of one of them minus the smallest.
    pub spread: f64,
}

/// The columns that not every table has.
#[derive(Clone, Copy, Debug, Default)]
pub struct TableColumns<'a> {
    /// Whether there are `n_windows` and `sigma_raw_spread`.
    pub has_windows: bool,
    /// The names of columns of numbers.
    pub signals: &'a [&'a str],
    /// Whether there is `notation`, the variant as it was written.
    pub has_notation: bool,
}

/// Why a table could not be written.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WriteScoreTableError {
    /// The columns could not be put together.
    #[error("cannot encode rows of scores")]
    Arrow(#[from] ArrowError),
    /// The Parquet writer failed, or what it writes to.
    #[error("cannot write Parquet")]
    Parquet(#[from] ParquetError),
}

impl Coded for WriteScoreTableError {
    fn code(&self) -> ErrorCode {
        let mut cause = self.source();
        while let Some(error) = cause {
            if let Some(error) = error.downcast_ref::<io::Error>() {
                return ErrorCode::of_io(error);
            }
            cause = error.source();
        }
        ErrorCode::DeployExportFormat
    }
}

/// Writes scores as a Parquet file, a row group at a time.
///
/// The columns are those of [`ScoreRecord`] under the names `chrom`, `pos`, `ref`, `alt`,
/// `sigma_raw`, `sigma_calibrated`, `bucket_id`, `confidence`, `low_confidence` and `n_calibration`, and
/// then those of [`TableColumns`] that a table has besides; none is ever null. Row groups have 65,536 rows and are compressed with zstd. One sequence of rows gives one
/// sequence of bytes.
///
/// # Examples
///
/// ```
/// use geno_data::{ScoreRecord, ScoreTable, TableColumns};
///
/// let columns = TableColumns { signals: &["displacement"], ..TableColumns::default() };
/// let mut table = ScoreTable::create(Vec::new(), &[("schema_version", "1.0.0")], columns)?;
/// table.push(&ScoreRecord {
///     chrom: "20",
///     pos: 1_000_226,
///     reference: "A",
///     alternate: "G",
///     sigma_raw: 0.25,
///     sigma_calibrated: 0.5,
///     bucket_id: "*",
///     confidence: 1.,
///     low_confidence: false,
///     n_calibration: 2_681,
///     windows: None,
///     signals: &[0.125],
///     notation: None,
/// })?;
/// let bytes = table.finish()?;
/// assert!(bytes.ends_with(b"PAR1"));
/// # Ok::<_, geno_data::WriteScoreTableError>(())
/// ```
pub struct ScoreTable<W: Write + Send> {
    writer: ArrowWriter<W>,
    schema: Arc<Schema>,
    columns: Columns,
    n_rows: usize,
}

#[derive(Default)]
struct Columns {
    chrom: StringBuilder,
    pos: Int64Builder,
    reference: StringBuilder,
    alternate: StringBuilder,
    sigma_raw: Float64Builder,
    sigma_calibrated: Float64Builder,
    bucket_id: StringBuilder,
    confidence: Float64Builder,
    low_confidence: BooleanBuilder,
    n_calibration: Int64Builder,
    windows: Option<(Int64Builder, Float64Builder)>,
    signals: Vec<Float64Builder>,
    notation: Option<StringBuilder>,
}

impl<W: Write + Send> ScoreTable<W> {
    /// Begins a file with these key-value pairs as its metadata, and these columns beside the fixed ones.
    ///
    /// # Errors
    ///
    /// [`WriteScoreTableError`].
    pub fn create(
        out: W,
        metadata: &[(&str, &str)],
        columns: TableColumns<'_>,
    ) -> Result<Self, WriteScoreTableError> {
        let pair = |&(key, value): &(&str, &str)| KeyValue::new(key.to_owned(), value.to_owned());
        let properties = WriterProperties::builder()
            .set_compression(Compression::ZSTD(ZstdLevel::try_new(ZSTD_LEVEL)?))
            .set_created_by("geno-lewm".to_owned())
            .set_key_value_metadata(Some(metadata.iter().map(pair).collect()))
            .build();
        let options = ArrowWriterOptions::new()
            .with_properties(properties)
            .with_skip_arrow_metadata(true);
        let schema = Arc::new(schema(columns));
        let writer = ArrowWriter::try_new_with_options(out, Arc::clone(&schema), options)?;
        Ok(Self {
            writer,
            schema,
            columns: Columns {
                windows: columns.has_windows.then(Default::default),
                signals: columns
                    .signals
                    .iter()
                    .map(|_| Float64Builder::new())
                    .collect(),
                notation: columns.has_notation.then(StringBuilder::new),
                ..Columns::default()
            },
            n_rows: 0,
        })
    }

    /// Adds a row.
    ///
    /// # Errors
    ///
    /// [`WriteScoreTableError`].
    ///
    /// # Panics
    ///
    /// If it has not a value for each signal, or windows or a notation where there are columns for them.
    pub fn push(&mut self, row: &ScoreRecord<'_>) -> Result<(), WriteScoreTableError> {
        let columns = &mut self.columns;
        assert_eq!(row.signals.len(), columns.signals.len(), "signals of a row");
        columns.chrom.append_value(row.chrom);
        // No contig has 2⁶³ bases.
        columns.pos.append_value(row.pos as i64);
        columns.reference.append_value(row.reference);
        columns.alternate.append_value(row.alternate);
        columns.sigma_raw.append_value(row.sigma_raw);
        columns.sigma_calibrated.append_value(row.sigma_calibrated);
        columns.bucket_id.append_value(row.bucket_id);
        columns.confidence.append_value(row.confidence);
        columns.low_confidence.append_value(row.low_confidence);
        // A file has no more rows either.
        columns.n_calibration.append_value(row.n_calibration as i64);
        if let Some((n, spread)) = &mut columns.windows {
            let windows = row.windows.expect("what several windows say");
            // Nor a variant more windows.
            n.append_value(windows.n as i64);
            spread.append_value(windows.spread);
        }
        for (column, &value) in columns.signals.iter_mut().zip(row.signals) {
            column.append_value(value);
        }
        if let Some(column) = &mut columns.notation {
            column.append_value(row.notation.expect("a variant as it was written"));
        }
        self.n_rows += 1;
        match self.n_rows {
            GROUP_ROWS => self.write_group(),
            _ => Ok(()),
        }
    }

    /// Writes what is left and the footer.
    ///
    /// # Errors
    ///
    /// [`WriteScoreTableError`].
    pub fn finish(mut self) -> Result<W, WriteScoreTableError> {
        self.write_group()?;
        Ok(self.writer.into_inner()?)
    }

    fn write_group(&mut self) -> Result<(), WriteScoreTableError> {
        if mem::take(&mut self.n_rows) == 0 {
            return Ok(());
        }
        let batch = RecordBatch::try_new(Arc::clone(&self.schema), self.columns.finish())?;
        self.writer.write(&batch)?;
        Ok(self.writer.flush()?)
    }
}

impl Columns {
    fn finish(&mut self) -> Vec<ArrayRef> {
        let mut columns: Vec<ArrayRef> = vec![
            Arc::new(self.chrom.finish()),
            Arc::new(self.pos.finish()),
            Arc::new(self.reference.finish()),
            Arc::new(self.alternate.finish()),
            Arc::new(self.sigma_raw.finish()),
            Arc::new(self.sigma_calibrated.finish()),
            Arc::new(self.bucket_id.finish()),
            Arc::new(self.confidence.finish()),
            Arc::new(self.low_confidence.finish()),
            Arc::new(self.n_calibration.finish()),
        ];
        if let Some((n, spread)) = &mut self.windows {
            columns.push(Arc::new(n.finish()));
            columns.push(Arc::new(spread.finish()));
        }
        let signals = self.signals.iter_mut();
        columns.extend(signals.map(|column| Arc::new(column.finish()) as ArrayRef));
        let notation = self.notation.as_mut();
        columns.extend(notation.map(|column| Arc::new(column.finish()) as ArrayRef));
        columns
    }
}

fn schema(columns: TableColumns<'_>) -> Schema {
    let field = |(name, kind)| Field::new(name, kind, false);
    let fields = [
        ("chrom", DataType::Utf8),
        ("pos", DataType::Int64),
        ("ref", DataType::Utf8),
        ("alt", DataType::Utf8),
        ("sigma_raw", DataType::Float64),
        ("sigma_calibrated", DataType::Float64),
        ("bucket_id", DataType::Utf8),
        ("confidence", DataType::Float64),
        ("low_confidence", DataType::Boolean),
        ("n_calibration", DataType::Int64),
    ];
    let windows = [
        ("n_windows", DataType::Int64),
        ("sigma_raw_spread", DataType::Float64),
    ];
    let windows = windows.into_iter().filter(|_| columns.has_windows);
    let signals = columns.signals.iter();
    let signals = signals.map(|&name| (name, DataType::Float64));
    let notation = columns.has_notation.then_some(("notation", DataType::Utf8));
    Schema::new(
        fields
            .into_iter()
            .chain(windows)
            .chain(signals)
            .chain(notation)
            .map(field)
            .collect::<Vec<_>>(),
    )
}

#[cfg(test)]
mod tests {
    use arrow_array::{Array, cast::AsArray, types::Int64Type};
    use bytes::Bytes;
    use parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;

    use super::*;

    fn write(n: u64) -> Bytes {
        let table = ScoreTable::create(
            Vec::new(),
            &[("schema_version", "1.0.0")],
            TableColumns {
                has_windows: true,
                signals: &["displacement"],
                has_notation: true,
            },
        );
        let mut table = table.unwrap();
        for i in 0..n {
            let row = ScoreRecord {
                chrom: if i % 2 == 0 { "20" } else { "NC_000021.9" },
                pos: i + 1,
                reference: "A",
                alternate: "GT",
                sigma_raw: i as f64 / 3.,
                sigma_calibrated: 0.5,
                bucket_id: "other|mid",
                confidence: 1.,
                low_confidence: i % 3 == 0,
                n_calibration: i,
                windows: Some(WindowsRecord { n: 6, spread: 0.25 }),
                signals: &[i as f64 / 7.],
                notation: Some("20:g.7A>G"),
            };
            table.push(&row).unwrap();
        }
        table.finish().unwrap().into()
    }

    #[test]
    fn rows_come_back_in_groups_with_their_metadata() {
        let n = GROUP_ROWS as u64 + 5;
        let reader = ParquetRecordBatchReaderBuilder::try_new(write(n)).unwrap();
        let metadata = reader.metadata();
        let groups: Vec<_> = metadata.row_groups().iter().map(|g| g.num_rows()).collect();
        assert_eq!(groups, [GROUP_ROWS as i64, 5]);
        let pairs = metadata.file_metadata().key_value_metadata().unwrap();
        assert_eq!(
            pairs[0],
            KeyValue::new("schema_version".into(), "1.0.0".to_owned())
        );

        let mut expected = 1;
        for batch in reader.build().unwrap() {
            let batch = batch.unwrap();
            let positions = batch.column_by_name("pos").unwrap();
            assert_eq!(positions.null_count(), 0);
            for &position in positions.as_primitive::<Int64Type>().values() {
                assert_eq!(position, expected);
                expected += 1;
            }
        }
        assert_eq!(expected as u64, n + 1);
    }

    #[test]
    fn a_table_without_rows_has_its_columns() {
        let reader = ParquetRecordBatchReaderBuilder::try_new(write(0)).unwrap();
        assert_eq!(reader.schema().fields().len(), 14);
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }

    #[test]
    fn equal_rows_give_equal_bytes() {
        assert_eq!(write(1_000), write(1_000));
    }
}
