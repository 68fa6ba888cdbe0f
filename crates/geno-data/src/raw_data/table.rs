//! Raw data in rows of text: 23andMe, AncestryDNA, MyHeritage.

use std::{io::BufRead, path::Path};

use super::{
    MAX_ROW_BYTES, MAX_ROWS, RawDataProvider,
    build::{Build, BuildEvidence},
    call::{Call, CallFault, RejectedCall},
    chromosome::{Chromosome, Placement},
    error::{ImportError, Stop},
    genotype::Genotype,
    report::Counts,
};
use crate::lines::read_line;

/// What was read of a file.
pub(crate) struct Read<T> {
    pub(crate) rows: Vec<T>,
    pub(crate) rejected: Vec<RejectedCall>,
    pub(crate) counts: Counts,
    pub(crate) build: BuildEvidence,
    /// The service that the file's comments name.
    pub(crate) named: Option<RawDataProvider>,
}

/// What the reading of a file is told by its caller.
pub(crate) struct Watch<'a> {
    pub(crate) path: &'a Path,
    pub(crate) provider: RawDataProvider,
    pub(crate) strict: bool,
    /// Told the rows read so far, now and then; says whether to stop.
    pub(crate) tick: &'a mut dyn FnMut(u64) -> bool,
}

/// Rows between two ticks.
const TICK_ROWS: u64 = 1 << 12;

/// Rows between two looks at whether this is a file of another format.
const SAMPLE_ROWS: u64 = 1000;

impl<T> Default for Read<T> {
    fn default() -> Self {
        Self {
            rows: Vec::new(),
            rejected: Vec::new(),
            counts: Counts::default(),
            build: BuildEvidence::default(),
            named: None,
        }
    }
}

impl<T> Read<T> {
    /// Counts a row and what became of it.
    pub(crate) fn add(
        &mut self,
        watch: &mut Watch<'_>,
        row: Result<Option<T>, RejectedCall>,
    ) -> Result<(), Stop> {
        self.counts.rows += 1;
        match row {
            Ok(Some(row)) if self.rows.len() < MAX_ROWS => self.rows.push(row),
            Ok(Some(_)) => {
                return Err(ImportError::TooManyRows {
                    path: watch.path.to_owned(),
                    limit: MAX_ROWS,
                }
                .into());
            }
            Ok(None) => {}
            Err(rejected) if watch.strict => {
                return Err(ImportError::Strict {
                    path: watch.path.to_owned(),
                    line: rejected.line,
                    source: rejected.fault,
                }
                .into());
            }
            Err(rejected) => self.rejected.push(rejected),
        }
        if self.counts.rows.is_multiple_of(SAMPLE_ROWS) {
            self.check_format(watch)?;
        }
        if self.counts.rows.is_multiple_of(TICK_ROWS) && (watch.tick)(self.counts.rows) {
            return Err(Stop::Interrupted);
        }
        Ok(())
    }

    /// Refuses a file of which more rows cannot be read than can.
    pub(crate) fn check_format(&self, watch: &Watch<'_>) -> Result<(), ImportError> {
        let (malformed, rows) = (self.rejected.len() as u64, self.counts.rows);
        if malformed * 2 <= rows {
            return Ok(());
        }
        Err(ImportError::OtherFormat {
            path: watch.path.to_owned(),
            provider: watch.provider,
            malformed,
            rows,
            looks_like: self.named.filter(|other| *other != watch.provider),
        })
    }
}

/// Reads a file of rows.
pub(crate) fn read_table(
    text: &mut dyn BufRead,
    watch: &mut Watch<'_>,
) -> Result<Read<Call>, Stop> {
    let mut read = Read::default();
    let mut kept = Vec::new();
    let mut text = text;
    let mut number = 0u64;
    loop {
        let line = read_line(&mut text, &mut kept, MAX_ROW_BYTES)
            .map_err(|source| ImportError::of_read(watch.path, source))?;
        let Some(line) = line else { break };
        number += 1;
        // Comments and empty lines are no rows, and may be many.
        if number.is_multiple_of(TICK_ROWS) && (watch.tick)(read.counts.rows) {
            return Err(Stop::Interrupted);
        }
        let is_whole = kept.len() as u64 == line.len;
        // Not the tab before a column that is empty.
        let row = kept.trim_ascii_start();
        let spaces = row.iter().rev().take_while(|byte| b" \r".contains(byte));
        let row = &row[..row.len() - spaces.count()];
        if row.is_empty() && is_whole {
            continue;
        }
        // Some services put whole comment lines into quotes.
        if row.starts_with(b"#") || row.starts_with(b"\"#") {
            let comment = String::from_utf8_lossy(row);
            if number == 1 && comment.starts_with("##fileformat=VCF") {
                let path = watch.path.to_owned();
                return Err(ImportError::IsVcf { path }.into());
            }
            read.build.comment = read.build.comment.or(Build::named_in(&comment));
            read.named = read.named.or(RawDataProvider::named_in(&comment));
            continue;
        }
        let row = match (is_whole, std::str::from_utf8(row)) {
            (false, _) => Err((
                CallFault::TooLong {
                    limit: MAX_ROW_BYTES,
                },
                None,
            )),
            (true, Err(_)) => Err((CallFault::NotUtf8, None)),
            (true, Ok(row)) => parse(watch.provider, row, number, &mut read),
        };
        let row = match row {
            Ok(Parsed::Header) => continue,
            Ok(Parsed::Call(call)) => Ok(Some(call)),
            Ok(Parsed::Unplaced) => {
                read.counts.unplaced += 1;
                Ok(None)
            }
            Err((fault, id)) => Err(RejectedCall {
                line: number,
                fault,
                id,
            }),
        };
        read.add(watch, row)?;
    }
    read.check_format(watch)?;
    Ok(read)
}

