//! The calibration table that a run uses: the model's own, or one given for the run.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, Dtype, ErrorCode, Layout, StateContract};
use geno_data::Exclusion;
use geno_provenance::{FileRecord, PublicPath};
use geno_surprise::{CalibrationTable, ReadCalibrationError};

use crate::{
    disjoint::LabelSet,
    identity::ModelIdentity,
    model_dir::{ModelDir, ModelDirError, read},
    windows_per_variant::WindowsPerVariant,
};

/// Keys of a table's metadata.
const VERSION: &str = "geno_lewm.version";
const WEIGHTS: &str = "geno_lewm.weights_id";
const CONTRACT: &str = "geno_lewm.state_contract";
const LAYOUT: &str = "geno_lewm.layout";
const WINDOWS: &str = "geno_lewm.windows_per_variant";
const AGGREGATE: &str = "geno_lewm.aggregate";
/// What a table is of that is not of the surprise.
pub(crate) const SIGNAL: &str = "geno_lewm.signal";
const BACKGROUND: &str = "geno_lewm.background";
const DISJOINT_FROM: &str = "geno_lewm.disjoint_from";
const EXCLUDED: &str = "geno_lewm.excluded";

/// Where a runtime takes its calibration table from.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum CalibrationSource<'a> {
    /// The model directory.
    #[default]
    Model,
    /// A file, such as one built for another layout than the model's own table.
    File(&'a Path),
    /// None: to build one.
    Nothing,
}

/// Why a calibration table cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationTableUseError {
    /// The file is missing, unreadable or not what the manifest names.
    #[error(transparent)]
    File(#[from] ModelDirError),
    /// The model's table is malformed.
    #[error("cannot load the calibration table")]
    Model(#[source] ReadCalibrationError),
    /// The given table is malformed.
    #[error("cannot load the calibration table `{}`", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: ReadCalibrationError,
    },
    /// It is of a signal, or of all together.
    #[error("`{table}` is what the calibration table is of, not the surprise")]
    Signal {
        /// What it is of.
        table: String,
    },
    /// It was built with windows laid another way.
    #[error(
        "the calibration table belongs to layout `{table}`, not `{run}`: build one with \
         `geno-lewm calibrate --layout {run}` and name it with `--calibration`"
    )]
    Layout {
        /// Layout of the table.
        table: String,
        /// Layout of the run.
        run: Layout,
    },
    /// It was built with another number of windows a variant, or aggregated in another way.
    #[error(
        "the calibration table belongs to {table} window(s) a variant, not {run}: build one with \
         `geno-lewm calibrate` and the same `--windows-per-variant` and `--aggregate`, and name it \
         with `--calibration`"
    )]
    Windows {
        /// Windows of the table, and how they are aggregated.
        table: String,
        /// Of the run.
        run: WindowsPerVariant,
    },
    /// The model's own table was built with other weights, or does not say with which.
    #[error(
        "the model's calibration table was not built with its int8 weights: build one with \
         `geno-lewm calibrate` and name it with `--calibration`"
    )]
    Int8,
    /// It was built with another model.
    #[error("`{}` was built with the weights {table}, but the model has {model}", path.display())]
    Weights {
        /// The file.
        path: PathBuf,
        /// What the table says.
        table: String,
        /// Of the model.
        model: Digest,
    },
    /// It was built with states made in another way.
    #[error("{file} belongs to the state contract `{table}`, but the model has `{model}`")]
    Contract {
        /// The file, or that it is the model's own.
        file: String,
        /// What the table says.
        table: String,
        /// Of the model.
        model: StateContract,
    },
}

impl Coded for CalibrationTableUseError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::File(source) => source.code(),
            Self::Model(source) | Self::Read { source, .. } => source.code(),
            Self::Int8
            | Self::Signal { .. }
            | Self::Layout { .. }
            | Self::Windows { .. }
            | Self::Weights { .. }
            | Self::Contract { .. } => ErrorCode::ConfigGeneric,
        }
    }
}

/// A table, and what receipts and envelopes say of it.
pub(crate) struct UsedCalibration {
    pub(crate) table: CalibrationTable,
    pub(crate) hash: Digest,
    /// The file, if it is not the model's own.
    pub(crate) file: Option<(PublicPath, FileRecord)>,
}

/// Loads the table of a run that lays windows this way, and so many over a variant.
pub(crate) fn load(
    model: &ModelDir,
    source: CalibrationSource<'_>,
    layout: Layout,
    windows: WindowsPerVariant,
) -> Result<Option<UsedCalibration>, CalibrationTableUseError> {
    let used = match source {
        CalibrationSource::Nothing => return Ok(None),
        CalibrationSource::Model => of_model(model)?,
        CalibrationSource::File(path) => of_file(model, path)?,
    };
    if let Some(table) = used.table.metadata().get(SIGNAL).cloned() {
        return Err(CalibrationTableUseError::Signal { table });
    }
    // Tables of the Python package, and of early versions, have no metadata.
    let table = used.table.metadata().get(LAYOUT);
    let table = table.map_or(Layout::Centered.as_str(), String::as_str);
    if table != layout.as_str() {
        return Err(CalibrationTableUseError::Layout {
            table: table.to_owned(),
            run: layout,
        });
    }
    check_windows(&used.table, windows)?;
    Ok(Some(used))
}

