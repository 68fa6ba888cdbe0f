//! Holdout policies and lines of data sets, as the Python package writes them.

use std::path::Path;

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value};

use super::{EntryFault, Input, ReadEntriesError};
use crate::holdout::entry::{Entry, WindowEntry};

/// A whole `.json` file.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Policy {
    holdout_chroms: Vec<String>,
    intervals: Vec<PolicyInterval>,
    edit_keys: Vec<String>,
    record_ids: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PolicyInterval {
    chrom: String,
    start_bp: u64,
    end_bp: u64,
}

/// One line of a `.jsonl` file; fields of other names are let be.
#[derive(Deserialize)]
struct Line {
    chrom: Option<String>,
    pos: Option<u64>,
    #[serde(rename = "ref")]
    reference: Option<String>,
    alt: Option<String>,
    start_bp: Option<u64>,
    end_bp: Option<u64>,
    record_id: Option<String>,
    window_id: Option<String>,
    sequence: Option<String>,
}

pub(crate) fn read_policy(path: &Path) -> Result<Vec<Entry>, ReadEntriesError> {
    let io = |source| ReadEntriesError::Io {
        path: path.to_owned(),
        source,
    };
    let mut text = Vec::new();
    let mut input = Input::open(path).map_err(io)?;
    std::io::Read::read_to_end(&mut input, &mut text).map_err(io)?;
    policy(&text).map_err(|source| ReadEntriesError::Policy {
        path: path.to_owned(),
        source,
    })
}

fn policy(text: &[u8]) -> Result<Vec<Entry>, EntryFault> {
    let policy: Policy = object(text)?;
    let mut entries: Vec<Entry> = policy
        .holdout_chroms
        .into_iter()
        .map(Entry::Contig)
        .collect();
    for PolicyInterval {
        chrom,
        start_bp: start,
        end_bp: end,
    } in policy.intervals
    {
        if end <= start {
            return Err(EntryFault::EmptyInterval { start, end });
        }
        entries.push(Entry::Interval {
            contig: chrom,
            range: start..end,
        });
    }
    for key in policy.edit_keys {
        entries.push(edit_key(&key).ok_or(EntryFault::EditKey)?);
    }
    entries.extend(policy.record_ids.into_iter().map(Entry::Record));
    Ok(entries)
}

/// Reads an object; serde alone would take an array for one.
fn object<T: DeserializeOwned>(text: &[u8]) -> Result<T, EntryFault> {
    let fields: Map<String, Value> = serde_json::from_slice(text).map_err(EntryFault::Json)?;
    serde_json::from_value(Value::Object(fields)).map_err(EntryFault::Json)
}

/// `chrom:pos:ref:alt`; a contig's name may hold colons itself.
fn edit_key(key: &str) -> Option<Entry> {
    let mut parts = key.rsplitn(4, ':');
    let (alternate, reference) = (parts.next()?, parts.next()?);
    let pos = parts.next()?.parse().ok().filter(|&pos| pos > 0)?;
    let contig = parts.next().filter(|contig| !contig.is_empty())?;
    let is_dna = |allele: &str| geno_core::is_acgt(allele.as_bytes()) && !allele.is_empty();
    (is_dna(reference) && is_dna(alternate)).then(|| Entry::Variant {
        contig: contig.to_owned(),
        pos,
        reference: reference.to_owned(),
        alternate: alternate.to_owned(),
    })
}

/// What a line names: a variant, a window or a record, or a variant of a record.
pub(crate) fn entries(line: &[u8]) -> Result<Vec<Entry>, EntryFault> {
    let line: Line = object(line)?;
    let mut entries = Vec::new();
    if let (Some(contig), Some(pos), Some(reference), Some(alternate)) =
        (&line.chrom, line.pos, &line.reference, &line.alt)
    {
        if pos == 0 {
            return Err(EntryFault::Position);
        }
        entries.push(Entry::Variant {
            contig: contig.clone(),
            pos,
            reference: reference.to_ascii_uppercase(),
            alternate: alternate.to_ascii_uppercase(),
        });
    }
    if let Some(window) = window(&line)? {
        entries.push(Entry::Window(window));
    } else if let Some(record_id) = line.record_id {
        entries.push(Entry::Record(record_id));
    }
    match entries.is_empty() {
        true => Err(EntryFault::NamesNothing),
        false => Ok(entries),
    }
}

