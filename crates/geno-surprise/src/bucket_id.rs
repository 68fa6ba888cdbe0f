//! Buckets of a calibration table, from one context up to everything.

use std::{cmp::Ordering, fmt, iter, num::NonZeroU64, str::FromStr};

use geno_action::EditType;
use geno_core::{Coded, ErrorCode, RegionClass, RepeatClass, UnknownName};

use crate::{
    context::{ContextLabel, gc::GcBin},
    token_offset::TokenOffset,
};

/// The name of a calibration bucket: a context, or a wider group that holds it.
///
/// Written `region|gc|repeat`, or with fewer parts down to `region`, or `*`. Behind the context the type of
/// the edit may stand, and behind that its place in its 6-mer: `region|gc|repeat|type|offset`. Ids order as
/// these texts do.
///
/// ```
/// use geno_surprise::BucketId;
///
/// let bucket: BucketId = "splice|mid|none|SNV".parse()?;
/// let chain: Vec<String> = bucket.chain().map(|bucket| bucket.to_string()).collect();
/// assert_eq!(chain, ["splice|mid|none|SNV", "splice|mid|none", "splice|mid", "splice", "*"]);
/// # Ok::<_, geno_surprise::ParseBucketIdError>(())
/// ```
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum BucketId {
    /// Every edit.
    All,
    /// The edits of one region class.
    Region(RegionClass),
    /// The edits of one region class and GC bin.
    RegionGc(RegionClass, GcBin),
    /// The edits of one context.
    Context(ContextLabel),
    /// The edits of one type in one context.
    Edit(ContextLabel, EditType),
    /// The edits of one type in one context that begin at one place of their 6-mer.
    PlacedEdit(ContextLabel, EditType, TokenOffset),
}

/// A text that names no bucket.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBucketIdError {
    /// A part is none of the names for its place.
    #[error(transparent)]
    Name(#[from] UnknownName),
    /// There are more than five parts.
    #[error("bucket id has {found} parts, expected at most 5")]
    Parts {
        /// How many there are.
        found: usize,
    },
}

impl Coded for ParseBucketIdError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl BucketId {
    /// How many ids exist.
    pub const COUNT: usize = {
        let of_edits = 1 + EditType::ALL.len() * (1 + TokenOffset::ALL.len());
        let of_bins = 1 + RepeatClass::ALL.len() * of_edits;
        1 + RegionClass::ALL.len() * (1 + GcBin::ALL.len() * of_bins)
    };

    /// The next wider bucket; `None` for `*`.
    pub fn parent(self) -> Option<Self> {
        match self {
            Self::All => None,
            Self::Region(_) => Some(Self::All),
            Self::RegionGc(region, _) => Some(Self::Region(region)),
            Self::Context(label) => Some(Self::RegionGc(label.region, label.gc)),
            Self::Edit(label, _) => Some(Self::Context(label)),
            Self::PlacedEdit(label, edit_type, _) => Some(Self::Edit(label, edit_type)),
        }
    }

    /// The bucket itself and every wider one, `*` last.
    pub fn chain(self) -> impl Iterator<Item = Self> {
        iter::successors(Some(self), |bucket| bucket.parent())
    }

    /// The region class, if all of its edits have one.
    pub fn region(self) -> Option<RegionClass> {
        match self {
            Self::All => None,
            Self::Region(region) | Self::RegionGc(region, _) => Some(region),
            Self::Context(label) | Self::Edit(label, _) | Self::PlacedEdit(label, _, _) => {
                Some(label.region)
            }
        }
    }

    /// The repeat class, if all of its edits have one.
    pub fn repeat(self) -> Option<RepeatClass> {
        match self {
            Self::All | Self::Region(_) | Self::RegionGc(..) => None,
            Self::Context(label) | Self::Edit(label, _) | Self::PlacedEdit(label, _, _) => {
                Some(label.repeat)
            }
        }
    }

    fn parts(self) -> [&'static str; 5] {
        let of_label = |label: ContextLabel, edit_type, offset| {
            let (region, gc, repeat) = (label.region, label.gc, label.repeat);
            [
                region.as_str(),
                gc.as_str(),
                repeat.as_str(),
                edit_type,
                offset,
            ]
        };
        match self {
            Self::All => ["*", "", "", "", ""],
            Self::Region(region) => [region.as_str(), "", "", "", ""],
            Self::RegionGc(region, gc) => [region.as_str(), gc.as_str(), "", "", ""],
            Self::Context(label) => of_label(label, "", ""),
            Self::Edit(label, edit_type) => of_label(label, edit_type.as_str(), ""),
            Self::PlacedEdit(label, edit_type, offset) => {
                of_label(label, edit_type.as_str(), offset.as_str())
            }
        }
    }
}

