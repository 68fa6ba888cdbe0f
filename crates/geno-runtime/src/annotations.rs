//! What is known of a variant's surroundings besides its window.

use geno_action::{EditSpec, EditType};
use geno_core::{RegionClass, RepeatClass, Window, classify_region, classify_repeat, gc_fraction};
use geno_data::{StatedContext, VariantFormat};
use geno_provenance::FileRecord;
use geno_surprise::{
    BucketId, ClassifyContextError, ContextLabel, EditFactors, GcCutoffs, NoCalledBases,
    TokenOffset,
};

use crate::{
    context_sources::{ContextError, ContextSources},
    runtime::Runtime,
};

/// Where the region and the repeat of a variant are known from.
///
/// Without any, the region is `other` and the repeat `none`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Annotations<'a> {
    /// Consequence terms of every variant, such as `missense_variant&splice_region_variant`.
    pub region: Option<&'a str>,
    /// Repeat terms of every variant, such as `simple_repeat`.
    pub repeat: Option<&'a str>,
    /// Whether each row of the VCF states them of its variants, unless there are terms of all of them. See
    /// [`VcfReader::open_with_context`](geno_data::VcfReader::open_with_context).
    pub is_stated: bool,
    /// Files to look variants up in of which nothing is said.
    pub sources: Option<&'a ContextSources>,
}

/// A table and a run of which one alone knows regions and repeats.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum SurroundingsMismatch {
    /// The table tells none apart, so variants of any known class back off to all variants.
    UnknownToTable,
    /// The table tells them apart, and the run knows none, so all variants count as `other` and `none`.
    UnknownToRun,
}

impl Runtime {
    /// Whether a table and what is known of variants do not fit each other, so that scores say less than they
    /// could.
    pub fn surroundings_mismatch(&self, known: &Annotations<'_>) -> Option<SurroundingsMismatch> {
        let of_all = known.region.is_some() || known.repeat.is_some();
        let of_run = of_all || known.is_stated || known.sources.is_some();
        match (self.calibration()?.has_surroundings(), of_run) {
            (false, true) => Some(SurroundingsMismatch::UnknownToTable),
            (true, false) => Some(SurroundingsMismatch::UnknownToRun),
            _ => None,
        }
    }
}

/// What decides the bucket of a variant, before GC contents are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Surroundings {
    pub(crate) region: RegionClass,
    pub(crate) repeat: RepeatClass,
    /// G and C among the called bases of the window.
    pub(crate) gc_fraction: f64,
    pub(crate) edit_type: EditType,
    pub(crate) offset: TokenOffset,
}

impl Surroundings {
    /// The narrowest bucket that it belongs to.
    pub(crate) fn bucket(self, cutoffs: GcCutoffs, factors: EditFactors) -> BucketId {
        let label = ContextLabel {
            region: self.region,
            gc: cutoffs.bin(self.gc_fraction),
            repeat: self.repeat,
        };
        match factors {
            EditFactors::None => BucketId::Context(label),
            EditFactors::Type => BucketId::Edit(label, self.edit_type),
            EditFactors::TypeAndOffset => BucketId::PlacedEdit(label, self.edit_type, self.offset),
        }
    }
}

impl Annotations<'_> {
    /// The form of a VCF of which that is known.
    pub(crate) fn vcf_format(&self) -> VariantFormat {
        match self.is_stated {
            true => VariantFormat::VcfWithContext,
            false => VariantFormat::Vcf,
        }
    }

    /// The surroundings of an edit in its window.
    pub(crate) fn surroundings(
        &self,
        edit: &EditSpec,
        stated: StatedContext,
        window: &Window,
    ) -> Result<Surroundings, ContextError> {
        let region = self.region.map(|terms| classify_region([terms]));
        let repeat = self.repeat.map(|terms| classify_repeat([terms]));
        let repeat = repeat.transpose().map_err(ClassifyContextError::from)?;
        let (region, repeat) = (region.or(stated.region), repeat.or(stated.repeat));
        let is_open = region.is_none() || repeat.is_none();
        let found = match self.sources.filter(|_| is_open) {
            Some(sources) => Some(sources.annotate(edit)?),
            None => None,
        };
        let found = found.as_ref();
        let region = region.or_else(|| found.and_then(|found| found.region));
        let repeat = repeat.or_else(|| found.and_then(|found| found.repeat));
        let bases = window.bases();
        let no_bases = || NoCalledBases { len: bases.len() };
        let gc_fraction = gc_fraction(bases).ok_or_else(no_bases);
        // A position counts from 1, and lies in the window.
        let position = (edit.pos() - 1).saturating_sub(window.start());
        Ok(Surroundings {
            region: region.unwrap_or(RegionClass::Other),
            repeat: repeat.unwrap_or(RepeatClass::None),
            gc_fraction: gc_fraction.map_err(ClassifyContextError::from)?,
            edit_type: edit.edit_type(),
            offset: TokenOffset::of(position as usize),
        })
    }

    /// The files that were read for it, as they are stored.
    pub(crate) fn files(&self) -> Vec<FileRecord> {
        self.sources
            .map_or(Vec::new(), |sources| sources.files().to_vec())
    }
}
