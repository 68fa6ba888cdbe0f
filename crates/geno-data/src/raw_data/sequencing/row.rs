//! One row of JSON.

use geno_core::is_acgt;
use serde_json::{Map, Value};

use super::super::{
    build::BuildEvidence,
    call::CallFault,
    record::Called,
    table::{is_vcf_id, parse_position},
};

/// A variant that names its own alleles.
pub(crate) struct ExplicitCall {
    pub(crate) line: u32,
    pub(crate) chrom: Box<str>,
    pub(crate) position: u32,
    pub(crate) id: Box<str>,
    /// REF and the alternates, with commas between.
    pub(crate) alleles: Box<str>,
    pub(crate) genotype: Called,
}

/// Reads a row; what cannot be read comes with the name of the marker, if that could.
pub(crate) fn parse_row(
    value: &Value,
    line: u64,
    build: &mut BuildEvidence,
) -> Result<ExplicitCall, (CallFault, Option<String>)> {
    let Value::Object(row) = value else {
        return Err((
            CallFault::Columns {
                found: 0,
                expected: 5,
            },
            None,
        ));
    };
    let id = text(row, &["id", "rsid", "variant_id"]).filter(|id| !id.is_empty());
    let id = id.unwrap_or_else(|| ".".to_owned());
    if !is_vcf_id(&id) {
        return Err((CallFault::BadId, None));
    }
    let call = parse_fields(row, &id, line).map_err(|fault| (fault, Some(id.clone())))?;
    build.add_marker(&id, call.position);
    Ok(call)
}

fn parse_fields(row: &Map<String, Value>, id: &str, line: u64) -> Result<ExplicitCall, CallFault> {
    let needed = |names: &[&'static str]| {
        let found = text(row, names).filter(|text| !text.is_empty());
        found.ok_or(CallFault::MissingField { field: names[0] })
    };
    let chrom = needed(&["chrom", "chromosome", "chr"])?;
    let position = needed(&["pos", "position", "start"])?;
    let reference = needed(&["ref", "reference", "referenceAllele"])?;
    let position = parse_position(&position).ok_or(CallFault::BadPosition)?;

    let mut alleles = vec![reference];
    alleles.extend(alternates(row)?);
    for allele in &mut alleles {
        allele.make_ascii_uppercase();
    }
    let are_bases = alleles
        .iter()
        .all(|allele| !allele.is_empty() && is_acgt(allele.as_bytes()));
    if !are_bases || alleles[1..].contains(&alleles[0]) {
        return Err(CallFault::BadAlleles);
    }
    let called = row.get("genotype").or_else(|| row.get("gt"));
    let genotype = called.map_or(Some(Called::default()), |called| genotype(called, &alleles));
    Ok(ExplicitCall {
        line: u32::try_from(line).unwrap_or(u32::MAX),
        chrom: chrom.into(),
        position,
        id: id.into(),
        genotype: genotype.ok_or(CallFault::BadGenotype)?,
        alleles: alleles.join(",").into(),
    })
}

