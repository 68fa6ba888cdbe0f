//! Makes the tuples of windows.

use std::{
    collections::{BTreeMap, HashSet},
    sync::Arc,
};

use geno_action::Haplotype;
use geno_core::{Digest, RandomStream};

use super::{
    EditSource, SettingsError, TrainingTuple, TupleError, TupleReport, TupleSettings, VariantSet,
    WindowSource,
    draw::{Draw, Drawn, Lengths},
    tuple::Origin,
};
use crate::{
    holdout::{Exclusion, Holdouts},
    phased::PhasedHaplotypes,
};

/// Files of edits to draw from.
#[derive(Clone, Debug, Default)]
pub struct EditProviders {
    /// Variants for [`EditSource::GnomadCommon`].
    pub gnomad_common: Option<VariantSet>,
    /// Variants for [`EditSource::Clinvar`].
    pub clinvar: Option<VariantSet>,
    /// Haplotypes for [`EditSource::Phased`].
    pub phased: Option<PhasedHaplotypes>,
}

impl EditProviders {
    pub(crate) fn set(&self, source: EditSource) -> Option<&VariantSet> {
        match source {
            EditSource::GnomadCommon => self.gnomad_common.as_ref(),
            EditSource::Clinvar => self.clinvar.as_ref(),
            _ => None,
        }
    }

    fn has(&self, source: EditSource) -> bool {
        !source.is_placed() || self.is_given(source)
    }

    /// Whether there are variants or haplotypes for a source.
    fn is_given(&self, source: EditSource) -> bool {
        self.set(source).is_some() || source == EditSource::Phased && self.phased.is_some()
    }
}

/// Makes the tuples of windows: what a window gives depends on the seed, the epoch and the window,
/// and on nothing that was drawn before.
///
/// # Examples
///
/// ```
/// use geno_core::Window;
/// use geno_data::{CorpusWindow, EditProviders, Holdouts, TupleBuilder, TupleSettings, TupleStream};
///
/// let window = CorpusWindow {
///     record_id: "a".to_owned(),
///     source: "mrna".to_owned(),
///     chrom: None,
///     window: Window::new(0, b"ACGGT".repeat(40))?,
/// };
/// let windows = vec![window];
/// let (providers, holdouts) = (EditProviders::default(), Holdouts::none());
/// let settings = TupleSettings::default();
/// let builder = TupleBuilder::new(&windows, &providers, &holdouts, settings)?;
///
/// // Nothing is known of population variants here, so made-up ones stand in for them.
/// let tuples = TupleStream::new(&builder).epochs(1).collect::<Result<Vec<_>, _>>()?;
/// assert_eq!(tuples.len(), 8);
/// assert_eq!(tuples[0].target_window().len(), 200);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct TupleBuilder<'a> {
    windows: &'a dyn WindowSource,
    providers: &'a EditProviders,
    holdouts: &'a Holdouts,
    settings: TupleSettings,
    lengths: Lengths,
    fingerprint: u64,
}

impl<'a> TupleBuilder<'a> {
    /// Joins windows, edits and what is held out.
    ///
    /// # Errors
    ///
    /// [`TupleError::Settings`] for settings that give nothing, a source without a file and
    /// without a fall-back, or a file for a source that nothing asks for;
    /// [`TupleError::NoWindows`].
    pub fn new(
        windows: &'a dyn WindowSource,
        providers: &'a EditProviders,
        holdouts: &'a Holdouts,
        settings: TupleSettings,
    ) -> Result<Self, TupleError> {
        settings.check()?;
        for &(source_name, count) in &settings.mix {
            let fallback = settings.fallback(source_name);
            let can_give = |source| providers.has(source);
            if count > 0 && !can_give(source_name) && !fallback.is_some_and(can_give) {
                return Err(SettingsError::NoVariants { source_name }.into());
            }
        }
        for source_name in [
            EditSource::GnomadCommon,
            EditSource::Clinvar,
            EditSource::Phased,
        ] {
            if providers.is_given(source_name) && !settings.asks_for(source_name) {
                return Err(SettingsError::Unasked { source_name }.into());
            }
        }
        let n_windows = windows.n_windows();
        if n_windows == 0 {
            return Err(TupleError::NoWindows);
        }
        let mut text = format!("{settings:?} {n_windows}");
        for index in [0, n_windows - 1] {
            if let Some(window) = windows.window(index)? {
                text.push_str(&window.window_id().to_hex());
            }
        }
        let digest = Digest::of(text.as_bytes());
        let head = digest.as_bytes()[..8].try_into();
        Ok(Self {
            windows,
            providers,
            holdouts,
            settings,
            lengths: Lengths::default(),
            fingerprint: u64::from_be_bytes(head.expect("eight of 32 bytes")),
        })
    }

    /// The settings.
    pub fn settings(&self) -> &TupleSettings {
        &self.settings
    }

