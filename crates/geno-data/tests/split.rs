//! Splits that hold and splits that do not.

use std::{error::Error, fs, path::PathBuf};

use geno_data::{CheckStatus, Fasta, HeldOut, SplitCheck, SplitProof, SplitReport};
use tempfile::TempDir;

type Outcome = Result<(), Box<dyn Error>>;

struct Split {
    folder: TempDir,
    fasta: Fasta,
}

impl Split {
    fn new() -> Result<Self, Box<dyn Error>> {
        let folder = tempfile::tempdir()?;
        let path = folder.path().join("ref.fa");
        fs::write(&path, format!(">20\nGATTGC{}GGTTCAGT\n", "CA".repeat(20)))?;
        let fasta = Fasta::open(&path)?;
        Ok(Self { folder, fasta })
    }

    fn file(&self, name: &str, text: &str) -> Result<PathBuf, Box<dyn Error>> {
        let path = self.folder.path().join(name);
        let head = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";
        let head = if name.ends_with(".vcf") { head } else { "" };
        fs::write(&path, format!("{head}{text}"))?;
        Ok(path)
    }

    /// Reports on a training file against a held-out one.
    fn report(
        &self,
        reference: bool,
        train: (&str, &str),
        held_out: (&str, &str),
        declared: &[SplitCheck],
    ) -> Result<SplitReport, Box<dyn Error>> {
        let mut side = HeldOut::new(reference.then_some(&self.fasta));
        side.file(&self.file(held_out.0, held_out.1)?)?;
        let mut proof = SplitProof::new(side);
        for check in declared {
            proof.declare(*check, "another species");
        }
        proof.file(&self.file(train.0, train.1)?)?;
        Ok(proof.finish())
    }
}

fn status(report: &SplitReport, check: SplitCheck) -> (CheckStatus, &'static str, u64) {
    let check = report.check(check);
    (check.status, check.failure_reason, check.overlap_count)
}

#[test]
fn one_deletion_in_two_spellings_is_found_with_a_reference() -> Outcome {
    let split = Split::new()?;
    let train = ("train.vcf", "chr20\t6\t.\tCCA\tC\n20\t50\t.\tT\tC\n");
    let held_out = (
        "eval.jsonl",
        r#"{"chrom":"NC_000020.10","pos":40,"ref":"ACA","alt":"A"}"#,
    );

    let report = split.report(true, train, held_out, &[])?;
    let found = status(&report, SplitCheck::VariantEquality);
    assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    assert_eq!(
        report.check(SplitCheck::VariantEquality).examples,
        ["chr20:6:CCA:C"]
    );
    assert!(!report.ok);

    // Without one it is not overlooked, but said to be open.
    let report = split.report(false, train, held_out, &[])?;
    let found = status(&report, SplitCheck::VariantEquality);
    assert_eq!(found, (CheckStatus::Failed, "incomparable", 0));
    let reasons = &report.check(SplitCheck::VariantEquality).incomparable;
    assert_eq!(reasons["no_reference"], 2);
    Ok(())
}

#[test]
fn different_substitutions_of_one_position_pass() -> Outcome {
    let split = Split::new()?;
    let report = split.report(
        false,
        ("train.vcf", "20\t50\t.\tT\tC\n"),
        ("eval.vcf", "20\t50\t.\tT\tA\n"),
        &[],
    )?;
    let found = status(&report, SplitCheck::VariantEquality);
    assert_eq!(found, (CheckStatus::Passed, "", 0));
    let found = status(&report, SplitCheck::WindowOverlap);
    assert_eq!(found, (CheckStatus::NothingToCompare, "", 0));
    assert!(report.ok);
    Ok(())
}

