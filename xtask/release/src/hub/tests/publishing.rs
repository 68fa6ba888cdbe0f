//! Publishing once, again, and what is refused.

use std::slice;

use super::*;

#[test]
fn what_is_published_can_be_listed_and_fetched() {
    for page in TARGETS {
        let world = World::new();
        let (target, revision) = world.publish(page);
        assert_holds(&world, &target, &revision, &world.files());
        assert_eq!(world.hub().current(&target).unwrap(), Some(revision));
    }
}

#[test]
fn publishing_again_changes_nothing() {
    for page in TARGETS {
        let world = World::new();
        let (_, revision) = world.publish(page);
        let n_before = world.server.records().len();
        assert_eq!(world.publish(page).1, revision);
        let records = world.server.records();
        let writes = records[n_before..]
            .iter()
            .filter(|record| record.method != "GET");
        assert_eq!(writes.count(), 0, "{page}");
    }
}

#[test]
fn a_repository_gets_one_commit_and_each_object_once() {
    let world = World::new();
    world.publish(MODEL);
    assert_eq!(world.count("POST", "/commit/"), 1);
    // Two files have the same bytes.
    assert_eq!(world.count("PUT", "/lfs-storage/"), 1);
}

#[test]
fn a_release_is_a_draft_until_all_assets_are_there() {
    let world = World::new();
    world.publish(RELEASE);
    let records = world.server.records();
    let position = |method: &str| records.iter().rposition(|record| record.method == method);
    let (upload, publish) = (position("POST").unwrap(), position("PATCH").unwrap());
    assert!(upload < publish);
    let is_draft = |record: &crate::local_hub::Record| record.target.contains("/releases/tags/");
    assert!(!records.iter().any(is_draft));
}

#[test]
fn other_bytes_are_refused_and_named() {
    for page in TARGETS {
        for name in ["README.md", "model.safetensors"] {
            let world = World::new();
            let (target, revision) = world.publish(page);
            let mut files = world.files();
            let same_size = vec![b'x'; fs::read(world.path("source").join(name)).unwrap().len()];
            let i = files
                .iter()
                .position(|file| file.destination.as_str() == name);
            files[i.unwrap()] = world.file(name, &same_size);
            let hub = world.hub();
            let error = hub
                .publish(&target, &files, "v2", Published::Keep)
                .unwrap_err();
            assert!(
                matches!(&error, HubError::Different { name: it, .. } if it == name),
                "{error}"
            );
            assert_holds(&world, &target, &revision, &world.files());
        }
    }
}

#[test]
fn other_bytes_take_a_new_commit_if_that_is_asked_for() {
    let world = World::new();
    let (target, first) = world.publish(MODEL);
    let before = world.files();
    let files = vec![before[0].clone(), world.file("model.safetensors", b"other")];
    let hub = world.hub();
    let second = hub
        .publish(&target, &files, "v2", Published::Replace)
        .unwrap();
    assert_ne!(first, second);
    assert_holds(&world, &target, &second, &files);
    assert_eq!(hub.list(&target, &first).unwrap().len(), before.len());
}

#[test]
fn what_is_not_planned_is_named() {
    for page in TARGETS {
        let world = World::new();
        let (target, _) = world.publish(page);
        let files = &world.files()[..4];
        let error = world.hub().publish(&target, files, "v1", Published::Keep);
        let error = error.unwrap_err();
        let is_it = matches!(&error, HubError::Unplanned { name, .. } if name == "empty.txt");
        assert!(is_it, "{error}");
    }
}

#[test]
fn a_published_release_stays_as_it_is() {
    let world = World::new();
    let (target, _) = world.publish(RELEASE);
    let mut files = world.files();
    files.push(world.file("late.txt", b"late"));
    let error = world
        .hub()
        .publish(&target, &files, "v1", Published::Keep)
        .unwrap_err();
    assert!(
        matches!(&error, HubError::Published { name, .. } if name == "late.txt"),
        "{error}"
    );
}

#[test]
fn a_plan_that_cannot_be_carried_out_sends_nothing() {
    let world = World::new();
    let one = world.file("a/one.txt", b"1");
    let twin = world.file("b/one.txt", b"1");
    let mut changed = one.clone();
    changed.digest = Digest::of(b"2");
    let mut lost = one.clone();
    lost.source = world.path("nowhere");
    let mut large = one.clone();
    large.size = 6_000_000_000;
    let attributes = world.file(".gitattributes", b"");
    let spaced = world.file("a b.txt", b"");
    let hub = world.hub();
    let refused = |page: &str, files: &[PlannedFile]| {
        let result = hub.publish(&target(page), files, "v1", Published::Keep);
        result.unwrap_err()
    };
    for page in TARGETS {
        assert!(matches!(refused(page, &[]), HubError::Empty { .. }));
        assert!(matches!(
            refused(page, slice::from_ref(&changed)),
            HubError::Changed { .. }
        ));
        assert!(matches!(
            refused(page, slice::from_ref(&lost)),
            HubError::Source(_)
        ));
        assert!(matches!(
            refused(page, slice::from_ref(&large)),
            HubError::OverLimit { .. }
        ));
        assert!(matches!(
            refused(page, slice::from_ref(&attributes)),
            HubError::Name { .. }
        ));
        let twice = [one.clone(), one.clone()];
        assert!(matches!(refused(page, &twice), HubError::Duplicate { .. }));
    }
    let twins = [one, twin];
    assert!(matches!(
        refused(RELEASE, &twins),
        HubError::Duplicate { .. }
    ));
    assert!(matches!(refused(RELEASE, &[spaced]), HubError::Name { .. }));
    assert_eq!(world.server.records(), []);
    hub.publish(&target(MODEL), &twins, "v1", Published::Keep)
        .unwrap();
}

#[test]
fn assets_without_digests_are_read() {
    let world = World::new();
    world.server.host().tells_digests = false;
    let (target, revision) = world.publish(RELEASE);
    assert_eq!(world.publish(RELEASE).1, revision);
    let mut files = world.files();
    files[0] = world.file("README.md", b"# B model\n");
    let error = world
        .hub()
        .publish(&target, &files, "v1", Published::Keep)
        .unwrap_err();
    assert!(matches!(error, HubError::Different { .. }), "{error}");
}

#[test]
fn two_drafts_of_a_tag_are_told() {
    let world = World::new();
    world.server.script(&["POST /assets status=404 x2"]);
    let (target, files) = (target(RELEASE), world.files());
    let publish = || world.hub().publish(&target, &files, "v1", Published::Keep);
    publish().unwrap_err();
    // The listing does not show the first draft, and so there is a second.
    world
        .server
        .script(&["GET /releases hide=v1", "POST /assets status=404"]);
    publish().unwrap_err();
    let error = publish().unwrap_err();
    assert!(
        matches!(&error, HubError::Ambiguous { ids, .. } if *ids == [1, 2]),
        "{error}"
    );
}

#[test]
fn listings_are_read_page_by_page() {
    for page in TARGETS {
        let world = World::new();
        world.server.host().page_size = 2;
        let (target, revision) = world.publish(page);
        assert_holds(&world, &target, &revision, &world.files());
        assert!(world.count("GET", "page=3") > 0);
    }
}

#[test]
fn a_state_survives_its_server() {
    let world = World::new();
    let (target, revision) = world.publish(MODEL);
    let other = Server::start(&world.path("hub"), 0, Vec::new()).unwrap();
    let hub = Hub::new(other.endpoints(), tokens());
    assert_eq!(hub.current(&target).unwrap(), Some(revision));
}
