//! What is known of a variant's surroundings besides its window.

use geno_surprise::{ClassifyContextError, ContextLabel, GcCutoffs, classify_context};

/// Annotation terms of a variant, as an annotator writes them.
///
/// Absent terms mean region `other` and repeat `none`.
#[derive(Clone, Copy, Debug, Default)]
pub struct Annotations<'a> {
    /// Consequence terms, such as `missense_variant&splice_region_variant`.
    pub region: Option<&'a str>,
    /// Repeat terms, such as `simple_repeat`.
    pub repeat: Option<&'a str>,
}

impl Annotations<'_> {
    /// The context of a variant with these annotations in this window.
    pub(crate) fn context(&self, window: &[u8]) -> Result<ContextLabel, ClassifyContextError> {
        classify_context(self.region, window, self.repeat, GcCutoffs::default())
    }
}