/// The first of some fields that holds a text or a number.
fn text(row: &Map<String, Value>, names: &[&str]) -> Option<String> {
    names.iter().find_map(|name| match row.get(*name)? {
        Value::String(text) => Some(text.trim().to_owned()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    })
}

fn alternates(row: &Map<String, Value>) -> Result<Vec<String>, CallFault> {
    let names = [
        "alt",
        "alts",
        "alternate",
        "alternateAllele",
        "alternateAlleles",
    ];
    let missing = CallFault::MissingField { field: "alt" };
    let value = names.iter().find_map(|name| row.get(*name));
    let alternates: Vec<String> = match value.ok_or(missing)? {
        Value::String(text) => {
            let parts = text.split([',', '/']).map(str::trim);
            parts
                .filter(|part| !part.is_empty())
                .map(str::to_owned)
                .collect()
        }
        Value::Array(list) => {
            let parts = list
                .iter()
                .map(|part| part.as_str().map(|part| part.trim().to_owned()));
            parts.collect::<Option<_>>().ok_or(CallFault::BadAlleles)?
        }
        Value::Null => return Err(missing),
        _ => return Err(CallFault::BadAlleles),
    };
    match alternates.is_empty() {
        true => Err(missing),
        false => Ok(alternates),
    }
}

/// Reads a genotype: numbers of alleles or the alleles themselves, with `/` or `|` between, one or
/// two bases without, or a list of alleles.
fn genotype(value: &Value, alleles: &[String]) -> Option<Called> {
    let of_allele = |text: &str| {
        let place = alleles
            .iter()
            .position(|allele| allele.eq_ignore_ascii_case(text))?;
        Some(Some(u16::try_from(place).ok()?))
    };
    let of_number = |text: &str| {
        let is_number = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
        let number = text.parse::<u16>().ok().filter(|_| is_number)?;
        (usize::from(number) < alleles.len()).then_some(Some(number))
    };
    let of_part = |text: &str| match text {
        "." => Some(None),
        text => of_number(text).or_else(|| of_allele(text)),
    };
    let mut called = Called::default();
    match value {
        Value::Null => {}
        Value::String(text) if matches!(text.trim(), "" | ".") => {}
        Value::Number(number) => called = called.with(of_number(&number.to_string())?)?,
        Value::Array(list) => {
            for allele in list {
                called = called.with(of_allele(allele.as_str()?)?)?;
            }
        }
        Value::String(text) => {
            let text = text.trim();
            called.is_phased = text.contains('|');
            if text.contains(['/', '|']) {
                for part in text.split(if called.is_phased { '|' } else { '/' }) {
                    called = called.with(of_part(part.trim())?)?;
                }
            } else if let Some(number) = of_number(text) {
                called = called.with(number)?;
            } else {
                for base in text.split_terminator("").filter(|base| !base.is_empty()) {
                    called = called.with(of_allele(base)?)?;
                }
            }
        }
        Value::Bool(_) | Value::Object(_) => return None,
    }
    Some(called)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(value: &Value) -> Result<(String, String, String), CallFault> {
        let call = parse_row(value, 1, &mut BuildEvidence::default());
        let call = call.map_err(|(fault, _)| fault)?;
        let place = format!("{}:{}:{}", call.chrom, call.position, call.id);
        Ok((place, call.alleles.into(), call.genotype.text()))
    }

    fn gt(value: Value) -> Option<String> {
        let row = json!({"chr": "1", "pos": 5, "ref": "A", "alt": ["G", "AT"], "gt": value});
        read(&row).ok().map(|(_, _, genotype)| genotype)
    }

    #[test]
    fn fields_go_by_any_of_their_names() {
        let row = json!({
            "chromosome": 7, "start": "12", "referenceAllele": "a", "alternateAlleles": "g,T",
            "rsid": "rs1", "genotype": "1|2",
        });
        let expected = ("7:12:rs1".into(), "A,G,T".into(), "1|2".into());
        assert_eq!(read(&row), Ok(expected));
    }

    #[test]
    fn genotypes_are_numbers_or_alleles() {
        for (value, expected) in [
            (Value::Null, "."),
            (json!(""), "."),
            (json!("0/1"), "0/1"),
            (json!("A/AT"), "0/2"),
            (json!("./1"), "./1"),
            (json!("AG"), "0/1"),
            (json!("G"), "1"),
            (json!("2"), "2"),
            (json!(["G", "G"]), "1/1"),
        ] {
            assert_eq!(gt(value.clone()).as_deref(), Some(expected), "{value}");
        }
        for value in [
            json!("0/3"),
            json!("C/A"),
            json!("AGA"),
            json!({}),
            json!(true),
            json!("1/1/1"),
        ] {
            assert_eq!(gt(value.clone()), None, "{value}");
        }
    }

    #[test]
    fn rows_that_name_no_variant_have_their_fault() {
        let missing = |field| Err(CallFault::MissingField { field });
        for (row, expected) in [
            (
                json!([]),
                Err(CallFault::Columns {
                    found: 0,
                    expected: 5,
                }),
            ),
            (json!({}), missing("chrom")),
            (json!({"chrom": "1"}), missing("pos")),
            (json!({"chrom": "1", "pos": 1, "ref": "A"}), missing("alt")),
            (
                json!({"chrom": "1", "pos": 0, "ref": "A", "alt": "C"}),
                Err(CallFault::BadPosition),
            ),
            (
                json!({"chrom": "1", "pos": 1.5, "ref": "A", "alt": "C"}),
                Err(CallFault::BadPosition),
            ),
            (
                json!({"chrom": "1", "pos": 1, "ref": "A", "alt": "A"}),
                Err(CallFault::BadAlleles),
            ),
            (
                json!({"chrom": "1", "pos": 1, "ref": "A", "alt": "<DEL>"}),
                Err(CallFault::BadAlleles),
            ),
            (
                json!({"chrom": "1", "pos": 1, "ref": "A", "alt": "C", "id": "a b"}),
                Err(CallFault::BadId),
            ),
        ] {
            assert_eq!(read(&row), expected, "{row}");
        }
    }
}
