//! The demonstration of a release.

use std::collections::BTreeSet;

use anyhow::Result;
use geno_provenance::{Json, Manifest, PublicPath};

use super::{
    batch::{self, Batch},
    compare::{only, with},
    release::{Release, list, text},
    runtime::{self, check_file, check_input},
    sums, transcript, vcf,
};

const MANIFEST: &str = "demo/terminal_demo_manifest.json";
/// What was made, and where it lies.
const ARTIFACTS: [(&str, &str); 5] = [
    ("scores", "demo/scores.jsonl"),
    ("receipts", "demo/receipts.jsonl"),
    (
        "runtime preflight report",
        "demo/runtime_preflight_report.json",
    ),
    ("batch receipt report", "demo/batch_receipt_report.json"),
    ("terminal transcript", "demo/terminal-demo-transcript.md"),
];
/// What the manifest says of scores and receipts.
const BATCH: [&str; 7] = [
    "records",
    "model_id",
    "calibration_hash",
    "receipt_schema_version",
    "receipt_stream",
    "checked_score_fields",
    "runtime",
];
/// What it says of what was looked at before.
const RUNTIME: [&str; 9] = [
    "schema_version",
    "generated_by",
    "ok",
    "model_id",
    "release_id",
    "requested_backend",
    "selected_backend",
    "requirements",
    "command",
];

/// What the paper says of the demonstration.
pub(super) struct Demo {
    pub(super) vcf_summary: Json,
    pub(super) records: u64,
}

/// Checks the folder of the demonstration.
pub(super) fn check(release: &mut Release, model: Option<&Manifest>) -> Result<Option<Demo>> {
    let batch = batch::check(release, model);
    let preflight = runtime::check(release, model);
    let manifest = release.report(MANIFEST, "tools.demo.terminal_inference");
    let mut named = BTreeSet::from([MANIFEST.to_owned()]);
    named.extend(ARTIFACTS.map(|(_, path)| path.to_owned()));
    let mut demo = None;
    if let Some(manifest) = &manifest {
        let inputs = manifest.get("inputs").unwrap_or(&Json::Null);
        if let Some(file) = inputs.get("model_manifest") {
            let public = check_file(release, MANIFEST, file, "model");
            let holds = public.as_deref() == Some("model/manifest.json");
            release.expect(
                holds,
                "manifest",
                MANIFEST,
                "is of another manifest of a model",
            );
        }
        let vcf = check_input(release, MANIFEST, inputs.get("vcf"), "vcf");
        let fasta = check_input(release, MANIFEST, inputs.get("fasta"), "fasta");
        named.extend(vcf.iter().chain(&fasta).cloned());
        let summary = vcf.map(|vcf| (vcf::summary(release, &vcf), vcf));
        let summary = match summary {
            Some((Ok(summary), _)) => Some(summary),
            Some((Err(error), vcf)) => {
                release.error("vcf", &vcf, format!("{error:#}"));
                None
            }
            None => None,
        };
        let stated = Stated {
            manifest,
            model,
            preflight,
            batch: batch.as_ref(),
            summary,
        };
        stated.check(release);
        if let (Some(batch), Some(summary)) = (&batch, &stated.summary) {
            transcript::check(release, manifest, model, batch, summary);
            let records = batch.report.get("records").and_then(Json::as_u64);
            demo = records.map(|records| Demo {
                vcf_summary: summary.clone(),
                records,
            });
        }
    }
    if batch.is_none() {
        // A transcript that cannot be written again is read at least.
        release.text("demo/terminal-demo-transcript.md");
    }
    let named = named
        .iter()
        .filter_map(|path| PublicPath::new(path.strip_prefix("demo/")?).ok());
    sums::note_unlisted(release, "demo", &named.collect())?;
    Ok(demo)
}

/// A manifest, and what it must say.
struct Stated<'a> {
    manifest: &'a Json,
    model: Option<&'a Manifest>,
    preflight: Option<Json>,
    batch: Option<&'a Batch>,
    summary: Option<Json>,
}

impl Stated<'_> {
    fn check(&self, release: &mut Release) {
        let mut expected = vec![("status", Json::from("passed"))];
        expected.extend(self.model.map(|model| ("model", runtime::encoder(model))));
        let mut command = vec![("returncode", Json::from(0u64))];
        if let Some(preflight) = &self.preflight {
            let before = preflight.get("command").unwrap_or(&Json::Null);
            let shell = Json::from(runtime::shell(before));
            command.extend([("shell", shell.clone())]);
            command.extend(before.get("argv").map(|argv| ("argv", argv.clone())));
            let before = with(only(before, &["argv"]), [("shell", shell)]);
            let looked_at = with(only(preflight, &RUNTIME), [("command", before)]);
            self.compare_part(release, "runtime_preflight", &looked_at);
        }
        expected.push(("command", Json::object(command)));
        if let Some(batch) = self.batch {
            let batch = only(&batch.report, &BATCH);
            self.compare_part(release, "score_receipt_batch", &batch);
        }
        if let Some(summary) = &self.summary {
            let inputs = self.manifest.get("inputs").unwrap_or(&Json::Null);
            let stated = inputs.get("vcf_summary").unwrap_or(&Json::Null);
            release.compare_whole(MANIFEST, "manifest.stale", summary, stated);
        }
        release.compare(
            MANIFEST,
            "manifest.stale",
            &Json::object(expected),
            self.manifest,
        );
        for (label, path) in ARTIFACTS {
            self.check_artifact(release, label, path);
        }
    }

    /// A part of the manifest, which says nothing else.
    fn compare_part(&self, release: &mut Release, name: &str, expected: &Json) {
        let stated = self.manifest.get(name).unwrap_or(&Json::Null);
        release.compare_whole(MANIFEST, "manifest.stale", expected, stated);
    }

    fn check_artifact(&self, release: &mut Release, label: &str, path: &str) {
        let files = list(self.manifest, "artifacts").unwrap_or_default();
        let Some(file) = files.iter().find(|file| text(file, "label") == Some(label)) else {
            return release.error("manifest", MANIFEST, format!("does not name its {label}"));
        };
        let public = check_file(release, MANIFEST, file, "demo");
        let holds = public.as_deref().is_none_or(|public| public == path);
        release.expect(
            holds,
            "manifest",
            MANIFEST,
            format!("its {label} is another file"),
        );
        let rows = match (label, self.batch) {
            ("scores", Some(batch)) => &batch.scores,
            ("receipts", Some(batch)) => &batch.receipts,
            _ => return,
        };
        let fields = rows
            .fields
            .iter()
            .map(|name| Json::from(name.as_str()))
            .collect();
        let expected = Json::object([
            ("jsonl_records", Json::from(rows.rows.len() as u64)),
            ("jsonl_fields", Json::Array(fields)),
        ]);
        release.compare(MANIFEST, "manifest.stale", &expected, file);
    }
}
