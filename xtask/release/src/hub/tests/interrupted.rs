//! Runs that are cut off at each of their requests.

use serde_json::{Value, json};

use super::*;

/// How a request is cut off: nothing of it is done, or all of it and nobody hears.
const CUTS: [&str; 3] = ["drop-up=10", "lose", "drop-down=3"];

/// A request of each sequence after the other is cut off, by every kind of cut.
fn at_each_request(mut run: impl FnMut(&str, &World, String)) {
    for page in [MODEL, RELEASE] {
        let clean = World::new();
        clean.publish(page);
        let n_requests = clean.server.records().len();
        assert!(n_requests >= 8, "{n_requests}");
        for i in 0..n_requests {
            for cut in CUTS {
                run(page, &World::new(), format!("/ {cut} +{i}"));
            }
        }
    }
}

/// Checks that exactly the planned bytes are there, each once, by the state of the hosts.
fn assert_once(world: &World, page: &str, what: &str) {
    let state = fs::read_to_string(world.path("hub/state.json")).unwrap();
    let state: Value = serde_json::from_str(&state).unwrap();
    let mut found = Vec::new();
    match target(page) {
        Target::Release { .. } => {
            let releases = state["releases"]["owner/code"].as_array().unwrap();
            assert_eq!(releases.len(), 1, "{what}");
            assert_eq!(releases[0]["is_draft"], false, "{what}");
            for asset in releases[0]["assets"].as_array().unwrap() {
                found.push((asset["name"].clone(), asset["blob"]["digest"].clone()));
            }
        }
        _ => {
            let repo = state["repos"].as_object().unwrap().values().next().unwrap();
            // The first commit is that of the empty repository.
            assert_eq!(repo["commits"].as_object().unwrap().len(), 2, "{what}");
            let head = &repo["commits"][repo["head"].as_str().unwrap()];
            for (path, blob) in head.as_object().unwrap() {
                if path != ".gitattributes" {
                    found.push((json!(path), blob["digest"].clone()));
                }
            }
        }
    }
    let files = world.files();
    let files = files.iter().map(|file| artifact(&target(page), file));
    let planned = files.map(|file| (json!(file.path.as_str()), json!(file.digest)));
    let mut planned: Vec<_> = planned.collect();
    for files in [&mut planned, &mut found] {
        files.sort_by_key(|(name, _)| name.to_string());
    }
    assert_eq!(found, planned, "{what}");
}

#[test]
fn a_run_that_was_cut_off_is_taken_up_by_the_next() {
    let mut n_cut_off = 0;
    at_each_request(|page, world, fault| {
        world.server.script(&[&fault]);
        let target = target(page);
        let first = world
            .hasty_hub()
            .publish(&target, &world.files(), "v1", Published::Keep);
        n_cut_off += usize::from(first.is_err());
        world.server.script(&[]);
        let revision = world.publish(page).1;
        if let Ok(first) = first {
            assert_eq!(first, revision, "{page} {fault}");
        }
        assert_once(world, page, &format!("{page} {fault}"));
    });
    assert!(n_cut_off > 30, "{n_cut_off}");
}

#[test]
fn a_run_outlives_a_lost_connection() {
    at_each_request(|page, world, fault| {
        world.server.script(&[&fault]);
        world.publish(page);
        assert_once(world, page, &format!("{page} {fault}"));
    });
}

#[test]
fn objects_that_arrived_are_not_sent_again() {
    let world = World::new();
    world.server.script(&["POST /commit/ status=500 x9"]);
    let (target, files) = (target(MODEL), world.files());
    let error = world.hub().publish(&target, &files, "v1", Published::Keep);
    assert!(matches!(error, Err(HubError::Status { status: 500, .. })));
    world.server.script(&[]);
    world.publish(MODEL);
    assert_eq!(world.count("PUT", "/lfs-storage/"), 1);
}

#[test]
fn assets_that_arrived_are_not_sent_again() {
    let world = World::new();
    world
        .server
        .script(&["POST name=metrics.json status=500 x9"]);
    let (target, files) = (target(RELEASE), world.files());
    world
        .hub()
        .publish(&target, &files, "v1", Published::Keep)
        .unwrap_err();
    world.server.script(&[]);
    world.publish(RELEASE);
    assert_eq!(world.count("POST", "name=README.md"), 1);
}

#[test]
fn an_asset_that_broke_off_is_deleted_and_sent_again() {
    let world = World::new();
    world
        .server
        .script(&["POST name=model.safetensors drop-up=1000"]);
    let (target, revision) = world.publish(RELEASE);
    assert_eq!(world.count("DELETE", "/releases/assets/"), 1);
    assert_eq!(world.count("POST", "name=model.safetensors"), 2);
    assert_holds(&world, &target, &revision, &world.files());
}
