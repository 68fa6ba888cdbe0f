//! The `.fai` index: five tab-separated columns a contig.
//!
//! Name, bases, place of the first base, bases a line, bytes a line (samtools' `faidx(5)`).

use std::{collections::HashSet, fmt::Write as _};

use super::contig::Contig;

/// Reads an index of a file of `total` uncompressed bytes.
///
/// `None` if a line is malformed, a name comes twice, or a contig reaches past the file: such an
/// index belongs to another file and is made anew.
pub(crate) fn parse(text: &[u8], total: u64) -> Option<Vec<Contig>> {
    let text = std::str::from_utf8(text).ok()?;
    let contigs: Vec<Contig> = text.lines().map(parse_line).collect::<Option<_>>()?;

    let mut names = HashSet::new();
    let holds = |contig: &Contig| {
        let line_ends = contig.line_width.checked_sub(contig.line_bases);
        let has_lines = contig.line_bases > 0 && line_ends.is_some_and(|bytes| bytes <= 2);
        (contig.len == 0 || has_lines) && contig.end().is_some_and(|end| end <= total)
    };
    let is_sound = contigs
        .iter()
        .all(|contig| holds(contig) && names.insert(&contig.name));
    (is_sound && !contigs.is_empty()).then_some(contigs)
}

fn parse_line(line: &str) -> Option<Contig> {
    let mut columns = line.split('\t');
    let name = columns.next().filter(|name| !name.is_empty())?.to_owned();
    let mut number = || columns.next()?.parse::<u64>().ok();
    Some(Contig {
        name,
        len: number()?,
        offset: number()?,
        line_bases: number()?,
        line_width: number()?,
    })
}

/// Writes an index.
pub(crate) fn write(contigs: &[Contig]) -> String {
    contigs.iter().fold(String::new(), |mut text, contig| {
        let Contig {
            name,
            len,
            offset,
            line_bases,
            line_width,
        } = contig;
        let _ = writeln!(text, "{name}\t{len}\t{offset}\t{line_bases}\t{line_width}");
        text
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn an_index_that_lies_is_refused() {
        let text = "chr1\t10\t6\t4\t5\nchr2\t3\t25\t3\t4\n";
        let contigs = parse(text.as_bytes(), 29).unwrap();
        assert_eq!(write(&contigs), text);

        let past_the_end = parse(text.as_bytes(), 27);
        assert_eq!(past_the_end, None);
        for line in [
            "",
            "1",
            "\t3\t3\t3\t4",
            "1\tx\t3\t3\t4",
            "1\t-3\t3\t3\t4",
            "1\t3\t3\t0\t1",
            "1\t3\t3\t4\t3",
            "1\t3\t3\t4\t9",
            "1\t18446744073709551615\t3\t1\t3",
            "1\t3\t18446744073709551615\t3\t4",
            "1\t3\t3\t3\t4\n1\t3\t3\t3\t4",
        ] {
            assert_eq!(parse(line.as_bytes(), 100), None, "{line:?}");
        }
    }

    proptest! {
        #[test]
        fn any_bytes_are_read_without_panic(
            text in "([a-c]?\t[0-9]{0,20}\t[0-9]{0,20}\t[0-9]{0,3}\t[0-9]{0,3}\n){0,3}",
            bytes: Vec<u8>,
        ) {
            let _ = parse(text.as_bytes(), 1 << 20);
            let _ = parse(&bytes, 1 << 20);
        }
    }
}
