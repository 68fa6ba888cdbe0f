//! Verdicts on runs that have not started, beside those of the Python package.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use geno_provenance::{Json, Timestamp};
use geno_runtime::{Backend, BackendProbe};
use geno_training::{Preflight, PreflightReport, Severity};

fn repository(path: &str) -> PathBuf {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../..")).join(path)
}

/// A case of the golden file: what is changed in files that are good, and what the Python package
/// says then.
struct Case {
    name: String,
    files: BTreeMap<String, String>,
    encoder_lacks: Vec<String>,
    require_accelerator: bool,
    codes: Vec<String>,
}

fn texts(list: &Json) -> Vec<String> {
    let Json::Array(items) = list else {
        panic!("no list")
    };
    let text = |item: &Json| item.as_str().unwrap().to_owned();
    items.iter().map(text).collect()
}

fn cases() -> Vec<Case> {
    let golden = fs::read(repository("fixtures/training/preflight.json")).unwrap();
    let golden = Json::parse(&golden).unwrap();
    let (Some(Json::Object(base)), Some(Json::Array(cases))) =
        (golden.get("files"), golden.get("cases"))
    else {
        panic!("no cases")
    };
    let case = |case: &Json| {
        let mut files = base.clone();
        let Some(Json::Object(changes)) = case.get("changes") else {
            panic!("no changes")
        };
        files.extend(changes.clone());
        let files = files.iter();
        let text = |(name, text): (&String, &Json)| Some((name.clone(), text.as_str()?.to_owned()));
        Case {
            name: case.get("name").unwrap().as_str().unwrap().to_owned(),
            files: files.filter_map(text).collect(),
            encoder_lacks: texts(case.get("encoder_lacks").unwrap()),
            require_accelerator: case.get("require_accelerator") == Some(&true.into()),
            codes: texts(case.get("codes").unwrap()),
        }
    };
    cases.iter().map(case).collect()
}

impl Case {
    fn good() -> Self {
        let good = cases().into_iter().find(|case| case.name == "good");
        good.unwrap()
    }

    /// Lays the files into a folder: `data/`, `carbon/` and `config.yaml`.
    fn lay(&self, folder: &Path) {
        for (name, text) in &self.files {
            let path = folder.join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, text).unwrap();
        }
        let source = repository("crates/geno-cli/tests/cmd/encoder.in/carbon");
        for name in ["config.json", "dna_config.json", "model.safetensors"] {
            if !self.encoder_lacks.iter().any(|lacks| lacks == name) {
                fs::create_dir_all(folder.join("carbon")).unwrap();
                fs::copy(source.join(name), folder.join("carbon").join(name)).unwrap();
            }
        }
    }
}

fn probes(available: &[Backend]) -> Vec<BackendProbe> {
    let probe = |backend: Backend| BackendProbe {
        backend,
        available: available.contains(&backend),
        reason: "a word".to_owned(),
    };
    Backend::PRIORITY.map(probe).to_vec()
}

const CPU: &[Backend] = &[Backend::Native, Backend::Cpu];

