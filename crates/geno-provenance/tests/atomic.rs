//! Files appear whole, or not at all.

use std::{
    error::Error,
    fs::{self, File},
    io::{self, Write},
    path::Path,
};

use geno_core::{Coded, ErrorCode};
use geno_provenance::{AtomicFile, AtomicWriteError, write_atomic};

type Checked = Result<(), Box<dyn Error>>;

fn names(directory: &Path) -> Vec<String> {
    let entries = fs::read_dir(directory).into_iter().flatten();
    let name = |entry: fs::DirEntry| entry.file_name().to_string_lossy().into_owned();
    entries.filter_map(|entry| entry.ok().map(name)).collect()
}

#[test]
fn an_error_in_between_leaves_the_old_file_and_nothing_else() -> Checked {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("scores.jsonl");
    fs::write(&path, "old")?;
    let error = write_atomic(&path, |file| {
        file.write_all(&vec![b'x'; 1 << 20])?;
        Err(io::ErrorKind::TimedOut.into())
    });
    assert!(matches!(error, Err(AtomicWriteError::Write { .. })));
    assert_eq!(fs::read(&path)?, b"old");
    assert_eq!(names(directory.path()), ["scores.jsonl"]);
    Ok(())
}

#[test]
fn a_dropped_file_leaves_nothing() -> Checked {
    let directory = tempfile::tempdir()?;
    let mut file = AtomicFile::create(&directory.path().join("a"))?;
    file.write_all(b"half")?;
    file.flush()?;
    assert_eq!(
        names(directory.path()).len(),
        1,
        "written beside the final name"
    );
    drop(file);
    assert!(names(directory.path()).is_empty());
    Ok(())
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_disk_has_its_own_code() -> Checked {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("a");
    let mut full = File::options().write(true).open("/dev/full")?;
    let error = write_atomic(&path, |_| full.write_all(b"x")).unwrap_err();
    assert_eq!(error.code(), ErrorCode::ResourceDiskFull);
    assert!(names(directory.path()).is_empty());
    Ok(())
}

#[test]
fn the_directory_must_exist() -> Checked {
    let directory = tempfile::tempdir()?;
    let error = AtomicFile::create(&directory.path().join("none/a")).unwrap_err();
    assert!(matches!(error, AtomicWriteError::Create { .. }));
    assert_eq!(error.code(), ErrorCode::ResourceIo);
    Ok(())
}

#[test]
fn a_directory_is_not_replaced() -> Checked {
    let directory = tempfile::tempdir()?;
    let error = AtomicFile::create(directory.path()).unwrap_err();
    assert!(matches!(error, AtomicWriteError::NotAFile { .. }));
    Ok(())
}

#[cfg(unix)]
#[test]
fn devices_are_not_replaced() {
    let error = AtomicFile::create(Path::new("/dev/null")).unwrap_err();
    assert!(matches!(error, AtomicWriteError::NotAFile { .. }));
}

#[cfg(unix)]
#[test]
fn permissions_are_those_of_a_normal_file() -> Checked {
    use std::os::unix::fs::PermissionsExt;

    let directory = tempfile::tempdir()?;
    let (atomic, normal) = (directory.path().join("a"), directory.path().join("b"));
    write_atomic(&atomic, |file| file.write_all(b"x"))?;
    fs::write(&normal, "x")?;
    let mode = |path| fs::metadata(path).map(|metadata| metadata.permissions().mode());
    assert_eq!(mode(&atomic)?, mode(&normal)?);
    Ok(())
}

#[cfg(unix)]
#[test]
fn a_link_stays_a_link() -> Checked {
    let directory = tempfile::tempdir()?;
    let (file, link) = (directory.path().join("file"), directory.path().join("link"));
    fs::write(&file, "old")?;
    std::os::unix::fs::symlink(&file, &link)?;
    write_atomic(&link, |out| out.write_all(b"new"))?;
    assert!(link.is_symlink());
    assert_eq!(fs::read(&file)?, b"new");
    Ok(())
}
