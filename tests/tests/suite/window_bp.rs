//! Models with windows of another length.

use std::{fs, path::Path};

use geno_core::Digest;
use geno_provenance::Manifest;

/// Length of the demo's windows, in bases.
const DEMO: u64 = 3072;

/// Gives a copy of the demo's model windows of another length: in its configuration, in what its action
/// encoder says of itself, and in the digests of its manifest.
pub(crate) fn set_window_bp(model: &Path, window_bp: u64) {
    let path = model.join("config.yaml");
    let config = replaced(
        &fs::read_to_string(&path).unwrap(),
        &format!("window_bp: {DEMO}"),
        &format!("window_bp: {window_bp}"),
    );
    fs::write(&path, &config).unwrap();

    let path = model.join("action_encoder.safetensors");
    let bytes = fs::read(&path).unwrap();
    let (len, rest) = bytes.split_first_chunk::<8>().unwrap();
    let (header, data) = rest.split_at(u64::from_le_bytes(*len) as usize);
    let mut header = replaced(
        std::str::from_utf8(header).unwrap(),
        &format!(r#"\"max_window_bp\":{DEMO}"#),
        &format!(r#"\"max_window_bp\":{window_bp}"#),
    );
    header += &" ".repeat(header.len().next_multiple_of(8) - header.len());
    let len = (header.len() as u64).to_le_bytes();
    let weights = [&len, header.as_bytes(), data].concat();
    fs::write(&path, &weights).unwrap();

    let path = model.join("manifest.json");
    let mut manifest = Manifest::parse(&fs::read(&path).unwrap()).unwrap();
    manifest.training.hash = Digest::of(config.as_bytes());
    manifest.action_encoder.hash = Digest::of(&weights);
    fs::write(&path, manifest.to_bytes()).unwrap();
}

fn replaced(text: &str, from: &str, to: &str) -> String {
    assert_eq!(text.matches(from).count(), 1, "{from}");
    text.replace(from, to)
}
