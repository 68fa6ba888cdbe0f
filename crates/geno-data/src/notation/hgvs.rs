//! HGVS: changes of genomic and mitochondrial reference sequences.

use super::{Change, ParseNotationError, WrittenVariant, bases, contig_name, number_of, one_based};

/// Reads `CONTIG:g.CHANGE`; nothing of a text that is no HGVS.
pub(super) fn parse(text: &str) -> Option<Result<WrittenVariant, ParseNotationError>> {
    let kinds = ['g', 'm', 'c', 'n', 'p', 'r', 'o'];
    let (contig, kind, change) = kinds.iter().find_map(|&kind| {
        let (contig, change) = text.split_once(&format!(":{kind}."))?;
        Some((contig, kind, change))
    })?;
    Some(match kind {
        'g' | 'm' => contig_name(contig).and_then(|contig| parse_change(contig, change)),
        _ => Err(ParseNotationError::NotGenomic { kind }),
    })
}

fn parse_change(contig: String, change: &str) -> Result<WrittenVariant, ParseNotationError> {
    let is_place = |byte: u8| byte.is_ascii_digit() || byte == b'_';
    let end = change.bytes().position(|byte| !is_place(byte));
    let (place, what) = change.split_at(end.unwrap_or(change.len()));
    let (first, last) = match place.split_once('_') {
        Some((first, last)) => (one_based(first)?, Some(one_based(last)?)),
        None if place.is_empty() => return Err(ParseNotationError::Change),
        None => (one_based(place)?, None),
    };
    if last.is_some_and(|last| last < first) {
        return Err(ParseNotationError::Position);
    }
    let len = last.map_or(1, |last| last - first + 1);
    let replacing = |replaced: Option<Vec<u8>>, change| match &replaced {
        Some(replaced) if replaced.len() as u64 != len => Err(ParseNotationError::Change),
        _ => Ok(WrittenVariant {
            contig: contig.clone(),
            start: first,
            len,
            replaced,
            change,
            is_row: false,
        }),
    };
    // The bases of `del`, `dup` and `inv` may be repeated, or their number.
    let stated = |text: &str| match text {
        "" => Ok(None),
        text if number_of(text) && text == len.to_string() => Ok(None),
        text => bases(text).map(Some),
    };
    let given = |text: &str| match bases(text)? {
        none if none.is_empty() => Err(ParseNotationError::Change),
        bases => Ok(bases),
    };

    if let Some((from, to)) = what.split_once('>') {
        return match last {
            None => replacing(Some(given(from)?), Change::To(given(to)?)),
            Some(_) => Err(ParseNotationError::Change),
        };
    }
    if let Some((from, to)) = what
        .strip_prefix("del")
        .and_then(|rest| rest.split_once("ins"))
    {
        return replacing(stated(from)?, Change::To(given(to)?));
    }
    if let Some(inserted) = what.strip_prefix("ins") {
        // Between two bases that stand side by side, of which none is replaced.
        return match len {
            2 => Ok(WrittenVariant {
                contig,
                start: first + 1,
                len: 0,
                replaced: None,
                change: Change::To(given(inserted)?),
                is_row: false,
            }),
            _ => Err(ParseNotationError::Position),
        };
    }
    let kinds = [
        ("del", Change::To(Vec::new())),
        ("dup", Change::Duplicated),
        ("inv", Change::Inverted),
    ];
    for (kind, change) in kinds {
        if let Some(rest) = what.strip_prefix(kind) {
            return replacing(stated(rest)?, change);
        }
    }
    Err(ParseNotationError::Change)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// First base, bases replaced, which they are, and by what.
    type Parsed = (u64, u64, Option<Vec<u8>>, Change);

    fn of(text: &str) -> Result<Parsed, ParseNotationError> {
        let found = parse(text).expect("HGVS")?;
        assert_eq!(found.contig, "NC_000020.10");
        Ok((found.start, found.len, found.replaced, found.change))
    }

    #[test]
    fn every_change_replaces_a_stretch() {
        let to = |bases: &[u8]| Change::To(bases.to_vec());
        let (a, at) = (Some(b"A".to_vec()), Some(b"AT".to_vec()));
        for (change, expected) in [
            ("7A>G", (6, 1, a.clone(), to(b"G"))),
            ("7del", (6, 1, None, to(b""))),
            ("7delA", (6, 1, a, to(b""))),
            ("7_8del", (6, 2, None, to(b""))),
            ("7_8del2", (6, 2, None, to(b""))),
            ("7_8delAT", (6, 2, at.clone(), to(b""))),
            ("7_8dup", (6, 2, None, Change::Duplicated)),
            ("7_8inv", (6, 2, None, Change::Inverted)),
            ("7_8insGG", (7, 0, None, to(b"GG"))),
            ("7_8delinsG", (6, 2, None, to(b"G"))),
            ("7_8delATinsg", (6, 2, at, to(b"G"))),
        ] {
            assert!(
                of(&format!("NC_000020.10:g.{change}")) == Ok(expected),
                "{change}"
            );
        }
        assert!(of("NC_000020.10:m.7A>G").is_ok());
    }

    #[test]
    fn changes_without_one_meaning_are_refused() {
        use ParseNotationError::*;
        for (change, error) in [
            ("7=", Change),
            ("7A>", Change),
            ("7_8A>G", Change),
            ("7AT>G", Change),
            ("7delAT", Change),
            ("7_8del3", NotDna),
            ("(7_8)del", Change),
            ("7_?del", Position),
            ("7CAG[5]", Change),
            ("7_8insN", NotDna),
            ("7_8ins", Change),
            ("7insA", Position),
            ("7_9insA", Position),
            ("8_7del", Position),
            ("0del", Position),
            ("_7del", Position),
            ("[7A>G;9del]", Change),
            ("7_8con9_10", Change),
        ] {
            let found = of(&format!("NC_000020.10:g.{change}"));
            assert_eq!(found.err(), Some(error), "{change}");
        }
    }

    #[test]
    fn transcripts_and_proteins_are_told() {
        for kind in ['c', 'n', 'p', 'r'] {
            let error = parse(&format!("NM_000059.4:{kind}.7A>G")).unwrap().err();
            assert_eq!(error, Some(ParseNotationError::NotGenomic { kind }));
        }
        assert!(parse("20:7:A:G").is_none());
    }
}
