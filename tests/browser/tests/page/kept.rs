//! Screenshots beside those that are kept in `screenshots/`.
//!
//! Compared is how bright cells of 25 by 25 pixels are, so that letters may be drawn otherwise on another machine. Where
//! a picture differs, the new one is in `tmp/screenshots` of the target folder. With
//! `GENO_LEWM_SCREENSHOTS=overwrite` the new pictures are kept instead.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use geno_browser_tests::{Browser, ScoredPage, Theme};

/// How far a picture may be from the one that is kept. Letters of another family bring it to 0.8, letters that are all of
/// one width to 3.1, and a plot without its data to 4.2 and more.
const BOUND: f64 = 3.2;

const WIDTH: u64 = 1_000;

fn page() -> ScoredPage {
    ScoredPage::scattered(8_000)
}

/// A part of the page.
struct View {
    name: &'static str,
    selector: &'static str,
    /// Of the picture, so that it holds one row of plots.
    height: u64,
    theme: Theme,
}

const LOCUS: &str = "#locus .locus:not([hidden]) figure";

const VIEWS: [View; 3] = [
    View {
        name: "locus-light",
        selector: LOCUS,
        height: 350,
        theme: Theme::Light,
    },
    View {
        name: "locus-dark",
        selector: LOCUS,
        height: 350,
        theme: Theme::Dark,
    },
    View {
        name: "distributions-light",
        selector: "#distributions",
        height: 475,
        theme: Theme::Light,
    },
];

/// A screenshot of a view, with a style of its own.
fn taken(browser: &Browser, page: &ScoredPage, view: &View, theme: Theme, style: &str) -> Vec<u8> {
    browser.go(page.path());
    browser.look(theme, [WIDTH, view.height]);
    browser.wait_for("document.documentElement.dataset.ready");
    browser.eval(&format!(
        "const style = document.createElement('style');
         style.textContent = `html {{ scroll-behavior: auto }} {style}`;
         document.head.append(style);
         document.querySelector('{}').scrollIntoView()",
        view.selector
    ));
    browser.png()
}

fn kept(view: &View) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("screenshots");
    folder.join(format!("{}.png", view.name))
}

#[test]
fn the_page_looks_as_it_did() {
    let (page, browser) = (page(), Browser::open());
    let overwrites = env::var("GENO_LEWM_SCREENSHOTS").is_ok_and(|how| how == "overwrite");
    let mut faults = Vec::new();
    for view in &VIEWS {
        let png = taken(&browser, &page, view, view.theme, "");
        if overwrites {
            fs::write(kept(view), png).unwrap();
            continue;
        }
        let before = fs::read(kept(view)).unwrap();
        let distance = browser.light(&before).distance(&browser.light(&png));
        if distance.is_none_or(|distance| distance > BOUND) {
            let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
            fs::create_dir_all(&folder).unwrap();
            let new = folder.join(format!("{}.png", view.name));
            fs::write(&new, png).unwrap();
            faults.push(format!(
                "{}: {distance:?}, see {}",
                view.name,
                new.display()
            ));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

#[test]
fn a_fault_of_the_page_is_beyond_the_bound_and_another_font_is_not() {
    let (page, browser) = (page(), Browser::open());
    for view in &VIEWS {
        let other = match view.theme {
            Theme::Light => Theme::Dark,
            Theme::Dark => Theme::Light,
        };
        let before = taken(&browser, &page, view, view.theme, "");
        let before = browser.light(&before);
        for (what, style, theme, is_fault) in [
            ("nothing", "", view.theme, false),
            (
                "other letters",
                "* { font-family: serif !important }",
                view.theme,
                false,
            ),
            (
                "wide letters",
                "* { font-family: monospace !important }",
                view.theme,
                false,
            ),
            (
                "a missing plot",
                "figure svg { visibility: hidden }",
                view.theme,
                true,
            ),
            (
                "a plot without its data",
                "svg .dots, svg .bar { visibility: hidden }",
                view.theme,
                true,
            ),
            (
                "a layout that moved",
                "figure { padding-top: 60px }",
                view.theme,
                true,
            ),
            ("the other theme", "", other, true),
        ] {
            let after = taken(&browser, &page, view, theme, style);
            let distance = before.distance(&browser.light(&after)).unwrap();
            let at = format!("{}, {what}: {distance:.2}", view.name);
            assert_eq!(distance > BOUND, is_fault, "{at}");
        }
    }
}
