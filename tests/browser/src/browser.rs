//! Chromium without a window, driven over WebDriver.

use std::{
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
    thread,
};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    http::send,
    picture::{MEASURE, Picture},
};

/// Nothing of the machine it runs on shows, and nothing goes out by itself.
const SWITCHES: &[&str] = &[
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--force-device-scale-factor=1",
];

/// A browser with a new, empty profile. It ends with the value.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
    _profile: TempDir,
}

/// What a page is told that its reader prefers.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Theme {
    /// Dark on light.
    Light,
    /// Light on dark.
    Dark,
}

/// A key that is no letter.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Key {
    /// To the next thing that takes input.
    Tab,
    /// Enter.
    Enter,
    /// The arrow to the right.
    Right,
    /// The arrow down.
    Down,
    /// A screen down.
    PageDown,
    /// To the beginning of a row.
    Home,
    /// To the end of a row.
    End,
    /// To the end of a table.
    ControlEnd,
}

impl Browser {
    /// Starts one.
    ///
    /// # Panics
    ///
    /// If there is none: whoever runs these tests has the packages `chromium` and `chromium-driver`.
    pub fn open() -> Self {
        let driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let mut driver = driver.expect(
            "no `chromedriver`: these tests need the packages `chromium` and `chromium-driver`",
        );
        let mut lines = BufReader::new(driver.stdout.take().expect("output is piped")).lines();
        let port = lines
            .by_ref()
            .map_while(Result::ok)
            .find_map(|line| {
                let (_, port) = line.split_once("started successfully on port ")?;
                port.trim_end_matches('.').parse().ok()
            })
            .expect("the driver says where it listens");
        // A pipe that nobody reads would stop it.
        thread::spawn(move || lines.map_while(Result::ok).for_each(drop));

        let profile = tempfile::tempdir().expect("a folder can be made");
        let profile_switch = format!("--user-data-dir={}", profile.path().display());
        let switches: Vec<&str> = SWITCHES
            .iter()
            .copied()
            .chain([profile_switch.as_str()])
            .collect();
        let wanted = json!({"capabilities": {"alwaysMatch": {
            "goog:chromeOptions": {"args": switches},
            "goog:loggingPrefs": {"browser": "ALL", "performance": "ALL"},
        }}});
        let answer = send(port, "POST", "/session", &wanted.to_string());
        let session = answer["value"]["sessionId"].as_str();
        let session = session
            .unwrap_or_else(|| panic!("no browser: {answer}"))
            .to_owned();
        Self {
            driver,
            port,
            session,
            _profile: profile,
        }
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let path = format!("/session/{}{path}", self.session);
        let mut answer = send(self.port, "POST", &path, &body.to_string());
        let error = &answer["value"]["error"];
        assert!(error.is_null(), "{path}: {answer}");
        answer["value"].take()
    }

    /// Opens a file.
    pub fn go(&self, page: &Path) {
        self.post("/url", &json!({"url": address(page)}));
    }

    /// What the body of a function returns in the page.
    pub fn eval(&self, body: &str) -> Value {
        self.post("/execute/sync", &json!({"script": body, "args": []}))
    }

    /// What the body of a function returns in the page, a text.
    pub fn text(&self, body: &str) -> String {
        let value = self.eval(body);
        let text = value.as_str();
        text.unwrap_or_else(|| panic!("`{body}` gives {value}"))
            .to_owned()
    }

    /// Waits until a condition holds in the page.
    ///
    /// # Panics
    ///
    /// If it does not within ten seconds.
    pub fn wait_for(&self, condition: &str) {
        let script = format!(
            "const from = Date.now(); const look = () => {{ \
             if ({condition}) done(true); else if (Date.now() - from > 10000) done(false); \
             else setTimeout(look, 20); }}; look();"
        );
        assert_eq!(self.run(&script), json!(true), "never: {condition}");
    }

