//! `repo package-assets`: what packages ship, and the archive of the sources.

use std::{
    collections::BTreeSet,
    fs,
    path::{Component, Path, PathBuf},
};

use anyhow::{Context, Result, bail};
use serde_json::json;

use super::{
    Verdict, archive, git,
    packages::{Package, packages},
};
use crate::workspace::{cargo_output, root};

/// Files that every package ships.
const NEEDED: &[&str] = &["Cargo.toml", "LICENSE", "README.md"];

/// Folders that no package ships: what is in them stands on the rest of the workspace.
const KEPT_BACK: &[&str] = &["fixtures", "tests", "benches"];

/// Bytes past which a file in a package is data that belongs elsewhere.
const MAX_BYTES: u64 = 256 << 10;

/// Sources that embed files from outside their package, which a registry would not have.
///
/// The program carries the model of the demo. It is released built, and as the archive.
const EMBEDS_OUTSIDE: &[&str] = &["crates/geno-cli/src/commands/demo.rs"];

/// Folders whose every file the archive holds.
const ARCHIVED: &[&str] = &[
    ".github", "benches", "configs", "crates", "docs", "examples", "fixtures", "rfcs", "tests",
    "xtask",
];

/// Single files that it holds.
const ARCHIVED_FILES: &[&str] = &[
    "ARCHITECTURE.md",
    "CHANGELOG.md",
    "Cargo.lock",
    "Cargo.toml",
    "LICENSE",
    "README.md",
    "ROADMAP.md",
    "rust-toolchain.toml",
];

#[derive(clap::Args)]
#[command(after_help = "Examples:
  cargo xtask repo package-assets
  cargo xtask repo package-assets --archive geno-lewm-0.3.0.tar.gz")]
pub(super) struct Args {
    /// Write the sources of the repository as a compressed archive, the same bytes for the same
    /// commit
    #[arg(long, value_name = "FILE")]
    archive: Option<PathBuf>,

    /// Print what each package ships, and the archive holds, as JSON
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let (mut violations, mut shipped) = (Vec::new(), serde_json::Map::new());
    for package in packages()?.iter().filter(|package| package.is_published) {
        let files = ships(&package.name)?;
        violations.extend(in_package(package, &files)?);
        shipped.insert(package.name.clone(), json!(files));
    }

    let tracked = git::files()?;
    let missing = missing(&tracked)?;
    if !missing.is_empty() {
        bail!("the archive would lack:\n  {}", missing.join("\n  "));
    }
    if let Some(path) = &args.archive {
        let digest = archive::write(path, &tracked)?;
        eprintln!("{}: {} files, {digest}", path.display(), tracked.len());
    }
    if args.json {
        let document = json!({ "packages": shipped, "archive": tracked });
        println!("{}", serde_json::to_string_pretty(&document)?);
    }
    Ok(Verdict::of(&violations))
}

/// What `cargo package` would put into a package.
fn ships(name: &str) -> Result<Vec<String>> {
    let listed = cargo_output(&[
        "package",
        "--quiet",
        "--list",
        "--allow-dirty",
        "--package",
        name,
    ])?;
    Ok(listed.lines().map(|line| line.replace('\\', "/")).collect())
}

fn in_package(package: &Package, files: &[String]) -> Result<Vec<String>> {
    let name = &package.name;
    let mut found = missing_and_kept_back(name, files);
    for file in files {
        let path = package.folder.join(file);
        // What cargo makes itself lies in no folder.
        let n_bytes = fs::metadata(&path).map_or(0, |metadata| metadata.len());
        if n_bytes > MAX_BYTES && file != "Cargo.lock" {
            found.push(format!("`{name}` ships `{file}`, of {n_bytes} bytes"));
        }
        if !(file.starts_with("src/") && file.ends_with(".rs")) {
            continue;
        }
        let source = fs::read_to_string(&path).with_context(|| format!("cannot read `{file}`"))?;
        let outside = outside(&package.folder, &path, &source);
        let from_root = path.strip_prefix(root().canonicalize()?).unwrap_or(&path);
        if let Some(embedded) = outside
            && !EMBEDS_OUTSIDE
                .iter()
                .any(|known| Path::new(known) == from_root)
        {
            found.push(format!(
                "`{name}`: `{file}` embeds `{embedded}`, which no package ships"
            ));
        }
    }
    Ok(found)
}

fn missing_and_kept_back(name: &str, files: &[String]) -> Vec<String> {
    let needed = NEEDED.iter();
    let lacks = needed.filter(|needed| !files.iter().any(|file| file == *needed));
    let mut found: Vec<_> = lacks
        .map(|needed| format!("`{name}` lacks `{needed}`"))
        .collect();
    if !files.iter().any(|file| file.starts_with("src/")) {
        found.push(format!("`{name}` ships no source"));
    }
    for file in files {
        let mut folders = file.split('/').rev().skip(1);
        if folders.any(|folder| KEPT_BACK.contains(&folder)) {
            found.push(format!(
                "`{name}` ships `{file}`, which only this repository can use"
            ));
        }
    }
    found
}

