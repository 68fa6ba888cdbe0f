//! What a report does not show.

use crate::Json;

macro_rules! claims {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal, $text:literal;)*) => {
        /// A boundary of what a report shows, which its readers have to keep.
        ///
        /// A boundary is a value, not a sentence: each kind of report declares its own
        /// ([`ReportBody::CLAIMS`](super::ReportBody::CLAIMS)), its file names them with their
        /// texts, and one that is missing or says something else is an error.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum Claim {
            $($(#[doc = $doc])* $name,)*
        }

        impl Claim {
            /// Every boundary.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in files.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }

            /// The sentence that people read.
            pub fn text(self) -> &'static str {
                match self {
                    $(Self::$name => $text,)*
                }
            }
        }
    };
}

claims! {
    /// A run of the program says nothing of the quality of its scores.
    CommandBehaviourOnly = "command_behaviour_only",
        "This shows that the commands ran as recorded. What the scores are worth stands in the evaluation report.";
    /// A row that is there may hold any value.
    CoverageOnly = "coverage_only",
        "This shows which measurements exist, not that their values are good.";
    /// Labels stand for themselves.
    LabelsAsGiven = "labels_as_given",
        "Labels are taken as their source gives them; that they are right is not shown.";
    /// Only what was compared is disjoint.
    LeakageAsCompared = "leakage_as_compared",
        "Splits are disjoint in what was compared, as listed; homologous sequence is not compared.";
    /// Nothing here is for patients.
    NoClinicalUse = "no_clinical_use",
        "Nothing here is meant for clinical use.";
    /// Nothing is said of how safe or how ready a deployment is.
    NoDeploymentReadiness = "no_deployment_readiness",
        "This does not show that a deployment is ready or safe.";
    /// Checksums are no assurance of privacy.
    NoPrivacyAssurance = "no_privacy_assurance",
        "This gives no assurance of privacy.";
    /// Frequencies do not say who carries what together.
    NoSamplePhase = "no_sample_phase",
        "The variants of a chain come from a population without phase; it is no observed haplotype.";
    /// A suite runs commands.
    OrchestrationOnly = "orchestration_only",
        "This shows which commands ran with which outputs; each measurement is validated by its own report.";
    /// Plans reach a target that was made up.
    PlanningIsNotUsefulPlanning = "planning_is_not_useful_planning",
        "The target of this plan was made up; that planning is of use is not shown.";
    /// A target that was changed was not met.
    ScopeDecisionNotTargetMet = "scope_decision_not_target_met",
        "This records a decision. The targets that were missed stay missed.";
    /// Smoke tests run on made-up rows.
    SmokeIsNotEvidence = "smoke_is_not_evidence",
        "The rows of this run are made up; it is no evidence of any model.";
    /// Times say nothing of quality.
    TimingIsNotQuality = "timing_is_not_quality",
        "Times say nothing of the quality of a model.";
    /// The loss of a run is no score of a task.
    TrainingLossIsNotQuality = "training_loss_is_not_quality",
        "What a run measured while it trained is not an evaluation.";
}

impl From<Claim> for Json {
    fn from(claim: Claim) -> Self {
        Self::object([
            ("code", Self::from(claim.code())),
            ("text", Self::from(claim.text())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_one_each_and_in_the_order_of_the_enumeration() {
        let codes: Vec<_> = Claim::ALL.iter().map(|claim| claim.code()).collect();
        let mut sorted = codes.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(codes, sorted);
    }
}
