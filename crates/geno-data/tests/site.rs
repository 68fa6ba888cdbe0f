//! Variants placed on a reference.

use std::{fs, io::Cursor, path::Path};

use geno_core::{Coded, ErrorCode, StateContract};
use geno_data::{
    CenteredWindows, Fasta, MAX_SITE_EDITS, PlaceError, Placed, PlacedSite, ReferenceError,
    RejectReason, RejectedRow, SiteGrouper, Skip, VcfError, VcfReader,
};
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

const V2: StateContract = StateContract::L2NormalizedV2;
const LEGACY: StateContract = StateContract::LegacyRawV1;

fn fasta(text: &str) -> (TempDir, Fasta) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("ref.fa");
    fs::write(&path, text).unwrap();
    let fasta = Fasta::open(path).unwrap();
    (folder, fasta)
}

fn vcf(rows: &str) -> VcfReader {
    let header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";
    VcfReader::new(Cursor::new(format!("{header}{rows}"))).unwrap()
}

struct Outcome {
    sites: Vec<PlacedSite>,
    rejected: Vec<RejectedRow>,
    error: Option<PlaceError>,
}

fn place(fasta: &Fasta, rows: VcfReader, window_bp: u64, contract: StateContract) -> Outcome {
    let mut outcome = Outcome {
        sites: Vec::new(),
        rejected: Vec::new(),
        error: None,
    };
    for placed in SiteGrouper::new(rows, fasta, CenteredWindows::new(window_bp, contract)) {
        assert!(outcome.error.is_none(), "something came after the error");
        match placed {
            Ok(Placed::Site(site)) => outcome.sites.push(site),
            Ok(Placed::Rejected(row)) => outcome.rejected.push(row),
            Err(error) => outcome.error = Some(error),
        }
    }
    outcome
}

#[test]
fn neighbours_at_one_position_share_a_site() {
    let (_folder, fasta) = fasta(&format!(">chr20\n{}\n", "ACGT".repeat(50)));
    let rows = "20\t101\ta\tA\tC,*,G\nchr20\t101\tb\tACG\tA\n20\t102\tc\tC\tT\n20\t101\td\tA\tT\n";
    let outcome = place(&fasta, vcf(rows), 64, V2);
    assert!(outcome.error.is_none());
    let ids: Vec<Vec<&str>> = outcome
        .sites
        .iter()
        .map(|site| site.variants().iter().map(|variant| variant.id()).collect())
        .collect();
    assert_eq!(ids, [vec!["a", "a", "b"], vec!["c"], vec!["d"]]);
    assert_eq!(outcome.rejected.len(), 1);

    let first = &outcome.sites[0];
    assert_eq!(first.contig(), "chr20");
    let window = first.site().window();
    assert_eq!((window.start(), window.len()), (68, 64));
    assert_eq!(window.right_flank().len(), 15);
    for (variant, edit) in first.variants().iter().zip(first.site().edits()) {
        assert_eq!(edit.rel_pos(), 32);
        assert_eq!(edit.alternate(), variant.edit().alternate());
    }
}

#[test]
fn rows_that_do_not_fit_the_reference_are_rejected() {
    let (_folder, fasta) = fasta(&format!(">20\nacgt{}NRAC\n", "ACGT".repeat(20)));
    let rows = "20\t1\t.\tA\tC\n21\t1\t.\tA\tC\n20\t89\t.\tA\tC\n20\t88\t.\tCG\tC\n\
                20\t18446744073709551615\t.\tAC\tA\n20\t2\t.\tG\tC\n20\t85\t.\tA\tC\n20\t86\t.\tG\tC\n\
                20\t88\t.\tC\tT\n";
    let outcome = place(&fasta, vcf(rows), 64, V2);
    assert_eq!(outcome.sites.len(), 2);
    let reasons: Vec<&RejectReason> = outcome.rejected.iter().map(|row| &row.reason).collect();
    use ReferenceError::*;
    let past = || PastContig {
        contig: "20".into(),
        len: 88,
    };
    let unknown = || UnknownBases {
        contig: "20".into(),
    };
    let expected = [
        UnknownContig { chrom: "21".into() },
        past(),
        past(),
        past(),
        Mismatch {
            contig: "20".into(),
            found: "C".into(),
        },
        unknown(),
        unknown(),
    ]
    .map(RejectReason::Reference);
    assert_eq!(reasons, expected.iter().collect::<Vec<_>>());

    let codes = [0, 1, 4, 5].map(|i| outcome.rejected[i].code());
    use ErrorCode::*;
    assert_eq!(
        codes,
        [
            InputUnknownContig,
            InputOutOfWindow,
            InputRefMismatch,
            InputRefMismatch
        ]
    );
    assert_eq!(outcome.rejected[4].pos.as_deref(), Some("2"));
    assert_eq!(outcome.rejected[4].line, 8);
}

#[test]
fn a_contig_shorter_than_the_window_is_padded_only_for_the_legacy_contract() {
    let (_folder, fasta) = fasta(&format!(">s\n{}\n", "ACGT".repeat(10)));
    let site = |contract| {
        place(&fasta, vcf("s\t40\t.\tT\tG\n"), 64, contract)
            .sites
            .remove(0)
    };
    let (v2, legacy) = (site(V2), site(LEGACY));
    assert_eq!(v2.site().window().bases(), "ACGT".repeat(10).as_bytes());
    let padded = format!("{}{}", "ACGT".repeat(10), "A".repeat(24));
    assert_eq!(legacy.site().window().bases(), padded.as_bytes());
    assert_eq!(legacy.site().window().right_flank(), b"");
    assert_eq!(legacy.site().edits()[0].rel_pos(), 39);
}

