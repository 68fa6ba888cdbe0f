//! A client against hosts that misbehave. No real host is asked.

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "network/common.rs"]
mod common;

use std::{
    fs,
    path::{Path, PathBuf},
    thread,
    time::Duration,
};

use common::{
    server::{Request, Server, Stream, client, head, ok, ranged, send, status},
    tls::Authority,
};
use geno_app::{Client, Download, FetchError, Location};
use geno_core::{Coded, Digest, Family};
use tempfile::TempDir;

const LIMIT: u64 = 1 << 20;

fn body() -> Vec<u8> {
    (0..200_000_u32).map(|n| (n * 31 % 251) as u8).collect()
}

/// Runs one download of `/file` and gives what came of it, and where.
fn download(
    client: &Client,
    location: &Location,
    folder: &Path,
    expected: Option<&[u8]>,
) -> Result<PathBuf, FetchError> {
    let to = folder.join("file");
    let download = Download {
        from: location,
        to: &to,
        expected: expected.map(Digest::of),
        limit: LIMIT,
    };
    client.download(&download, &mut |_| ())?.publish()?;
    Ok(to)
}

/// A download that must fail: nothing has the final name then.
fn failure(
    script: impl Fn(usize, &Request, &mut Stream) + Send + Sync + 'static,
) -> (FetchError, TempDir) {
    let authority = Authority::new();
    let server = Server::start(&authority, script);
    let folder = tempfile::tempdir().unwrap();
    let outcome = download(
        &client(&authority),
        &server.location("/file"),
        folder.path(),
        Some(&body()),
    );
    assert!(!folder.path().join("file").exists());
    (outcome.unwrap_err(), folder)
}

/// A download that must succeed, and the requests it took.
fn success(script: impl Fn(usize, &Request, &mut Stream) + Send + Sync + 'static) -> Vec<Request> {
    let authority = Authority::new();
    let server = Server::start(&authority, script);
    let folder = tempfile::tempdir().unwrap();
    let location = server.location("/file");
    let to = download(&client(&authority), &location, folder.path(), Some(&body())).unwrap();
    assert_eq!(fs::read(to).unwrap(), body());
    let n_files = fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(n_files, 1, "something is left beside the file");
    server.requests()
}

#[test]
fn a_file_that_comes_in_short_pieces_arrives_whole() {
    let requests = success(|_, _, stream| {
        head(stream, "200 OK", "Content-Length: 200000\r\n");
        for piece in body().chunks(777) {
            send(stream, piece);
        }
    });
    assert_eq!(requests.len(), 1);
}

#[test]
fn a_chunked_file_arrives_whole() {
    success(|_, _, stream| {
        head(stream, "200 OK", "Transfer-Encoding: chunked\r\n");
        for piece in body().chunks(1000) {
            send(stream, format!("{:x}\r\n", piece.len()).as_bytes());
            send(stream, piece);
            send(stream, b"\r\n");
        }
        send(stream, b"0\r\n\r\n");
    });
}

#[test]
fn a_body_shorter_than_its_length_is_a_lost_connection() {
    let (error, folder) = failure(|_, _, stream| {
        head(stream, "200 OK", "Content-Length: 300000\r\n");
        send(stream, &body());
    });
    assert!(matches!(error, FetchError::Connection { .. }), "{error:?}");
    assert!(folder.path().join(".file.partial").exists());
}

