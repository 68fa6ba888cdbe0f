//! The INFO column.

use memchr::{memchr, memchr_iter};

/// The keys of an INFO column that have a value, with it, in their order.
pub(super) fn pairs(info: &[u8]) -> impl Iterator<Item = (&[u8], &[u8])> {
    let mut begin = 0;
    let ends = memchr_iter(b';', info).chain([info.len()]);
    let fields = ends.map(move |end| {
        let field = &info[begin..end];
        begin = end + 1;
        field
    });
    fields.filter_map(|field| {
        let equals = memchr(b'=', field)?;
        Some((&field[..equals], &field[equals + 1..]))
    })
}

/// The value of one alternate allele, counted from 0: a single value is that of all.
pub(super) fn of_allele(value: &[u8], allele: usize) -> Option<&[u8]> {
    match memchr(b',', value) {
        None => Some(value),
        Some(_) => value.split(|&b| b == b',').nth(allele),
    }
}

/// A value as text, unless it says that there is none.
pub(super) fn text(value: &[u8]) -> Option<&str> {
    let text = std::str::from_utf8(value).ok()?.trim();
    (!text.is_empty() && text != ".").then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_and_empty_fields_are_passed_over() {
        let info = b"DB;AF=0.5,.;;H2;AC=1;X=a=b;EMPTY=";
        let found: Vec<_> = pairs(info).collect();
        let expected: [(&[u8], &[u8]); 4] = [
            (b"AF", b"0.5,."),
            (b"AC", b"1"),
            (b"X", b"a=b"),
            (b"EMPTY", b""),
        ];
        assert_eq!(found, expected);
        assert_eq!(pairs(b".").count() + pairs(b"").count(), 0);
    }

    #[test]
    fn a_single_value_is_that_of_every_allele() {
        assert_eq!(of_allele(b"0.5", 3), Some(&b"0.5"[..]));
        assert_eq!(of_allele(b"0.5,.", 1), Some(&b"."[..]));
        assert_eq!(of_allele(b"0.5,.", 2), None);
        assert_eq!(
            (text(b"."), text(b""), text(b" a")),
            (None, None, Some("a"))
        );
    }
}