    /// What a script gives to `done`.
    pub(crate) fn run(&self, script: &str) -> Value {
        let script = format!("const done = arguments[0]; {script}");
        self.post("/execute/async", &json!({"script": script, "args": []}))
    }

    /// Presses keys, one after the other.
    pub fn press(&self, keys: &[Key]) {
        let mut actions = Vec::new();
        for key in keys {
            let (is_control, code) = match key {
                Key::Tab => (false, "\u{e004}"),
                Key::Enter => (false, "\u{e007}"),
                Key::Right => (false, "\u{e014}"),
                Key::Down => (false, "\u{e015}"),
                Key::PageDown => (false, "\u{e00f}"),
                Key::Home => (false, "\u{e011}"),
                Key::End => (false, "\u{e010}"),
                Key::ControlEnd => (true, "\u{e010}"),
            };
            let mut press = vec![("keyDown", code), ("keyUp", code)];
            if is_control {
                press.insert(0, ("keyDown", "\u{e009}"));
                press.push(("keyUp", "\u{e009}"));
            }
            actions.extend(
                press
                    .iter()
                    .map(|(kind, value)| json!({"type": kind, "value": value})),
            );
        }
        let keyboard = json!({"type": "key", "id": "keyboard", "actions": actions});
        self.post("/actions", &json!({"actions": [keyboard]}));
    }

    /// Sets the size of the page and what its reader prefers.
    pub fn look(&self, theme: Theme, [width, height]: [u64; 2]) {
        let value = match theme {
            Theme::Light => "light",
            Theme::Dark => "dark",
        };
        let feature = json!({"name": "prefers-color-scheme", "value": value});
        self.command(
            "Emulation.setEmulatedMedia",
            &json!({"features": [feature]}),
        );
        let size =
            json!({"width": width, "height": height, "deviceScaleFactor": 1, "mobile": false});
        self.command("Emulation.setDeviceMetricsOverride", &size);
    }

    /// What is seen of the page.
    pub fn screenshot(&self) -> Picture {
        let png = self.captured();
        Picture::of(&self.run(&format!("const png = '{png}'; {MEASURE}")))
    }

    /// A screenshot: PNG, in base64.
    pub(crate) fn captured(&self) -> String {
        data(&self.command("Page.captureScreenshot", &json!({"format": "png"}))).to_owned()
    }

    /// The page as it is printed: PDF, in base64.
    pub fn print(&self) -> String {
        data(&self.command("Page.printToPDF", &json!({"printBackground": true}))).to_owned()
    }

    /// A command of the DevTools protocol.
    pub fn command(&self, name: &str, params: &Value) -> Value {
        self.post("/goog/cdp/execute", &json!({"cmd": name, "params": params}))
    }

    /// What the console says.
    pub fn console(&self) -> Vec<String> {
        let entries = self.post("/se/log", &json!({"type": "browser"}));
        let entries = entries.as_array().into_iter().flatten();
        entries.map(|entry| entry["message"].to_string()).collect()
    }

    /// Every address that a page asked for, its own with them.
    pub fn requests(&self, page: &Path) -> Vec<String> {
        let own = address(page);
        let entries = self.post("/se/log", &json!({"type": "performance"}));
        let entries = entries.as_array().into_iter().flatten();
        let requests = entries.filter_map(|entry| {
            let entry: Value = serde_json::from_str(entry["message"].as_str()?).ok()?;
            let message = &entry["message"];
            let is_request = message["method"] == "Network.requestWillBeSent";
            // The browser's own start page asks for a lot.
            let is_of_page = message["params"]["documentURL"] == own;
            let url = message["params"]["request"]["url"].as_str()?;
            (is_request && is_of_page).then(|| url.to_owned())
        });
        requests.collect()
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let path = format!("/session/{}", self.session);
        send(self.port, "DELETE", &path, "");
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

fn address(page: &Path) -> String {
    format!("file://{}", page.display())
}

fn data(answer: &Value) -> &str {
    answer["data"].as_str().expect("there is data")
}
