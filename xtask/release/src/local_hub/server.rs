//! The hosts on two ports of this machine: one request a connection.

use std::{
    fs::{self, File, OpenOptions},
    io::{self, BufRead, BufReader, Read, Write},
    net::{Shutdown, TcpListener, TcpStream},
    path::{Path, PathBuf},
    sync::{
        Arc, Mutex, MutexGuard, PoisonError,
        atomic::{AtomicUsize, Ordering},
    },
    thread::{self, JoinHandle},
};

use geno_core::DigestHasher;
use url::Url;

use super::{
    fault::{self, Fault, FaultKind},
    github::broken_upload,
    host::{Bearer, Host, Incoming, Outgoing, Service, Upload},
    incoming::{bearer, query, take_apart},
    send::send,
};
use crate::hub::Endpoints;

/// Bytes of the longest head of a request.
const MAX_HEAD: u64 = 1 << 16;

/// Both hosts, listening.
pub(crate) struct Server {
    /// The base address of Hugging Face.
    pub(crate) hugging_face: String,
    /// The base address of GitHub.
    pub(crate) github: String,
    threads: Vec<JoinHandle<()>>,
    #[cfg(test)]
    shared: Arc<Shared>,
}

/// A request that arrived. Nothing of its token is kept.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Record {
    /// The name that the host was called by.
    pub(crate) host: String,
    pub(crate) method: String,
    /// Path and query.
    pub(crate) target: String,
    /// Bytes of its body.
    pub(crate) size: u64,
    /// Whose token came along.
    pub(crate) bearer: Bearer,
}

struct Shared {
    folder: PathBuf,
    endpoints: Endpoints,
    host: Mutex<Host>,
    faults: Mutex<Vec<Fault>>,
    records: Mutex<Vec<Record>>,
    n_arrived: AtomicUsize,
}

/// The head of a request.
struct Head {
    method: String,
    target: String,
    headers: Vec<(String, String)>,
}

impl Server {
    /// Serves a folder on a port and the next one, or on any two for 0.
    pub(crate) fn start(folder: &Path, port: u16, faults: Vec<Fault>) -> io::Result<Self> {
        let listen = |port| TcpListener::bind(("127.0.0.1", port));
        let next = if port == 0 { 0 } else { port.saturating_add(1) };
        let listeners = [listen(port)?, listen(next)?];
        let mut addresses = Vec::new();
        for listener in &listeners {
            addresses.push(format!("http://{}", listener.local_addr()?));
        }
        let endpoints = Endpoints::new(Some(&addresses[0]), Some(&addresses[1]));
        let shared = Arc::new(Shared {
            folder: folder.to_owned(),
            endpoints: endpoints.map_err(io::Error::other)?,
            host: Mutex::new(Host::open(folder)?),
            faults: Mutex::new(faults),
            records: Mutex::default(),
            n_arrived: AtomicUsize::new(0),
        });
        let mut threads = Vec::new();
        for (listener, address) in listeners.into_iter().zip(addresses.clone()) {
            let shared = shared.clone();
            threads.push(thread::spawn(move || {
                for stream in listener.incoming().flatten() {
                    let (shared, address) = (shared.clone(), address.clone());
                    // A client that goes away ends its connection, not the server.
                    thread::spawn(move || shared.serve(stream, &address));
                }
            }));
        }
        let [hugging_face, github] = [addresses[0].clone(), addresses[1].clone()];
        Ok(Self {
            hugging_face,
            github,
            threads,
            #[cfg(test)]
            shared,
        })
    }

    /// Serves until the process is ended.
    pub(crate) fn wait(self) {
        for thread in self.threads {
            // A thread that panicked has said so.
            let _ = thread.join();
        }
    }

    /// Where both hosts are.
    #[cfg(test)]
    pub(crate) fn endpoints(&self) -> Endpoints {
        self.shared.endpoints.clone()
    }

    /// What arrived so far.
    #[cfg(test)]
    pub(crate) fn records(&self) -> Vec<Record> {
        lock(&self.shared.records).clone()
    }

    /// Replaces the script.
    #[cfg(test)]
    pub(crate) fn script(&self, faults: &[&str]) {
        let faults = faults.iter().map(|fault| fault.parse().unwrap());
        *lock(&self.shared.faults) = faults.collect();
    }

