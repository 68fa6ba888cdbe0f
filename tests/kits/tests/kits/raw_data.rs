//! A real person's genotypes, as a testing service would hand them out.

use std::{
    error::Error,
    fs::{self, File},
    io::{BufRead, BufReader},
    sync::atomic::AtomicBool,
};

use flate2::read::MultiGzDecoder;
use geno_data::{Build, Fasta, ImportError, ImportRawData, RawDataProvider};
use geno_kits::kit;

/// A file of 23andMe and the rows of the VCF that it has to become.
#[derive(Default)]
struct Person {
    raw: String,
    rows: Vec<String>,
}

/// The bi-allelic SNVs of the first sample.
fn person(shift: u64) -> Result<Person, Box<dyn Error>> {
    let file = File::open(kit("kit1/variants/phased.300eur.vcf.gz"))?;
    let mut person = Person::default();
    for line in BufReader::new(MultiGzDecoder::new(file)).lines() {
        let line = line?;
        let columns: Vec<_> = line.split('\t').take(10).collect();
        let [chrom, pos, id, reference, alternate, .., genotype] = columns[..] else {
            continue;
        };
        if line.starts_with('#') || reference.len() + alternate.len() != 2 {
            continue;
        }
        let id = id.split(';').next().unwrap_or(id);
        let alleles = [reference, alternate];
        let called: Vec<usize> = genotype[..3]
            .split('|')
            .map(str::parse)
            .collect::<Result<_, _>>()?;
        let bases: String = called.iter().map(|&allele| alleles[allele]).collect();
        let place = pos.parse::<u64>()? + shift;
        person.raw += &format!("{id}\t{chrom}\t{place}\t{bases}\n");
        if called != [0, 0] {
            let genotype = genotype[..3].replace('|', "/");
            person
                .rows
                .push([chrom, pos, id, reference, alternate, &genotype].join(" "));
        }
    }
    Ok(person)
}

#[test]
fn genotypes_of_a_person_come_back_with_the_build_their_markers_have() -> Result<(), Box<dyn Error>>
{
    let folder = tempfile::tempdir()?;
    let (input, output) = (folder.path().join("raw.txt"), folder.path().join("me.vcf"));
    let fasta = Fasta::open(kit("kit1/ref/GRCh37.20.1-4010000.fa.gz"))?;
    let import = ImportRawData {
        fasta: Some(&fasta),
        strict: true,
        ..ImportRawData::new(RawDataProvider::TwentyThreeAndMe, &input, &output)
    };

    let person_here = person(0)?;
    fs::write(&input, &person_here.raw)?;
    let report = import
        .run(|_| {}, &AtomicBool::new(false))?
        .ok_or("interrupted")?;
    let vcf = fs::read_to_string(&output)?;
    let rows = vcf
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let columns: Vec<_> = line.split('\t').collect();
            let [chrom, pos, id, reference, alternate] = columns[..5] else {
                panic!("{line}");
            };
            [chrom, pos, id, reference, alternate, columns[9]].join(" ")
        });
    assert!(rows.eq(person_here.rows));
    let counts = report.counts;
    assert_eq!((counts.rows, counts.written), (23_670, 2_964));
    assert_eq!(report.build, Some(Build::Grch37));
    assert_eq!(report.evidence.markers, [0, 12, 0]);
    assert_eq!(report.evidence.markers_elsewhere, 0);

    fs::write(&input, person(100)?.raw)?;
    let error = import.run(|_| {}, &AtomicBool::new(false)).unwrap_err();
    assert!(
        matches!(error, ImportError::ReferenceDiffers { .. }),
        "{error}"
    );
    Ok(())
}
