//! From what a run kept to files under their final names.

use std::{
    io::{self, Read, Write},
    path::Path,
};

use geno_provenance::{AtomicFile, AtomicWriteError};

/// Copies what was kept to its final name, behind a header. It stays where it is too, so that a run
/// that is killed here can still be resumed.
pub(crate) fn copy_out<E: From<AtomicWriteError>>(
    spool: io::Result<impl Read>,
    path: &Path,
    header: &[u8],
    fault: impl Fn(io::Error) -> E,
) -> Result<(), E> {
    let mut file = AtomicFile::create(path)?;
    let copied = spool.and_then(|mut spool| {
        file.write_all(header)?;
        io::copy(&mut spool, &mut file)
    });
    copied.map_err(fault)?;
    Ok(file.commit()?)
}

/// Removes what an earlier run has left under a name, which would be taken for this one's.
pub(crate) fn remove_stale(path: &Path) -> io::Result<()> {
    match std::fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    }
}
