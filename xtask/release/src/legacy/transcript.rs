//! What a reader sees of the demonstration.

use geno_core::Digest;
use geno_provenance::{Json, Manifest};

use super::{
    batch::Batch,
    efficiency::is_private,
    markdown::{row, section, text as markdown},
    release::{Release, list, shown, text},
    rows::Rows,
    runtime::shell,
    vcf,
};

const PATH: &str = "demo/terminal-demo-transcript.md";
const MANIFEST: &str = "demo/terminal_demo_manifest.json";
/// What it ends with.
const CLAIM: &str = "This transcript records command behavior only. Model-quality claims require the published \
                     evaluation report linked from the release.";

/// Writes the transcript again and compares, and holds what the program printed against its digest.
pub(super) fn check(
    release: &mut Release,
    manifest: &Json,
    model: Option<&Manifest>,
    batch: &Batch,
    summary: &Json,
) {
    let (Some(there), Some(model)) = (release.text(PATH), model) else {
        return;
    };
    let lowered = there.to_lowercase();
    let is_fixture = ["fixture", "dummy", "test manifest"]
        .iter()
        .any(|word| lowered.contains(word));
    release.expect(!is_fixture, "fixture", PATH, "speaks of a fixture");
    let command = manifest.get("command").unwrap_or(&Json::Null);
    let printed = block(&there, &format!("```console\n$ {}\n", shell(command)));
    let complained = block(&there, "## Stderr\n\n```text\n");
    for (stream, text) in [("stdout", &printed), ("stderr", &complained)] {
        check_stream(release, command.get(stream), stream, text);
    }
    let time = manifest.get("generated_at");
    let is_of_it = there.contains(&format!("\n- Generated: {}\n", shown(time)));
    let message = "is of another time than the transcript";
    release.expect(is_of_it, "manifest.stale", MANIFEST, message);
    // Where the model lay, which other files do not say.
    let mut lines = there.lines();
    let folder = lines
        .find_map(|line| line.strip_prefix("- Model directory: "))
        .unwrap_or("model");
    if is_private(folder) {
        release.note(
            "private_path",
            PATH,
            "says where the model lay on a machine",
        );
    } else {
        let holds = release.public(folder, "demo") == "model";
        release.expect(holds, "transcript.stale", PATH, "is of another model");
    }
    let rendered = render(
        manifest,
        model,
        batch,
        summary,
        [&printed, &complained],
        folder,
    );
    release.compare_text(PATH, "transcript.stale", &rendered, &there);
}

/// What stands between a beginning and the end of a block.
fn block(text: &str, begin: &str) -> String {
    let rest = text.split_once(begin).map_or("", |(_, rest)| rest);
    let lines: Vec<&str> = rest.lines().take_while(|line| *line != "```").collect();
    lines.join("\n")
}

/// What was printed, whose blanks at the end are not kept.
fn check_stream(release: &mut Release, stated: Option<&Json>, stream: &str, printed: &str) {
    let identity = |printed: &str| {
        let n_lines = printed.lines().count() as u64;
        Json::object([
            ("sha256", Digest::of(printed.as_bytes()).into()),
            ("size_bytes", (printed.len() as u64).into()),
            ("line_count", n_lines.into()),
        ])
    };
    let could_be = [identity(printed), identity(&format!("{printed}\n"))];
    let holds = stated.is_some_and(|stated| could_be.contains(stated));
    let size = stated.and_then(|stated| stated.get("size_bytes")?.as_u64());
    if !holds && size.is_some_and(|size| size > printed.len() as u64 + 1) {
        let message = format!("the transcript does not keep all of {stream}");
        release.note("output_not_kept", PATH, message);
    } else {
        let message = format!("{stream} is not that of the transcript");
        release.expect(holds, "manifest.stale", MANIFEST, message);
    }
}

