//! Regions of FASTA files, plain and bgzip, against the sequence in memory.

use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    time::{Duration, SystemTime},
};

use geno_core::{Coded, Digest, ErrorCode, WindowSpan};
use geno_data::{Fasta, FetchError, OpenFastaError, ScanFastaError};
use noodles_bgzf as bgzf;
use proptest::prelude::*;
use tempfile::{TempDir, tempdir};

fn bgzip(text: &[u8], block_len: usize) -> Vec<u8> {
    let mut writer = bgzf::io::Writer::new(Vec::new());
    for block in text.chunks(block_len) {
        writer.write_all(block).unwrap();
        writer.flush().unwrap();
    }
    writer.finish().unwrap()
}

fn write(contents: &[u8]) -> (TempDir, PathBuf) {
    let folder = tempdir().unwrap();
    let path = folder.path().join("ref.fa");
    fs::write(&path, contents).unwrap();
    (folder, path)
}

fn beside(path: &Path, suffix: &str) -> PathBuf {
    format!("{}{suffix}", path.display()).into()
}

/// Moves the time stamp of a file away from now.
fn age(path: &Path, seconds: u64) {
    let then = SystemTime::now() - Duration::from_secs(seconds);
    let file = File::options().write(true).open(path).unwrap();
    file.set_modified(then).unwrap();
}

fn whole(fasta: &Fasta, name: &str) -> Result<Vec<u8>, FetchError> {
    let contig = fasta.resolve(name).unwrap();
    fasta.fetch(contig, 0, contig.len())
}

const TWO: &[u8] = b">chr1 first\nACGTAC\nGTacgt\nNNR\n>chrM\nTTTTT\n";

#[test]
fn plain_and_bgzip_give_the_same_contigs_and_bases() {
    for contents in [TWO.to_vec(), bgzip(TWO, 7), bgzip(TWO, 1 << 15)] {
        let (_folder, path) = write(&contents);
        for _ in 0..2 {
            let fasta = Fasta::open(&path).unwrap();
            assert_eq!(fasta.contigs().len(), 2);
            assert_eq!(whole(&fasta, "chr1").unwrap(), b"ACGTACGTacgtNNN");
            assert_eq!(whole(&fasta, "MT").unwrap(), b"TTTTT");
        }
        let index = fs::read_to_string(beside(&path, ".fai")).unwrap();
        assert_eq!(index, "chr1\t15\t12\t6\t7\nchrM\t5\t36\t5\t6\n");
        assert_eq!(beside(&path, ".gzi").exists(), contents[0] == 0x1f);
    }
}

#[test]
fn an_exact_name_wins_over_another_spelling() {
    let (_folder, path) = write(b">chr1\nA\n>1\nC\n>MT\nG\n");
    let fasta = Fasta::open(&path).unwrap();
    let name = |asked| fasta.resolve(asked).map(|contig| contig.name().to_owned());
    assert_eq!(name("1").as_deref(), Some("1"));
    assert_eq!(name("chr1").as_deref(), Some("chr1"));
    assert_eq!(name("chrM").as_deref(), Some("MT"));
    assert_eq!(name("2"), None);
}

#[test]
fn a_folder_that_cannot_be_written_is_no_error() {
    let (folder, path) = write(&bgzip(TWO, 9));
    // A folder where the index would go refuses every user, root included.
    fs::create_dir(beside(&path, ".fai")).unwrap();
    fs::create_dir(beside(&path, ".gzi")).unwrap();
    let fasta = Fasta::open(&path).unwrap();
    assert_eq!(whole(&fasta, "M").unwrap(), b"TTTTT");
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 3);
}

#[test]
fn an_index_older_than_its_fasta_is_made_anew() {
    let (_folder, path) = write(TWO);
    let index = beside(&path, ".fai");
    fs::write(&index, "chr1\t5\t12\t6\t7\n").unwrap();
    age(&index, 60);
    let fasta = Fasta::open(&path).unwrap();
    assert_eq!(whole(&fasta, "chr1").unwrap().len(), 15);
    assert!(fs::read_to_string(&index).unwrap().contains("chrM"));
}

