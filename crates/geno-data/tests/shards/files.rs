//! Shards as files: made once, whole or not at all, the same bytes each time.

use std::{fs, io::Write, ops::ControlFlow, path::Path};

use flate2::{Compression, write::GzEncoder};
use geno_data::{GnomadShard, PrepareShardError, ReadShardError, ReadTableError};
use noodles_bgzf as bgzf;

use crate::{Folder, HEADER, Outcome, finish, fixture};

/// Enough text for several rounds, pieces and blocks, with duplicates.
fn many_rows() -> String {
    let vep = "A|missense_variant|".repeat(9);
    let mut text = HEADER.to_owned();
    for i in 0..30_000u64 {
        let alternate = ["C", "G", "C"][(i % 3) as usize];
        let (pos, af) = (i / 2 + 1, (i * 7919 % 1000) as f64 / 1000.);
        text += &format!("1\t{pos}\t.\tA\t{alternate}\t.\tPASS\tvep={vep};AF={af};AC={i}\n");
    }
    text
}

fn bgzip(text: &str) -> Vec<u8> {
    let mut writer = bgzf::io::Writer::new(Vec::new());
    writer.write_all(text.as_bytes()).unwrap();
    writer.finish().unwrap()
}

fn on_threads<T: Send>(n: usize, run: impl FnOnce() -> T + Send) -> T {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build();
    pool.unwrap().install(run)
}

#[test]
fn compression_and_threads_change_no_row_and_no_byte() -> Outcome {
    let text = many_rows();
    let mut gzip = GzEncoder::new(Vec::new(), Compression::fast());
    gzip.write_all(text.as_bytes())?;
    let plain = Folder::of(&text);
    let expected = plain.prepare_gnomad()?.counts;
    let rows = plain.gnomad_variants();
    assert!(expected.rows.records_written > 15_000);

    for bytes in [bgzip(&text), gzip.finish()?] {
        let (one, three) = (Folder::of(&bytes), Folder::of(&bytes));
        assert_eq!(on_threads(1, || one.prepare_gnomad())?.counts, expected);
        assert_eq!(on_threads(3, || three.prepare_gnomad())?.counts, expected);
        assert!(one.gnomad_variants() == rows);
        assert!(fs::read(one.path("gnomad"))? == fs::read(three.path("gnomad"))?);
    }
    Ok(())
}

#[test]
fn a_shard_of_the_same_bytes_and_settings_is_recognised() -> Outcome {
    let folder = Folder::of_rows("1\t1\t.\tA\tC\t.\tPASS\tAF=1\n1\tx\t.\tA\tC\t.\tPASS\tAF=1\n");
    let first = folder.prepare_gnomad()?;
    assert!(!first.already_exists);
    let bytes = fs::read(folder.path("gnomad"))?;

    let mut again = folder.prepare_gnomad()?;
    assert!(again.already_exists);
    again.already_exists = false;
    assert_eq!(again, first);
    assert_eq!(fs::read(folder.path("gnomad"))?, bytes);
    Ok(())
}

#[test]
fn another_shard_stays_unless_it_may_be_overwritten() -> Outcome {
    let folder = Folder::of_rows("1\t1\t.\tA\tC\t.\tPASS\tAF=1\n");
    folder.prepare_gnomad()?;
    let path = folder.path("gnomad");
    let bytes = fs::read(&path)?;

    let mut other_settings = folder.gnomad();
    other_settings.min_af = 0.5;
    let error = finish(other_settings).unwrap_err();
    assert!(matches!(error, PrepareShardError::Exists { .. }), "{error}");

    fs::write(
        &folder.vcf,
        HEADER.to_owned() + "1\t1\t.\tA\tG\t.\tPASS\tAF=1\n",
    )?;
    let error = folder.prepare_gnomad().unwrap_err();
    assert!(matches!(error, PrepareShardError::Exists { .. }), "{error}");
    assert_eq!(fs::read(&path)?, bytes);

    let mut overwrite = folder.gnomad();
    overwrite.files.overwrite = true;
    assert!(!finish(overwrite)?.already_exists);
    assert_eq!(folder.gnomad_variants()[0].alternate, "G");

    for other in [fixture("gnomad.parquet"), fixture("gnomad.vcf")] {
        fs::copy(other, &path)?;
        let error = folder.prepare_gnomad().unwrap_err();
        assert!(matches!(error, PrepareShardError::Exists { .. }), "{error}");
    }
    Ok(())
}

