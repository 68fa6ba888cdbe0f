//! JSON as CPython writes it, byte for byte.

use std::fmt::Write as _;

use super::Json;

/// What two layouts of the same value differ in.
struct Layout {
    between_items: &'static str,
    after_key: &'static str,
    ascii: bool,
    /// Spaces before an item for each level around it, with a line of its own.
    indent: Option<usize>,
}

/// Writes the one form of a value that is hashed.
///
/// Keys in the order of code points, no white space, non-ASCII text raw, no newline at the end,
/// doubles as [`float_repr`]. Only `"`, `\` and control characters below U+0020 are escaped, with
/// the short forms where JSON has them.
///
/// # Source
///
/// CPython's `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False,
/// allow_nan=False)`. This is not RFC 8785, which orders by UTF-16 units and writes numbers as
/// ECMAScript does.
///
/// # Examples
///
/// ```
/// use geno_provenance::{Json, canonical_json};
///
/// let value = Json::object([("pos", 7.into()), ("chrom", "chr1".into())]);
/// assert_eq!(canonical_json(&value), br#"{"chrom":"chr1","pos":7}"#);
/// ```
pub fn canonical_json(value: &Json) -> Vec<u8> {
    let layout = Layout {
        between_items: ",",
        after_key: ":",
        ascii: false,
        indent: None,
    };
    let mut out = String::new();
    write_value(&mut out, value, &layout, 0);
    out.into_bytes()
}

/// Writes a value on one line for people and scripts: sorted keys, `", "` and `": "`, ASCII only.
///
/// # Source
///
/// CPython's `json.dumps(value, sort_keys=True)`.
pub fn summary_json(value: &Json) -> String {
    let layout = Layout {
        between_items: ", ",
        after_key: ": ",
        ascii: true,
        indent: None,
    };
    let mut out = String::new();
    write_value(&mut out, value, &layout, 0);
    out
}

/// Writes a value on many lines, indented by two: sorted keys, ASCII only, without a newline at
/// the end.
///
/// # Source
///
/// CPython's `json.dumps(value, indent=2, sort_keys=True)`.
///
/// # Examples
///
/// ```
/// use geno_provenance::{Json, indented_json};
///
/// let value = Json::object([("b", Json::Array(vec![1.into()])), ("a", Json::Array(vec![]))]);
/// assert_eq!(indented_json(&value), "{\n  \"a\": [],\n  \"b\": [\n    1\n  ]\n}");
/// ```
pub fn indented_json(value: &Json) -> String {
    let layout = Layout {
        between_items: ",",
        after_key: ": ",
        ascii: true,
        indent: Some(2),
    };
    let mut out = String::new();
    write_value(&mut out, value, &layout, 0);
    out
}

fn write_value(out: &mut String, value: &Json, layout: &Layout, depth: usize) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(true) => out.push_str("true"),
        Json::Bool(false) => out.push_str("false"),
        Json::Int(integer) => out.push_str(integer.as_str()),
        Json::Float(value) => out.push_str(&float_repr(value.get())),
        Json::String(text) => write_string(out, text, layout.ascii),
        Json::Array(items) => {
            out.push('[');
            for (i, item) in items.iter().enumerate() {
                if i > 0 {
                    out.push_str(layout.between_items);
                }
                begin_line(out, layout, depth + 1);
                write_value(out, item, layout, depth + 1);
            }
            if !items.is_empty() {
                begin_line(out, layout, depth);
            }
            out.push(']');
        }
        Json::Object(fields) => {
            out.push('{');
            for (i, (key, field)) in fields.iter().enumerate() {
                if i > 0 {
                    out.push_str(layout.between_items);
                }
                begin_line(out, layout, depth + 1);
                write_string(out, key, layout.ascii);
                out.push_str(layout.after_key);
                write_value(out, field, layout, depth + 1);
            }
            if !fields.is_empty() {
                begin_line(out, layout, depth);
            }
            out.push('}');
        }
    }
}

