//! The rules of every workflow, and of each.

use serde_json::{Value, json};

use super::document::{Job, Workflow};

/// What a workflow keeps to.
pub(super) struct Rule {
    /// The rule, as a sentence.
    pub(super) says: &'static str,
    pub(super) holds: fn(&Workflow) -> bool,
}

/// The rules of all.
pub(super) const COMMON: &[Rule] = &[
    Rule {
        says: "by itself a workflow only reads the sources",
        holds: |it| *it.get("permissions") == json!({ "contents": "read" }),
    },
    Rule {
        says: "the code of strangers runs without rights",
        holds: |it| {
            let triggers = it.triggers();
            !triggers.contains(&"pull_request_target") && !triggers.contains(&"workflow_run")
        },
    },
    Rule {
        says: "actions are those of the forge itself, pinned to a commit",
        holds: |it| {
            it.steps()
                .filter_map(|step| step["uses"].as_str())
                .all(is_pinned)
        },
    },
    Rule {
        says: "sources leave no token behind in the checkout",
        holds: |it| {
            let is_checkout = |step: &&Value| {
                let uses = step["uses"].as_str();
                uses.is_some_and(|uses| uses.starts_with("actions/checkout@"))
            };
            let mut checkouts = it.steps().filter(is_checkout);
            checkouts.all(|step| step["with"]["persist-credentials"] == json!(false))
        },
    },
    Rule {
        says: "every job has a time limit",
        holds: |it| it.jobs().all(|job| job.value["timeout-minutes"].is_u64()),
    },
    Rule {
        says: "nothing is pasted into a command; values come by variables",
        holds: |it| !it.commands().contains("${{"),
    },
];

/// The workflows that there are, each with rules of its own.
pub(super) const RULES: &[(&str, &[Rule])] = &[
    ("ci.yml", CI),
    ("crates.yml", CRATES),
    ("release-dry-run.yml", DRY_RUN),
    ("release-publish.yml", PUBLISH),
];

const NO_TOKEN: Rule = Rule {
    says: "there is no token",
    holds: |it| !has_token(&it.text()),
};

const BY_HAND: Rule = Rule {
    says: "it is started by hand alone",
    holds: |it| it.triggers() == ["workflow_dispatch"],
};

const DIGEST: Rule = Rule {
    says: "packages are taken by their digest",
    holds: |it| {
        let mut jobs = it.jobs();
        jobs.all(|job| job.is_in_order(&["sha256sum --check --strict", "cargo xtask release"]))
    },
};

const LOCKED: Rule = Rule {
    says: "dependencies are those of Cargo.lock",
    holds: |it| {
        let jobs = it.jobs().collect::<Vec<_>>();
        jobs.iter()
            .all(|job| job.is_in_order(&["cargo fetch --locked", "cargo xtask release"]))
    },
};

const CI: &[Rule] = &[
    NO_TOKEN,
    Rule {
        says: "every change is held to the whole gate, and nothing else",
        holds: |it| {
            let is_gate = |step: &Value| step["run"] == json!("bash .ci/run");
            it.triggers().contains(&"pull_request") && it.steps().any(is_gate)
        },
    },
];

const DRY_RUN: &[Rule] = &[
    NO_TOKEN,
    BY_HAND,
    DIGEST,
    LOCKED,
    Rule {
        says: "the order is verify, plan, requests",
        holds: |it| {
            let steps = [
                "release verify",
                "release plan",
                "release publish --release-dir \"$RELEASE\" --dry-run",
            ];
            it.jobs().all(|job| job.is_in_order(&steps))
        },
    },
    Rule {
        says: "it uploads nothing",
        holds: |it| {
            let commands = it.commands();
            let sends =
                |line: &str| line.contains("release publish") && !line.contains("--dry-run");
            let uploads = ["gh ", "upload", "--publish", "--request", "cargo publish"];
            !commands.lines().any(sends)
                && !uploads.iter().any(|upload| commands.contains(upload))
                && it
                    .jobs()
                    .all(|job| job.position("actions/upload-").is_none())
        },
    },
    Rule {
        says: "a fixture is let in by one switch, which is off",
        holds: is_one_rehearsal,
    },
];

const PUBLISH: &[Rule] = &[
    BY_HAND,
    DIGEST,
    LOCKED,
    Rule {
        says: "it runs in the protected environment",
        holds: |it| {
            it.jobs()
                .all(|job| job.value["environment"] == json!("release"))
        },
    },
    Rule {
        says: "releases go out one at a time, each to its end",
        holds: |it| it.get("concurrency")["cancel-in-progress"] == json!(false),
    },
    Rule {
        says: "it writes releases and has no other right",
        holds: |it| {
            let rights = json!({ "contents": "write" });
            it.jobs().all(|job| job.value["permissions"] == rights)
        },
    },
    Rule {
        says: "the order is verify, plan, publish, candidate, replay, evidence, assets, digests, reports",
        holds: |it| {
            let steps = [
                "release verify",
                "release plan",
                "release publish",
                "release candidate",
                "release replay",
                "release evidence",
                "release assets",
                "gh release upload",
                "actions/upload-artifact@",
            ];
            it.jobs().all(|job| job.is_in_order(&steps))
        },
    },
    Rule {
        says: "nothing but evidence of a release goes out, to where readers look",
        holds: |it| {
            let text = it.text();
            let others = [
                "--allow-fixture",
                "--program",
                "--hugging-face",
                "--github",
                "HF_ENDPOINT",
                "GITHUB_ENDPOINT",
                "--dry-run",
            ];
            !others.iter().any(|other| text.contains(other))
        },
    },
    Rule {
        says: "an upload replaces nothing that is public",
        holds: |it| {
            let commands = it.commands();
            !commands.contains("--clobber") && !commands.contains("--replace")
        },
    },
    Rule {
        says: "tokens are in the steps that send, and that of the hub in one",
        holds: |it| {
            let with: Vec<_> = it
                .steps()
                .filter(|step| has_token(&step.to_string()))
                .collect();
            let runs = |step: &Value, what: &str| step["run"].to_string().contains(what);
            let outside = it
                .jobs()
                .any(|job| has_token(&job.value["env"].to_string()));
            matches!(with[..], [publish, assets, digests]
                if runs(publish, "release publish") && runs(assets, "release assets")
                    && runs(digests, "gh release upload")
                    && publish["env"]["HF_TOKEN"] == json!("${{ secrets.HF_TOKEN }}"))
                && it.text().matches("secrets.").count() == 1
                && !outside
                && !has_token(&it.get("env").to_string())
        },
    },
    Rule {
        says: "SHA256SUMS of the evidence is made and goes out with it",
        holds: |it| {
            let commands = it.commands();
            let made = commands.split_once("sha256sum -- *.json > SHA256SUMS");
            made.is_some_and(|(_, after)| {
                let mut lines = after.lines();
                lines
                    .any(|line| line.contains("gh release upload") && line.ends_with(" SHA256SUMS"))
            })
        },
    },
];

