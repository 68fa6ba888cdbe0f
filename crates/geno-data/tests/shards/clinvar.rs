//! What becomes of the rows of a ClinVar file.

use geno_data::ClinicalSignificance as Class;

use crate::{Folder, Outcome};

#[test]
fn a_row_without_an_id_is_written_and_counted() -> Outcome {
    let folder = Folder::of_rows(
        "13\t1\trs7\tA\tC\t.\t.\tCLNSIG=Benign;ALLELEID=5\n\
         13\t2\t.\tA\tC\t.\t.\tCLNSIG=Benign;CLNVID=9\n\
         13\t3\t77\tA\tC\t.\t.\t.\n",
    );
    let counts = folder.prepare_clinvar()?.counts;
    assert_eq!(
        (counts.rows.records_written, counts.written_without_id),
        (3, 1)
    );
    let variants = folder.clinvar_variants();
    let ids: Vec<_> = variants
        .iter()
        .map(|v| (v.variation_id, v.allele_id))
        .collect();
    assert_eq!(ids, [(None, Some(5)), (Some(9), None), (Some(77), None)]);
    let last = &variants[2];
    assert_eq!(
        (last.significance, last.review_status.as_str()),
        (Class::Other, "unknown")
    );
    assert_eq!((last.review_stars, &last.gene_symbol), (None, &None));
    Ok(())
}

#[test]
fn labels_belong_to_the_record_unless_there_is_one_an_allele() -> Outcome {
    let folder = Folder::of_rows(
        "13\t1\t1\tA\tC,G\t.\t.\tCLNSIG=Pathogenic,_low_penetrance;ALLELEID=5,6;\
         CLNREVSTAT=criteria_provided,_single_submitter\n\
         13\t2\t2\tA\tC,G\t.\t.\tCLNSIG=Likely_benign,Pathogenic;\
         CLNREVSTAT=criteria_provided,_single_submitter,practice_guideline\n",
    );
    folder.prepare_clinvar()?;
    let variants = folder.clinvar_variants();
    let found: Vec<_> = variants
        .iter()
        .map(|v| (v.significance, v.review_stars, v.allele_id))
        .collect();
    let expected = [
        (Class::Pathogenic, Some(1), Some(5)),
        (Class::Pathogenic, Some(1), Some(6)),
        (Class::LikelyBenign, Some(1), None),
        (Class::Pathogenic, Some(4), None),
    ];
    assert_eq!(found, expected);
    assert_eq!(
        variants[1].significance_text.as_deref(),
        Some("Pathogenic,_low_penetrance")
    );
    Ok(())
}

#[test]
fn a_conflict_keeps_its_parts_and_tumours_do_not_matter() -> Outcome {
    let folder = Folder::of_rows(
        "13\t1\t1\tA\tC\t.\t.\tCLNSIG=Conflicting_classifications_of_pathogenicity;\
         CLNSIGCONF=Pathogenic(2)|Uncertain_significance(1)\n\
         13\t2\t2\tA\tC\t.\t.\tCLNSIGCONF=Benign(2)|Likely_benign(1)\n\
         13\t3\t3\tA\tC\t.\t.\tONC=Oncogenic;ONCREVSTAT=reviewed_by_expert_panel;SCI=Tier_I\n",
    );
    let counts = folder.prepare_clinvar()?.counts;
    let variants = folder.clinvar_variants();
    let classes: Vec<_> = variants.iter().map(|v| v.significance).collect();
    assert_eq!(classes, [Class::Other, Class::LikelyBenign, Class::Other]);
    let parts = variants[0].conflicting_text.as_deref();
    assert_eq!(parts, Some("Pathogenic(2)|Uncertain_significance(1)"));
    assert_eq!(variants[2].review_status, "unknown");
    let written = counts.written_by_significance;
    assert_eq!(
        written.into_iter().collect::<Vec<_>>(),
        [(Class::LikelyBenign, 1), (Class::Other, 2)]
    );
    Ok(())
}
