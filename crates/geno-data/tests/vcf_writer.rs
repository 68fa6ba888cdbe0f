//! VCF files that are written: their bytes, their indexes, and what stays of an annotated file.

use std::{
    fs,
    io::{BufRead, Cursor, Read},
    path::{Path, PathBuf},
};

use geno_core::Coded;
use geno_data::{
    AnnotateVcf, InfoKey, InfoKind, RawVcfRow, VcfHeader, VcfIndex, VcfWriter, WriteVcfError,
};
use noodles_bgzf as bgzf;
use noodles_core::Region;
use noodles_csi::BinningIndex;
use proptest::prelude::*;
use tempfile::TempDir;

const KEYS: [InfoKey<'_>; 2] = [
    InfoKey {
        id: "LEN",
        kind: InfoKind::Integer,
        description: "Length of the allele",
    },
    InfoKey {
        id: "NOTE",
        kind: InfoKind::String,
        description: "Whatever",
    },
];

/// Rows over two contigs, many enough for several blocks and bins.
fn rows() -> Vec<String> {
    let contigs = [("20", 4_000), ("NC_000021.9", 6_000)];
    let rows = contigs.iter().flat_map(|&(contig, n)| {
        (0..n).map(move |i| {
            let position = 100 + i * 917;
            format!("{contig}\t{position}\tid{i}\tA\tC\t.\tPASS\tDP={}", i % 97)
        })
    });
    rows.collect()
}

fn write(path: &Path, rows: &[impl AsRef<[u8]>]) -> VcfIndex {
    let header = VcfHeader::new(["##contig=<ID=20>"], &[]);
    let mut writer = VcfWriter::create(path, &header).unwrap();
    for row in rows {
        writer.write_row(row.as_ref()).unwrap();
    }
    writer.finish().unwrap()
}

fn text(path: &Path) -> String {
    let mut text = String::new();
    let file = fs::File::open(path).unwrap();
    bgzf::io::Reader::new(file)
        .read_to_string(&mut text)
        .unwrap();
    text
}

/// The rows that an index leads to, before a reader drops those beside the region.
fn candidates<I: BinningIndex>(path: &Path, index: &I, region: &str) -> Vec<String> {
    let region: Region = region.parse().unwrap();
    let names = index.header().unwrap().reference_sequence_names();
    let contig = names.get_index_of(region.name()).unwrap();
    let chunks = index.query(contig, region.interval()).unwrap();
    let mut reader = bgzf::io::Reader::new(fs::File::open(path).unwrap());
    let query = noodles_csi::io::Query::new(&mut reader, chunks);
    query.lines().map(Result::unwrap).collect()
}

/// The rows whose position lies in a region, of those that an index leads to.
fn found(rows: Vec<String>, contig: &str, first: u64, last: u64) -> Vec<String> {
    let is_inside = |row: &String| {
        let mut columns = row.split('\t');
        let is_contig = columns.next() == Some(contig);
        let position: u64 = columns.next().unwrap().parse().unwrap();
        is_contig && (first..=last).contains(&position)
    };
    rows.into_iter().filter(is_inside).collect()
}

#[test]
fn an_index_leads_to_every_row_of_a_region_and_few_others() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.vcf.gz");
    let rows = rows();
    let index = write(&path, &rows);
    let index_path = folder.path().join("a.vcf.gz.tbi");
    assert_eq!(index, VcfIndex::Tabix(index_path.clone()));

    let index = noodles_tabix::fs::read(index_path).unwrap();
    for (contig, first, last) in [
        ("20", 1, 200),
        ("20", 1_000_000, 1_200_000),
        ("20", 3_668_100, 9_000_000),
        ("NC_000021.9", 2_000_000, 2_000_917),
    ] {
        let all = candidates(&path, &index, &format!("{contig}:{first}-{last}"));
        assert!(all.len() < 1_000, "{} rows are read", all.len());
        let expected = found(rows.clone(), contig, first, last);
        assert_eq!(found(all, contig, first, last), expected);
    }
}

#[test]
fn a_position_beyond_512_mb_takes_a_csi_index() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("wheat.vcf.gz");
    let rows = [
        "3B\t100\t.\tA\tC\t.\t.\t.",
        "3B\t830829764\t.\tA\tC\t.\t.\t.",
    ];
    let index_path = folder.path().join("wheat.vcf.gz.csi");
    fs::write(folder.path().join("wheat.vcf.gz.tbi"), "of an earlier file").unwrap();
    assert_eq!(write(&path, &rows), VcfIndex::Csi(index_path.clone()));
    assert!(!folder.path().join("wheat.vcf.gz.tbi").exists());

    let index = noodles_csi::fs::read(index_path).unwrap();
    assert_eq!(
        candidates(&path, &index, "3B:830000000-831000000"),
        rows[1..]
    );
}

