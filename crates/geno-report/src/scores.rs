//! A file of scores, as a page shows it.

mod distribution;
mod keep;
mod read;
mod row;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use geno_core::RegionClass;

use crate::locus::LocusRegion;

pub(crate) use self::row::{Row, Value};
pub use self::{
    distribution::Distribution,
    read::{LookUps, ReadScoresError, ScoreFile},
    row::ScoreRowFault,
};

/// Scores of a file: the rows that are shown, and the distributions of all.
#[derive(Clone, Debug)]
pub struct ScoreTable {
    /// The file's name, without its folder.
    pub name: String,
    /// Rows of the file.
    pub n_rows: u64,
    /// Rows of the file whose bucket holds few calibration scores.
    pub n_low_confidence: u64,
    /// Rows that do not fit the reference that variants were looked up in.
    pub n_misfits: u64,
    /// The percentiles of all rows.
    pub all: Distribution,
    /// Those of each calibration bucket.
    pub by_bucket: BTreeMap<String, Distribution>,
    /// Those of each region class: that of the annotation, or that which the bucket's name begins with.
    pub by_class: BTreeMap<RegionClass, Distribution>,
    /// Those of each label, if the file has a column `label`.
    pub by_label: BTreeMap<String, Distribution>,
    /// Columns that hold neither number nor text and are not shown.
    pub left_out: BTreeSet<String>,
    pub(crate) rows: Vec<Scored>,
    pub(crate) extras: Vec<String>,
    pub(crate) words: Words,
}

/// A row that is shown.
#[derive(Clone, Debug)]
pub(crate) struct Scored {
    /// Its place in the file.
    pub(crate) number: u64,
    pub(crate) contig: u32,
    pub(crate) pos: u64,
    pub(crate) reference: u32,
    pub(crate) alternate: u32,
    pub(crate) sigma_raw: f64,
    pub(crate) percentile: f64,
    pub(crate) bucket: u32,
    pub(crate) confidence: f64,
    pub(crate) low_confidence: bool,
    /// By further column; those behind the last one that the row has are not there.
    pub(crate) extras: Vec<Cell>,
}

/// What stands in a further column.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Cell {
    Missing,
    Number(f64),
    Text(u32),
}

/// Texts, each once.
#[derive(Clone, Debug, Default)]
pub(crate) struct Words {
    texts: Vec<String>,
    numbers: HashMap<String, u32>,
}

impl Words {
    pub(crate) fn number(&mut self, text: &str) -> u32 {
        if let Some(number) = self.numbers.get(text) {
            return *number;
        }
        let number = u32::try_from(self.texts.len()).expect("fewer than 2³² texts are kept");
        self.texts.push(text.to_owned());
        self.numbers.insert(text.to_owned(), number);
        number
    }

    pub(crate) fn text(&self, number: u32) -> &str {
        &self.texts[number as usize]
    }
}

impl ScoreTable {
    /// How many rows are shown.
    pub fn n_shown(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows that are shown and lie in a region.
    pub(crate) fn rows_in(&self, region: &LocusRegion) -> impl Iterator<Item = &Scored> {
        let bases = region.bases();
        let mut contigs = HashMap::new();
        self.rows.iter().filter(move |row| {
            let is_on = || region.is_on(self.words.text(row.contig));
            bases.contains(&(row.pos - 1)) && *contigs.entry(row.contig).or_insert_with(is_on)
        })
    }

    /// How many rows that are shown lie in a region.
    pub fn n_in(&self, region: &LocusRegion) -> usize {
        self.rows_in(region).count()
    }

    /// The rows that are shown, the highest percentile first, then the greatest surprise.
    pub(crate) fn highest(&self) -> Vec<&Scored> {
        let mut rows: Vec<&Scored> = self.rows.iter().collect();
        rows.sort_by(|a, b| keep::order(a, b));
        rows
    }

    /// `20:3309864 C>CA`.
    pub(crate) fn variant(&self, row: &Scored) -> String {
        let text = |number| self.words.text(number);
        let (reference, alternate) = (text(row.reference), text(row.alternate));
        format!("{}:{} {reference}>{alternate}", text(row.contig), row.pos)
    }
}
