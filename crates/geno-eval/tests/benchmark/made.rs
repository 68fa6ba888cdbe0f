//! Benchmarks that are made of transcripts by rule.

use std::{collections::BTreeMap, fs};

use geno_eval::{Assembly, Selection};

use crate::Bench;

/// A gene on each strand: exon of 30 bases, intron of 400, exon of 30, all coding.
///
/// The codons are `ATG (TAC)×8 … TAA`, the intron begins with GT, ends with AG and is of `GATTACA` otherwise. The second
/// contig holds the reverse complement.
fn genome() -> (String, String) {
    let codons = format!("ATG{}TAA", "TAC".repeat(18));
    let inside: String = "GATTACA".chars().cycle().take(396).collect();
    let gene = format!("{}GT{inside}AG{}", &codons[..30], &codons[30..]);
    let flank = "CT".repeat(50);
    let forward = format!("{flank}{gene}{flank}");
    let complement = |base: char| match base {
        'A' => 'T',
        'C' => 'G',
        'G' => 'C',
        _ => 'A',
    };
    let reverse: String = forward.chars().rev().map(complement).collect();
    let fasta = format!(">1\n{forward}\n>2\n{reverse}\n");
    let mut gtf = String::new();
    for (contig, strand) in [("1", "+"), ("2", "-")] {
        // 1-based and closed; the gene is its own mirror image.
        for (i, (start, end)) in [(101, 130), (531, 560)].into_iter().enumerate() {
            for feature in ["exon", "CDS"] {
                let names = format!(
                    "gene_id \"G{contig}\"; transcript_id \"T{contig}\"; exon_number \"{}\";",
                    i + 1
                );
                gtf +=
                    &format!("{contig}\tx\t{feature}\t{start}\t{end}\t.\t{strand}\t0\t{names}\n");
            }
        }
    }
    (fasta, gtf)
}

fn prepare(id: &str, max: Option<u64>) -> Bench {
    let bench = Bench::new(Assembly::Grch37);
    let (fasta, gtf) = genome();
    fs::write(bench.path("ref.fa"), fasta).unwrap();
    bench.write("genes.gtf", gtf);
    let selection = Selection {
        max,
        ..Selection::default()
    };
    let genes = bench.path("genes.gtf");
    bench
        .prepare_some(id, &[], Some(&genes), "out", &selection)
        .unwrap();
    bench
}

/// The rows of each pair, the positive one first.
fn pairs(bench: &Bench) -> Vec<[BTreeMap<String, String>; 2]> {
    let mut pairs: BTreeMap<String, Vec<BTreeMap<String, String>>> = BTreeMap::new();
    for row in bench.labels("out") {
        let text = |field: &str| match row.get(field) {
            Some(value) => match value.as_str() {
                Some(text) => text.to_owned(),
                None => value.as_u64().unwrap().to_string(),
            },
            None => panic!("no {field}"),
        };
        let fields = ["chrom", "pos", "ref", "alt", "label", "consequence"];
        let fields = fields.map(|field| (field.to_owned(), text(field)));
        pairs.entry(text("pair")).or_default().push(fields.into());
    }
    let sorted = |mut pair: Vec<BTreeMap<String, String>>| {
        pair.sort_by_key(|row| row["label"] != "1");
        <[_; 2]>::try_from(pair).unwrap()
    };
    pairs.into_values().map(sorted).collect()
}

#[test]
fn a_splice_site_stands_beside_the_same_bases_of_its_intron() {
    let bench = prepare("perturbation_splice_sites", None);
    let pairs = pairs(&bench);
    assert_eq!(pairs.len(), 4);
    let mut sites = Vec::new();
    for [site, control] in &pairs {
        for field in ["chrom", "ref", "alt"] {
            assert_eq!(site[field], control[field]);
        }
        assert!(site["consequence"].starts_with("splice_"));
        assert_eq!(control["consequence"], "intron_variant");
        // 50 bases from either exon, in the intron of 131 to 530.
        let pos: u64 = control["pos"].parse().unwrap();
        assert!((181..=480).contains(&pos), "{pos}");
        sites.push((
            site["chrom"].clone(),
            site["pos"].clone(),
            site["ref"].clone(),
        ));
    }
    sites.sort();
    let expected = [
        ("1", "131", "G"),
        ("1", "530", "G"),
        ("2", "131", "C"),
        ("2", "530", "C"),
    ];
    assert_eq!(
        sites,
        expected.map(|(a, b, c)| (a.to_owned(), b.to_owned(), c.to_owned()))
    );
}

#[test]
fn a_stop_codon_stands_beside_a_silent_change_of_its_codon() {
    let bench = prepare("perturbation_stop_codons", None);
    let pairs = pairs(&bench);
    // Four of each transcript, whose codons between the first and the last are all TAC.
    assert_eq!(pairs.len(), 8);
    for [stop, silent] in &pairs {
        assert_eq!(stop["consequence"], "stop_gained");
        assert_eq!(silent["consequence"], "synonymous_variant");
        // TAC ends by its third base alone, and that is where it can change to TAT.
        assert_eq!(stop["pos"], silent["pos"]);
        let (reference, silent_alternate) = match stop["chrom"].as_str() {
            "1" => ("C", "T"),
            _ => ("G", "A"),
        };
        assert_eq!(
            (&*silent["ref"], &*silent["alt"]),
            (reference, silent_alternate)
        );
    }
}

#[test]
fn pairs_are_taken_whole() {
    let bench = prepare("perturbation_stop_codons", Some(5));
    assert_eq!(pairs(&bench).len(), 2);
}
