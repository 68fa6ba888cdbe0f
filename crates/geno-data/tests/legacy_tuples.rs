//! The tuples of the Python package, draw for draw.

use std::{error::Error, fs, path::Path};

use geno_action::{EditSpec, apply_preserving_length};
use geno_core::{Digest, PythonRandom, Window};
use geno_data::{CorpusWindow, EditSource, Holdouts, legacy_edits};
use serde_json::Value;

type Outcome = Result<(), Box<dyn Error>>;

fn fixture(name: &str) -> Result<Value, Box<dyn Error>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    Ok(serde_json::from_slice(&fs::read(folder.join(name))?)?)
}

fn text(value: &Value) -> &str {
    value.as_str().expect("a text")
}

fn specs(values: &Value) -> Vec<EditSpec> {
    let spec = |value: &Value| {
        let pos = value[1].as_u64().expect("a position");
        EditSpec::new(text(&value[0]), pos, text(&value[2]), text(&value[3])).expect("an edit")
    };
    values
        .as_array()
        .expect("a list")
        .iter()
        .map(spec)
        .collect()
}

fn window(bases: &str, place: Option<(&str, u64)>) -> CorpusWindow {
    let (chrom, start) = place.unzip();
    CorpusWindow {
        record_id: "rec-1".to_owned(),
        source: "placed".to_owned(),
        chrom: chrom.map(str::to_owned),
        window: Window::new(start.unwrap_or(0), bases).expect("bases"),
    }
}

#[test]
fn tuples_equal_the_published_ones() -> Outcome {
    let golden = fixture("tuples_golden.json")?;
    let (gnomad, clinvar) = (specs(&golden["gnomad_common"]), specs(&golden["clinvar"]));
    let bases = text(&golden["window"]);
    let (placed, unplaced) = (window(bases, Some(("20", 1_000))), window(bases, None));
    let none = Holdouts::none();
    let mut some = Holdouts::builder(None);
    some.contig("21");
    for edit in specs(&golden["held_out"]) {
        some.variant(edit.chrom(), edit.pos(), edit.reference(), edit.alternate())?;
    }
    let some = some.build();

    for case in golden["cases"].as_array().expect("cases") {
        let mut random = PythonRandom::new(case["seed"].as_u64().expect("a seed"));
        let calls = [
            (&placed, &none),
            (&unplaced, &none),
            (&placed, &some),
            (&placed, &none),
        ];
        for (i, (window, holdouts)) in calls.into_iter().enumerate() {
            let edits = legacy_edits(window, &gnomad, &clinvar, holdouts, &mut random)?;
            let expected = case["windows"][i].as_array().expect("tuples");
            assert_eq!(edits.len(), expected.len());
            for ((source, edit), expected) in edits.iter().zip(expected) {
                assert_eq!(source.as_str(), text(&expected["source"]));
                let [rel_pos, reference, alternate] = [0, 1, 2].map(|i| &expected["edit"][i]);
                assert_eq!(Some(edit.rel_pos() as u64), rel_pos.as_u64());
                assert_eq!(
                    (edit.reference(), edit.alternate()),
                    (text(reference), text(alternate))
                );
                let target = apply_preserving_length(window.window.bases(), edit)?;
                assert_eq!(
                    Digest::of(&target).to_hex(),
                    text(&expected["target_sha256"])
                );
                assert_eq!(window.window_id().to_hex(), text(&expected["window_id"]));
            }
        }
    }
    Ok(())
}

#[test]
fn the_earlier_vectors_are_met_too() -> Outcome {
    let golden = fixture("golden_base/python_golden.json")?;
    let bases = text(&golden["window600_seed42"]);
    let window = window(bases, Some(("20", 1_000)));
    // Five variants, of which the first three were drawn; the alleles of the others are not known.
    let variant = |(rel_pos, alternate): (usize, &str)| {
        EditSpec::new(
            "20",
            1_001 + rel_pos as u64,
            &bases[rel_pos..=rel_pos],
            alternate,
        )
    };
    let other = |rel_pos: usize| {
        if &bases[rel_pos..=rel_pos] == "A" {
            "C"
        } else {
            "A"
        }
    };
    let variants = [
        (100, "A"),
        (150, "G"),
        (200, "C"),
        (250, other(250)),
        (300, other(300)),
    ];
    let gnomad = variants
        .into_iter()
        .map(variant)
        .collect::<Result<Vec<_>, _>>()?;

    let mut random = PythonRandom::new(0);
    let edits = legacy_edits(&window, &gnomad, &[], &Holdouts::none(), &mut random)?;
    let drawn: Vec<Value> = edits
        .iter()
        .map(|(source, edit): &(EditSource, _)| {
            let alleles = (
                edit.rel_pos(),
                edit.edit_type().id(),
                edit.reference(),
                edit.alternate(),
            );
            serde_json::json!([source, alleles, 1_000, 1_600])
        })
        .collect();
    assert_eq!(Value::from(drawn), golden["tuples_seed0"]);
    Ok(())
}
