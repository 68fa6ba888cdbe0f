//! Texts of files stay texts.

use geno_browser_tests::{Browser, HOSTILE, ScoredPage};
use serde_json::json;

#[test]
fn a_hostile_text_is_shown_and_does_not_run() {
    let page = ScoredPage::hostile();
    let browser = Browser::open();
    browser.go(page.path());
    assert_eq!(browser.eval("return window.hacked ?? null"), json!(null));
    assert_eq!(browser.text("return document.title"), HOSTILE);
    assert_eq!(
        browser.text("return document.querySelector('#grid [role=gridcell]').textContent"),
        HOSTILE
    );
    let n = browser.eval("return [document.scripts.length, document.images.length]");
    // The data and the script of the page.
    assert_eq!(n, json!([2, 0]));
    assert_eq!(browser.console(), Vec::<String>::new());
}
