//! A small genome with its windows and variants.

use geno_action::EditSpec;
use geno_core::{RandomStream, Window};
use geno_data::{
    CorpusWindow, EditProviders, Holdouts, TrainingTuple, TupleBuilder, TupleError, TupleReport,
    TupleSettings, TupleStream, VariantSet,
};

/// Made-up bases of one contig.
pub(crate) fn genome(len: usize) -> Vec<u8> {
    let mut random = RandomStream::new(20, "genome");
    (0..len)
        .map(|_| b"ACGT"[random.below(4) as usize])
        .collect()
}

/// Windows of 600 bases, 400 apart, on contig `20` or on none.
pub(crate) fn windows(genome: &[u8], placed: bool) -> Vec<CorpusWindow> {
    let starts = (0..=genome.len() - 600).step_by(400);
    let window = |start: usize| CorpusWindow {
        record_id: format!("w{start}"),
        source: "genome".to_owned(),
        chrom: placed.then(|| "20".to_owned()),
        window: Window::new(start as u64, &genome[start..start + 600]).expect("bases"),
    };
    starts.map(window).collect()
}

/// A substitution every 25 bases, under another name of the contig.
pub(crate) fn variants(genome: &[u8]) -> VariantSet {
    let mut set = VariantSet::default();
    for pos in (10..genome.len()).step_by(25) {
        let reference = char::from(genome[pos]).to_string();
        let alternate = if reference == "A" { "C" } else { "A" };
        let edit = EditSpec::new("chr20", pos as u64 + 1, &reference, alternate).expect("an edit");
        set.add(&edit).expect("a place on a genome");
    }
    set.sort();
    set
}

pub(crate) struct World {
    pub(crate) genome: Vec<u8>,
    pub(crate) windows: Vec<CorpusWindow>,
    pub(crate) providers: EditProviders,
    pub(crate) holdouts: Holdouts,
    pub(crate) settings: TupleSettings,
}

impl World {
    pub(crate) fn new() -> Self {
        let genome = genome(20_000);
        Self {
            windows: windows(&genome, true),
            providers: EditProviders {
                gnomad_common: Some(variants(&genome)),
                ..EditProviders::default()
            },
            genome,
            holdouts: Holdouts::none(),
            settings: TupleSettings {
                block_windows: 8,
                ..TupleSettings::default()
            },
        }
    }

    pub(crate) fn builder(&self) -> Result<TupleBuilder<'_>, TupleError> {
        TupleBuilder::new(
            &self.windows,
            &self.providers,
            &self.holdouts,
            self.settings.clone(),
        )
    }

    pub(crate) fn epochs(&self, n: u32) -> Result<(Vec<TrainingTuple>, TupleReport), TupleError> {
        let builder = self.builder()?;
        let mut stream = TupleStream::new(&builder).epochs(n);
        let tuples = stream.by_ref().collect::<Result<Vec<_>, _>>()?;
        Ok((tuples, stream.report().clone()))
    }
}

/// All that a tuple holds, as text.
pub(crate) fn line(tuple: &TrainingTuple) -> String {
    serde_json::to_string(&tuple.row(true)).expect("a row")
}

pub(crate) fn lines(tuples: &[TrainingTuple]) -> Vec<String> {
    tuples.iter().map(line).collect()
}
