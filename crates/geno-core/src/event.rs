//! Events: what a log may hold, and nothing else.
//!
//! Redaction is by construction. An [`Event`] is one of a fixed list, and its fields are
//! [`EventValue`]s: numbers, names known at compile time, digests and error codes. Bases, alleles,
//! positions, sample names, paths and the contents of files are texts made at run time, and no field
//! takes one. Sizes, durations and counts are all that is said of an input.

mod list;
mod value;

use std::{
    error::Error,
    fmt::{self, Write},
    str::FromStr,
};

pub use self::{list::Event, value::EventValue};
use crate::contract::UnknownName;

/// Target under which [`Event::emit`] hands events to `tracing`.
pub const EVENT_TARGET: &str = "geno_lewm";

/// How much an event matters, least first.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd)]
pub enum Severity {
    /// For finding a fault.
    Debug,
    /// What happens in any good run.
    Info,
    /// A run that goes on, though not as meant.
    Warn,
    /// Something that failed.
    Error,
}

impl Severity {
    /// Every severity, least first.
    pub const ALL: [Self; 4] = [Self::Debug, Self::Info, Self::Warn, Self::Error];

    /// The name used in logs and configurations.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warn => "warn",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Severity {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let mut all = Self::ALL.into_iter();
        all.find(|severity| severity.as_str() == name)
            .ok_or_else(|| UnknownName {
                what: "log level",
                name: name.to_owned(),
                expected: &["debug", "info", "warn", "error"],
            })
    }
}

impl Event {
    /// Hands the event to whatever listens to `tracing` in this process, if anything does.
    ///
    /// The event travels as a `dyn Error` in the field `event`, the one form in which `tracing`
    /// keeps a value's type: a listener that asks for the type gets an [`Event`] or nothing, so no
    /// other record can pass for one.
    ///
    /// ```
    /// use geno_core::{Digest, Event};
    ///
    /// let model_id = Digest::of(b"manifest");
    /// Event::ProvenanceVerifyStart { model_id }.emit();
    /// ```
    pub fn emit(self) {
        let event: &(dyn Error + 'static) = &self;
        match self.severity() {
            Severity::Debug => tracing::debug!(target: EVENT_TARGET, event),
            Severity::Info => tracing::info!(target: EVENT_TARGET, event),
            Severity::Warn => tracing::warn!(target: EVENT_TARGET, event),
            Severity::Error => tracing::error!(target: EVENT_TARGET, event),
        }
    }
}

/// `name key=value key=value`.
impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        for (key, value) in self.data() {
            f.write_char(' ')?;
            write!(f, "{key}={value}")?;
        }
        Ok(())
    }
}

/// Not that anything failed: see [`Event::emit`].
impl Error for Event {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Digest, ErrorCode};

    #[test]
    fn an_event_reads_as_its_name_and_its_data() {
        let event = Event::ProvenanceVerifyMismatch {
            kind: "predictor",
            error_code: ErrorCode::ProvenanceManifestHashMismatch,
            expected: None,
            got: Some(Digest::from_bytes([0; 32])),
        };
        let zeros = "0".repeat(64);
        assert_eq!(
            event.to_string(),
            format!(
                "provenance.verify.mismatch kind=predictor \
                 error_code=PROVENANCE.MANIFEST_HASH_MISMATCH got=sha256:{zeros}"
            )
        );
        assert_eq!(event.severity(), Severity::Error);
        assert_eq!(event.component(), "provenance");
    }

    #[test]
    fn names_of_severities_read_back() {
        for severity in Severity::ALL {
            assert_eq!(severity.as_str().parse(), Ok(severity));
        }
        assert!("loud".parse::<Severity>().is_err());
    }
}
