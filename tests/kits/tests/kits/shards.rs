//! Shards of real VCF files, against counts of their lines.

use std::{collections::BTreeMap, error::Error, io::Read, ops::ControlFlow, path::Path};

use flate2::read::MultiGzDecoder;
use geno_data::{
    ClinicalSignificance, ClinvarShard, GnomadShard, PrepareClinvar, PrepareGnomad, PrepareShard,
};
use geno_kits::kit;

type Outcome = Result<(), Box<dyn Error>>;

/// The rows of a file, split at tabs.
fn rows(path: &Path) -> Result<Vec<Vec<String>>, Box<dyn Error>> {
    let mut text = String::new();
    MultiGzDecoder::new(std::fs::File::open(path)?).read_to_string(&mut text)?;
    let rows = text.lines().filter(|line| !line.starts_with('#'));
    Ok(rows
        .map(|row| row.split('\t').map(str::to_owned).collect())
        .collect())
}

fn value<'a>(info: &'a str, key: &str) -> Option<&'a str> {
    info.split(';')
        .find_map(|field| field.strip_prefix(key)?.strip_prefix('='))
}

fn is_short_dna(allele: &str) -> bool {
    allele.len() <= 16 && allele.bytes().all(|base| b"ACGT".contains(&base))
}

fn files<'a>(vcf: &'a Path, output: &'a Path) -> PrepareShard<'a> {
    PrepareShard {
        vcf,
        output,
        release: "kit",
        max_allele_len: 16,
        overwrite: false,
        rejected: None,
    }
}

/// What a shard has to hold, and how many alleles are left out: bad ones, and rare ones.
fn common_alleles(rows: &[Vec<String>]) -> (Vec<String>, u64, u64) {
    let (mut common, mut n_bad, mut n_rare) = (Vec::new(), 0, 0);
    for row in rows {
        for (i, alternate) in row[4].split(',').enumerate() {
            if !is_short_dna(&row[3]) || !is_short_dna(alternate) {
                n_bad += 1;
                continue;
            }
            let af = value(&row[7], "AF").and_then(|af| af.split(',').nth(i)?.parse::<f64>().ok());
            match af {
                Some(af) if af >= 0.01 => {
                    common.push(format!(
                        "{}:{}:{}:{alternate} {}",
                        row[0], row[1], row[3], af as f32
                    ));
                }
                _ => n_rare += 1,
            }
        }
    }
    (common, n_bad, n_rare)
}

fn shard_alleles(path: &Path) -> Result<Vec<String>, Box<dyn Error>> {
    let mut alleles = Vec::new();
    for variant in GnomadShard::open(path)?.variants()? {
        let v = variant?;
        v.edit()?;
        alleles.push(format!(
            "{}:{}:{}:{} {}",
            v.chrom, v.pos, v.reference, v.alternate, v.af_global
        ));
    }
    Ok(alleles)
}

#[test]
fn common_variants_of_1000_genomes_become_a_shard() -> Outcome {
    let vcf = kit("kit1/variants/1kgp3.global.20_1-2Mb.sites.vcf.gz");
    let rows = rows(&vcf)?;
    let (common, n_bad, n_rare) = common_alleles(&rows);
    let folder = tempfile::tempdir()?;
    let prepare = PrepareGnomad {
        files: files(&vcf, folder.path()),
        min_af: 0.01,
        allow_unfiltered: false,
    };
    let report = prepare
        .run(|_| ControlFlow::Continue(()))?
        .ok_or("broken off")?;
    let counts = report.counts;

    assert_eq!(counts.rows.records_read, 28_998);
    assert_eq!(counts.rows.skipped_allele_kinds.symbolic, 24);
    assert_eq!((counts.rows.malformed_rows, counts.skipped_filter), (0, 0));
    assert_eq!(
        (counts.rows.skipped_allele, counts.skipped_af),
        (n_bad, n_rare)
    );
    assert_eq!(counts.rows.skipped_duplicate, 0);
    assert!(shard_alleles(&report.output_path)? == common);
    Ok(())
}

