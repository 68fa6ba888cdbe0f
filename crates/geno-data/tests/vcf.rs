//! VCF files of every compression, whole, cut and hostile.

use std::{
    fs,
    io::{Cursor, Read, Write},
    path::Path,
};

use flate2::{Compression, write::GzEncoder};
use geno_core::{Coded, Digest, ErrorCode};
use geno_data::{MAX_COLUMNS_LEN, RejectReason, VcfError, VcfReader, VcfRow};
use noodles_bgzf as bgzf;
use proptest::prelude::*;

const HEADER: &str = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n";

fn vcf(rows: &[&str]) -> String {
    format!("{HEADER}{}\n", rows.join("\n"))
}

fn rows_of(n: u64) -> String {
    (1..=n).fold(HEADER.to_owned(), |text, pos| {
        text + &format!("20\t{pos}\trs{pos}\tA\tC\t.\tPASS\tAC={pos}\n")
    })
}

fn gzip(text: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(text).unwrap();
    encoder.finish().unwrap()
}

fn bgzip(text: &[u8], block_len: usize) -> Vec<u8> {
    let mut writer = bgzf::io::Writer::new(Vec::new());
    for block in text.chunks(block_len) {
        writer.write_all(block).unwrap();
        writer.flush().unwrap();
    }
    writer.finish().unwrap()
}

fn read(contents: impl Into<Vec<u8>>) -> Result<Vec<Result<VcfRow, VcfError>>, VcfError> {
    Ok(VcfReader::new(Cursor::new(contents.into()))?.collect())
}

/// The positions of the variants before the error, and the error.
fn positions(contents: Vec<u8>) -> (Vec<u64>, Option<VcfError>) {
    let mut positions = Vec::new();
    for row in read(contents).unwrap() {
        match row {
            Ok(VcfRow::Variant(variant)) => positions.push(variant.edit().pos()),
            Ok(VcfRow::Rejected(row)) => panic!("{row:?}"),
            Err(error) => return (positions, Some(error)),
        }
    }
    (positions, None)
}

#[test]
fn plain_gzip_and_bgzip_give_the_same_rows() {
    let text = rows_of(50);
    let (first, second) = text.as_bytes().split_at(700);
    let members = [gzip(first), gzip(second)].concat();
    let expected: Vec<u64> = (1..=50).collect();
    for contents in [
        text.clone().into_bytes(),
        text.trim_end().as_bytes().to_vec(),
        text.replace('\n', "\r\n").into_bytes(),
        gzip(text.as_bytes()),
        members,
        bgzip(text.as_bytes(), 97),
        bgzip(text.trim_end().as_bytes(), 97),
        bgzip(text.as_bytes(), 1 << 15),
    ] {
        let (positions, error) = positions(contents);
        assert_eq!(positions, expected);
        assert!(error.is_none(), "{error:?}");
    }
}

#[test]
fn the_published_variants_are_read_with_their_alleles_split() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/variants.vcf");
    let rows: Vec<_> = VcfReader::open(path).unwrap().map(Result::unwrap).collect();
    assert_eq!(rows.len(), 40);
    let split: Vec<_> = rows
        .iter()
        .filter_map(|row| match row {
            VcfRow::Variant(variant) if variant.edit().pos() == 17_001 => Some(variant),
            VcfRow::Variant(_) => None,
            VcfRow::Rejected(row) => panic!("{row:?}"),
        })
        .collect();
    assert_eq!(split.len(), 3);
    for (i, (variant, alternate)) in split.iter().zip(["A", "C", "G"]).enumerate() {
        assert_eq!(variant.allele(), i + 1);
        assert_eq!(variant.edit().reference(), "T");
        assert_eq!(variant.edit().alternate(), alternate);
        assert_eq!((variant.line(), variant.record()), (20, 17));
    }
}

