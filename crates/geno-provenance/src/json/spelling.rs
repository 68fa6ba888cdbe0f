//! Whether a double is spelled as it is written here.

use super::float_repr;

/// Where [`float_repr`] writes plain notation, as other writers do, with a margin.
const PLAIN: std::ops::Range<f64> = 1e-4..1e15;

/// A text of so many bytes, one of them the point, has at most 15 digits.
const MAX_SURE_LEN: usize = 16;

/// Whether a text is what [`float_repr`] writes for the finite double it reads as.
pub(crate) fn is_float_repr(text: &str) -> bool {
    let Some(value) = text.parse().ok().filter(|value: &f64| value.is_finite()) else {
        return false;
    };
    is_surely_float_repr(text, value) || float_repr(value) == text
}

/// Whether a text is the shortest that reads as `value`, and the only one [`float_repr`] may take.
///
/// There is one text of the shortest length that is nearest to the value, unless the value lies in
/// the middle of two. Two that read as one double have more than 15 digits. Those in the middle of
/// two with 16 or 17 digits have 17 or 18 themselves, the last one a 5, which below `PLAIN.end`
/// no double has that is no multiple of 2⁻²⁵: each bit behind the point is a further digit, and
/// 5²⁶ > 10¹⁸. Powers of two, around which doubles lie unevenly, are among those multiples.
fn is_surely_float_repr(text: &str, value: f64) -> bool {
    const PER_UNIT: f64 = (1 << 25) as f64;
    let has_no_tie = text.len() <= MAX_SURE_LEN || (value * PER_UNIT).fract() != 0.0;
    let is_plain = PLAIN.contains(&value.abs());
    is_plain && has_no_tie && zmij::Buffer::new().format_finite(value) == text
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Doubles of every size, and those that lie between two texts or beside a power of two.
    fn any_double() -> impl Strategy<Value = f64> {
        let tie = (any::<u64>(), 0u32..54, 0i32..60)
            .prop_map(|(bits, drop, scale)| (bits >> 11 >> drop) as f64 * 2f64.powi(-scale));
        let beside_power = (-20i32..60, -2i64..3).prop_map(|(power, by)| {
            f64::from_bits((2f64.powi(power).to_bits() as i64 + by) as u64)
        });
        let short =
            (0u64..10_000_000, 0i32..12).prop_map(|(digits, e)| digits as f64 / 10f64.powi(e));
        let unit = any::<u64>().prop_map(|bits| (bits >> 11) as f64 / (1u64 << 53) as f64);
        let any = any::<f64>().prop_filter("finite", |value| value.is_finite());
        prop_oneof![tie, beside_power, short, unit, -1e4..1e4, any]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        #[test]
        fn only_the_written_text_is_the_spelling(value in any_double(), n_digits in 12usize..19) {
            let written = float_repr(value);
            let others = [
                format!("{value}"),
                format!("{value:?}"),
                format!("{value:.n_digits$}"),
                format!("{value:e}"),
                zmij::Buffer::new().format_finite(value).to_owned(),
            ];
            prop_assert!(is_float_repr(&written), "{}", written);
            for text in others {
                let read = text.parse::<f64>().unwrap();
                prop_assert_eq!(is_float_repr(&text), float_repr(read) == text, "{}", text);
            }
        }
    }

    #[test]
    fn between_two_texts_the_even_one_is_the_spelling() {
        assert!(is_float_repr("92581284705668.62"));
        assert!(!is_float_repr("92581284705668.63"));
        assert!(is_float_repr("1.0") && !is_float_repr("1.00") && !is_float_repr("1"));
        assert!(is_float_repr("1e-05") && !is_float_repr("0.00001"));
        assert!(!is_float_repr("inf") && !is_float_repr("nan") && !is_float_repr("1e999"));
    }
}
