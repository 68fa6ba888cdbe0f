//! Every file that the program reads: the versions before this one are read, a later one is refused
//! with what to do. The list is that of the book.

mod list;
#[path = "../support/program.rs"]
mod program;

use std::{
    fs,
    path::{Path, PathBuf},
    process::Output,
};

use geno_core::{Coded, ErrorCode};
use tempfile::tempdir;

use crate::{
    list::{
        Check::{Command, Elsewhere, Later, Reader},
        SCHEMAS, Schema,
    },
    program::{geno_lewm, succeed},
};

/// The page with the list.
const PAGE: &str = "docs/src/versioning.md";

/// What the command says to whoever has a file of another version.
const HINT: &str = "a file of a later version needs a later geno-lewm";

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn name_of(path: &str) -> &str {
    path.rsplit('/').next().unwrap()
}

/// The bytes with every version of the first major one raised to the second.
fn raised(bytes: &[u8]) -> Vec<u8> {
    let mut raised = bytes.to_vec();
    let changes: [(&[u8], &[u8]); 2] = [
        (b"1.0.0", b"2.0.0"),
        (
            b"\"manifest_schema_version\": 1",
            b"\"manifest_schema_version\": 2",
        ),
    ];
    for (from, to) in changes {
        for at in 0..bytes.len() {
            if bytes[at..].starts_with(from) {
                raised[at..at + to.len()].copy_from_slice(to);
            }
        }
    }
    assert!(raised != bytes, "there is no version");
    raised
}

/// What the command says of the file with these bytes, in a folder of its own.
fn run(file: &str, bytes: &[u8], beside: &[&str], command: &[&str]) -> Output {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    fs::write(folder.join(name_of(file)), bytes).unwrap();
    for other in beside {
        fs::copy(root().join(other), folder.join(name_of(other))).unwrap();
    }
    let insert = |argument: &&str| match *argument {
        "FILE" => name_of(file).to_owned(),
        argument => argument.to_owned(),
    };
    let arguments: Vec<String> = command.iter().map(insert).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    geno_lewm(folder, &arguments).output().unwrap()
}

#[test]
fn files_of_every_version_before_this_one_are_read() {
    for schema in SCHEMAS {
        match &schema.check {
            Command {
                file,
                beside,
                command,
            } => {
                let bytes = fs::read(root().join(file)).unwrap();
                let Output { status, stderr, .. } = run(file, &bytes, beside, command);
                let stderr = String::from_utf8_lossy(&stderr);
                assert!(status.success(), "{}: {stderr}", schema.name);
            }
            Reader { file, read } => {
                let error = read(&root().join(file))
                    .err()
                    .map(|error| error.to_string());
                assert_eq!(error, None, "{}", schema.name);
            }
            // Nothing came before it.
            Later { .. } => assert_eq!(schema.package, "–", "{}", schema.name),
            Elsewhere(..) => {}
        }
    }
}

#[test]
fn a_file_of_a_later_major_version_is_refused_with_what_to_do() {
    for schema in SCHEMAS {
        let name = schema.name;
        let check = |error: Box<dyn Coded>| {
            assert_eq!(
                error.code(),
                ErrorCode::ConfigSchemaIncompat,
                "{name}: {error}"
            );
            says_what_is_read(name, schema.version, &error.to_string());
        };
        match &schema.check {
            Command {
                file,
                beside,
                command,
            } => {
                let bytes = raised(&fs::read(root().join(file)).unwrap());
                let Output { status, stderr, .. } = run(file, &bytes, beside, command);
                let stderr = String::from_utf8_lossy(&stderr);
                let code = ErrorCode::ConfigSchemaIncompat;
                assert_eq!(
                    status.code(),
                    Some(i32::from(code.exit_code())),
                    "{name}: {stderr}"
                );
                let error = stderr.lines().find(|line| line.contains(code.as_str()));
                says_what_is_read(name, schema.version, error.unwrap());
                assert!(stderr.contains(HINT), "{name}: {stderr}");
            }
            Reader { file, read } => {
                let folder = tempdir().unwrap();
                let path = folder.path().join(name_of(file));
                fs::write(&path, raised(&fs::read(root().join(file)).unwrap())).unwrap();
                check(read(&path).unwrap_err());
            }
            Later { name, read } => {
                let folder = tempdir().unwrap();
                let path = folder.path().join(name);
                fs::write(&path, r#"{"schema_version": "2.0.0"}"#).unwrap();
                check(read(&path).unwrap_err());
            }
            Elsewhere(file, test) => {
                let text = fs::read_to_string(root().join(file)).unwrap();
                assert!(text.contains(&format!("fn {test}() {{")), "{file}: {test}");
            }
        }
    }
}

/// A message names the version that is read, or that all of the first major one are.
fn says_what_is_read(name: &str, version: &str, message: &str) {
    let is_said = [version, "1.x", "1.y.z"]
        .iter()
        .any(|read| message.contains(read));
    assert!(is_said, "{name}: {message}");
}

/// The package's cache of states has another form, and comes over by a command.
#[test]
fn the_packages_cache_of_states_is_migrated() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let bytes =
        fs::read(root().join("fixtures/parity/window_cache/centered_mean_8.parquet")).unwrap();
    fs::write(folder.join("old.parquet"), &bytes).unwrap();
    fs::write(folder.join("later.parquet"), raised(&bytes)).unwrap();
    let import = |name| succeed(folder, &["cache-windows", "import", name, "--locus", "5"]);
    let later = import("later.parquet");
    assert!(
        later.contains("another schema version") && later.contains("\"written\": 0"),
        "{later}"
    );
    assert!(import("old.parquet").contains("\"written\": 2"));
}

#[test]
fn the_book_lists_these_files() {
    let page = fs::read_to_string(root().join(PAGE)).unwrap();
    let (_, section) = page.split_once("\n## On-disk schemas\n").unwrap();
    let section = section.split("\n## ").next().unwrap();
    let rows = section
        .lines()
        .filter(|line| line.starts_with("| "))
        .skip(1);
    let cells = |row: &str| {
        row.split('|')
            .map(|cell| cell.trim().to_owned())
            .collect::<Vec<_>>()
    };
    let listed: Vec<[String; 3]> = rows
        .map(|row| match cells(row).get(1..4) {
            Some([name, version, package]) => [name.clone(), version.clone(), package.clone()],
            _ => panic!("{row}"),
        })
        .collect();
    let expected = SCHEMAS.iter().map(|schema| {
        let Schema {
            name,
            version,
            package,
            ..
        } = schema;
        [name, version, package].map(|cell| (*cell).to_owned())
    });
    assert_eq!(listed, expected.collect::<Vec<_>>());
}
