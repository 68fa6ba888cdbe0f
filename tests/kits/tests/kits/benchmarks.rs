//! Benchmarks prepared from published files.

use std::{collections::BTreeMap, error::Error, fs, ops::ControlFlow, path::PathBuf};

use geno_eval::{Assembly, PrepareBenchmark, Prepared, Registry, Selection};
use geno_kits::kit;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn prepare(
    id: &str,
    source: (&str, PathBuf),
    fasta: PathBuf,
    genes: Option<PathBuf>,
) -> Result<(Prepared, String)> {
    let folder = tempfile::tempdir()?;
    let output = folder.path().join("out");
    let prepared = PrepareBenchmark {
        benchmark: Registry::built_in().find(id)?,
        assembly: Assembly::Grch37,
        sources: &BTreeMap::from([(source.0.to_owned(), source.1)]),
        fasta: &fasta,
        genes: genes.as_deref(),
        output: &output,
        selection: &Selection::default(),
    }
    .run(|_| ControlFlow::Continue(()))?;
    let vcf = fs::read_to_string(output.join("variants.vcf"))?;
    Ok((prepared.ok_or("broken off")?, vcf))
}

/// The table's 977 rows, 122 of which are deletions of one base. The slice begins at 42,974,001.
#[test]
fn the_hnf4a_promoter_keeps_its_deletions() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let text = fs::read_to_string(kit("kit1/extra/satmut_mpra_HNF4A_promoter.GRCh37.tsv"))?;
    let moved = text.lines().enumerate().map(|(i, row)| {
        let mut cells: Vec<String> = row.split('\t').map(str::to_owned).collect();
        if i > 0 {
            let pos: u64 = cells[1].parse()?;
            cells[0] = "20:42974001-42994500".to_owned();
            cells[1] = (pos - 42_974_000).to_string();
        }
        Ok(cells.join("\t"))
    });
    let moved: Result<Vec<String>> = moved.collect();
    let (table, fasta) = (
        folder.path().join("elements.tsv"),
        folder.path().join("slice.fa.gz"),
    );
    fs::write(&table, moved?.join("\n"))?;
    fs::copy(kit("kit1/extra/GRCh37.20.42974001-42994500.fa.gz"), &fasta)?;
    let (prepared, vcf) = prepare("mpra_saturation", ("elements", table), fasta, None)?;
    assert_eq!(text.lines().count(), 978);
    assert_eq!(
        prepared.written + prepared.skipped.values().sum::<u64>(),
        977
    );
    // Nothing but the two: every row fits the reference.
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    assert_eq!(
        skipped,
        [("below_minimum", 46), ("conflicting_duplicate", 10)]
    );
    let alleles = vcf.lines().filter(|row| !row.starts_with('#')).map(|row| {
        let mut cells = row.split('\t').skip(3);
        (
            cells.next().unwrap_or("").len(),
            cells.next().unwrap_or("").len(),
        )
    });
    // Of the 122 deletions those with ten barcodes and more, each of which leaves another sequence: counted over the
    // edited sequences.
    let count = |text: &str| {
        text.lines()
            .filter(|row| row.split('\t').nth(3) == Some("-"))
            .count()
    };
    assert_eq!(count(&text), 122);
    assert_eq!(alleles.filter(|lens| *lens == (2, 1)).count(), 67);
    Ok(())
}

/// 110 pathogenic and 99 benign variants, of which the exons hold 192.
#[test]
fn clinvar_is_told_by_the_exons() -> Result<()> {
    let labels = kit("kit1/labels/clinvar_2017-04-04.20_1-4.01Mb.vcf.gz");
    let genes = kit("kit1/annot/exons.gencode_lift37.bed.gz");
    let fasta = kit("kit1/ref/GRCh37.20.1-4010000.fa.gz");
    let (prepared, _) = prepare("clinvar_coding", ("clinvar", labels), fasta, Some(genes))?;
    assert_eq!(prepared.labels, "110 positive, 82 negative");
    let skipped: Vec<_> = prepared.skipped.into_iter().collect();
    let expected = [
        ("other_region", 17),
        ("unsupported_clinical_significance", 120),
    ];
    assert_eq!(skipped, expected);
    Ok(())
}
