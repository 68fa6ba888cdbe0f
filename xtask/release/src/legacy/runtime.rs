//! What was looked at before the demonstration.

use geno_provenance::{Json, Manifest};

use super::{
    compare::{differences, only, with},
    efficiency::is_private,
    release::{Release, SCHEMA, list, shown, text, texts},
};

const REPORT: &str = "demo/runtime_preflight_report.json";
/// Options that a demonstration gives, and what they are: the model, an input or an output.
const OPTIONS: [(&str, Option<&str>); 5] = [
    ("--model-dir", Some("model")),
    ("--output", Some("demo/scores.jsonl")),
    ("--receipt", Some("demo/receipts.jsonl")),
    ("--vcf", None),
    ("--fasta", None),
];

/// Checks the report: nothing was wrong, and it looked at what the demonstration had. Returns it.
pub(super) fn check(release: &mut Release, manifest: Option<&Manifest>) -> Option<Json> {
    let report = release.report(REPORT, "tools.release.runtime_preflight")?;
    let requirements = [
        ("native_runtime", Json::from(true)),
        ("fixture_manifest_allowed", false.into()),
    ];
    let mut expected = vec![
        ("ok", Json::from(true)),
        ("requirements", Json::object(requirements)),
        ("network_guard", Json::object([("ok", Json::from(true))])),
    ];
    if let Some(manifest) = manifest {
        expected.extend([
            ("model_id", manifest.model_id().into()),
            ("release_id", Json::from(&manifest.release_id)),
            (
                "manifest",
                with(
                    encoder(manifest),
                    [
                        ("model_name", Json::from(&manifest.model_name)),
                        ("schema_version", SCHEMA.into()),
                    ],
                ),
            ),
            (
                "carbon",
                only(
                    &encoder(manifest),
                    &["encoder_id", "encoder_revision", "encoder_hash"],
                ),
            ),
        ]);
    }
    release.compare(REPORT, "runtime", &Json::object(expected), &report);
    check_command(release, &report);
    let dependencies = list(&report, "dependencies").unwrap_or_default();
    release.expect(
        !dependencies.is_empty(),
        "runtime",
        REPORT,
        "names no module",
    );
    for module in dependencies {
        let is = |field| module.get(field) == Some(&Json::Bool(true));
        let name = shown(module.get("import_name"));
        let holds = !is("required") || is("available");
        release.expect(holds, "runtime", REPORT, format!("`{name}` was not there"));
    }
    let artifacts = list(&report, "artifacts").unwrap_or_default();
    release.expect(
        !artifacts.is_empty(),
        "runtime",
        REPORT,
        "names no file of the model",
    );
    for file in artifacts {
        check_file(release, REPORT, file, "model");
        let digests = ["expected_sha256", "sha256"].map(|name| file.get(name));
        let is_expected = matches!(digests[0], None | Some(Json::Null)) || digests[0] == digests[1];
        let holds = is_expected && file.get("ok") == Some(&Json::Bool(true));
        release.expect(
            holds,
            "runtime",
            REPORT,
            "a file of the model was not as it should be",
        );
    }
    if let Some(file) = report.get("manifest") {
        check_file(release, REPORT, file, "model");
    }
    for name in ["vcf", "fasta"] {
        let file = report.get("inputs").and_then(|inputs| inputs.get(name));
        check_input(release, REPORT, file, name);
    }
    let cache = report
        .get("carbon")
        .and_then(|carbon| text(carbon, "cache_dir"));
    if cache.is_some_and(is_private) {
        release.note(
            "private_path",
            REPORT,
            "`carbon.cache_dir` is a path of a machine",
        );
    }
    Some(report)
}

/// What reports say of the encoder.
pub(super) fn encoder(manifest: &Manifest) -> Json {
    Json::object([
        ("release_id", Json::from(&manifest.release_id)),
        ("model_version", Json::from(&manifest.model_version)),
        ("model_id", manifest.model_id().into()),
        ("encoder_id", Json::from(&manifest.encoder.id)),
        ("encoder_revision", Json::from(&manifest.encoder.revision)),
        ("encoder_hash", manifest.encoder.hash.into()),
    ])
}

/// The command line as one text, for a shell.
pub(super) fn shell(command: &Json) -> String {
    let words = texts(command, "argv").unwrap_or_default();
    let is_plain = |char: char| char.is_ascii_alphanumeric() || "@%+=:,./-_".contains(char);
    let quoted = words.iter().map(|word| match word.chars().all(is_plain) {
        true => (*word).to_owned(),
        false => format!("'{}'", word.replace('\'', "'\"'\"'")),
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// A file as a document names it: of the release, with its digest and size. Returns its public name.
pub(super) fn check_file(
    release: &mut Release,
    at: &str,
    file: &Json,
    part: &str,
) -> Option<String> {
    let Some(recorded) = text(file, "path") else {
        release.error("file.identity", at, "names a file without a path");
        return None;
    };
    let public = release.public(recorded, part);
    let identity = release.identity(&public, recorded)?;
    for field in differences(&identity, &only(file, &["path", "sha256", "size_bytes"])) {
        let message = format!("`{field}` is not what `{at}` says");
        release.error("file.changed", &public, message);
    }
    Some(public)
}

/// The same of an input, which lies in the folder of the demonstration.
pub(super) fn check_input(
    release: &mut Release,
    at: &str,
    file: Option<&Json>,
    name: &str,
) -> Option<String> {
    let Some(file) = file else {
        release.error("file.identity", at, format!("does not name its {name}"));
        return None;
    };
    let public = check_file(release, at, file, "demo")?;
    let holds = public.starts_with("demo/");
    release.expect(
        holds,
        "file.identity",
        at,
        format!("its {name} is not in the demonstration"),
    );
    holds.then_some(public)
}

fn check_command(release: &mut Release, report: &Json) {
    let command = report.get("command").unwrap_or(&Json::Null);
    let words = texts(command, "argv").unwrap_or_default();
    let names_it = words.first() == Some(&"geno-lewm-score") && words.contains(&"--no-progress");
    release.expect(
        names_it,
        "runtime.command",
        REPORT,
        "is not of `geno-lewm-score`",
    );
    for (option, expected) in OPTIONS {
        let mut after = words.iter().skip_while(|word| **word != option).skip(1);
        let value = after.next().filter(|value| !value.starts_with("--"));
        let public = value.map(|value| release.public(value, "demo"));
        let holds = match expected {
            Some(expected) => public.as_deref() == Some(expected),
            None => {
                public.is_some_and(|public| public.starts_with("demo/") && release.holds(&public))
            }
        };
        let message = format!("`{option}` is not of the release");
        release.expect(holds, "runtime.command", REPORT, message);
    }
    let expected = Json::object([("shell", Json::from(shell(command)))]);
    release.compare(REPORT, "runtime.command", &expected, command);
}