/// The first file outside its package that a source embeds, its tests and examples left out.
fn outside(package: &Path, source_path: &Path, source: &str) -> Option<String> {
    let code = source
        .split("#[cfg(test)]\nmod tests {")
        .next()
        .unwrap_or(source);
    for line in code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"))
    {
        let Some((_, rest)) = line
            .split_once("include_str!")
            .or(line.split_once("include_bytes!"))
        else {
            continue;
        };
        let Some(path) = rest.split('"').nth(1) else {
            continue;
        };
        let mut resolved = source_path.parent()?.to_owned();
        for component in Path::new(path).components() {
            match component {
                Component::ParentDir => _ = resolved.pop(),
                component => resolved.push(component),
            }
        }
        if !resolved.starts_with(package) {
            return Some(path.to_owned());
        }
    }
    None
}

/// What the archive has to hold and would not: files of its folders that are not under version
/// control, and folders and files that are not there.
fn missing(tracked: &[String]) -> Result<Vec<String>> {
    let others = git::git(&["ls-files", "-z", "--others", "--exclude-standard"])?;
    let others = others.split('\0').filter(|name| !name.is_empty());
    let others: Vec<String> = others.map(str::to_owned).collect();
    let is_gone = |name: &String| fs::symlink_metadata(root().join(name)).is_err();
    let gone: Vec<String> = tracked
        .iter()
        .filter(|name| is_gone(name))
        .cloned()
        .collect();
    Ok(missing_of(tracked, &others, &gone).into_iter().collect())
}

fn missing_of(tracked: &[String], others: &[String], gone: &[String]) -> BTreeSet<String> {
    let folder_of = |name: &str| name.split('/').next().unwrap_or_default().to_owned();
    let is_archived = |name: &&String| {
        let folder = folder_of(name);
        let is = |known: &[&str]| known.contains(&folder.as_str());
        is(ARCHIVED) || ARCHIVED_FILES.contains(&name.as_str())
    };
    let mut missing: BTreeSet<String> = others.iter().filter(is_archived).cloned().collect();
    missing.extend(gone.iter().cloned());
    for file in ARCHIVED_FILES {
        if !tracked.iter().any(|name| name == file) {
            missing.insert((*file).to_owned());
        }
    }
    for folder in ARCHIVED {
        if !tracked
            .iter()
            .any(|name| folder_of(name) == *folder && name.contains('/'))
        {
            missing.insert(format!("{folder}/"));
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn a_package_has_licence_and_readme_and_no_tests() {
        let files = names(&[
            "Cargo.toml",
            "LICENSE",
            "README.md",
            "src/lib.rs",
            "src/tests.rs",
        ]);
        assert_eq!(missing_and_kept_back("a", &files), Vec::<String>::new());
        let files = names(&[
            "Cargo.toml",
            "README.md",
            "tests/a.rs",
            "x/fixtures/y/z.json",
        ]);
        let found = missing_and_kept_back("a", &files);
        assert_eq!(found.len(), 4, "{found:?}");
        assert_eq!(found[0], "`a` lacks `LICENSE`");
        assert!(found[2].starts_with("`a` ships `tests/a.rs`"));
    }

    #[test]
    fn a_file_from_outside_is_found_outside_of_tests() {
        let package = Path::new("/w/crates/a");
        let source = Path::new("/w/crates/a/src/b/c.rs");
        let find = |text: &str| outside(package, source, text);
        let outer = "const X: &str = include_str!(\"../../../x.txt\");\n";
        assert_eq!(find(outer).as_deref(), Some("../../../x.txt"));
        let joined = "include_bytes!(concat!(\"../../../../fixtures/\", $name))";
        assert_eq!(find(joined).as_deref(), Some("../../../../fixtures/"));
        assert_eq!(find("include_str!(\"../page.html\")"), None);
        assert_eq!(find(&format!("/// {outer}")), None);
        assert_eq!(
            find(&format!("#[cfg(test)]\nmod tests {{\n{outer}}}")),
            None
        );
    }

    #[test]
    fn the_archive_lacks_what_is_not_there_or_not_under_version_control() {
        let mut tracked = names(ARCHIVED_FILES);
        tracked.extend(ARCHIVED.iter().map(|folder| format!("{folder}/a")));
        assert_eq!(missing_of(&tracked, &[], &[]), BTreeSet::new());
        let found = missing_of(
            &tracked[1..tracked.len() - 1],
            &names(&["docs/new.md", "x"]),
            &[],
        );
        assert_eq!(
            found,
            names(&["ARCHITECTURE.md", "docs/new.md", "xtask/"])
                .into_iter()
                .collect()
        );
        assert_eq!(missing_of(&tracked, &[], &names(&["docs/a"])).len(), 1);
    }
}
