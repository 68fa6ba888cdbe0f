//! Variants of a table.

use std::{collections::BTreeMap, ops::ControlFlow};

use geno_data::{NamedRow, NamedRows, WantedColumn};
use geno_provenance::Json;

use super::{
    OnProgress, PrepareBenchmarkError, PrepareProgress, ReadFile, collect::Collector, found::Found,
};
use crate::benchmark::{
    entry::{Benchmark, SurpriseRises},
    rule::{AtLeast, Classes, TableRule},
};

/// Rows between two looks at the progress.
pub(super) const PROGRESS_ROWS: u64 = 1 << 12;

/// Opens a table of a source with its columns; those that may be missing are said by the entry.
pub(super) fn open(
    benchmark: &Benchmark,
    source: &str,
    path: &std::path::Path,
    columns: &[&str],
) -> Result<NamedRows, PrepareBenchmarkError> {
    let known = benchmark
        .source(source)
        .map_or(&[][..], |source| &source.columns);
    let is_optional = |name: &str| known.iter().any(|one| one.name == name && one.optional);
    let wanted = columns.iter().map(|name| WantedColumn {
        name,
        optional: is_optional(name),
    });
    let wanted: Vec<WantedColumn<'_>> = wanted.collect();
    Ok(NamedRows::open(path, &wanted)?)
}

/// Reads the table; nothing if `on_progress` breaks off.
pub(super) fn read(
    rule: &TableRule,
    collector: &mut Collector<'_>,
    on_progress: OnProgress<'_>,
) -> Result<Option<Vec<ReadFile>>, PrepareBenchmarkError> {
    let request = collector.request;
    let path = request.file(&rule.source);
    let columns = rule.all_columns();
    let mut rows = open(request.benchmark, &rule.source, path, &columns)?;
    let table = Table {
        rule,
        places: columns
            .iter()
            .enumerate()
            .map(|(i, name)| (*name, i))
            .collect(),
        rises: request
            .benchmark
            .label
            .as_ref()
            .map_or(SurpriseRises::Value, |label| label.surprise_rises_with),
        path,
    };
    let mut n_rows = 0;
    while let Some(row) = rows.next_row()? {
        if let Some(reason) = table.passed_over(collector, &row)? {
            collector.skip(0, row.line, reason);
        } else {
            match table.found(&row)? {
                Err(reason) => collector.skip(0, row.line, reason),
                Ok(found) => collector.take(found)?,
            }
        }
        n_rows += 1;
        let progress = PrepareProgress {
            file: rows.progress(),
            found: collector.n_found(),
        };
        if u64::is_multiple_of(n_rows, PROGRESS_ROWS)
            && on_progress(progress) == ControlFlow::Break(())
        {
            return Ok(None);
        }
    }
    let digest = rows.digest()?;
    Ok(Some(vec![ReadFile::of(path, digest)?]))
}

/// A table, and where its columns stand.
struct Table<'a> {
    rule: &'a TableRule,
    places: BTreeMap<&'a str, usize>,
    rises: SurpriseRises,
    path: &'a std::path::Path,
}

