//! Models and data that the tests of the workspace run on.

use std::{
    env,
    fs::{self, File},
    io::{self, BufReader},
    path::{Path, PathBuf},
};

use flate2::read::GzDecoder;
use tempfile::TempDir;

/// The backend that tests compute on: the one that `GENO_LEWM_TEST_BACKEND` names, which
/// `cargo xtask test-device` sets, or whatever there is.
pub fn backend() -> String {
    env::var("GENO_LEWM_TEST_BACKEND").unwrap_or_else(|_| "auto".to_owned())
}

/// A file under `fixtures/`.
pub fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../fixtures")
        .join(name)
}

/// A writable copy of a folder under `fixtures/`, its packed weights (`.safetensors.gz`, `.gguf.gz`)
/// unpacked.
///
/// # Panics
///
/// If the fixture is missing or cannot be copied.
pub fn copy_of(name: &str) -> TempDir {
    let folder = TempDir::new().expect("a temporary folder");
    copy(&fixture(name), folder.path()).unwrap_or_else(|error| panic!("fixture `{name}`: {error}"));
    folder
}

fn copy(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let (path, name) = entry.map(|entry| (entry.path(), entry.file_name()))?;
        let target = to.join(&name);
        if path.is_dir() {
            copy(&path, &target)?;
        } else if is_packed(&path) {
            let mut weights = GzDecoder::new(BufReader::new(File::open(&path)?));
            io::copy(&mut weights, &mut File::create(target.with_extension(""))?)?;
        } else {
            fs::copy(&path, &target)?;
        }
    }
    Ok(())
}

fn is_packed(path: &Path) -> bool {
    let path = path.to_string_lossy();
    path.ends_with(".safetensors.gz") || path.ends_with(".gguf.gz")
}
