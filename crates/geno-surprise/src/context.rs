//! The context of an edit: surprise is compared only among edits of like surroundings.

pub(crate) mod gc;

use geno_core::{
    Coded, ErrorCode, RegionClass, RepeatClass, UnknownRepeat, classify_region, classify_repeat,
};

use self::gc::{GcBin, GcCutoffs, NoCalledBases, classify_gc};

/// The context of one locus.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub struct ContextLabel {
    /// The functional class.
    pub region: RegionClass,
    /// The GC content of the window around it.
    pub gc: GcBin,
    /// The repeat class.
    pub repeat: RepeatClass,
}

/// Why a locus has no context.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ClassifyContextError {
    /// The window has no GC fraction.
    #[error(transparent)]
    Gc(#[from] NoCalledBases),
    /// The repeat annotation is in unknown words.
    #[error(transparent)]
    Repeat(#[from] UnknownRepeat),
}

impl Coded for ClassifyContextError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Gc(error) => error.code(),
            Self::Repeat(error) => error.code(),
        }
    }
}

/// Finds the context of a locus from its annotations and the window around it.
///
/// An absent annotation is `None`: the region is then [`RegionClass::Other`], the repeat
/// [`RepeatClass::None`].
///
/// # Errors
///
/// As [`classify_gc`] and [`classify_repeat`].
///
/// # Examples
///
/// ```
/// use geno_surprise::{BucketId, GcCutoffs, classify_context};
///
/// let label = classify_context(["missense_variant"], b"GATTACA", None, GcCutoffs::default())?;
/// assert_eq!(BucketId::from(label).to_string(), "coding_missense|low|none");
/// # Ok::<_, geno_surprise::ClassifyContextError>(())
/// ```
pub fn classify_context<'a, 'b>(
    regions: impl IntoIterator<Item = &'a str>,
    bases: &[u8],
    repeats: impl IntoIterator<Item = &'b str>,
    cutoffs: GcCutoffs,
) -> Result<ContextLabel, ClassifyContextError> {
    Ok(ContextLabel {
        region: classify_region(regions),
        gc: classify_gc(bases, cutoffs)?,
        repeat: classify_repeat(repeats)?,
    })
}
