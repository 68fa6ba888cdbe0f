//! Numbers as sentences of a report show them.

/// Six significant digits, as C's `%.6g`: readers of reports look for a value in that form.
pub(crate) fn six_digits(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return format!("{value}");
    }
    let scientific = format!("{value:.5e}");
    let (digits, exponent) = scientific.split_once('e').expect("an exponent is written");
    let exponent: i32 = exponent.parse().expect("a whole number");
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    match exponent {
        -4..6 => trim(&format!("{value:.*}", (5 - exponent) as usize)),
        _ => {
            let sign = if exponent < 0 { '-' } else { '+' };
            format!("{}e{sign}{:02}", trim(digits), exponent.unsigned_abs())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // Printed by C's `printf("%.6g")`.
    #[test]
    fn numbers_look_as_in_c() {
        for (value, text) in [
            (0.0, "0"),
            (1.0, "1"),
            (0.989_347_9, "0.989348"),
            (-0.164_842_49, "-0.164842"),
            (0.000_123_456_78, "0.000123457"),
            (0.000_012_345_678, "1.23457e-05"),
            (999_999.4, "999999"),
            (999_999.6, "1e+06"),
            (123_456.5, "123456"),
            (1e-10, "1e-10"),
        ] {
            assert_eq!(six_digits(value), text);
        }
    }
}
