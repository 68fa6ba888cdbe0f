//! Goldens of the Python package 0.2.1, and where we decide otherwise.

use geno_action::EditSpec;
use geno_core::{Coded, Digest};
use geno_provenance::{
    DtypeConfig, FieldError, InputCommitmentError, Json, Label, LabelError, Manifest,
    PoolingConfig, Receipt, canonical_json, input_commitment,
};

const GOLDEN: &[u8] = include_bytes!("../../../fixtures/parity/provenance_golden.json");
const SINGLE: &str = include_str!("../../../fixtures/parity/receipt.single.json");

/// Reads one section, which must hold as many cases as it did when the test was written.
fn golden(section: &str, n: usize) -> Vec<Json> {
    let golden = Json::parse(GOLDEN).unwrap();
    let Some(Json::Array(cases)) = golden.get(section) else {
        panic!("no section {section}");
    };
    assert_eq!(cases.len(), n, "{section}");
    cases.clone()
}

fn text<'a>(case: &'a Json, key: &str) -> &'a str {
    let value = case.get(key).and_then(Json::as_str);
    value.unwrap_or_else(|| panic!("no text {key}"))
}

fn items(value: Option<&Json>) -> &[Json] {
    match value {
        Some(Json::Array(items)) => items,
        _ => panic!("no array"),
    }
}

/// The golden's verdict: the expected value, or the code of the error, if it had one.
fn verdict(case: &Json) -> Result<&Json, Option<&str>> {
    match case.get("ok") {
        Some(Json::Bool(true)) => Ok(case.get("value").unwrap()),
        _ => Err(case.get("code").and_then(Json::as_str)),
    }
}

/// A case decided by hand: what we give instead, no code where we read it, and why.
struct Overruled {
    case: &'static str,
    code: Option<&'static str>,
    why: &'static str,
}

/// Compares `ours` with the golden, case by case, and returns how many were overruled.
fn compare<T, E: Coded>(
    cases: &[Json],
    name_key: &str,
    overruled: &[Overruled],
    read: impl Fn(&str) -> Result<T, E>,
    check: impl Fn(T, &Json),
) -> usize {
    let mut seen = 0;
    for case in cases {
        let name = text(case, name_key);
        let input = case.get("text").and_then(Json::as_str).unwrap_or(name);
        let ours = read(input).map_err(|error| error.code().as_str());
        if let Some(rule) = overruled.iter().find(|rule| rule.case == name) {
            assert_eq!(ours.err(), rule.code, "{name}: {}", rule.why);
            seen += 1;
            continue;
        }
        match (verdict(case), ours) {
            (Ok(value), Ok(ours)) => check(ours, value),
            (Err(code), Err(ours)) => assert_eq!(Some(ours), code, "{name}"),
            (golden, ours) => panic!("{name}: golden {golden:?}, ours {:?}", ours.err()),
        }
    }
    seen
}

#[test]
fn canonical_json_equals_the_golden() {
    let overruled = [
        Overruled {
            case: "{\"a\":1,\"a\":2}",
            code: Some("INPUT.GENERIC"),
            why: "which of two equal keys counts must not be left to the reader",
        },
        Overruled {
            case: "\"\\ud800\"",
            code: Some("INPUT.GENERIC"),
            why: "the package fails here too, but with an untyped UnicodeEncodeError",
        },
    ];
    let cases = golden("canonical_json", 47);
    let seen = compare(
        &cases,
        "input",
        &overruled,
        |text| Json::parse(text.as_bytes()),
        |ours, value| {
            let written = canonical_json(&ours);
            assert_eq!(written, text(value, "canonical").as_bytes());
            assert_eq!(Digest::of(&written).to_string(), text(value, "sha256"));
        },
    );
    assert_eq!(seen, overruled.len());
}

#[test]
fn digests_have_the_shape_of_the_golden() {
    for case in golden("looks_like_sha256", 10) {
        let [Json::String(text), Json::Bool(good)] = items(Some(&case)) else {
            panic!("{case:?}");
        };
        assert_eq!(text.parse::<Digest>().is_ok(), *good, "{text}");
    }
    for case in golden("sha256_bytes", 2) {
        let [Json::String(text), Json::String(digest)] = items(Some(&case)) else {
            panic!("{case:?}");
        };
        assert_eq!(Digest::of(text.as_bytes()).to_string(), *digest);
    }
}

fn pooling(values: &[Json]) -> Result<PoolingConfig, FieldError> {
    let keys = ["state_layer", "pool_type", "pool_radius", "normalize"];
    PoolingConfig::from_json(Json::object(keys.into_iter().zip(values.to_vec())))
}

fn dtypes(values: &[Json]) -> Result<DtypeConfig, FieldError> {
    let keys = ["encoder_dtype", "predictor_dtype"];
    DtypeConfig::from_json(Json::object(keys.into_iter().zip(values.to_vec())))
}

fn edit(values: &[Json]) -> EditSpec {
    let [
        Json::String(chrom),
        pos,
        Json::String(reference),
        Json::String(alternate),
    ] = values
    else {
        panic!("{values:?}");
    };
    EditSpec::new(chrom, pos.as_u64().unwrap(), reference, alternate).unwrap()
}

