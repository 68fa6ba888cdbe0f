//! What the page looks like, by day and by night, on a desk and in a hand, and on paper.

use geno_browser_tests::{Browser, ScoredPage, Theme};
use serde_json::json;

#[test]
fn nothing_is_blank_and_nothing_hangs_over_the_edge() {
    let page = ScoredPage::of(2_000);
    let browser = Browser::open();
    browser.go(page.path());
    for theme in [Theme::Light, Theme::Dark] {
        for size in [[1_280, 900], [390, 844]] {
            browser.look(theme, size);
            for section in ["locus", "distributions", "scores", "provenance"] {
                browser.eval(&format!(
                    "document.documentElement.style.scrollBehavior = 'auto';
                     document.getElementById('{section}').scrollIntoView()"
                ));
                let picture = browser.screenshot();
                let (n_colours, contrast) = (picture.n_colours, picture.contrast);
                let at = format!("{section}, {theme:?}, {size:?}");
                assert_eq!(picture.size, size, "{at}");
                assert!(
                    n_colours > 12 && contrast > 4.0,
                    "{at}: {n_colours} colours, {contrast:.1}"
                );
                match theme {
                    Theme::Light => assert!(picture.mean > 180.0, "{at} is dark"),
                    Theme::Dark => assert!(picture.mean < 90.0, "{at} is light"),
                }
            }
            let widths = browser.eval(
                "const root = document.documentElement; return [root.scrollWidth, root.clientWidth]",
            );
            assert!(
                widths[0].as_u64() <= widths[1].as_u64(),
                "{theme:?}, {size:?}: {widths}"
            );
        }
    }
}

#[test]
fn another_region_can_be_chosen() {
    let page = ScoredPage::of(60_000);
    let browser = Browser::open();
    browser.go(page.path());
    let shown = "return [...document.querySelectorAll('.locus')].filter((locus) => !locus.hidden).map((locus) => locus.id)";
    let n = browser
        .eval("return document.querySelectorAll('.locus').length")
        .as_u64()
        .unwrap();
    assert!(n > 1);
    browser.eval(
        "const choice = document.getElementById('locus-choice');
         choice.value = '1'; choice.dispatchEvent(new Event('change', { bubbles: true }))",
    );
    assert_eq!(browser.eval(shown), json!(["locus-1"]));
}

#[test]
fn it_prints_with_its_highest_rows() {
    let page = ScoredPage::of(2_000);
    let browser = Browser::open();
    browser.go(page.path());
    let pdf = browser.print();
    // `%PDF-` in base64.
    assert!(pdf.starts_with("JVBERi0"));
    assert!(pdf.len() > 20_000, "{} letters", pdf.len());

    browser.command("Emulation.setEmulatedMedia", &json!({"media": "print"}));
    let seen = browser.eval(
        "const seen = (selector) => document.querySelector(selector).checkVisibility();
         return [seen('.printed'), seen('#grid'), seen('#filters'), document.querySelectorAll('.printed tbody tr').length]",
    );
    assert_eq!(seen, json!([true, false, false, 50]));
}