#[test]
fn a_block_is_found_by_its_last_base() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("g.vcf.gz");
    let row = "20\t100\t.\tA\t<NON_REF>\t.\t.\tEND=5000000\tGT\t0/0";
    write(&path, &[row]);
    let index = noodles_tabix::fs::read(folder.path().join("g.vcf.gz.tbi")).unwrap();
    assert_eq!(candidates(&path, &index, "20:4900000-4900001"), [row]);
}

#[test]
fn rows_out_of_order_are_said_and_left_without_an_index() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.vcf.gz");
    let row = |contig, position| format!("{contig}\t{position}\t.\tA\tC\t.\t.\t.");
    let swapped = [row("1", 7), row("1", 7), row("1", 5)];
    let torn = [row("1", 7), row("2", 5), row("2", 6), row("1", 8)];

    write(&path, &[row("1", 7)]);
    assert_eq!(write(&path, &swapped), VcfIndex::Unsorted { row: 3 });
    assert!(
        !folder.path().join("a.vcf.gz.tbi").exists(),
        "a stale index"
    );
    assert_eq!(write(&path, &torn), VcfIndex::Unsorted { row: 4 });
    assert_eq!(text(&path).lines().skip(3).collect::<Vec<_>>(), torn);

    let far = [row("1", 7), row("1", u64::MAX)];
    assert_eq!(write(&path, &far), VcfIndex::OutOfRange { row: 2 });
}

#[test]
fn the_name_decides_whether_a_file_is_compressed() {
    let folder = TempDir::new().unwrap();
    let (plain, zipped) = (folder.path().join("a.vcf"), folder.path().join("a.VCF.BGZ"));
    let rows = rows();
    assert_eq!(write(&plain, &rows), VcfIndex::Plain);
    assert!(matches!(write(&zipped, &rows), VcfIndex::Tabix(_)));
    assert_eq!(fs::read_to_string(&plain).unwrap(), text(&zipped));
    let files = fs::read_dir(folder.path()).unwrap();
    assert_eq!(files.count(), 3, "two files and an index");
}

#[test]
fn equal_rows_give_equal_bytes_of_file_and_index() {
    let bytes = || {
        let folder = TempDir::new().unwrap();
        let path = folder.path().join("a.vcf.gz");
        write(&path, &rows());
        ["a.vcf.gz", "a.vcf.gz.tbi"].map(|name| fs::read(folder.path().join(name)).unwrap())
    };
    assert_eq!(bytes(), bytes());
}

#[test]
fn a_file_without_rows_has_an_index_too() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.vcf.gz");
    let none: [&str; 0] = [];
    assert!(matches!(write(&path, &none), VcfIndex::Tabix(_)));
    assert!(text(&path).ends_with("INFO\n"));
}

#[test]
fn nothing_appears_before_the_end() {
    let folder = TempDir::new().unwrap();
    let path = folder.path().join("a.vcf.gz");
    let header = VcfHeader::new(Vec::<Vec<u8>>::new(), &[]);
    let mut writer = VcfWriter::create(&path, &header).unwrap();
    writer.write_row(b"1\t5\t.\tA\tC\t.\t.\t.").unwrap();
    let error = writer.write_row(b"1\t5\t.\tA\tC").unwrap_err();
    assert!(matches!(error, WriteVcfError::Row { row: 2 }));
    assert!(!path.exists());
    drop(writer);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
}

fn annotate(input: &[u8], output: &str) -> (TempDir, PathBuf, VcfIndex, usize) {
    let folder = TempDir::new().unwrap();
    let (source, target) = (folder.path().join("in.vcf"), folder.path().join(output));
    fs::write(&source, input).unwrap();
    let mut vcf = AnnotateVcf::create(&source, &target, &KEYS).unwrap();
    let mut n_rejected = 0;
    while let Some(row) = vcf.next_row().unwrap() {
        let RawVcfRow::Row(row) = row else {
            n_rejected += 1;
            continue;
        };
        let is_bases = |allele: &str| allele.bytes().all(|base| b"ACGT".contains(&base));
        let of = |value: fn(&str) -> String| {
            let alternates = row.alternates();
            alternates
                .map(|allele| is_bases(allele).then(|| value(allele)))
                .collect()
        };
        let values = [
            of(|allele| allele.len().to_string()),
            of(|allele| format!("is {allele}")),
        ];
        vcf.write(&values).unwrap();
    }
    let index = vcf.finish().unwrap();
    (folder, target, index, n_rejected)
}

