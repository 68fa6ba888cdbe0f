//! What all measurements of one release agree in.

use geno_core::Digest;

use super::{ModelRelease, ModelReleaseError};
use crate::{FieldError, Fields, GitSha, Json, Label};

/// What all measurements of one release agree in.
///
/// Measurements name the weights. The model's id covers the calibration table and the report of the
/// evaluation too, so what goes into those cannot name it: no file holds a digest of what holds a
/// digest of it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ReleaseIdentity {
    /// The release.
    pub model_release: ModelRelease,
    /// [`Manifest::weights_id`](crate::Manifest::weights_id).
    pub weights_id: Digest,
    /// [`Manifest::model_id`](crate::Manifest::model_id), once there is a whole model.
    pub model_id: Option<Digest>,
    /// The data the model was trained on.
    pub dataset_snapshot: Label,
    /// The code.
    pub commit: GitSha,
    /// The machine, in words that name no machine in particular.
    pub hardware: Label,
}

impl ReleaseIdentity {
    /// The fields in which two identities differ. A model's id counts where both have one.
    pub fn difference(&self, other: &Self) -> Vec<&'static str> {
        let both_models = self.model_id.zip(other.model_id);
        let fields = [
            ("model_release", self.model_release == other.model_release),
            ("weights_id", self.weights_id == other.weights_id),
            ("model_id", both_models.is_none_or(|(a, b)| a == b)),
            (
                "dataset_snapshot",
                self.dataset_snapshot == other.dataset_snapshot,
            ),
            ("commit", self.commit == other.commit),
            ("hardware", self.hardware == other.hardware),
        ];
        let differing = fields.into_iter().filter(|(_, equal)| !equal);
        differing.map(|(field, _)| field).collect()
    }

    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        let model_release = fields.string("model_release")?;
        let identity = Self {
            model_release: model_release.parse().map_err(|source: ModelReleaseError| {
                FieldError::ModelRelease {
                    field: "identity.model_release".to_owned(),
                    source,
                }
            })?,
            weights_id: fields.digest("weights_id")?,
            model_id: fields.optional_digest("model_id")?,
            dataset_snapshot: fields.label("dataset_snapshot")?,
            commit: fields.git_sha("commit")?,
            hardware: fields.label("hardware")?,
        };
        fields.finish()?;
        Ok(identity)
    }
}

impl From<&ReleaseIdentity> for Json {
    fn from(identity: &ReleaseIdentity) -> Self {
        Self::object([
            ("model_release", Self::from(&identity.model_release)),
            ("weights_id", identity.weights_id.into()),
            ("model_id", identity.model_id.map_or(Self::Null, Self::from)),
            ("dataset_snapshot", Self::from(&identity.dataset_snapshot)),
            ("commit", identity.commit.as_str().into()),
            ("hardware", Self::from(&identity.hardware)),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_that_differs_is_named() {
        let identity = |seed: &str, model_id: Option<&[u8]>| ReleaseIdentity {
            model_release: format!("geno-lewm-v0.3.0-{seed}-r1").parse().unwrap(),
            weights_id: Digest::of(seed.as_bytes()),
            model_id: model_id.map(Digest::of),
            dataset_snapshot: Label::new(seed).unwrap(),
            commit: Digest::of(seed.as_bytes()).to_hex()[..40].parse().unwrap(),
            hardware: Label::new(seed).unwrap(),
        };
        let a = identity("a", Some(b"a"));
        assert_eq!(a.difference(&identity("a", None)), Vec::<&str>::new());
        assert_eq!(a.difference(&identity("a", Some(b"b"))), ["model_id"]);
        assert_eq!(a.difference(&identity("b", Some(b"b"))).len(), 6);
        for identity in [a, identity("b", None)] {
            let fields = Fields::of_document(Json::from(&identity)).unwrap();
            assert_eq!(ReleaseIdentity::take(fields), Ok(identity));
        }
    }
}
