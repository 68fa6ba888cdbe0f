//! The tokens of the two hosts.

use geno_provenance::Secret;

use super::{HubError, Target};

/// Environment variables with a token of Hugging Face, the first that is set counts.
pub(super) const HUGGING_FACE: [&str; 2] = ["HF_TOKEN", "HUGGINGFACE_HUB_TOKEN"];
/// Environment variables with a token of GitHub, the first that is set counts.
pub(super) const GITHUB: [&str; 2] = ["GH_TOKEN", "GITHUB_TOKEN"];

/// The tokens of the two hosts, each sent to its own host and nowhere else.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tokens {
    pub(super) hugging_face: Option<Secret>,
    pub(super) github: Option<Secret>,
}

impl Tokens {
    /// Takes the tokens from the environment.
    pub(crate) fn from_env() -> Self {
        Self::of(|name| std::env::var(name).ok())
    }

    /// Takes the tokens from variables. An empty one is none.
    pub(crate) fn of(variable: impl Fn(&str) -> Option<String>) -> Self {
        let token = |names: [&str; 2]| {
            let texts = names.into_iter().filter_map(&variable);
            let mut texts = texts.map(|text| text.trim().to_owned());
            texts.find(|text| !text.is_empty()).map(Secret::new)
        };
        Self {
            hugging_face: token(HUGGING_FACE),
            github: token(GITHUB),
        }
    }

    /// Checks that a target can be written to.
    ///
    /// # Errors
    ///
    /// [`HubError::NoToken`].
    pub(crate) fn require(&self, target: &Target) -> Result<(), HubError> {
        let (token, [variable, other]) = match target {
            Target::Model(_) | Target::Dataset(_) => (&self.hugging_face, HUGGING_FACE),
            Target::Release { .. } => (&self.github, GITHUB),
        };
        match token {
            Some(_) => Ok(()),
            None => Err(HubError::NoToken {
                target: target.clone(),
                variable,
                other,
            }),
        }
    }

    /// Whether bytes hold one of the tokens.
    pub(super) fn are_in(&self, bytes: &[u8]) -> bool {
        let mut tokens = self.hugging_face.iter().chain(&self.github);
        tokens.any(|token| token.is_in(bytes))
    }
}