#[test]
fn an_annotated_file_keeps_what_it_had() {
    let input = "##fileformat=VCFv4.2\n\
        ##INFO=<ID=LEN,Number=1,Type=String,Description=\"of an earlier run\">\n\
        ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n\
        chr1\t10\trs1\tA\tC,*,GT\t9.5\tq10\tDP=3;LEN=old;DB\tGT:AD\t0/1:1,2\t./.\n\
        chr1\t10\t.\tA\t.\t.\t.\tLEN=7\tGT\t0/0\t0/0\n\
        chr1\t11\t.\tA\t<NON_REF>\t.\t.\tEND=20\tGT\t0/0\t0/0\n";
    let (_folder, path, index, n_rejected) = annotate(input.as_bytes(), "out.vcf.gz");
    assert!(matches!(index, VcfIndex::Tabix(_)));
    assert_eq!(n_rejected, 0);
    assert_eq!(
        text(&path),
        "##fileformat=VCFv4.2\n\
        ##INFO=<ID=LEN,Number=A,Type=Integer,Description=\"Length of the allele\">\n\
        ##INFO=<ID=NOTE,Number=A,Type=String,Description=\"Whatever\">\n\
        ##FORMAT=<ID=GT,Number=1,Type=String,Description=\"Genotype\">\n\
        #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\tS2\n\
        chr1\t10\trs1\tA\tC,*,GT\t9.5\tq10\tDP=3;DB;LEN=1,.,2;NOTE=is%20C,.,is%20GT\tGT:AD\t0/1:1,2\t./.\n\
        chr1\t10\t.\tA\t.\t.\t.\t.\tGT\t0/0\t0/0\n\
        chr1\t11\t.\tA\t<NON_REF>\t.\t.\tEND=20\tGT\t0/0\t0/0\n"
    );
}

#[test]
fn short_rows_and_dos_lines_become_whole_rows() {
    let input = b"#CHROM\tPOS\tID\tREF\tALT\r\n1\t5\t.\tA\tC\r\n1\t6\t.\tA\tC\t8\r\n";
    let (_folder, path, ..) = annotate(input, "out.vcf");
    let rows = fs::read_to_string(path).unwrap();
    let rows: Vec<_> = rows.lines().skip(3).collect();
    assert_eq!(
        rows,
        [
            "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO",
            "1\t5\t.\tA\tC\t.\t.\tLEN=1;NOTE=is%20C",
            "1\t6\t.\tA\tC\t8\t.\tLEN=1;NOTE=is%20C",
        ]
    );
}

#[test]
fn rows_that_are_none_are_left_out_and_the_others_stay() {
    let mut input = b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_vec();
    input.extend(b"1\t5\t.\tA\tC\t.\t.\t.\nnonsense\n1\tx\t.\tA\tC\t.\t.\t.\n");
    input.extend(b"1\t6\t.\tA\tC\t.\t.\tX=a\rb\n1\t7\t.\tA\tC\t.\t.\tX=\xff\n");
    let (_folder, path, _, n_rejected) = annotate(&input, "out.vcf.gz");
    assert_eq!(n_rejected, 2);
    let mut bytes = Vec::new();
    bgzf::io::Reader::new(Cursor::new(fs::read(path).unwrap()))
        .read_to_end(&mut bytes)
        .unwrap();
    let rows = bytes
        .split(|&byte| byte == b'\n')
        .filter(|line| line.starts_with(b"1\t"));
    assert_eq!(rows.count(), 3);
}

#[test]
fn an_info_column_of_20_mb_passes() {
    let mut input =
        b"#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n1\t5\t.\tA\tC\t.\t.\tX=".to_vec();
    input.resize(input.len() + 20_000_000, b'x');
    input.extend(b";LEN=9\n");
    let (_folder, path, index, _) = annotate(&input, "out.vcf.gz");
    assert!(matches!(index, VcfIndex::Tabix(_)));
    let text = text(&path);
    assert!(text.ends_with("x;LEN=1;NOTE=is%20C\n"));
    assert!(text.len() > 20_000_000);
}

#[test]
fn a_file_cut_in_a_block_gives_no_output() {
    let folder = TempDir::new().unwrap();
    let (whole, cut) = (
        folder.path().join("a.vcf.gz"),
        folder.path().join("b.vcf.gz"),
    );
    write(&whole, &rows());
    let bytes = fs::read(&whole).unwrap();
    fs::write(&cut, &bytes[..bytes.len() / 2]).unwrap();

    let output = folder.path().join("out.vcf.gz");
    let mut vcf = AnnotateVcf::create(&cut, &output, &KEYS).unwrap();
    let error = loop {
        match vcf.next_row() {
            Ok(row) => assert!(row.is_some(), "the end of a cut file"),
            Err(error) => break error,
        }
        vcf.write(&[vec![None], vec![None]]).unwrap();
    };
    assert_eq!(error.code().as_str(), "INPUT.TRUNCATED");
    drop(vcf);
    assert!(!output.exists());
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn annotating_twice_is_annotating_once(
        infos in prop::collection::vec("([A-Z]{1,4}(=[a-z0-9,.]{0,6})?;?){0,4}", 1..9),
        alternates in "[ACGT*,]{1,9}",
    ) {
        let mut input = "##source=x\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n".to_owned();
        for (i, info) in infos.iter().enumerate() {
            input += &format!("1\t{}\t.\tN\t{alternates}\t.\t.\t{info}\n", i + 1);
        }
        let (_folder, once, ..) = annotate(input.as_bytes(), "out.vcf");
        let once = fs::read(once).unwrap();
        let (_folder, twice, ..) = annotate(&once, "out.vcf");
        prop_assert_eq!(once, fs::read(twice).unwrap());
    }
}
