//! Carbon's likelihood of windows: one of them, and the three substitutions of a base.

use std::{hint::black_box, sync::Arc};

use anyhow::Result;
use geno_action::{RelEdit, Site};
use geno_core::Window;
use geno_encoder::TokenDomain;
use geno_kernels::Kernel;

use crate::{
    line::Line,
    machine::Machine,
    options::Options,
    sequence::{self, WINDOW_BP},
    subject::Subject,
    timings::Timings,
};

/// All layers and the output layer over DNA, on this program's kernels whatever the backend.
pub(crate) fn measure(
    options: &Options,
    machine: &Machine,
    subject: &Subject,
) -> Result<[Line; 2]> {
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
    Ok([
        line(
            Vec::new(),
            format!("one window of {WINDOW_BP} bases, by token and by base"),
        )?,
        line(
            edits,
            "that window and the three substitutions of its middle base".to_owned(),
        )?,
    ])
}
