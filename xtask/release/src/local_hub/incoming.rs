//! Addresses of requests, taken apart.

use std::collections::BTreeMap;

use url::Url;

use super::host::{Bearer, Service};
use crate::hub::Endpoints;

/// Which part of which host an address is of, and the parts of its path there.
pub(crate) fn take_apart(endpoints: &Endpoints, url: &Url) -> Option<(Service, Vec<String>)> {
    // The pages come last: where one machine is all of GitHub, their base holds the other two.
    let services = [
        Service::HuggingFace,
        Service::GithubApi,
        Service::GithubUploads,
        Service::GithubPages,
    ];
    let mut bases = services.into_iter().zip(endpoints.bases());
    bases.find_map(|(service, base)| {
        let path = base.strip(url)?;
        let parts = path.split('/').filter(|part| !part.is_empty());
        Some((service, parts.map(decode).collect()))
    })
}

/// The fields of a query.
pub(crate) fn query(url: &Url) -> BTreeMap<String, String> {
    url.query_pairs().into_owned().collect()
}

/// Whose token the value of `Authorization` holds.
pub(crate) fn bearer(authorization: Option<&str>) -> Bearer {
    match authorization.map(|value| value.strip_prefix("Bearer ").unwrap_or_default()) {
        None => Bearer::None,
        Some(token) if token.starts_with("hf_") => Bearer::HuggingFace,
        Some(token) if token.starts_with("gh") || token.starts_with("github_") => Bearer::Github,
        Some(_) => Bearer::Other,
    }
}

/// Takes back `%20` and the like.
fn decode(part: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = part.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail.get(..2).and_then(|hex| std::str::from_utf8(hex).ok());
        let code = hex.and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match (first, code) {
            (b'%', Some(code)) => {
                bytes.push(code);
                rest = &tail[2..];
            }
            _ => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_of_one_part_of_one_host() {
        let local = |port| Some(["http://127.0.0.1:1", "http://127.0.0.1:2"][port]);
        let endpoints = Endpoints::new(local(0), local(1)).unwrap();
        let of = |text: &str| take_apart(&endpoints, &Url::parse(text).unwrap());
        let parts = |parts: &[&str]| parts.iter().map(|part| (*part).to_owned()).collect();
        for (text, service, path) in [
            (
                "http://127.0.0.1:1/a/b%20c?d",
                Service::HuggingFace,
                ["a", "b c"],
            ),
            (
                "http://127.0.0.1:2/api/v3/a/%62",
                Service::GithubApi,
                ["a", "b"],
            ),
            (
                "http://127.0.0.1:2/api/uploads/a/b",
                Service::GithubUploads,
                ["a", "b"],
            ),
            (
                "http://127.0.0.1:2/api/v4",
                Service::GithubPages,
                ["api", "v4"],
            ),
        ] {
            assert_eq!(of(text), Some((service, parts(&path))), "{text}");
        }
        assert_eq!(of("http://127.0.0.1:3/a"), None);
    }
}
