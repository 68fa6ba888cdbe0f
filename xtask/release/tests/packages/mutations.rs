//! Every change of the package of a data set is found.

use std::fs;

use crate::data::{Made, files, told};

#[test]
fn every_file_that_changes_is_named() {
    let made = Made::packaged();
    for name in files(&made.package()) {
        let path = made.package().join(&name);
        let whole = fs::read(&path).unwrap();
        let mut flipped = whole.clone();
        flipped[whole.len() / 2] ^= 1;
        let other = fs::read(made.package().join("background.vcf")).unwrap();
        let mutations = [
            ("flipped", Some(flipped)),
            ("cut", Some(whole[..whole.len() - 1].to_vec())),
            ("emptied", Some(Vec::new())),
            ("swapped", Some(other).filter(|_| name != "background.vcf")),
            ("removed", None),
        ];
        for (what, bytes) in mutations {
            match bytes {
                Some(bytes) => fs::write(&path, bytes).unwrap(),
                None => fs::remove_file(&path).unwrap(),
            }
            let output = made.task("verify");
            let told = told(&output);
            assert_eq!(output.status.code(), Some(2), "{name} {what}: {told}");
            // A list of digests names itself, or the file whose line it is.
            let is_named = told.contains(&name) || name == "SHA256SUMS";
            assert!(is_named, "{name} {what}: {told}");
            fs::write(&path, &whole).unwrap();
        }
    }
    fs::rename(
        made.package().join("eval/labels.vcf"),
        made.package().join("eval/other.vcf"),
    )
    .unwrap();
    let renamed = told(&made.task("verify"));
    assert!(
        renamed.contains("eval/labels.vcf") && renamed.contains("eval/other.vcf"),
        "{renamed}"
    );
}

#[test]
fn what_is_changed_with_its_digest_is_found_too() {
    for (name, from, to, code) in [
        (
            "data_card.md",
            "Measured on.",
            "Weighed on.",
            "dataset.card.stale",
        ),
        (
            "split_integrity.json",
            "\"overlap_count\": 0",
            "\"overlap_count\": 1",
            "dataset.integrity.stale",
        ),
        (
            "split_integrity.json",
            "\"P\": 1",
            "\"P\": 0",
            "dataset.integrity.stale",
        ),
        (
            "split_integrity.json",
            "\"B\": 1",
            "\"B\": 2",
            "dataset.integrity.unreadable",
        ),
        (
            "split_integrity.json",
            "\"ok\": true",
            "\"ok\": false",
            "dataset.integrity",
        ),
        (
            "split_integrity.json",
            "labels_as_given",
            "coverage_only",
            "dataset.integrity.unreadable",
        ),
        (
            "dataset_manifest.json",
            "Measured on.",
            "Weighed on.",
            "dataset.card.stale",
        ),
        (
            "dataset_manifest.json",
            "\"is_made_up\": true",
            "\"is_made_up\": false",
            "dataset.",
        ),
        (
            "dataset_manifest.json",
            "made_up_data",
            "trial_configuration",
            "dataset.",
        ),
        (
            "dataset_manifest.json",
            "xtask.dataset.package",
            "by.hand",
            "dataset.manifest.unreadable",
        ),
        (
            "dataset_manifest.json",
            "\"size_bytes\": ",
            "\"size_bytes\": 1",
            "dataset.",
        ),
        (
            "dataset_manifest.json",
            "\"train/windows.bed\"",
            "\"/train/windows.bed\"",
            "dataset.manifest.unreadable",
        ),
        (
            "dataset_manifest.json",
            "All of it is made up.",
            "TBD",
            "dataset.manifest.unreadable",
        ),
        (
            "dataset_input_check_report.json",
            "\"made-up-r1\"",
            "\"made-up-r2\"",
            "dataset.input_check.stale",
        ),
        (
            "eval/labels.vcf",
            "CLNSIG=Benign",
            "CLNSIG=Likely",
            "dataset.file.drift",
        ),
        ("train/windows.bed", "120", "199", "dataset.file.drift"),
    ] {
        let made = Made::packaged();
        made.change(name, from, to);
        let output = made.task("verify");
        let told = told(&output);
        assert_eq!(
            output.status.code(),
            Some(2),
            "{name}: {from} to {to}: {told}"
        );
        assert!(told.contains(code), "{name}: {from} to {to}: {told}");
    }
    let made = Made::packaged();
    let sums = made.read("SHA256SUMS");
    let first = sums.lines().next().unwrap();
    fs::write(
        made.package().join("SHA256SUMS"),
        format!("{sums}{first}\n"),
    )
    .unwrap();
    assert!(told(&made.task("verify")).contains("dataset.sums.unreadable"));
    let made = Made::packaged();
    fs::write(made.package().join("extra.txt"), "x").unwrap();
    made.sum_again();
    assert!(told(&made.task("verify")).contains("extra.txt"));
}