    /// Sixty-four bits that tell the settings and the windows from others.
    pub(crate) fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// How many blocks of windows an epoch has.
    pub fn n_blocks(&self) -> u32 {
        self.windows
            .n_windows()
            .div_ceil(self.settings.block_windows)
    }

    /// The windows of an epoch in their order.
    pub(crate) fn order(&self, epoch: u32) -> Vec<u32> {
        let mut order: Vec<u32> = (0..self.windows.n_windows()).collect();
        let name = format!("tuples/order/{epoch}");
        RandomStream::new(self.settings.seed, &name).shuffle(&mut order);
        order
    }

    /// The tuples of a block in their order, and what was lacking.
    pub(crate) fn block(
        &self,
        epoch: u32,
        block: u32,
        order: &[u32],
    ) -> Result<(Vec<TrainingTuple>, TupleReport), TupleError> {
        let mut report = TupleReport::default();
        let mut tuples = Vec::new();
        let len = self.settings.block_windows as usize;
        let windows = order.chunks(len).nth(block as usize).unwrap_or_default();
        for &index in windows {
            tuples.extend(self.window(epoch, index, &mut report)?);
        }
        let name = format!("tuples/block/{epoch}/{block}");
        RandomStream::new(self.settings.seed, &name).shuffle(&mut tuples);
        Ok((tuples, report))
    }

    /// The tuples of one window, by source in the order of the mix.
    ///
    /// # Errors
    ///
    /// [`TupleError`] if the window cannot be read, or falls short under the strict setting.
    pub fn window(
        &self,
        epoch: u32,
        index: u32,
        report: &mut TupleReport,
    ) -> Result<Vec<TrainingTuple>, TupleError> {
        let Some(window) = self.windows.window(index)? else {
            report.unusable_windows += 1;
            return Ok(Vec::new());
        };
        let (origin, window) = Origin::of(window);
        if let Some(exclusion) = self.excluded(&origin, window.start(), window.len() as u64) {
            *report.excluded_windows.entry(exclusion).or_default() += 1;
            return Ok(Vec::new());
        }
        report.windows += 1;
        let mut draw = Draw {
            settings: &self.settings,
            providers: self.providers,
            holdouts: self.holdouts,
            lengths: &self.lengths,
            origin: &origin,
            window: &window,
            random: RandomStream::new(
                self.settings.seed,
                &format!("tuples/window/{epoch}/{index}"),
            ),
            report,
            seen: HashSet::new(),
            synthetic: BTreeMap::new(),
        };
        let mut drawn = Vec::new();
        for &(source, count) in &self.settings.mix {
            self.source(&mut draw, source, count, &mut drawn)?;
        }
        let tuple = |Drawn {
                         source,
                         edits,
                         n_copies,
                     }| {
            let haplotype = Haplotype::new(Arc::clone(&window), edits)
                .expect("edits that fit the window, one right of the other");
            TrainingTuple {
                origin: Arc::clone(&origin),
                edit_source: source,
                n_copies,
                target: haplotype.edited_window(self.settings.contract),
                haplotype,
            }
        };
        Ok(drawn.into_iter().map(tuple).collect())
    }

    /// Draws what the mix asks of a source, and from its fall-back what it lacks.
    fn source(
        &self,
        draw: &mut Draw<'_>,
        source: EditSource,
        count: u32,
        drawn: &mut Vec<Drawn>,
    ) -> Result<(), TupleError> {
        let asked = count as usize;
        let mut found = draw.draw(source, asked);
        if let Some(fallback) = self
            .settings
            .fallback(source)
            .filter(|_| found.len() < asked)
        {
            let made_up_for = draw.draw(fallback, asked - found.len());
            if !made_up_for.is_empty() {
                let n = draw.report.fallbacks.entry(source).or_default();
                *n += made_up_for.len() as u64;
            }
            found.extend(made_up_for);
        }
        if found.len() < asked {
            *draw.report.short.entry(source).or_default() += (asked - found.len()) as u64;
            if self.settings.strict {
                return Err(TupleError::Short {
                    source_name: source,
                    asked: count,
                    got: found.len() as u32,
                    record_id: draw.origin.record_id.clone(),
                });
            }
        }
        drawn.extend(found);
        Ok(())
    }

    fn excluded(&self, origin: &Origin, start: u64, len: u64) -> Option<Exclusion> {
        let range = start..start + len;
        let place = origin.chrom.as_deref().map(|contig| (contig, range));
        let excluded = self.holdouts.window(&origin.record_id, place.clone());
        excluded.or_else(|| {
            let (contig, range) = place.filter(|_| self.settings.exclude_windows_of_variants)?;
            let holds = self.holdouts.window_holds_variant(contig, range);
            holds.then_some(Exclusion::Variant)
        })
    }
}
