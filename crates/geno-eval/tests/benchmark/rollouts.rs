//! Haplotypes that are read again as they were chosen.

use std::{collections::BTreeSet, fs};

use geno_data::{CarriedHaplotypes, CarriedRow, Fasta, HaplotypeOptions};
use geno_eval::{Assembly, Selection};

use crate::Bench;

/// The haplotypes of a VCF, each as its edits.
fn haplotypes(bench: &Bench, vcf: &str, max_edits: usize, max_gap: u64) -> Vec<String> {
    let fasta = Fasta::open(bench.path("ref.fa")).unwrap();
    let options = HaplotypeOptions {
        max_edits,
        max_gap,
        samples: None,
        region: None,
    };
    let rows = CarriedHaplotypes::open(&bench.path(vcf), &fasta, &options).unwrap();
    let rows = rows.map(|row| match row.unwrap() {
        CarriedRow::Haplotype(haplotype) => {
            let edits = haplotype.edits();
            let edits =
                edits.map(|edit| format!("{}{}{}", edit.pos(), edit.reference(), edit.alternate()));
            edits.collect::<Vec<_>>().join(" ")
        }
        CarriedRow::Rejected(row) => panic!("{row:?}"),
    });
    rows.collect()
}

const PHASED: &str = "\
##fileformat=VCFv4.2
#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta\tb
13\t2\t.\tC\tT\t.\t.\t.\tGT\t1|0\t0|1
13\t3\t.\tG\tA,C\t.\t.\t.\tGT\t1|2\t0|0
13\t5\t.\tA\tC\t.\t.\t.\tGT\t0|0\t1|1
13\t50\t.\tG\tC\t.\t.\t.\tGT\t1|1\t0|1
20\t6\t.\tG\tA\t.\t.\t.\tGT\t0|1\t0|0
";

#[test]
fn chosen_haplotypes_are_those_that_are_read_again() {
    let bench = Bench::new(Assembly::Grch37);
    bench.write("phased.vcf", PHASED);
    let sources = [("phased", "phased.vcf")];
    bench
        .prepare("rollout_phased_haplotypes", &sources, "all")
        .unwrap();
    let read = |vcf: &str| {
        haplotypes(&bench, vcf, 16, 30)
            .into_iter()
            .collect::<BTreeSet<_>>()
    };
    let all = read("phased.vcf");
    let by_hand = ["2CT 3GA", "3GC", "5AC", "2CT 5AC", "50GC", "6GA"].map(str::to_owned);
    assert_eq!(all, BTreeSet::from(by_hand));
    assert_eq!(read("all/variants.vcf"), all);

    let selection = Selection {
        max: Some(3),
        ..Selection::default()
    };
    let id = "rollout_phased_haplotypes";
    bench
        .prepare_some(id, &sources, None, "three", &selection)
        .unwrap();
    let three = read("three/variants.vcf");
    assert_eq!(three.len(), 3);
    assert!(three.is_subset(&all));
}

#[test]
fn chains_of_a_place_share_its_first_base_and_nothing_else() {
    let bench = Bench::new(Assembly::Grch38);
    let bases: String = "GATTACACCTG".chars().cycle().take(20_000).collect();
    fs::write(bench.path("ref.fa"), format!(">9\n{bases}\n")).unwrap();
    let selection = Selection {
        max: Some(32),
        ..Selection::default()
    };
    let id = "rollout_synthetic_edit_chains";
    let prepared = bench
        .prepare_some(id, &[], None, "out", &selection)
        .unwrap();
    assert_eq!(prepared.written, 32);
    let chains = haplotypes(&bench, "out/variants.vcf", 16, 48);
    assert_eq!(chains.iter().collect::<BTreeSet<_>>().len(), 32);
    let positions = |chain: &String| -> Vec<u64> {
        let edits = chain.split(' ');
        let digits = |edit: &str| edit.trim_end_matches(char::is_alphabetic).parse().unwrap();
        edits.map(digits).collect()
    };
    for group in chains.chunks(16) {
        let first = positions(&group[0])[0];
        for chain in group {
            let positions = positions(chain);
            assert_eq!((positions.len(), positions[0]), (16, first));
            assert!(positions[15] < first + 48);
        }
    }
}
