//! A server on a thread: it reads one request a connection and answers as its script says.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use geno_app::{Client, ClientSettings, Location, RetryPolicy};
use rustls::{ServerConnection, StreamOwned};

use super::tls::Authority;

pub(crate) type Stream = StreamOwned<ServerConnection, TcpStream>;

/// One request, as it arrived.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    head: String,
}

impl Request {
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    /// The first byte asked for.
    pub(crate) fn range(&self) -> Option<usize> {
        let range = self.header("range")?.strip_prefix("bytes=")?;
        range.strip_suffix('-')?.parse().ok()
    }
}

/// A running server. It lives as long as the test process.
pub(crate) struct Server {
    pub(crate) port: u16,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Server {
    /// Starts a server whose script gets each request with its number from 0.
    pub(crate) fn start(
        authority: &Authority,
        script: impl Fn(usize, &Request, &mut Stream) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (config, seen) = (authority.server.clone(), requests.clone());
        let script = Arc::new(script);
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let connection = ServerConnection::new(config.clone()).unwrap();
                let (seen, script) = (seen.clone(), script.clone());
                thread::spawn(move || {
                    let mut stream = StreamOwned::new(connection, stream);
                    if let Some(request) = read_request(&mut stream) {
                        let number = {
                            let mut seen = seen.lock().unwrap();
                            seen.push(request.clone());
                            seen.len() - 1
                        };
                        script(number, &request, &mut stream);
                        let _ = stream.flush();
                        // Said or not, the connection ends here.
                        stream.conn.send_close_notify();
                        let _ = stream.flush();
                    }
                });
            }
        });
        Self { port, requests }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("https://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn location(&self, path: &str) -> Location {
        Location::parse(&self.url(path)).unwrap()
    }

    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn read_request(stream: &mut Stream) -> Option<Request> {
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        match stream.read(&mut byte) {
            Ok(1) => head.push(byte[0]),
            _ => return None,
        }
    }
    let head = String::from_utf8(head).ok()?;
    let path = head.split(' ').nth(1)?.to_owned();
    Some(Request { path, head })
}

/// Writes; a client that has gone away ends the script's effect, not the server.
pub(crate) fn send(stream: &mut Stream, bytes: &[u8]) {
    let _ = stream.write_all(bytes);
    let _ = stream.flush();
}

/// A head with its own length, and no body.
pub(crate) fn head(stream: &mut Stream, status: &str, headers: &str) {
    let head = format!("HTTP/1.1 {status}\r\n{headers}Connection: close\r\n\r\n");
    send(stream, head.as_bytes());
}

/// A whole answer.
pub(crate) fn ok(stream: &mut Stream, body: &[u8]) {
    head(
        stream,
        "200 OK",
        &format!("Content-Length: {}\r\n", body.len()),
    );
    send(stream, body);
}

pub(crate) fn status(stream: &mut Stream, status: &str, headers: &str) {
    head(stream, status, &format!("Content-Length: 0\r\n{headers}"));
}

/// The rest of a body, as asked for, or the whole.
pub(crate) fn ranged(stream: &mut Stream, request: &Request, body: &[u8], etag: &str) {
    let Some(start) = request.range() else {
        let headers = format!("Content-Length: {}\r\nETag: {etag}\r\n", body.len());
        head(stream, "200 OK", &headers);
        return send(stream, body);
    };
    if start >= body.len() {
        return status(stream, "416 Range Not Satisfiable", "");
    }
    let headers = format!(
        "Content-Length: {}\r\nContent-Range: bytes {start}-{}/{}\r\nETag: {etag}\r\n",
        body.len() - start,
        body.len() - 1,
        body.len()
    );
    head(stream, "206 Partial Content", &headers);
    send(stream, &body[start..]);
}

/// A client that trusts the authority, waits a second and repeats twice.
pub(crate) fn settings(authority: &Authority) -> ClientSettings {
    ClientSettings {
        ca_file: Some(authority.ca_file.clone()),
        timeout: Duration::from_secs(1),
        retry: RetryPolicy {
            retries: 2,
            first_pause: Duration::from_millis(10),
            longest_pause: Duration::from_secs(2),
        },
        credentials: None,
    }
}

pub(crate) fn client(authority: &Authority) -> Client {
    Client::new(settings(authority)).unwrap()
}
