//! Tokens of which all substitutions are drawn.

use std::{collections::HashSet, sync::Arc};

use geno_action::RelEdit;
use geno_core::{PoolType, RandomStream};
use geno_encoder::TOKEN_BP;

use super::{
    super::{Example, ExampleEdit, ExampleKind, ExampleSource, LeftOut},
    BuildTargets, BuildTargetsError, Planned,
    laying::{DrawnFrom, LaidWindow, Laying},
};

/// Draws beside those asked for that may give no token before a window counts as short of them.
const MAX_SPARE: u32 = 64;

impl BuildTargets<'_> {
    /// The tokens of a window in the order in which they were drawn, each at most once; none if none
    /// are asked for.
    ///
    /// A token has six known bases, and in its window at least the context that scoring gives: half
    /// a window to its left, and all pooled tokens to its right.
    pub(super) fn tokens_of(
        &self,
        index: u32,
        drawn: &DrawnFrom,
        laying: &Laying<'_>,
        left_out: &mut LeftOut,
    ) -> Result<Vec<Planned>, BuildTargetsError> {
        let Some(settings) = self.tokens else {
            return Ok(Vec::new());
        };
        let (len, margin) = (drawn.window.len() as u64, settings.margin);
        let from = match self.laid_on {
            Some(_) => margin,
            None => margin.max(len.div_ceil(2)),
        };
        let n = settings.per_window;
        let Some(room) = len
            .saturating_sub(margin)
            .checked_sub(from)
            .filter(|n| *n > 0)
        else {
            left_out.missing_tokens += u64::from(n);
            return Ok(Vec::new());
        };
        let mut random = RandomStream::new(self.seed, &format!("targets/tokens/{index}"));
        let mut seen = HashSet::new();
        let mut tokens = Vec::new();
        for _ in 0..n.saturating_add(MAX_SPARE) {
            if tokens.len() == n as usize {
                break;
            }
            let base = (from + random.below(room)) as usize;
            if drawn.window.bases()[base] == b'N' {
                continue;
            }
            let Ok(laid) = laying.around(drawn, base, 1)? else {
                continue;
            };
            let start = laid.locus - laid.locus % TOKEN_BP;
            if self.has_context(&laid)
                && let Some(edits) = self.substitutions(drawn, &laid, start)
                && seen.insert((laid.window.start(), start))
            {
                tokens.push(Planned {
                    example: Example::new(
                        ExampleKind::Alternatives,
                        ExampleSource::Saturated,
                        laid.place,
                        start,
                        edits,
                    )
                    .expect("substitutions of one token"),
                    window: Arc::clone(&laid.window),
                });
            }
        }
        left_out.missing_tokens += u64::from(n) - tokens.len() as u64;
        Ok(tokens)
    }

    fn has_context(&self, laid: &LaidWindow) -> bool {
        let settings = self.encoder.settings();
        let half = match self.laid_on {
            Some(_) => self.encoder.windows().window_bp() / 2,
            None => laid.window.len() as u64 / 2,
        };
        let pooled = match settings.pool_type {
            PoolType::GlobalMean => 0,
            _ => settings.pool_radius,
        };
        let end = (laid.locus / TOKEN_BP + 1).saturating_add(pooled);
        laid.locus as u64 >= half && end.saturating_mul(TOKEN_BP) <= laid.window.len()
    }

    /// All eighteen substitutions of a token, if its bases are known and none of them is held out.
    fn substitutions(
        &self,
        drawn: &DrawnFrom,
        laid: &LaidWindow,
        start: usize,
    ) -> Option<Vec<ExampleEdit>> {
        let bases = laid.window.bases();
        let token = bases.get(start..start + TOKEN_BP)?;
        let mut edits = Vec::with_capacity(3 * TOKEN_BP);
        for (i, &reference) in token.iter().enumerate() {
            for alternate in b"ACGT".iter().filter(|base| **base != reference) {
                let [reference, alternate] =
                    [reference, *alternate].map(|base| char::from(base).to_string());
                // An unknown base is no allele.
                let edit = RelEdit::new(start + i, &reference, &alternate).ok()?;
                let contig = laid.place.as_ref().map(|place| place.contig.as_str());
                let contig = contig.or(drawn.contig.as_deref());
                let is_held_out = contig.is_some_and(|contig| {
                    let origin = laid.window.start();
                    self.holdouts.edit(contig, origin, bases, &edit).is_some()
                });
                if is_held_out {
                    return None;
                }
                edits.push(ExampleEdit::in_window(edit, bases));
            }
        }
        Some(edits)
    }
}