fn window(line: &Line) -> Result<Option<WindowEntry>, EntryFault> {
    let len = line.sequence.as_ref().map(|sequence| sequence.len() as u64);
    let hashed = || {
        let sequence = line.sequence.as_ref()?.to_ascii_uppercase();
        Some(geno_core::Digest::of(sequence.as_bytes()).to_hex())
    };
    let window_id = line.window_id.clone().or_else(hashed);
    let start = line.start_bp.or(len.map(|_| 0));
    let end = line
        .end_bp
        .or(start.zip(len).map(|(start, len)| start.saturating_add(len)));
    let place = match (&line.chrom, line.start_bp, end) {
        (_, Some(start), Some(end)) if end <= start => {
            return Err(EntryFault::EmptyInterval { start, end });
        }
        (Some(contig), Some(start), Some(end)) => Some((contig.clone(), start..end)),
        _ => None,
    };
    let is_window = place.is_some() || window_id.is_some() || line.end_bp.is_some();
    Ok(is_window.then(|| WindowEntry {
        record_id: line.record_id.clone(),
        window_id,
        place,
    }))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_of_the_python_package_is_read() {
        let text = br#"{"holdout_chroms": ["chr21"],
            "intervals": [{"chrom": "20", "start_bp": 5, "end_bp": 9}],
            "edit_keys": ["HLA:A:7:A:CC"], "record_ids": ["rec1"]}"#;
        let expected = [
            Entry::Contig("chr21".into()),
            Entry::Interval {
                contig: "20".into(),
                range: 5..9,
            },
            Entry::Variant {
                contig: "HLA:A".into(),
                pos: 7,
                reference: "A".into(),
                alternate: "CC".into(),
            },
            Entry::Record("rec1".into()),
        ];
        assert_eq!(policy(text).unwrap(), expected);
        assert_eq!(policy(b"{}").unwrap(), []);
    }

    #[test]
    fn what_a_policy_cannot_hold_is_an_error() {
        for text in [
            r#"{"holdout_chromosomes": []}"#,
            r#"{"edit_keys": ["20:7:A"]}"#,
            r#"{"edit_keys": ["20:0:A:C"]}"#,
            r#"{"edit_keys": ["20:7:A:<DEL>"]}"#,
            r#"{"intervals": [{"chrom": "1", "start_bp": 9, "end_bp": 9}]}"#,
            "[]",
        ] {
            assert!(policy(text.as_bytes()).is_err(), "{text}");
        }
    }

    #[test]
    fn lines_name_variants_windows_and_records() {
        let variant = br#"{"chrom": "20", "pos": 7, "ref": "a", "alt": "C", "label": 1}"#;
        assert!(
            matches!(&entries(variant).unwrap()[..], [Entry::Variant { reference, .. }] if reference == "A")
        );
        let placed = br#"{"record_id": "w", "chrom": "20", "start_bp": 4, "sequence": "acgt"}"#;
        let window = WindowEntry {
            record_id: Some("w".into()),
            window_id: Some(geno_core::Digest::of(b"ACGT").to_hex()),
            place: Some(("20".into(), 4..8)),
        };
        assert_eq!(entries(placed).unwrap(), [Entry::Window(window)]);
        let unplaced = br#"{"record_id": "w", "start_bp": 4, "end_bp": 8, "sequence": "ACGT"}"#;
        assert!(matches!(&entries(unplaced).unwrap()[..], [Entry::Window(w)] if w.place.is_none()));
        let record = entries(br#"{"record_id": "r"}"#).unwrap();
        assert_eq!(record, [Entry::Record("r".into())]);
        assert!(entries(br#"{"chrom": "20"}"#).is_err());
    }
}
