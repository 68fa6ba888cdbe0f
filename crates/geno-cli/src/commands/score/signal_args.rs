//! Arguments about what rows carry beside the surprise.

use geno_encoder::TokenDomain;
use geno_runtime::{
    LikelihoodDelta, LikelihoodLevel, LoadModelError, ModelDir, Phases, Signal, SignalLikelihood,
    Signals, Strands,
};

use crate::strands_arg::StrandsName;

#[derive(clap::Args)]
pub(super) struct SignalArgs {
    /// What rows carry besides: displacement, how far the encoded state moves; likelihood_delta, what the edit adds to
    /// Carbon's mean log-likelihood of a base of the window
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    signals: Vec<Signal>,

    /// In which directions windows are read for their likelihood
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        default_value = "forward",
        requires = "signals"
    )]
    likelihood_strands: StrandsName,

    /// In how many of the six 6-mer phases windows are read for their likelihood
    #[arg(
        long,
        value_name = "N",
        default_value_t = 1,
        requires = "signals",
        value_parser = clap::value_parser!(u8).range(1..=6)
    )]
    likelihood_phases: u8,
}

impl SignalArgs {
    /// Loads what computes Carbon's likelihood, if that is asked for.
    pub(super) fn likelihood(
        &self,
        model: &ModelDir,
    ) -> Result<Option<SignalLikelihood>, LoadModelError> {
        if !self.signals.contains(&Signal::LikelihoodDelta) {
            return Ok(None);
        }
        Ok(Some(SignalLikelihood {
            carbon: model.load_likelihood(TokenDomain::Dna)?,
            delta: LikelihoodDelta {
                level: LikelihoodLevel::Base,
                strands: Strands::from(self.likelihood_strands),
                phases: Phases::new(self.likelihood_phases.into()).unwrap_or(Phases::ONE),
            },
        }))
    }

    /// The signals that are asked for.
    pub(super) fn signals<'a>(&self, likelihood: Option<&'a SignalLikelihood>) -> Signals<'a> {
        Signals {
            displacement: self.signals.contains(&Signal::Displacement),
            likelihood,
        }
    }
}
