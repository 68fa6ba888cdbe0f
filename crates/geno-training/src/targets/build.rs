//! Drawing examples and encoding them into a folder.

mod encode;
mod error;
mod laying;
mod planned;
mod tokens;
mod tuples;

use std::{
    collections::BTreeMap,
    num::NonZeroU32,
    ops::Range,
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use geno_core::{Digest, PoolType};
use geno_data::{Fasta, Holdouts, TupleBuilder, TupleError, WindowSource};
use geno_runtime::{Completion, FrozenEncoder};
use rayon::prelude::*;

#[cfg(feature = "experimental")]
pub(crate) use self::encode::{encode_passes, passes};
pub use self::error::BuildTargetsError;
pub(crate) use self::planned::Planned;
use self::{
    encode::encode,
    laying::{DrawnFrom, Laying},
};
use super::{
    DrawnIdentity, EncoderDigests, LeftOut, StatesIdentity, TargetCounts, TargetIdentity,
    TargetWindows, TargetWriter, TokenSettings, TuplesIdentity,
};

/// Examples to draw, and the folder for their states.
///
/// Every part holds what some consecutive windows give: of each first its tokens, then its tuples.
/// What a window gives depends on the seed and the window, and on nothing that was drawn before.
pub struct BuildTargets<'a> {
    /// What makes states.
    pub encoder: &'a FrozenEncoder,
    /// What is drawn from.
    pub windows: &'a dyn WindowSource,
    /// The genome on which the window of each example is laid as for scoring; none to encode it in
    /// the window that it was drawn from.
    pub laid_on: Option<&'a Fasta>,
    /// Decides which tokens are drawn, and is the seed of the tuples' settings.
    pub seed: u64,
    /// Tokens of which all substitutions are drawn.
    pub tokens: Option<TokenSettings>,
    /// Tuples, and how often each window is drawn from.
    pub tuples: Option<(&'a TupleBuilder<'a>, u32)>,
    /// What training must not see; of the tuples' builder, too.
    pub holdouts: &'a Holdouts,
    /// Whether a window is left out that holds the place of a held-out variant.
    pub excludes_windows_of_variants: bool,
    /// Largest share of unknown bases in the window of an example.
    pub max_unknown: f64,
    /// Digests of the files that are drawn from or held out, by what they are.
    pub inputs: BTreeMap<String, Digest>,
    /// Windows of one part, which is what an interrupted run loses at most.
    pub part_windows: NonZeroU32,
    /// Where the targets go.
    pub folder: &'a Path,
    /// Whether to go on where an interrupted run ended.
    pub resumes: bool,
}

/// How far a run has come.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct TargetProgress {
    /// Windows behind it, those of an earlier run among them.
    pub windows: u64,
    /// Windows altogether.
    pub total_windows: u64,
    /// Edits encoded by this run.
    pub edits: u64,
}

/// What came of a run.
#[derive(Clone, Debug, PartialEq)]
pub struct TargetsReport {
    /// What the folder holds.
    pub counts: TargetCounts,
    /// What was left out of it.
    pub left_out: LeftOut,
    /// Examples and edits that this run encoded, without those of an earlier one.
    pub encoded: (u64, u64),
    /// How long that took, drawing and writing included.
    pub duration: Duration,
}

