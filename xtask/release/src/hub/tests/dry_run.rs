//! What a dry run names is what a first run sends.

use std::{cell::RefCell, rc::Rc};

use super::*;
use crate::local_hub::Bearer;

#[test]
fn a_dry_run_names_the_requests_of_a_first_run() {
    for page in TARGETS {
        let world = World::new();
        let (target, files) = (target(page), world.files());
        let endpoints = world.server.endpoints();
        let planned = plan_requests(&endpoints, &target, &files, "v1").unwrap();
        assert_eq!(world.server.records(), []);
        let told = Rc::new(RefCell::new(Vec::new()));
        let also = told.clone();
        let hub = world
            .hub()
            .telling(move |line| also.borrow_mut().push(line.clone()));
        hub.publish(&target, &files, "v1", Published::Keep).unwrap();
        let lines = |lines: &[RequestLine]| -> Vec<_> {
            let lines = lines.iter();
            // Where uploads go is not known before.
            lines
                .filter(|line| line.url.is_some())
                .map(ToString::to_string)
                .collect()
        };
        let is_upload = |line: &String| line.contains("/lfs-");
        let mut sent = lines(&told.borrow());
        sent.retain(|line| !is_upload(line));
        assert_eq!(lines(&planned), sent);
        let planned: Vec<_> = planned
            .iter()
            .map(|it| (it.method.to_string(), it.size, it.has_token))
            .collect();
        let records = world.server.records();
        let sent = records
            .iter()
            .map(|it| (it.method.clone(), it.size, it.bearer != Bearer::None));
        assert_eq!(planned, sent.collect::<Vec<_>>());
    }
}

#[test]
fn a_dry_run_names_the_public_hosts() {
    let world = World::new();
    let endpoints = Endpoints::new(None, None).unwrap();
    let lines = |page: &str| {
        let planned = plan_requests(&endpoints, &target(page), &world.files(), "v1").unwrap();
        planned.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    let release = lines(RELEASE);
    let api = "https://api.github.com/repos/owner/code/releases";
    let uploads = "https://uploads.github.com/repos/owner/code/releases";
    let expected = [
        format!("GET {api}?per_page=100, authorization <redacted>"),
        format!("POST {api}, 44 bytes, authorization <redacted>"),
        format!("GET {api}/1/assets?per_page=100, authorization <redacted>"),
        format!("POST {uploads}/1/assets?name=README.md, 10 bytes, authorization <redacted>"),
    ];
    assert_eq!(release[..4], expected);
    let last = format!("PATCH {api}/1, 15 bytes, authorization <redacted>");
    assert_eq!(release.last(), Some(&last));

    let model = lines(MODEL);
    let api = "https://huggingface.co/api/models/owner/model";
    assert_eq!(
        model[0],
        format!("GET {api}/revision/main, authorization <redacted>")
    );
    let upload = "PUT <address that the host names>, 200000 bytes";
    assert!(model.iter().any(|line| line == upload), "{model:#?}");
}
