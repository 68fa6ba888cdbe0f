//! The hosts that a release is published on.

use std::env;

use anyhow::Result;
use geno_provenance::release::{EvidenceClass, FixtureReason};

use crate::hub::{Endpoints, Hub, Tokens};

#[derive(clap::Args)]
pub(crate) struct HubArgs {
    /// Another host in the place of huggingface.co [environment: HF_ENDPOINT]
    #[arg(long, value_name = "URL")]
    hugging_face: Option<String>,
    /// Another host in the place of github.com [environment: GITHUB_ENDPOINT]
    #[arg(long, value_name = "URL")]
    github: Option<String>,
    /// Tell every request, without credentials, before it is sent
    #[arg(long)]
    verbose: bool,
}

impl HubArgs {
    pub(crate) fn endpoints(&self) -> Result<Endpoints> {
        let named = |argument: &Option<String>, variable: &str| {
            let text = argument.clone().or_else(|| env::var(variable).ok());
            text.filter(|text| !text.is_empty())
        };
        Ok(Endpoints::new(
            named(&self.hugging_face, "HF_ENDPOINT").as_deref(),
            named(&self.github, "GITHUB_ENDPOINT").as_deref(),
        )?)
    }

    pub(crate) fn hub(&self) -> Result<Hub> {
        let hub = Hub::new(self.endpoints()?, Tokens::from_env());
        Ok(match self.verbose {
            true => hub.telling(|request| eprintln!("{request}")),
            false => hub,
        })
    }
}

/// What is published elsewhere than where readers look is a rehearsal.
pub(crate) fn class(endpoints: &Endpoints) -> EvidenceClass {
    match endpoints.is_public() {
        true => EvidenceClass::RELEASE,
        false => EvidenceClass::fixture(FixtureReason::RehearsalHosts),
    }
}
