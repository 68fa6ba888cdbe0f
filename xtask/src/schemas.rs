//! `cargo xtask schemas`: write the JSON Schemas of the documents, from the types that read them,
//! and that of a configuration, from the table of its keys.

use std::{collections::BTreeSet, fs, path::PathBuf};

use anyhow::{Context, Result};
use geno_provenance::{Json, indented_json};

use crate::workspace::{files, report, root};

/// Where the schemas are kept.
const FOLDER: &str = "docs/schemas";

/// Writes every schema, or with `check` compares them with what is there.
pub(crate) fn run(check: bool) -> Result<()> {
    if check {
        return report(&violations()?, "stale schemas: run `cargo xtask schemas`");
    }
    fs::create_dir_all(root().join(FOLDER)).with_context(|| format!("cannot make `{FOLDER}`"))?;
    for (path, text) in expected()? {
        fs::write(root().join(&path), text)
            .with_context(|| format!("cannot write `{}`", path.display()))?;
    }
    Ok(())
}

/// The path of every schema, and what it holds.
fn expected() -> Result<Vec<(PathBuf, String)>> {
    let path = |name: &str| PathBuf::from(format!("{FOLDER}/{name}.schema.json"));
    let mut expected = vec![(path("config"), geno_app::config::json_schema())];
    let of_eval = [
        ("benchmark", geno_eval::benchmark_schema()),
        ("metrics", geno_eval::metrics_schema()),
    ];
    for (name, schema) in geno_provenance::schemas().into_iter().chain(of_eval) {
        // Sorted, whatever order serde_json was built to keep.
        let schema = Json::parse(&serde_json::to_vec(&schema)?)?;
        expected.push((path(name), indented_json(&schema) + "\n"));
    }
    Ok(expected)
}

fn violations() -> Result<BTreeSet<String>> {
    let expected = expected()?;
    let mut violations = BTreeSet::new();
    for (path, text) in &expected {
        if fs::read_to_string(root().join(path)).ok().as_ref() != Some(text) {
            violations.insert(format!("`{}` is not as written", path.display()));
        }
    }
    for path in files(".schema.json")? {
        let is_ours = path.starts_with(FOLDER);
        if is_ours && expected.iter().all(|(known, _)| *known != path) {
            violations.insert(format!("`{}` is the schema of nothing", path.display()));
        }
    }
    Ok(violations)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn committed_schemas_are_those_of_the_types() {
        assert_eq!(violations().unwrap(), BTreeSet::new());
    }
}
