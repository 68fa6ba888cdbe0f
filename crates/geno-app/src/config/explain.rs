//! Keys explained: to a user, and in the book.

use std::fmt::Write as _;

use super::{
    fault::UnknownKeyError,
    key::{Key, Readers, nearest},
    keys::KEYS,
    kind::Kind,
};

/// Explains a key, or every key of a section.
///
/// # Errors
///
/// [`UnknownKeyError`] with the nearest names.
///
/// ```
/// let text = geno_app::config::explain("score.batch_size")?;
/// assert!(text.contains("range:       at least 1\n"));
/// # Ok::<_, geno_app::config::UnknownKeyError>(())
/// ```
pub fn explain(path: &str) -> Result<String, UnknownKeyError> {
    let is_asked = |key: &&Key| key.path == path || key.section_and_name().0 == path;
    let texts: Vec<String> = KEYS.iter().filter(is_asked).map(explanation).collect();
    if texts.is_empty() || path.is_empty() {
        let suggested = nearest(path).iter().map(|key| key.path).collect();
        let path = path.to_owned();
        return Err(UnknownKeyError { path, suggested });
    }
    Ok(texts.join("\n"))
}

fn explanation(key: &Key) -> String {
    let mut text = format!("{}: {}\n", key.path, key.meaning);
    let mut line = |name: &str, value: &str| {
        if !value.is_empty() {
            _ = writeln!(text, "  {:<12} {value}", format!("{name}:"));
        }
    };
    line("type", &type_name(key));
    line("range", &key.kind.range());
    for (name, ours) in key.synonyms {
        line("also", &format!("{name}, which means {ours}"));
    }
    line("default", &key.default_value().to_yaml());
    line("environment", &variables(key).join(", "));
    line("read by", &key.readers.to_string());
    text
}

fn type_name(key: &Key) -> String {
    let or_null = if key.optional { " or null" } else { "" };
    format!("{}{or_null}", key.kind.name())
}

fn variables(key: &Key) -> Vec<String> {
    let own = key.variable();
    let others = key.other_variables.iter().map(|name| (*name).to_owned());
    others.chain([own]).collect()
}

/// The table of the book's page on configuration, one row a key, in Markdown.
pub fn markdown_table() -> String {
    let mut table =
        "| key | holds | default | read by | meaning |\n|---|---|---|---|---|\n".to_owned();
    for key in KEYS {
        let holds = match (key.kind, key.kind.range()) {
            (Kind::Name(_) | Kind::Names(_), names) => names,
            (kind @ (Kind::Int { .. } | Kind::Bytes | Kind::Float { .. }), range) => {
                format!("{}, {range}", kind.name())
            }
            (kind, _) => kind.name().to_owned(),
        };
        let or_null = if key.optional { ", or null" } else { "" };
        let default = key.default_value().to_yaml();
        let readers = match key.readers {
            Readers::Nobody => "nothing".to_owned(),
            readers => readers.to_string(),
        };
        _ = writeln!(
            table,
            "| `{}` | {holds}{or_null} | `{default}` | {readers} | {} |",
            key.path, key.meaning
        );
    }
    table
}
