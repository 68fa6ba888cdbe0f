//! `repo workflows`: what the forge's workflows may do, and in which order.
//!
//! Their texts run where the tokens are, so each rule is held against what the YAML says.

mod document;
mod rules;

use std::{collections::BTreeSet, fs};

use anyhow::{Context, Result};

use self::{document::Workflow, rules::RULES};
use super::Verdict;
use crate::workspace::root;

/// Where the forge looks for them.
const FOLDER: &str = ".github/workflows";

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo workflows")]
pub(super) struct Args {}

pub(super) fn run(_: &Args) -> Result<Verdict> {
    Ok(Verdict::of(&check()?))
}

/// What breaks a rule, for the gate.
pub(super) fn check() -> Result<Vec<String>> {
    let known: BTreeSet<String> = RULES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let found = names()?;
    let strangers = found.difference(&known);
    let mut violations: Vec<String> = strangers
        .map(|name| format!("{FOLDER}/{name}: no rules are known for it"))
        .collect();
    for (name, _) in RULES {
        let path = root().join(FOLDER).join(name);
        let text =
            fs::read_to_string(&path).with_context(|| format!("cannot read `{FOLDER}/{name}`"))?;
        violations.extend(broken(name, &text)?.map(|rule| format!("{FOLDER}/{name}: {rule}")));
    }
    Ok(violations)
}

/// The rules that the text of a workflow breaks.
fn broken(name: &str, text: &str) -> Result<impl Iterator<Item = &'static str>> {
    let workflow = Workflow::parse(text).with_context(|| format!("`{FOLDER}/{name}`"))?;
    let own = RULES.iter().filter(|(file, _)| *file == name);
    let own = own.flat_map(|(_, rules)| rules.iter());
    let rules = rules::COMMON.iter().chain(own);
    let broken: Vec<_> = rules
        .filter(|rule| !(rule.holds)(&workflow))
        .map(|rule| rule.says)
        .collect();
    Ok(broken.into_iter())
}

