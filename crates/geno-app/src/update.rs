//! Updates: a release index, what is new, an installation beside the old one, a pointer.

mod diff;
mod error;
mod index;
mod install;
mod installed;
mod offer;
mod release_id;
mod root;
mod version;

pub use self::{
    diff::{FieldChange, manifest_changes},
    error::UpdateError,
    index::IndexError,
    install::{Outcome, install, rollback},
    installed::{InstalledModel, InstalledModelError},
    offer::{Offer, Standing, find_release},
    release_id::{ReleaseId, ReleaseIdError},
    root::{InstallLock, InstallRoot},
    version::ModelVersion,
};
