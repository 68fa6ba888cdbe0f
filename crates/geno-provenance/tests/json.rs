//! JSON that is written reads back, and nothing makes the reader panic.

use geno_provenance::{Json, canonical_json, summary_json};
use proptest::prelude::*;

fn json() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        Just(Json::Null),
        any::<bool>().prop_map(Json::Bool),
        "-?[1-9][0-9]{0,40}".prop_map(|digits| Json::parse(digits.as_bytes()).unwrap()),
        any::<u64>().prop_map(|bits| {
            let value = Json::float(f64::from_bits(bits));
            value.unwrap_or(Json::Null)
        }),
        any::<String>().prop_map(Json::String),
    ];
    leaf.prop_recursive(6, 64, 6, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..6).prop_map(Json::Array),
            prop::collection::btree_map(any::<String>(), inner, 0..6).prop_map(Json::Object),
        ]
    })
}

proptest! {
    #[test]
    fn what_is_written_reads_back_the_same(value in json()) {
        prop_assert_eq!(Json::parse(&canonical_json(&value)), Ok(value.clone()));
        let summary = summary_json(&value);
        prop_assert!(summary.is_ascii());
        prop_assert_eq!(Json::parse(summary.as_bytes()), Ok(value));
    }

    #[test]
    fn arbitrary_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
        let _ = Json::parse(&bytes);
    }

    #[test]
    fn text_near_json_is_refused_or_has_one_canonical_form(
        text in r#"[\[\]{},:"\\ntu0-9eE.+\-NaI \n]{0,40}"#,
    ) {
        if let Ok(value) = Json::parse(text.as_bytes()) {
            let written = canonical_json(&value);
            let again = canonical_json(&Json::parse(&written).unwrap());
            prop_assert_eq!(written, again);
        }
    }
}
