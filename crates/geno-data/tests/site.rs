//! Variants placed on a reference.

use std::{fs, io::Cursor, path::Path};

use geno_action::{RelEdit, Site};
use geno_core::{Coded, ErrorCode, StateContract, Window};
use geno_data::{
    ChunkRow, EditPlace, Fasta, PlaceError, ReferenceError, RejectReason, RejectedRow, SiteChunk,
    SiteChunks, SiteWindows, Skip, Variant, VcfError, VcfReader,
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

/// A variant and where it was put.
struct PlacedVariant {
    variant: Variant,
    site: Site,
    /// Number of the site, counted over all chunks.
    number: usize,
    edit: usize,
}

impl PlacedVariant {
    fn window(&self) -> &Window {
        self.site.window()
    }

    fn edit(&self) -> &RelEdit {
        &self.site.edits()[self.edit]
    }
}

struct Outcome {
    variants: Vec<PlacedVariant>,
    rejected: Vec<RejectedRow>,
    error: Option<PlaceError>,
    n_sites: usize,
}

impl Outcome {
    /// The number of each variant's site.
    fn numbers(&self) -> Vec<usize> {
        self.variants.iter().map(|placed| placed.number).collect()
    }
}

fn place(fasta: &Fasta, rows: VcfReader, windows: SiteWindows, max_rows: usize) -> Outcome {
    let mut outcome = Outcome {
        variants: Vec::new(),
        rejected: Vec::new(),
        error: None,
        n_sites: 0,
    };
    for chunk in SiteChunks::new(rows, fasta, windows, max_rows) {
        assert!(outcome.error.is_none(), "something came after the error");
        match chunk {
            Ok(chunk) => outcome.add(chunk, max_rows),
            Err(error) => outcome.error = Some(error),
        }
    }
    outcome
}

impl Outcome {
    fn add(&mut self, chunk: SiteChunk, max_rows: usize) {
        let SiteChunk { rows, sites, .. } = chunk;
        assert!((1..=max_rows).contains(&rows.len()));
        for row in rows {
            match row {
                ChunkRow::Rejected(row) => self.rejected.push(row),
                ChunkRow::Variant { variant, places } => {
                    let EditPlace { site, edit } = places[0];
                    self.variants.push(PlacedVariant {
                        variant,
                        site: sites[site].clone(),
                        number: self.n_sites + site,
                        edit,
                    });
                }
            }
        }
        self.n_sites += sites.len();
    }
}

fn centered(window_bp: u64) -> SiteWindows {
    SiteWindows::centered(window_bp, V2)
}

#[test]
fn variants_of_one_window_share_a_site_wherever_they_stand() {
    let (_folder, fasta) = fasta(&format!(">chr20\n{}\n", "ACGT".repeat(50)));
    let rows = "20\t101\ta\tA\tC,*,G\nchr20\t101\tb\tACG\tA\n20\t102\tc\tC\tT\n20\t101\td\tA\tT\n";
    let outcome = place(&fasta, vcf(rows), centered(64), 100);
    assert!(outcome.error.is_none());
    let ids: Vec<&str> = outcome.variants.iter().map(|v| v.variant.id()).collect();
    assert_eq!(ids, ["a", "a", "b", "c", "d"]);
    assert_eq!(outcome.numbers(), [0, 0, 0, 1, 0]);
    assert_eq!((outcome.n_sites, outcome.rejected.len()), (2, 1));

    for placed in outcome.variants.iter().filter(|v| v.number == 0) {
        let window = placed.window();
        assert_eq!((window.start(), window.len()), (68, 64));
        assert_eq!(window.right_flank().len(), 15);
        assert_eq!(placed.edit().rel_pos(), 32);
        assert_eq!(placed.edit().alternate(), placed.variant.edit().alternate());
    }
}

#[test]
fn a_chunk_that_is_full_parts_what_would_share_a_site() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(50)));
    let rows = "20\t101\t.\tA\tC\n20\t105\t.\tA\tC\n20\t101\t.\tA\tG\n";
    let numbers = |max_rows| place(&fasta, vcf(rows), centered(64), max_rows).numbers();
    assert_eq!(numbers(3), [0, 1, 0]);
    assert_eq!(numbers(2), [0, 1, 2]);
    assert_eq!(numbers(1), [0, 1, 2]);
}

