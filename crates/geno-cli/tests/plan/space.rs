//! Where edits may lie.

use std::fs;

use crate::{Bench, REGION, START, all_edits, n_best};

/// A search from one state to another, which finds edits wherever it may look.
const SEARCH: &str = "--target-state target.json --distance cosine --horizon 3 --samples 64 --elite 8 \
                      --iterations 2 --stopping-eps 0";

#[test]
fn edits_lie_whole_in_the_intervals_of_a_bed_file() {
    let bench = Bench::new();
    let flags = format!("--region {REGION} {SEARCH} --edit-types snv,ins,del");
    let intervals = [120..150, 400..410];
    let lies_inside = |&(start, end, _): &(usize, usize, &str)| {
        let holds = |range: &std::ops::Range<usize>| range.start <= start && end <= range.end;
        intervals.iter().any(holds)
    };
    // Without the file edits lie elsewhere, too.
    let anywhere = bench.plan(&flags);
    assert!(!all_edits(&anywhere).iter().all(lies_inside));

    let row = |range: &std::ops::Range<usize>| {
        format!("chrA\t{}\t{}\n", START + range.start, START + range.end)
    };
    let rows: Vec<String> = intervals.iter().map(row).collect();
    // One row lies before the window, and one on no contig of the reference's window.
    let bed = format!("track name=x\nchrA\t10\t20\n{}", rows.concat());
    bench.write("where.bed", bed);
    let plan = bench.plan(&format!("{flags} --restrict where.bed"));
    assert!(n_best(&plan) > 0);
    let found = all_edits(&plan);
    assert!(found.iter().all(lies_inside), "{found:?}");
    assert!(plan["inputs"]["restrict"]["sha256"].is_string());
}

#[test]
fn a_bed_file_that_leaves_nothing_gives_the_empty_plan() {
    let bench = Bench::new();
    bench.write("where.bed", "chrA\t10\t20\n");
    for solver in ["cem", "mcts", "exhaustive"] {
        let plan = bench.plan(&format!(
            "--region {REGION} {SEARCH} --solver {solver} --restrict where.bed"
        ));
        assert_eq!(n_best(&plan), 0, "{solver}");
        assert_eq!(plan["result"]["stopped_reason"], "exhausted", "{solver}");
    }
}

#[test]
fn edits_lie_near_the_cuts_of_a_nuclease() {
    let bench = Bench::new();
    let text = fs::read_to_string(bench.path().join("ref.fa")).unwrap();
    let bases: String = text.lines().skip(1).collect();
    let window = &bases.as_bytes()[START..START + 600];
    // Cas9 cuts 3 bases before NGG, behind 20 bases of its guide.
    let is_pam = |pam: &usize| window[pam + 1..pam + 3] == *b"GG";
    let cuts: Vec<usize> = (20..598).filter(is_pam).map(|pam| pam - 3).collect();
    let reach = 4;
    let lies_near = |&(start, end, _): &(usize, usize, &str)| {
        let mut near = cuts.iter().map(|cut| cut - reach..cut + reach);
        near.any(|near| near.start <= start && end <= near.end)
    };
    let flags = format!("--region {REGION} {SEARCH}");
    let anywhere = bench.plan(&flags);
    assert!(!all_edits(&anywhere).iter().all(lies_near));

    let flags = format!("{flags} --reach {reach} --strand forward");
    let plan = bench.plan(&format!("{flags} --pam NGG"));
    assert!(n_best(&plan) > 0);
    let found = all_edits(&plan);
    assert!(found.iter().all(lies_near), "{found:?}, cuts at {cuts:?}");
    assert_eq!(plan["config"]["pam"][0], "NGG");

    let nowhere = bench.plan(&format!("{flags} --pam GATTACAGATTACAGATTACA"));
    assert_eq!(n_best(&nowhere), 0);
    assert_eq!(nowhere["result"]["stopped_reason"], "exhausted");
    let refused = bench.run(&format!("{flags} --pam XYZ"));
    assert_eq!((refused.code, refused.plan), (Some(2), None));
    assert!(refused.stderr.contains("IUPAC"), "{}", refused.stderr);
}
