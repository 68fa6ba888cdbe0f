//! Regions with a class: repeats, promoters, enhancers and others, from BED files.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use geno_core::{RegionClass, RepeatClass, classify_region, classify_repeat};

use super::{
    bed::BedRow,
    feature::checked_region,
    rows::{BadRows, ReadAnnotationError, RowFault, for_each_row},
};
use crate::intervals::IntervalIndex;

/// A file of regions, and the class of them all if their names are not to be asked.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct LabelledFile<C> {
    /// The file.
    pub path: PathBuf,
    /// The class of every row.
    pub class: Option<C>,
}

/// Regions that have a class.
#[derive(Clone, Debug)]
pub struct Labelled<C> {
    /// The regions by contig, each with its class.
    pub index: IntervalIndex<C>,
    /// The names that say no class, with the number of rows that have them. Those rows are left
    /// out.
    pub unknown: BTreeMap<String, u64>,
    /// The rows that could not be read.
    pub bad_rows: BadRows,
}

/// Most different names without a class that are told apart.
const MAX_UNKNOWN: usize = 100;

impl Labelled<RepeatClass> {
    /// Reads repeats: BED with the class in its name, the table `rmsk` of the UCSC browser, or
    /// what RepeatMasker writes (`.out`), plain, gzip or bgzip.
    ///
    /// # Errors
    ///
    /// [`ReadAnnotationError`] if a file cannot be read or has no row with a class.
    pub fn repeats(files: &[LabelledFile<RepeatClass>]) -> Result<Self, ReadAnnotationError> {
        read(files, "repeat", repeat_row, repeat_class)
    }
}

impl Labelled<RegionClass> {
    /// Reads regions from BED with the class in its name, plain, gzip or bgzip.
    ///
    /// # Errors
    ///
    /// As [`Labelled::repeats`].
    pub fn regions(files: &[LabelledFile<RegionClass>]) -> Result<Self, ReadAnnotationError> {
        read(files, "region", bed_row, region_class)
    }
}

type Row<'a> = (&'a str, std::ops::Range<u64>, String);

fn read<C: Copy>(
    files: &[LabelledFile<C>],
    what: &'static str,
    parse: impl Fn(&str) -> Result<Option<Row<'_>>, RowFault>,
    class_of: impl Fn(&str) -> Option<C>,
) -> Result<Labelled<C>, ReadAnnotationError> {
    let mut regions: Vec<(std::rc::Rc<str>, std::ops::Range<u64>, C)> = Vec::new();
    let mut unknown = BTreeMap::new();
    let mut bad_rows = BadRows::default();
    for LabelledFile { path, class } in files {
        let n_before = regions.len();
        let bad = for_each_row(path, |row| {
            let Some((contig, region, name)) = parse(row)? else {
                return Ok(());
            };
            match class.or_else(|| class_of(&name)) {
                None if unknown.len() < MAX_UNKNOWN || unknown.contains_key(&name) => {
                    *unknown.entry(name).or_insert(0) += 1;
                }
                None => *unknown.entry("…".to_owned()).or_insert(0) += 1,
                Some(class) => {
                    let same = regions.last().filter(|(last, _, _)| **last == *contig);
                    let contig = same.map_or_else(|| contig.into(), |(last, _, _)| last.clone());
                    regions.push((contig, region, class));
                }
            }
            Ok(())
        })?;
        if regions.len() == n_before {
            return Err(nothing(path, what, bad.n));
        }
        bad_rows.n += bad.n;
        bad_rows.first.extend(bad.first);
    }
    Ok(Labelled {
        index: IntervalIndex::new(regions),
        unknown,
        bad_rows,
    })
}

fn nothing(path: &Path, what: &'static str, malformed: u64) -> ReadAnnotationError {
    ReadAnnotationError::Nothing {
        path: path.to_owned(),
        what,
        malformed,
    }
}

fn bed_row(row: &str) -> Result<Option<Row<'_>>, RowFault> {
    let row = BedRow::parse(row)?;
    let name = row.name.unwrap_or_default().to_owned();
    Ok(Some((row.contig, row.region, name)))
}

/// A row of any of the three formats; nothing for the headings of a `.out` file.
fn repeat_row(row: &str) -> Result<Option<Row<'_>>, RowFault> {
    let number = |text: &str| text.parse::<u64>().ok();
    if row.contains('\t') {
        let columns: Vec<&str> = row.split('\t').collect();
        // rmsk: bin, score, three rates, genoName, genoStart, genoEnd, left, strand, name, class,
        // family.
        return match columns.as_slice() {
            [
                _,
                _,
                _,
                _,
                _,
                contig,
                start,
                end,
                _,
                _,
                _,
                class,
                family,
                ..,
            ] => {
                let (start, end) = number(start)
                    .zip(number(end))
                    .ok_or(RowFault::BadInterval)?;
                let name = format!("{class}/{family}");
                Ok(Some((contig, checked_region(start, end)?, name)))
            }
            _ => bed_row(row),
        };
    }
    let columns: Vec<&str> = row.split_whitespace().collect();
    match columns.as_slice() {
        ["SW" | "score" | "bit" | "There", ..] => Ok(None),
        // .out: score, three rates, sequence, begin (1-based), end, left, strand, name,
        // class/family.
        [_, _, _, _, contig, begin, end, _, _, _, class, ..] => {
            let (begin, end) = number(begin)
                .zip(number(end))
                .ok_or(RowFault::BadInterval)?;
            let start = begin.checked_sub(1).ok_or(RowFault::BadInterval)?;
            Ok(Some((
                contig,
                checked_region(start, end)?,
                (*class).to_owned(),
            )))
        }
        _ => bed_row(row),
    }
}