#[test]
fn a_file_that_is_opened_untouched_keeps_its_folder_as_it_was() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("ref.fa");
    fs::write(&path, ">a\nACGT\n").unwrap();
    let fasta = Fasta::open_untouched(&path).unwrap();
    assert_eq!(whole(&fasta, "a").unwrap().len(), 4);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    Fasta::open(&path).unwrap();
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
}

#[test]
fn an_index_that_reaches_past_the_file_is_made_anew() {
    for contents in [TWO.to_vec(), bgzip(TWO, 7)] {
        let (_folder, path) = write(&contents);
        age(&path, 60);
        fs::write(beside(&path, ".fai"), "chr1\t500\t12\t6\t7\n").unwrap();
        fs::write(beside(&path, ".gzi"), [255; 8]).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        assert_eq!(whole(&fasta, "chr1").unwrap(), b"ACGTACGTacgtNNN");
    }
}

#[test]
fn an_index_of_another_file_is_noticed() {
    for line in [
        "chr1\t15\t11\t6\t7",
        "chr1\t14\t12\t6\t7",
        "chr1\t12\t12\t6\t7",
        "chr1\t16\t12\t6\t7",
        "chr1\t15\t12\t5\t7",
        "chr1\t15\t12\t15\t15",
        "chr1\t15\t13\t6\t7",
        "chr2\t15\t12\t6\t7",
        "chr\t15\t12\t6\t7",
        "chr1\t5\t36\t5\t6",
    ] {
        for contents in [TWO.to_vec(), bgzip(TWO, 7)] {
            let (_folder, path) = write(&contents);
            drop(Fasta::open(&path).unwrap());
            fs::write(beside(&path, ".fai"), format!("{line}\n")).unwrap();
            let fasta = Fasta::open(&path).unwrap();
            let error = whole(&fasta, fasta.contigs()[0].name()).unwrap_err();
            assert!(
                matches!(error, FetchError::IndexMismatch { .. }),
                "{line}: {error}"
            );
            assert_eq!(error.code(), ErrorCode::InputFasta);
        }
    }
}

#[test]
fn a_block_index_of_another_file_is_noticed() {
    let text = [b">1\n".to_vec(), b"ACGTACGTAC\n".repeat(20)].concat();
    let (_folder, path) = write(&bgzip(&text, 50));
    drop(Fasta::open(&path).unwrap());
    let index = beside(&path, ".gzi");
    let mut lying = fs::read(&index).unwrap();
    lying[16] += 1;
    fs::write(&index, lying).unwrap();
    let fasta = Fasta::open(&path).unwrap();
    assert!(matches!(
        whole(&fasta, "1"),
        Err(FetchError::IndexMismatch { .. })
    ));
}

#[test]
fn files_that_are_no_indexable_fasta_are_named() {
    let open = |contents: &[u8]| {
        let (_folder, path) = write(contents);
        Fasta::open(&path).unwrap_err()
    };
    let empty = open(b"");
    assert!(matches!(empty, OpenFastaError::Empty { .. }));
    assert_eq!(empty.code(), ErrorCode::InputEmpty);

    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    gzip.write_all(TWO).unwrap();
    let gzip = open(&gzip.finish().unwrap());
    assert!(matches!(gzip, OpenFastaError::PlainGzip { .. }));
    assert!(gzip.to_string().contains("bgzip"));

    let blocks = bgzip(TWO, 7);
    for cut in [28, 29, 60] {
        let error = open(&blocks[..blocks.len() - cut]);
        assert!(matches!(error, OpenFastaError::Truncated { .. }));
        assert_eq!(error.code(), ErrorCode::InputTruncated);
    }
    let mut corrupt = blocks;
    corrupt[20] ^= 1;
    let corrupt = open(&corrupt);
    assert!(matches!(corrupt, OpenFastaError::Corrupt { .. }));

    let vcf = open(b"##fileformat=VCFv4.2\n");
    let OpenFastaError::Malformed { source, .. } = vcf else {
        panic!("{vcf}");
    };
    assert!(matches!(source, ScanFastaError::NoHeader));

    let folder = tempdir().unwrap();
    let not_a_file = Fasta::open(folder.path()).unwrap_err();
    assert!(matches!(not_a_file, OpenFastaError::NotAFile { .. }));
    let absent = Fasta::open(folder.path().join("absent.fa")).unwrap_err();
    assert_eq!(absent.code(), ErrorCode::ResourceIo);
}