fn render(
    manifest: &Json,
    model: &Manifest,
    batch: &Batch,
    summary: &Json,
    [printed, complained]: [&str; 2],
    folder: &str,
) -> String {
    let artifacts = list(manifest, "artifacts").unwrap_or_default();
    let by_label = |label| {
        artifacts
            .iter()
            .find(|file| text(file, "label") == Some(label))
    };
    let place = |label| shown(by_label(label).and_then(|file| file.get("path")));
    let input = |name| {
        shown(
            manifest
                .get("inputs")
                .and_then(|inputs| inputs.get(name)?.get("path")),
        )
    };
    let scores = place("scores");
    let demo = scores
        .rsplit_once('/')
        .map_or(String::new(), |(demo, _)| format!("{demo}/"));
    let mut lines = vec![
        "# GenoLeWM Terminal Inference Transcript".to_owned(),
        String::new(),
        format!("- Generated: {}", shown(manifest.get("generated_at"))),
        "- Status: passed".to_owned(),
        "- Exit code: 0".to_owned(),
        format!("- Model release: {}", model.release_id),
        format!("- Model version: {}", model.model_version),
        format!("- Model id: {}", model.model_id()),
        format!(
            "- Input VCF records: {}",
            shown(summary.get("variant_records"))
        ),
        format!(
            "- Input alternate alleles: {}",
            shown(summary.get("alternate_alleles"))
        ),
        format!("- Input contigs: {}", vcf::contigs(summary)),
        format!("- First input variants: {}", vcf::first_variants(summary)),
        format!("- Scores: {scores}"),
        format!("- Receipts: {}", place("receipts")),
        format!(
            "- Runtime preflight report: {}",
            place("runtime preflight report")
        ),
        format!("- Batch receipt report: {}", place("batch receipt report")),
        format!("- Demo manifest: {demo}terminal_demo_manifest.json"),
    ];
    section(&mut lines, "Command");
    let command = manifest.get("command").unwrap_or(&Json::Null);
    lines.extend(["```console".to_owned(), format!("$ {}", shell(command))]);
    lines.extend(printed.lines().map(str::to_owned));
    lines.push("```".to_owned());
    if !complained.is_empty() {
        section(&mut lines, "Stderr");
        lines.extend([
            "```text".to_owned(),
            complained.to_owned(),
            "```".to_owned(),
        ]);
    }
    outputs(&mut lines, artifacts, batch);
    records(&mut lines, batch);
    section(&mut lines, "Artifact Inputs");
    lines.extend([
        format!("- Model directory: {folder}"),
        format!("- Manifest: {folder}/manifest.json"),
        format!("- VCF: {}", input("vcf")),
        format!("- FASTA: {}", input("fasta")),
        String::new(),
        CLAIM.to_owned(),
    ]);
    markdown(&lines)
}

/// The files that were made.
fn outputs(lines: &mut Vec<String>, artifacts: &[Json], batch: &Batch) {
    section(lines, "Output Artifacts");
    let columns = ["Artifact", "Path", "SHA-256", "Bytes", "JSONL rows"];
    lines.extend([row(columns), row(["---", "---", "---", "---:", "---:"])]);
    let is_other = |file: &&Json| text(file, "label") != Some("terminal transcript");
    let rows = |file: &Json| match text(file, "label") {
        Some("scores") => Some(&batch.scores),
        Some("receipts") => Some(&batch.receipts),
        _ => None,
    };
    for file in artifacts.iter().filter(is_other) {
        let [label, path, digest, size] =
            ["label", "path", "sha256", "size_bytes"].map(|field| shown(file.get(field)));
        let n = rows(file).map_or("-".to_owned(), |rows| rows.rows.len().to_string());
        lines.push(row([label, path, digest, size, n]));
    }
    for file in artifacts.iter().filter(is_other) {
        let title = title_case(&shown(file.get("label")));
        lines.push(format!("- {title} SHA-256: {}", shown(file.get("sha256"))));
        if let Some(rows) = rows(file) {
            lines.push(format!("- {title} JSONL rows: {}", rows.rows.len()));
            lines.push(format!(
                "- {title} JSONL fields: {}",
                rows.fields.join(", ")
            ));
        }
    }
}

/// What scores and receipts have in common.
fn records(lines: &mut Vec<String>, batch: &Batch) {
    section(lines, "Score And Receipt Summary");
    let said = |field| shown(batch.report.get(field));
    let checked = super::release::texts(&batch.report, "checked_score_fields").unwrap_or_default();
    let fields = |rows: &Rows| rows.fields.join(", ");
    let runtime = |field| {
        shown(
            batch
                .report
                .get("runtime")
                .and_then(|runtime| runtime.get(field)),
        )
    };
    lines.extend([
        format!("- Records: {}", said("records")),
        format!("- Score fields: {}", fields(&batch.scores)),
        format!("- Receipt fields: {}", fields(&batch.receipts)),
        format!("- Checked score fields: {}", checked.join(", ")),
        format!("- Receipt stream: {}", said("receipt_stream")),
        format!("- Receipt schema: {}", said("receipt_schema_version")),
        format!("- Receipt model id: {}", said("model_id")),
        format!("- Calibration hash: {}", said("calibration_hash")),
        format!("- Runtime backend: {}", runtime("backend")),
        format!("- Runtime device: {}", runtime("device")),
    ]);
}

fn title_case(words: &str) -> String {
    let words = words.split(' ').map(|word| match word.split_at_checked(1) {
        Some((first, rest)) => format!("{}{rest}", first.to_uppercase()),
        None => String::new(),
    });
    words.collect::<Vec<_>>().join(" ")
}
