//! Arguments of the commands that fetch files.

use std::{env, path::PathBuf, time::Duration};

use geno_app::{
    Client, ClientSettings, Credentials, FetchError, Location, LocationError,
    config::{Layers, Settings},
};
use geno_provenance::Secret;

use crate::{
    failure::{Failure, UsageError},
    shared_args::help_of,
};

#[derive(clap::Args)]
pub(crate) struct NetworkArgs {
    #[arg(long, value_name = "SECONDS", help = help_of("update.timeout_s"))]
    timeout: Option<u64>,

    /// Root certificates in PEM format, trusted in place of the usual ones
    #[arg(long, value_name = "PEM")]
    ca_file: Option<PathBuf>,
}

impl NetworkArgs {
    /// Adds the flags that stand for keys.
    pub(crate) fn add_to(&self, layers: &mut Layers) {
        layers.flag_if("update.timeout_s", "--timeout", self.timeout);
    }

    /// A client that shows a token, if there is one, to one host alone.
    pub(crate) fn client(
        &self,
        settings: &Settings,
        credentials: Option<Credentials>,
    ) -> Result<Client, FetchError> {
        Client::new(ClientSettings {
            ca_file: self.ca_file.clone(),
            timeout: Duration::from_secs(settings.update.timeout_s),
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
