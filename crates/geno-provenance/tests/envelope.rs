//! Envelopes: equal states give equal bytes, and a difference is told by its kind.

use geno_core::{Coded, Digest, ErrorCode};
use geno_provenance::{
    Envelope, EnvelopeDraft, FileRecord, FreezeError, Label, PublicPath, ReadEnvelopeError,
    StateKind, Timestamp, diff,
};
use proptest::prelude::*;

const ENVELOPE: &str = include_str!("../../../fixtures/records/envelope.json");

fn envelope() -> Envelope {
    Envelope::parse(ENVELOPE.as_bytes()).unwrap()
}

/// A draft of the same state, with its files in the opposite order.
fn draft() -> EnvelopeDraft {
    let envelope = envelope();
    let artifacts = envelope.artifacts().iter().rev();
    EnvelopeDraft {
        code: envelope.code().clone(),
        input: envelope.input().clone(),
        artifacts: artifacts
            .map(|(name, file)| (name.clone(), *file))
            .collect(),
        configs: envelope.configs().clone(),
        pipeline: envelope.pipeline().clone(),
        started: envelope.started(),
    }
}

fn changed(from: &str, to: &str) -> Result<Envelope, ReadEnvelopeError> {
    assert!(ENVELOPE.contains(from), "{from}");
    Envelope::parse(ENVELOPE.replacen(from, to, 1).as_bytes())
}

/// Kinds and fields of the differences from the fixture.
fn differences(other: &Envelope) -> Vec<(StateKind, String)> {
    let differences = diff(&envelope(), other).into_iter();
    differences.map(|one| (one.kind, one.field)).collect()
}

#[test]
fn the_bytes_of_an_envelope_are_those_it_was_read_from() {
    assert_eq!(envelope().to_line(), ENVELOPE.as_bytes());
    assert_eq!(draft().freeze().unwrap().to_line(), ENVELOPE.as_bytes());
}

#[test]
fn two_runs_on_the_same_inputs_differ_in_the_time_alone() {
    let mut later = draft();
    later.started = Timestamp::from_unix_seconds(2_000_000_000).unwrap();
    let later = later.freeze().unwrap();
    assert_ne!(later.to_line(), ENVELOPE.as_bytes());
    assert_eq!(later.digest(), envelope().digest());
    assert_eq!(differences(&later), []);
}

#[test]
fn a_difference_is_told_by_its_kind_and_field_with_both_values() {
    use StateKind::{Code, Data, Pipeline};
    let cases = [
        (
            "\"version\":\"0.3.0\"",
            "\"version\":\"0.4.0\"",
            Code,
            "code.version",
        ),
        ("\"dirty\":false", "\"dirty\":true", Code, "code.git.dirty"),
        (
            "\"size\":81464",
            "\"size\":1",
            Data,
            "data.artifacts.fasta.size",
        ),
        (
            "\"kind\":\"vcf\"",
            "\"kind\":\"variant\"",
            Data,
            "data.input.kind",
        ),
        (
            "\"model/config.yaml\":\"sha256:44",
            "\"model/config.yaml\":\"sha256:54",
            Data,
            "data.configs.model/config.yaml",
        ),
        (
            "[\"cpu\"]",
            "[\"cpu\",\"cuda\"]",
            Pipeline,
            "pipeline.backends",
        ),
        (
            "\"aggregations\":[]",
            "\"aggregations\":[\"mean\"]",
            Pipeline,
            "pipeline.aggregations",
        ),
    ];
    for (from, to, kind, field) in cases {
        let other = changed(from, to).unwrap();
        assert_eq!(differences(&other), [(kind, field.to_owned())]);
        assert_ne!(other.digest(), envelope().digest());
    }
    let other = changed("\"size\":81464", "\"size\":1").unwrap();
    let difference = &diff(&envelope(), &other)[0];
    assert_eq!(difference.first, Some(81464u64.into()));
    assert_eq!(difference.second, Some(1u64.into()));
}

