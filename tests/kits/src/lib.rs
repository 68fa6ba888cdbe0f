//! Finds the real files that stand beside a checkout and never enter it.

use std::{
    env,
    path::{Path, PathBuf},
};

/// A file of a kit, such as `kit1/ref/GRCh37.20.1-4010000.fa.gz`.
///
/// The folder is `GENO_LEWM_KITS`, or `../shared/data` beside the checkout.
///
/// # Panics
///
/// If the file is not there: whoever runs these tests has the kits.
pub fn kit(name: &str) -> PathBuf {
    let folder = env::var_os("GENO_LEWM_KITS").map_or_else(
        || Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data"),
        PathBuf::from,
    );
    let path = folder.join(name);
    assert!(path.is_file(), "no file `{}`", path.display());
    path
}
