//! What goes wrong, by script.

use std::str::FromStr;

/// Something that goes wrong for some requests.
///
/// Written `[METHOD] PATH KIND [xCOUNT] [+SKIP]`: the requests whose path and query hold `PATH`, after
/// `SKIP` of them, `COUNT` times (once).
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct Fault {
    pub(crate) method: Option<String>,
    pub(crate) path: String,
    pub(crate) skip: usize,
    pub(crate) count: usize,
    pub(crate) kind: FaultKind,
}

/// What goes wrong.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum FaultKind {
    /// `drop-up=N`: the connection is closed after `N` bytes of the request's body; nothing is done.
    DropUp(u64),
    /// `lose`: what is asked for is done, and the connection closed without a word.
    Lose,
    /// `drop-down=N`: the connection is closed after `N` bytes of the answer's body.
    DropDown(u64),
    /// `flip`: the first byte of the answer's body is another.
    Flip,
    /// `length=N`: another length is announced than the body has.
    Length(u64),
    /// `cut=N`: the answer is its first `N` bytes, and says so.
    Cut(u64),
    /// `redirect`: the answer is elsewhere, on another name of this machine.
    Redirect,
    /// `status=CODE` or `status=CODE:RETRY-AFTER` with `_` for spaces: nothing is done.
    Status(u16, Option<String>),
    /// `hide=NAME`: a listing lacks a file.
    Hide(String),
    /// `extra=NAME`: a listing has one file more.
    Extra(String),
}

/// A text that is no [`Fault`].
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("`{text}` is no fault: expected `[METHOD] PATH KIND [xCOUNT] [+SKIP]`")]
pub(crate) struct ParseFaultError {
    text: String,
}

impl FromStr for Fault {
    type Err = ParseFaultError;

    fn from_str(text: &str) -> Result<Self, ParseFaultError> {
        parse(text).ok_or_else(|| ParseFaultError {
            text: text.to_owned(),
        })
    }
}

fn parse(text: &str) -> Option<Fault> {
    let mut words: Vec<&str> = text.split_whitespace().collect();
    let (mut skip, mut count) = (0, 1);
    while let Some(last) = words.last() {
        match (last.strip_prefix('+'), last.strip_prefix('x')) {
            (Some(number), _) => skip = number.parse().ok()?,
            (_, Some(number)) => count = number.parse().ok()?,
            _ => break,
        }
        words.pop();
    }
    let (method, path, kind) = match words[..] {
        [path, kind] => (None, path, kind),
        [method, path, kind] => (Some(method.to_uppercase()), path, kind),
        _ => return None,
    };
    let (name, value) = match kind.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (kind, None),
    };
    let number = || value?.parse().ok();
    let kind = match (name, value) {
        ("drop-up", _) => FaultKind::DropUp(number()?),
        ("drop-down", _) => FaultKind::DropDown(number()?),
        ("length", _) => FaultKind::Length(number()?),
        ("cut", _) => FaultKind::Cut(number()?),
        ("lose", None) => FaultKind::Lose,
        ("flip", None) => FaultKind::Flip,
        ("redirect", None) => FaultKind::Redirect,
        ("status", Some(value)) => match value.split_once(':') {
            Some((code, after)) => {
                FaultKind::Status(code.parse().ok()?, Some(after.replace('_', " ")))
            }
            None => FaultKind::Status(value.parse().ok()?, None),
        },
        ("hide", Some(name)) => FaultKind::Hide(name.to_owned()),
        ("extra", Some(name)) => FaultKind::Extra(name.to_owned()),
        _ => return None,
    };
    Some(Fault {
        method,
        path: path.to_owned(),
        skip,
        count,
        kind,
    })
}

/// The fault of a request, if one is left for it.
pub(super) fn take(faults: &mut [Fault], method: &str, target: &str) -> Option<FaultKind> {
    for fault in faults {
        let is_method = fault.method.as_ref().is_none_or(|other| other == method);
        if !is_method || fault.count == 0 || !target.contains(&fault.path) {
            continue;
        }
        if fault.skip > 0 {
            fault.skip -= 1;
            continue;
        }
        fault.count -= 1;
        return Some(fault.kind.clone());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_is_read() {
        let fault: Fault = "put /lfs drop-up=7 x2 +1".parse().unwrap();
        let expected = Fault {
            method: Some("PUT".to_owned()),
            path: "/lfs".to_owned(),
            skip: 1,
            count: 2,
            kind: FaultKind::DropUp(7),
        };
        assert_eq!(fault, expected);
        let fault: Fault = "/ status=429:Sun,_06_Nov_1994_08:49:37_GMT"
            .parse()
            .unwrap();
        let date = "Sun, 06 Nov 1994 08:49:37 GMT".to_owned();
        assert_eq!(fault.kind, FaultKind::Status(429, Some(date)));
        for text in [
            "",
            "/",
            "/ explode",
            "/ drop-up",
            "/ cut=x",
            "GET / lose now",
            "/ lose x",
        ] {
            assert!(text.parse::<Fault>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_fault_begins_and_ends() {
        let mut faults = ["GET /a lose x2 +1".parse().unwrap()];
        let targets = ["/a", "/b", "/a", "/a", "/a"];
        let found = targets.map(|target| take(&mut faults, "GET", target).is_some());
        assert_eq!(found, [false, false, true, true, false]);
        assert_eq!(take(&mut faults, "POST", "/a"), None);
    }
}
