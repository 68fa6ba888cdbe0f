//! Folders that lie.

use std::{fs, path::Path};

use geno_core::{Coded, ErrorCode};
use geno_training::{OpenTargetsError, TargetSet, TargetWriter, WriteTargetsError};
use serde_json::{Value, json};

use crate::{
    Outcome,
    made_up::{folder, identity},
};

/// Opens a folder whose `targets.json` was changed.
fn with_list(
    change: impl FnOnce(&mut Value),
) -> Result<OpenTargetsError, Box<dyn std::error::Error>> {
    let (_root, folder) = folder()?;
    let path = folder.join("targets.json");
    let mut list: Value = serde_json::from_slice(&fs::read(&path)?)?;
    change(&mut list);
    fs::write(&path, list.to_string())?;
    Ok(TargetSet::open(&folder).unwrap_err())
}

fn flip(path: &Path, at: usize) -> Outcome {
    let mut bytes = fs::read(path)?;
    bytes[at] ^= 1;
    Ok(fs::write(path, bytes)?)
}

#[test]
fn a_truncated_or_longer_part_is_refused_at_once() -> Outcome {
    for name in ["part-00000.states", "part-00002.jsonl"] {
        for len in [-1i64, 1] {
            let (_root, folder) = folder()?;
            let path = folder.join(name);
            let size = fs::metadata(&path)?.len();
            fs::OpenOptions::new()
                .write(true)
                .open(&path)?
                .set_len(size.saturating_add_signed(len))?;
            let error = TargetSet::open(&folder).unwrap_err();
            assert!(matches!(error, OpenTargetsError::Size { .. }), "{error}");
            assert_eq!(error.code(), ErrorCode::ResourceCacheCorrupt);
        }
        let (_root, folder) = folder()?;
        fs::remove_file(folder.join(name))?;
        let error = TargetSet::open(&folder).unwrap_err();
        assert!(matches!(error, OpenTargetsError::Io { .. }), "{error}");
    }
    Ok(())
}

#[test]
fn a_flipped_bit_of_a_state_is_found_by_its_digest() -> Outcome {
    let (_root, folder) = folder()?;
    flip(&folder.join("part-00000.states"), 5)?;
    let error = TargetSet::open(&folder)?.verify().unwrap_err();
    assert!(matches!(error, OpenTargetsError::Digest { .. }), "{error}");
    let error = TargetWriter::resume(&folder, identity()).unwrap_err();
    let is_found = |error: &_| {
        matches!(
            error,
            WriteTargetsError::Open(OpenTargetsError::Digest { .. })
        )
    };
    assert!(is_found(&error), "{error}");
    Ok(())
}

#[test]
fn a_line_of_another_example_is_found() -> Outcome {
    let (_root, folder) = folder()?;
    let path = folder.join("part-00000.jsonl");
    let text = fs::read_to_string(&path)?;
    // As long as before, and no example: the token says otherwise than the edit.
    fs::write(&path, text.replacen(r#""ref":"C""#, r#""ref":"T""#, 1))?;
    let error = TargetSet::open(&folder).unwrap_err();
    assert!(
        matches!(error, OpenTargetsError::Line { line: 1, .. }),
        "{error}"
    );
    // An example of as many edits, but others.
    fs::write(&path, text.replacen(r#""alt":"A""#, r#""alt":"T""#, 1))?;
    assert!(matches!(
        TargetSet::open(&folder)?.verify(),
        Err(OpenTargetsError::Digest { .. })
    ));
    // The same examples in another order.
    let mut lines: Vec<&str> = text.lines().collect();
    lines.swap(0, 1);
    fs::write(&path, lines.join("\n") + "\n")?;
    assert!(TargetSet::open(&folder)?.verify().is_err());
    Ok(())
}

#[test]
fn counts_that_lie_are_refused() -> Outcome {
    let counts = |error| matches!(error, OpenTargetsError::Counts { .. });
    assert!(counts(with_list(
        |list| list["parts"][0]["rows"] = json!(8)
    )?));
    assert!(counts(with_list(
        |list| list["parts"][0]["rows"] = json!(u64::MAX)
    )?));
    assert!(counts(with_list(
        |list| list["parts"][0]["examples"] = json!(3)
    )?));
    assert!(counts(
        with_list(|list| list["counts"]["edits"] = json!(9))?
    ));
    assert!(counts(with_list(
        |list| list["counts"]["by_type"]["SNV"] = json!(4)
    )?));
    assert!(counts(with_list(
        |list| list["identity"]["states"]["d_state"] = json!(6)
    )?));
    let overflow = 1u64 << 62;
    assert!(counts(with_list(
        |list| list["identity"]["states"]["d_state"] = json!(overflow)
    )?));
    let zero = with_list(|list| list["identity"]["states"]["d_state"] = json!(0))?;
    assert!(matches!(zero, OpenTargetsError::NoWidth { .. }), "{zero}");
    // A part fewer, and all else as it was.
    let fewer = with_list(|list| {
        list["parts"].as_array_mut().expect("parts").pop();
    })?;
    assert!(counts(fewer));
    Ok(())
}

#[test]
fn a_part_has_the_name_of_its_number_and_no_other() -> Outcome {
    for name in [
        "../targets/part-00000",
        "/tmp/part-00000",
        "part-00001",
        "part-0",
        "",
    ] {
        let error = with_list(|list| list["parts"][0]["name"] = json!(name))?;
        assert!(
            matches!(error, OpenTargetsError::PartName { index: 0, .. }),
            "{error}"
        );
    }
    Ok(())
}

#[test]
fn another_list_is_refused() -> Outcome {
    let newer = with_list(|list| list["schema_version"] = json!("2.0.0"))?;
    assert!(matches!(newer, OpenTargetsError::Schema { .. }), "{newer}");
    assert_eq!(newer.code(), ErrorCode::ConfigSchemaIncompat);
    let unknown = with_list(|list| list["identity"]["drawn"]["more"] = json!(1))?;
    assert!(
        matches!(unknown, OpenTargetsError::Json { .. }),
        "{unknown}"
    );
    let unfinished = with_list(|list| list["is_complete"] = json!(false))?;
    assert!(
        matches!(unfinished, OpenTargetsError::Incomplete { .. }),
        "{unfinished}"
    );
    let deep = with_list(|list| *list = json!("["))?;
    assert!(matches!(deep, OpenTargetsError::Json { .. }), "{deep}");
    let (_root, folder) = folder()?;
    fs::write(folder.join("targets.json"), "[".repeat(1 << 20))?;
    assert!(TargetSet::open(&folder).is_err());
    Ok(())
}
