//! `cargo xtask links`: check that links between the Markdown files lead somewhere.
//!
//! Only relative links are followed. Pages of the book and records of `rfcs/` must also be in
//! their list of contents, since a page nobody links is a page nobody finds.

use std::{collections::BTreeSet, fs, path::Path};

use anyhow::{Context, Result};

use crate::workspace::{files, report, root};

/// Folders whose every page must be linked from one file.
const CONTENTS: &[(&str, &str)] = &[("docs/src", "SUMMARY.md"), ("rfcs", "README.md")];

pub(crate) fn check() -> Result<()> {
    report(&violations()?, "broken or missing links")
}

fn violations() -> Result<BTreeSet<String>> {
    let mut violations = BTreeSet::new();
    let pages = files(".md")?;

    for page in &pages {
        for target in links(&read(page)?) {
            let folder = page.parent().unwrap_or(Path::new(""));
            if !root().join(folder).join(&target).exists() {
                violations.insert(format!("`{}` links `{target}`", page.display()));
            }
        }
    }

    for (folder, contents) in CONTENTS {
        let listed = links(&read(&Path::new(folder).join(contents))?);
        for page in pages.iter().filter(|page| page.starts_with(folder)) {
            let name = page.strip_prefix(folder)?.display().to_string();
            if name != *contents && !listed.contains(&name) {
                violations.insert(format!("`{folder}/{contents}` does not list `{name}`"));
            }
        }
    }

    Ok(violations)
}

fn read(page: &Path) -> Result<String> {
    fs::read_to_string(root().join(page))
        .with_context(|| format!("cannot read `{}`", page.display()))
}

/// Finds the relative targets of inline links outside code blocks, without their fragments.
fn links(markdown: &str) -> BTreeSet<String> {
    let mut is_code = false;
    let mut targets = BTreeSet::new();

    for line in markdown.lines() {
        if line.trim_start().starts_with("```") {
            is_code = !is_code;
        }
        if is_code {
            continue;
        }
        for rest in line.split("](").skip(1) {
            let Some((target, _)) = rest.split_once(')') else {
                continue;
            };
            let file = target.split('#').next().unwrap_or_default();
            if !file.is_empty() && !file.contains("://") && !file.starts_with("mailto:") {
                targets.insert(file.to_owned());
            }
        }
    }

    targets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_lead_somewhere() {
        assert_eq!(violations().unwrap(), BTreeSet::new());
    }

    #[test]
    fn only_relative_targets_outside_code_are_followed() {
        let markdown = "\
See [a](a.md#part), [b](docs/b.md) and [the site](https://example.org/c.md), [here](#d).
```text
[e](e.md)
```
";
        let expected = ["a.md", "docs/b.md"].map(String::from);
        assert_eq!(links(markdown), expected.into());
    }
}
