//! From the text of a VCF file to the rows of a table, on all threads.
//!
//! While one round of text is parsed the next is read and decompressed. A round is cut into pieces
//! that are parsed each on its own and put together in their order, so the rows do not depend on
//! the number of threads; where a file is cut depends on its bytes alone.

use arrow_array::RecordBatch;
use arrow_schema::SchemaRef;
use memchr::memchr_iter;
use rayon::prelude::*;
use serde::{Serialize, de::DeserializeOwned};

use super::{positions::Positions, report::RowCounts, row::Row};
use crate::vcf::{
    RejectReason, RejectedRow,
    rounds::{Round, RoundKind, pieces},
    row::reject,
};

/// Bytes of text that one thread parses at a time.
const PIECE: usize = 1 << 18;

/// A kind of shard: how a row becomes rows of its table.
pub(super) trait Shard: Sync {
    /// The table's columns, growing.
    type Columns: Default;
    /// What becomes of rows and alleles.
    type Counts: Counts;
    /// Name of the kind, also of its folder.
    const NAME: &'static str;
    /// Version of the columns.
    const SCHEMA_VERSION: &'static str;

    /// The table's columns.
    fn schema() -> SchemaRef;

    /// Whatever decides the rows beside the file, as JSON.
    fn settings(&self) -> serde_json::Value;

    /// Appends what a row with alleles gives.
    fn add(
        &self,
        row: &Row<'_>,
        positions: &mut Positions,
        columns: &mut Self::Columns,
        counts: &mut Self::Counts,
    );

    /// The columns as a batch.
    fn finish(columns: Self::Columns) -> RecordBatch;
}

/// Counts of a kind of shard.
pub(super) trait Counts: Default + Send + Serialize + DeserializeOwned {
    fn rows(&self) -> &RowCounts;
    fn rows_mut(&mut self) -> &mut RowCounts;
    fn add(&mut self, other: &Self);
}

/// What some text gave.
pub(super) struct Parsed<C> {
    pub(super) batch: RecordBatch,
    pub(super) counts: C,
    /// Rows that cannot be parsed.
    pub(super) rejected: Vec<RejectedRow>,
}

/// Parses a round on all threads.
pub(super) fn parse<S: Shard>(shard: &S, round: &Round) -> Vec<Parsed<S::Counts>> {
    match &round.kind {
        RoundKind::Lines(lines) => {
            let mut line = round.line;
            let pieces = pieces(lines, PIECE).into_iter().map(|piece| {
                let first = line;
                line += memchr_iter(b'\n', piece).count() as u64;
                (first, piece)
            });
            let pieces: Vec<_> = pieces.collect();
            let pieces = pieces.into_par_iter();
            pieces
                .map(|(line, piece)| parse_piece(shard, line, piece))
                .collect()
        }
        RoundKind::TooLong(beginning) => {
            let mut counts = S::Counts::default();
            counts.rows_mut().records_read = 1;
            counts.rows_mut().malformed_rows = 1;
            vec![Parsed {
                batch: S::finish(S::Columns::default()),
                counts,
                rejected: vec![reject(beginning, round.line, RejectReason::RowTooLong)],
            }]
        }
    }
}

fn parse_piece<S: Shard>(shard: &S, first: u64, lines: &[u8]) -> Parsed<S::Counts> {
    let mut columns = S::Columns::default();
    let mut counts = S::Counts::default();
    let mut rejected = Vec::new();
    let mut positions = Positions::default();
    let mut begin = 0;
    for (line, end) in (first..).zip(memchr_iter(b'\n', lines).chain([lines.len()])) {
        let text = &lines[begin..end];
        begin = end + 1;
        let text = text.strip_suffix(b"\r").unwrap_or(text);
        if text.is_empty() || text.starts_with(b"#") {
            continue;
        }
        let rows = counts.rows_mut();
        rows.records_read += 1;
        match Row::split(text) {
            Ok(row) if row.alternates().next().is_none() => rows.rows_without_alternate += 1,
            Ok(row) => {
                positions.enter(row.chrom, row.pos);
                shard.add(&row, &mut positions, &mut columns, &mut counts);
            }
            Err(reason) => {
                rows.malformed_rows += 1;
                rejected.push(reject(text, line, reason));
            }
        }
    }
    Parsed {
        batch: S::finish(columns),
        counts,
        rejected,
    }
}
