//! Tokens: whom they go to, and where they never show.

use std::io::Cursor;

use geno_provenance::Secret;
use ureq::http::{HeaderMap, Method};
use url::Url;

use super::{
    wire::{Body, Request, Response},
    *,
};
use crate::local_hub::Bearer;

fn shown(error: &HubError) -> String {
    let mut text = format!("{error} {error:?}");
    let mut source = std::error::Error::source(error);
    while let Some(error) = source {
        text += &format!(" {error} {error:?}");
        source = error.source();
    }
    text
}

#[test]
fn each_token_goes_to_its_own_host() {
    let world = World::new();
    for page in TARGETS {
        let (target, revision) = world.publish(page);
        assert_holds(&world, &target, &revision, &world.files());
    }
    for record in world.server.records() {
        let expected = match record.target.as_str() {
            path if path.starts_with("/lfs-storage/") => Bearer::None,
            path if path.contains("/releases/download/") => Bearer::None,
            path if path.starts_with("/api/v3/") || path.starts_with("/api/uploads/") => {
                Bearer::Github
            }
            _ => Bearer::HuggingFace,
        };
        assert_eq!(record.bearer, expected, "{record:?}");
    }
}

#[test]
fn no_file_and_no_text_holds_a_token() {
    let world = World::new();
    for page in TARGETS {
        for fault in [
            "status=401",
            "status=403",
            "status=500 x9",
            "drop-up=9 x9",
            "redirect x9",
        ] {
            world.server.script(&[&format!("/ {fault}")]);
            let files = world.files();
            let result = world
                .hub()
                .publish(&target(page), &files, "v1", Published::Keep);
            let text = shown(&result.unwrap_err());
            assert!(!text.contains(SECRET), "{text}");
        }
        world.server.script(&[]);
        world.publish(page);
    }
    assert!(!format!("{:?}", tokens()).contains(SECRET));
    let mut n_files = 0;
    let mut folders = vec![world.folder.path().to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = fs::read(&path).unwrap();
                assert!(!Secret::new(SECRET).is_in(&bytes), "{}", path.display());
                n_files += 1;
            }
        }
    }
    assert!(n_files > 8, "{n_files}");
}

/// Answers every request with what it was sent.
struct Echo;

impl Transport for Echo {
    fn send(&self, request: &Request<'_>) -> Result<Response, TransportError> {
        let token = request.token.map(Secret::reveal).unwrap_or_default();
        Ok(Response {
            status: 400,
            headers: HeaderMap::new(),
            body: Box::new(Cursor::new(format!(r#"{{"error": "no: {token}"}}"#))),
        })
    }
}

#[test]
fn a_host_that_repeats_the_token_is_not_quoted() {
    let world = World::new();
    for page in TARGETS {
        let mut hub = world.hub();
        hub.transport = Box::new(Echo);
        let error = hub.publish(&target(page), &world.files(), "v1", Published::Keep);
        let text = shown(&error.unwrap_err());
        assert!(text.contains("400") && !text.contains(SECRET), "{text}");
        hub.tokens = Tokens::default();
        let error = hub.current(&target(page)).unwrap_err().to_string();
        assert!(error.contains("(no: )"), "{error}");
    }
}

#[test]
fn a_token_of_two_lines_is_refused_unseen() {
    let world = World::new();
    let mut hub = world.hub();
    hub.tokens.github = Some(Secret::new(format!("ghp_\n{SECRET}")));
    let error = hub.publish(&target(RELEASE), &world.files(), "v1", Published::Keep);
    let text = shown(&error.unwrap_err());
    assert!(
        text.contains("one line") && !text.contains(SECRET),
        "{text}"
    );
    assert_eq!(world.server.records(), []);
}

#[test]
fn nothing_begins_without_the_token_of_its_target() {
    let world = World::new();
    let mut hub = world.hub();
    hub.tokens = Tokens::of(|_| None);
    for (page, variable) in [
        (MODEL, "HF_TOKEN"),
        (DATASET, "HF_TOKEN"),
        (RELEASE, "GH_TOKEN"),
    ] {
        let error = hub.publish(&target(page), &world.files(), "v1", Published::Keep);
        let error = error.unwrap_err();
        assert!(matches!(error, HubError::NoToken { .. }), "{error}");
        assert!(error.to_string().contains(variable), "{error}");
    }
    assert_eq!(world.server.records(), []);
}

#[test]
fn what_is_public_can_be_fetched_without_tokens() {
    let world = World::new();
    for page in TARGETS {
        let (target, revision) = world.publish(page);
        let mut hub = world.hub();
        hub.tokens = Tokens::default();
        assert_eq!(hub.current(&target).unwrap().as_ref(), Some(&revision));
        let file = artifact(&target, &world.files()[0]);
        let listed = hub.list(&target, &revision).unwrap();
        assert!(listed.iter().any(|listed| listed.path == file.path));
        let to = world.path("fetched");
        hub.download(&target, &revision, &file, &to).unwrap();
        fs::remove_file(to).unwrap();
    }
}

#[test]
fn nothing_is_sent_to_another_machine_without_tls() {
    let token = Secret::new(SECRET);
    let request = Request {
        method: Method::GET,
        url: Url::parse("http://host.invalid/a?b").unwrap(),
        headers: Vec::new(),
        token: Some(&token),
        body: Body::None,
    };
    let transport = HttpTransport::new(Duration::from_secs(1));
    let error = transport.send(&request).err().unwrap();
    assert!(matches!(&error, TransportError::Insecure { url } if url == "http://host.invalid/a"));
}
