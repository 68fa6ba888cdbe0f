//! `repo sbom`: the bill of materials of the program, as CycloneDX 1.5.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::PathBuf,
};

use anyhow::{Context, Result};
use geno_core::Digest;
use serde_json::{Map, Value, json};

use super::{Verdict, now};
use crate::workspace::{cargo_output, root};

/// The package of the program.
const PROGRAM: &str = "geno-cli";

#[derive(clap::Args)]
#[command(after_help = "Example:
  cargo xtask repo sbom --output geno-lewm.cdx.json")]
pub(super) struct Args {
    /// Where to write it [default: standard output]
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Say when it was made: now, or at `SOURCE_DATE_EPOCH`. Without it the same sources make the
    /// same bytes
    #[arg(long)]
    now: bool,
}

pub(super) fn run(args: &Args) -> Result<Verdict> {
    let metadata = cargo_output(&["metadata", "--format-version=1", "--locked"])?;
    let metadata = serde_json::from_str(&metadata)?;
    // Every machine that is built for, so that the bill does not depend on where it is made.
    let tree = [
        "tree",
        "--locked",
        "--package",
        PROGRAM,
        "--edges",
        "normal,build",
    ];
    let listed = ["--target", "all", "--prefix", "none", "--format", "{p}"];
    let tree = cargo_output(&[tree.as_slice(), &listed].concat())?;
    let lock = fs::read_to_string(root().join("Cargo.lock"))?;

    let mut bill = bill(&metadata, &in_tree(&tree), &checksums(&lock))?;
    if args.now {
        bill["metadata"]["timestamp"] = now()?.to_string().into();
    }
    let text = serde_json::to_string_pretty(&bill)? + "\n";
    match &args.output {
        Some(path) => {
            fs::write(path, text).with_context(|| format!("cannot write `{}`", path.display()))?
        }
        None => print!("{text}"),
    }
    Ok(Verdict::Holds)
}

/// Names and versions of the packages that the program is made of.
fn in_tree(tree: &str) -> BTreeSet<(String, String)> {
    let package = |line: &str| {
        let (name, rest) = line.split_once(" v")?;
        let version = rest.split(' ').next()?;
        Some((name.to_owned(), version.to_owned()))
    };
    tree.lines().filter_map(package).collect()
}

/// SHA-256 of the packages that come from a registry, as `Cargo.lock` says.
fn checksums(lock: &str) -> BTreeMap<(String, String), String> {
    let package = |block: &str| {
        let field = |name: &str| {
            let line = block.lines().find_map(|line| line.strip_prefix(name));
            Some(line?.strip_prefix(" = \"")?.strip_suffix('"')?.to_owned())
        };
        Some(((field("name")?, field("version")?), field("checksum")?))
    };
    lock.split("[[package]]").filter_map(package).collect()
}

/// The document: one component a package, and who depends on whom.
fn bill(
    metadata: &Value,
    tree: &BTreeSet<(String, String)>,
    checksums: &BTreeMap<(String, String), String>,
) -> Result<Value> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let key = |package: &Value| (text(&package["name"]), text(&package["version"]));
    let packages = metadata["packages"].as_array().into_iter().flatten();
    let packages = packages.filter(|package| tree.contains(&key(package)));
    let by_id: BTreeMap<&str, &Value> = packages
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();

    let mut components = BTreeMap::new();
    let mut program = Value::Null;
    for package in by_id.values() {
        let component = component(package, checksums.get(&key(package)));
        if package["name"] == PROGRAM {
            program = component;
            program["type"] = "application".into();
        } else {
            components.insert(reference(package), component);
        }
    }

    let mut dependencies = BTreeMap::new();
    for node in metadata["resolve"]["nodes"]
        .as_array()
        .into_iter()
        .flatten()
    {
        let Some(package) = by_id.get(text(&node["id"]).as_str()) else {
            continue;
        };
        let on: BTreeSet<String> = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dependency| is_built(dependency))
            .filter_map(|dependency| by_id.get(dependency["pkg"].as_str()?))
            .map(|package| reference(package))
            .collect();
        let reference = reference(package);
        dependencies.insert(
            reference.clone(),
            json!({ "ref": reference, "dependsOn": on }),
        );
    }

    let mut bill = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": { "component": program },
        "components": components.into_values().collect::<Vec<_>>(),
        "dependencies": dependencies.into_values().collect::<Vec<_>>(),
    });
    bill["serialNumber"] = serial_number(&bill).into();
    Ok(bill)
}

/// Whether a dependency is needed to build or run, not only to test.
fn is_built(dependency: &Value) -> bool {
    let kinds = dependency["dep_kinds"].as_array().into_iter().flatten();
    kinds.into_iter().any(|kind| kind["kind"] != "dev")
}

