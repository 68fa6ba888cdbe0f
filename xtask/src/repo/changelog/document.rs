//! The changelog read into sections.

use geno_provenance::Timestamp;
use semver::Version;

/// The names of blocks, in their order. `Breaking` says again what breaks use.
pub(super) const BLOCKS: &[&str] = &[
    "Breaking",
    "Added",
    "Changed",
    "Deprecated",
    "Removed",
    "Fixed",
    "Security",
];

/// The file, by sections.
pub(in crate::repo) struct Changelog<'a> {
    /// What stands before the first section.
    pub(super) preamble: &'a str,
    pub(super) sections: Vec<Section<'a>>,
}

/// What stands under one heading `## …`.
pub(super) struct Section<'a> {
    /// The line of its heading, 1-based.
    pub(super) line: usize,
    pub(super) heading: &'a str,
    /// Everything up to the next heading.
    pub(super) body: &'a str,
}

/// What a heading says.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) enum Title<'a> {
    Unreleased,
    /// A version, with its day once it is released.
    Version(Version, Option<&'a str>),
}

impl<'a> Changelog<'a> {
    pub(in crate::repo) fn parse(text: &'a str) -> Self {
        let mut starts = Vec::new();
        let mut at = 0;
        for (i, line) in text.split_inclusive('\n').enumerate() {
            if line.starts_with("## ") {
                starts.push((i + 1, at, at + line.len()));
            }
            at += line.len();
        }
        let section = |(i, &(line, start, end)): (usize, &(usize, usize, usize))| Section {
            line,
            heading: text[start..end].trim_end(),
            body: &text[end..starts.get(i + 1).map_or(text.len(), |next| next.1)],
        };
        Self {
            preamble: &text[..starts.first().map_or(text.len(), |first| first.1)],
            sections: starts.iter().enumerate().map(section).collect(),
        }
    }

    /// Whether a version has a section.
    pub(in crate::repo) fn has(&self, version: &Version) -> bool {
        let titles = self.sections.iter().filter_map(Section::title);
        titles.into_iter().any(|title| match title {
            Title::Version(other, _) => other == *version,
            Title::Unreleased => false,
        })
    }

    /// Whether a version has a section with the day of its release.
    pub(in crate::repo) fn is_released(&self, version: &Version) -> bool {
        let titles = self.sections.iter().filter_map(Section::title);
        titles
            .into_iter()
            .any(|title| matches!(title, Title::Version(other, Some(_)) if other == *version))
    }
}

impl<'a> Section<'a> {
    /// Reads the heading; nothing if it has another form.
    pub(super) fn title(&self) -> Option<Title<'a>> {
        let (name, rest) = self.heading.strip_prefix("## [")?.split_once(']')?;
        if name == "Unreleased" {
            return rest.is_empty().then_some(Title::Unreleased);
        }
        let version = Version::parse(name).ok()?;
        match rest {
            "" => Some(Title::Version(version, None)),
            _ => Some(Title::Version(version, Some(rest.strip_prefix(" - ")?))),
        }
    }
}

/// Whether a text is a day that exists, such as `2026-05-31`.
pub(super) fn is_date(text: &str) -> bool {
    format!("{text}T00:00:00Z").parse::<Timestamp>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headings_are_read() {
        let text = "# C\n\n## [Unreleased]\n\n## [0.4.0] - 2026-05-31\na\n## [0.3.0]\n## 0.2.0\n";
        let changelog = Changelog::parse(text);
        let titles: Vec<_> = changelog.sections.iter().map(Section::title).collect();
        let expected = [
            Some(Title::Unreleased),
            Some(Title::Version(Version::new(0, 4, 0), Some("2026-05-31"))),
            Some(Title::Version(Version::new(0, 3, 0), None)),
            None,
        ];
        assert_eq!(titles, expected);
        assert_eq!(changelog.preamble, "# C\n\n");
        assert_eq!(
            (changelog.sections[1].line, changelog.sections[1].body),
            (5, "a\n")
        );
        assert!(changelog.has(&Version::new(0, 3, 0)));
        assert!(!changelog.has(&Version::new(0, 2, 0)));
        assert!(changelog.is_released(&Version::new(0, 4, 0)));
        assert!(!changelog.is_released(&Version::new(0, 3, 0)));
    }

    #[test]
    fn a_date_is_a_day_that_exists() {
        assert!(is_date("2024-02-29"));
        assert!(!is_date("2023-02-29") && !is_date("31.05.2026") && !is_date("2026-5-1"));
    }
}