#[test]
fn an_error_of_the_vcf_comes_after_the_sites_before_it() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(50)));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n20\t1\t.\tA\tC\n20\t5\t.\tA\tC\n";
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    let mut contents = gzip.finish().unwrap();
    contents.truncate(contents.len() - 8);
    let rows = VcfReader::new(Cursor::new(contents)).unwrap();
    let outcome = place(&fasta, rows, 64, V2);
    assert_eq!(outcome.sites.len(), 2);
    let error = outcome.error.expect("an error at the end");
    assert!(matches!(error, PlaceError::Vcf(VcfError::Truncated { .. })));
    assert_eq!(error.code(), ErrorCode::InputTruncated);
}

#[test]
fn a_position_with_very_many_rows_makes_several_sites() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(50)));
    let rows = "20\t101\t.\tA\tC\n".repeat(2 * MAX_SITE_EDITS + 1);
    let outcome = place(&fasta, vcf(&rows), 64, V2);
    let sizes: Vec<usize> = outcome
        .sites
        .iter()
        .map(|site| site.site().edits().len())
        .collect();
    assert_eq!(sizes, [MAX_SITE_EDITS, MAX_SITE_EDITS, 1]);
}

#[test]
fn the_published_variants_have_a_place_on_their_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let text = fs::read_to_string(folder.join("ref.fa")).unwrap();
    let (_folder, fasta) = fasta(&text);
    let rows = VcfReader::open(folder.join("variants.vcf")).unwrap();
    let outcome = place(&fasta, rows, 12_288, LEGACY);
    assert!(outcome.rejected.is_empty() && outcome.error.is_none());
    let n_edits: usize = outcome.sites.iter().map(|site| site.variants().len()).sum();
    assert_eq!((outcome.sites.len(), n_edits), (38, 40));
    for site in &outcome.sites {
        assert_eq!(site.site().window().len(), 12_288);
    }
}

proptest! {
    #[test]
    fn every_window_holds_its_edit_wherever_it_lies(
        len in 1usize..300, locus: prop::sample::Index, window_bp in 32u64..200,
        is_legacy: bool, n_replaced in 1usize..=16,
    ) {
        let sequence: String = (0..len).map(|i| char::from(b"ACGT"[i * i % 11 % 4])).collect();
        let (_folder, fasta) = fasta(&format!(">c\n{sequence}\n"));
        let locus = locus.index(len);
        let reference = &sequence[locus..len.min(locus + n_replaced)];
        let alternate = if reference == "A" { "C" } else { "A" };
        let row = format!("c\t{}\t.\t{reference}\t{alternate}\n", locus + 1);
        let contract = if is_legacy { LEGACY } else { V2 };

        let outcome = place(&fasta, vcf(&row), window_bp, contract);
        prop_assert!(outcome.error.is_none() && outcome.rejected.is_empty());
        let site = outcome.sites[0].site();
        let window = site.window();
        let start = window.start() as usize;
        prop_assert_eq!(start + site.edits()[0].rel_pos(), locus);
        let end = len.min(start + window.len());
        prop_assert_eq!(&window.bases()[..end - start], &sequence.as_bytes()[start..end]);
        let expected_len = if is_legacy { window_bp } else { window_bp.min(len as u64) };
        prop_assert_eq!(window.len() as u64, expected_len);
        let flank_len = if is_legacy { 0 } else { (len - end).min(15) };
        prop_assert_eq!(window.right_flank(), &sequence.as_bytes()[end..end + flank_len]);
    }
}

proptest! {
    #[test]
    fn a_stream_goes_on_where_an_earlier_one_was_left(
        rows in prop::collection::vec((1u64..5, "[ACGT]", "([ACGT]|\\*|<DEL>)(,[ACGT]{1,2}){0,2}"), 0..24),
    ) {
        let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(20)));
        let rows: String = rows
            .iter()
            .map(|(pos, reference, alternates)| format!("20\t{pos}\t.\t{reference}\t{alternates}\n"))
            .chain(["20\t9\t.\tA\tC\n".to_owned()])
            .collect();
        let windows = CenteredWindows::new(64, V2);
        let all = || SiteGrouper::new(vcf(&rows), &fasta, windows);
        // Sites show no bases, but where in the file their variants stand.
        let shown = |placed: Result<Placed, PlaceError>| format!("{:?}", placed.unwrap());
        let whole: Vec<_> = all().map(shown).collect();

        let mut skip = Skip::default();
        for (n, placed) in all().enumerate() {
            let rest: Vec<_> = all().skipping(skip).map(shown).collect();
            prop_assert_eq!(&rest, &whole[n..]);
            match placed.unwrap() {
                Placed::Site(site) => skip.variants += site.variants().len() as u64,
                Placed::Rejected(_) => skip.rejected += 1,
            }
        }
        prop_assert_eq!(all().skipping(skip).count(), 0);
    }
}
