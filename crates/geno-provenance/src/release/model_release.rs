//! Names of releases of models.

use std::{fmt, str::FromStr};

use geno_core::{Coded, ErrorCode};
use semver::Version;

use crate::Json;

/// The name of a release of a model: `geno-lewm-v0.3.0-carbon-500m-r1`.
///
/// It holds the version of the program that trained the model, the encoder, and a revision that
/// counts trainings which differ in data, seed or settings alone. What a model *is* says its
/// digest, [`Manifest::model_id`](crate::Manifest::model_id).
///
/// ```
/// use geno_provenance::release::ModelRelease;
///
/// let release: ModelRelease = "geno-lewm-v0.3.0-carbon-500m-r12".parse()?;
/// assert_eq!(release.version.minor, 3);
/// assert_eq!((&*release.encoder, release.revision), ("carbon-500m", 12));
/// # Ok::<_, geno_provenance::release::ModelReleaseError>(())
/// ```
#[derive(Clone, Debug, Eq, Hash, PartialEq)]
pub struct ModelRelease {
    /// The program that trained the model.
    pub version: Version,
    /// The encoder: lower-case letters, digits, `.`, `-` and `_`.
    pub encoder: String,
    /// From 1.
    pub revision: u32,
}

/// A text that is not the name of a release.
#[derive(Clone, Copy, Debug, Eq, PartialEq, thiserror::Error)]
#[error("expected a name such as `geno-lewm-v0.3.0-carbon-500m-r1`")]
pub struct ModelReleaseError;

impl Coded for ModelReleaseError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

const PREFIX: &str = "geno-lewm-v";

impl FromStr for ModelRelease {
    type Err = ModelReleaseError;

    fn from_str(text: &str) -> Result<Self, ModelReleaseError> {
        let parts = || {
            let rest = text.strip_prefix(PREFIX)?;
            let (version, rest) = rest.split_once('-')?;
            let (encoder, revision) = rest.rsplit_once("-r")?;
            let release = Self {
                version: Version::parse(version).ok()?,
                encoder: encoder.to_owned(),
                revision: revision.parse().ok().filter(|&revision| revision > 0)?,
            };
            let plain = |byte: u8| {
                byte.is_ascii_lowercase() || byte.is_ascii_digit() || b"._-".contains(&byte)
            };
            let fits = encoder.starts_with(|first: char| first.is_ascii_alphanumeric())
                && encoder.bytes().all(plain);
            // One spelling each: neither `+1` nor `01`.
            (fits && release.to_string() == text).then_some(release)
        };
        parts().ok_or(ModelReleaseError)
    }
}

impl fmt::Display for ModelRelease {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            version,
            encoder,
            revision,
        } = self;
        write!(f, "{PREFIX}{version}-{encoder}-r{revision}")
    }
}

impl From<&ModelRelease> for Json {
    fn from(release: &ModelRelease) -> Self {
        Self::from(release.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_are_none_are_refused() {
        for text in [
            "",
            "geno-lewm-v0.3-carbon-r1",
            "geno-lewm-v0.3.0-r1",
            "geno-lewm-v0.3.0--r1",
            "geno-lewm-v0.3.0-carbon",
            "geno-lewm-v0.3.0-carbon-r0",
            "geno-lewm-v0.3.0-carbon-r01",
            "geno-lewm-v0.3.0-carbon-r+1",
            "geno-lewm-v0.3.0-Carbon-r1",
            "geno-lewm-v0.3.0-a/b-r1",
            "geno-lewm-v00.3.0-carbon-r1",
            "lewm-v0.3.0-carbon-r1",
        ] {
            assert_eq!(
                text.parse::<ModelRelease>(),
                Err(ModelReleaseError),
                "{text}"
            );
        }
        for text in [
            "geno-lewm-v0.1.0-carbon-500m-r1",
            "geno-lewm-v10.0.1-chr20-demo-r3",
        ] {
            assert_eq!(text.parse::<ModelRelease>().unwrap().to_string(), text);
        }
    }
}
