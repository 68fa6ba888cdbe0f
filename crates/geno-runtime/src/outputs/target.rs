//! Where rows go until a run is complete, and the final files after that.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
};

use geno_core::Digest;
use geno_data::{Variant, VcfIndex};
use geno_provenance::AtomicFile;

use crate::{
    annotated::{Annotated, annotate},
    partial::{Partial, copy_out, remove_stale},
    row_sink::RowSink,
    rows::{ExtraColumns, RowFormat, ScoreRow},
    run_vcf::Completion,
    score_vcf::{ScoreVcf, ScoreVcfError},
    spooled_row::{SpooledRow, SpooledRows},
};

/// Where rows go until the run is complete.
pub(super) enum Target<'a> {
    /// Scores go to standard output, the rest to files in the making.
    Stream(Box<Stream>),
    /// Everything is kept beside the output.
    File(&'a Path, Box<Partial>),
}

pub(super) struct Stream {
    format: RowFormat,
    scores: io::BufWriter<io::Stdout>,
    receipts: Option<AtomicFile>,
    rejected: Option<AtomicFile>,
}

/// What became of a VCF with scores.
#[derive(Default)]
pub(super) struct VcfOutcome {
    pub(super) index: Option<VcfIndex>,
    pub(super) left_out: u64,
}

impl Target<'_> {
    /// Takes the row of a variant.
    pub(super) fn write_score(
        &mut self,
        row: &ScoreRow<'_>,
        variant: &Variant,
    ) -> Result<(), ScoreVcfError> {
        let written = match self {
            Self::Stream(stream) => stream.format.write_row(row, &mut stream.scores),
            Self::File(_, partial) => {
                partial.count_row();
                SpooledRow::write(row, variant, partial.scores())
            }
        };
        written.map_err(output("scores"))
    }

    pub(super) fn write_receipt(&mut self, line: &[u8]) -> Result<(), ScoreVcfError> {
        let written = match self {
            Self::Stream(stream) => match &mut stream.receipts {
                Some(file) => file.write_all(line),
                None => Ok(()),
            },
            Self::File(_, partial) => partial.receipts().write_all(line),
        };
        written.map_err(output("receipts"))
    }

    /// Takes a rejected row, which is written if there is a file for it.
    pub(super) fn write_rejected(
        &mut self,
        path: Option<&Path>,
        line: impl FnOnce() -> String,
    ) -> Result<(), ScoreVcfError> {
        if let Self::File(_, partial) = self {
            partial.count_row();
        }
        let Some(path) = path else {
            return Ok(());
        };
        let line = line();
        let written = match self {
            Self::File(_, partial) => writeln!(partial.rejected(), "{line}"),
            Self::Stream(stream) => match &mut stream.rejected {
                Some(file) => writeln!(file, "{line}"),
                none => writeln!(none.insert(AtomicFile::create(path)?), "{line}"),
            },
        };
        written.map_err(output("rejected rows"))
    }

    /// Gives the file of rejected rows its name, if there are any.
    pub(super) fn finish_rejected(
        &mut self,
        path: &Path,
        n_rejected: u64,
    ) -> Result<Option<PathBuf>, ScoreVcfError> {
        if n_rejected == 0 {
            remove_stale(path).map_err(output("rejected rows"))?;
            return Ok(None);
        }
        match self {
            Self::File(_, partial) => {
                let fault = output("rejected rows");
                copy_out(partial.read(Partial::rejected), path, b"", fault)?;
            }
            Self::Stream(stream) => {
                if let Some(file) = stream.rejected.take() {
                    file.commit()?;
                }
            }
        }
        Ok(Some(path.to_owned()))
    }

    /// Gives the file of receipts its name.
    pub(super) fn finish_receipts(&mut self, path: &Path) -> Result<(), ScoreVcfError> {
        match self {
            Self::File(_, partial) => copy_out(
                partial.read(Partial::receipts),
                path,
                b"",
                output("receipts"),
            ),
            Self::Stream(stream) => match stream.receipts.take() {
                Some(file) => Ok(file.commit()?),
                None => Ok(()),
            },
        }
    }

    /// Writes the scores in their format; `vcf` is the digest of the VCF when it was scored.
    pub(super) fn finish_scores(
        self,
        request: &ScoreVcf<'_>,
        extra: &ExtraColumns,
        vcf: Digest,
        stop: &AtomicBool,
    ) -> Result<Completion<VcfOutcome>, ScoreVcfError> {
        let (path, mut partial) = match self {
            Self::File(path, partial) => (path, partial),
            Self::Stream(mut stream) => {
                stream.scores.flush().map_err(output("scores"))?;
                return Ok(Completion::Finished(VcfOutcome::default()));
            }
        };
        let spool = partial.read(Partial::scores).map_err(output("scores"))?;
        let rows = SpooledRows::new(spool, extra);
        let mut outcome = VcfOutcome::default();
        if request.format == RowFormat::Vcf {
            let annotated = annotate(request.vcf, vcf, path, extra, rows, stop)?;
            let Completion::Finished(Annotated { index, left_out }) = annotated else {
                return Ok(Completion::Interrupted);
            };
            outcome.index = Some(index);
            outcome.left_out = left_out;
        } else {
            let mut sink = RowSink::create(path, request.format, extra)?;
            for row in rows {
                if stop.load(Ordering::Relaxed) {
                    return Ok(Completion::Interrupted);
                }
                sink.push(&row.map_err(output("scores"))?.row())?;
            }
            sink.commit()?;
        }
        partial.finish()?;
        Ok(Completion::Finished(outcome))
    }
}

impl Stream {
    pub(super) fn create(
        request: &ScoreVcf<'_>,
        extra: &ExtraColumns,
    ) -> Result<Self, ScoreVcfError> {
        let mut scores = io::BufWriter::new(io::stdout());
        let written = request.format.write_header(extra, &mut scores);
        written.map_err(output("scores"))?;
        let receipts = request
            .receipts
            .map(|files| AtomicFile::create(files.stream));
        Ok(Self {
            format: request.format,
            scores,
            receipts: receipts.transpose()?,
            rejected: None,
        })
    }
}

pub(super) fn output(what: &'static str) -> impl Fn(io::Error) -> ScoreVcfError {
    move |source| ScoreVcfError::Output { what, source }
}