#[test]
fn a_run_that_is_broken_off_leaves_nothing() -> Outcome {
    let folder = Folder::of(many_rows());
    assert!(folder.gnomad().run(|_| ControlFlow::Break(()))?.is_none());
    assert_eq!(names(&folder.path("gnomad")), [""; 0]);
    Ok(())
}

#[test]
fn a_file_cut_mid_block_makes_no_shard_and_costs_none() -> Outcome {
    let whole = bgzip(&many_rows());
    let folder = Folder::of(&whole);
    folder.prepare_gnomad()?;
    let bytes = fs::read(folder.path("gnomad"))?;
    for cut in [whole.len() - 28, whole.len() / 2, 5_000] {
        fs::write(&folder.vcf, &whole[..cut])?;
        let mut prepare = folder.gnomad();
        prepare.files.overwrite = true;
        let error = finish(prepare).unwrap_err();
        assert_eq!(
            geno_core::Coded::code(&error).as_str(),
            "INPUT.TRUNCATED",
            "{error}"
        );
        assert!(fs::read(folder.path("gnomad"))? == bytes);
    }
    assert_eq!(names(&folder.path("gnomad")), ["variants.parquet"]);
    Ok(())
}

#[test]
fn rejected_rows_stand_beside_the_shard_with_their_lines() -> Outcome {
    let folder = Folder::of_rows(
        "1\t1\t.\tA\tC\t.\tPASS\tAF=1\r\nchr9\t-5\trs1\tA\tC\t.\tPASS\tAF=1\r\n1\t2\r\n",
    );
    let report = folder.prepare_gnomad()?;
    let path = report.rejected_path.expect("there are rejected rows");
    assert_eq!(path.file_name().unwrap(), "variants.parquet.rejected.jsonl");
    let lines = fs::read_to_string(&path)?;
    let expected = [
        r#"{"alt": "C", "chrom": "chr9", "code": "INPUT.VCF_PARSE", "line": 4, "pos": "-5", "reason": "POS is not a whole number of at least 1", "ref": "A"}"#,
        r#"{"alt": null, "chrom": "1", "code": "INPUT.VCF_PARSE", "line": 5, "pos": "2", "reason": "row has 2 columns of at least 8", "ref": null}"#,
    ];
    assert_eq!(lines.lines().collect::<Vec<_>>(), expected);

    fs::write(
        &folder.vcf,
        HEADER.to_owned() + "1\t1\t.\tA\tC\t.\tPASS\tAF=1\n",
    )?;
    let mut prepare = folder.gnomad();
    prepare.files.overwrite = true;
    assert_eq!(finish(prepare)?.rejected_path, None);
    assert!(!path.exists(), "rejected rows of an older run");
    Ok(())
}

#[test]
fn settings_that_make_no_sense_are_refused() {
    let folder = Folder::of_rows("1\t1\t.\tA\tC\t.\tPASS\tAF=1\n");
    for release in ["", "..", "a/b", "/a", "a/"] {
        let mut prepare = folder.gnomad();
        prepare.files.release = release;
        let error = finish(prepare).unwrap_err();
        assert!(
            matches!(error, PrepareShardError::Release { .. }),
            "{release}"
        );
    }
    for min_af in [-0.1, 1.1, f64::NAN] {
        let mut prepare = folder.gnomad();
        prepare.min_af = min_af;
        let error = finish(prepare).unwrap_err();
        assert!(matches!(error, PrepareShardError::MinAf { .. }), "{min_af}");
    }
    let mut prepare = folder.gnomad();
    prepare.files.max_allele_len = 0;
    let error = finish(prepare).unwrap_err();
    assert!(matches!(error, PrepareShardError::MaxAlleleLen { .. }));
}

#[test]
fn a_table_of_another_kind_is_no_gnomad_shard() {
    let error = GnomadShard::open(fixture("clinvar.parquet")).unwrap_err();
    let column = "af_global";
    assert!(
        matches!(&error, ReadShardError::Table(ReadTableError::NoColumn { column: c, .. }) if *c == column),
        "{error}"
    );
    let error = GnomadShard::open(fixture("gnomad.vcf")).unwrap_err();
    assert!(
        matches!(
            error,
            ReadShardError::Table(ReadTableError::NotParquet { .. })
        ),
        "{error}"
    );
}

fn names(shard: &Path) -> Vec<String> {
    let entries = fs::read_dir(shard.parent().unwrap()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    names.collect()
}
