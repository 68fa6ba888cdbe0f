//! Variants of gnomAD and ClinVar shards.

use std::path::Path;

use super::{VariantSet, VariantSetError};
use crate::{ClinicalSignificance, ClinvarShard, GnomadShard};

impl VariantSet {
    /// Reads the variants of a gnomAD shard that are at least this frequent among everybody.
    ///
    /// # Errors
    ///
    /// [`VariantSetError::Shard`] if it cannot be read.
    pub fn read_gnomad(path: &Path, min_af: f32) -> Result<Self, VariantSetError> {
        let mut set = Self::default();
        for variant in GnomadShard::open(path)?.variants()? {
            let variant = variant?;
            if variant.af_global >= min_af {
                match variant.edit() {
                    Ok(edit) => set.add(&edit)?,
                    Err(_) => set.reject(),
                }
            }
        }
        set.sort();
        Ok(set)
    }

    /// Reads the variants of a ClinVar shard that belong to some classes.
    ///
    /// # Errors
    ///
    /// [`VariantSetError::Shard`] if it cannot be read.
    pub fn read_clinvar(
        path: &Path,
        classes: &[ClinicalSignificance],
    ) -> Result<Self, VariantSetError> {
        let mut set = Self::default();
        for variant in ClinvarShard::open(path)?.variants()? {
            let variant = variant?;
            if classes.contains(&variant.significance) {
                match variant.edit() {
                    Ok(edit) => set.add(&edit)?,
                    Err(_) => set.reject(),
                }
            }
        }
        set.sort();
        Ok(set)
    }
}
