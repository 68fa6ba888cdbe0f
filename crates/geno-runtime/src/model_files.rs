//! The files that a model was made from.

use std::collections::BTreeMap;

use geno_core::Digest;
use geno_provenance::{FileRecord, HashConfigsError, PublicPath};

use crate::model_dir::ModelDir;

/// The files that a model was made from, by public name.
#[derive(Clone, Debug, Default)]
pub struct ModelFiles {
    /// Everything that was read, see [`ModelDir::reads`].
    pub artifacts: BTreeMap<PublicPath, FileRecord>,
    /// The configuration files beside it, see [`ModelDir::configs`].
    pub configs: BTreeMap<PublicPath, Digest>,
}

impl ModelFiles {
    pub(crate) fn of(model: &ModelDir) -> Result<Self, HashConfigsError> {
        Ok(Self {
            artifacts: model.reads(),
            configs: model.configs()?,
        })
    }
}
