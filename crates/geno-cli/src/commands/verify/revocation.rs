//! Whether the model was withdrawn.

use std::{
    ffi::OsString,
    fs, io,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{Label, RevocationError, RevocationList, Timestamp};

use crate::failure::Failure;

#[derive(clap::Args)]
pub(super) struct RevocationArgs {
    /// Signed list of withdrawn models; its signature is in FILE.minisig
    #[arg(long, value_name = "FILE", requires = "revocation_key")]
    revocation: Option<PathBuf>,

    /// Public key of whoever signs the list: a minisign key or a file with one
    #[arg(long, value_name = "FILE|KEY", requires = "revocation")]
    revocation_key: Option<OsString>,

    /// Fail where the model was withdrawn, instead of warning
    #[arg(long, requires = "revocation")]
    deny_yanked: bool,
}

/// Why a list of withdrawn models is no help, or says no.
#[derive(Debug, thiserror::Error)]
enum YankedError {
    #[error("cannot read `{}`", path.display())]
    Read { path: PathBuf, source: io::Error },
    #[error("cannot read the signature `{}`", path.display())]
    Signature { path: PathBuf, source: io::Error },
    #[error("cannot rely on `{}`", path.display())]
    List {
        path: PathBuf,
        source: RevocationError,
    },
    #[error("model {model_id} was withdrawn as of {since}: {reason}")]
    Yanked {
        model_id: Digest,
        since: Timestamp,
        reason: Label,
    },
}

impl Coded for YankedError {
    fn code(&self) -> ErrorCode {
        match self {
            Self::Read { source, .. } => ErrorCode::of_io(source),
            Self::Signature { .. } => ErrorCode::ProvenanceGeneric,
            Self::List { source, .. } => source.code(),
            Self::Yanked { .. } => ErrorCode::ProvenanceModelYanked,
        }
    }
}

impl RevocationArgs {
    /// Looks a model up in the list, if there is one.
    #[expect(clippy::print_stderr, reason = "a warning beside the data")]
    pub(super) fn check(&self, model_id: Digest) -> Result<(), Failure> {
        let (Some(path), Some(key)) = (&self.revocation, &self.revocation_key) else {
            return Ok(());
        };
        let list = open(path, key)?;
        let Some(revoked) = list.find(model_id) else {
            return Ok(());
        };
        let yanked = YankedError::Yanked {
            model_id,
            since: revoked.since,
            reason: revoked.reason.clone(),
        };
        if self.deny_yanked {
            return Err(yanked.into());
        }
        eprintln!("warning[model_yanked]: {yanked}");
        Ok(())
    }
}

fn open(path: &Path, key: &OsString) -> Result<RevocationList, YankedError> {
    let list = fs::read(path).map_err(|source| YankedError::Read {
        path: path.to_owned(),
        source,
    })?;
    let mut signature = path.as_os_str().to_owned();
    signature.push(".minisig");
    let signature = PathBuf::from(signature);
    let text = fs::read_to_string(&signature).map_err(|source| YankedError::Signature {
        path: signature,
        source,
    })?;
    let key = match fs::read_to_string(key) {
        Ok(text) => text,
        // What names no file is the key itself.
        Err(_) => key.to_string_lossy().into_owned(),
    };
    RevocationList::open(&list, &text, &key).map_err(|source| YankedError::List {
        path: path.to_owned(),
        source,
    })
}