/// The class of a repeat by the words for it, those of RepeatMasker among them.
///
/// | RepeatMasker | class |
/// |---|---|
/// | `LINE/…`, `SINE/…`, `LTR/…`, `DNA/…`, `RC/…`, `Retroposon/…` | `transposon` |
/// | `Simple_repeat`, `Satellite/…` | `simple` |
/// | `Low_complexity` | `low_complexity` |
///
/// A `?`, by which it marks doubt, does not count. Genes of small RNAs (`tRNA`, `rRNA`, …) and
/// `Unknown` say no class, nor do words that are not known.
///
/// ```
/// use geno_core::RepeatClass;
/// use geno_data::repeat_class;
///
/// assert_eq!(repeat_class("LTR/ERVL-MaLR"), Some(RepeatClass::Transposon));
/// assert_eq!(repeat_class("Satellite/centr"), Some(RepeatClass::Simple));
/// assert_eq!(repeat_class("tRNA"), None);
/// ```
pub fn repeat_class(name: &str) -> Option<RepeatClass> {
    if name.trim().is_empty() {
        return None;
    }
    let of_class = || {
        let class = name.split('/').next()?.trim_end_matches('?');
        match class.to_ascii_lowercase().as_str() {
            "dna" | "rc" | "retroposon" => Some(RepeatClass::Transposon),
            _ => classify_repeat([class]).ok(),
        }
    };
    classify_repeat([name]).ok().or_else(of_class)
}

/// The class of a region by the words for it, those of ENCODE's candidate regulatory elements among
/// them: `PLS` is a promoter, `pELS` and `dELS` are enhancers.
///
/// ```
/// use geno_core::RegionClass;
/// use geno_data::region_class;
///
/// assert_eq!(region_class("dELS,CTCF-bound"), Some(RegionClass::Enhancer));
/// assert_eq!(region_class("enhancer"), Some(RegionClass::Enhancer));
/// assert_eq!(region_class("CTCF-only"), None);
/// ```
pub fn region_class(name: &str) -> Option<RegionClass> {
    let of_element = || {
        name.split([',', ';', '|']).find_map(|word| match word {
            "PLS" => Some(RegionClass::Promoter),
            "pELS" | "dELS" => Some(RegionClass::Enhancer),
            _ => None,
        })
    };
    match classify_region([name]) {
        RegionClass::Other if name != RegionClass::Other.as_str() => of_element(),
        class => Some(class),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(text: &str) -> tempfile::NamedTempFile {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        file
    }

    fn repeats(text: &str, class: Option<RepeatClass>) -> Labelled<RepeatClass> {
        let file = write(text);
        let path = file.path().to_owned();
        Labelled::repeats(&[LabelledFile { path, class }]).unwrap()
    }

    #[test]
    fn one_repeat_is_the_same_in_three_formats() {
        let out = "   SW   perc perc perc  query  position in query  matching repeat\n\
                   score   div. del. ins.  sequence  begin end (left)   repeat class/family\n\n\
                   463 1.3 0.6 1.7 chr1 10001 10468 (248945954) + AluY SINE/Alu 1 471 (0) 1\n";
        let rmsk = "585\t463\t13\t6\t17\tchr1\t10000\t10468\t-248945954\t+\tAluY\tSINE\tAlu\t1\t471\t0\t1\n";
        let bed = "chr1\t10000\t10468\tSINE/Alu\n";
        for text in [out, rmsk, bed] {
            let found = repeats(text, None);
            let contig = found.index.contig("1").unwrap();
            let rows: Vec<_> = contig.iter().collect();
            assert_eq!(rows, [(10_000..10_468, &RepeatClass::Transposon)], "{text}");
            assert_eq!(found.bad_rows.n, 0);
        }
    }

    #[test]
    fn names_without_a_class_are_counted_and_left_out() {
        let found = repeats("1\t0\t5\ttRNA\n1\t0\t5\ttRNA\n1\t7\t8\tLINE?\n1\t7\n", None);
        assert_eq!(found.unknown, BTreeMap::from([("tRNA".to_owned(), 2)]));
        assert_eq!(found.index.len(), 1);
        assert_eq!((found.bad_rows.n, found.bad_rows.first[0].line), (1, 4));
    }

    #[test]
    fn a_given_class_is_that_of_every_row() {
        let found = repeats("1\t0\t5\n1\t7\t8\tx\n", Some(RepeatClass::SegmentalDup));
        let classes: Vec<_> = found.index.contig("1").unwrap().iter().collect();
        assert!(
            classes
                .iter()
                .all(|(_, class)| **class == RepeatClass::SegmentalDup)
        );
        assert_eq!(classes.len(), 2);
    }

    #[test]
    fn every_class_of_repeatmasker_that_is_a_repeat_has_a_class() {
        for (names, class) in [
            (
                "LINE/L1 LINE/L2 SINE/MIR SINE/Alu LTR/ERV1 LTR/Gypsy? DNA/hAT-Charlie DNA? RC/Helitron \
                 Retroposon/SVA LTR SINE?/tRNA",
                RepeatClass::Transposon,
            ),
            (
                "Simple_repeat Satellite Satellite/telo",
                RepeatClass::Simple,
            ),
            (
                "Low_complexity windowmasker+dust",
                RepeatClass::LowComplexity,
            ),
        ] {
            for name in names.split(' ') {
                assert_eq!(repeat_class(name), Some(class), "{name}");
            }
        }
        for name in ["rRNA", "snRNA", "Unknown", "Unspecified", "ARTEFACT", ""] {
            assert_eq!(repeat_class(name), None, "{name}");
        }
    }
}