fn begin_line(out: &mut String, layout: &Layout, depth: usize) {
    if let Some(indent) = layout.indent {
        out.push('\n');
        out.extend(std::iter::repeat_n(' ', indent * depth));
    }
}

fn write_string(out: &mut String, text: &str, ascii: bool) {
    out.push('"');
    for char in text.chars() {
        match char {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\u{c}' => out.push_str("\\f"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            _ if char < ' ' || (ascii && char > '~') => {
                for unit in char.encode_utf16(&mut [0; 2]) {
                    write!(out, "\\u{unit:04x}").expect("a string takes any text");
                }
            }
            _ => out.push(char),
        }
    }
    out.push('"');
}

/// Writes a double as CPython's `repr`: the shortest digits that read back as the same double.
///
/// With `value = d.ddd × 10^e`, plain notation for `-4 ≤ e < 16`, always with a fraction, else
/// scientific notation with a sign and at least two digits of exponent. NaN and the infinities
/// come out as `nan`, `inf` and `-inf`, which is not JSON.
///
/// ```
/// use geno_provenance::float_repr;
///
/// let text = [1.0, 0.1, 1e-5, 1e15, 1e16, -0.0].map(float_repr);
/// assert_eq!(text, ["1.0", "0.1", "1e-05", "1000000000000000.0", "1e+16", "-0.0"]);
/// ```
pub fn float_repr(value: f64) -> String {
    let scientific = shortest(value);
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific.to_lowercase();
    };
    let exponent: i32 = exponent.parse().expect("an exponent is an integer");
    let (sign, mantissa) = match mantissa.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", mantissa),
    };
    let digits = mantissa.replace('.', "");

    if !(-4..16).contains(&exponent) {
        let direction = if exponent < 0 { '-' } else { '+' };
        let size = exponent.unsigned_abs();
        return format!("{sign}{mantissa}e{direction}{size:02}");
    }
    let before_point = usize::try_from(exponent + 1).unwrap_or(0);
    if before_point == 0 {
        let zeros = usize::try_from(-exponent - 1).unwrap_or(0);
        format!("{sign}0.{}{digits}", "0".repeat(zeros))
    } else if digits.len() > before_point {
        let (whole, fraction) = digits.split_at(before_point);
        format!("{sign}{whole}.{fraction}")
    } else {
        format!("{sign}{digits:0<before_point$}.0")
    }
}

/// Writes the shortest digits that read back, `d.ddde±x`. Of two equally near, the even one.
///
/// Rust's own shortest form takes the upper of two, so the digits are rounded anew to its length.
/// At a power of two, where doubles lie unevenly, the rounded digits may read back as another.
fn shortest(value: f64) -> String {
    let upper = format!("{value:e}");
    let digits = upper.bytes().take_while(|&byte| byte != b'e');
    let n_digits = digits.filter(u8::is_ascii_digit).count();
    let even = format!("{value:.*e}", n_digits.saturating_sub(1));
    match even.parse() == Ok(value) {
        true => even,
        false => upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn summaries_are_ascii_and_spaced() {
        let value = Json::object([
            ("ü", Json::from("\u{1f600}\u{7f}")),
            ("a", Json::Array(vec![1.into(), true.into()])),
        ]);
        let expected = r#"{"a": [1, true], "\u00fc": "\ud83d\ude00\u007f"}"#;
        assert_eq!(summary_json(&value), expected);
    }

    #[test]
    fn exponents_change_form_where_python_does() {
        let cases = [
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1.234_567_890_123_456_8e17, "1.2345678901234568e+17"),
            (0.000_123_45, "0.00012345"),
            (0.000_099_9, "9.99e-05"),
            (5e-324, "5e-324"),
            (f64::MAX, "1.7976931348623157e+308"),
            (-120.5, "-120.5"),
            (100.0, "100.0"),
            (740_650_277_645_349.0 / 8.0, "92581284705668.62"),
            (2f64.powi(-44), "5.684341886080802e-14"),
        ];
        for (value, text) in cases {
            assert_eq!(float_repr(value), text);
        }
    }
}
