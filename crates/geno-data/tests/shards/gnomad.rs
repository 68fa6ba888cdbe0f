//! What becomes of the rows of a gnomAD file.

use proptest::prelude::*;

use crate::{Folder, Outcome, finish};

#[test]
fn every_skipped_allele_is_counted_under_its_reason() -> Outcome {
    let folder = Folder::of_rows(
        "chr1\t10\t.\tA\tC,*,<NON_REF>,N,ACGTACGTACGTACGTA,A\t.\tPASS\tAF=0.5\n\
         chr1\t20\t.\ta\tt,G[17:1[\t.\tPASS\tAF=0.01,1\n\
         chr1\t30\t.\tA\tC,G\t.\tPASS\tAF=0.009999,.\n\
         chr1\t40\t.\tA\tC,G\t.\tAC0\tAF=1\n\
         chr1\t50\t.\tA\t.\t.\tPASS\tAF=1\n\
         chr1\t60\t.\tA\tC\t.\tPASS\n\
         chr1\t70\t.\tA\tC\t.\tPASS\tAF=1\n\
         1\t70\t.\tA\tC,T\t.\tPASS\tAF=1\n\
         \n\
         #a comment\n",
    );
    let report = folder.prepare_gnomad()?;
    let counts = report.counts;
    let rows = counts.rows;
    let kinds = rows.skipped_allele_kinds;

    assert_eq!((rows.records_read, rows.malformed_rows), (8, 1));
    assert_eq!(
        (rows.rows_without_alternate, rows.allele_records_seen),
        (1, 15)
    );
    assert_eq!((kinds.star, kinds.symbolic, kinds.not_acgt), (1, 1, 1));
    assert_eq!((kinds.too_long, kinds.no_change, kinds.breakend), (1, 1, 1));
    assert_eq!((rows.skipped_allele, rows.skipped_duplicate), (6, 1));
    assert_eq!((counts.skipped_af_below, counts.skipped_af_missing), (1, 1));
    assert_eq!((counts.skipped_af, counts.skipped_filter), (2, 2));
    assert_eq!(rows.records_written, 4);

    let found: Vec<_> = folder
        .gnomad_variants()
        .iter()
        .map(|v| {
            format!(
                "{}:{}{}>{} {}",
                v.chrom, v.pos, v.reference, v.alternate, v.af_global
            )
        })
        .collect();
    assert_eq!(
        found,
        ["1:10A>C 0.5", "1:20A>T 0.01", "1:70A>C 1", "1:70A>T 1"]
    );
    assert_eq!(folder.gnomad_variants()[0].edit()?.chrom(), "1");
    Ok(())
}

#[test]
fn rows_without_a_filter_are_taken_if_asked_for() -> Outcome {
    let folder = Folder::of_rows("1\t1\t.\tA\tC\t.\t.\tAF=1\n1\t2\t.\tA\tC\t.\tx\tAF=1\n");
    let mut prepare = folder.gnomad();
    prepare.allow_unfiltered = true;
    let counts = finish(prepare)?.counts;
    assert_eq!((counts.rows.records_written, counts.skipped_filter), (1, 1));
    assert_eq!(folder.gnomad_variants()[0].filter, ".");
    Ok(())
}

#[test]
fn a_joint_file_of_gnomad_4_has_its_frequencies() -> Outcome {
    let folder = Folder::of_rows(
        "chr1\t1\t.\tA\tC\t.\tPASS\tAC_joint=7;AN_joint=28;AF_joint=0.25;nhomalt_joint=1;\
         AF_grpmax_joint=0.5;AF_joint_afr=0.125;AF_joint_remaining=0.375;AF_joint_afr_XX=1;\
         AF_exomes=0.75\n",
    );
    folder.prepare_gnomad()?;
    let variants = folder.gnomad_variants();
    let [variant] = &variants[..] else {
        panic!("{variants:?}");
    };
    assert_eq!((variant.af_global, variant.af_grpmax), (0.25, Some(0.5)));
    let (afr, remaining) = (variant.af[0], variant.af[10]);
    assert_eq!((afr, remaining), (Some(0.125), Some(0.375)));
    assert_eq!(
        (variant.ac, variant.an, variant.nhomalt),
        (Some(7), Some(28), Some(1))
    );
    Ok(())
}

/// Rows of any sense and none.
fn rows() -> impl Strategy<Value = Vec<String>> {
    let allele = prop_oneof![
        4 => "[ACGTacgt]{1,3}",
        1 => Just("*".to_owned()),
        1 => Just("<DEL>".to_owned()),
        1 => Just(".".to_owned()),
        1 => "[ACGTN]{15,18}",
    ];
    let info = prop_oneof![
        "AF=(0(\\.[0-9]{1,3})?|1|\\.)(,(0\\.[0-9]{1,3}|1))?",
        Just(".".to_owned())
    ];
    let row = (
        prop_oneof![4 => "[0-9]{1,2}", 1 => Just("x".to_owned())],
        "[ACGTN]{1,2}",
        prop::collection::vec(allele, 1..4),
        prop_oneof![3 => Just("PASS"), 1 => Just("AC0")],
        info,
    );
    let row = row.prop_map(|(pos, reference, alts, filter, info)| {
        format!(
            "1\t{pos}\t.\t{reference}\t{}\t.\t{filter}\t{info}",
            alts.join(",")
        )
    });
    prop::collection::vec(row, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn every_row_and_every_allele_is_counted_once(rows in rows(), crlf: bool) {
        let end = if crlf { "\r\n" } else { "\n" };
        let text = rows.join(end) + end;
        let folder = Folder::of_rows(&text);
        let counts = folder.prepare_gnomad().unwrap().counts;
        let of = counts.rows;

        prop_assert_eq!(of.records_read, rows.len() as u64);
        let columns = |row: &String| row.split('\t').map(str::to_owned).collect::<Vec<_>>();
        let good = rows.iter().map(columns).filter(|row| row[1].parse().is_ok_and(|pos: u64| pos > 0));
        let good: Vec<_> = good.collect();
        prop_assert_eq!(of.malformed_rows, (rows.len() - good.len()) as u64);
        let n_alleles = |row: &Vec<String>| row[4].split(',').filter(|alt| *alt != ".").count();
        let without = good.iter().filter(|row| n_alleles(row) == 0).count();
        prop_assert_eq!(of.rows_without_alternate, without as u64);
        prop_assert_eq!(of.allele_records_seen, good.iter().map(n_alleles).sum::<usize>() as u64);

        let skipped = counts.skipped_filter + of.skipped_allele + counts.skipped_af + of.skipped_duplicate;
        prop_assert_eq!(of.allele_records_seen, skipped + of.records_written);
        prop_assert_eq!(of.skipped_allele, of.skipped_allele_kinds.total());
        prop_assert_eq!(counts.skipped_af, counts.skipped_af_missing + counts.skipped_af_below);
        prop_assert_eq!(folder.gnomad_variants().len() as u64, of.records_written);
    }
}
