//! Reports of a release: what a reader derives again, and what it refuses.

use std::fs;

use geno_core::Digest;
use geno_provenance::{
    Artifact, CodeState, Commit, FieldError, Fields, Json, Label, PublicPath, Timestamp,
    canonical_json,
    release::{
        ArtifactSet, Claim, CommandLine, Drift, EvidenceClass, FixtureReason, Issue, IssueCode,
        NegativeFinding, ReadReportError, ReleaseIdentity, Report, ReportBody, ReportDraft,
        SealReportError, Severity, Statement, Workspace,
    },
};

/// By how much scores are better than a baseline.
#[derive(Clone, Debug, PartialEq)]
struct Delta(f64);

impl ReportBody for Delta {
    const PRODUCER: &'static str = "xtask.delta.measure";
    const CLAIMS: &'static [Claim] = &[Claim::NoClinicalUse, Claim::TimingIsNotQuality];
    const NEEDS_FINDINGS: bool = true;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        Ok(Self(fields.finite("delta")?.get()))
    }

    fn to_json(&self) -> Json {
        Json::object([("delta", Json::float(self.0).unwrap())])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let finding = NegativeFinding::Derived {
            rule: Label::new("delta_below_zero").unwrap(),
            text: Statement::new("Scores are worse than the baseline.").unwrap(),
        };
        Vec::from_iter((self.0 < 0.0).then_some(finding))
    }

    fn issues(&self) -> Vec<Issue> {
        Vec::from_iter((self.0 > 1.0).then(|| issue("delta.out_of_range", Severity::Error)))
    }
}

fn issue(code: &str, severity: Severity) -> Issue {
    Issue {
        severity,
        code: IssueCode::new(code).unwrap(),
        path: None,
        message: Label::new("No area is above one.").unwrap(),
    }
}

fn file(path: &str, bytes: &[u8]) -> Artifact {
    Artifact {
        path: PublicPath::new(path).unwrap(),
        digest: Digest::of(bytes),
        size: bytes.len() as u64,
    }
}

fn draft(delta: f64) -> ReportDraft<Delta> {
    let sha: geno_provenance::GitSha = "a".repeat(40).parse().unwrap();
    ReportDraft {
        generated_at: Timestamp::from_unix_seconds(1_767_323_045).unwrap(),
        tool: CodeState {
            version: Label::new("0.3.0").unwrap(),
            git: Some(Commit {
                sha: sha.clone(),
                dirty: false,
            }),
        },
        evidence_class: EvidenceClass::RELEASE,
        identity: Some(ReleaseIdentity {
            model_release: "geno-lewm-v0.3.0-chr20-demo-r1".parse().unwrap(),
            weights_id: Digest::of(b"weights"),
            model_id: None,
            dataset_snapshot: Label::new("GRCh37.20").unwrap(),
            commit: sha,
            hardware: Label::new("linux x86_64, 2 threads").unwrap(),
        }),
        command: CommandLine::new(["xtask", "delta", "measure", "model/eval_metrics.json"])
            .unwrap(),
        inputs: ArtifactSet::new([file("model/b.json", b"2"), file("model/a.json", b"1")]).unwrap(),
        outputs: ArtifactSet::default(),
        issues: vec![issue("delta.labels.few", Severity::Warning)],
        limitations: vec![Statement::new("One chromosome.").unwrap()],
        authored_findings: vec![Statement::new("Few labels.").unwrap()],
        body: Delta(delta),
    }
}

fn document(report: &Report<Delta>) -> String {
    String::from_utf8(report.to_bytes()).unwrap()
}

#[test]
fn a_report_reads_back_with_what_follows_from_it() {
    let report = draft(-0.25).seal().unwrap();
    assert!(report.is_ok());
    let read = Report::<Delta>::parse(&report.to_bytes()).unwrap();
    assert_eq!(read.body(), &Delta(-0.25));
    assert_eq!(read.to_bytes(), report.to_bytes());
    let findings: Vec<_> = read
        .findings()
        .iter()
        .map(|found| found.text().to_string())
        .collect();
    assert_eq!(
        findings,
        ["Scores are worse than the baseline.", "Few labels."]
    );
    assert!(read.draft().evidence_class.is_release());

    let wrong = draft(5.0).seal().unwrap();
    assert!(!wrong.is_ok());
    let codes: Vec<_> = wrong.issues().map(|issue| issue.code.to_string()).collect();
    assert_eq!(codes, ["delta.out_of_range", "delta.labels.few"]);
    assert!(Report::<Delta>::parse(&wrong.to_bytes()).is_ok());
}

#[test]
fn white_space_and_the_order_of_keys_are_free() {
    let report = draft(0.5).seal().unwrap();
    let compact = canonical_json(&Json::parse(&report.to_bytes()).unwrap());
    assert_eq!(
        Report::<Delta>::parse(&compact).unwrap().to_bytes(),
        report.to_bytes()
    );
}

/// A report in which one text stands for another.
fn changed(from: &str, to: &str) -> Result<Report<Delta>, ReadReportError> {
    let text = document(&draft(-0.25).seal().unwrap());
    let count = text.matches(from).count();
    assert!(count > 0, "{from:?} is not in\n{text}");
    Report::parse(text.replacen(from, to, 1).as_bytes())
}

