//! Where a token arrives, and where it does not.

#[expect(dead_code, reason = "each test binary uses its part")]
#[path = "network/common.rs"]
mod common;

use common::{
    server::{Server, ok, settings, status},
    tls::Authority,
};
use geno_app::{Client, Credentials};
use geno_provenance::Secret;

#[test]
fn a_token_goes_to_its_host_alone_and_stays_behind_after_a_redirect() {
    let authority = Authority::new();
    let elsewhere = Server::start(&authority, |_, request, stream| match &*request.path {
        "/away" => ok(stream, b"here"),
        back => status(
            stream,
            "302 Found",
            &format!("Location: https://127.0.0.1:{back}\r\n"),
        ),
    });
    let away = elsewhere.url("/away");
    let home = Server::start(&authority, move |_, request, stream| match &*request.path {
        "/away" => status(stream, "302 Found", &format!("Location: {away}\r\n")),
        "/near" => status(stream, "307 Temporary Redirect", "Location: /here\r\n"),
        _ => ok(stream, b"here"),
    });
    let mut settings = settings(&authority);
    settings.credentials = Some(Credentials::new(Secret::new("tok"), home.location("/")));
    let client = Client::new(settings).unwrap();

    for path in ["/near", "/away"] {
        assert_eq!(client.read(&home.location(path), 10).unwrap(), b"here");
    }
    let at_home: Vec<_> = home.requests();
    assert_eq!(at_home.len(), 3);
    for request in at_home {
        assert_eq!(request.header("authorization"), Some("Bearer tok"));
    }
    assert_eq!(elsewhere.requests().len(), 1);
    assert_eq!(elsewhere.requests()[0].header("authorization"), None);
    assert!(!format!("{client:?}").contains("tok\""));
}

#[test]
fn a_token_does_not_come_back_from_elsewhere() {
    let authority = Authority::new();
    let home = Server::start(&authority, |_, request, stream| {
        match request.path.strip_prefix("/to/") {
            Some(port) => {
                let target = format!("Location: https://127.0.0.1:{port}/\r\n");
                status(stream, "302 Found", &target);
            }
            None => ok(stream, b"here"),
        }
    });
    let back = home.url("/back");
    let elsewhere = Server::start(&authority, move |_, _, stream| {
        status(stream, "302 Found", &format!("Location: {back}\r\n"));
    });
    let mut settings = settings(&authority);
    settings.credentials = Some(Credentials::new(Secret::new("tok"), home.location("/")));
    let client = Client::new(settings).unwrap();
    let first = home.location(&format!("/to/{}", elsewhere.port));
    assert_eq!(client.read(&first, 10).unwrap(), b"here");
    assert_eq!(home.requests()[1].header("authorization"), None);
}