enum Parsed {
    Header,
    Unplaced,
    Call(Call),
}

/// Columns of a row, at most as many as any service writes.
type Columns<'a> = [&'a str; 5];

fn parse(
    provider: RawDataProvider,
    row: &str,
    line: u64,
    read: &mut Read<Call>,
) -> Result<Parsed, (CallFault, Option<String>)> {
    let (columns, n) = split(provider, row);
    let [id, chromosome, position, first, second] = columns;
    let is_header = ["rsid", "snp", "snpid", "# rsid"];
    if is_header.iter().any(|name| id.eq_ignore_ascii_case(name)) {
        return Ok(Parsed::Header);
    }
    let expected = match provider {
        RawDataProvider::Ancestry => 5,
        // Early files of 23andMe have one column an allele.
        RawDataProvider::TwentyThreeAndMe if n == 5 => 5,
        _ => 4,
    };
    if n != expected {
        return Err((CallFault::Columns { found: n, expected }, None));
    }
    if !is_vcf_id(id) {
        return Err((CallFault::BadId, None));
    }
    let fault = |fault| (fault, Some(id.to_owned()));

    let placement = Chromosome::parse(chromosome);
    let placement = placement.ok_or_else(|| fault(CallFault::UnknownChromosome))?;
    let is_missing = matches!(position, "0" | "-" | "--" | ".");
    let chromosome = match placement {
        Placement::On(chromosome) if !is_missing => chromosome,
        Placement::Pseudoautosomal if !is_missing => {
            read.counts.pseudoautosomal += 1;
            Chromosome::X
        }
        _ => return Ok(Parsed::Unplaced),
    };
    let position = parse_position(position).ok_or_else(|| fault(CallFault::BadPosition))?;
    let genotype = match expected {
        5 => Genotype::parse_pair(first, second),
        _ => Genotype::parse(first),
    };
    let genotype = genotype.ok_or_else(|| fault(CallFault::BadGenotype))?;
    read.build.add_marker(id, position);
    Ok(Parsed::Call(Call {
        // A file of more lines holds more bytes than are read.
        line: u32::try_from(line).unwrap_or(u32::MAX),
        position,
        chromosome,
        genotype,
        id: id.into(),
    }))
}

/// Splits a row; also says how many columns there were, be they more than are kept.
fn split(provider: RawDataProvider, row: &str) -> (Columns<'_>, usize) {
    let mut columns = [""; 5];
    let mut n = 0;
    let mut put = |column| {
        if let Some(place) = columns.get_mut(n) {
            *place = column;
        }
        n += 1;
    };
    let by_comma = provider == RawDataProvider::MyHeritage && row.contains(',');
    let tabs = row.bytes().filter(|&byte| byte == b'\t').count();
    if by_comma {
        // Quotes come single, doubled and around a whole row; no column holds one, or a comma.
        let unquote = |c: char| c == '"' || c.is_ascii_whitespace();
        row.split(',')
            .for_each(|column| put(column.trim_matches(unquote)));
    } else if tabs == 3 && provider != RawDataProvider::Ancestry {
        row.split('\t').for_each(|column| put(column.trim_ascii()));
    } else {
        row.split_ascii_whitespace().for_each(&mut put);
    }
    (columns, n)
}

/// A number of at least 1, in digits alone.
pub(crate) fn parse_position(text: &str) -> Option<u32> {
    let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let position = text.parse().ok().filter(|&position| position >= 1)?;
    is_number.then_some(position)
}

/// Longest name of a marker.
const MAX_ID_LEN: usize = 256;

/// Whether a name can stand in the ID column of a VCF, where `;` joins several.
pub(crate) fn is_vcf_id(id: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b";=,".contains(&byte);
    (1..=MAX_ID_LEN).contains(&id.len()) && id.bytes().all(is_plain)
}