#[test]
fn what_does_not_follow_is_named() {
    let claim = Claim::NoClinicalUse.text();
    for (from, to, field) in [
        ("\"ok\": true", "\"ok\": false", "ok"),
        ("-0.25", "0.25", "negative_findings"),
        ("-0.25", "1.25", "issues"),
        (claim, "This may be used.", "claim_boundaries"),
        ("no_clinical_use", "coverage_only", "claim_boundaries"),
        ("delta_below_zero", "delta_above_zero", "negative_findings"),
        ("Scores are worse", "Scores are better", "negative_findings"),
        (
            "\"class\": \"release\"",
            "\"class\": \"fixture\"",
            "evidence_class.class",
        ),
        (
            "\"dirty\": false",
            "\"dirty\": true",
            "evidence_class.class",
        ),
    ] {
        match changed(from, to) {
            Err(ReadReportError::Derived { field: found }) => assert_eq!(found, field, "{from}"),
            other => panic!("{from} to {to}: {other:?}"),
        }
    }
}

#[test]
fn a_derived_finding_cannot_be_removed() {
    let mut document = Json::parse(&draft(-0.25).seal().unwrap().to_bytes()).unwrap();
    let Json::Object(fields) = &mut document else {
        panic!("a report is an object")
    };
    let Some(Json::Array(findings)) = fields.get_mut("negative_findings") else {
        panic!("a report has findings")
    };
    findings.remove(0);
    let read = Report::<Delta>::parse(&canonical_json(&document));
    let field = "negative_findings".to_owned();
    assert_eq!(read.unwrap_err(), ReadReportError::Derived { field });
}

#[test]
fn what_no_report_may_hold_is_refused() {
    let refused = |from: &str, to: &str| changed(from, to).unwrap_err();
    for (from, to) in [
        ("\"model/a.json\"", "\"/model/a.json\""),
        ("\"model/a.json\"", "\"model/b.json\""),
        ("\"model/eval_metrics.json\"", "\"/data/eval_metrics.json\""),
        ("sha256:", "sha256:A"),
        ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05+00:00"),
        ("geno-lewm-v0.3.0-chr20-demo-r1", "latest"),
        ("One chromosome.", "TBD"),
        ("\"limitations\": [", "\"limits\": ["),
        ("\"delta\": -0.25", "\"delta\": \"-0.25\""),
        ("\"delta\": -0.25", "\"delta\": -0.25, \"gamma\": 1"),
        ("\"reasons\": []", "\"reasons\": [\"nothing\"]"),
    ] {
        assert!(
            matches!(refused(from, to), ReadReportError::Field(_)),
            "{from} to {to}"
        );
    }
    let by_hand = refused("xtask.delta.measure", "xtask.other");
    assert!(matches!(by_hand, ReadReportError::Producer { .. }));
    let newer = refused(
        "\"schema_version\": \"1.1.0\"",
        "\"schema_version\": \"2.0.0\"",
    );
    assert!(matches!(newer, ReadReportError::Schema { .. }));
    let silent = refused(
        "\"limitations\": [\n    \"One chromosome.\"\n  ]",
        "\"limitations\": []",
    );
    assert_eq!(silent, ReadReportError::Seal(SealReportError::NoLimitation));
}

#[test]
fn a_report_states_limitations_and_findings() {
    let mut silent = draft(0.5);
    silent.limitations.clear();
    assert_eq!(silent.seal().unwrap_err(), SealReportError::NoLimitation);
    let mut proud = draft(0.5);
    proud.authored_findings.clear();
    assert_eq!(proud.seal().unwrap_err(), SealReportError::NoFinding);
}

#[test]
fn a_taint_of_an_input_and_a_dirty_tree_stay() {
    let mut made_up = draft(0.5);
    made_up.evidence_class = EvidenceClass::fixture(FixtureReason::MadeUpData);
    made_up.tool.git = None;
    let report = made_up.seal().unwrap();
    let read = Report::<Delta>::parse(&report.to_bytes()).unwrap();
    let reasons: Vec<_> = read.draft().evidence_class.reasons().collect();
    assert_eq!(
        reasons,
        [FixtureReason::DirtyTree, FixtureReason::MadeUpData]
    );
}

#[test]
fn files_that_drift_are_named() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a", "1"), ("b", "2"), ("c", "3")] {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let workspace = Workspace::new([("model", folder.path())]).unwrap();
    let observe = |path: &str| workspace.observe(&PublicPath::new(path).unwrap()).unwrap();
    let set = ArtifactSet::new(["model/a", "model/b", "model/c"].map(observe)).unwrap();
    assert!(set.drifts(&workspace).is_empty());

    fs::write(folder.path().join("a"), "x").unwrap();
    fs::write(folder.path().join("b"), "22").unwrap();
    fs::remove_file(folder.path().join("c")).unwrap();
    let drifts = set.drifts(&workspace);
    assert!(matches!(&drifts[0], Drift::Digest { path } if path.as_str() == "model/a"));
    assert!(matches!(
        &drifts[1],
        Drift::Size {
            expected: 1,
            found: 2,
            ..
        }
    ));
    assert!(matches!(&drifts[2], Drift::Unreadable(_)));
    assert_eq!(drifts.len(), 3);
}