const CRATES: &[Rule] = &[
    NO_TOKEN,
    Rule {
        says: "packages go to the registry from a tag alone",
        holds: |it| {
            let tag = "startsWith(github.ref, 'refs/tags/v')";
            let is_tagged = |job: &Job<'_>| job.value["if"] == json!(tag);
            it.get("on")["push"] == json!({ "tags": ["v*"] })
                && it.jobs().filter(publishes).all(|job| is_tagged(&job))
                && it.job("publish").is_some_and(|job| publishes(&job))
        },
    },
    Rule {
        says: "they go out of the protected environment",
        holds: |it| {
            let is_protected = |job: Job<'_>| job.value["environment"] == json!("release");
            it.jobs().filter(publishes).all(is_protected)
        },
    },
    Rule {
        says: "the workflow is trusted by the registry, in the one job that sends",
        holds: |it| {
            let rights =
                json!({ "contents": "read", "id-token": "write", "attestations": "write" });
            let given = |job: Job<'_>| match publishes(&job) {
                true => job.value["permissions"] == rights,
                false => job.value["permissions"].is_null(),
            };
            it.jobs().all(given)
        },
    },
    Rule {
        says: "the program, which builds in the workspace alone, is not sent",
        holds: |it| publish_lines(&it.commands()).all(|line| line.contains("--exclude geno-cli ")),
    },
    Rule {
        says: "packages are made by Cargo.lock",
        holds: |it| publish_lines(&it.commands()).all(|line| line.contains("--locked")),
    },
    Rule {
        says: "changelog, names, scores and contents are checked first",
        holds: |it| {
            let checks = [
                "repo changelog --check",
                "repo api check",
                "repo bit-match check",
                "repo package-assets",
            ];
            let made = |job: Job<'_>| {
                let at = job.position("cargo publish");
                checks
                    .iter()
                    .all(|check| job.position(check) < at && job.position(check).is_some())
            };
            it.job("package").is_some_and(made)
        },
    },
    Rule {
        says: "what is sent has the same bytes as what was checked",
        holds: |it| {
            let is_compared = |job: Job<'_>| {
                job.value["needs"] == json!("package")
                    && job.is_in_order(&["sha256sum --check --strict SHA256SUMS", "jwt="])
            };
            it.job("publish").is_some_and(is_compared)
        },
    },
    Rule {
        says: "it is recorded where the packages come from, before they are sent",
        holds: |it| {
            let steps = [
                "actions/attest-build-provenance@",
                "trusted_publishing/tokens",
            ];
            it.job("publish").is_some_and(|job| job.is_in_order(&steps))
        },
    },
    Rule {
        says: "the right to send is given back",
        holds: |it| it.commands().contains("--request DELETE"),
    },
];

fn is_pinned(uses: &str) -> bool {
    let Some((action, commit)) = uses.split_once('@') else {
        return false;
    };
    let is_hex = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    action.starts_with("actions/") && commit.len() == 40 && commit.bytes().all(is_hex)
}

fn has_token(text: &str) -> bool {
    ["secrets.", "secrets[", "github.token"]
        .iter()
        .any(|token| text.contains(token))
}

/// The lines that would send packages, or try to.
fn publish_lines(commands: &str) -> impl Iterator<Item = &str> {
    commands
        .lines()
        .filter(|line| line.contains("cargo publish"))
}

/// Whether a job sends packages.
fn publishes(job: &Job<'_>) -> bool {
    let commands = job.steps().iter().filter_map(|step| step["run"].as_str());
    commands
        .into_iter()
        .any(|text| publish_lines(text).any(|line| !line.contains("--dry-run")))
}

/// Whether a fixture is let in by one input alone.
fn is_one_rehearsal(it: &Workflow) -> bool {
    const SWITCH: &str = "${{ inputs.rehearsal && '--allow-fixture' || '' }}";
    let input = &it.get("on")["workflow_dispatch"]["inputs"]["rehearsal"];
    let is_off = input["default"] == json!(false) && input["type"] == json!("boolean");
    let is_given = |step: &Value| match &step["env"]["REHEARSAL"] {
        Value::Null => true,
        given => *given == json!(SWITCH),
    };
    is_off && !it.commands().contains("--allow-fixture") && it.steps().all(is_given)
}
