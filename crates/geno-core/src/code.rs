//! Stable error codes and the process exits they lead to.

use std::{error::Error, fmt, io};

/// A group of errors that leave the process with the same exit code.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Family {
    /// What the user passed in: files, variants, windows.
    Input,
    /// Configuration and schema versions.
    Config,
    /// Files, memory, models and devices that are not there.
    Resource,
    /// A training run.
    Training,
    /// An evaluation.
    Eval,
    /// Backends and exported formats.
    Deploy,
    /// Hashes, commitments and receipts that do not hold.
    Provenance,
    /// A broken promise inside the program.
    Internal,
}

impl Family {
    /// The exit code of a process that ends with an error of this family.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Input => 2,
            Self::Config => 3,
            Self::Resource => 4,
            Self::Training => 5,
            Self::Eval => 6,
            Self::Deploy => 7,
            Self::Provenance => 8,
            Self::Internal => 9,
        }
    }
}

macro_rules! codes {
    ($($family:ident { $($(#[doc = $doc:literal])* $name:ident = $text:literal),* $(,)? })*) => {
        /// What went wrong, as a name that never changes: `FAMILY.NAME`.
        ///
        /// Scripts match on it, so a variant may be added but never renamed.
        #[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
        #[non_exhaustive]
        pub enum ErrorCode {
            $($($(#[doc = $doc])* $name,)*)*
        }

        impl ErrorCode {
            /// Every code, by family.
            pub const ALL: &[Self] = &[$($(Self::$name,)*)*];

            /// The code as text, such as `INPUT.VCF_PARSE`.
            pub fn as_str(self) -> &'static str {
                match self {
                    $($(Self::$name => $text,)*)*
                }
            }

            /// The family the code belongs to.
            pub fn family(self) -> Family {
                match self {
                    $($(Self::$name)|* => Family::$family,)*
                }
            }
        }
    };
}

codes! {
    Input {
        /// An argument or a value outside what is documented.
        InputGeneric = "INPUT.GENERIC",
        /// A VCF row has no alternate allele (`.`).
        InputNoAlternate = "INPUT.NO_ALTERNATE",
        /// A file that must hold something is empty.
        InputEmpty = "INPUT.EMPTY",
        /// A FASTA file or its index is malformed.
        InputFasta = "INPUT.FASTA",
        /// An edit that no genome can carry: equal alleles, letters other than ACGT.
        InputInvalidEdit = "INPUT.INVALID_EDIT",
        /// An edit or a locus reaches past its window or contig.
        InputOutOfWindow = "INPUT.OUT_OF_WINDOW",
        /// Two edits of one haplotype touch the same bases.
        InputOverlappingEdits = "INPUT.OVERLAPPING_EDITS",
        /// The REF allele differs from the reference sequence.
        InputRefMismatch = "INPUT.REF_MISMATCH",
        /// A `*` allele: the base is missing because of another record's deletion.
        InputStarAllele = "INPUT.STAR_ALLELE",
        /// A symbolic allele or a breakend, such as `<DEL>`.
        InputSymbolicAllele = "INPUT.SYMBOLIC_ALLELE",
        /// A compressed file ends before its end.
        InputTruncated = "INPUT.TRUNCATED",
        /// A contig that the reference does not hold.
        InputUnknownContig = "INPUT.UNKNOWN_CONTIG",
        /// An edit of a kind or length that the model does not take.
        InputUnsupportedEdit = "INPUT.UNSUPPORTED_EDIT",
        /// A VCF file or row that cannot be parsed.
        InputVcfParse = "INPUT.VCF_PARSE",
        /// A window that differs from the bases an edit replaces.
        InputWindowMismatch = "INPUT.WINDOW_MISMATCH",
    }
    Config {
        /// A configuration value of the wrong type or outside its range.
        ConfigGeneric = "CONFIG.GENERIC",
        /// A configuration value or file that is needed and absent.
        ConfigMissingField = "CONFIG.MISSING_FIELD",
        /// A schema version this program does not read.
        ConfigSchemaIncompat = "CONFIG.SCHEMA_INCOMPAT",
        /// A top-level configuration key that does not exist.
        ConfigUnknownTopLevelKey = "CONFIG.UNKNOWN_TOP_LEVEL_KEY",
    }
    Resource {
        /// A cache whose contents are not what was written to it.
        ResourceCacheCorrupt = "RESOURCE.CACHE_CORRUPT",
        /// No space is left on the device.
        ResourceDiskFull = "RESOURCE.DISK_FULL",
        /// A resource failed in a way that has no code of its own.
        ResourceGeneric = "RESOURCE.GENERIC",
        /// A file could not be opened, read or written.
        ResourceIo = "RESOURCE.IO",
        /// A model directory, or a file it must hold, is not there.
        ResourceModelNotFound = "RESOURCE.MODEL_NOT_FOUND",
        /// A host that cannot be reached, is not trusted, or does not answer as it should.
        ResourceNetwork = "RESOURCE.NETWORK",
        /// A component that the call needs was not loaded.
        ResourceRuntimeSetup = "RESOURCE.RUNTIME_SETUP",
        /// A weight file whose contents contradict its header or its configuration.
        ResourceWeights = "RESOURCE.WEIGHTS",
    }
    Training {
        /// Predictions that have become alike.
        TrainingCollapseDetected = "TRAINING.COLLAPSE_DETECTED",
        /// A training run that cannot go on, and has no code of its own.
        TrainingGeneric = "TRAINING.GENERIC",
        /// A loss or a gradient that is no finite number.
        TrainingNanLoss = "TRAINING.NAN_LOSS",
    }
    Eval {
        /// Labels and scores that cannot be evaluated together.
        EvalDataset = "EVAL.DATASET",
        /// An evaluation that is not what is asked of it, and has no code of its own.
        EvalGeneric = "EVAL.GENERIC",
    }
    Deploy {
        /// A backend that is not compiled in or finds no device.
        DeployBackendUnsupported = "DEPLOY.BACKEND_UNSUPPORTED",
        /// A file in a format that cannot be written or read.
        DeployExportFormat = "DEPLOY.EXPORT_FORMAT",
    }
    Provenance {
        /// A provenance statement that does not hold and has no code of its own.
        ProvenanceGeneric = "PROVENANCE.GENERIC",
        /// The inputs are not those the receipt commits to.
        ProvenanceInputCommitmentMismatch = "PROVENANCE.INPUT_COMMITMENT_MISMATCH",
        /// A kind of provenance this program cannot check.
        ProvenanceKindUnsupported = "PROVENANCE.KIND_UNSUPPORTED",
        /// A file or a manifest is not the one that was committed to.
        ProvenanceManifestHashMismatch = "PROVENANCE.MANIFEST_HASH_MISMATCH",
        /// The model was withdrawn by those who published it.
        ProvenanceModelYanked = "PROVENANCE.MODEL_YANKED",
        /// The output is not the one the receipt commits to.
        ProvenanceOutputCommitmentMismatch = "PROVENANCE.OUTPUT_COMMITMENT_MISMATCH",
        /// A receipt differs from the one that was written.
        ProvenanceReceiptDigestMismatch = "PROVENANCE.RECEIPT_DIGEST_MISMATCH",
        /// A receipt whose fields are missing, unknown or of the wrong type.
        ProvenanceReceiptSchema = "PROVENANCE.RECEIPT_SCHEMA",
    }
    Internal {
        /// An internal error without a code of its own.
        InternalGeneric = "INTERNAL.GENERIC",
        /// Something the program relies on does not hold.
        InternalInvariantViolation = "INTERNAL.INVARIANT_VIOLATION",
    }
}

impl ErrorCode {
    /// The exit code of a process that ends with this error.
    pub fn exit_code(self) -> u8 {
        self.family().exit_code()
    }

    /// The code of an I/O error: [`ErrorCode::ResourceDiskFull`] when no space is left, else
    /// [`ErrorCode::ResourceIo`].
    pub fn of_io(error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::ResourceDiskFull,
            _ => Self::ResourceIo,
        }
    }
}

impl fmt::Display for ErrorCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An error that knows its code.
pub trait Coded: Error {
    /// The stable code of this error.
    fn code(&self) -> ErrorCode;
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn codes_are_unique_and_begin_with_their_family() {
        let mut seen = HashSet::new();
        for code in ErrorCode::ALL {
            let family = format!("{:?}.", code.family()).to_uppercase();
            assert!(code.as_str().starts_with(&family), "{code}");
            assert!(seen.insert(code.as_str()), "{code} twice");
        }
    }

    #[test]
    fn a_full_disk_has_its_own_code() {
        let full = io::Error::from(io::ErrorKind::StorageFull);
        assert_eq!(ErrorCode::of_io(&full), ErrorCode::ResourceDiskFull);
        assert_eq!(ErrorCode::of_io(&full).exit_code(), 4);
    }
}
