//! Loading a model: every file hashed, compared, and made ready.

use std::hint::black_box;

use anyhow::Result;

use crate::{
    line::Line, machine::Machine, options::Options, peak_memory, subject::Subject, timings::Timings,
};

/// Loads the model from a warm page cache.
///
/// The floor is hashing the largest file on one thread: SHA-256 of one file is one chain.
pub(crate) fn measure(options: &Options, machine: &Machine, subject: &Subject) -> Result<Line> {
    peak_memory::reset();
    let timings = Timings::of(options.repeats, || {
        black_box(subject.load()?);
        Ok(())
    })?;
    let peak = peak_memory::bytes();

    let runtime = subject.load()?;
    let sizes = runtime.files().artifacts.values().map(|file| file.size);
    let (all, largest) = sizes.fold((0, 0), |(all, largest), size| {
        (all + size, largest.max(size))
    });
    let floor = largest as f64 / machine.sha256_rate()?;
    let line = Line::new(
        "load-model",
        "a model directory, hashed and ready",
        &timings,
    );
    Ok(subject
        .describe(line)?
        .with("peak_memory_bytes", peak)
        .bytes(all)
        .floor(floor, "SHA-256 of the largest file on one thread"))
}
