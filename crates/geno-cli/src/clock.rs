//! The time that receipts carry.

use std::{
    env,
    time::{SystemTime, UNIX_EPOCH},
};

use geno_provenance::Timestamp;

use crate::failure::{Failure, UsageError};

/// Now, or the second that `SOURCE_DATE_EPOCH` names, for runs that must repeat byte for byte.
pub(crate) fn now() -> Result<Timestamp, Failure> {
    let seconds = match env::var("SOURCE_DATE_EPOCH") {
        Ok(text) => text
            .parse()
            .map_err(|_| UsageError("SOURCE_DATE_EPOCH is not a number of seconds".to_owned()))?,
        Err(_) => SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .map_or(0, |since| since.as_secs()),
    };
    Ok(Timestamp::from_unix_seconds(seconds)?)
}