#[test]
fn windows_at_the_ends_of_a_contig_and_on_a_short_one_are_shared() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n>s\nACGTACGTAC\n", "ACGT".repeat(50)));
    let rows = "20\t1\t.\tA\tC\ns\t10\t.\tC\tT\n20\t9\t.\tA\tG\n20\t200\t.\tT\tG\n\
                s\t1\t.\tA\tT\n20\t37\t.\tA\tG\n20\t197\t.\tA\tG\n";
    let outcome = place(&fasta, vcf(rows), centered(64), 100);
    assert_eq!(outcome.numbers(), [0, 3, 0, 2, 3, 1, 2]);
    let starts: Vec<u64> = outcome
        .variants
        .iter()
        .map(|v| v.window().start())
        .collect();
    assert_eq!(starts, [0, 0, 0, 136, 0, 4, 136]);
}

#[test]
fn the_variants_of_a_cell_share_a_window_that_begins_a_cell_before_it() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n>s\nACGTACGTAC\n", "ACGT".repeat(60)));
    let grid = SiteWindows::grid(96, 2).unwrap();
    // Cells of 48 bases; a deletion across a border belongs to the cell of its first base.
    let rows = "20\t145\tfirst\tA\tC\n20\t48\tlast of the first cell\tT\tA\n\
                20\t192\tlast\tTACG\tT\ns\t3\tshort\tG\tA\n20\t1\tend\tA\tC\n\
                20\t229\tnear the end\tA\tC\n";
    let outcome = place(&fasta, vcf(rows), grid, 100);
    assert_eq!(outcome.numbers(), [1, 0, 1, 3, 0, 2]);
    let spans: Vec<(u64, u64)> = outcome
        .variants
        .iter()
        .map(|v| {
            (
                v.window().start(),
                v.window().start() + v.window().len() as u64,
            )
        })
        .collect();
    let (first, third, last, short) = ((0, 76), (96, 220), (144, 240), (0, 10));
    assert_eq!(spans, [third, first, third, short, first, last]);
    assert_eq!(outcome.variants[0].edit().rel_pos(), 48);
    assert_eq!(outcome.variants[2].edit().rel_pos(), 95);
    assert_eq!(outcome.variants[0].window().right_flank().len(), 15);
}

#[test]
fn rows_that_do_not_fit_the_reference_are_rejected() {
    let (_folder, fasta) = fasta(&format!(">20\nacgt{}NRAC\n", "ACGT".repeat(20)));
    let rows = "20\t1\t.\tA\tC\n21\t1\t.\tA\tC\n20\t89\t.\tA\tC\n20\t88\t.\tCG\tC\n\
                20\t18446744073709551615\t.\tAC\tA\n20\t2\t.\tG\tC\n20\t85\t.\tA\tC\n20\t86\t.\tG\tC\n\
                20\t88\t.\tC\tT\n";
    let outcome = place(&fasta, vcf(rows), centered(64), 100);
    assert_eq!(outcome.variants.len(), 2);
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
        let windows = SiteWindows::centered(64, contract);
        place(&fasta, vcf("s\t40\t.\tT\tG\n"), windows, 1)
            .variants
            .remove(0)
    };
    let (v2, legacy) = (site(V2), site(LEGACY));
    assert_eq!(v2.window().bases(), "ACGT".repeat(10).as_bytes());
    let padded = format!("{}{}", "ACGT".repeat(10), "A".repeat(24));
    assert_eq!(legacy.window().bases(), padded.as_bytes());
    assert_eq!(legacy.window().right_flank(), b"");
    assert_eq!(legacy.edit().rel_pos(), 39);
}

#[test]
fn an_error_of_the_vcf_comes_after_the_rows_before_it() {
    let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(50)));
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::none());
    let text = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n20\t1\t.\tA\tC\n20\t5\t.\tA\tC\n";
    std::io::Write::write_all(&mut gzip, text.as_bytes()).unwrap();
    let mut contents = gzip.finish().unwrap();
    contents.truncate(contents.len() - 8);
    let rows = VcfReader::new(Cursor::new(contents)).unwrap();
    let outcome = place(&fasta, rows, centered(64), 100);
    assert_eq!(outcome.variants.len(), 2);
    let error = outcome.error.expect("an error at the end");
    assert!(matches!(error, PlaceError::Vcf(VcfError::Truncated { .. })));
    assert_eq!(error.code(), ErrorCode::InputTruncated);
}

