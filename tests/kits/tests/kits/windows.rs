//! Windows of a real chromosome, and edits made up in them.

use std::{collections::BTreeSet, error::Error, fs, io::Read, sync::atomic::AtomicBool};

use geno_action::{DEFAULT_EDGE_MARGIN, Haplotype, LengthWeights, SyntheticEdits, apply};
use geno_core::RandomStream;
use geno_data::{
    CorpusWindow, CutOptions, CutReport, CutWindows, Fasta, WindowInput, WindowLayout, WindowPhase,
    WindowReader, WindowRow, cut_windows,
};
use geno_kits::kit;

/// The kit's FASTA in a folder where its index can be written, and its windows.
fn cut(
    bed: Option<&str>,
    max_n_fraction: f64,
) -> Result<(Fasta, Vec<CorpusWindow>, CutReport), Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let path = folder.path().join("20.fa.gz");
    fs::copy(kit("kit1/ref/GRCh37.20.1-4010000.fa.gz"), &path)?;
    let fasta = Fasta::open(&path)?;
    let output = folder.path().join("windows.jsonl.gz");
    let bed = bed.map(kit);
    let request = CutWindows {
        input: WindowInput::Genome {
            fasta: &fasta,
            bed: bed.as_deref(),
            source: "reference",
        },
        options: CutOptions {
            layout: WindowLayout::carbon(),
            phase: WindowPhase::Start,
            subset: None,
            max_n_fraction,
            max_windows: None,
            mix: None,
        },
        output: &output,
        rejected: None,
    };
    let report = cut_windows(request, |_| {}, &AtomicBool::new(false))?;
    let window = |row| match row {
        Ok(WindowRow::Window(window)) => Ok(window),
        Ok(WindowRow::Rejected(row)) => Err(row.reason.into()),
        Err(error) => Err(Box::<dyn Error>::from(error)),
    };
    let windows = WindowReader::open(&output)?.map(window);
    Ok((
        fasta,
        windows.collect::<Result<_, _>>()?,
        report.unwrap_or_default(),
    ))
}

#[test]
fn a_chromosome_is_tiled_where_its_bases_are_known() -> Result<(), Box<dyn Error>> {
    let (fasta, windows, report) = cut(None, 0.0)?;
    // (4,010,000 − 2 · 256 − 12,288) / 8,192 + 1 windows, of which those that begin in the first
    // 60,000 bases hold `N`.
    assert_eq!(report.counts.windows + report.counts.too_many_n, 488);
    assert_eq!(report.counts.too_many_n, 8);
    assert_eq!(windows.len(), 480);
    let contig = &fasta.contigs()[0];
    for window in &windows {
        let bases = fasta.fetch(contig, window.start_bp(), window.end_bp())?;
        assert_eq!(window.window.bases(), bases);
        assert_eq!((window.start_bp() - 256) % 8_192, 0);
    }
    Ok(())
}

#[test]
fn every_exon_gets_one_window_that_holds_it() -> Result<(), Box<dyn Error>> {
    let (_, windows, report) = cut(Some("kit1/annot/exons.gencode_lift37.bed.gz"), 1.0)?;
    let counts = &report.counts;
    assert_eq!(counts.records, 3_062);
    assert_eq!(counts.windows + counts.duplicates, 3_062);
    let starts: BTreeSet<u64> = windows.iter().map(CorpusWindow::start_bp).collect();
    assert_eq!(starts.len(), windows.len());

    let mut bed = String::new();
    let file = fs::File::open(kit("kit1/annot/exons.gencode_lift37.bed.gz"))?;
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut bed)?;
    for line in bed.lines() {
        let columns: Vec<&str> = line.split('\t').collect();
        let (start, end) = (columns[1].parse::<u64>()?, columns[2].parse::<u64>()?);
        let holds = |first: &u64| *first <= start && end <= first + 12_288;
        assert!(starts.range(..=start).rev().any(holds), "{line}");
    }
    Ok(())
}

#[test]
fn edits_made_up_in_real_windows_apply_and_join() -> Result<(), Box<dyn Error>> {
    let (_, windows, _) = cut(None, 0.1)?;
    let mut random = RandomStream::new(1, "kit");
    let lengths = LengthWeights::geometric(0.5, 1..=15)?;
    for window in windows.into_iter().take(40) {
        let window = window.window;
        let margin = DEFAULT_EDGE_MARGIN;
        let edits = SyntheticEdits::mix([
            (3.0, SyntheticEdits::snvs(&window, margin)?),
            (1.0, SyntheticEdits::insertions(&window, margin, &lengths)?),
            (1.0, SyntheticEdits::deletions(&window, margin, &lengths)?),
            (
                1.0,
                SyntheticEdits::delins(&window, margin, &lengths, &lengths)?,
            ),
        ]);
        let drawn = edits.sample_distinct(50, &mut random)?;
        let mut joined: Vec<_> = Vec::new();
        for edit in drawn {
            apply(window.bases(), &edit)?;
            let overlaps = |other: &geno_action::RelEdit| {
                edit.rel_pos() < other.end() && other.rel_pos() < edit.end()
            };
            if !joined.iter().any(overlaps) {
                joined.push(edit);
            }
        }
        let haplotype = Haplotype::new(window.into(), joined)?;
        assert_eq!(haplotype.normalized().sequence(), haplotype.sequence());
    }
    Ok(())
}