    /// What is published.
    #[cfg(test)]
    pub(crate) fn host(&self) -> MutexGuard<'_, Host> {
        lock(&self.shared.host)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Shared {
    fn serve(&self, stream: TcpStream, address: &str) -> io::Result<()> {
        let mut reader = BufReader::new(stream.try_clone()?);
        let head = read_head(&mut reader)?;
        let fault = fault::take(&mut lock(&self.faults), &head.method, &head.target);
        let length = head.header("content-length");
        let length = length.and_then(|text| text.parse().ok()).unwrap_or(0);
        self.record(&head, length)?;
        let url = Url::parse(&format!("{address}{}", head.target)).map_err(io::Error::other)?;

        if let Some(FaultKind::DropUp(n)) = fault {
            io::copy(&mut reader.take(n.min(length)), &mut io::sink())?;
            self.leave_broken_upload(&url);
            return stream.shutdown(Shutdown::Both);
        }
        let upload = self.receive(&mut reader.take(length), length)?;
        let path = upload.path.clone();
        let answer = match &fault {
            Some(FaultKind::Status(code, after)) => {
                let mut answer = Outgoing::error(*code, "as the script says");
                answer
                    .headers
                    .extend(after.clone().map(|after| ("Retry-After", after)));
                answer
            }
            Some(FaultKind::Redirect) => {
                let other = address.replace("127.0.0.1", "localhost");
                let mut answer = Outgoing::error(307, "elsewhere");
                answer
                    .headers
                    .push(("Location", format!("{other}{}", head.target)));
                answer
            }
            _ => self.answer(&head, &url, upload),
        };
        // What is kept has another name now.
        let _ = fs::remove_file(path);
        send(&stream, answer, fault.as_ref())
    }

    fn answer(&self, head: &Head, url: &Url, upload: Upload) -> Outgoing {
        let Some((service, parts)) = take_apart(&self.endpoints, url) else {
            return Outgoing::error(404, "no such page");
        };
        let range = head.header("range");
        let start = range.and_then(|range| range.strip_prefix("bytes=")?.strip_suffix('-'));
        let request = Incoming {
            service,
            method: head.method.clone(),
            url: url
                .as_str()
                .split('?')
                .next()
                .unwrap_or_default()
                .to_owned(),
            parts,
            query: query(url),
            start: start.and_then(|start| start.parse().ok()),
            accept: head.header("accept").unwrap_or_default().to_owned(),
            bearer: bearer(head.header("authorization")),
            upload,
        };
        let answer = lock(&self.host).answer(&request);
        answer.unwrap_or_else(|error| Outgoing::error(500, &error.to_string()))
    }

    /// Streams a body to a file.
    fn receive(&self, body: &mut impl Read, size: u64) -> io::Result<Upload> {
        let number = self.n_arrived.fetch_add(1, Ordering::Relaxed);
        let path = self.folder.join("arriving").join(number.to_string());
        let mut file = File::create(&path)?;
        let mut hasher = DigestHasher::default();
        let mut buffer = vec![0; 1 << 16];
        let mut arrived = 0;
        loop {
            match body.read(&mut buffer)? {
                0 => break,
                n => {
                    file.write_all(&buffer[..n])?;
                    hasher.update(&buffer[..n]);
                    arrived += n as u64;
                }
            }
        }
        if arrived != size {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        Ok(Upload {
            path,
            size,
            digest: hasher.finish(),
            is_borrowed: false,
        })
    }

    /// GitHub keeps the name of an asset whose upload broke off.
    fn leave_broken_upload(&self, url: &Url) {
        let Some((Service::GithubUploads, parts)) = take_apart(&self.endpoints, url) else {
            return;
        };
        if let ([_, owner, repo, _, id, _], Some(name)) = (&parts[..], query(url).get("name")) {
            broken_upload(&mut lock(&self.host), &format!("{owner}/{repo}"), id, name);
        }
    }

    fn record(&self, head: &Head, size: u64) -> io::Result<()> {
        let host = head.header("host").unwrap_or_default();
        let record = Record {
            host: host.split(':').next().unwrap_or_default().to_owned(),
            method: head.method.clone(),
            target: head.target.clone(),
            size,
            bearer: bearer(head.header("authorization")),
        };
        let mut records = lock(&self.records);
        let log = self.folder.join("requests.log");
        let mut log = OpenOptions::new().create(true).append(true).open(log)?;
        let Record {
            host,
            method,
            target,
            size,
            bearer,
        } = &record;
        writeln!(log, "{host} {method} {target} size={size} token={bearer:?}")?;
        records.push(record);
        Ok(())
    }
}

impl Head {
    fn header(&self, name: &str) -> Option<&str> {
        let (_, value) = self.headers.iter().find(|(other, _)| other == name)?;
        Some(value)
    }
}

fn read_head(reader: &mut impl BufRead) -> io::Result<Head> {
    let mut lines = reader.take(MAX_HEAD).lines();
    let first = lines.next().ok_or(io::ErrorKind::UnexpectedEof)??;
    let mut words = first.split(' ').map(str::to_owned);
    let (Some(method), Some(target)) = (words.next(), words.next()) else {
        return Err(io::ErrorKind::InvalidData.into());
    };
    let mut headers = Vec::new();
    for line in lines {
        let line = line?;
        match line.split_once(':') {
            Some((name, value)) => headers.push((name.to_lowercase(), value.trim().to_owned())),
            None => break,
        }
    }
    Ok(Head {
        method,
        target,
        headers,
    })
}