#[test]
fn a_training_window_that_holds_a_held_out_variant_is_found() -> Outcome {
    let split = Split::new()?;
    let window = r#"{"record_id":"w","chrom":"20","start_bp":45,"end_bp":50}"#;
    let inside = split.report(
        true,
        ("t.jsonl", window),
        ("e.vcf", "20\t50\t.\tT\tA\n"),
        &[],
    )?;
    let found = status(&inside, SplitCheck::WindowContainment);
    assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    let beside = split.report(
        true,
        ("t.jsonl", window),
        ("e.vcf", "20\t51\t.\tT\tA\n"),
        &[],
    )?;
    let found = status(&beside, SplitCheck::WindowContainment);
    assert_eq!(found, (CheckStatus::Passed, "", 0));
    assert!(beside.ok);

    // A deletion to the left of the window that its repeat carries into it.
    let window = r#"{"record_id":"w","chrom":"20","start_bp":30,"end_bp":50}"#;
    let carried = split.report(
        true,
        ("t.jsonl", window),
        ("e.vcf", "20\t6\t.\tCCA\tC\n"),
        &[],
    )?;
    let found = status(&carried, SplitCheck::WindowContainment);
    assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    Ok(())
}

#[test]
fn a_training_variant_in_a_held_out_window_is_found() -> Outcome {
    let split = Split::new()?;
    let report = split.report(
        true,
        ("t.vcf", "20\t50\t.\tT\tA\n"),
        ("e.bed", "chr20\t49\t50\n"),
        &[],
    )?;
    let found = status(&report, SplitCheck::WindowContainment);
    assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    Ok(())
}

#[test]
fn windows_of_one_record_or_one_sequence_are_found() -> Outcome {
    let split = Split::new()?;
    let held_out = r#"{"record_id":"r1","start_bp":0,"end_bp":4,"sequence":"ACGT"}"#;
    let same_record = r#"{"record_id":"r1","start_bp":9,"end_bp":13,"sequence":"TTTT"}"#;
    let same_bases = r#"{"record_id":"r2","start_bp":9,"end_bp":13,"sequence":"acgt"}"#;
    for train in [same_record, same_bases] {
        let report = split.report(false, ("t.jsonl", train), ("e.jsonl", held_out), &[])?;
        let found = status(&report, SplitCheck::RecordIdentity);
        assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    }
    Ok(())
}

#[test]
fn windows_without_a_place_fail_unless_declared() -> Outcome {
    let split = Split::new()?;
    let train = r#"{"record_id":"r2","start_bp":9,"end_bp":13,"sequence":"ACGT"}"#;
    let held_out = ("e.bed", "chr20\t49\t50\n");

    let report = split.report(false, ("t.jsonl", train), held_out, &[])?;
    let found = status(&report, SplitCheck::WindowOverlap);
    assert_eq!(found, (CheckStatus::Failed, "incomparable", 0));
    assert!(!report.ok);

    let declared = [SplitCheck::WindowOverlap];
    let report = split.report(false, ("t.jsonl", train), held_out, &declared)?;
    let check = report.check(SplitCheck::WindowOverlap);
    assert_eq!(check.status, CheckStatus::Declared);
    assert_eq!(check.declared.as_deref(), Some("another species"));
    assert!(report.ok);
    Ok(())
}

#[test]
fn a_held_out_contig_holds_every_window_of_it() -> Outcome {
    let split = Split::new()?;
    let held_out = ("e.json", r#"{"holdout_chroms":["chr20"]}"#);
    let report = split.report(false, ("t.bed", "NC_000020.11\t7\t8\n"), held_out, &[])?;
    let found = status(&report, SplitCheck::WindowOverlap);
    assert_eq!(found, (CheckStatus::Failed, "overlap", 1));
    Ok(())
}

#[test]
fn two_sides_of_different_kinds_prove_nothing() -> Outcome {
    let split = Split::new()?;
    let report = split.report(
        false,
        ("t.jsonl", r#"{"record_id":"r2"}"#),
        ("e.vcf", "20\t50\t.\tT\tA\n"),
        &[],
    )?;
    assert!(!report.ok);
    Ok(())
}
