//! Arguments about what is computed of variants beside the surprise.

use std::path::Path;

use geno_encoder::TokenDomain;
use geno_runtime::{
    LikelihoodDelta, LikelihoodLevel, LoadModelError, ModelDir, Phases, Runtime, SignalLikelihood,
    SignalTableError, SignalTables, Signals, Strands,
};

use crate::strands_arg::StrandsName;

/// What `--signals` may name.
#[derive(Clone, Copy, Eq, PartialEq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
enum SignalName {
    Displacement,
    LikelihoodDelta,
    Ensemble,
}

#[derive(clap::Args)]
pub(crate) struct SignalArgs {
    /// What is computed besides: displacement, how far the encoded state moves; likelihood_delta, what the edit adds to
    /// Carbon's mean log-likelihood of a base of the window; ensemble, percentiles of these and of all together
    #[arg(
        long,
        value_enum,
        value_name = "NAME",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    signals: Vec<SignalName>,

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
    pub(crate) fn likelihood(
        &self,
        model: &ModelDir,
    ) -> Result<Option<SignalLikelihood>, LoadModelError> {
        if !self.signals.contains(&SignalName::LikelihoodDelta) {
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

    /// The signals that are asked for, without their tables.
    pub(crate) fn signals<'a>(&self, likelihood: Option<&'a SignalLikelihood>) -> Signals<'a> {
        Signals {
            displacement: self.signals.contains(&SignalName::Displacement),
            likelihood,
            tables: None,
        }
    }

    /// Reads the tables of signals, if their percentiles are asked for.
    pub(crate) fn tables(
        &self,
        runtime: &mut Runtime,
        calibration: Option<&Path>,
        signals: Signals<'_>,
    ) -> Result<Option<SignalTables>, SignalTableError> {
        match self.signals.contains(&SignalName::Ensemble) {
            true => runtime.read_signal_tables(calibration, signals).map(Some),
            false => Ok(None),
        }
    }
}
