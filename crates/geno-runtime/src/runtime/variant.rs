//! Scoring variants one by one, and the percentile of any.

use std::time::Instant;

use geno_action::{EditSpec, Site};
use geno_core::{Digest, Event, Window};
use geno_data::{Contig, Fasta, FetchError, StatedContext};
use geno_provenance::{MasterSalt, Receipt, Timestamp};
use geno_surprise::{EditFactors, SurpriseResult};

use super::{Part, Runtime, RuntimeError, VariantSurprise};
use crate::{
    annotations::Annotations,
    found::SiteBatch,
    number_column::{NumberColumn, NumberValue},
    receipts::{ReceiptError, Scope},
    run_log::milliseconds_since,
    signal::Signals,
    windows_per_variant::WindowSpread,
};

/// A scored variant, with what its receipt needs.
#[derive(Clone, Debug)]
pub struct Scored {
    /// The edit.
    pub edit: EditSpec,
    /// The reference windows it was scored in, that of the layout first.
    pub windows: Vec<Window>,
    /// The score.
    pub score: SurpriseResult,
    /// What several windows say beside it.
    pub spread: Option<WindowSpread>,
    /// What was asked for besides, in the order of [`Signals::columns`].
    pub numbers: Vec<NumberValue>,
}

/// A variant in its surroundings.
#[derive(Clone, Copy)]
pub(crate) struct VariantPlace<'a> {
    pub(crate) edit: &'a EditSpec,
    pub(crate) stated: StatedContext,
    /// The first of its windows.
    pub(crate) window: &'a Window,
    pub(crate) annotations: Annotations<'a>,
}

/// What a row says of a variant.
pub(crate) struct RatedVariant {
    pub(crate) score: SurpriseResult,
    /// What several windows say beside it.
    pub(crate) spread: Option<WindowSpread>,
    /// In the order of the columns.
    pub(crate) numbers: Vec<NumberValue>,
}

impl Runtime {
    /// The windows that a variant at the 0-based `locus` is scored in, that of the layout first.
    ///
    /// # Errors
    ///
    /// As [`Fasta::fetch`].
    ///
    /// # Panics
    ///
    /// If `locus` is not on the contig.
    pub fn variant_windows(
        &self,
        fasta: &Fasta,
        contig: &Contig,
        locus: u64,
    ) -> Result<Vec<Window>, FetchError> {
        let layouts = [self.windows()].into_iter();
        let layouts = layouts.chain(self.shifted_windows().iter().copied());
        layouts
            .map(|layout| layout.window(fasta, contig, locus))
            .collect()
    }

    /// Scores one variant in a window that holds it.
    ///
    /// # Errors
    ///
    /// [`RuntimeError`] for an edit that does not fit, annotations without meaning, and a part
    /// that is missing; [`RuntimeError::WindowCount`] if variants have several windows.
    pub fn score_variant(
        &self,
        edit: &EditSpec,
        window: Window,
        annotations: Annotations<'_>,
    ) -> Result<Scored, RuntimeError> {
        self.score_with_signals(edit, vec![window], annotations, Signals::default())
    }

    /// As [`Runtime::score_variant`], in as many windows as the runtime takes, and takes these
    /// signals of the variant. They are those of [`Runtime::variant_windows`].
    ///
    /// # Errors
    ///
    /// As there.
    pub fn score_with_signals(
        &self,
        edit: &EditSpec,
        windows: Vec<Window>,
        annotations: Annotations<'_>,
        signals: Signals<'_>,
    ) -> Result<Scored, RuntimeError> {
        let started = Instant::now();
        Event::InferenceScoreStart {
            model_id: self.identity.as_ref().map(|identity| identity.model_id),
        }
        .emit();
        let (found, expected) = (windows.len(), self.windows_per_variant().get());
        if found != expected {
            return Err(RuntimeError::WindowCount { found, expected });
        }
        let sites = windows.iter().map(|window| {
            let relative = edit.relative_to(window.start())?;
            Ok(Site::new(window.clone().into(), vec![relative])?)
        });
        let sites: Vec<_> = sites.collect::<Result<_, RuntimeError>>()?;
        let is_first: Vec<_> = (0..sites.len()).map(|i| i == 0).collect();
        let batch = SiteBatch {
            sites: &sites,
            is_first: &is_first,
        };
        let sites = self.surprise(batch, signals)?;
        let values: Vec<_> = sites.iter().map(|site| &site.edits[0]).collect();
        let found = VariantSurprise::of(&values, self.windows_per_variant());
        let place = VariantPlace {
            edit,
            stated: StatedContext::default(),
            window: &windows[0],
            annotations,
        };
        let RatedVariant {
            score,
            spread,
            numbers,
        } = self.rated(found, place, signals)?;
        let duration_ms = milliseconds_since(started);
        Event::InferenceScoreEnd { duration_ms }.emit();
        Ok(Scored {
            edit: edit.clone(),
            windows,
            score,
            spread,
            numbers,
        })
    }

    /// Writes the receipt of a variant that was scored by itself.
    ///
    /// # Errors
    ///
    /// [`ReceiptError::NoManifest`] for a runtime put together from parts.
    pub fn receipt(
        &self,
        scored: &Scored,
        timestamp: Timestamp,
        salt: Option<&MasterSalt>,
    ) -> Result<Receipt, RuntimeError> {
        let writer = self.receipt_writer(timestamp, salt)?;
        let Scored {
            edit,
            windows,
            score,
            ..
        } = scored;
        let windows: Vec<_> = windows.iter().collect();
        Ok(writer.write(edit, &windows, score, Scope::SingleVariant)?)
    }

    /// What the receipt of a variant that was scored by itself commits to.
    pub(crate) fn commitment(
        &self,
        scored: &Scored,
        salt: Option<&MasterSalt>,
    ) -> Result<Digest, ReceiptError> {
        // No commitment holds a time.
        let epoch = Timestamp::from_unix_seconds(0).expect("the epoch is a time");
        let writer = self.receipt_writer(epoch, salt)?;
        let windows: Vec<_> = scored.windows.iter().collect();
        Ok(writer.commit(&scored.edit, &windows, Scope::SingleVariant)?)
    }

    /// The percentiles of a variant among common variants of the same context.
    pub(crate) fn rated(
        &self,
        found: VariantSurprise,
        place: VariantPlace<'_>,
        signals: Signals<'_>,
    ) -> Result<RatedVariant, RuntimeError> {
        let VariantPlace {
            edit,
            stated,
            window,
            annotations,
        } = place;
        let table = self.calibration();
        let table = table.ok_or(RuntimeError::Missing(Part::Calibration))?;
        let surroundings = annotations.surroundings(edit, stated, window)?;
        // A table that tells edits apart by less backs off to what it has.
        let bucket = surroundings.bucket(table.gc_cutoffs(), EditFactors::TypeAndOffset);
        let score = geno_surprise::score(found.sigma, bucket, table)?;
        let values = found.signals.iter().map(|one| NumberValue {
            column: NumberColumn::Signal(one.signal),
            value: one.value,
        });
        let mut numbers: Vec<_> = values.collect();
        if let Some(tables) = signals.tables {
            numbers.extend(tables.numbers(score.sigma_calibrated, &found.signals, bucket)?);
        }
        Ok(RatedVariant {
            score,
            spread: found.spread,
            numbers,
        })
    }
}
