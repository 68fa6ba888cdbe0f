//! What is taken does not depend on the order of rows.

use geno_eval::{Assembly, Selection};

use crate::Bench;

/// Forty variants of contig 20, a quarter of them positive, and two rows of one variant that differ in a note.
fn rows() -> Vec<String> {
    let bases = b"TTTTTGGGGGCCCCCAAAAATTTTTGGGGGCCCCCAAAAA";
    let row = |(i, base): (usize, &u8)| {
        let alternate = if *base == b'A' { 'C' } else { 'A' };
        let (pos, base, label) = (i + 1, char::from(*base), i % 4 == 0);
        format!("20\t{pos}\t{base}\t{alternate}\t{label}\tm{i}\tintron_variant")
    };
    let mut rows: Vec<String> = bases.iter().enumerate().map(row).collect();
    rows.push(rows[3].replace("m3", "another"));
    rows
}

fn prepare(rows: &[String], max: Option<u64>, seed: u64) -> (String, String) {
    let bench = Bench::new(Assembly::Grch38);
    let head = "chrom\tpos\tref\talt\tlabel\tOMIM\tconsequence";
    bench.write("test.tsv", format!("{head}\n{}\n", rows.join("\n")));
    let selection = Selection {
        max,
        seed,
        ..Selection::default()
    };
    let sources = [("variants", "test.tsv")];
    let prepared = bench.prepare_some("traitgym_mendelian", &sources, None, "out", &selection);
    prepared.unwrap();
    (
        bench.text("out/variants.vcf"),
        bench.text("out/labels.jsonl"),
    )
}

#[test]
fn the_order_of_rows_changes_no_byte() {
    let rows = rows();
    let mut turned = rows.clone();
    turned.reverse();
    let mut moved = rows.clone();
    moved.rotate_left(17);
    for max in [None, Some(12)] {
        let expected = prepare(&rows, max, 7);
        assert_eq!(prepare(&turned, max, 7), expected);
        assert_eq!(prepare(&moved, max, 7), expected);
    }
}

#[test]
fn half_are_positive_where_there_are_enough_and_more_hold_what_fewer_held() {
    let count = |labels: &str, label: &str| labels.matches(label).count();
    let few = prepare(&rows(), Some(12), 7).1;
    assert_eq!(
        (count(&few, "\"label\":1"), count(&few, "\"label\":0")),
        (6, 6)
    );
    let more = prepare(&rows(), Some(30), 7).1;
    assert_eq!(
        (count(&more, "\"label\":1"), count(&more, "\"label\":0")),
        (10, 20)
    );
    assert!(few.lines().all(|row| more.contains(row)));
    assert_ne!(prepare(&rows(), Some(12), 8).1, few);
}