#[test]
fn the_published_variants_have_a_place_on_their_reference() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity");
    let text = fs::read_to_string(folder.join("ref.fa")).unwrap();
    let (_folder, fasta) = fasta(&text);
    let rows = VcfReader::open(folder.join("variants.vcf")).unwrap();
    let outcome = place(&fasta, rows, SiteWindows::centered(12_288, LEGACY), 100);
    assert!(outcome.rejected.is_empty() && outcome.error.is_none());
    assert_eq!((outcome.n_sites, outcome.variants.len()), (26, 40));
    for placed in &outcome.variants {
        assert_eq!(placed.window().len(), 12_288);
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

        let windows = SiteWindows::centered(window_bp, contract);
        let outcome = place(&fasta, vcf(&row), windows, 1);
        prop_assert!(outcome.error.is_none() && outcome.rejected.is_empty());
        let placed = &outcome.variants[0];
        let window = placed.window();
        let start = window.start() as usize;
        prop_assert_eq!(start + placed.edit().rel_pos(), locus);
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
    fn a_grid_window_holds_its_cell_and_a_cell_left_of_it(
        len in 1usize..400, locus: prop::sample::Index, half_tokens in 1u64..8, radius in 0usize..5,
        n_replaced in 1usize..=16,
    ) {
        let sequence: String = (0..len).map(|i| char::from(b"ACGT"[i * i % 11 % 4])).collect();
        let (_folder, fasta) = fasta(&format!(">c\n{sequence}\n"));
        let locus = locus.index(len);
        let reference = &sequence[locus..len.min(locus + n_replaced)];
        let alternate = if reference == "A" { "C" } else { "A" };
        let row = format!("c\t{}\t.\t{reference}\t{alternate}\n", locus + 1);
        let cell = 6 * half_tokens as usize;

        let grid = SiteWindows::grid(2 * cell as u64, radius).unwrap();
        let outcome = place(&fasta, vcf(&row), grid, 1);
        prop_assert!(outcome.error.is_none() && outcome.rejected.is_empty());
        let placed = &outcome.variants[0];
        let window = placed.window();
        let start = window.start() as usize;
        prop_assert_eq!(start % 6, 0);
        prop_assert_eq!(start, (locus / cell).saturating_sub(1) * cell);
        prop_assert_eq!(start + placed.edit().rel_pos(), locus);
        let end = len.min((locus / cell + 1) * cell + 6 * radius + 16);
        prop_assert_eq!(window.bases(), &sequence.as_bytes()[start..end]);
        let flank = &sequence.as_bytes()[end..len.min(end + 15)];
        prop_assert_eq!(window.right_flank(), flank);
    }

    #[test]
    fn a_stream_goes_on_where_an_earlier_one_was_left(
        rows in prop::collection::vec((1u64..5, "[ACGT]", "([ACGT]|\\*|<DEL>)(,[ACGT]{1,2}){0,2}"), 0..24),
        max_rows in 1usize..9, is_grid: bool,
    ) {
        let (_folder, fasta) = fasta(&format!(">20\n{}\n", "ACGT".repeat(20)));
        let rows: String = rows
            .iter()
            .map(|(pos, reference, alternates)| format!("20\t{pos}\t.\t{reference}\t{alternates}\n"))
            .chain(["20\t9\t.\tA\tC\n".to_owned()])
            .collect();
        let windows = match is_grid {
            true => SiteWindows::grid(48, 1).unwrap(),
            false => centered(64),
        };
        // Rows show no bases, but where in the file they stand and where they were put.
        let shown = |skip| {
            let chunks = SiteChunks::new(vcf(&rows), &fasta, windows, max_rows).skipping(skip);
            let rows = chunks.flat_map(|chunk| {
                let SiteChunk { rows, sites, .. } = chunk.unwrap();
                let rows = rows.into_iter().map(move |row| match row {
                    ChunkRow::Variant { variant, places } => {
                        let EditPlace { site, edit } = places[0];
                        let edit = &sites[site].edits()[edit];
                        format!("{variant:?} {edit:?} {}", sites[site].window().start())
                    }
                    ChunkRow::Rejected(row) => format!("{row:?}"),
                });
                rows.collect::<Vec<_>>()
            });
            rows.collect::<Vec<_>>()
        };
        let whole = shown(Skip::default());

        let mut skip = Skip::default();
        for n in 0..=whole.len() {
            prop_assert_eq!(&shown(skip)[..], &whole[n..]);
            match whole.get(n) {
                Some(row) if row.starts_with("Variant") => skip.variants += 1,
                _ => skip.rejected += 1,
            }
        }
    }
}
