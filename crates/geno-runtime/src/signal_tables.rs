//! Calibration tables of signals, and of the mean of their percentiles.
//!
//! A signal gets a table as the surprise has one, of the same background and contexts. With the
//! percentiles `p₁ … pₘ` of a variant, the surprise's first, its ensemble statistic is
//! `E = (p₁ + … + pₘ) / m`. A mean of percentiles is no percentile, so `E` has a table as well, and
//! what a row carries is the place of `E` in it: uniform on the background, as every percentile is.
//!
//! A table counts what is larger as less usual. Of the displacement that is the distance itself; of
//! the likelihood `exp(−1,024·Δ)`, which rises as the edit makes the window less likely, and of which a
//! table of 32-bit numbers keeps the order: within `|1,024·Δ| ≤ 80`, and equal beyond.

mod build;
mod error;

use std::{
    fmt,
    path::{Path, PathBuf},
};

use geno_core::Digest;
use geno_provenance::{FileRecord, PublicPath};
use geno_surprise::{BucketId, CalibrationTable, InvalidSurprise};

pub(crate) use self::build::Background;
pub use self::error::SignalTableError;
use crate::{
    calibration_table::SIGNAL,
    model_dir::read,
    number_column::{NumberColumn, NumberValue},
    runtime::Runtime,
    signal::{Signal, SignalValue, Signals},
};

/// Keys of such a table's metadata, beside those of every table.
const SETTINGS: &str = "geno_lewm.signal_settings";
const SURPRISE_TABLE: &str = "geno_lewm.surprise_table";
const MEMBER_TABLES: &str = "geno_lewm.member_tables";

/// What a table beside that of the surprise is of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum TableOf {
    /// A signal.
    Signal(Signal),
    /// The mean of all percentiles.
    Ensemble,
}

/// The tables of signals that belong to a calibration table.
#[derive(Clone, Debug)]
pub struct SignalTables {
    /// In the order of the signals.
    members: Vec<CalibrationTable>,
    ensemble: CalibrationTable,
    /// Of the last, which names all others.
    digest: Digest,
}

impl TableOf {
    /// `ensemble`, or the name of the signal.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Signal(signal) => signal.as_str(),
            Self::Ensemble => "ensemble",
        }
    }

    /// Where it lies: beside the table of the surprise, under its name and one of its own.
    pub fn beside(self, surprise: &Path) -> PathBuf {
        let mut name = surprise.as_os_str().to_owned();
        name.push(format!(".{self}.parquet"));
        name.into()
    }
}

impl fmt::Display for TableOf {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What a table of a signal is ordered by: larger is less usual, and at least 0.
fn statistic(SignalValue { signal, value }: SignalValue) -> f64 {
    as_stored(match signal {
        Signal::Displacement => value,
        Signal::LikelihoodDelta => (-1_024. * value).clamp(-80., 80.).exp(),
    })
}

/// The mean of the percentiles of a variant, the surprise's and those of its signals.
fn mean(surprise: f64, others: &[f64]) -> f64 {
    as_stored((surprise + others.iter().sum::<f64>()) / (1 + others.len()) as f64)
}

/// A number as a table keeps it. What differs by rounding alone is equal, and a value that a table was
/// built of lies on its grid.
fn as_stored(value: f64) -> f64 {
    f64::from(value as f32)
}

/// The percentiles of signals in the tables of each.
fn percentiles<'a>(
    values: &[SignalValue],
    tables: impl IntoIterator<Item = &'a CalibrationTable>,
    bucket: BucketId,
) -> Result<Vec<f64>, InvalidSurprise> {
    let pairs = values.iter().zip(tables);
    let found = pairs.map(|(value, table)| {
        let found = geno_surprise::score(statistic(*value), bucket, table)?;
        Ok(found.sigma_calibrated)
    });
    found.collect()
}

