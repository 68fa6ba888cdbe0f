//! Whether everybody can tell the text of a page from what is behind it.

use std::collections::HashMap;

use geno_plot::PLOT_STYLE;

use super::STYLE;

/// The colours of a style by name, of its first block (light) and of the one for dark pages.
fn themes(style: &str, selector: &str) -> [HashMap<String, String>; 2] {
    let block = |from: &str| {
        let (_, rest) = style.split_once(from).expect("the style has the block");
        let (block, _) = rest.split_once('}').expect("a block ends");
        let colours = block.split(';').filter_map(|line| line.split_once(':'));
        colours
            .filter(|(name, _)| name.starts_with("--"))
            .map(|(name, colour)| (name.to_owned(), colour.to_owned()))
            .collect::<HashMap<_, _>>()
    };
    let dark = format!("@media(prefers-color-scheme:dark){{{selector}{{");
    [block(&format!("{selector}{{")), block(&dark)]
}

/// Relative luminance (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let digits = colour.strip_prefix('#').expect("colours have six digits");
    assert_eq!(digits.len(), 6, "{colour}");
    let part = |i: usize| {
        let part = u8::from_str_radix(&digits[2 * i..2 * i + 2], 16).expect("hexadecimal");
        let part = f64::from(part) / 255.0;
        match part <= 0.040_45 {
            true => part / 12.92,
            false => ((part + 0.055) / 1.055).powf(2.4),
        }
    };
    0.212_6 * part(0) + 0.715_2 * part(1) + 0.072_2 * part(2)
}

/// Contrast ratio (WCAG 2.2), from 1 to 21.
fn contrast(a: &str, b: &str) -> f64 {
    let (a, b) = (luminance(a), luminance(b));
    (a.max(b) + 0.05) / (a.min(b) + 0.05)
}

#[test]
fn the_ratio_is_that_of_the_standard() {
    assert!((contrast("#ffffff", "#000000") - 21.0).abs() < 1e-9);
    // A grey that is known to be just enough on white.
    assert!((contrast("#767676", "#ffffff") - 4.54).abs() < 0.005);
}

#[test]
fn every_text_of_the_page_can_be_read_in_both_themes() {
    for theme in themes(STYLE, ":root") {
        let colour = |name: &str| theme[&format!("--{name}")].as_str();
        for text in [
            "text", "quiet", "link", "holds", "fails", "positive", "negative",
        ] {
            for behind in ["paper", "panel", "stripe"] {
                let ratio = contrast(colour(text), colour(behind));
                assert!(ratio >= 4.5, "{text} on {behind}: {ratio:.2}");
            }
        }
        assert!(contrast(colour("text"), colour("bar")) >= 4.5);
        assert!(contrast(colour("focus"), colour("paper")) >= 3.0);
    }
}

#[test]
fn every_text_and_line_of_a_plot_can_be_seen_in_both_themes() {
    let [light, dark] = themes(PLOT_STYLE, ".plot");
    for (theme, i) in [(&light, 1), (&dark, 2)] {
        let page = theme["--page"].as_str();
        for text in ["--ink", "--muted"] {
            assert!(contrast(&theme[text], page) >= 4.5, "{text}");
        }
        assert!(contrast(&theme["--axis"], page) >= 3.0);
        // Lines are drawn in the first colours; of the first there is another one for dark pages.
        for class in ["c0", "c1", "c2", "c3"] {
            let rule = format!(".plot .{class}{{color:");
            let colours: Vec<&str> = PLOT_STYLE.split(&rule).collect();
            let colour = colours
                .get(i)
                .or(colours.get(1))
                .expect("the class has a colour");
            let ratio = contrast(&colour[..7], page);
            assert!(ratio >= 3.0, "{class}: {ratio:.2}");
        }
    }
}
