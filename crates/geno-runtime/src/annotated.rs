//! The VCF that was scored, with its scores.

use std::{io, iter::Peekable, path::Path, sync::atomic::AtomicBool, sync::atomic::Ordering};

use geno_core::Digest;
use geno_data::{AnnotateVcf, InfoKey, InfoKind, RawVcfRow, VcfIndex};
use geno_provenance::float_repr;

use crate::{
    rows::{ExtraColumns, ScoreRow},
    run_vcf::Completion,
    score_vcf::ScoreVcfError,
    spooled_row::SpooledRow,
    windows_per_variant::WindowSpread,
};

/// The INFO keys of scores, in the order of [`texts`].
const KEYS: [InfoKey<'_>; 6] = [
    InfoKey {
        id: "GENO_LEWM_SIGMA_RAW",
        kind: InfoKind::Float,
        description: "Surprise: distance between predicted and encoded state, at least 0",
    },
    InfoKey {
        id: "GENO_LEWM_SIGMA_CALIBRATED",
        kind: InfoKind::Float,
        description: "Percentile of the surprise among common variants of its context, 0 to 1",
    },
    InfoKey {
        id: "GENO_LEWM_BUCKET",
        kind: InfoKind::String,
        description: "Context that the surprise was compared in, * for all together",
    },
    InfoKey {
        id: "GENO_LEWM_CONFIDENCE",
        kind: InfoKind::Float,
        description: "Calibration variants of that context in thousands, at most 1",
    },
    InfoKey {
        id: "GENO_LEWM_LOW_CONFIDENCE",
        kind: InfoKind::Integer,
        description: "1 if that context has fewer than 100 calibration variants, else 0",
    },
    InfoKey {
        id: "GENO_LEWM_N_CALIBRATION",
        kind: InfoKind::Integer,
        description: "Calibration variants of that context",
    },
];

/// The keys of what several windows say.
const WINDOW_KEYS: [InfoKey<'_>; 2] = [
    InfoKey {
        id: "GENO_LEWM_N_WINDOWS",
        kind: InfoKind::Integer,
        description: "Windows, shifted against each other, that the surprise comes from",
    },
    InfoKey {
        id: "GENO_LEWM_SIGMA_RAW_SPREAD",
        kind: InfoKind::Float,
        description: "Largest surprise of one of those windows minus the smallest",
    },
];

/// What was written.
pub(crate) struct Annotated {
    pub(crate) index: VcfIndex,
    /// Lines of the input that are no VCF rows.
    pub(crate) left_out: u64,
}

/// Writes a VCF again with the scores of its alternates, which come in its order.
///
/// `digest` is that of the file when it was scored.
pub(crate) fn annotate(
    vcf: &Path,
    digest: Digest,
    output: &Path,
    extra: &ExtraColumns,
    scores: impl Iterator<Item = io::Result<SpooledRow>>,
    stop: &AtomicBool,
) -> Result<Completion<Annotated>, ScoreVcfError> {
    let mut scores = scores.peekable();
    let of_windows = WINDOW_KEYS.into_iter().filter(|_| extra.has_windows);
    let of_numbers = extra.numbers.iter().map(|column| {
        let (id, description) = column.info();
        let kind = InfoKind::Float;
        InfoKey {
            id,
            kind,
            description,
        }
    });
    let keys: Vec<_> = KEYS
        .into_iter()
        .chain(of_windows)
        .chain(of_numbers)
        .collect();
    let mut file = AnnotateVcf::create(vcf, output, &keys)?;
    let mut left_out = 0;
    while let Some(row) = file.next_row()? {
        if stop.load(Ordering::Relaxed) {
            return Ok(Completion::Interrupted);
        }
        let RawVcfRow::Row(row) = row else {
            left_out += 1;
            continue;
        };
        let n_alternates = row.alternates().count();
        let values = values(&mut scores, keys.len(), row.record(), n_alternates)?;
        file.write(&values)?;
    }
    if file.digest() != Some(digest) || scores.peek().is_some() {
        let path = vcf.to_owned();
        return Err(ScoreVcfError::Changed { path });
    }
    let index = file.finish()?;
    Ok(Completion::Finished(Annotated { index, left_out }))
}

/// The values of each key for each alternate of a row.
fn values<I>(
    scores: &mut Peekable<I>,
    n_keys: usize,
    record: u64,
    n_alternates: usize,
) -> Result<Vec<Vec<Option<String>>>, ScoreVcfError>
where
    I: Iterator<Item = io::Result<SpooledRow>>,
{
    let mut values = vec![vec![None; n_alternates]; n_keys];
    let is_due = |row: &io::Result<SpooledRow>| !matches!(row, Ok(row) if row.record > record);
    while let Some(row) = scores.next_if(is_due) {
        let row = row.map_err(|source| ScoreVcfError::Output {
            what: "scores",
            source,
        })?;
        // A row that is left out of the output may have been scored.
        if row.record == record {
            for (values, value) in values.iter_mut().zip(texts(row.row())) {
                if let Some(place) = values.get_mut(row.allele - 1) {
                    *place = Some(value);
                }
            }
        }
    }
    Ok(values)
}

fn texts(row: ScoreRow<'_>) -> impl Iterator<Item = String> {
    let score = row.score;
    let fixed: [String; KEYS.len()] = [
        float_repr(score.sigma_raw),
        float_repr(score.sigma_calibrated),
        score.bucket_id.to_string(),
        float_repr(score.confidence),
        u8::from(score.low_confidence).to_string(),
        score.n_calibration.to_string(),
    ];
    let windows = row
        .windows
        .map(|WindowSpread { n, spread }| [n.to_string(), float_repr(spread)]);
    let numbers = row.numbers.iter().map(|one| float_repr(one.value));
    fixed
        .into_iter()
        .chain(windows.into_iter().flatten())
        .chain(numbers)
}