#[test]
fn a_bad_row_does_not_cost_the_good_ones() {
    let contents = vcf(&[
        "20\t1\t.\tA\tC",
        "20\tx\t.\tA\tC",
        "",
        "# a comment",
        "20\t3\t.\tA\tC",
    ]);
    let rows: Vec<_> = read(contents)
        .unwrap()
        .into_iter()
        .map(Result::unwrap)
        .collect();
    let [
        VcfRow::Variant(first),
        VcfRow::Rejected(bad),
        VcfRow::Variant(last),
    ] = &rows[..]
    else {
        panic!("{rows:?}");
    };
    assert_eq!((first.line(), bad.line, last.line()), (3, 4, 7));
    assert_eq!((first.record(), last.record()), (0, 2));
    assert_eq!(bad.code(), ErrorCode::InputVcfParse);
}

#[test]
fn a_cut_file_gives_its_good_rows_and_then_an_error() {
    let text = rows_of(200);
    let gzip = gzip(text.as_bytes());
    let bgzip = bgzip(text.as_bytes(), 97);
    for (whole, cut) in [
        (&gzip, 12),
        (&gzip, 200),
        (&bgzip, 28),
        (&bgzip, 5),
        (&bgzip, 400),
    ] {
        let (positions, error) = positions(whole[..whole.len() - cut].to_vec());
        let expected: Vec<u64> = (1..=positions.len() as u64).collect();
        assert_eq!(positions, expected);
        let error = error.expect("an error at the end");
        assert!(matches!(error, VcfError::Truncated { .. }), "{error:?}");
        assert_eq!(error.code(), ErrorCode::InputTruncated);
    }
}

#[test]
fn an_allele_cut_off_with_its_block_is_not_read() {
    let text = format!("{HEADER}20\t1\t.\tA\tCCCC\n");
    let cut = &text[..text.len() - 3];
    let mut blocks = bgzip(cut.as_bytes(), 1 << 15);
    blocks.truncate(blocks.len() - 28);
    let (positions, error) = positions(blocks);
    assert!(positions.is_empty());
    assert!(matches!(error, Some(VcfError::Truncated { .. })));
}

#[test]
fn a_corrupt_file_is_told_from_a_cut_one() {
    let mut contents = bgzip(rows_of(200).as_bytes(), 500);
    let middle = contents.len() / 2;
    contents[middle] ^= 0x55;
    let (_, error) = positions(contents);
    assert!(matches!(error, Some(VcfError::Corrupt { .. })), "{error:?}");
}

#[test]
fn files_that_are_no_vcf_are_named() {
    let error = |contents: &[u8]| read(contents).unwrap_err();
    assert!(matches!(error(b""), VcfError::Empty { .. }));
    assert!(matches!(error(&gzip(b"")), VcfError::Empty { .. }));
    assert!(matches!(error(&bgzip(b"", 1)), VcfError::Empty { .. }));
    assert!(matches!(
        error(&gzip(b"BCF\x02\x02rest")),
        VcfError::Bcf { .. }
    ));
    for text in [
        "20\t1\t.\tA\tC\n",
        ">20\nACGT\n",
        "##fileformat=VCFv4.2\n",
        "##fileformat=VCFv4.2\n20\t1\t.\tA\tC\n",
        "\n",
        "\0\0\0\0",
    ] {
        let error = error(text.as_bytes());
        assert!(matches!(error, VcfError::NotVcf { .. }), "{text:?}");
        assert_eq!(error.code(), ErrorCode::InputVcfParse);
    }

    let header_only = read(HEADER).unwrap().pop().unwrap().unwrap_err();
    assert!(matches!(header_only, VcfError::NoRecords { .. }));
    assert_eq!(header_only.code(), ErrorCode::InputEmpty);

    let absent = VcfReader::open("absent/file.vcf").err().unwrap();
    assert_eq!(absent.code(), ErrorCode::ResourceIo);
    assert_eq!(absent.to_string(), "cannot read VCF file `absent/file.vcf`");
}