/// Picks the first bucket of a chain that holds enough examples, or `*` whatever it holds.
///
/// # Examples
///
/// ```
/// use geno_surprise::{BucketId, DEFAULT_MIN_BUCKET_SIZE, select_backoff};
///
/// let bucket: BucketId = "splice|low|none".parse()?;
/// let count_of = |bucket: BucketId| match bucket {
///     BucketId::Context(_) => 999,
///     _ => 1000,
/// };
/// let selected = select_backoff(bucket, count_of, DEFAULT_MIN_BUCKET_SIZE);
/// assert_eq!(selected.to_string(), "splice|low");
/// # Ok::<_, geno_surprise::ParseBucketIdError>(())
/// ```
pub fn select_backoff(
    bucket: BucketId,
    count_of: impl Fn(BucketId) -> u64,
    min_count: NonZeroU64,
) -> BucketId {
    let is_enough =
        |bucket: &BucketId| *bucket != BucketId::All && count_of(*bucket) >= min_count.get();
    bucket.chain().find(is_enough).unwrap_or(BucketId::All)
}

impl From<ContextLabel> for BucketId {
    fn from(label: ContextLabel) -> Self {
        Self::Context(label)
    }
}

impl Ord for BucketId {
    fn cmp(&self, other: &Self) -> Ordering {
        self.parts().cmp(&other.parts())
    }
}

impl PartialOrd for BucketId {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for BucketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [first, rest @ ..] = self.parts();
        f.write_str(first)?;
        for part in rest.iter().filter(|part| !part.is_empty()) {
            write!(f, "|{part}")?;
        }
        Ok(())
    }
}

impl FromStr for BucketId {
    type Err = ParseBucketIdError;

    fn from_str(text: &str) -> Result<Self, ParseBucketIdError> {
        let parts: Vec<&str> = text.split('|').collect();
        match parts[..] {
            ["*"] => Ok(Self::All),
            [region] => Ok(Self::Region(region.parse()?)),
            [region, gc] => Ok(Self::RegionGc(region.parse()?, gc.parse()?)),
            [region, gc, repeat] => Ok(Self::Context(label(region, gc, repeat)?)),
            [region, gc, repeat, edit_type] => {
                Ok(Self::Edit(label(region, gc, repeat)?, edit_type.parse()?))
            }
            [region, gc, repeat, edit_type, offset] => {
                let (edit_type, offset) = (edit_type.parse()?, offset.parse()?);
                Ok(Self::PlacedEdit(
                    label(region, gc, repeat)?,
                    edit_type,
                    offset,
                ))
            }
            _ => Err(ParseBucketIdError::Parts { found: parts.len() }),
        }
    }
}

fn label(region: &str, gc: &str, repeat: &str) -> Result<ContextLabel, UnknownName> {
    Ok(ContextLabel {
        region: region.parse()?,
        gc: gc.parse()?,
        repeat: repeat.parse()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn every_id() -> Vec<BucketId> {
        let mut ids = vec![BucketId::All];
        for &region in RegionClass::ALL {
            ids.push(BucketId::Region(region));
            for &gc in GcBin::ALL {
                ids.push(BucketId::RegionGc(region, gc));
                for &repeat in RepeatClass::ALL {
                    let label = ContextLabel { region, gc, repeat };
                    ids.push(BucketId::Context(label));
                    for edit_type in EditType::ALL {
                        ids.push(BucketId::Edit(label, edit_type));
                        let placed = |&offset| BucketId::PlacedEdit(label, edit_type, offset);
                        ids.extend(TokenOffset::ALL.iter().map(placed));
                    }
                }
            }
        }
        ids
    }

    #[test]
    fn every_id_reads_back_and_they_order_as_their_texts() {
        let mut ids = every_id();
        assert_eq!(ids.len(), BucketId::COUNT);
        let mut texts: Vec<String> = ids.iter().map(BucketId::to_string).collect();
        for (id, text) in ids.iter().zip(&texts) {
            assert_eq!(text.parse(), Ok(*id));
        }
        ids.sort_unstable();
        texts.sort_unstable();
        let sorted: Vec<String> = ids.iter().map(BucketId::to_string).collect();
        assert_eq!(sorted, texts);
    }

    #[test]
    fn texts_outside_the_vocabularies_are_refused() {
        for text in [
            "",
            "|",
            "exon",
            "*|low",
            "splice|",
            "splice|Low",
            "splice|low|none|x",
            "splice|low|none|snv",
            "splice|low|none|SNV|6",
            "splice|low|none|SNV|5|0",
            " splice",
        ] {
            assert!(text.parse::<BucketId>().is_err(), "{text:?}");
        }
    }
}
