//! What a run over a VCF says about itself.

use std::{
    fs,
    path::Path,
    time::{Duration, Instant},
};

use geno_core::Event;

use crate::run_vcf::Progress;

/// Progress is told at most this often, unless a tenth of the file went by.
const PERIOD: Duration = Duration::from_secs(10);

/// Emits the events of one run.
pub(crate) struct RunLog {
    started: Instant,
    batch_started: Instant,
    n_batches: u64,
    before: Progress,
    told: Instant,
    tenth: u64,
}

impl RunLog {
    pub(crate) fn start(vcf: &Path, fasta: &Path, done: Progress) -> Self {
        for (role, path) in [("vcf", vcf), ("fasta", fasta)] {
            let metadata = fs::metadata(path).ok().filter(fs::Metadata::is_file);
            let size_bytes = metadata.map(|metadata| metadata.len());
            Event::InferenceFileOpen { role, size_bytes }.emit();
        }
        let now = Instant::now();
        Self {
            started: now,
            batch_started: now,
            n_batches: 0,
            before: done,
            told: now,
            tenth: 0,
        }
    }

    /// A batch was read, computed and written; this is how far the run has come.
    pub(crate) fn batch_ended(&mut self, progress: &Progress) {
        let now = Instant::now();
        let duration = (now - self.batch_started).as_secs_f64();
        let n = progress.scored - self.before.scored;
        self.n_batches += 1;
        Event::InferenceBatchEnd {
            n,
            n_rejected: progress.rejected - self.before.rejected,
            batch_id: self.n_batches,
            throughput_per_s: n as f64 / duration.max(f64::MIN_POSITIVE),
            duration_ms: duration * 1e3,
        }
        .emit();
        (self.batch_started, self.before) = (now, *progress);

        let percent = percent(progress);
        let tenth = percent.unwrap_or(0) / 10;
        if tenth > self.tenth || now - self.told >= PERIOD {
            (self.tenth, self.told) = (tenth, now);
            let Progress {
                scored, rejected, ..
            } = *progress;
            Event::InferenceProgress {
                scored,
                rejected,
                percent,
            }
            .emit();
        }
    }

    /// The run is over, or was stopped.
    pub(crate) fn ended(&self, progress: &Progress, finished: bool) {
        Event::InferenceVcfEnd {
            scored: progress.scored,
            full_passes: progress.full_passes,
            rejected: progress.rejected,
            finished,
            duration_ms: milliseconds_since(self.started),
        }
        .emit();
    }
}

/// How much of the file has been read; nothing for a stream.
fn percent(progress: &Progress) -> Option<u64> {
    let total = progress.total_bytes.filter(|&total| total > 0)?;
    let percent = u128::from(progress.bytes) * 100 / u128::from(total);
    Some(percent.min(100) as u64)
}

pub(crate) fn milliseconds_since(started: Instant) -> f64 {
    started.elapsed().as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_that_of_the_stored_file_and_a_stream_has_none() {
        let of = |bytes, total_bytes| {
            percent(&Progress {
                bytes,
                total_bytes,
                ..Progress::default()
            })
        };
        assert_eq!(of(35, Some(100)), Some(35));
        assert_eq!(of(u64::MAX, Some(u64::MAX)), Some(100));
        assert_eq!(of(7, Some(0)), None);
        assert_eq!(of(7, None), None);
    }
}
