//! The values of a line.

use std::borrow::Cow;

/// What stands between values.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum Separator {
    Tab,
    Comma,
}

/// A quote that begins on a line and does not end there.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) struct UnclosedQuote;

impl Separator {
    /// That of a header.
    pub(super) fn of(line: &str) -> Self {
        match line.contains('\t') {
            true => Self::Tab,
            false => Self::Comma,
        }
    }

    /// Splits a line. Between commas a value may stand in quotes, in which two stand for one.
    pub(super) fn split(self, line: &str) -> Result<Vec<Cow<'_, str>>, UnclosedQuote> {
        match self {
            Self::Tab => Ok(line.split('\t').map(Cow::from).collect()),
            Self::Comma if !line.contains('"') => Ok(line.split(',').map(Cow::from).collect()),
            Self::Comma => quoted(line),
        }
    }
}

fn quoted(line: &str) -> Result<Vec<Cow<'_, str>>, UnclosedQuote> {
    let (mut cells, mut cell, mut is_open) = (Vec::new(), String::new(), false);
    let mut rest = line.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '"' if is_open && rest.peek() == Some(&'"') => {
                rest.next();
                cell.push('"');
            }
            '"' if is_open || cell.is_empty() => is_open = !is_open,
            ',' if !is_open => cells.push(std::mem::take(&mut cell).into()),
            c => cell.push(c),
        }
    }
    cells.push(cell.into());
    match is_open {
        true => Err(UnclosedQuote),
        false => Ok(cells),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotes_keep_commas_and_quotes() {
        let split = |line| Separator::Comma.split(line);
        assert_eq!(
            split(r#"a,"b, c",,"d""e""#).unwrap(),
            ["a", "b, c", "", "d\"e"]
        );
        assert_eq!(split(r#""a"#), Err(UnclosedQuote));
        assert_eq!(Separator::Tab.split("a,\"\tb").unwrap(), ["a,\"", "b"]);
    }
}
