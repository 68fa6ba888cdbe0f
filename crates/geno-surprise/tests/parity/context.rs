//! Context labels and back-off.

use std::{collections::HashMap, num::NonZeroU64};

use geno_core::Coded;
use geno_surprise::{
    BucketId, GcCutoffs, classify_context, classify_region, classify_repeat, select_backoff,
};
use serde_json::Value;

use crate::fixtures::{f64_of, golden, text};

#[test]
fn regions_equal_the_reference() {
    let golden = golden("eval_golden.json");
    let regions = golden["context"]["region"].as_object().unwrap();
    assert_eq!(regions.len(), 14);
    for (annotation, class) in regions {
        let found = classify_region([annotation.as_str()]);
        assert_eq!(found.as_str(), text(class), "{annotation}");
    }
}

#[test]
fn repeats_equal_the_reference_and_unknown_ones_have_its_code() {
    let golden = golden("eval_golden.json");
    let repeats = golden["context"]["repeat"].as_object().unwrap();
    assert_eq!(repeats.len(), 9);
    for (annotation, class) in repeats {
        let found = classify_repeat([annotation.as_str()]);
        match class.get("error") {
            None => assert_eq!(found.unwrap().as_str(), text(class), "{annotation}"),
            Some(code) => assert_eq!(found.unwrap_err().code().as_str(), text(code)),
        }
    }
}

#[test]
fn gc_fractions_and_contexts_equal_the_reference() {
    let golden = golden("eval_golden.json");
    for row in golden["context"]["gc"].as_array().unwrap() {
        let bases = text(&row[0]).as_bytes();
        let fraction = geno_core::gc_fraction(bases).unwrap();
        assert_eq!(fraction, f64_of(&row[1]), "{row}");
        let label = classify_context(None, bases, None, GcCutoffs::default()).unwrap();
        assert_eq!(BucketId::from(label).to_string(), text(&row[2]), "{row}");
    }
}

#[test]
fn backoff_chains_equal_the_reference() {
    let golden = golden("eval_golden.json");
    let chains = golden["backoff"]["chains"].as_object().unwrap();
    assert_eq!(chains.len(), 5);
    for (bucket, expected) in chains {
        let bucket: BucketId = bucket.parse().unwrap();
        let chain: Vec<String> = bucket.chain().map(|bucket| bucket.to_string()).collect();
        assert_eq!(Value::from(chain), *expected);
    }
}

#[test]
fn backoff_selection_equals_the_reference() {
    let golden = golden("eval_golden.json");
    let cases = golden["backoff"]["select"].as_array().unwrap();
    assert_eq!(cases.len(), 6);
    for case in cases {
        let counts: HashMap<BucketId, u64> = case[1]
            .as_object()
            .unwrap()
            .iter()
            .map(|(bucket, count)| (bucket.parse().unwrap(), count.as_u64().unwrap()))
            .collect();
        let min_count = NonZeroU64::new(case[2].as_u64().unwrap()).unwrap();
        let count_of = |bucket| counts.get(&bucket).copied().unwrap_or(0);
        let selected = select_backoff(text(&case[0]).parse().unwrap(), count_of, min_count);
        assert_eq!(selected.to_string(), text(&case[3]), "{case}");
    }
}