impl BuildTargets<'_> {
    /// What the folder will be told by.
    ///
    /// # Errors
    ///
    /// [`TupleError`] if there is no window or it cannot be read.
    pub fn identity(&self) -> Result<TargetIdentity, TupleError> {
        let (encoder, settings) = (self.encoder, self.encoder.settings());
        let n_windows = self.windows.n_windows();
        let last = n_windows.checked_sub(1).ok_or(TupleError::NoWindows)?;
        let mut ids = String::new();
        for index in [0, last] {
            if let Some(window) = self.windows.window(index)? {
                ids.push_str(&window.window_id().to_hex());
            }
        }
        let [config, dna_config] = match encoder.configs() {
            Some(configs) => configs.map(Some),
            None => [None; 2],
        };
        let states = StatesIdentity {
            encoder: EncoderDigests {
                weights: encoder.weights(),
                config,
                dna_config,
            },
            state_layer: encoder.layer(),
            pool_type: settings.pool_type,
            pool_radius: match settings.pool_type {
                PoolType::GlobalMean => 0,
                _ => settings.pool_radius,
            },
            state_contract: settings.contract,
            dtype: encoder.dtype(),
            products: encoder.products(),
            kernel: encoder.backend().kernel().to_owned(),
            d_state: encoder.encoder().d_state(),
        };
        let drawn = DrawnIdentity {
            seed: self.seed,
            windows: match self.laid_on {
                Some(_) => TargetWindows::Laid {
                    layout: encoder.windows().layout(),
                    window_bp: encoder.windows().window_bp(),
                },
                None => TargetWindows::AsDrawn,
            },
            n_windows,
            windows_digest: Digest::of(ids.as_bytes()),
            part_windows: self.part_windows.get(),
            max_unknown: self.max_unknown,
            excludes_windows_of_variants: self.excludes_windows_of_variants,
            tokens: self.tokens,
            tuples: self
                .tuples
                .map(|(builder, epochs)| TuplesIdentity::of(builder.settings(), epochs)),
            inputs: self.inputs.clone(),
        };
        Ok(TargetIdentity { states, drawn })
    }

    /// Draws and encodes until the end, or until it is stopped: then the parts that were written stay,
    /// and a run that resumes gives the bytes of one that was never stopped.
    ///
    /// # Errors
    ///
    /// [`BuildTargetsError`].
    ///
    /// # Panics
    ///
    /// If the tuples are drawn with another seed.
    pub fn run(
        &self,
        mut on_progress: impl FnMut(TargetProgress),
        stop: &AtomicBool,
    ) -> Result<Completion<TargetsReport>, BuildTargetsError> {
        let started = Instant::now();
        if let Some((builder, _)) = self.tuples {
            assert_eq!(builder.settings().seed, self.seed, "seed of the tuples");
        }
        if self.tokens.is_none() && self.tuples.is_none() {
            return Err(BuildTargetsError::NothingAsked);
        }
        let identity = self.identity()?;
        let total_windows = identity.drawn.n_windows;
        let mut writer = match self.resumes {
            true => TargetWriter::resume(self.folder, identity)?,
            false => TargetWriter::create(self.folder, identity)?,
        };
        let mut encoded = (0, 0);
        let parts = total_windows.div_ceil(self.part_windows.get());
        for part in writer.n_parts() as u32..parts {
            let first = part * self.part_windows.get();
            let windows = first..total_windows.min(first.saturating_add(self.part_windows.get()));
            let (planned, left_out) = self.draw(windows.clone())?;
            let (n_planned, n_windows) = (planned.len().max(1) as u64, windows.len() as u64);
            let states = encode(self.encoder, planned, |n_encoded, n_edits| {
                on_progress(TargetProgress {
                    windows: u64::from(first) + n_windows * n_encoded / n_planned,
                    total_windows: u64::from(total_windows),
                    edits: encoded.1 + n_edits,
                });
                !stop.load(Ordering::Relaxed)
            })?;
            let Some(states) = states else {
                return Ok(Completion::Interrupted);
            };
            writer.write(&states, &left_out)?;
            encoded.0 += states.len() as u64;
            let edits = states.iter().map(|one| one.example.edits().len() as u64);
            encoded.1 += edits.sum::<u64>();
        }
        let (counts, left_out) = (writer.counts().clone(), writer.left_out().clone());
        if counts.examples == 0 {
            return Err(BuildTargetsError::Empty);
        }
        if !writer.is_complete() {
            writer.finish()?;
        }
        Ok(Completion::Finished(TargetsReport {
            counts,
            left_out,
            encoded,
            duration: started.elapsed(),
        }))
    }

    /// The examples of some windows, in their order, and what was left out.
    fn draw(&self, windows: Range<u32>) -> Result<(Vec<Planned>, LeftOut), BuildTargetsError> {
        let laying = Laying::new(self);
        let drawn = windows.into_par_iter().map(|index| {
            let mut left_out = LeftOut::default();
            let mut planned = Vec::new();
            if let Some(drawn) = self.drawn_from(index, &mut left_out)? {
                planned.extend(self.tokens_of(index, &drawn, &laying, &mut left_out)?);
                for epoch in 0..self.tuples.map_or(0, |(_, epochs)| epochs) {
                    planned.extend(self.tuples_of(index, epoch, &laying, &mut left_out)?);
                }
            }
            Ok((planned, left_out))
        });
        let drawn: Vec<Result<_, BuildTargetsError>> = drawn.collect();
        let (mut planned, mut left_out) = (Vec::new(), LeftOut::default());
        for of_window in drawn {
            let (examples, lacking) = of_window?;
            planned.extend(examples);
            left_out.add(&lacking);
        }
        Ok((planned, left_out))
    }

    /// A window to draw from, unless it cannot be used or must not be seen.
    fn drawn_from(
        &self,
        index: u32,
        left_out: &mut LeftOut,
    ) -> Result<Option<DrawnFrom>, BuildTargetsError> {
        let Some(window) = self.windows.window(index)? else {
            left_out.unusable_windows += 1;
            return Ok(None);
        };
        let range = window.start_bp()..window.end_bp();
        let place = window.chrom.as_deref().map(|contig| (contig, range));
        if self.is_held_out(&window.record_id, place) {
            left_out.held_out_windows += 1;
            return Ok(None);
        }
        Ok(Some(DrawnFrom {
            record_id: window.record_id,
            contig: window.chrom,
            window: Arc::new(window.window),
        }))
    }

    /// Whether training must not see a window.
    fn is_held_out(&self, record_id: &str, place: Option<(&str, Range<u64>)>) -> bool {
        self.holdouts.window(record_id, place.clone()).is_some()
            || self.excludes_windows_of_variants
                && place.is_some_and(|(contig, range)| {
                    self.holdouts.window_holds_variant(contig, range)
                })
    }
}
