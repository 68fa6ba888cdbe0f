//! Publishing a release to hosts of this machine, and every change on the way found.

use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Output, Stdio},
};

use tempfile::TempDir;

use crate::{
    data::{files, told},
    demo::{doctor, program},
    release::Released,
};

/// Both hosts, until it is dropped.
struct Hosts {
    process: Child,
    hugging_face: String,
    github: String,
}

impl Hosts {
    fn start(folder: &Path, faults: &[&str]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
        command.args(["local-hub", "--folder"]).arg(folder);
        for fault in faults {
            command.args(["--fault", fault]);
        }
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(process.stdout.take().unwrap()).lines();
        let mut address = || {
            let line = lines.next().unwrap().unwrap();
            line.split(' ').nth(1).unwrap().to_owned()
        };
        let [hugging_face, github] = [address(), address()];
        Self {
            process,
            hugging_face,
            github,
        }
    }
}

impl Drop for Hosts {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A locked and planned release, a folder for the hosts, and one to replay in.
struct World {
    released: Released,
    folder: TempDir,
}

impl World {
    fn new() -> Self {
        let world = Self {
            released: Released::new(),
            folder: tempfile::tempdir().unwrap(),
        };
        let output = world.released.verify(&["--allow-fixture"]);
        assert!(output.status.success(), "{}", told(&output));
        world.holds(None, "plan", &PLAN);
        world
    }

    fn hosts(&self, faults: &[&str]) -> Hosts {
        Hosts::start(&self.folder.path().join("hub"), faults)
    }

    fn run(&self, hosts: Option<&Hosts>, task: &str, more: &[&str]) -> Output {
        let mut command = Command::new(env!("CARGO_BIN_EXE_geno-release"));
        command
            .args([
                "release",
                task,
                "--now",
                "2026-01-02T03:04:05Z",
                "--release-dir",
            ])
            .arg(self.released.path(""))
            .args(more)
            .env("HF_TOKEN", "hf_verysecret")
            .env("GH_TOKEN", "ghp_verysecret");
        if let Some(hosts) = hosts {
            command
                .env("HF_ENDPOINT", &hosts.hugging_face)
                .env("GITHUB_ENDPOINT", &hosts.github);
        }
        if task == "replay" {
            let program = program(self.folder.path(), &doctor(), 0);
            command
                .arg("--program")
                .arg(program)
                .arg("--output-dir")
                .arg(self.folder.path().join("replayed"));
        }
        command.output().unwrap()
    }

    fn holds(&self, hosts: Option<&Hosts>, task: &str, more: &[&str]) {
        let output = self.run(hosts, task, more);
        assert!(output.status.success(), "{task}: {}", told(&output));
    }

    fn fails(&self, hosts: Option<&Hosts>, task: &str, expected: &str) {
        let output = self.run(hosts, task, &[]);
        assert!(!output.status.success(), "{task}: {}", told(&output));
        assert!(
            told(&output).contains(expected),
            "{task}: {}",
            told(&output)
        );
    }