#[test]
fn a_byte_that_is_no_code_spoils_only_regions_that_hold_it() {
    let (_folder, path) = write(b">1\nACGT*ACGT\n");
    let fasta = Fasta::open(&path).unwrap();
    let contig = &fasta.contigs()[0];
    assert_eq!(fasta.fetch(contig, 5, 9).unwrap(), b"ACGT");
    let error = fasta.fetch(contig, 3, 6).unwrap_err();
    assert_eq!(
        error.to_string(),
        "contig `1` holds a byte that is no nucleotide code"
    );
    assert!(matches!(
        fasta.fetch(contig, 5, 10),
        Err(FetchError::PastContig { .. })
    ));
}

#[test]
fn windows_are_upper_case_and_their_flank_ends_with_the_contig() {
    let (_folder, path) = write(b">1\nacgtACGTry\n");
    let fasta = Fasta::open(&path).unwrap();
    let contig = &fasta.contigs()[0];
    let window = |locus| {
        let span = WindowSpan::centered(contig.len(), locus, 4);
        let window = fasta.window(contig, span, 3).unwrap();
        let text = |bases: &[u8]| String::from_utf8(bases.to_vec()).unwrap();
        (
            window.start(),
            text(window.bases()),
            text(window.right_flank()),
        )
    };
    assert_eq!(window(0), (0, "ACGT".into(), "ACG".into()));
    assert_eq!(window(6), (4, "ACGT".into(), "NN".into()));
    assert_eq!(window(9), (6, "GTNN".into(), "".into()));

    let span = WindowSpan::centered(contig.len(), 9, 64);
    assert_eq!((span.missing, span.end), (54, 10));
    let short = fasta.window(contig, span, 3).unwrap();
    assert_eq!(short.bases(), b"ACGTACGTNN");
    assert_eq!(short.right_flank(), b"");
}

#[test]
fn threads_share_one_fasta() {
    let sequence: Vec<u8> = (0..5_000u32)
        .map(|i| b"ACGT"[(i * i % 7 % 4) as usize])
        .collect();
    let text = [b">1\n", &sequence[..], b"\n"].concat();
    let (_folder, path) = write(&bgzip(&text, 300));
    let fasta = Fasta::open(&path).unwrap();
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let (fasta, sequence) = (&fasta, &sequence);
            scope.spawn(move || {
                for start in (thread * 100..4_000).step_by(37) {
                    let bases = fasta
                        .fetch(&fasta.contigs()[0], start, start + 500)
                        .unwrap();
                    assert_eq!(bases, sequence[start as usize..][..500]);
                }
            });
        }
    });
}

#[test]
fn regions_beyond_one_chunk_are_read() {
    let sequence = b"ACGTTGCANN".repeat(60_000);
    let mut text = b">big\n".to_vec();
    for line in sequence.chunks(61) {
        text.extend_from_slice(line);
        text.push(b'\n');
    }
    let (_folder, path) = write(&bgzip(&text, 60_000));
    let fasta = Fasta::open(&path).unwrap();
    let contig = &fasta.contigs()[0];
    for (start, end) in [
        (0, 600_000),
        (5, 400_000),
        (262_100, 262_200),
        (599_000, 600_000),
        (3, 9),
    ] {
        let bases = fasta.fetch(contig, start, end).unwrap();
        assert!(bases == sequence[start as usize..end as usize]);
    }
}

