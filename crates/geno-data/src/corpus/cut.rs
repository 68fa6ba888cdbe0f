//! Windows cut from the sequences of a corpus.

use std::collections::BTreeMap;

use geno_core::{PythonRandom, RandomStream, Window};

use super::{
    layout::WindowLayout, mix::SourceMix, record::CorpusRecord, subset::StableSubset,
    window::CorpusWindow,
};

/// Which windows are cut.
#[derive(Clone, Debug)]
pub struct CutOptions {
    /// Where windows lie in a sequence.
    pub layout: WindowLayout,
    /// Where in the first stride the first window begins.
    pub phase: WindowPhase,
    /// The records that are used; all if there is none.
    pub subset: Option<StableSubset>,
    /// Largest share of `N` in a window.
    pub max_n_fraction: f64,
    /// How many windows are cut at most.
    pub max_windows: Option<u64>,
    /// How `max_windows` is shared out among the sources; a source beyond its quota gives no more.
    pub mix: Option<SourceMix>,
}

/// Where in the first stride of a sequence the first window begins.
#[derive(Clone, Debug)]
pub enum WindowPhase {
    /// At the margin.
    Start,
    /// At a place drawn for each record from a seed and the record's name, so that the windows of a
    /// record depend on no other record.
    Seeded(u64),
    /// At a place drawn from one Python generator for all records in turn, as the published windows
    /// were.
    Python(Box<PythonRandom>),
}

/// What was cut, and what was not and why.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct CutCounts {
    /// Records, or regions of a genome, that were looked at.
    pub records: u64,
    /// Records outside the subset; of a genome, windows.
    pub outside_subset: u64,
    /// Records too short for a window.
    pub too_short: u64,
    /// Windows with too many `N`.
    pub too_many_n: u64,
    /// Windows of a source whose quota was full.
    pub over_quota: u64,
    /// Windows that were cut before, for another region.
    pub duplicates: u64,
    /// Windows cut.
    pub windows: u64,
    /// Windows cut, by source.
    pub sources: BTreeMap<String, u64>,
}

/// Cuts windows, one record after the other, and counts.
///
/// # Examples
///
/// ```
/// use geno_data::{CorpusRecord, CorpusSource, CutOptions, WindowCutter, WindowLayout, WindowPhase};
///
/// let mut cutter = WindowCutter::new(CutOptions {
///     layout: WindowLayout::new(4, 1, 2)?,
///     phase: WindowPhase::Start,
///     subset: None,
///     max_n_fraction: 0.25,
///     max_windows: None,
///     mix: None,
/// });
/// let record = CorpusRecord {
///     id: "a".to_owned(),
///     source: CorpusSource::Mrna,
///     sequence: b"ACGTACGNNG".to_vec(),
/// };
/// let windows: Vec<_> = cutter.cut(&record).map(|window| window.start_bp()).collect();
/// assert_eq!(windows, [1, 3]);
/// assert_eq!(cutter.counts().too_many_n, 1);
/// # Ok::<_, geno_data::WindowLayoutError>(())
/// ```
#[derive(Clone, Debug)]
pub struct WindowCutter {
    options: CutOptions,
    /// Windows that each source may still give.
    quotas: Option<BTreeMap<String, u64>>,
    counts: CutCounts,
}

impl WindowCutter {
    /// A cutter that has cut nothing yet.
    ///
    /// A mix without a number of windows to share out is ignored.
    pub fn new(options: CutOptions) -> Self {
        let quotas = options.mix.as_ref().zip(options.max_windows);
        let quotas = quotas.map(|(mix, n)| {
            let named = |(source, quota): (super::CorpusSource, u64)| (source.to_string(), quota);
            mix.quotas(n).into_iter().map(named).collect()
        });
        Self {
            options,
            quotas,
            counts: CutCounts::default(),
        }
    }

    /// What was cut so far.
    pub fn counts(&self) -> &CutCounts {
        &self.counts
    }

    /// Whether as many windows were cut as were asked for.
    pub fn is_full(&self) -> bool {
        let is_reached = |max| self.counts.windows >= max;
        self.options.max_windows.is_some_and(is_reached)
    }

    /// How many windows each source falls short of its quota.
    pub fn missing(&self) -> BTreeMap<String, u64> {
        let quotas = self.quotas.iter().flatten().filter(|(_, n)| **n > 0);
        quotas.map(|(source, n)| (source.clone(), *n)).collect()
    }

    /// The windows of a record, from left to right.
    pub fn cut(&mut self, record: &CorpusRecord) -> impl Iterator<Item = CorpusWindow> {
        self.counts.records += 1;
        let is_in = |subset: StableSubset| subset.includes(&record.id);
        let starts = match self.options.subset.is_none_or(is_in) {
            true => Some(self.starts(&record.id, record.sequence.len() as u64)),
            false => {
                self.counts.outside_subset += 1;
                None
            }
        };
        let window_bp = self.options.layout.window_bp() as usize;
        starts.into_iter().flatten().filter_map(move |start| {
            let bases = &record.sequence[start as usize..][..window_bp];
            self.admits(record.source.as_str(), bases)
                .then(|| CorpusWindow {
                    record_id: record.id.clone(),
                    source: record.source.to_string(),
                    chrom: None,
                    window: Window::new(start, bases).expect("bases of a record, at least one"),
                })
        })
    }

    /// The starts of windows in a sequence of this name and length.
    pub(super) fn starts(&mut self, name: &str, len: u64) -> impl Iterator<Item = u64> + use<> {
        let layout = self.options.layout;
        let phases = layout.phases(len);
        if phases == 0 {
            self.counts.too_short += 1;
        }
        let phase = match &mut self.options.phase {
            // Where there is nothing to choose, nothing is drawn.
            _ if phases <= 1 => 0,
            WindowPhase::Start => 0,
            WindowPhase::Seeded(seed) => {
                RandomStream::new(*seed, &format!("window phase of {name}")).below(phases)
            }
            WindowPhase::Python(random) => random.below(phases),
        };
        layout.starts(len, phase)
    }

    /// Counts a window, and says whether it is cut.
    pub(super) fn admits(&mut self, source: &str, bases: &[u8]) -> bool {
        if self.is_full() {
            return false;
        }
        let unknown = bases.iter().filter(|base| **base == b'N').count();
        if unknown as f64 > self.options.max_n_fraction * bases.len() as f64 {
            self.counts.too_many_n += 1;
            return false;
        }
        if let Some(quotas) = &mut self.quotas {
            match quotas.get_mut(source) {
                Some(left) if *left > 0 => *left -= 1,
                _ => {
                    self.counts.over_quota += 1;
                    return false;
                }
            }
        }
        self.counts.windows += 1;
        match self.counts.sources.get_mut(source) {
            Some(n) => *n += 1,
            None => drop(self.counts.sources.insert(source.to_owned(), 1)),
        }
        true
    }

    pub(super) fn counts_mut(&mut self) -> &mut CutCounts {
        &mut self.counts
    }

    pub(super) fn options(&self) -> &CutOptions {
        &self.options
    }
}
