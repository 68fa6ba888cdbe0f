//! The exchange over the network.

use std::{fs::File, io, path::Path, time::Duration};

use ureq::{
    Agent, AsSendBody,
    http::{self, HeaderValue, header},
};

use super::{
    endpoints::{is_secure, is_this_machine},
    wire::{Body, Request, Response, Transport, TransportError, shown},
};

/// Speaks HTTP: with TLS to every host but this machine, through the proxy of the environment.
pub(crate) struct HttpTransport {
    remote: Agent,
    local: Agent,
}

impl HttpTransport {
    /// Sets up a transport that waits as long as this for a host that sends or takes nothing.
    pub(crate) fn new(timeout: Duration) -> Self {
        let settings = || {
            Agent::config_builder()
                .http_status_as_error(false)
                .max_redirects(0)
                .max_redirects_will_error(false)
                // A connection that was closed meanwhile looks like a lost request.
                .max_idle_connections(0)
                .user_agent(concat!("geno-lewm/", env!("CARGO_PKG_VERSION")))
                .timeout_connect(Some(timeout))
                .timeout_recv_response(Some(timeout))
                .timeout_per_read(Some(timeout))
                .timeout_per_write(Some(timeout))
        };
        Self {
            remote: settings().https_only(true).build().new_agent(),
            local: settings().proxy(None).build().new_agent(),
        }
    }
}

impl Transport for HttpTransport {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let url = || shown(&request.url);
        if !is_secure(&request.url) {
            return Err(TransportError::Insecure { url: url() });
        }
        let mut builder = http::Request::builder()
            .method(request.method.clone())
            .uri(request.url.as_str())
            .header(header::ACCEPT_ENCODING, "identity");
        for (name, value) in &request.headers {
            builder = builder.header(name, value);
        }
        if let Some(token) = request.token {
            let value = HeaderValue::from_str(&format!("Bearer {}", token.reveal()));
            let mut value = value.map_err(|_| TransportError::Header { url: url() })?;
            value.set_sensitive(true);
            builder = builder.header(header::AUTHORIZATION, value);
        }
        let agent = match is_this_machine(&request.url) {
            true => &self.local,
            false => &self.remote,
        };
        let result = match request.body {
            Body::None => run(agent, builder, ()),
            Body::Bytes(bytes) => run(agent, builder, bytes),
            Body::File { path, size } => match open_file(path, size) {
                Ok(file) => run(agent, builder, file),
                Err(source) => {
                    let path = path.to_owned();
                    return Err(TransportError::File { path, source });
                }
            },
        };
        match result {
            Ok(response) => {
                let (head, body) = response.into_parts();
                Ok(Response {
                    status: head.status.as_u16(),
                    headers: head.headers,
                    body: Box::new(body.into_reader()),
                })
            }
            Err(ureq::Error::Http(_)) => Err(TransportError::Header { url: url() }),
            Err(error) => Err(TransportError::Connection {
                url: url(),
                source: error.into_io(),
            }),
        }
    }
}

fn run(
    agent: &Agent,
    builder: http::request::Builder,
    body: impl AsSendBody,
) -> Result<http::Response<ureq::Body>, ureq::Error> {
    agent.run(builder.body(body)?)
}

fn open_file(path: &Path, size: u64) -> io::Result<File> {
    let file = File::open(path)?;
    match file.metadata()?.len() == size {
        true => Ok(file),
        false => Err(io::Error::other("it has another size than planned")),
    }
}
