//! The calibration table of one model.

use std::{
    collections::{BTreeMap, HashMap},
    num::NonZeroU64,
};

use geno_core::{Coded, ErrorCode, RegionClass, RepeatClass};

use super::bucket::CalibrationBucket;
use crate::{
    bucket_id::{BucketId, select_backoff},
    context::gc::GcCutoffs,
};

/// The distributions of raw surprise of one model, bucket by bucket.
///
/// A bucket is found by hashing its id, so a look-up costs the same whatever the table holds.
#[derive(Clone, Debug, PartialEq)]
pub struct CalibrationTable {
    buckets: Vec<CalibrationBucket>,
    index: HashMap<BucketId, usize>,
    /// Where `*` stands among the buckets.
    all: usize,
    gc_cutoffs: GcCutoffs,
    metadata: BTreeMap<String, String>,
}

/// Buckets that make up no table.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CalibrationTableError {
    /// Two buckets have one id.
    #[error("bucket `{id}` comes twice")]
    Duplicate {
        /// The id.
        id: BucketId,
    },
    /// There is no `*`, to which every look-up may come.
    #[error("calibration table has no bucket `*`")]
    NoCatchAll,
}

impl Coded for CalibrationTableError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl CalibrationTable {
    /// Makes a table of buckets, in the order given.
    ///
    /// # Errors
    ///
    /// [`CalibrationTableError`] if an id comes twice or there is no `*`.
    pub fn new(buckets: Vec<CalibrationBucket>) -> Result<Self, CalibrationTableError> {
        let mut index = HashMap::with_capacity(buckets.len());
        for (i, bucket) in buckets.iter().enumerate() {
            let id = bucket.id();
            if index.insert(id, i).is_some() {
                return Err(CalibrationTableError::Duplicate { id });
            }
        }
        let all = index.get(&BucketId::All).copied();
        Ok(Self {
            all: all.ok_or(CalibrationTableError::NoCatchAll)?,
            buckets,
            index,
            gc_cutoffs: GcCutoffs::default(),
            metadata: BTreeMap::new(),
        })
    }

    /// The same table, whose buckets were told apart at these GC contents.
    #[must_use]
    pub fn with_gc_cutoffs(self, gc_cutoffs: GcCutoffs) -> Self {
        Self { gc_cutoffs, ..self }
    }

    /// Where the GC bins of its buckets meet. Tables of the Python package have the default.
    pub fn gc_cutoffs(&self) -> GcCutoffs {
        self.gc_cutoffs
    }

    /// The same table with this metadata, such as the identity of the model it was built with.
    #[must_use]
    pub fn with_metadata(self, metadata: BTreeMap<String, String>) -> Self {
        Self { metadata, ..self }
    }

    /// What is known about the table beside its numbers. Tables of the Python package have none.
    pub fn metadata(&self) -> &BTreeMap<String, String> {
        &self.metadata
    }

    /// The buckets, in order.
    pub fn buckets(&self) -> &[CalibrationBucket] {
        &self.buckets
    }

    /// Whether it tells any regions or repeats apart.
    pub fn has_surroundings(&self) -> bool {
        let mut ids = self.buckets.iter().map(CalibrationBucket::id);
        ids.any(|id| {
            let region = id
                .region()
                .is_some_and(|region| region != RegionClass::Other);
            region
                || id
                    .repeat()
                    .is_some_and(|repeat| repeat != RepeatClass::None)
        })
    }

    /// The bucket of this very id.
    pub fn get(&self, id: BucketId) -> Option<&CalibrationBucket> {
        self.index.get(&id).map(|&i| &self.buckets[i])
    }

    /// The first bucket of the id's [chain](BucketId::chain) that was made from at least
    /// `min_bucket_size` examples, or `*`.
    pub fn resolve(&self, id: BucketId, min_bucket_size: NonZeroU64) -> &CalibrationBucket {
        let count_of = |id| self.get(id).map_or(0, CalibrationBucket::n_calibration);
        let selected = select_backoff(id, count_of, min_bucket_size);
        self.get(selected).unwrap_or(&self.buckets[self.all])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bucket(id: &str, n: u64) -> CalibrationBucket {
        CalibrationBucket::new(id.parse().unwrap(), n, vec![1.], vec![0.], None).unwrap()
    }

    #[test]
    fn a_table_without_catch_all_or_with_twins_is_refused() {
        assert_eq!(
            CalibrationTable::new(vec![]),
            Err(CalibrationTableError::NoCatchAll)
        );
        assert!(CalibrationTable::new(vec![bucket("splice", 1)]).is_err());
        assert!(CalibrationTable::new(vec![bucket("*", 1), bucket("*", 2)]).is_err());
    }

    #[test]
    fn a_table_of_gc_bins_alone_has_no_surroundings() {
        let has = |id: &str| {
            let table = CalibrationTable::new(vec![bucket("*", 3), bucket(id, 3)]);
            table.unwrap().has_surroundings()
        };
        assert!(!has("other|low|none|SNV|3"));
        assert!(!has("other"));
        assert!(has("other|low|simple"));
        assert!(has("intron"));
    }

    #[test]
    fn a_sparse_or_absent_bucket_resolves_to_the_next_one_that_is_enough() {
        let buckets = vec![
            bucket("splice|low", 5),
            bucket("*", 3),
            bucket("splice", 10),
        ];
        let table = CalibrationTable::new(buckets).unwrap();
        let resolve = |id: &str, min| {
            let min = NonZeroU64::new(min).unwrap();
            table.resolve(id.parse().unwrap(), min).id().to_string()
        };
        assert_eq!(resolve("splice|low|none", 5), "splice|low");
        assert_eq!(resolve("splice|low|none", 6), "splice");
        assert_eq!(resolve("splice|low|none", 11), "*");
        assert_eq!(resolve("intron", 1), "*");
    }
}
