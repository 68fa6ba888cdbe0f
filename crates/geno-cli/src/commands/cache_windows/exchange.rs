//! `geno-lewm cache-windows export` and `import`.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::ValueEnum;
use geno_data::{CacheWriter, StateCache, export_peer, import_peer};
use geno_provenance::Json;

use super::{CacheArgs, print};
use crate::failure::Failure;

#[derive(clap::Args)]
pub(crate) struct ExportArgs {
    /// Folder to write to, which `geno-lewm-cache-windows --reindex` of the package then takes
    #[arg(long, value_name = "DIR")]
    output: PathBuf,

    /// What is written
    #[arg(long, value_name = "FORMAT", default_value = "parquet")]
    format: Format,

    #[command(flatten)]
    pub(super) cache: CacheArgs,
}

#[derive(Clone, Copy, ValueEnum)]
enum Format {
    Parquet,
}

#[derive(clap::Args)]
pub(crate) struct ImportArgs {
    /// Parquet files of the package's cache
    #[arg(value_name = "FILE", required = true)]
    files: Vec<PathBuf>,

    /// Where in every window the states were pooled, 0-based: these files do not keep it
    #[arg(long, value_name = "BP")]
    locus: Option<u32>,

    #[command(flatten)]
    pub(super) cache: CacheArgs,
}

pub(super) fn export(args: &ExportArgs, folder: &Path) -> Result<(), Failure> {
    let cache = StateCache::open(folder)?;
    let Format::Parquet = args.format;
    let exported = export_peer(&cache, &args.output)?;
    print(&Json::object([
        ("files", exported.files.into()),
        ("states", exported.states.into()),
        ("unfit", exported.unfit.into()),
        ("too_large", exported.too_large.into()),
        ("same_window", exported.same_window.into()),
    ]))
}

pub(super) fn import(args: &ImportArgs, folder: &Path, wait: Duration) -> Result<(), Failure> {
    let mut writer = CacheWriter::open(folder, wait)?;
    let (mut written, mut present) = (0, 0);
    let mut rejected: BTreeMap<String, u64> = BTreeMap::new();
    for file in &args.files {
        let imported = import_peer(file, args.locus, &mut writer)?;
        written += imported.written;
        present += imported.present;
        for (fault, n) in imported.rejected {
            *rejected.entry(fault.to_string()).or_default() += n;
        }
    }
    let rejected = rejected.into_iter();
    print(&Json::object([
        ("written", written.into()),
        ("present", present.into()),
        (
            "rejected",
            Json::object(rejected.map(|(fault, n)| (fault, Json::from(n)))),
        ),
    ]))
}