#[test]
fn input_commitments_equal_the_golden() {
    let (mut good, mut bad) = (0, 0);
    for case in golden("input_commitment", 10) {
        let Some(invalid) = case.get("invalid") else {
            let edit = edit(items(case.get("edit")));
            let edit_type = u64::from(edit.edit_type().id());
            assert_eq!(
                case.get("edit_type").and_then(Json::as_u64),
                Some(edit_type)
            );
            let commitment = input_commitment(
                text(&case, "window").as_bytes(),
                &edit,
                &pooling(items(case.get("pooling"))).unwrap(),
                &dtypes(items(case.get("dtype"))).unwrap(),
            );
            assert_eq!(commitment.unwrap().to_string(), text(&case, "commitment"));
            good += 1;
            continue;
        };
        let code = if let Some(values) = invalid.get("pc") {
            pooling(items(Some(values))).unwrap_err().code()
        } else if let Some(values) = invalid.get("dc") {
            dtypes(items(Some(values))).unwrap_err().code()
        } else {
            assert_eq!(text(invalid, "w"), "");
            InputCommitmentError::EmptyWindow.code()
        };
        assert_eq!(code.as_str(), text(&case, "code"));
        bad += 1;
    }
    assert_eq!((good, bad), (5, 5));
}

#[test]
fn an_empty_window_has_no_commitment() {
    let edit = EditSpec::new("1", 3, "G", "T").unwrap();
    let one = || Label::new("x").unwrap();
    let pooling = PoolingConfig {
        state_layer: 0,
        pool_type: one(),
        pool_radius: 0,
        normalize: false,
    };
    let dtypes = DtypeConfig {
        encoder_dtype: one(),
        predictor_dtype: one(),
    };
    let error = input_commitment(b"", &edit, &pooling, &dtypes);
    assert_eq!(error, Err(InputCommitmentError::EmptyWindow));
    let error = input_commitment(b"\xff", &edit, &pooling, &dtypes);
    assert_eq!(error, Err(InputCommitmentError::WindowNotText));
    assert_eq!(Label::new(""), Err(LabelError::Empty));
}

#[test]
fn output_commitments_equal_the_golden() {
    for case in golden("output_commitment", 5) {
        let Json::Object(mut receipt) = Json::parse(SINGLE.as_bytes()).unwrap() else {
            panic!("no object");
        };
        let output = Json::parse(text(&case, "output_json").as_bytes()).unwrap();
        receipt.insert("output".to_owned(), output);
        let receipt = Receipt::parse(&canonical_json(&Json::Object(receipt))).unwrap();
        let commitment = receipt.output().commitment();
        assert_eq!(commitment.to_string(), text(&case, "commitment"));
    }
}

#[test]
fn manifests_are_read_as_the_golden_says() {
    let hole = |case, why| Overruled {
        case,
        code: Some("INPUT.GENERIC"),
        why,
    };
    let overruled = [
        hole(
            "hole_unknown_encoder_key_is_dropped",
            "the package drops it, so that two files share one identity",
        ),
        hole(
            "hole_unknown_training_key_is_dropped",
            "the package drops it, so that two files share one identity",
        ),
        hole("hole_model_version_int_accepted", "a version is a string"),
        hole("hole_snapshot_value_not_string", "facts are strings"),
        hole(
            "untyped_encoder_string",
            "the package fails with an AttributeError",
        ),
        hole(
            "untyped_training_null",
            "the package fails with an AttributeError",
        ),
        Overruled {
            case: "invalid_schema_minor",
            code: None,
            why: "a later minor version is read, and what it adds is kept",
        },
    ];
    let cases = golden("manifests", 28);
    let seen = compare(
        &cases,
        "name",
        &overruled,
        |text| Manifest::parse(text.as_bytes()),
        |ours, value| {
            assert_eq!(ours.to_bytes(), text(value, "canonical").as_bytes());
            assert_eq!(ours.model_id().to_string(), text(value, "model_id"));
        },
    );
    assert_eq!(seen, overruled.len());
}

#[test]
fn receipts_are_read_as_the_golden_says() {
    let overruled = [
        Overruled {
            case: "hole_nan_sigma_accepted_on_read",
            code: Some("INPUT.GENERIC"),
            why: "NaN is no JSON; the package reads it and then cannot hash it, with this code",
        },
        Overruled {
            case: "hole_low_confidence_string",
            code: Some("INPUT.GENERIC"),
            why: "`low_confidence` is true or false",
        },
    ];
    let cases = golden("receipts", 27);
    let seen = compare(
        &cases,
        "name",
        &overruled,
        |text| Receipt::parse(text.as_bytes()),
        |ours, value| {
            let canonical = text(value, "canonical").as_bytes();
            assert_eq!(canonical_json(&ours.to_json()), canonical);
            assert_eq!(ours.to_line(), [canonical, b"\n"].concat());
            let commitment = ours.output().commitment().to_string();
            assert_eq!(commitment, text(value, "output_commitment_recomputed"));
        },
    );
    assert_eq!(seen, overruled.len());
}
