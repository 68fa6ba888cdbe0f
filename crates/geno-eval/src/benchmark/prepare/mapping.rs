//! Scores of MaveDB, and the variants that they are of.

use std::{
    collections::{BTreeMap, HashMap},
    ops::ControlFlow,
    path::Path,
};

use geno_core::Digest;
use geno_data::TextLines;
use geno_provenance::Json;

use super::{
    OnProgress, PrepareBenchmarkError, PrepareProgress, ReadFile,
    collect::Collector,
    found::Found,
    table::{self, is_missing, number},
};
use crate::benchmark::{entry::SurpriseRises, rule::MappingRule};

/// Reads both files; nothing if `on_progress` breaks off.
pub(super) fn read(
    rule: &MappingRule,
    collector: &mut Collector<'_>,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<ReadFile>>, PrepareBenchmarkError> {
    let request = collector.request;
    let (scores, mapping) = (request.file(&rule.scores), request.file(&rule.mapping));
    let place = |name: &str| {
        let mut sources = request.benchmark.sources.iter();
        sources.position(|source| source.name == name).unwrap_or(0)
    };
    let (scores_file, file) = (place(&rule.scores), place(&rule.mapping));
    let rises = request.benchmark.label.as_ref();
    let rises = rises.map_or(SurpriseRises::Value, |label| label.surprise_rises_with);

    let columns = ["accession", "score"];
    let mut rows = table::open(request.benchmark, &rule.scores, scores, &columns)?;
    let mut by_name: HashMap<String, f64> = HashMap::new();
    while let Some(row) = rows.next_row()? {
        let fault = |column: &str, fault| PrepareBenchmarkError::Value {
            path: scores.to_owned(),
            line: row.line,
            column: column.to_owned(),
            fault,
        };
        let [Some(name), score] = &row.cells[..] else {
            return Err(fault("accession", "is empty"));
        };
        let score = match score.as_deref() {
            None => None,
            Some(text) if is_missing(text) => None,
            Some(text) => Some(number(text).ok_or_else(|| fault("score", "is no finite number"))?),
        };
        let Some(score) = score else {
            collector.skip(scores_file, row.line, "missing_score");
            continue;
        };
        if by_name.insert(name.clone(), score).is_some() {
            return Err(fault("accession", "was there before"));
        }
    }
    let scores_digest = rows.digest()?;
    let (records, mapping_digest) = records(mapping)?;
    for (line, record) in (1..).zip(&records) {
        match found(record, &by_name, rises) {
            Err(reason) => collector.skip(file, line, reason),
            Ok(found) => collector.take(Found {
                file,
                line,
                ..found
            })?,
        }
        let progress = PrepareProgress {
            file: geno_data::Progress {
                read: line,
                total: Some(records.len() as u64),
            },
            found: collector.n_found(),
        };
        if line.is_multiple_of(table::PROGRESS_ROWS)
            && on_progress(progress) == ControlFlow::Break(())
        {
            return Ok(None);
        }
    }
    let mut files = vec![
        (scores_file, ReadFile::of(scores, scores_digest)?),
        (file, ReadFile::of(mapping, mapping_digest)?),
    ];
    files.sort_by_key(|(place, _)| *place);
    Ok(Some(files.into_iter().map(|(_, file)| file).collect()))
}

/// The records of a document that is a list.
fn records(path: &Path) -> Result<(Vec<Json>, Digest), PrepareBenchmarkError> {
    let mut lines = TextLines::open(path)?;
    let mut text = String::new();
    while let Some(line) = lines.next_line()? {
        text += line;
        text.push('\n');
    }
    let digest = lines.digest().expect("the file was read to its end");
    let parsed = Json::parse(text.as_bytes()).map_err(|source| PrepareBenchmarkError::Json {
        path: path.to_owned(),
        source,
    })?;
    match parsed {
        Json::Array(records) => Ok((records, digest)),
        _ => Err(PrepareBenchmarkError::NoList {
            path: path.to_owned(),
        }),
    }
}

/// The variant of a record in VRS, or why there is none.
fn found(
    record: &Json,
    scores: &HashMap<String, f64>,
    rises: SurpriseRises,
) -> Result<Found, &'static str> {
    let Some(name) = record.get("variantUrn").and_then(Json::as_str) else {
        return Err("invalid_mapping_row");
    };
    if record.get("current") != Some(&Json::Bool(true)) {
        return Err("not_current");
    }
    let score = *scores.get(name).ok_or("missing_score")?;
    let at = |path: &[&str]| {
        let mut value = record.get("postMapped")?;
        for key in path {
            value = value.get(key)?;
        }
        Some(value)
    };
    let extensions = match at(&["extensions"]) {
        Some(Json::Array(extensions)) => &extensions[..],
        _ => &[],
    };
    let is_reference =
        |one: &&Json| one.get("name").and_then(Json::as_str) == Some("vrs_ref_allele_seq");
    let reference = extensions.iter().find(is_reference);
    let reference = reference.and_then(|one| one.get("value")?.as_str());
    let contig = at(&["location", "sequenceReference", "label"]).and_then(Json::as_str);
    let pos = at(&["location", "end"]).and_then(Json::as_u64);
    let alternate = at(&["state", "sequence"]).and_then(Json::as_str);
    let (Some(contig), Some(pos), Some(reference), Some(alternate)) =
        (contig, pos, reference, alternate)
    else {
        return Err("unmapped");
    };
    // The end is the position of the base where there is one base.
    if reference.len() != 1 || alternate.len() != 1 || pos == 0 {
        return Err("not_snv");
    }
    let source = Json::object([("score", Json::float(score).expect("scores are finite"))]);
    Ok(Found {
        file: 0,
        line: 0,
        contig: contig.to_owned(),
        pos,
        reference: reference.to_ascii_uppercase(),
        alternate: alternate.to_ascii_uppercase(),
        label: rises.label(score),
        terms: Vec::new(),
        region: None,
        extra: BTreeMap::from([
            ("source".to_owned(), source),
            ("source_id".to_owned(), name.into()),
        ]),
        pair: None,
    })
}
