//! A page opens by itself, without a word and without a request.

use geno_browser_tests::{Browser, ScoredPage};
use serde_json::json;

#[test]
#[expect(clippy::print_stdout, reason = "how long it took is worth a line")]
fn a_hundred_thousand_rows_open_without_a_word_or_a_request() {
    let page = ScoredPage::of(100_000);
    let browser = Browser::open();
    browser.go(page.path());
    let ready = browser.text("return document.documentElement.dataset.ready");
    println!("100,000 rows could be used {ready} ms after the page was asked for");

    assert_eq!(
        browser.text("return document.getElementById('count').textContent"),
        "100,000 of 100,000 rows"
    );
    let n_elements = browser.eval("return document.querySelectorAll('#grid .body > *').length");
    assert!(
        n_elements.as_u64().unwrap() < 100,
        "{n_elements} rows are elements"
    );
    assert_eq!(browser.console(), Vec::<String>::new());
    let own = format!("file://{}", page.path().display());
    let mut requests = browser.requests(page.path());
    requests.retain(|url| !url.starts_with("data:"));
    assert_eq!(requests, [own]);
}

#[test]
fn the_page_may_not_ask_for_anything() {
    let page = ScoredPage::of(10);
    let browser = Browser::open();
    browser.go(page.path());
    let outcome = browser.eval(
        "return fetch('http://127.0.0.1:9/').then(() => 'sent', (error) => error.message)
             .then((text) => [text, document.querySelectorAll('script[src],link[rel=stylesheet]').length])",
    );
    assert_eq!(outcome[1], json!(0));
    let console = browser.console().join("\n");
    assert!(
        console.contains("Content Security Policy"),
        "{outcome} {console}"
    );
}
