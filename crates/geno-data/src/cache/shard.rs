//! Shard files: immutable, named by the BLAKE3 of their contents, rows read in place.

use std::{
    collections::HashMap,
    fs::File,
    io::{self, BufReader, Read},
    path::Path,
};

use super::{
    header::{FIXED_LEN, Header, ShardFault},
    install::{NewState, StateFault},
    recipe::{StateKey, StateKeys, StateRecipe},
    row::{self, RowHead},
};

/// What a shard's name ends with.
pub(crate) const EXTENSION: &str = "states";

/// Why a shard could not be read.
#[derive(Debug)]
pub(crate) enum Fault {
    Io(io::Error),
    Shard(ShardFault),
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        Self::Io(error)
    }
}

impl From<ShardFault> for Fault {
    fn from(fault: ShardFault) -> Self {
        Self::Shard(fault)
    }
}

/// An open shard whose head is sound.
pub(crate) struct Shard {
    file: File,
    pub(crate) header: Header,
    head_len: u64,
}

impl Shard {
    /// Opens a shard and reads its head.
    pub(crate) fn open(path: &Path) -> Result<Self, Fault> {
        let file = File::open(path)?;
        let file_len = file.metadata()?.len();
        let (header, head) = read_header(&file, file_len)?;
        Ok(Self {
            file,
            header,
            head_len: head.len() as u64,
        })
    }

    /// The file, to mark when it was used.
    pub(crate) fn file(&self) -> &File {
        &self.file
    }

    /// The values of a row, if it is whole and has this key.
    pub(crate) fn read(&self, row: u64, key: &StateKey) -> Result<Vec<f32>, Fault> {
        if row >= self.header.count {
            return Err(ShardFault::Key { row }.into());
        }
        let stride = self.header.stride();
        let mut bytes = vec![0; stride];
        let place = self.head_len + row * stride as u64;
        match read_exact_at(&self.file, &mut bytes, place) {
            // Somebody cut the file since it was opened.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                return Err(ShardFault::Row { row }.into());
            }
            outcome => outcome?,
        }
        if !row::is_intact(&bytes) {
            return Err(ShardFault::Row { row }.into());
        }
        if row::head(&bytes).key != *key {
            return Err(ShardFault::Key { row }.into());
        }
        let stored = self.header.recipe.stored;
        Ok(row::values(&bytes, self.header.dim, stored))
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], place: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, place)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut place: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, bytes, place)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            n => (bytes, place) = (&mut bytes[n..], place + n as u64),
        }
    }
    Ok(())
}

fn read_header(mut reader: impl Read, file_len: u64) -> Result<(Header, Vec<u8>), Fault> {
    let mut fixed = [0; FIXED_LEN];
    let short = |error: io::Error, fault: ShardFault| match error.kind() {
        io::ErrorKind::UnexpectedEof => Fault::Shard(fault),
        _ => Fault::Io(error),
    };
    reader
        .read_exact(&mut fixed)
        .map_err(|error| short(error, ShardFault::NotAShard))?;
    let mut head = fixed.to_vec();
    head.resize(Header::len(&fixed)?, 0);
    reader
        .read_exact(&mut head[FIXED_LEN..])
        .map_err(|error| short(error, ShardFault::Head))?;
    Ok((Header::parse(&head, file_len)?, head))
}

/// A shard read from end to end.
pub(crate) struct Scan {
    /// Bytes of the file.
    pub(crate) bytes: u64,
    /// Whether the contents are those of the name.
    pub(crate) is_named: bool,
}

/// Reads a whole shard, giving each row that is intact and belongs to its key.
///
/// # Errors
///
/// Of reading, and a head that is not sound; `each` decides about rows.
pub(crate) fn scan<E: From<Fault>>(
    path: &Path,
    name: &str,
    mut each: impl FnMut(&Header, u64, Result<&[u8], ShardFault>) -> Result<(), E>,
) -> Result<Scan, E> {
    let file = File::open(path).map_err(Fault::from)?;
    let bytes = file.metadata().map_err(Fault::from)?.len();
    let mut reader = BufReader::with_capacity(1 << 20, file);
    let (header, head) = read_header(&mut reader, bytes)?;
    let mut hasher = blake3::Hasher::new();
    hasher.update(&head);
    let keys = header.recipe.keys();
    let mut bytes_of_row = vec![0; header.stride()];
    for row in 0..header.count {
        reader.read_exact(&mut bytes_of_row).map_err(Fault::from)?;
        hasher.update(&bytes_of_row);
        let outcome = belongs(&header, &keys, row, &bytes_of_row).map(|()| &bytes_of_row[..]);
        each(&header, row, outcome)?;
    }
    Ok(Scan {
        bytes,
        is_named: hasher.finalize().to_hex().as_str() == name,
    })
}

/// Whether a row is intact and has the key that follows from its head.
pub(crate) fn belongs(
    header: &Header,
    keys: &StateKeys,
    number: u64,
    row: &[u8],
) -> Result<(), ShardFault> {
    if !row::is_intact(row) {
        return Err(ShardFault::Row { row: number });
    }
    let head = row::head(row);
    let is_known = (head.contig as usize) < header.contigs.len();
    if !is_known || head.key != keys.key(head.window, head.locus) {
        return Err(ShardFault::Key { row: number });
    }
    Ok(())
}

/// A shard's bytes, and the name they have.
pub(crate) struct Built {
    pub(crate) name: String,
    pub(crate) bytes: Vec<u8>,
}

/// Builds a shard of states that were checked, each with its key. All have one width.
pub(crate) fn build(
    recipe: &StateRecipe,
    backend: &str,
    states: &[(StateKey, &NewState<'_>)],
) -> Result<Built, StateFault> {
    let mut contigs: Vec<String> = Vec::new();
    let mut numbers = HashMap::new();
    for (_, state) in states {
        let contig = state.place.contig;
        numbers.entry(contig).or_insert_with(|| {
            contigs.push(contig.to_owned());
            contigs.len() as u32 - 1
        });
    }
    let header = Header {
        recipe: *recipe,
        backend: backend.to_owned(),
        contigs,
        dim: states[0].1.values.len(),
        count: states.len() as u64,
    };
    let mut bytes = header.to_bytes().ok_or(StateFault::TooManyContigs)?;
    bytes.reserve_exact(states.len() * header.stride());
    for (key, NewState { place, values }) in states {
        let head = RowHead {
            key: *key,
            window: place.window,
            start: place.start,
            window_bp: place.window_bp,
            locus: place.locus,
            contig: numbers[place.contig],
        };
        row::write(&head, values, recipe.stored, &mut bytes);
    }
    let name = blake3::hash(&bytes).to_hex().to_string();
    Ok(Built { name, bytes })
}