#[test]
fn a_file_more_is_one_difference() {
    let mut more = draft();
    let file = FileRecord {
        digest: Digest::of(b"x"),
        size: 1,
    };
    more.artifacts.push((PublicPath::new("gzi").unwrap(), file));
    let more = more.freeze().unwrap();
    assert_eq!(more.artifact_count(), 4);
    let found = diff(&envelope(), &more);
    assert_eq!(found.len(), 1);
    assert_eq!(
        (found[0].field.as_str(), &found[0].first),
        ("data.artifacts.gzi", &None)
    );
}

#[test]
fn one_name_cannot_stand_for_two_files() {
    let mut twice = draft();
    let (name, mut file) = twice.artifacts[0].clone();
    twice.artifacts.push((name.clone(), file));
    assert_eq!(
        twice.clone().freeze(),
        Ok(envelope()),
        "the same file read twice is one"
    );
    file.size += 1;
    twice.artifacts.push((name.clone(), file));
    assert_eq!(twice.freeze(), Err(FreezeError::TwoFiles { name }));
}

#[test]
fn reading_is_strict() {
    let cases = [
        (
            "\"artifact_count\":3",
            "\"artifact_count\":2",
            "field `data.artifact_count` is 2, but 3 are listed",
        ),
        ("[\"cpu\"]", "[\"cpu\",\"cpu\"]", "pipeline.backends"),
        (
            "\"contracts\":[\"l2",
            "\"contracts\":[\"zz\",\"l2",
            "pipeline.contracts",
        ),
        (
            "\"fasta\":",
            "\"/data/ref.fa\":",
            "data.artifacts./data/ref.fa",
        ),
        ("\"fasta\":", "\"../ref.fa\":", "data.artifacts.../ref.fa"),
        ("\"sha\":\"a", "\"sha\":\"b", ""),
        ("\"sha\":\"aa", "\"sha\":\"a", "code.git.sha"),
        ("03:04:05Z", "03:04:05+00:00", "started"),
        ("\"started\"", "\"host\":\"laptop\",\"started\"", "host"),
    ];
    for (from, to, field) in cases {
        match changed(from, to) {
            Ok(_) => assert_eq!(field, ""),
            Err(ReadEnvelopeError::Field(error)) => assert_eq!(error.field(), field),
            Err(error) => assert_eq!(error.to_string(), field),
        }
    }
    let later = changed(
        "\"schema_version\":\"1.0.0\"",
        "\"schema_version\":\"2.0.0\"",
    );
    assert_eq!(later.unwrap_err().code(), ErrorCode::ConfigSchemaIncompat);
}

#[test]
fn a_program_built_outside_a_repository_has_no_commit() {
    let git = format!("{{\"dirty\":false,\"sha\":\"{}\"}}", "a".repeat(40));
    assert_eq!(changed(&git, "null").unwrap().code().git, None);
}

proptest! {
    #[test]
    fn order_of_collection_changes_no_byte(
        mut names in prop::collection::vec("[a-z]{1,8}", 0..8),
        files in prop::collection::btree_map("[a-z]{1,8}(/[a-z]{1,4})?", any::<u64>(), 0..8),
    ) {
        let label = |name: &String| Label::new(name.as_str()).unwrap();
        let file = |(name, &size): (&String, &u64)| {
            let digest = Digest::of(name.as_bytes());
            (PublicPath::new(name.as_str()).unwrap(), FileRecord { digest, size })
        };
        let (mut first, mut second) = (draft(), draft());
        first.pipeline.encoders = names.iter().map(label).collect();
        first.artifacts = files.iter().map(file).collect();
        names.reverse();
        second.pipeline.encoders = names.iter().chain(&names).map(label).collect();
        second.artifacts = files.iter().rev().map(file).collect();

        let (first, second) = (first.freeze().unwrap(), second.freeze().unwrap());
        prop_assert_eq!(first.to_line(), second.to_line());
        prop_assert_eq!(Envelope::parse(&first.to_line()), Ok(first));
    }

    #[test]
    fn arbitrary_changes_never_panic(
        at in 0..ENVELOPE.len(), bytes in prop::collection::vec(any::<u8>(), 0..8),
    ) {
        let mut changed = ENVELOPE.as_bytes().to_vec();
        changed.splice(at..at, bytes);
        let _ = Envelope::parse(&changed);
    }
}
