//! Paths as reports show them.

use std::path::{Component, Path};

/// A relative path that stays below the working directory, with `/` between its parts; of any other,
/// the last part alone: reports do not tell how folders of a machine are called.
pub(crate) fn public_path(path: &Path) -> String {
    let parts = || path.components().filter(|part| *part != Component::CurDir);
    let is_public = |part: Component<'_>| {
        matches!(part, Component::Normal(name)
            if !name.as_encoded_bytes().starts_with(b"~") && !name.as_encoded_bytes().ends_with(b":"))
    };
    if parts().all(is_public) {
        let parts: Vec<_> = parts()
            .map(|part| part.as_os_str().to_string_lossy())
            .collect();
        return match parts.is_empty() {
            true => ".".to_owned(),
            false => parts.join("/"),
        };
    }
    let name = path.file_name().unwrap_or_default();
    name.to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_elsewhere_are_reduced_to_their_last_part() {
        for (path, public) in [
            ("run", "run"),
            ("./runs/a", "runs/a"),
            (".", "."),
            ("/data/runs/a", "a"),
            ("../a", "a"),
            ("~/a", "a"),
            ("C:/a", "a"),
            ("/", ""),
        ] {
            assert_eq!(public_path(Path::new(path)), public);
        }
    }
}