/// A package's URL, by which the document names it.
fn reference(package: &Value) -> String {
    let part = |name: &str| package[name].as_str().unwrap_or_default().to_owned();
    // The one sign of versions that such a URL does not hold as it is.
    format!(
        "pkg:cargo/{}@{}",
        part("name"),
        part("version").replace('+', "%2B")
    )
}

fn component(package: &Value, checksum: Option<&String>) -> Value {
    let reference = reference(package);
    let mut component = Map::from_iter([
        ("type".to_owned(), json!("library")),
        ("bom-ref".to_owned(), json!(reference)),
        ("name".to_owned(), package["name"].clone()),
        ("version".to_owned(), package["version"].clone()),
        ("purl".to_owned(), json!(reference)),
    ]);
    if let Some(description) = package["description"].as_str() {
        component.insert("description".to_owned(), description.trim().into());
    }
    if let Some(licence) = package["license"].as_str() {
        // As it was written before there were expressions.
        let expression = licence.replace('/', " OR ").replace("  ", " ");
        component.insert("licenses".to_owned(), json!([{ "expression": expression }]));
    }
    if let Some(checksum) = checksum {
        let hash = json!([{ "alg": "SHA-256", "content": checksum }]);
        component.insert("hashes".to_owned(), hash);
    }
    if let Some(url) = package["repository"].as_str() {
        let reference = json!([{ "type": "vcs", "url": url }]);
        component.insert("externalReferences".to_owned(), reference);
    }
    Value::Object(component)
}

/// A UUID of version 8 made of the document's digest, so that the same bill has the same.
fn serial_number(bill: &Value) -> String {
    let mut bytes = [0; 16];
    bytes.copy_from_slice(&Digest::of(bill.to_string().as_bytes()).as_bytes()[..16]);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
    let parts = [
        &hex[..8],
        &hex[8..12],
        &hex[12..16],
        &hex[16..20],
        &hex[20..],
    ];
    format!("urn:uuid:{}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn small() -> Value {
        let metadata = json!({
            "packages": [
                { "id": "1", "name": "geno-cli", "version": "0.3.0", "license": "Apache-2.0" },
                { "id": "2", "name": "a", "version": "1.0.0+x", "license": "MIT/Apache-2.0",
                    "repository": "https://example.org/a" },
                { "id": "3", "name": "tested", "version": "1.0.0", "license": "MIT" },
            ],
            "resolve": { "nodes": [
                { "id": "2", "deps": [] },
                { "id": "1", "deps": [
                    { "pkg": "2", "dep_kinds": [{ "kind": null }] },
                    { "pkg": "3", "dep_kinds": [{ "kind": "dev" }] },
                ] },
            ] },
        });
        let tree = in_tree("geno-cli v0.3.0 (/w)\na v1.0.0+x\na v1.0.0+x (*)\n");
        let lock = "[[package]]\nname = \"a\"\nversion = \"1.0.0+x\"\nchecksum = \"ab\"\n";
        bill(&metadata, &tree, &checksums(lock)).unwrap()
    }

    #[test]
    fn a_bill_holds_what_is_built_with_licence_and_digest() {
        let bill = small();
        assert_eq!(bill["metadata"]["component"]["name"], "geno-cli");
        assert_eq!(bill["metadata"]["component"]["type"], "application");
        let expected = json!([{
            "type": "library", "bom-ref": "pkg:cargo/a@1.0.0%2Bx", "name": "a",
            "version": "1.0.0+x", "purl": "pkg:cargo/a@1.0.0%2Bx",
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
            "hashes": [{ "alg": "SHA-256", "content": "ab" }],
            "externalReferences": [{ "type": "vcs", "url": "https://example.org/a" }],
        }]);
        assert_eq!(bill["components"], expected);
        let expected = json!([
            { "ref": "pkg:cargo/a@1.0.0%2Bx", "dependsOn": [] },
            { "ref": "pkg:cargo/geno-cli@0.3.0", "dependsOn": ["pkg:cargo/a@1.0.0%2Bx"] },
        ]);
        assert_eq!(bill["dependencies"], expected);
    }

    #[test]
    fn the_serial_number_is_that_of_the_content() {
        let (bill, mut other) = (small(), small());
        assert_eq!(bill, other);
        let serial = bill["serialNumber"].as_str().unwrap();
        assert_eq!(
            (serial.len(), &serial[..9], &serial[23..24]),
            (45, "urn:uuid:", "8")
        );
        other["components"] = json!([]);
        assert_ne!(serial_number(&other), serial);
    }
}
