//! Hosts that are busy, wrong or behind.

use super::*;

/// Publishes under a script.
fn publish(page: &str, script: &[&str]) -> (World, Result<Revision, HubError>) {
    let world = World::new();
    world.server.script(script);
    let result = world
        .hub()
        .publish(&target(page), &world.files(), "v1", Published::Keep);
    (world, result)
}

#[test]
fn faults_that_pass_are_outlived() {
    for fault in [
        "/ status=500 x2",
        "/ status=503 x2 +4",
        "/ status=429 x2 +2",
        "/ status=429:0 x2 +5",
        "/ status=429:Sun,_06_Nov_1994_08:49:37_GMT x2 +3",
        "/ status=403:0 x2",
        "GET / cut=1",
        "GET / flip",
        "GET / length=100000",
        "GET / drop-down=1",
    ] {
        for page in TARGETS {
            let (world, result) = publish(page, &[fault]);
            let revision = result.unwrap_or_else(|error| panic!("{page} {fault}: {error}"));
            assert_holds(&world, &target(page), &revision, &world.files());
        }
    }
}

#[test]
fn a_host_is_not_waited_for_longer_than_is_allowed() {
    for page in TARGETS {
        let (world, result) = publish(page, &["/ status=429:3600"]);
        let error = result.unwrap_err();
        assert!(
            matches!(error, HubError::Status { status: 429, .. }),
            "{error}"
        );
        assert_eq!(world.server.records().len(), 1);
    }
}

#[test]
fn faults_that_stay_end_the_run() {
    for page in TARGETS {
        let (world, result) = publish(page, &["/ status=503 x99"]);
        let error = result.unwrap_err();
        assert!(
            matches!(error, HubError::Status { status: 503, .. }),
            "{error}"
        );
        // The first attempt and four repetitions.
        assert_eq!(world.server.records().len(), 5);
    }
}

#[test]
fn a_refusal_names_the_variable_of_the_token() {
    for (page, variable) in [(MODEL, "HF_TOKEN"), (RELEASE, "GH_TOKEN")] {
        for status in [401, 403] {
            let (world, result) = publish(page, &[&format!("/ status={status}")]);
            let error = result.unwrap_err().to_string();
            assert!(
                error.contains(variable) && error.contains(&status.to_string()),
                "{error}"
            );
            assert_eq!(world.server.records().len(), 1);
        }
    }
}

#[test]
fn a_file_that_is_refused_is_named_with_the_reason() {
    let (world, result) = publish(RELEASE, &["POST name=empty.txt status=422"]);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, HubError::Refused { name, .. } if name == "empty.txt"),
        "{error}"
    );
    assert!(error.to_string().contains("as the script says"), "{error}");
    assert_eq!(world.count("POST", "name=empty.txt"), 1);
}

#[test]
fn a_listing_that_lags_is_waited_for() {
    // After the upload of an asset its listing does not show it, twice.
    let (world, result) = publish(RELEASE, &["GET /1/assets hide=README.md x2 +1"]);
    assert_holds(&world, &target(RELEASE), &result.unwrap(), &world.files());
    let (_, result) = publish(RELEASE, &["GET /1/assets hide=README.md x99"]);
    assert!(matches!(
        result,
        Err(HubError::Answer { .. } | HubError::Unsettled { .. })
    ));
}

#[test]
fn a_commit_counts_when_its_listing_is_the_plan() {
    let (_, result) = publish(MODEL, &["GET /tree/ hide=README.md +1"]);
    let error = result.unwrap_err();
    assert!(
        matches!(&error, HubError::Unsettled { name, .. } if name == "README.md"),
        "{error}"
    );
    let (_, result) = publish(MODEL, &["GET /tree/ extra=other.md +1"]);
    assert!(matches!(result, Err(HubError::Unsettled { name, .. }) if name == "other.md"));
}

#[test]
fn what_a_listing_has_beside_the_plan_ends_the_run() {
    for page in TARGETS {
        let (_, result) = publish(
            page,
            &["GET /tree/ extra=other.md", "GET /1/assets extra=other.md"],
        );
        let error = result.unwrap_err();
        assert!(
            matches!(&error, HubError::Unplanned { name, .. } if name == "other.md"),
            "{error}"
        );
    }
}

#[test]
fn a_path_that_leaves_its_folder_is_refused() {
    let world = World::new();
    for page in TARGETS {
        let (target, revision) = world.publish(page);
        world.server.script(&["GET / extra=../other.md x9"]);
        let error = world.hub().list(&target, &revision).unwrap_err();
        assert!(matches!(error, HubError::Answer { .. }), "{error}");
        world.server.script(&[]);
    }
}

#[test]
fn requests_that_write_follow_no_redirect() {
    for page in TARGETS {
        let (world, result) = publish(page, &["POST / redirect x9"]);
        assert!(matches!(result, Err(HubError::Status { status: 307, .. })));
        assert!(
            world
                .server
                .records()
                .iter()
                .all(|record| record.host != "localhost")
        );
    }
}

#[test]
fn the_commit_of_someone_else_is_not_overwritten() {
    let world = World::new();
    let (target, _) = world.publish(MODEL);
    let mut files = world.files();
    files.push(world.file("new.txt", b"new"));
    // The commit is refused because the branch has moved.
    world.server.script(&["POST /commit/ status=412"]);
    let hub = world.hub();
    let error = hub
        .publish(&target, &files, "v2", Published::Keep)
        .unwrap_err();
    assert!(matches!(error, HubError::Moved { .. }), "{error}");
}
