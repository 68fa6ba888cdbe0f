//! Sites already in memory: one window encoded, one variant a window, many variants of one window.

use std::hint::black_box;

use anyhow::Result;
use geno_action::Site;
use geno_core::Window;

use crate::{
    line::Line,
    machine::Machine,
    options::Options,
    peer::{Peer, compare},
    sequence::{self, WINDOW_BP, spread},
    shape::Shape,
    subject::Subject,
    timings::Timings,
};

/// Variants of a dense site.
const DENSE: usize = 256;

/// The right flank of a grid window beside its pooled tokens: as many bases as an allele may have.
const GRID_FLANK: usize = 16;

/// One pass over a window, pooled at its centre.
pub(crate) fn encode_window(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
) -> Result<Line> {
    let runtime = subject.runtime()?;
    let window = Window::new(0, sequence::bases("bench/window/0", WINDOW_BP))?;
    let locus = WINDOW_BP / 2;
    let timings = Timings::of(options.repeats, || {
        black_box(runtime.encode_window(&window, Some(locus))?);
        Ok(())
    })?;
    let flops = subject.encoder.window(WINDOW_BP, locus);
    let (floor, why) =
        machine.matrix_floor((subject.dtype(), flops), (subject.predictor_dtype, 0))?;
    let work = format!("one window of {WINDOW_BP} bases, pooled at its centre");
    let line = Line::new("encode-window", work, &timings);
    Ok(subject
        .describe(line)?
        .items(1)
        .flops(flops)
        .floor(floor, why))
}

/// One variant a window.
pub(crate) fn sparse(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    peers: &[Peer],
) -> Result<Line> {
    let n = match subject.shape {
        Some(Shape::Nano) => 64,
        _ => 4,
    };
    let sites = sequence::sparse_sites(n)?;
    let work = format!("{n} windows of {WINDOW_BP} bases, one substitution each");
    let line = score(options, machine, subject, "score-sparse", work, &sites)?;
    Ok(line.peer(compare(peers, &subject.scored(false))))
}

/// Variants spread over one window, and over the cell of one window of the grid.
pub(crate) fn dense(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    peers: &[Peer],
) -> Result<[Line; 2]> {
    let line = |what: &str, bases: usize, loci: Vec<usize>| -> Result<Line> {
        let window = sequence::bases("bench/dense", bases);
        let site = sequence::site(&window, &loci)?;
        let work = format!("{DENSE} substitutions of {what} of {bases} bases");
        let line = score(options, machine, subject, "score-dense", work, &[site])?;
        Ok(line.peer(compare(peers, &subject.scored(true))))
    };
    let (cell, flank) = (WINDOW_BP / 2, 6 * subject.section.pool_radius + GRID_FLANK);
    Ok([
        line("one window", WINDOW_BP, spread(64, WINDOW_BP - 64, DENSE))?,
        line(
            "the cell of one grid window",
            WINDOW_BP + flank,
            spread(cell, WINDOW_BP, DENSE),
        )?,
    ])
}

fn score(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    name: &str,
    work: String,
    sites: &[Site],
) -> Result<Line> {
    let runtime = subject.runtime()?;
    let timings = Timings::of(options.repeats, || {
        black_box(runtime.raw_surprise(sites)?);
        Ok(())
    })?;
    let encoder: u64 = sites.iter().map(|site| flops(subject, site)).sum();
    let n_edits = sites.iter().map(|site| site.edits().len() as u64).sum();
    let predictor = n_edits * subject.prediction();
    let (floor, why) = machine.matrix_floor(
        (subject.dtype(), encoder),
        (subject.predictor_dtype, predictor),
    )?;
    let line = Line::new(name, work, &timings);
    Ok(subject
        .describe(line)?
        .items(n_edits)
        .flops(encoder + predictor)
        .floor(floor, why))
}

fn flops(subject: &Subject, site: &Site) -> u64 {
    let loci: Vec<usize> = site.edits().iter().map(|edit| edit.rel_pos()).collect();
    subject.encoder.site(site.window().len(), &loci)
}
