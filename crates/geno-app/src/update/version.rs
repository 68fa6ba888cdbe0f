//! Which of two model versions is the later one.

use std::cmp::Ordering;

/// A model's version, for comparison: numbers between dots, and what follows a `-`.
///
/// A leading `v` and what follows a `+` do not count. Numbers compare one by one, missing ones as
/// 0; a part that is no number counts as 0, as the Python package has it. Unlike there, a version
/// with a pre-release comes before the one without, and two pre-releases compare as semantic
/// versioning 2.0 says (section 11).
///
/// ```
/// use geno_app::ModelVersion;
///
/// let later = |a, b| ModelVersion::new(a) > ModelVersion::new(b);
/// assert!(later("v0.10.0", "0.9.9"));
/// assert!(later("0.3.0", "0.3.0-rc.2"));
/// assert!(later("0.3.0-rc.10", "0.3.0-rc.9"));
/// assert_eq!(ModelVersion::new("v1.0"), ModelVersion::new("1"));
/// ```
#[derive(Clone, Debug)]
pub struct ModelVersion {
    numbers: Vec<u64>,
    pre_release: Option<String>,
}

impl ModelVersion {
    /// Takes a version apart. Every text has a place in the order.
    pub fn new(text: &str) -> Self {
        let text = text.strip_prefix(['v', 'V']).unwrap_or(text);
        let text = text.split('+').next().unwrap_or_default();
        let (release, pre_release) = match text.split_once('-') {
            Some((release, pre_release)) => (release, Some(pre_release.to_owned())),
            None => (text, None),
        };
        let mut numbers: Vec<u64> = release.split('.').map(number).collect();
        while numbers.last() == Some(&0) {
            numbers.pop();
        }
        Self {
            numbers,
            pre_release,
        }
    }

    /// Whether this comes before a release.
    pub fn is_pre_release(&self) -> bool {
        self.pre_release.is_some()
    }
}

fn is_number(part: &str) -> bool {
    !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())
}

/// A number too large to hold is the largest that can be held.
fn number(part: &str) -> u64 {
    match is_number(part) {
        true => part.parse().unwrap_or(u64::MAX),
        false => 0,
    }
}

fn compare_parts(a: &str, b: &str) -> Ordering {
    match (is_number(a), is_number(b)) {
        (true, true) => number(a).cmp(&number(b)),
        (true, false) => Ordering::Less,
        (false, true) => Ordering::Greater,
        (false, false) => a.cmp(b),
    }
}

fn compare_pre_releases(a: &str, b: &str) -> Ordering {
    let (mut a, mut b) = (a.split('.'), b.split('.'));
    loop {
        match (a.next(), b.next()) {
            (None, None) => return Ordering::Equal,
            (None, Some(_)) => return Ordering::Less,
            (Some(_), None) => return Ordering::Greater,
            (Some(a), Some(b)) => match compare_parts(a, b) {
                Ordering::Equal => {}
                decided => return decided,
            },
        }
    }
}

impl Ord for ModelVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let release = self.numbers.cmp(&other.numbers);
        release.then_with(|| match (&self.pre_release, &other.pre_release) {
            (None, None) => Ordering::Equal,
            (None, Some(_)) => Ordering::Greater,
            (Some(_), None) => Ordering::Less,
            (Some(a), Some(b)) => compare_pre_releases(a, b),
        })
    }
}

impl PartialOrd for ModelVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for ModelVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for ModelVersion {}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn versions_stand_in_the_order_of_semantic_versioning() {
        let sorted = [
            "1.0.0-alpha",
            "1.0.0-alpha.1",
            "1.0.0-alpha.beta",
            "1.0.0-beta",
            "1.0.0-beta.2",
            "1.0.0-beta.11",
            "1.0.0-rc.1",
            "v1.0.0",
            "1.0.1-x",
            "1.0.1+build",
            "1.2",
            "1.10",
            "99999999999999999999999",
        ];
        for pair in sorted.windows(2) {
            assert!(
                ModelVersion::new(pair[0]) < ModelVersion::new(pair[1]),
                "{pair:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn any_texts_have_an_order(a in "[v0-9a.+-]{0,10}", b in "[v0-9a.+-]{0,10}") {
            let (a, b) = (ModelVersion::new(&a), ModelVersion::new(&b));
            prop_assert_eq!(a.cmp(&b), b.cmp(&a).reverse());
        }
    }
}