#[test]
fn an_index_has_one_digest_whether_it_is_made_or_read() {
    for contents in [TWO.to_vec(), bgzip(TWO, 7)] {
        let (_folder, path) = write(&contents);
        let made = Fasta::open(&path).unwrap();
        let read = Fasta::open(&path).unwrap();
        let on_disk = fs::read(beside(&path, ".fai")).unwrap();
        assert_eq!(made.index_digest(), read.index_digest());
        assert_eq!(
            read.index_digest(),
            (Digest::of(&on_disk), on_disk.len() as u64)
        );
        let size = contents.len() as u64;
        assert_eq!(made.digest().unwrap(), (Digest::of(&contents), size));
        assert_eq!(made.digest().unwrap(), read.digest().unwrap());
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn fetching_equals_slicing(
        contigs in prop::collection::vec("[ACGTNacgtn]{1,200}", 1..4),
        width in 1usize..80,
        is_crlf: bool,
        ends_with_newline: bool,
        block_len in prop::option::of(1usize..90),
        regions in prop::collection::vec((any::<prop::sample::Index>(), 0u64..200, 0u64..200), 1..12),
    ) {
        let newline = if is_crlf { "\r\n" } else { "\n" };
        let mut text = String::new();
        for (i, sequence) in contigs.iter().enumerate() {
            text += &format!(">c{i} x{newline}");
            for line in sequence.as_bytes().chunks(width) {
                text += std::str::from_utf8(line).unwrap();
                text += newline;
            }
        }
        if !ends_with_newline {
            text.truncate(text.len() - newline.len());
        }
        let contents = match block_len {
            Some(block_len) => bgzip(text.as_bytes(), block_len),
            None => text.into_bytes(),
        };
        let (_folder, path) = write(&contents);
        for _ in ["indexing", "indexed"] {
            let fasta = Fasta::open(&path).unwrap();
            for (i, a, b) in &regions {
                let i = i.index(contigs.len());
                let contig = &fasta.contigs()[i];
                prop_assert_eq!(contig.len(), contigs[i].len() as u64);
                let (a, b) = (a % (contig.len() + 1), b % (contig.len() + 1));
                let (start, end) = (a.min(b), a.max(b));
                let bases = fasta.fetch(contig, start, end).unwrap();
                prop_assert_eq!(&bases[..], &contigs[i].as_bytes()[start as usize..end as usize]);
            }
        }
    }

    #[test]
    fn a_changed_byte_gives_an_error_or_bases_but_no_panic(
        place: prop::sample::Index, byte: u8, suffix in prop::sample::select(vec!["", ".fai", ".gzi"]),
    ) {
        let (_folder, path) = write(&bgzip(TWO, 7));
        drop(Fasta::open(&path).unwrap());
        let changed = beside(&path, suffix);
        let mut contents = fs::read(&changed).unwrap();
        let place = place.index(contents.len());
        contents[place] = byte;
        fs::write(&changed, contents).unwrap();
        if let Ok(fasta) = Fasta::open(&path) {
            for contig in fasta.contigs() {
                if let Ok(bases) = fasta.fetch(contig, 0, contig.len()) {
                    prop_assert_eq!(bases.len() as u64, contig.len());
                }
            }
        }
    }

    #[test]
    fn any_bytes_are_opened_without_panic(contents: Vec<u8>, text in "[>ACGTn \r\n]{1,60}") {
        for contents in [&contents[..], text.as_bytes(), &bgzip(text.as_bytes(), 5)] {
            let (_folder, path) = write(contents);
            if let Ok(fasta) = Fasta::open(&path) {
                for contig in fasta.contigs() {
                    let _ = fasta.fetch(contig, 0, contig.len());
                }
            }
        }
    }
}
