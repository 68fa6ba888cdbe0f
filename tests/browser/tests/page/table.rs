//! Sorting and filtering give the right rows.

use geno_browser_tests::{Browser, ScoredPage};
use serde_json::{Value, json};

const N: u32 = 100_000;

fn open() -> (ScoredPage, Browser) {
    let page = ScoredPage::of(N);
    let browser = Browser::open();
    browser.go(page.path());
    (page, browser)
}

/// The cells of the first rows in one column, by its name.
fn first(browser: &Browser, column: &str) -> Vec<String> {
    let cells = browser.eval(&format!(
        "const headings = [...document.querySelectorAll('#grid [role=columnheader]')];
         const i = headings.findIndex((cell) => cell.textContent === '{column}');
         const rows = [...document.querySelectorAll('#grid .body [role=row]')];
         rows.sort((a, b) => a.ariaRowIndex - b.ariaRowIndex);
         return rows.slice(0, 3).map((row) => row.children[i].textContent);"
    ));
    let cells = cells.as_array().unwrap();
    cells
        .iter()
        .map(|cell| cell.as_str().unwrap().to_owned())
        .collect()
}

fn click(browser: &Browser, column: &str) {
    browser.eval(&format!(
        "[...document.querySelectorAll('#grid [role=columnheader]')]
             .find((cell) => cell.textContent === '{column}').click()"
    ));
}

fn set(browser: &Browser, id: &str, value: &str) {
    browser.eval(&format!(
        "const input = document.getElementById('{id}'); input.value = {};
         input.dispatchEvent(new Event('input', {{ bubbles: true }}))",
        json!(value)
    ));
}

fn count(browser: &Browser, n: &str) {
    browser.wait_for(&format!(
        "document.getElementById('count').textContent.startsWith('{n} of 100,000 rows')"
    ));
}

fn sorts(browser: &Browser) -> Value {
    browser.eval(
        "return [...document.querySelectorAll('#grid [role=columnheader]')]
             .filter((cell) => cell.ariaSort !== 'none').map((cell) => [cell.textContent, cell.ariaSort])",
    )
}

#[test]
fn any_column_sorts_both_ways() {
    let (_page, browser) = open();
    assert_eq!(
        first(&browser, "percentile"),
        ["0.99999", "0.99998", "0.99997"]
    );
    assert_eq!(sorts(&browser), json!([["percentile", "descending"]]));
    click(&browser, "percentile");
    assert_eq!(first(&browser, "percentile"), ["0", "0.00001", "0.00002"]);
    click(&browser, "position");
    assert_eq!(
        first(&browser, "position"),
        ["1000000", "1000037", "1000074"]
    );
    click(&browser, "contig");
    assert_eq!(first(&browser, "contig"), ["chr1"; 3]);
    // Equal ones stay in the order of the file: every fifth row is of this contig.
    assert_eq!(
        first(&browser, "position"),
        ["1000000", "1000185", "1000370"]
    );
    click(&browser, "contig");
    assert_eq!(first(&browser, "contig"), ["chrX"; 3]);
    assert_eq!(sorts(&browser), json!([["contig", "descending"]]));
}

#[test]
fn contigs_are_in_their_natural_order() {
    let (_page, browser) = open();
    set(&browser, "range-from", "0.9999");
    count(&browser, "10");
    click(&browser, "contig");
    let order = browser.eval(
        "return [...document.querySelectorAll('#grid .body [role=row]')].map((row) => row.children[0].textContent)",
    );
    let expected = [
        "chr1", "chr1", "chr2", "chr2", "chr10", "chr10", "chr20", "chr20", "chrX", "chrX",
    ];
    assert_eq!(order, json!(expected));
}

#[test]
fn filters_find_what_they_say() {
    let (_page, browser) = open();
    set(&browser, "find", "chr2:1000000-1000400");
    // Rows 1 and 6: positions 1000037 and 1000222; row 11 lies beyond.
    count(&browser, "2");
    assert_eq!(first(&browser, "position"), ["1000222", "1000037"]);
    set(&browser, "find", "2:1,000,222");
    count(&browser, "1");
    set(&browser, "find", "C>T missense");
    count(&browser, "33,333");
    set(&browser, "find", "C>A");
    count(&browser, "0");
    set(&browser, "find", "");
    count(&browser, "100,000");
    set(&browser, "range-from", "0.25");
    set(&browser, "range-to", "0.5");
    count(&browser, "25,001");
    assert_eq!(first(&browser, "percentile")[0], "0.5");
    browser.eval("document.querySelector('#filters button').click()");
    count(&browser, "100,000");
    let label = browser.text(
        "const select = document.getElementById('choice-label');
         const option = [...select.options].find((option) => option.text === 'pathogenic');
         return option.value",
    );
    set(&browser, "choice-label", &label);
    count(&browser, "50,000");
    assert_eq!(first(&browser, "label"), ["pathogenic"; 3]);
}

#[test]
fn a_long_way_down_the_rows_are_those_of_that_place() {
    let (_page, browser) = open();
    browser.eval("document.getElementById('grid').scrollTop = 30 * 50000");
    browser.wait_for("document.querySelector('#grid [aria-rowindex=\"50002\"]')");
    let row = browser.text(
        "return document.querySelector('#grid [aria-rowindex=\"50002\"]').children[4].textContent",
    );
    // The 50,001st from above.
    assert_eq!(row, "0.49999");
}
