//! Shards of the Python package, and ours of the same files.

use std::fs::{self, File};

use geno_data::{ClinicalSignificance, ClinvarVariant, GnomadVariant, Population};
use parquet::file::reader::{FileReader, SerializedFileReader};

use crate::{Folder, Outcome, clinvar_variants, fixture, gnomad_variants};

/// Names, types and nullability of the columns of a Parquet file.
fn columns(path: &std::path::Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema_descr_ptr();
    let columns = schema.columns().iter();
    columns
        .map(|column| {
            let (physical, converted) = (column.physical_type(), column.converted_type());
            let nulls = column.max_def_level();
            format!("{} {physical} {converted} {nulls}", column.name())
        })
        .collect()
}

#[test]
fn a_gnomad_shard_begins_with_the_columns_of_the_python_package() -> Outcome {
    let folder = Folder::of(fs::read(fixture("gnomad.vcf"))?);
    folder.prepare_gnomad()?;
    let theirs = columns(&fixture("gnomad.parquet"));
    let ours = columns(&folder.path("gnomad"));
    assert_eq!(theirs.len(), 16);
    assert_eq!(ours[..16], theirs);
    assert_eq!(ours.len(), 22);
    Ok(())
}

#[test]
fn a_clinvar_shard_begins_with_the_columns_of_the_python_package() -> Outcome {
    let folder = Folder::of(fs::read(fixture("clinvar.vcf"))?);
    folder.prepare_clinvar()?;
    let theirs = columns(&fixture("clinvar.parquet"));
    let ours = columns(&folder.path("clinvar"));
    assert_eq!(theirs.len(), 9);
    assert_eq!(ours[..9], theirs);
    assert_eq!(ours.len(), 14);
    Ok(())
}

#[test]
fn a_gnomad_shard_has_the_rows_of_the_python_package_and_more_columns() -> Outcome {
    let theirs = gnomad_variants(&fixture("gnomad.parquet"));
    let folder = Folder::of(fs::read(fixture("gnomad.vcf"))?);
    let counts = folder.prepare_gnomad()?.counts;
    let ours = folder.gnomad_variants();

    let fields = |variant: &GnomadVariant| {
        let mut variant = variant.clone();
        for population in [Population::Mid, Population::Remaining] {
            variant.af[population as usize] = None;
        }
        (variant.af_grpmax, variant.ac, variant.an, variant.nhomalt) = (None, None, None, None);
        variant
    };
    assert!(ours.iter().map(fields).eq(theirs.iter().cloned()));
    for population in Population::ALL {
        let found = |variants: &[GnomadVariant]| {
            variants
                .iter()
                .any(|variant| variant.af_of(population).is_some())
        };
        let is_new = matches!(population, Population::Mid | Population::Remaining);
        assert_eq!(
            (found(&ours), found(&theirs)),
            (true, !is_new),
            "{population:?}"
        );
    }
    assert!(
        ours.iter()
            .all(|variant| variant.an == Some(152_312) || variant.an.is_none())
    );

    let rows = counts.rows;
    let seen = (
        rows.records_read,
        rows.allele_records_seen,
        rows.records_written,
    );
    assert_eq!(seen, (240, 358, 42));
    assert_eq!(
        (
            counts.skipped_filter,
            rows.skipped_allele,
            counts.skipped_af
        ),
        (114, 115, 87)
    );
    assert_eq!(rows.skipped_duplicate, 0);
    Ok(())
}

#[test]
fn a_clinvar_shard_has_the_rows_of_the_python_package_and_more_columns() -> Outcome {
    let theirs = clinvar_variants(&fixture("clinvar.parquet"));
    let folder = Folder::of(fs::read(fixture("clinvar.vcf"))?);
    let counts = folder.prepare_clinvar()?.counts;
    let ours = folder.clinvar_variants();

    // What they store as the id of the variation is that of the allele.
    let fields = |variant: &ClinvarVariant| ClinvarVariant {
        clinvar_id: variant.allele_id,
        variation_id: None,
        allele_id: None,
        review_stars: None,
        significance_text: None,
        conflicting_text: None,
        ..variant.clone()
    };
    assert!(ours.iter().map(fields).eq(theirs));
    assert!(
        ours.iter()
            .all(|variant| variant.variation_id == variant.clinvar_id)
    );
    assert!(
        ours.iter()
            .all(|variant| variant.variation_id < Some(5_000))
    );
    for class in ClinicalSignificance::ALL {
        let n = ours
            .iter()
            .filter(|variant| variant.significance == class)
            .count() as u64;
        assert!(n > 0, "{class:?}");
        assert_eq!(counts.written_by_significance[&class], n);
    }
    for stars in 0..=4 {
        assert!(
            ours.iter()
                .any(|variant| variant.review_stars == Some(stars)),
            "{stars}"
        );
    }
    assert_eq!(
        (counts.rows.records_read, counts.rows.records_written),
        (120, 84)
    );
    assert_eq!(
        (counts.rows.skipped_allele, counts.written_without_id),
        (36, 0)
    );
    Ok(())
}