/// Looks at the files of a folder on a machine with these backends, with changes to the request.
fn look(
    folder: &Path,
    backends: &[Backend],
    change: impl FnOnce(&mut Preflight<'_>),
) -> PreflightReport {
    let paths = ["data", "carbon", "config.yaml", "run"].map(|name| folder.join(name));
    let [dataset_dir, encoder_dir, training_config, run_dir] = &paths;
    let mut preflight = Preflight {
        dataset_dir,
        encoder_dir,
        training_config,
        run_dir,
        allow_fixture_dataset: false,
        require_accelerator: false,
        require_native_runtime: true,
        min_device_bytes: None,
        backends: &probes(backends),
        available_bytes: Some(1 << 40),
        time: Timestamp::from_unix_seconds(0).unwrap(),
    };
    change(&mut preflight);
    preflight.run()
}

fn codes(report: &PreflightReport) -> Vec<String> {
    let issues = report.issues().iter();
    issues.map(|issue| issue.code.clone()).collect()
}

/// Where the verdict is another than the Python package's on purpose.
fn ours(case: &Case) -> Vec<String> {
    let codes: &[&str] = match &*case.name {
        // `latest` does not say `test`.
        "latest" => &[],
        // No check was made.
        "leakempty" => &["dataset.integrity.leakage_missing"],
        "nosplits" => &[
            "dataset.splits.invalid",
            "dataset.file.invalid",
            "dataset.file.invalid",
        ],
        // A file belongs to a split that is declared.
        "notrain" => &["dataset.train_split_missing", "dataset.file.invalid"],
        "noeval" => &["dataset.eval_split_missing", "dataset.file.invalid"],
        // The tokenizer is built in, and needs to know where the vocabulary holds DNA.
        "c_nodna" => &["carbon.tokenizer_missing"],
        // A GPU of Apple's is one, too, and what a run is to compute on must be there.
        "a_mps" => &[
            "training.accelerator_unavailable",
            "training.dependency_unavailable",
        ],
        "a_cuda" => &[
            "training.cuda.unavailable",
            "training.dependency_unavailable",
        ],
        _ => return case.codes.clone(),
    };
    assert_ne!(codes, case.codes, "{}", case.name);
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn verdicts_are_those_of_the_python_package() {
    let cases = cases();
    assert_eq!(cases.len(), 70);
    let mut differences = Vec::new();
    for case in &cases {
        let folder = tempfile::tempdir().unwrap();
        case.lay(folder.path());
        let report = look(folder.path(), CPU, |preflight| {
            preflight.require_accelerator = case.require_accelerator;
        });
        if codes(&report) != ours(case) {
            differences.push((&case.name, codes(&report), ours(case)));
        }
        let errors = report.issues().iter();
        let has_errors = errors
            .clone()
            .any(|issue| issue.severity == Severity::Error);
        assert_eq!(report.is_ok(), !has_errors);
    }
    assert!(differences.is_empty(), "{differences:#?}");
}

/// The codes after a change of one file or of the request.
fn verdict(change: impl FnOnce(&Path), request: impl FnOnce(&mut Preflight<'_>)) -> Vec<String> {
    let folder = tempfile::tempdir().unwrap();
    Case::good().lay(folder.path());
    change(folder.path());
    codes(&look(folder.path(), CPU, request))
}

fn edit(path: PathBuf, from: &str, to: &str) {
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains(from), "{from}");
    fs::write(path, text.replacen(from, to, 1)).unwrap();
}

#[test]
fn an_encoder_that_would_not_load_or_fit_is_found() {
    let found = verdict(
        |folder| edit(folder.join("config.yaml"), "d_state: ", "d_state: 9"),
        |_| {},
    );
    assert_eq!(found, ["training_config.predictor.d_state_mismatch"]);
    let config = |folder: &Path| folder.join("carbon/config.json");
    let found = verdict(|folder| fs::write(config(folder), "{}").unwrap(), |_| {});
    assert_eq!(found, ["carbon.checkpoint_invalid"]);
    let truncate = |folder: &Path| {
        let weights = folder.join("carbon/model.safetensors");
        let bytes = fs::read(&weights).unwrap();
        fs::write(weights, &bytes[..bytes.len() - 8]).unwrap();
    };
    assert_eq!(verdict(truncate, |_| {}), ["carbon.checkpoint_invalid"]);
}

#[test]
fn a_run_that_does_not_fit_into_memory_is_found() {
    let found = verdict(
        |_| {},
        |preflight| preflight.available_bytes = Some(1 << 20),
    );
    assert_eq!(found, ["training.memory_too_low"]);
    let found = verdict(|_| {}, |preflight| preflight.available_bytes = None);
    assert_eq!(found, [""; 0]);
}

#[test]
fn data_made_for_tests_will_do_where_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let cases = cases();
    let case = cases.iter().find(|case| case.name == "fixture").unwrap();
    case.lay(folder.path());
    let report = look(folder.path(), CPU, |preflight| {
        preflight.allow_fixture_dataset = true
    });
    assert!(report.is_ok(), "{:?}", report.issues());
}

#[test]
fn a_gpu_is_required_only_where_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    Case::good().lay(folder.path());
    let config = folder.path().join("config.yaml");
    edit(config, "device: cpu", "device: cuda");
    let found = |backends: &[Backend], change: fn(&mut Preflight<'_>)| {
        let report = look(folder.path(), backends, change);
        (codes(&report), report.is_ok())
    };
    let none = (Vec::new(), true);
    let one = |code: &str, is_ok| (vec![code.to_owned()], is_ok);
    let gpu = &[Backend::Cuda, Backend::Cpu];
    assert_eq!(found(gpu, |p| p.require_accelerator = true), none);
    assert_eq!(found(CPU, |p| p.require_native_runtime = false), none);
    let unavailable = "training.dependency_unavailable";
    assert_eq!(found(CPU, |_| {}), one(unavailable, false));

    // How much memory a GPU has is not known, and that is no error where none is required.
    let unknown = "training.cuda.memory_unknown";
    let some = |p: &mut Preflight<'_>| p.min_device_bytes = Some(1 << 30);
    assert_eq!(found(gpu, some), one(unknown, true));
    let required = |p: &mut Preflight<'_>| {
        (p.min_device_bytes, p.require_accelerator) = (Some(1 << 30), true);
    };
    assert_eq!(found(gpu, required), one(unknown, false));
}

#[test]
fn the_report_has_the_shape_of_the_python_package_and_no_folder_of_the_machine() {
    let folder = tempfile::tempdir().unwrap();
    Case::good().lay(folder.path());
    let report = look(folder.path(), CPU, |_| {}).to_json();
    let keys = |value: &Json| match value {
        Json::Object(fields) => fields.keys().cloned().collect::<Vec<_>>(),
        other => panic!("{other:?}"),
    };
    let expected = [
        "accelerator",
        "carbon",
        "dataset",
        "dataset_snapshot_id",
        "dependencies",
        "generated_at",
        "generated_by",
        "issues",
        "memory",
        "ok",
        "run_dir",
        "schema_version",
        "training_config",
    ];
    assert_eq!(keys(&report), expected);
    let expected = ["path", "resolved", "sha256", "size_bytes", "top_level_keys"];
    assert_eq!(keys(report.get("training_config").unwrap()), expected);
    let expected = [
        "available",
        "device_count",
        "device_name",
        "issue_code",
        "min_memory_bytes",
        "reason",
        "requested_device",
        "required",
        "total_memory_bytes",
    ];
    assert_eq!(keys(report.get("accelerator").unwrap()), expected);
    let expected = ["core_files", "files", "path", "snapshot_id", "splits"];
    assert_eq!(keys(report.get("dataset").unwrap()), expected);
    let text = geno_provenance::summary_json(&report);
    assert!(!text.contains(folder.path().to_str().unwrap()));
}
