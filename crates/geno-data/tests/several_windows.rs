//! Variants placed in several windows at once.

use std::{fs, io::Cursor};

use geno_action::RelEdit;
use geno_core::{StateContract, Window};
use geno_data::{ChunkRow, EditPlace, Fasta, SiteChunk, SiteChunks, SiteWindows, VcfReader};
use proptest::prelude::*;

fn vcf(rows: &str) -> VcfReader {
    let header = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";
    VcfReader::new(Cursor::new(format!("{header}{rows}"))).unwrap()
}

/// A window's first base, its bases, its flank, and an edit in it.
type Put = (u64, Vec<u8>, Vec<u8>, RelEdit);

fn put(window: &Window, edit: &RelEdit) -> Put {
    let (bases, flank) = (window.bases().to_vec(), window.right_flank().to_vec());
    (window.start(), bases, flank, edit.clone())
}

/// Where each way of laying windows puts the variants of a stream.
fn placed(chunks: SiteChunks<'_, VcfReader>, n: usize) -> Vec<Vec<Put>> {
    let mut found = vec![Vec::new(); n];
    for chunk in chunks {
        let SiteChunk {
            rows,
            sites,
            is_first,
        } = chunk.unwrap();
        let starts: Vec<_> = sites.iter().map(|site| site.window().start()).collect();
        assert!(starts.is_sorted());
        for row in rows {
            let ChunkRow::Variant { places, .. } = row else {
                continue;
            };
            assert_eq!(places.len(), n);
            for (way, EditPlace { site, edit }) in places.into_iter().enumerate() {
                assert_eq!(is_first[site], way == 0);
                found[way].push(put(sites[site].window(), &sites[site].edits()[edit]));
            }
        }
    }
    found
}

proptest! {
    #[test]
    fn variants_in_several_windows_lie_where_runs_of_each_put_them(
        sequence in "[ACGT]{50,200}",
        rows in prop::collection::vec((1u64..300, "[ACGT]{1,3}", "[ACGT]{1,2}"), 1..20),
        max_rows in 1usize..9, n in 2usize..7, is_grid: bool,
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        fs::write(&path, format!(">20\n{sequence}\n")).unwrap();
        let fasta = Fasta::open(path).unwrap();
        let rows: String = rows
            .iter()
            .map(|(pos, reference, alternate)| format!("20\t{pos}\t.\t{reference}\t{alternate}\n"))
            .collect();
        let first = match is_grid {
            true => SiteWindows::grid(48, 1).unwrap(),
            false => SiteWindows::centered(64, StateContract::L2NormalizedV2),
        };
        let shifts = 1..n as u64;
        let shifted: Vec<_> = shifts.map(|shift| first.shifted(shift).unwrap()).collect();
        let chunks = SiteChunks::new(vcf(&rows), &fasta, first, max_rows).and_in(&shifted);
        let found = placed(chunks, n);
        for (windows, found) in [first].iter().chain(&shifted).zip(found) {
            let alone = placed(SiteChunks::new(vcf(&rows), &fasta, *windows, 100), 1);
            prop_assert_eq!(&found, &alone[0]);
        }
    }
}
