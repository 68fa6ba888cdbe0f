//! Windows to train on: cut from corpora of sequences and from genomes, written and read.
//!
//! What the Python package did for a published seed is done bit for bit: sources, subsets and starts.
//! New seeds draw from ChaCha streams.

mod cut;
mod error;
mod genome;
mod json_lines;
mod layout;
mod mix;
mod read_corpus;
mod read_windows;
mod record;
pub(crate) mod regions;
mod rows;
mod run;
mod source;
mod subset;
#[cfg(feature = "parquet")]
mod table_rows;
mod window;
#[cfg(feature = "parquet")]
mod window_table;
mod write_windows;

pub use self::{
    cut::{CutCounts, CutOptions, WindowCutter, WindowPhase},
    error::CorpusError,
    json_lines::MAX_CORPUS_LINE_LEN,
    layout::{WindowLayout, WindowLayoutError},
    mix::{SourceMix, SourceMixError},
    read_corpus::CorpusReader,
    read_windows::{WindowReader, WindowRow},
    record::{CorpusFields, CorpusRecord, CorpusRow, RecordFault, RejectedRecord},
    run::{CutProgress, CutReport, CutWindows, CutWindowsError, WindowInput, cut_windows},
    source::{CorpusSource, UnknownSource},
    subset::{FractionError, StableSubset},
    window::CorpusWindow,
    write_windows::{WindowFormat, WindowFormatError, WindowWriter, write_window_line},
};