/// A table that does not say in how many windows its variants were scored knows one.
fn check_windows(
    table: &CalibrationTable,
    run: WindowsPerVariant,
) -> Result<(), CalibrationTableUseError> {
    let text = |key| table.metadata().get(key).map(String::as_str);
    let found = match (text(WINDOWS), text(AGGREGATE)) {
        (None, None) => "1".to_owned(),
        (n, aggregate) => format!("{} by {}", n.unwrap_or("?"), aggregate.unwrap_or("?")),
    };
    match found == run.to_string() {
        true => Ok(()),
        false => Err(CalibrationTableUseError::Windows { table: found, run }),
    }
}

fn of_model(model: &ModelDir) -> Result<UsedCalibration, CalibrationTableUseError> {
    let bytes = model.read_calibration()?;
    let table = CalibrationTable::read_parquet(&bytes).map_err(CalibrationTableUseError::Model)?;
    // The scores of whole numbers are not those of the model that they were made from, whose table
    // a new manifest still names.
    if model.config().encoder.dtype == Dtype::Int8 {
        let weights = model.manifest().weights_id().to_string();
        if table.metadata().get(WEIGHTS) != Some(&weights) {
            return Err(CalibrationTableUseError::Int8);
        }
    }
    // Its weights are what the manifest vouches for, also where an encoder was made from the one that it was
    // built with.
    check_contract(model, &table, || "the model's calibration table".to_owned())?;
    Ok(UsedCalibration {
        table,
        hash: model.manifest().calibration.hash,
        file: None,
    })
}

/// The files of variants that a calibration table knows, by the digests of their bytes as they are stored.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CalibrationFiles {
    /// What it was built of, if it says so.
    pub background: Option<Digest>,
    /// The label sets that it shares no variant with.
    pub disjoint_from: BTreeSet<Digest>,
}

impl CalibrationFiles {
    /// Those of a model's own table.
    ///
    /// # Errors
    ///
    /// [`CalibrationTableUseError`] if the table cannot be read.
    pub fn of_model(model: &ModelDir) -> Result<Self, CalibrationTableUseError> {
        let used = of_model(model)?;
        let text = |key| used.table.metadata().get(key).map(String::as_str);
        let disjoint_from = text(DISJOINT_FROM).unwrap_or_default().lines();
        Ok(Self {
            background: text(BACKGROUND).and_then(|digest| digest.parse().ok()),
            disjoint_from: disjoint_from
                .filter_map(|digest| digest.parse().ok())
                .collect(),
        })
    }
}

fn of_file(model: &ModelDir, path: &Path) -> Result<UsedCalibration, CalibrationTableUseError> {
    let bytes = read(path)?;
    let table = CalibrationTable::read_parquet(&bytes).map_err(|source| {
        let path = path.to_owned();
        CalibrationTableUseError::Read { path, source }
    })?;
    let weights = model.manifest().weights_id();
    let stated = table.metadata().get(WEIGHTS);
    if let Some(found) = stated.filter(|found| **found != weights.to_string()) {
        return Err(CalibrationTableUseError::Weights {
            path: path.to_owned(),
            table: found.clone(),
            model: weights,
        });
    }
    check_contract(model, &table, || format!("`{}`", path.display()))?;
    let record = FileRecord {
        digest: Digest::of(&bytes),
        size: bytes.len() as u64,
    };
    let name = PublicPath::new("calibration.parquet").expect("a name without a folder");
    Ok(UsedCalibration {
        table,
        hash: record.digest,
        file: Some((name, record)),
    })
}

/// A table that says how its states were made belongs to such states alone.
fn check_contract(
    model: &ModelDir,
    table: &CalibrationTable,
    file: impl Fn() -> String,
) -> Result<(), CalibrationTableUseError> {
    let contract = model.config().encoder.state_contract;
    match table.metadata().get(CONTRACT) {
        None => Ok(()),
        Some(found) if found == contract.as_str() => Ok(()),
        Some(found) => Err(CalibrationTableUseError::Contract {
            file: file(),
            table: found.clone(),
            model: contract,
        }),
    }
}

/// What a new table says of the variants that it was built of: the digest of their file as it is stored.
pub(crate) fn background_metadata(vcf: Digest) -> (String, String) {
    (BACKGROUND.to_owned(), vcf.to_string())
}

/// What a new table says of itself.
pub(crate) fn metadata(identity: &ModelIdentity) -> BTreeMap<String, String> {
    let ModelIdentity {
        weights_id,
        contract,
        layout,
        windows,
        ..
    } = identity;
    let fixed = [
        (VERSION, env!("CARGO_PKG_VERSION").to_owned()),
        (WEIGHTS, weights_id.to_string()),
        (CONTRACT, contract.to_string()),
        (LAYOUT, layout.to_string()),
    ];
    let several = windows.aggregate().map(|aggregate| {
        [
            (WINDOWS, windows.get().to_string()),
            (AGGREGATE, aggregate.to_string()),
        ]
    });
    let all = fixed.into_iter().chain(several.into_iter().flatten());
    all.map(|(key, value)| (key.to_owned(), value)).collect()
}

/// What a new table says of the label sets that its background shares no variant with: their digests,
/// one a line and sorted, and how many variants were left out for them. Nothing where there were none.
pub(crate) fn label_metadata(
    sets: &[LabelSet],
    excluded: &BTreeMap<Exclusion, u64>,
) -> BTreeMap<String, String> {
    if sets.is_empty() {
        return BTreeMap::new();
    }
    let mut digests: Vec<_> = sets.iter().map(|set| set.file.digest.to_string()).collect();
    digests.sort();
    let excluded: u64 = excluded.values().sum();
    [
        (DISJOINT_FROM, digests.join("\n")),
        (EXCLUDED, excluded.to_string()),
    ]
    .map(|(key, value)| (key.to_owned(), value))
    .into()
}
