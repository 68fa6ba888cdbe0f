//! Everything can be done without a mouse, and is said to those who do not see it.

use geno_browser_tests::{Browser, Key, ScoredPage};
use serde_json::{Value, json};

fn open() -> (ScoredPage, Browser) {
    let page = ScoredPage::of(1_000);
    let browser = Browser::open();
    browser.go(page.path());
    (page, browser)
}

/// What has the focus: its row and column if it is a cell.
fn focus(browser: &Browser) -> Value {
    browser.eval(
        "const at = document.activeElement; const row = at.closest('[role=row]');
         return row ? [Number(row.ariaRowIndex), Number(at.ariaColIndex)] : (at.id || at.tagName)",
    )
}

#[test]
fn tab_reaches_every_control_and_the_table_once() {
    let (_page, browser) = open();
    let wanted = browser.eval(
        "return [...document.querySelectorAll('a[href],input,select,button,summary')]
             .filter((element) => element.checkVisibility()).length",
    );
    let mut reached = Vec::new();
    for _ in 0..80 {
        browser.press(&[Key::Tab]);
        let at = browser.eval(
            "const at = document.activeElement; if (at === document.body) return null;
             window.seen ??= []; if (window.seen.includes(at)) return 'again'; window.seen.push(at);
             return at.closest('#grid') ? 'cell' : at.matches('a,input,select,button,summary') ? 'control' : 'other'",
        );
        if at.is_null() || at == "again" {
            break;
        }
        reached.push(at);
    }
    let n = |what: &str| reached.iter().filter(|at| *at == what).count() as u64;
    assert_eq!(n("control"), wanted.as_u64().unwrap(), "{reached:?}");
    assert_eq!(n("cell"), 1, "{reached:?}");
}

#[test]
fn keys_move_through_the_table_and_sort_it() {
    let (_page, browser) = open();
    browser.eval("document.querySelector('#grid [tabindex=\"0\"]').focus()");
    let start = focus(&browser);
    assert_eq!(start[0], 1, "the heading comes first: {start}");
    browser.press(&[Key::Home, Key::Down, Key::Down, Key::Right]);
    assert_eq!(focus(&browser), json!([3, 2]));
    browser.press(&[Key::PageDown]);
    let after_page = focus(&browser)[0].as_u64().unwrap();
    assert!((10..60).contains(&after_page), "{after_page}");
    browser.press(&[Key::ControlEnd]);
    assert_eq!(focus(&browser)[0], 1_001);
    browser.press(&[Key::Home]);
    assert_eq!(focus(&browser), json!([1_001, 1]));
    browser.press(&[Key::End]);
    let last = browser.eval("return Number(document.getElementById('grid').ariaColCount)");
    assert_eq!(focus(&browser), json!([1_001, last]));

    browser.eval("document.querySelector('#grid [role=columnheader]').click()");
    assert_eq!(focus(&browser), json!([1, 1]));
    browser.press(&[Key::Right, Key::Enter]);
    let said = browser.text("return document.getElementById('count').textContent");
    assert_eq!(said, "1,000 of 1,000 rows, sorted by position, ascending");
    assert_eq!(focus(&browser), json!([1, 2]));
    browser.press(&[Key::Enter]);
    let said = browser.text("return document.getElementById('count').textContent");
    assert_eq!(said, "1,000 of 1,000 rows, sorted by position, descending");
}

#[test]
fn whatever_takes_the_focus_has_a_name_and_every_picture_has_one() {
    let (_page, browser) = open();
    let tree = browser.command("Accessibility.getFullAXTree", &json!({}));
    let nodes = tree["nodes"].as_array().unwrap();
    let mut n_focusable = 0;
    for node in nodes.iter().filter(|node| node["ignored"] == json!(false)) {
        let role = node["role"]["value"].as_str().unwrap_or_default();
        let properties = node["properties"].as_array().into_iter().flatten();
        let is_focusable = properties
            .into_iter()
            .any(|one| one["name"] == "focusable" && one["value"]["value"] == json!(true));
        let has_name = node["name"]["value"]
            .as_str()
            .is_some_and(|name| !name.trim().is_empty());
        // A cell may be empty, and the table's own section takes the focus of the skip link alone.
        let is_exempt = ["gridcell", "RootWebArea", "generic"].contains(&role);
        if is_focusable && !is_exempt || role == "image" {
            n_focusable += 1;
            assert!(has_name, "no name: {node}");
        }
    }
    assert!(n_focusable > 20, "{n_focusable}");
    let grid = nodes
        .iter()
        .find(|node| node["role"]["value"] == "grid")
        .unwrap();
    assert_eq!(grid["name"]["value"], "Scores");
}
