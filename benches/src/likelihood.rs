//! Carbon's likelihood of windows: one of them, the three substitutions of a base, and variants by
//! the centred recipe of the baseline.

use std::{hint::black_box, sync::Arc};

use anyhow::Result;
use geno_action::{RelEdit, Site};
use geno_core::Window;
use geno_encoder::{NativeLikelihood, TokenDomain};
use geno_kernels::Kernel;
use geno_runtime::{LikelihoodDelta, LikelihoodLevel, Phases, Strands};

use crate::{
    line::Line,
    machine::Machine,
    options::Options,
    sequence::{self, WINDOW_BP},
    shape::Shape,
    subject::Subject,
    timings::Timings,
};

/// All layers and the output layer over DNA, on this program's kernels whatever the backend.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
) -> Result<[Line; 3]> {
    let carbon = subject.likelihood(TokenDomain::Dna)?;
    let bases = sequence::bases("bench/likelihood", WINDOW_BP);
    let locus = WINDOW_BP / 2;
    let reference = char::from(bases[locus]).to_string();
    let others = ["A", "C", "G", "T"]
        .into_iter()
        .filter(|base| *base != reference);
    let edits: Vec<_> = others
        .map(|base| RelEdit::new(locus, &reference, base))
        .collect::<Result<_, _>>()?;

    let window = Arc::new(Window::new(0, bases)?);
    let line = |edits: Vec<RelEdit>, work: String| -> Result<Line> {
        let n = edits.len();
        let site = [Site::new(window.clone(), edits)?];
        let timings = Timings::of(options.repeats, || {
            black_box(carbon.sites(&site, subject.section.state_contract)?);
            Ok(())
        })?;
        let flops = subject.encoder.likelihood(WINDOW_BP, &vec![locus; n]);
        let (floor, why) =
            machine.matrix_floor((subject.dtype(), flops), (subject.predictor_dtype, 0))?;
        Ok(subject
            .describe(Line::new("likelihood", work, &timings))?
            .with("backend", "native")
            .with("kernel", Kernel::detect().as_str())
            .items(n.max(1) as u64)
            .flops(flops)
            .floor(floor, why))
    };
    let centered = centered(options, machine, subject, &carbon)?;
    Ok([
        line(
            Vec::new(),
            format!("one window of {WINDOW_BP} bases, by token and by base"),
        )?,
        line(
            edits,
            "that window and the three substitutions of its middle base".to_owned(),
        )?,
        centered,
    ])
}

/// Bases of a window of the centred recipe.
const CENTERED_BP: usize = 8_192;

/// Variants in windows of their own: means over bases, both strands.
fn centered(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
    carbon: &NativeLikelihood,
) -> Result<Line> {
    let n = match subject.shape {
        Some(Shape::Carbon500M) => 1,
        _ => 16,
    };
    let locus = CENTERED_BP / 2;
    let sites = (0..n).map(|i| {
        let bases = sequence::bases(&format!("bench/centred/{i}"), CENTERED_BP);
        sequence::site(&bases, &[locus])
    });
    let sites = sites.collect::<Result<Vec<_>>>()?;
    let delta = LikelihoodDelta {
        level: LikelihoodLevel::Base,
        strands: Strands::Both,
        phases: Phases::ONE,
    };
    let timings = Timings::of(options.repeats, || {
        black_box(delta.of_sites(carbon, &sites)?);
        Ok(())
    })?;
    let forward = subject.encoder.likelihood(CENTERED_BP, &[locus]);
    let backward = subject
        .encoder
        .likelihood(CENTERED_BP, &[CENTERED_BP - 1 - locus]);
    let flops = n as u64 * (forward + backward);
    let (floor, why) =
        machine.matrix_floor((subject.dtype(), flops), (subject.predictor_dtype, 0))?;
    let work = format!("{n} variants by the centred recipe: {CENTERED_BP} bases, both strands");
    Ok(subject
        .describe(Line::new("likelihood", work, &timings))?
        .with("backend", "native")
        .with("kernel", Kernel::detect().as_str())
        .items(n as u64)
        .flops(flops)
        .floor(floor, why))
}
