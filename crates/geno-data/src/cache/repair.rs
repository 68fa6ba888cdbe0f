//! Taking out what is damaged, and keeping what is not.

use std::{
    fs::{self, File},
    io::{self, BufReader, Read},
    path::{Path, PathBuf},
    time::Duration,
};

use super::{
    error::CacheError,
    folder::Folder,
    header::{FIXED_LEN, Header},
    reindex::{DamagedShard, Reindexed, build_index, existing},
    row,
    shard::{Built, EXTENSION, belongs},
    writer::{CacheWriter, lock},
};

/// What a repair did.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Repaired {
    /// The shards that were damaged, and what was wrong with them.
    pub damaged: Vec<DamagedShard>,
    /// Where they are now.
    pub quarantined: Vec<PathBuf>,
    /// States of damaged shards that were still whole and are in a new shard now.
    pub saved: u64,
    /// Shards in the new index.
    pub shards: u64,
    /// Keys in the new index.
    pub states: u64,
}

/// Makes a new index without the damaged shards, saves what is whole in those, and moves them to
/// the folder `quarantine`.
///
/// `progress` is told, after each shard, how many are done and how many there are.
///
/// # Errors
///
/// As [`reindex_cache`](crate::reindex_cache), and [`CacheError::Write`]. A repair that was
/// stopped is finished by the next.
pub fn repair_cache(
    path: impl AsRef<Path>,
    wait: Duration,
    mut progress: impl FnMut(u64, u64),
) -> Result<Repaired, CacheError> {
    let folder = existing(path.as_ref())?;
    let held = lock(&folder, wait)?;
    folder.remove_unfinished()?;
    let Reindexed {
        shards, damaged, ..
    } = build_index(&folder, &mut progress)?;
    let mut writer = CacheWriter::of_current(folder.clone())?;
    let mut report = Repaired {
        shards,
        ..Repaired::default()
    };
    for shard in damaged {
        let (saved, in_shard) = save(&folder, &mut writer, &shard.path)?;
        report.saved += saved;
        report.shards += u64::from(in_shard);
        report.quarantined.push(quarantine(&folder, &shard.path)?);
        report.damaged.push(shard);
    }
    report.states = writer.cache().with_index(|index| index.n_states())?;
    drop(held);
    Ok(report)
}

/// Puts the rows of a damaged shard that are whole into a new one; how many states that brings
/// back, and whether there is a new shard.
fn save(folder: &Folder, writer: &mut CacheWriter, path: &Path) -> Result<(u64, bool), CacheError> {
    let Some((mut header, rows)) = intact(path).map_err(|source| CacheError::io(path, source))?
    else {
        return Ok((0, false));
    };
    let stride = header.stride();
    header.count = (rows.len() / stride) as u64;
    let Some(mut bytes) = header.to_bytes().filter(|_| !rows.is_empty()) else {
        return Ok((0, false));
    };
    bytes.extend(&rows);
    let name = blake3::hash(&bytes).to_hex().to_string();
    if folder.shard(&name).exists() {
        return Ok((0, false));
    }
    let keys: Vec<_> = rows.chunks(stride).map(|row| row::head(row).key).collect();
    let before = writer.cache().with_index(|index| index.n_states())?;
    writer.put(Built { name, bytes }, &keys)?;
    let after = writer.cache().with_index(|index| index.n_states())?;
    Ok((after - before, true))
}

/// The head of a shard and the rows that are whole; nothing if the head is not.
fn intact(path: &Path) -> io::Result<Option<(Header, Vec<u8>)>> {
    let mut reader = BufReader::with_capacity(1 << 20, File::open(path)?);
    let mut fixed = [0; FIXED_LEN];
    if !is_filled(&mut reader, &mut fixed)? {
        return Ok(None);
    }
    let Ok(len) = Header::len(&fixed) else {
        return Ok(None);
    };
    let mut head = fixed.to_vec();
    head.resize(len, 0);
    if !is_filled(&mut reader, &mut head[FIXED_LEN..])? {
        return Ok(None);
    }
    let Some(header) = Header::parse_head(&head) else {
        return Ok(None);
    };
    let keys = header.recipe.keys();
    let mut rows = Vec::new();
    let mut row = vec![0; header.stride()];
    for number in 0..header.count {
        if !is_filled(&mut reader, &mut row)? {
            break;
        }
        if belongs(&header, &keys, number, &row).is_ok() {
            rows.extend(&row);
        }
    }
    Ok(Some((header, rows)))
}

/// Fills a buffer, or finds the end of the file first.
fn is_filled(reader: &mut impl Read, buffer: &mut [u8]) -> io::Result<bool> {
    match reader.read_exact(buffer) {
        Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => Ok(false),
        outcome => outcome.map(|()| true),
    }
}

/// Moves a shard to the quarantine, under a name that is free there.
fn quarantine(folder: &Folder, path: &Path) -> Result<PathBuf, CacheError> {
    let to = folder.quarantine();
    fs::create_dir_all(&to).map_err(|source| CacheError::io(&to, source))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    let free = (1..)
        .map(|n| match n {
            1 => to.join(format!("{stem}.{EXTENSION}")),
            n => to.join(format!("{stem}.{n}.{EXTENSION}")),
        })
        .find(|path| !path.exists());
    let free = free.expect("a folder holds finitely many names");
    fs::rename(path, &free).map_err(|source| CacheError::io(path, source))?;
    Ok(free)
}