#[test]
fn a_line_without_end_takes_bounded_memory_and_costs_no_other_row() {
    let text = std::io::repeat(b'A').take(3 * MAX_COLUMNS_LEN as u64);
    let start = Cursor::new(format!("{HEADER}20\t1\t.\tA\tC\n20\t2\t.\t"));
    let end = Cursor::new("\tC\n20\t3\t.\tA\tC\n");
    let rows: Vec<_> = VcfReader::new(start.chain(text).chain(end))
        .unwrap()
        .map(Result::unwrap)
        .collect();
    let [
        VcfRow::Variant(_),
        VcfRow::Rejected(long),
        VcfRow::Variant(_),
    ] = &rows[..]
    else {
        panic!("not three rows");
    };
    assert_eq!(long.reason, RejectReason::TooLong);
    assert_eq!(long.pos.as_deref(), Some("2"));
    assert_eq!(long.reference, None);
}

#[test]
fn samples_of_any_width_are_skipped() {
    let samples = "\t0|1".repeat(MAX_COLUMNS_LEN);
    let (positions, error) = positions(
        vcf(&[
            &format!("20\t1\t.\tA\tC\t.\tPASS\t.\tGT{samples}"),
            "20\t2\t.\tA\tC",
        ])
        .into_bytes(),
    );
    assert_eq!(positions, [1, 2]);
    assert!(error.is_none());
}

#[test]
fn progress_counts_the_bytes_of_the_file_as_stored() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("variants");
    let contents = bgzip(rows_of(50_000).as_bytes(), 1 << 15);
    fs::write(&path, &contents).unwrap();
    let mut reader = VcfReader::open(&path).unwrap();
    let total = contents.len() as u64;
    assert_eq!(reader.progress().total, Some(total));

    reader.by_ref().take(10_000).for_each(drop);
    let read = reader.progress().read;
    assert!(0 < read && read < total);
    reader.by_ref().for_each(drop);
    assert_eq!(reader.progress().read, total);

    let pipe = VcfReader::new(Cursor::new(HEADER)).unwrap();
    assert_eq!(pipe.progress().total, None);
}

#[test]
fn the_digest_is_that_of_the_stored_file_and_known_at_its_end() {
    let text = rows_of(300);
    for contents in [
        text.clone().into_bytes(),
        gzip(text.as_bytes()),
        bgzip(text.as_bytes(), 150),
    ] {
        let mut reader = VcfReader::new(Cursor::new(contents.clone())).unwrap();
        assert_eq!(reader.digest(), None);
        assert!(reader.by_ref().all(|row| row.is_ok()));
        assert_eq!(reader.digest(), Some(Digest::of(&contents)));
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_panic(contents: Vec<u8>, is_gzip: bool) {
        let contents = [HEADER.as_bytes(), &contents].concat();
        let contents = if is_gzip { gzip(&contents) } else { contents };
        let _ = read(contents);
    }

    #[test]
    fn any_cut_or_changed_byte_gives_rows_or_an_error(
        cut: prop::sample::Index, place: prop::sample::Index, byte: u8, block_len in 20usize..200,
    ) {
        let mut contents = bgzip(rows_of(20).as_bytes(), block_len);
        let place = place.index(contents.len());
        contents[place] = byte;
        contents.truncate(cut.index(contents.len()) + 1);
        let _ = read(contents);
    }

    #[test]
    fn a_cut_gzip_file_is_never_taken_for_whole(cut: prop::sample::Index, is_bgzip: bool) {
        let text = rows_of(30);
        let contents = if is_bgzip { bgzip(text.as_bytes(), 150) } else { gzip(text.as_bytes()) };
        let cut = cut.index(contents.len() - 20) + 20;
        let is_cut = match read(&contents[..cut]) {
            Ok(rows) => rows.last().is_none_or(Result::is_err),
            Err(_) => true,
        };
        prop_assert!(is_cut);
    }
}
