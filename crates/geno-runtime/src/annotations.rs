//! What is known of a variant's surroundings besides its window.

use geno_action::EditSpec;
use geno_core::{RegionClass, RepeatClass, classify_region, classify_repeat, gc_fraction};
use geno_provenance::FileRecord;
use geno_surprise::{ClassifyContextError, ContextLabel, GcCutoffs, NoCalledBases};

use crate::context_sources::{ContextError, ContextSources};

/// Where the region and the repeat of a variant are known from.
///
/// Without any, the region is `other` and the repeat `none`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Annotations<'a> {
    /// Consequence terms of every variant, such as `missense_variant&splice_region_variant`.
    pub region: Option<&'a str>,
    /// Repeat terms of every variant, such as `simple_repeat`.
    pub repeat: Option<&'a str>,
    /// Files to look variants up in, unless there are terms of all of them.
    pub sources: Option<&'a ContextSources>,
}

/// The surroundings of a variant, before GC contents are told apart.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Surroundings {
    pub(crate) region: RegionClass,
    pub(crate) repeat: RepeatClass,
    /// G and C among the called bases of the window.
    pub(crate) gc_fraction: f64,
}

impl Surroundings {
    pub(crate) fn label(self, cutoffs: GcCutoffs) -> ContextLabel {
        ContextLabel {
            region: self.region,
            gc: cutoffs.bin(self.gc_fraction),
            repeat: self.repeat,
        }
    }
}

impl Annotations<'_> {
    /// The surroundings of an edit in its window.
    pub(crate) fn surroundings(
        &self,
        edit: &EditSpec,
        window: &[u8],
    ) -> Result<Surroundings, ContextError> {
        let is_open = self.region.is_none() || self.repeat.is_none();
        let found = match self.sources.filter(|_| is_open) {
            Some(sources) => Some(sources.annotate(edit)?),
            None => None,
        };
        let found = found.as_ref();
        let region = match self.region {
            Some(terms) => Some(classify_region([terms])),
            None => found.and_then(|found| found.region),
        };
        let repeat = match self.repeat {
            Some(terms) => Some(classify_repeat([terms]).map_err(ClassifyContextError::from)?),
            None => found.and_then(|found| found.repeat),
        };
        let no_bases = || NoCalledBases { len: window.len() };
        let gc_fraction = gc_fraction(window).ok_or_else(no_bases);
        Ok(Surroundings {
            region: region.unwrap_or(RegionClass::Other),
            repeat: repeat.unwrap_or(RepeatClass::None),
            gc_fraction: gc_fraction.map_err(ClassifyContextError::from)?,
        })
    }

    /// The files that were read for it, as they are stored.
    pub(crate) fn files(&self) -> Vec<FileRecord> {
        self.sources
            .map_or(Vec::new(), |sources| sources.files().to_vec())
    }
}
