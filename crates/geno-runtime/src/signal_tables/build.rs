//! From the signals of a background to tables of them.

use geno_core::Digest;
use geno_surprise::{
    BucketId, CalibrationExample, CalibrationParameters, CalibrationTable, InvalidSurprise,
    ReadCalibrationError,
};

use super::{MEMBER_TABLES, SETTINGS, SURPRISE_TABLE, TableOf, mean, percentiles, statistic};
use crate::{
    calibrate::CalibrateError,
    calibration_table::SIGNAL,
    signal::{SignalValue, Signals},
};

/// What tables are built of.
pub(crate) struct Background<'a> {
    /// For each variant, its bucket, raw surprise and signals.
    pub(crate) examples: &'a [(BucketId, f64, Vec<SignalValue>)],
    pub(crate) signals: Signals<'a>,
    pub(crate) parameters: &'a CalibrationParameters,
}

impl Background<'_> {
    /// Builds the tables that belong to a table of the surprise, if there are signals.
    ///
    /// Percentiles are taken from the tables as a later run reads them, so that the table of the
    /// ensemble holds what that run finds of the same variants.
    pub(crate) fn tables(
        &self,
        surprise: &CalibrationTable,
    ) -> Result<Vec<(TableOf, CalibrationTable)>, CalibrateError> {
        if self.signals.iter().next().is_none() {
            return Ok(Vec::new());
        }
        let bytes = surprise.write_parquet()?;
        let (surprise_digest, surprise) = (Digest::of(&bytes), as_read(&bytes)?);
        let (mut tables, mut members, mut digests) = (Vec::new(), Vec::new(), Vec::new());
        for (i, signal) in self.signals.iter().enumerate() {
            let values = self.examples.iter();
            let values = values.map(|(_, _, signals)| Ok(statistic(signals[i])));
            let settings = self.signals.setting(signal);
            let of = TableOf::Signal(signal);
            let table = self.table(values, &surprise)?;
            let table = described(table, of, settings, surprise_digest, []);
            let bytes = table.write_parquet()?;
            digests.push(Digest::of(&bytes).to_string());
            members.push(as_read(&bytes)?);
            tables.push((of, table));
        }
        let together = self.examples.iter().map(|(bucket, sigma, signals)| {
            let own = geno_surprise::score(*sigma, *bucket, &surprise)?;
            let others = percentiles(signals, &members, *bucket)?;
            Ok(mean(own.sigma_calibrated, &others))
        });
        let table = self.table(together, &surprise)?;
        let members = (MEMBER_TABLES.to_owned(), digests.join("\n"));
        let (of, settings) = (TableOf::Ensemble, self.signals.settings());
        let table = described(table, of, settings, surprise_digest, [members]);
        tables.push((of, table));
        Ok(tables)
    }

    /// A table of one number for each variant, with contexts and metadata as the surprise's.
    fn table(
        &self,
        values: impl Iterator<Item = Result<f64, InvalidSurprise>>,
        surprise: &CalibrationTable,
    ) -> Result<CalibrationTable, CalibrateError> {
        let examples = self.examples.iter().zip(values);
        let examples = examples.map(|((bucket, ..), value)| {
            let value = value?;
            CalibrationExample::new(*bucket, value)
        });
        let examples: Vec<_> = examples.collect::<Result<_, _>>()?;
        let (table, _) = CalibrationTable::build(examples, self.parameters)?;
        Ok(table
            .with_gc_cutoffs(surprise.gc_cutoffs())
            .with_metadata(surprise.metadata().clone()))
    }
}

/// The table, saying what it is of.
fn described<const N: usize>(
    table: CalibrationTable,
    of: TableOf,
    settings: String,
    surprise: Digest,
    more: [(String, String); N],
) -> CalibrationTable {
    let mut metadata = table.metadata().clone();
    metadata.extend([
        (SIGNAL.to_owned(), of.to_string()),
        (SETTINGS.to_owned(), settings),
        (SURPRISE_TABLE.to_owned(), surprise.to_string()),
    ]);
    metadata.extend(more);
    table.with_metadata(metadata)
}

/// A table as it is read back: its numbers are rounded when it is written.
fn as_read(bytes: &[u8]) -> Result<CalibrationTable, ReadCalibrationError> {
    CalibrationTable::read_parquet(bytes)
}
