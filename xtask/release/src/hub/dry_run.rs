//! The requests that a first run would send, without a network.

use std::{cell::RefCell, fs, io, path::PathBuf, rc::Rc};

use geno_app::RetryPolicy;
use geno_core::Digest;
use geno_provenance::Secret;
use tempfile::TempDir;
use ureq::http::{HeaderMap, HeaderName, HeaderValue};

use super::{
    Endpoints, Hub, HubError, PlannedFile, Published, Target, Tokens,
    told::RequestLine,
    wire::{Body, Request, Response, Transport, TransportError, shown},
};
use crate::local_hub::{self, Host, Incoming, Upload};

/// The requests of a first run on hosts that have nothing of the target. Needs no token.
///
/// The hosts' answers are those of the local one. Where Hugging Face takes other files than it for
/// large ones, other files go into the commit itself.
///
/// # Errors
///
/// [`HubError`], for whatever is wrong with the plan or its files.
pub(crate) fn plan_requests(
    endpoints: &Endpoints,
    target: &Target,
    files: &[PlannedFile],
    message: &str,
) -> Result<Vec<RequestLine>, HubError> {
    let requests = Rc::new(RefCell::new(Vec::new()));
    let transport = DryRun::new(endpoints.clone(), requests.clone());
    let hub = Hub {
        endpoints: endpoints.clone(),
        tokens: Tokens {
            hugging_face: Some(Secret::new("hf_")),
            github: Some(Secret::new("ghp_")),
        },
        transport: Box::new(transport.map_err(|source| HubError::File {
            path: std::env::temp_dir(),
            source,
        })?),
        retry: RetryPolicy {
            retries: 0,
            ..RetryPolicy::default()
        },
    };
    hub.publish(target, files, message, Published::Keep)?;
    Ok(requests.take())
}

/// Notes requests, and answers as hosts on which nothing is published.
struct DryRun {
    endpoints: Endpoints,
    requests: Rc<RefCell<Vec<RequestLine>>>,
    host: RefCell<Host>,
    folder: TempDir,
}

impl DryRun {
    fn new(endpoints: Endpoints, requests: Rc<RefCell<Vec<RequestLine>>>) -> io::Result<Self> {
        let folder = tempfile::tempdir()?;
        Ok(Self {
            endpoints,
            requests,
            host: RefCell::new(Host::open(folder.path())?),
            folder,
        })
    }

    fn upload(&self, body: Body<'_>) -> io::Result<Upload> {
        let (path, is_borrowed): (PathBuf, bool) = match body {
            Body::File { path, .. } => (path.to_owned(), true),
            Body::Bytes(bytes) => {
                let path = self.folder.path().join("body");
                fs::write(&path, bytes)?;
                (path, false)
            }
            Body::None => {
                let path = self.folder.path().join("body");
                fs::write(&path, b"")?;
                (path, false)
            }
        };
        Ok(Upload {
            digest: Digest::of_reader(fs::File::open(&path)?)?,
            path,
            size: body.size(),
            is_borrowed,
        })
    }

    fn answer(&self, request: &Request<'_>) -> io::Result<Response> {
        let named = local_hub::take_apart(&self.endpoints, &request.url);
        let (service, parts) = named.ok_or(io::ErrorKind::HostUnreachable)?;
        let is_ours = parts.first().is_none_or(|part| !part.starts_with("lfs-"));
        self.requests.borrow_mut().push(RequestLine {
            method: request.method.clone(),
            url: is_ours.then(|| request.url.clone()),
            size: request.body.size(),
            has_token: request.token.is_some(),
        });
        let header = |name: &str| {
            let mut headers = request.headers.iter();
            headers
                .find(|(other, _)| other.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let token = request
            .token
            .map(|token| format!("Bearer {}", token.reveal()));
        let incoming = Incoming {
            service,
            method: request.method.to_string(),
            url: shown(&request.url),
            parts,
            query: local_hub::query(&request.url),
            start: None,
            accept: header("accept").cloned().unwrap_or_default(),
            bearer: local_hub::bearer(token.as_deref()),
            upload: self.upload(request.body)?,
        };
        let answer = self.host.borrow_mut().answer(&incoming)?;
        let mut headers = HeaderMap::new();
        for (name, value) in answer.headers {
            let name = HeaderName::from_bytes(name.as_bytes());
            if let (Ok(name), Ok(value)) = (name, HeaderValue::from_str(&value)) {
                headers.insert(name, value);
            }
        }
        let (body, _) = local_hub::open(answer.body)?;
        Ok(Response {
            status: answer.status,
            headers,
            body,
        })
    }
}

impl Transport for DryRun {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        self.answer(request)
            .map_err(|source| TransportError::Connection {
                url: shown(&request.url),
                source,
            })
    }
}
