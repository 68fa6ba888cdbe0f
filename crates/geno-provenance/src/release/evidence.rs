//! Whether something may count as evidence.

use std::collections::BTreeSet;

use crate::{FieldError, Fields, Json};

macro_rules! reasons {
    ($($(#[doc = $doc:literal])* $name:ident = $code:literal;)*) => {
        /// Why something is no evidence.
        #[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
        #[non_exhaustive]
        pub enum FixtureReason {
            $($(#[doc = $doc])* $name,)*
        }

        impl FixtureReason {
            /// Every reason.
            pub const ALL: &[Self] = &[$(Self::$name,)*];

            /// Its name in files.
            pub fn code(self) -> &'static str {
                match self {
                    $(Self::$name => $code,)*
                }
            }
        }
    };
}

reasons! {
    /// The program was built from a tree that differs from its commit, or from no commit.
    DirtyTree = "dirty_tree";
    /// Something other than the released program computed the numbers.
    InjectedRuntime = "injected_runtime";
    /// The data were made up.
    MadeUpData = "made_up_data";
    /// The model was made up, or never trained.
    MadeUpModel = "made_up_model";
    /// Other hosts took the place of the public ones.
    RehearsalHosts = "rehearsal_hosts";
    /// A check was left out on request.
    SkippedCheck = "skipped_check";
    /// The configuration is one for trying things out.
    TrialConfiguration = "trial_configuration";
}

/// Whether something may count as evidence: a taint that whatever is made from it inherits.
///
/// Who makes something says what it is. Nothing is guessed from names.
///
/// ```
/// use geno_provenance::release::{EvidenceClass, FixtureReason};
///
/// let scores = EvidenceClass::fixture(FixtureReason::MadeUpModel);
/// let report = EvidenceClass::RELEASE.join(&scores);
/// assert!(!report.is_release());
/// assert_eq!(report.reasons().next(), Some(FixtureReason::MadeUpModel));
/// ```
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct EvidenceClass {
    /// Empty for what may count.
    reasons: BTreeSet<FixtureReason>,
}

impl EvidenceClass {
    /// What may count as evidence.
    pub const RELEASE: Self = Self {
        reasons: BTreeSet::new(),
    };

    /// What may not.
    pub fn fixture(reason: FixtureReason) -> Self {
        Self {
            reasons: [reason].into(),
        }
    }

    /// Whether it may count as evidence.
    pub fn is_release(&self) -> bool {
        self.reasons.is_empty()
    }

    /// Why it may not.
    pub fn reasons(&self) -> impl Iterator<Item = FixtureReason> {
        self.reasons.iter().copied()
    }

    /// The class of what is made from both.
    #[must_use]
    pub fn join(&self, other: &Self) -> Self {
        Self {
            reasons: &self.reasons | &other.reasons,
        }
    }

    /// Takes the reasons; the name of the class follows from them.
    pub(super) fn take(mut fields: Fields) -> Result<Self, FieldError> {
        fields.string("class")?;
        let mut reasons = BTreeSet::new();
        for (i, code) in fields.labels("reasons")?.iter().enumerate() {
            let mut known = FixtureReason::ALL.iter();
            let reason = known.find(|reason| reason.code() == &**code);
            reasons.insert(*reason.ok_or_else(|| FieldError::Value {
                field: format!("evidence_class.reasons[{i}]"),
                expected: "a reason why something is no evidence",
            })?);
        }
        fields.finish()?;
        Ok(Self { reasons })
    }

    fn name(&self) -> &'static str {
        match self.is_release() {
            true => "release",
            false => "fixture",
        }
    }
}

impl From<&EvidenceClass> for Json {
    fn from(class: &EvidenceClass) -> Self {
        let reasons = class.reasons().map(|reason| Self::from(reason.code()));
        Self::object([
            ("class", Self::from(class.name())),
            ("reasons", Self::Array(reasons.collect())),
        ])
    }
}

#[cfg(test)]
mod tests {
    use proptest::{prelude::*, sample::subsequence};

    use super::*;

    fn class() -> impl Strategy<Value = EvidenceClass> {
        let reasons = subsequence(FixtureReason::ALL.to_vec(), 0..=FixtureReason::ALL.len());
        reasons.prop_map(|reasons| EvidenceClass {
            reasons: reasons.into_iter().collect(),
        })
    }

    proptest! {
        #[test]
        fn a_taint_is_never_lost(a in class(), b in class()) {
            let both = a.join(&b);
            prop_assert_eq!(&both, &b.join(&a));
            prop_assert_eq!(both.is_release(), a.is_release() && b.is_release());
            for reason in a.reasons().chain(b.reasons()) {
                prop_assert!(both.reasons.contains(&reason));
            }
        }

        #[test]
        fn a_class_reads_back(class in class()) {
            let fields = Fields::of_document(Json::from(&class)).unwrap();
            prop_assert_eq!(EvidenceClass::take(fields).unwrap(), class);
        }
    }
}
