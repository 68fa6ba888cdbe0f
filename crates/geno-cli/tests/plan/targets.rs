//! Where plans lead.

use std::fs;

use serde_json::Value;

use crate::{Bench, REGION, START, state, states};

const QUICK: &str = "--horizon 2 --samples 16 --elite 4 --iterations 1 --stopping-eps 0";

#[test]
fn a_copy_of_a_phased_vcf_is_the_target_that_its_variants_are() {
    let bench = Bench::new();
    let text = fs::read_to_string(bench.path().join("ref.fa")).unwrap();
    let bases: String = text.lines().skip(1).collect();
    let snv = |offset: usize| {
        let reference = bases.as_bytes()[START + offset];
        let alternate = if reference == b'A' { 'C' } else { 'A' };
        (START + offset + 1, char::from(reference), alternate)
    };
    let (first, second) = (snv(290), snv(310));
    let row = |(pos, reference, alternate): (usize, char, char), genotypes: &str| {
        format!("chrA\t{pos}\t.\t{reference}\t{alternate}\t.\t.\t.\tGT\t{genotypes}\n")
    };
    let header = "##fileformat=VCFv4.2\n##contig=<ID=chrA>\n\
                  #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n";
    let vcf = [header, &row(first, "0|1\t0|0"), &row(second, "0|1\t1|0")].concat();
    bench.write("phased.vcf", vcf);

    let flags = format!("--region {REGION} {QUICK}");
    let variant = |(pos, reference, alternate)| {
        format!("--target-variant chrA:{pos}:{reference}:{alternate}")
    };
    let outcome = |flags: String| {
        let plan = bench.plan(&flags);
        let result = &plan["result"];
        (
            result["best_distance"].clone(),
            plan["target_state_summary"].clone(),
        )
    };
    let copy = |sample, copy| {
        outcome(format!(
            "{flags} --target-vcf phased.vcf --sample {sample} --haplotype {copy}"
        ))
    };
    let both = outcome(format!("{flags} {} {}", variant(second), variant(first)));
    let one = outcome(format!("{flags} {}", variant(second)));
    assert_eq!(copy("S1", 2), both);
    assert_eq!(copy("S2", 1), one);
    assert_ne!(both, one);
    // A copy that carries nothing is the window itself.
    let (distance, _) = copy("S1", 1);
    assert_eq!(distance, 0.0);
}

#[test]
fn a_plan_that_was_written_as_a_vcf_is_a_target() {
    let bench = Bench::new();
    let search = "--target-state target.json --distance cosine --horizon 2 --samples 32 --elite 4 \
                  --iterations 1 --stopping-eps 0 --edit-types snv,ins,del";
    let plan = bench.plan(&format!(
        "--region {REGION} {search} --output-vcf best.vcf.gz --verify-with-encoder"
    ));
    let verified = &plan["verification"];
    let distance = |name: &str| verified[name].as_f64().unwrap();
    let difference = distance("true_distance") - distance("predicted_distance");
    assert_eq!(verified["difference"], difference);

    let edits = plan["result"]["best_edits"].as_array().unwrap().iter();
    let variants = edits.map(|edit| {
        let text = |key: &str| edit[key].as_str().unwrap();
        let pos = START as u64 + edit["rel_pos"].as_u64().unwrap() + 1;
        let (reference, alternate) = (text("ref_bases"), text("alt_bases"));
        format!("--target-variant chrA:{pos}:{reference}:{alternate}")
    });
    let variants: Vec<String> = variants.collect();
    assert!(!variants.is_empty());
    let outcome = |target: &str| {
        let plan = bench.plan(&format!("--region {REGION} {QUICK} {target}"));
        let distance = plan["result"]["best_distance"].as_f64().unwrap();
        assert!(distance > 0.0);
        (distance, plan["target_state_summary"].clone())
    };
    assert_eq!(
        outcome("--target-vcf best.vcf.gz"),
        outcome(&variants.join(" "))
    );
}

#[test]
fn distances_are_those_within_the_subspace() {
    let bench = Bench::new();
    let axis = |i: usize| -> Vec<f64> { (0..64).map(|j| f64::from(u8::from(i == j))).collect() };
    // Rows need not be of length 1, nor at right angles.
    let slanted: Vec<f64> = axis(3)
        .iter()
        .zip(axis(7))
        .map(|(a, b)| 2. * a + b)
        .collect();
    bench.write("rows.json", states(&[axis(3), slanted]));
    let plan = bench.plan(&format!(
        "--region {REGION} {QUICK} --target-state target.json --project rows.json"
    ));
    let best: Vec<f64> = numbers(&plan["result"]["best_predicted_state"]);
    let target = state(1);
    let expected = (best[3] - target[3]).hypot(best[7] - target[7]);
    let found = plan["result"]["best_distance"].as_f64().unwrap();
    assert!((found - expected).abs() < 1e-6, "{found}, {expected}");
    assert!(found > 0.0 && plan["inputs"]["project"]["sha256"].is_string());

    bench.write("narrow.json", "[[1, 0]]");
    let refused = bench.run(&format!(
        "--region {REGION} {QUICK} --target-state target.json --project narrow.json"
    ));
    assert_eq!((refused.code, refused.plan), (Some(2), None));
}

#[test]
fn the_nearest_of_several_states_counts() {
    let bench = Bench::new();
    bench.write("far.json", states(&[state(2), state(3)]));
    let flags = format!("--region {REGION} {QUICK} --initial-state target.json");
    let far = bench.plan(&format!("{flags} --target-state far.json"));
    let all = bench.plan(&format!(
        "{flags} --target-state far.json --target-state target.json"
    ));
    assert!(far["result"]["best_distance"].as_f64().unwrap() > 0.0);
    assert_eq!(all["result"]["best_distance"], 0.0);
    assert_eq!(all["target_state_summary"]["n_states"], 3);
}

fn numbers(list: &Value) -> Vec<f64> {
    let list = list.as_array().unwrap().iter();
    list.map(|x| x.as_f64().unwrap()).collect()
}