impl SignalTables {
    /// The percentiles of a variant whose surprise has this one and that has these signals.
    pub(crate) fn numbers(
        &self,
        surprise: f64,
        values: &[SignalValue],
        bucket: BucketId,
    ) -> Result<Vec<NumberValue>, InvalidSurprise> {
        let found = percentiles(values, &self.members, bucket)?;
        let together = mean(surprise, &found);
        let together = geno_surprise::score(together, bucket, &self.ensemble)?;
        let each = values.iter().zip(found).map(|(one, value)| NumberValue {
            column: NumberColumn::Percentile(one.signal),
            value,
        });
        let together = NumberValue {
            column: NumberColumn::Ensemble,
            value: together.sigma_calibrated,
        };
        Ok(each.chain([together]).collect())
    }

    /// What tells their percentiles from others.
    pub(crate) fn digest(&self) -> Digest {
        self.digest
    }
}

impl Runtime {
    /// Reads the tables of these signals that lie beside the calibration table of this runtime, and
    /// counts them among its [files](Runtime::files).
    ///
    /// # Errors
    ///
    /// [`SignalTableError`] if there are no signals, or one of the tables is missing, malformed, or of
    /// another calibration table, signal or setting.
    pub fn read_signal_tables(
        &mut self,
        calibration: Option<&Path>,
        signals: Signals<'_>,
    ) -> Result<SignalTables, SignalTableError> {
        if signals.iter().next().is_none() {
            return Err(SignalTableError::NoMembers);
        }
        let none = || SignalTableError::NoTable {
            signals: signals.names(),
        };
        let surprise = calibration.ok_or_else(none)?;
        let hash = self.identity().ok_or_else(none)?.calibration_hash;
        let (mut members, mut digests) = (Vec::new(), Vec::new());
        for signal in signals.iter() {
            let settings = signals.setting(signal);
            let of = TableOf::Signal(signal);
            let (table, digest) = self.read_beside(surprise, hash, of, &settings, signals)?;
            members.push(table);
            digests.push(digest.to_string());
        }
        let of = TableOf::Ensemble;
        let (ensemble, digest) =
            self.read_beside(surprise, hash, of, &signals.settings(), signals)?;
        if ensemble.metadata().get(MEMBER_TABLES) != Some(&digests.join("\n")) {
            return Err(SignalTableError::Other {
                path: of.beside(surprise),
                surprise: surprise.to_owned(),
            });
        }
        Ok(SignalTables {
            members,
            ensemble,
            digest,
        })
    }

    fn read_beside(
        &mut self,
        surprise: &Path,
        hash: Digest,
        of: TableOf,
        settings: &str,
        signals: Signals<'_>,
    ) -> Result<(CalibrationTable, Digest), SignalTableError> {
        let path = of.beside(surprise);
        if !path.exists() {
            return Err(SignalTableError::Missing {
                path,
                surprise: surprise.to_owned(),
                signals: signals.names(),
            });
        }
        let bytes = read(&path)?;
        let table = match CalibrationTable::read_parquet(&bytes) {
            Ok(table) => table,
            Err(source) => return Err(SignalTableError::Read { path, source }),
        };
        let text = |key| table.metadata().get(key).map(String::as_str);
        if text(SIGNAL) != Some(of.as_str()) {
            return Err(SignalTableError::Kind {
                path,
                table: text(SIGNAL).unwrap_or("surprise").to_owned(),
                expected: of,
            });
        }
        if text(SETTINGS) != Some(settings) {
            return Err(SignalTableError::Settings {
                path,
                table: text(SETTINGS).unwrap_or_default().to_owned(),
                run: settings.to_owned(),
            });
        }
        if text(SURPRISE_TABLE) != Some(hash.to_string().as_str()) {
            return Err(SignalTableError::Other {
                path,
                surprise: surprise.to_owned(),
            });
        }
        let record = FileRecord {
            digest: Digest::of(&bytes),
            size: bytes.len() as u64,
        };
        let name = PublicPath::new(format!("calibration.{of}.parquet"));
        let name = name.expect("a name without a folder");
        self.add_file(name, record);
        Ok((table, record.digest))
    }
}