impl Table<'_> {
    fn cell<'r>(&self, row: &'r NamedRow, column: &str) -> Option<&'r str> {
        row.cells[self.places[column]].as_deref()
    }

    fn fault(&self, row: &NamedRow, column: &str, fault: &'static str) -> PrepareBenchmarkError {
        PrepareBenchmarkError::Value {
            path: self.path.to_owned(),
            line: row.line,
            column: column.to_owned(),
            fault,
        }
    }

    /// Why a row is none of those that are asked for.
    fn passed_over(
        &self,
        collector: &Collector<'_>,
        row: &NamedRow,
    ) -> Result<Option<&'static str>, PrepareBenchmarkError> {
        let columns = &self.rule.columns;
        let request = collector.request;
        if let Some(column) = &columns.assembly
            && let Some(text) = self.cell(row, column)
        {
            let build = text.parse::<geno_data::Build>();
            let build = build.map_err(|_| self.fault(row, column, "names no build"))?;
            if build != request.assembly.build() {
                return Ok(Some("other_assembly"));
            }
        }
        let groups = &request.selection.groups;
        if !groups.is_empty() {
            let group = columns
                .group
                .as_ref()
                .and_then(|column| self.cell(row, column));
            if !group.is_some_and(|group| groups.iter().any(|one| one == group)) {
                return Ok(Some("other_group"));
            }
        }
        if let Some(AtLeast { column, value }) = &self.rule.at_least {
            let text = self.cell(row, column).unwrap_or("0");
            let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
            let number = number.ok_or_else(|| self.fault(row, column, "is no number"))?;
            if number < *value as f64 {
                return Ok(Some("below_minimum"));
            }
        }
        Ok(None)
    }

    /// The variant of a row, or why there is none.
    fn found(&self, row: &NamedRow) -> Result<Result<Found, &'static str>, PrepareBenchmarkError> {
        let rule = self.rule;
        let columns = &rule.columns;
        let needed = |column: &str| {
            let cell = self.cell(row, column);
            cell.ok_or_else(|| self.fault(row, column, "is empty"))
        };
        let Some(text) = self.cell(row, &columns.label) else {
            return Ok(Err("missing_label"));
        };
        let label = match &rule.classes {
            Some(classes) => match class(classes, text) {
                Some(label) => label,
                None => return Ok(Err("unsupported_label")),
            },
            None => match number(text) {
                Some(number) => self.rises.label(number),
                None if is_missing(text) => return Ok(Err("missing_label")),
                None => return Err(self.fault(row, &columns.label, "is no finite number")),
            },
        };
        let position = needed(&columns.position)?;
        let position: Option<u64> = position.parse().ok().filter(|pos| *pos > 0);
        let pos = position.ok_or_else(|| self.fault(row, &columns.position, "is no position"))?;
        let mut alternate = needed(&columns.alternate)?.to_ascii_uppercase();
        if rule.deletion_mark.as_ref() == Some(&alternate) {
            alternate.clear();
        }
        let kept = rule.keep.iter().chain([&columns.label]);
        let kept = kept.filter_map(|name| Some((name.clone(), value(self.cell(row, name)?))));
        let mut extra = BTreeMap::from([("source".to_owned(), Json::object(kept))]);
        if let Some(group) = columns.group.as_ref().and_then(|name| self.cell(row, name)) {
            extra.insert("region".to_owned(), group.into());
        }
        let term = columns
            .consequence
            .as_ref()
            .and_then(|name| self.cell(row, name));
        Ok(Ok(Found {
            file: 0,
            line: row.line,
            contig: needed(&columns.contig)?.to_owned(),
            pos,
            reference: needed(&columns.reference)?.to_ascii_uppercase(),
            alternate,
            label,
            terms: term.map(str::to_owned).into_iter().collect(),
            region: None,
            extra,
            pair: None,
        }))
    }
}

/// A number, or a truth value as 1 and 0.
pub(super) fn number(text: &str) -> Option<f64> {
    match text.to_ascii_lowercase().as_str() {
        "true" => Some(1.0),
        "false" => Some(0.0),
        text => text.parse().ok().filter(|number: &f64| number.is_finite()),
    }
}

/// How tables write that there is no value.
pub(super) fn is_missing(text: &str) -> bool {
    matches!(
        text.to_ascii_lowercase().as_str(),
        "na" | "nan" | "." | "none" | "null"
    )
}

fn class(classes: &Classes, text: &str) -> Option<f64> {
    let is_in = |words: &[String]| words.iter().any(|word| word.eq_ignore_ascii_case(text));
    match (is_in(&classes.positive), is_in(&classes.negative)) {
        (true, false) => Some(1.0),
        (false, true) => Some(0.0),
        _ => None,
    }
}

/// A cell as JSON: a number where it is one.
pub(super) fn value(text: &str) -> Json {
    let whole: Option<i64> = text.parse().ok();
    let double = || {
        text.parse()
            .ok()
            .and_then(|double| Json::float(double).ok())
    };
    whole
        .map(Json::from)
        .or_else(double)
        .unwrap_or_else(|| text.into())
}
