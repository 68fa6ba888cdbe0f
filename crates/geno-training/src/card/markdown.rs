//! Markdown, and numbers in it.

/// Digits of a number that is not whole.
const DIGITS: i32 = 4;

/// A number: whole ones as they are, others with at most four significant digits.
pub(super) fn number(value: f64) -> String {
    if value.fract() == 0.0 && value.abs() < 1e15 {
        return format!("{value:.0}");
    }
    let scientific = format!("{value:.*e}", DIGITS as usize - 1);
    let exponent = scientific.split('e').nth(1).and_then(|e| e.parse().ok());
    match exponent {
        Some(exponent @ -5..=8) => {
            let decimals = (DIGITS - 1 - exponent).max(0) as usize;
            let digits = format!("{value:.decimals$}");
            match decimals {
                0 => digits,
                _ => digits
                    .trim_end_matches('0')
                    .trim_end_matches('.')
                    .to_owned(),
            }
        }
        _ => scientific,
    }
}

/// `low to high`.
pub(super) fn interval([low, high]: [f64; 2]) -> String {
    format!("{} to {}", number(low), number(high))
}

/// A text that stays text, in a line or a cell.
pub(super) fn text(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for char in text.chars() {
        match char {
            '\\' | '`' | '*' | '[' | ']' | '<' | '>' | '|' | '#' => {
                escaped.push('\\');
                escaped.push(char);
            }
            _ if char.is_control() => escaped.push(' '),
            _ => escaped.push(char),
        }
    }
    escaped
}

/// A table. Cells are written as they are given.
pub(super) fn table<const N: usize>(
    header: [&str; N],
    rows: impl IntoIterator<Item = [String; N]>,
) -> String {
    let line = |cells: &[String]| format!("| {} |\n", cells.join(" | "));
    let mut table = line(&header.map(str::to_owned));
    table += &format!("|{}\n", "---|".repeat(N));
    for row in rows {
        table += &line(&row);
    }
    table
}

/// A list of lines, or a sentence where there are none.
pub(super) fn list(lines: impl IntoIterator<Item = String>, without: &str) -> String {
    let lines = lines.into_iter().map(|line| format!("- {line}\n"));
    let lines: String = lines.collect();
    match lines.is_empty() {
        true => format!("{without}\n"),
        false => lines,
    }
}

/// Whether a text is a path that means something on one machine alone.
pub(super) fn is_local(text: &str) -> bool {
    let is_drive = text.as_bytes().get(1) == Some(&b':') && text.contains('\\');
    text.starts_with(['/', '~', '\\']) || text.contains("://") || text.contains("..") || is_drive
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_keep_four_digits() {
        for (value, expected) in [
            (0.0, "0"),
            (-3.0, "-3"),
            (1774.0, "1774"),
            (0.48219, "0.4822"),
            (-0.00012349, "-0.0001235"),
            (1.5, "1.5"),
            (0.99999, "1"),
            (123_456.7, "123457"),
            (1.5e-9, "1.500e-9"),
        ] {
            assert_eq!(number(value), expected, "{value}");
        }
    }

    #[test]
    fn texts_cannot_leave_their_cell() {
        assert_eq!(text("a|b\n# <b>"), "a\\|b \\# \\<b\\>");
    }
}
