//! Arguments of the commands that fetch files.

use std::{env, path::PathBuf, time::Duration};

use geno_app::{Client, ClientSettings, Credentials, FetchError, Location, LocationError, Secret};

use crate::failure::{Failure, UsageError};

#[derive(clap::Args)]
pub(crate) struct NetworkArgs {
    /// Seconds that a host may take to connect, or send nothing
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    timeout: u64,

    /// Root certificates in PEM format, trusted in place of the usual ones
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,

    /// Print no progress
    #[arg(long, short)]
    pub(crate) quiet: bool,
}

impl NetworkArgs {
    /// A client that shows a token, if there is one, to one host alone.
    pub(crate) fn client(&self, credentials: Option<Credentials>) -> Result<Client, FetchError> {
        Client::new(ClientSettings {
            ca_file: self.ca_file.clone(),
            timeout: Duration::from_secs(self.timeout.max(1)),
            credentials,
            ..ClientSettings::default()
        })
    }
}

/// The token in an environment variable, for the host of a location.
pub(crate) fn token_from(name: &str, host: &Location) -> Option<Credentials> {
    let token = env::var(name).ok().filter(|token| !token.is_empty())?;
    Some(Credentials::new(Secret::new(token), host.clone()))
}

/// Reads a URL, or a path of this machine.
pub(crate) fn location(text: &str) -> Result<Location, Failure> {
    if text.contains("://") {
        return Ok(Location::parse(text)?);
    }
    let absolute = std::path::absolute(text)
        .map_err(|error| UsageError(format!("`{text}` is neither a URL nor a path: {error}")))?;
    let location: Result<Location, LocationError> = absolute.as_path().try_into();
    Ok(location?)
}