    fn published(&self) -> Hosts {
        let hosts = self.hosts(&[]);
        self.holds(Some(&hosts), "publish", &[]);
        hosts
    }
}

const PLAN: [&str; 7] = [
    "--allow-fixture",
    "--repo-id",
    "owner/model",
    "--dataset-url",
    "https://huggingface.co/datasets/owner/data",
    "--demo-url",
    "https://github.com/owner/name/releases/tag/v1",
];

const REPORTS: [&str; 6] = [
    "release.lock.json",
    "hub_release_plan.json",
    "hub_publish_report.json",
    "release_candidate_report.json",
    "clean_machine_demo_report.json",
    "publication_evidence_report.json",
];

#[test]
fn a_release_is_published_probed_replayed_and_bound() {
    let world = World::new();
    let hosts = world.published();
    let first = fs::read(world.released.path("hub_publish_report.json")).unwrap();
    // Once more changes nothing.
    world.holds(Some(&hosts), "publish", &[]);
    let again = fs::read(world.released.path("hub_publish_report.json")).unwrap();
    assert_eq!(first, again);
    world.holds(Some(&hosts), "candidate", &[]);
    world.holds(Some(&hosts), "replay", &[]);
    world.holds(None, "evidence", &[]);
    world.holds(Some(&hosts), "assets", &["--publish"]);

    let evidence =
        fs::read_to_string(world.released.path("publication_evidence_report.json")).unwrap();
    assert!(evidence.contains("https://huggingface.co/owner/model/resolve/"));
    assert!(
        evidence.contains("rehearsal_hosts"),
        "it was no publication"
    );
    let env = fs::read_to_string(world.released.path("publication-evidence-target.env")).unwrap();
    assert_eq!(env, "DEMO_REPO=owner/name\nDEMO_TAG=v1-evidence\n");

    // Nothing that was made names a token or a place of this machine.
    let private = [
        world.released.path("").display().to_string(),
        world.folder.path().display().to_string(),
        "verysecret".to_owned(),
    ];
    for folder in [world.released.path(""), world.folder.path().to_owned()] {
        for name in files(&folder) {
            // The made-up program itself.
            if ["geno-lewm", "doctor.json"].contains(&&*name) {
                continue;
            }
            let bytes = fs::read(folder.join(&name)).unwrap();
            let text = String::from_utf8_lossy(&bytes);
            for private in &private {
                assert!(
                    !text.contains(private.trim_end_matches('/')),
                    "{name}: {private}"
                );
            }
        }
    }
}

#[test]
fn what_hosts_serve_wrongly_is_named() {
    let world = World::new();
    drop(world.published());
    for (fault, expected) in [
        (
            "GET /api/models hide=model_card.md x9",
            "model: `model_card.md` is not served",
        ),
        (
            "GET /api/models extra=other.txt x9",
            "model: `other.txt` is served and not planned",
        ),
        ("GET /model_card.md flip x99", "is served with other bytes"),
        ("GET /model_card.md cut=5 x99", "is served with other bytes"),
        ("GET /api/models status=404 x99", "candidate.public_links"),
    ] {
        let hosts = world.hosts(&[fault]);
        world.fails(Some(&hosts), "candidate", expected);
        // A candidate that is not well is not replayed.
        world.fails(Some(&hosts), "replay", "release_candidate_report.json");
    }
    let hosts = world.hosts(&[]);
    world.holds(Some(&hosts), "candidate", &[]);
    drop(hosts);
    let hosts = world.hosts(&["GET /model_card.md flip x99"]);
    world.fails(Some(&hosts), "replay", "error");
    assert!(
        !world
            .released
            .path("clean_machine_demo_report.json")
            .exists()
    );
    drop(hosts);
    // What arrived stays, and the rest is fetched.
    world.holds(Some(&world.hosts(&[])), "replay", &[]);
}

#[test]
fn an_interrupted_publication_is_taken_up() {
    let world = World::new();
    for fault in [
        "POST /commit/ status=403 x9",
        "PUT /lfs-storage/ status=403 x9 +1",
        "POST /releases status=403 x9",
    ] {
        let hosts = world.hosts(&[fault]);
        let output = world.run(Some(&hosts), "publish", &[]);
        assert!(!output.status.success(), "{fault}");
        assert!(!told(&output).contains("verysecret"));
        assert!(!world.released.path("hub_publish_report.json").exists());
    }
    let hosts = world.published();
    world.holds(Some(&hosts), "candidate", &[]);
}

#[test]
fn what_is_no_evidence_is_never_sent_to_public_hosts() {
    let world = World::new();
    world.fails(None, "publish", "what is no evidence is not published");
    let output = world.run(None, "publish", &["--dry-run"]);
    let told = told(&output);
    assert!(output.status.success(), "{told}");
    assert!(
        told.contains("POST https://huggingface.co/api/repos/create"),
        "{told}"
    );
    assert!(told.contains("<redacted>") && !told.contains("verysecret"));

    // Nor is it planned unless that is asked for.
    fs::remove_file(world.released.path("hub_release_plan.json")).unwrap();
    let output = world.run(None, "plan", &PLAN[1..]);
    assert_eq!(output.status.code(), Some(2));
    assert!(!world.released.path("hub_release_plan.json").exists());
}

#[test]
fn a_release_that_changes_after_its_plan_is_not_published() {
    let world = World::new();
    let path = world.released.path("demo/scores.jsonl");
    let whole = fs::read_to_string(&path).unwrap();
    fs::write(&path, whole.replace("other", "exon")).unwrap();
    let hosts = world.hosts(&[]);
    world.fails(Some(&hosts), "publish", "scores.jsonl");
    fs::write(&path, whole).unwrap();
    world.holds(Some(&hosts), "publish", &[]);
}

#[test]
fn every_report_of_the_chain_that_changes_breaks_it() {
    let world = World::new();
    let hosts = world.published();
    world.holds(Some(&hosts), "candidate", &[]);
    world.holds(Some(&hosts), "replay", &[]);
    world.holds(None, "evidence", &[]);
    for (name, from, to, expected) in [
        (
            "release.lock.json",
            "\"sha256\": \"sha256:",
            "\"sha256\": \"sha256:0",
            "release.lock.json",
        ),
        (
            "release.lock.json",
            "no_clinical_use",
            "coverage_only",
            "claim_boundaries",
        ),
        (
            "hub_release_plan.json",
            "\"destination\": \"config.yaml\"",
            "\"destination\": \"other.yaml\"",
            "the plan is that of the lock",
        ),
        (
            "hub_release_plan.json",
            "xtask.release.plan",
            "by.hand",
            "by.hand",
        ),
        (
            "hub_publish_report.json",
            "\"tag\": \"v1\"",
            "\"tag\": \"v2\"",
            "revision is none of",
        ),
        (
            "release_candidate_report.json",
            "\"verified\": ",
            "\"verified\": 1",
            "release_candidate_report.json",
        ),
        (
            "release_candidate_report.json",
            "\"code\": \"public_links\"",
            "\"code\": \"public_lines\"",
            "readiness",
        ),
        (
            "clean_machine_demo_report.json",
            "\"downloaded_files\": ",
            "\"downloaded_files\": 1",
            "every planned file",
        ),
        (
            "clean_machine_demo_report.json",
            "rehearsal_hosts",
            "skipped_check",
            "clean_machine_demo_report.json",
        ),
        (
            "clean_machine_demo_report.json",
            "\"scores_are_identical\": true",
            "\"scores_are_identical\": false",
            "clean_machine_demo_report.json",
        ),
    ] {
        let path = world.released.path(name);
        let whole = fs::read_to_string(&path).unwrap();
        assert!(
            whole.contains(from),
            "{from:?} is not in `{name}`:\n{whole}"
        );
        fs::write(&path, whole.replacen(from, to, 1)).unwrap();
        let output = world.run(None, "evidence", &[]);
        let told = told(&output);
        let is_found = !output.status.success() && told.contains(expected);
        // A class that is lost is lost to nobody who reads the reports before.
        let keeps_class =
            fs::read_to_string(world.released.path("publication_evidence_report.json"))
                .is_ok_and(|evidence| evidence.contains("rehearsal_hosts"));
        assert!(
            is_found || to == "skipped_check" && keeps_class,
            "{name}: {from}: {told}"
        );
        fs::write(&path, &whole).unwrap();
    }
    // Each that is missing is named.
    for name in &REPORTS[..5] {
        let path = world.released.path(name);
        let whole = fs::read(&path).unwrap();
        fs::remove_file(&path).unwrap();
        world.fails(None, "evidence", name);
        fs::write(&path, &whole).unwrap();
    }
    world.holds(None, "evidence", &[]);
}
