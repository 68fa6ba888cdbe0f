//! How fast the model scores.

use geno_core::Digest;
use geno_provenance::{Json, Manifest, PublicPath};

use super::{
    compare::{differences, only},
    model::Said,
    release::{Release, text, texts},
};

const REPORT: &str = "model/efficiency_report.json";

/// Checks the report, and the files that it says were used.
pub(super) fn check(release: &mut Release, manifest: Option<&Manifest>) -> Option<Json> {
    let report = release.report(REPORT, "tools.release.efficiency_report")?;
    release.check_words(&report, REPORT);
    let field = |release: &mut Release, holds: bool, name: &str| {
        release.expect(
            holds,
            "efficiency.field",
            REPORT,
            format!("`{name}` does not hold"),
        );
    };
    for name in ["model_release", "dataset_snapshot", "hardware", "runtime"] {
        field(release, text(&report, name).is_some(), name);
    }
    for name in ["command", "limitations"] {
        field(release, texts(&report, name).is_some(), name);
    }
    let is_digest = text(&report, "model_id").is_some_and(|id| id.parse::<Digest>().is_ok());
    field(release, is_digest, "model_id");
    field(
        release,
        text(&report, "commit").is_some_and(is_commit),
        "commit",
    );
    let count = |name| report.get(name).and_then(Json::as_u64);
    field(release, count("warmup_batches").is_some(), "warmup_batches");
    field(release, count("samples").is_some_and(|n| n > 0), "samples");
    for name in [
        "single_variant_latency_ms",
        "batched_throughput_variants_per_s",
        "peak_memory_bytes",
    ] {
        let measured = report
            .get("measurements")
            .and_then(|measured| measured.get(name)?.as_f64());
        field(
            release,
            measured.is_some_and(|measured| measured > 0.0),
            name,
        );
    }
    match report.get("inputs") {
        Some(Json::Object(inputs)) if !inputs.is_empty() => {
            for (key, input) in inputs {
                check_input(release, key, input, manifest);
            }
        }
        _ => field(release, false, "inputs"),
    }
    if texts(&report, "command").is_some_and(|command| command.iter().any(|word| is_private(word)))
    {
        let message = "the command holds a path of a machine";
        release.note("private_path", REPORT, message);
    }
    Some(report)
}

/// What the report says that it is of.
pub(super) fn identity(report: &Json) -> Said {
    let said = |field| text(report, field).map(str::to_owned);
    Said {
        release: said("model_release"),
        model_id: said("model_id"),
        snapshot: said("dataset_snapshot"),
        commit: said("commit"),
    }
}

/// Whether a text is a commit, whole or shortened.
pub(super) fn is_commit(text: &str) -> bool {
    (7..=40).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Whether an argument is a path that only one machine has.
pub(super) fn is_private(word: &str) -> bool {
    let value = word.split_once('=').map_or(word, |(_, value)| value);
    value.starts_with(['/', '~']) || value.split('/').any(|part| part == "..")
}

fn check_input(release: &mut Release, key: &str, input: &Json, manifest: Option<&Manifest>) {
    let path = text(input, "path").unwrap_or_default();
    let holds = match path.strip_prefix("inline:") {
        Some(label) => {
            !label.is_empty() && !label.contains(['/', '\\']) && !matches!(label, "." | "..")
        }
        None => PublicPath::new(path).is_ok() && !path.contains("://"),
    };
    let is_digest = text(input, "sha256").is_some_and(|digest| digest.parse::<Digest>().is_ok());
    let has_size = input.get("size_bytes").and_then(Json::as_u64).is_some();
    let message = format!("input `{key}` names no file in public");
    release.expect(
        holds && is_digest && has_size,
        "efficiency.input",
        REPORT,
        message,
    );
    let is_of_it = matches!(path.split('/').next(), Some("model" | "dataset" | "demo"));
    if !is_of_it || !release.holds(path) {
        return;
    }
    let Some(identity) = release.identity(path, path) else {
        return;
    };
    let is_manifest = path == "model/manifest.json" && manifest.is_some();
    let differs =
        !differences(&identity, &only(input, &["path", "sha256", "size_bytes"])).is_empty();
    match (differs, is_manifest) {
        (true, true) => {
            let message = "was measured with another manifest, since the last one covers what was measured after it";
            release.note("identity_cycle", REPORT, message);
        }
        (true, false) => {
            let message = format!("input `{key}` is not the file of the release");
            release.error("efficiency.input", REPORT, message);
        }
        (false, _) => {}
    }
}