#[test]
fn a_body_longer_than_its_length_is_cut_and_does_not_hash() {
    let (error, folder) = failure(|_, _, stream| {
        head(stream, "200 OK", "Content-Length: 1000\r\n");
        send(stream, &body());
    });
    assert!(matches!(error, FetchError::Hash { .. }), "{error:?}");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn wrong_bytes_are_removed() {
    let (error, folder) = failure(|_, _, stream| ok(stream, b"something else"));
    assert!(matches!(error, FetchError::Hash { .. }), "{error:?}");
    assert_eq!(error.code().family(), Family::Provenance);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_endless_body_ends_at_the_limit() {
    let (error, folder) = failure(|_, _, stream| {
        head(stream, "200 OK", "Transfer-Encoding: chunked\r\n");
        for _ in 0..200 {
            send(stream, b"4000\r\n");
            send(stream, &[0; 0x4000]);
            send(stream, b"\r\n");
        }
    });
    assert!(
        matches!(error, FetchError::TooLarge { limit: LIMIT, .. }),
        "{error:?}"
    );
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[test]
fn an_announced_length_over_the_limit_is_refused_at_once() {
    let (error, _) = failure(|_, _, stream| {
        head(stream, "200 OK", "Content-Length: 99999999999\r\n");
    });
    assert!(matches!(error, FetchError::TooLarge { .. }), "{error:?}");
}

#[test]
fn a_host_that_falls_silent_is_given_up() {
    let (error, _) = failure(|_, _, stream| {
        head(stream, "200 OK", "Content-Length: 200000\r\n");
        send(stream, &body()[..1000]);
        thread::sleep(Duration::from_secs(3));
    });
    assert!(matches!(error, FetchError::Stalled { .. }), "{error:?}");
    assert_eq!(error.code().family(), Family::Resource);
}

#[test]
fn a_dropped_connection_is_taken_up_where_it_broke() {
    let requests = success(|n, request, stream| match n {
        0 => {
            head(
                stream,
                "200 OK",
                "Content-Length: 200000\r\nETag: \"a\"\r\n",
            );
            send(stream, &body()[..70_000]);
        }
        _ => ranged(stream, request, &body(), "\"a\""),
    });
    assert_eq!(requests.len(), 2);
    assert_eq!(requests[1].range(), Some(70_000));
    assert_eq!(requests[1].header("if-range"), Some("\"a\""));
}

#[test]
fn a_later_run_takes_up_what_an_earlier_one_left() {
    let authority = Authority::new();
    let server = Server::start(&authority, |n, request, stream| match n {
        0..=2 => {
            head(stream, "200 OK", "Content-Length: 200000\r\n");
            send(stream, &body()[..50_000]);
        }
        _ => ranged(stream, request, &body(), "\"a\""),
    });
    let folder = tempfile::tempdir().unwrap();
    let get = || {
        let location = server.location("/file");
        download(&client(&authority), &location, folder.path(), Some(&body()))
    };
    assert!(matches!(get(), Err(FetchError::Connection { .. })));
    assert_eq!(fs::read(get().unwrap()).unwrap(), body());
    assert_eq!(server.requests()[3].range(), Some(50_000));
}

#[test]
fn a_host_that_knows_no_ranges_is_heard_from_the_start() {
    success(|n, _, stream| match n {
        0 => {
            head(stream, "200 OK", "Content-Length: 200000\r\n");
            send(stream, &body()[..70_000]);
        }
        _ => ok(stream, &body()),
    });
}

#[test]
fn parts_of_two_versions_are_fetched_again_from_the_start() {
    // Without a tag nothing but the digest tells that the file was exchanged in between.
    let requests = success(|n, request, stream| match n {
        0 => {
            head(stream, "200 OK", "Content-Length: 200000\r\n");
            send(stream, &[7; 70_000]);
        }
        1 => {
            let rest = &body()[request.range().unwrap()..];
            let headers = format!(
                "Content-Length: {}\r\nContent-Range: bytes 70000-199999/200000\r\n",
                rest.len()
            );
            head(stream, "206 Partial Content", &headers);
            send(stream, rest);
        }
        _ => ok(stream, &body()),
    });
    assert_eq!(requests.len(), 3);
    assert_eq!(requests[2].range(), None);
}

#[test]
fn a_rest_with_another_tag_is_not_appended() {
    let requests = success(|n, request, stream| match n {
        0 => {
            head(
                stream,
                "200 OK",
                "Content-Length: 200000\r\nETag: \"a\"\r\n",
            );
            send(stream, &[7; 70_000]);
        }
        _ => ranged(stream, request, &body(), "\"b\""),
    });
    assert_eq!(requests.last().unwrap().range(), None);
}

#[test]
fn a_busy_host_is_asked_again_after_the_time_it_names() {
    let requests = success(|n, _, stream| match n {
        0 => status(stream, "429 Too Many Requests", "Retry-After: 1\r\n"),
        1 => status(stream, "500 Internal Server Error", ""),
        _ => ok(stream, &body()),
    });
    assert_eq!(requests.len(), 3);
}

#[test]
fn a_host_that_asks_for_an_hour_is_not_waited_for() {
    let (error, _) = failure(|_, _, stream| {
        status(stream, "429 Too Many Requests", "Retry-After: 3600\r\n");
    });
    let asked = Some(Duration::from_secs(3600));
    assert!(
        matches!(error, FetchError::Status { status: 429, retry_after, .. } if retry_after == asked),
        "{error:?}"
    );
}

#[test]
fn a_missing_file_is_asked_for_once() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_, _, stream| {
        status(stream, "404 Not Found", "")
    });
    let error = client(&authority)
        .read(&server.location("/a"), 10)
        .unwrap_err();
    assert!(matches!(error, FetchError::Status { status: 404, .. }));
    assert_eq!(server.requests().len(), 1);
}

#[test]
fn redirects_in_a_circle_end() {
    let (error, _) = failure(|_, _, stream| status(stream, "302 Found", "Location: /file\r\n"));
    assert!(
        matches!(error, FetchError::TooManyRedirects { limit: 5, .. }),
        "{error:?}"
    );
}

#[test]
fn a_redirect_out_of_https_is_refused() {
    for target in [
        "http://127.0.0.1/file",
        "file:///etc/passwd",
        "ftp://host/a",
    ] {
        let location = format!("Location: {target}\r\n");
        let (error, _) = failure(move |_, _, stream| status(stream, "302 Found", &location));
        assert!(matches!(error, FetchError::Redirect { .. }), "{error:?}");
    }
}

#[test]
fn a_host_under_another_authority_is_not_trusted() {
    let server = Server::start(&Authority::new(), |_, _, stream| ok(stream, b"here"));
    let error = client(&Authority::new())
        .read(&server.location("/"), 10)
        .unwrap_err();
    assert!(matches!(error, FetchError::Certificate { .. }), "{error:?}");
    assert!(server.requests().is_empty());
}

#[test]
fn a_document_over_its_limit_is_refused() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_, _, stream| ok(stream, &[b' '; 100]));
    let client = client(&authority);
    assert_eq!(client.read(&server.location("/"), 100).unwrap().len(), 100);
    let error = client.read(&server.location("/"), 99).unwrap_err();
    assert!(
        matches!(error, FetchError::TooLarge { limit: 99, .. }),
        "{error:?}"
    );
}

#[test]
fn a_file_whose_end_cannot_be_told_needs_a_digest() {
    let authority = Authority::new();
    let server = Server::start(&authority, |_, _, stream| {
        head(stream, "200 OK", "");
        send(stream, &body());
    });
    let folder = tempfile::tempdir().unwrap();
    let (client, location) = (client(&authority), server.location("/file"));
    let error = download(&client, &location, folder.path(), None).unwrap_err();
    assert!(matches!(error, FetchError::Protocol { .. }), "{error:?}");
    assert!(download(&client, &location, folder.path(), Some(&body())).is_ok());
}

#[test]
fn a_second_download_of_one_file_is_refused_while_the_first_runs() {
    let folder = tempfile::tempdir().unwrap();
    let held = fs::File::create(folder.path().join(".file.partial")).unwrap();
    held.lock().unwrap();
    let source = folder.path().join("source");
    fs::write(&source, body()).unwrap();
    let location = Location::try_from(source.as_path()).unwrap();
    let client = Client::new(Default::default()).unwrap();
    let error = download(&client, &location, folder.path(), Some(&body())).unwrap_err();
    assert!(matches!(error, FetchError::File { .. }), "{error:?}");
}