fn names() -> Result<BTreeSet<String>> {
    let entries = fs::read_dir(root().join(FOLDER)).context("there are no workflows")?;
    let names = entries.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    names.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A change of a workflow, and the rule that it breaks.
    struct Change(&'static str, &'static str, &'static str, &'static str);

    const CHANGES: &[Change] = &[
        Change("ci.yml", "contents: read", "contents: write", "reads"),
        Change(
            "ci.yml",
            "  pull_request:",
            "  pull_request_target:",
            "strangers",
        ),
        Change(
            "ci.yml",
            "11bd71901bbe5b1630ceea73d27597364c9af683",
            "v4",
            "pinned",
        ),
        Change("ci.yml", "actions/checkout@", "someone/checkout@", "pinned"),
        Change(
            "ci.yml",
            "persist-credentials: false",
            "persist-credentials: true",
            "leave no",
        ),
        Change("ci.yml", "    timeout-minutes: 240\n", "", "time limit"),
        Change(
            "ci.yml",
            "run: bash .ci/run",
            "run: echo ${{ github.ref }}",
            "pasted",
        ),
        Change(
            "ci.yml",
            "run: bash .ci/run",
            "run: cargo test",
            "whole gate",
        ),
        Change("ci.yml", "  pull_request:\n", "", "whole gate"),
        Change(
            "ci.yml",
            "bash .ci/run",
            "bash .ci/run ; $X\n        env:\n          X: ${{ secrets.X }}",
            "no token",
        ),
        Change(
            "release-dry-run.yml",
            "  workflow_dispatch:",
            "  push:\n  workflow_dispatch:",
            "by hand",
        ),
        Change(
            "release-dry-run.yml",
            "CARGO_NET_RETRY: 5",
            "HF_TOKEN: ${{ secrets.HF_TOKEN }}",
            "no token",
        ),
        Change(
            "release-dry-run.yml",
            "CARGO_NET_RETRY: 5",
            "GH_TOKEN: ${{ github.token }}",
            "no token",
        ),
        Change(
            "release-dry-run.yml",
            "cargo fetch --locked",
            "cargo fetch",
            "Cargo.lock",
        ),
        Change(
            "release-dry-run.yml",
            "release verify",
            "release plan",
            "order",
        ),
        Change(
            "release-dry-run.yml",
            "release publish --release-dir \"$RELEASE\" --dry-run",
            "release publish --release-dir \"$RELEASE\"",
            "uploads",
        ),
        Change("release-dry-run.yml", "sha256sum --check", "echo", "digest"),
        Change(
            "release-dry-run.yml",
            "default: false",
            "default: true",
            "fixture",
        ),
        Change(
            "release-dry-run.yml",
            "--demo-url \"$DEMO_URL\" $REHEARSAL",
            "--demo-url \"$DEMO_URL\" --allow-fixture",
            "fixture",
        ),
        Change(
            "release-publish.yml",
            "  workflow_dispatch:",
            "  push:\n  workflow_dispatch:",
            "by hand",
        ),
        Change(
            "release-publish.yml",
            "environment: release",
            "environment: test",
            "protected",
        ),
        Change(
            "release-publish.yml",
            "cancel-in-progress: false",
            "cancel-in-progress: true",
            "one at a time",
        ),
        Change(
            "release-publish.yml",
            "      contents: write",
            "      packages: write",
            "no other right",
        ),
        Change(
            "release-publish.yml",
            "cargo fetch --locked",
            "cargo fetch",
            "Cargo.lock",
        ),
        Change(
            "release-publish.yml",
            "release replay",
            "release evidence",
            "order",
        ),
        Change(
            "release-publish.yml",
            "release candidate",
            "release plan",
            "order",
        ),
        Change(
            "release-publish.yml",
            "--output-dir target/replay",
            "--output-dir target/replay --program x",
            "evidence of a release",
        ),
        Change(
            "release-publish.yml",
            "release verify --release-dir",
            "release verify --allow-fixture --release-dir",
            "evidence of a release",
        ),
        Change(
            "release-publish.yml",
            "CARGO_NET_RETRY: 5",
            "HF_ENDPOINT: https://example.org",
            "where readers look",
        ),
        Change(
            "release-publish.yml",
            "gh release upload \"$DEMO_TAG\"",
            "gh release upload --clobber \"$DEMO_TAG\"",
            "replaces",
        ),
        Change(
            "release-publish.yml",
            "release publish --release-dir",
            "release publish --replace --release-dir",
            "replaces",
        ),
        Change(
            "release-publish.yml",
            "CARGO_NET_RETRY: 5",
            "HF_TOKEN: ${{ secrets.HF_TOKEN }}",
            "steps that send",
        ),
        Change(
            "release-publish.yml",
            "name: Replay from the public bytes\n",
            "name: Replay from the public bytes\n        env:\n          GH_TOKEN: ${{ github.token }}\n",
            "steps that send",
        ),
        Change("release-publish.yml", "sha256sum --check", "echo", "digest"),
        Change(
            "release-publish.yml",
            "sha256sum -- *.json > SHA256SUMS",
            "touch SHA256SUMS",
            "SHA256SUMS",
        ),
        Change(
            "release-publish.yml",
            "--repo \"$DEMO_REPO\" SHA256SUMS",
            "--repo \"$DEMO_REPO\" x",
            "SHA256SUMS",
        ),
        Change(
            "crates.yml",
            "tags: [\"v*\"]",
            "branches: [main]",
            "tag alone",
        ),
        Change(
            "crates.yml",
            "    if: startsWith(github.ref, 'refs/tags/v')\n    runs-on",
            "    runs-on",
            "tag alone",
        ),
        Change(
            "crates.yml",
            "environment: release",
            "environment: test",
            "protected",
        ),
        Change("crates.yml", "      id-token: write\n", "", "trusted"),
        Change(
            "crates.yml",
            "environment: release\n",
            "environment: release\n    env:\n      X: ${{ secrets.CARGO }}\n",
            "no token",
        ),
        Change(
            "crates.yml",
            "cargo publish --workspace --exclude geno-cli --locked --dry-run\n",
            "cargo publish --workspace --exclude geno-cli --dry-run\n",
            "Cargo.lock",
        ),
        Change(
            "crates.yml",
            "cargo publish --workspace --exclude geno-cli --locked --dry-run\n",
            "cargo publish --workspace --exclude geno-cli --locked\n",
            "tag alone",
        ),
        Change(
            "crates.yml",
            "cargo xtask repo package-assets",
            "true",
            "checked first",
        ),
        Change(
            "crates.yml",
            "cargo xtask repo bit-match check",
            "true",
            "checked first",
        ),
        Change("crates.yml", "sha256sum --check", "echo", "same bytes"),
        Change("crates.yml", "    needs: package\n", "", "same bytes"),
        Change(
            "crates.yml",
            "actions/attest-build-provenance",
            "actions/checkout",
            "come from",
        ),
        Change(
            "crates.yml",
            "--request DELETE",
            "--request GET",
            "given back",
        ),
        Change(
            "crates.yml",
            "--exclude geno-cli --locked --no-verify",
            "--locked --no-verify",
            "not sent",
        ),
    ];

    fn text(name: &str) -> String {
        fs::read_to_string(root().join(FOLDER).join(name)).unwrap()
    }

    #[test]
    fn the_workflows_keep_every_rule() {
        assert_eq!(check().unwrap(), Vec::<String>::new());
    }

    #[test]
    fn a_change_for_the_worse_breaks_its_rule() {
        for Change(name, from, to, rule) in CHANGES {
            let good = text(name);
            assert!(good.contains(from), "{name}: `{from}`");
            let found: Vec<_> = broken(name, &good.replacen(from, to, 1)).unwrap().collect();
            assert!(
                found.iter().any(|says| says.contains(rule)),
                "{name}: `{from}` -> `{to}` breaks {found:?}"
            );
        }
    }

    #[test]
    fn every_rule_can_be_broken() {
        let told = |name: &str, says: &str| {
            let mut changes = CHANGES
                .iter()
                .filter(|change| name.is_empty() || change.0 == name);
            changes.any(|change| says.contains(change.3))
        };
        for rule in rules::COMMON {
            assert!(told("", rule.says), "{}", rule.says);
        }
        for (name, own) in RULES {
            for rule in *own {
                assert!(told(name, rule.says), "{name}: {}", rule.says);
            }
        }
    }

    #[test]
    fn a_workflow_without_rules_is_named() {
        assert!(broken("ci.yml", "on: [").is_err());
        let known: Vec<_> = RULES.iter().map(|(name, _)| (*name).to_owned()).collect();
        assert_eq!(names().unwrap(), known.into_iter().collect());
    }
}