#[test]
fn dbsnp_without_filters_becomes_a_shard_only_if_asked_for() -> Outcome {
    let vcf = kit("kit3/variants/dbsnp149_1kgp3.vcf.gz");
    let rows = rows(&vcf)?;
    let n_alleles: usize = rows.iter().map(|row| row[4].split(',').count()).sum();
    let (common, n_bad, n_rare) = common_alleles(&rows);
    let folder = tempfile::tempdir()?;
    let mut prepare = PrepareGnomad {
        files: files(&vcf, folder.path()),
        min_af: 0.01,
        allow_unfiltered: false,
    };
    let report = prepare
        .run(|_| ControlFlow::Continue(()))?
        .ok_or("broken off")?;
    assert_eq!(report.counts.rows.records_read, 115_435);
    assert_eq!(report.counts.skipped_filter, n_alleles as u64);
    assert_eq!(report.counts.rows.records_written, 0);

    prepare.allow_unfiltered = true;
    prepare.files.overwrite = true;
    let report = prepare
        .run(|_| ControlFlow::Continue(()))?
        .ok_or("broken off")?;
    let counts = report.counts;
    assert_eq!(
        (counts.rows.skipped_allele, counts.skipped_af),
        (n_bad, n_rare)
    );
    // Several dbSNP rows may have one allele; the first stays.
    let mut first = BTreeMap::new();
    for (i, allele) in common.iter().enumerate() {
        let variant = allele.split(' ').next().unwrap_or_default();
        first.entry(variant).or_insert((i, allele));
    }
    let mut expected: Vec<_> = first.into_values().collect();
    expected.sort_unstable();
    let n_duplicates = (common.len() - expected.len()) as u64;
    assert_eq!(counts.rows.skipped_duplicate, n_duplicates);
    assert!(
        shard_alleles(&report.output_path)?
            .iter()
            .eq(expected.iter().map(|(_, a)| *a))
    );
    Ok(())
}

#[test]
fn labels_without_ids_become_a_shard() -> Outcome {
    let vcf = kit("kit1/labels/clinvar_2017-04-04.20_1-4.01Mb.vcf.gz");
    let folder = tempfile::tempdir()?;
    let prepare = PrepareClinvar {
        files: files(&vcf, folder.path()),
    };
    let report = prepare
        .run(|_| ControlFlow::Continue(()))?
        .ok_or("broken off")?;
    let counts = report.counts;
    assert_eq!(
        (counts.rows.records_read, counts.rows.records_written),
        (329, 329)
    );
    assert_eq!(counts.written_without_id, 329);
    let expected = BTreeMap::from([(ClinicalSignificance::Other, 329)]);
    assert_eq!(
        counts.written_by_significance, expected,
        "its classes have a key of their own"
    );
    Ok(())
}

#[test]
fn the_significance_of_dbsnp_rows_is_read() -> Outcome {
    let vcf = kit("kit3/variants/dbsnp149_1kgp3.vcf.gz");
    let mut expected: BTreeMap<_, u64> = BTreeMap::new();
    for row in rows(&vcf)? {
        let terms = value(&row[7], "CLNSIG").unwrap_or_default().split('|');
        let mut terms: Vec<_> = terms
            .filter(|term| !term.starts_with("not_") && *term != "protective")
            .collect();
        terms.sort_unstable();
        let class = match &terms[..] {
            ["pathogenic"] => ClinicalSignificance::Pathogenic,
            ["likely_pathogenic"] | ["likely_pathogenic", "pathogenic"] => {
                ClinicalSignificance::LikelyPathogenic
            }
            ["uncertain_significance"] => ClinicalSignificance::Uncertain,
            ["likely_benign"] => ClinicalSignificance::LikelyBenign,
            ["benign"] => ClinicalSignificance::Benign,
            _ => ClinicalSignificance::Other,
        };
        *expected.entry(class).or_default() += row[4]
            .split(',')
            .filter(|alternate| is_short_dna(&row[3]) && is_short_dna(alternate))
            .count() as u64;
    }
    let folder = tempfile::tempdir()?;
    let prepare = PrepareClinvar {
        files: files(&vcf, folder.path()),
    };
    let report = prepare
        .run(|_| ControlFlow::Continue(()))?
        .ok_or("broken off")?;
    let mut found: BTreeMap<_, u64> = BTreeMap::new();
    for variant in ClinvarShard::open(&report.output_path)?.variants()? {
        *found.entry(variant?.significance).or_default() += 1;
    }
    assert_eq!(found, report.counts.written_by_significance);
    found.retain(|class, _| *class != ClinicalSignificance::Other);
    expected.retain(|class, _| *class != ClinicalSignificance::Other);
    assert_eq!(found, expected);
    Ok(())
}
