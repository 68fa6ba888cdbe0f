//! Streams of training tuples.

use std::{
    collections::{BTreeMap, HashSet},
    error::Error,
    fs,
};

use geno_action::EditSpec;
use geno_core::{Digest, RandomStream, Window};
use geno_data::{
    CorpusWindow, EditProviders, EditSource, Exclusion, HeldOut, Holdouts, PhasedHaplotypes,
    SplitCheck, SplitProof, TrainingTuple, TupleBuilder, TupleCursor, TupleError, TupleReport,
    TupleSettings, TupleStream, VariantSet, Worker,
};

type Outcome = Result<(), Box<dyn Error>>;

/// Made-up bases of one contig.
fn genome(len: usize) -> Vec<u8> {
    let mut random = RandomStream::new(20, "genome");
    (0..len)
        .map(|_| b"ACGT"[random.below(4) as usize])
        .collect()
}

/// Windows of 600 bases, 400 apart, on contig `20` or on none.
fn windows(genome: &[u8], placed: bool) -> Vec<CorpusWindow> {
    let starts = (0..=genome.len() - 600).step_by(400);
    let window = |start: usize| CorpusWindow {
        record_id: format!("w{start}"),
        source: "genome".to_owned(),
        chrom: placed.then(|| "20".to_owned()),
        window: Window::new(start as u64, &genome[start..start + 600]).expect("bases"),
    };
    starts.map(window).collect()
}

/// A substitution every 25 bases, under another name of the contig.
fn variants(genome: &[u8]) -> VariantSet {
    let mut set = VariantSet::default();
    for pos in (10..genome.len()).step_by(25) {
        let reference = char::from(genome[pos]).to_string();
        let alternate = if reference == "A" { "C" } else { "A" };
        let edit = EditSpec::new("chr20", pos as u64 + 1, &reference, alternate).expect("an edit");
        set.add(&edit).expect("a place on a genome");
    }
    set.sort();
    set
}

struct World {
    genome: Vec<u8>,
    windows: Vec<CorpusWindow>,
    providers: EditProviders,
    holdouts: Holdouts,
    settings: TupleSettings,
}

impl World {
    fn new() -> Self {
        let genome = genome(20_000);
        Self {
            windows: windows(&genome, true),
            providers: EditProviders {
                gnomad_common: Some(variants(&genome)),
                ..EditProviders::default()
            },
            genome,
            holdouts: Holdouts::none(),
            settings: TupleSettings {
                block_windows: 8,
                ..TupleSettings::default()
            },
        }
    }

    fn builder(&self) -> Result<TupleBuilder<'_>, TupleError> {
        TupleBuilder::new(
            &self.windows,
            &self.providers,
            &self.holdouts,
            self.settings.clone(),
        )
    }

    fn epochs(&self, n: u32) -> Result<(Vec<TrainingTuple>, TupleReport), TupleError> {
        let builder = self.builder()?;
        let mut stream = TupleStream::new(&builder).epochs(n);
        let tuples = stream.by_ref().collect::<Result<Vec<_>, _>>()?;
        Ok((tuples, stream.report().clone()))
    }
}

/// All that a tuple holds, as text.
fn line(tuple: &TrainingTuple) -> String {
    serde_json::to_string(&tuple.row(true)).expect("a row")
}

fn lines(tuples: &[TrainingTuple]) -> Vec<String> {
    tuples.iter().map(line).collect()
}

#[test]
fn a_window_gives_the_mix_and_fallbacks_are_counted() -> Outcome {
    let world = World::new();
    let n = world.windows.len() as u64;
    let (tuples, report) = world.epochs(1)?;

    assert_eq!(
        (tuples.len() as u64, report.tuples, report.windows),
        (8 * n, 8 * n, n)
    );
    let expected = [
        (EditSource::GnomadCommon, 3 * n),
        (EditSource::SyntheticSnv, 4 * n),
        (EditSource::SyntheticIndel, n),
    ];
    assert_eq!(report.by_source, BTreeMap::from(expected));
    assert_eq!(report.fallbacks, BTreeMap::from([(EditSource::Clinvar, n)]));
    assert!(report.short.is_empty());
    for tuple in &tuples {
        let window = tuple.window();
        assert_eq!(tuple.window_id(), Digest::of(window.bases()));
        let [edit] = tuple.edits() else {
            panic!("one edit")
        };
        assert!(edit.rel_pos() >= 64 && edit.end() <= window.len() - 64);
        let (left, right) = (edit.rel_pos(), edit.rel_pos() + edit.alternate().len());
        assert_eq!(tuple.target_window()[..left], window.bases()[..left]);
        assert_eq!(
            &tuple.target_window()[left..right],
            edit.alternate().as_bytes()
        );
        assert_eq!(tuple.locus(), left);
    }
    Ok(())
}

#[test]
fn neighbours_in_the_stream_are_of_different_windows() -> Outcome {
    let (tuples, _) = World::new().epochs(1)?;
    let same = tuples
        .windows(2)
        .filter(|pair| pair[0].record_id() == pair[1].record_id());
    // Of eight windows shuffled together, one neighbour in nine is of the same.
    assert!(same.count() * 5 < tuples.len());
    let first: HashSet<&str> = tuples[..64].iter().map(TrainingTuple::record_id).collect();
    assert_eq!(first.len(), 8);
    Ok(())
}

#[test]
fn epochs_differ_and_seeds_differ() -> Outcome {
    let mut world = World::new();
    let (tuples, _) = world.epochs(2)?;
    let half = tuples.len() / 2;
    let all = lines(&tuples);
    let of_first: HashSet<&String> = all[..half].iter().collect();
    let again = all[half..]
        .iter()
        .filter(|line| of_first.contains(line))
        .count();
    // Population variants come again, since a window holds few.
    assert!(again < half / 2, "{again} of {half}");

    world.settings.seed = 1;
    let (others, _) = world.epochs(1)?;
    assert_ne!(lines(&others)[..8], all[..8]);
    Ok(())
}

#[test]
fn threads_change_nothing() -> Outcome {
    let world = World::new();
    let with = |n| -> Result<Vec<String>, Box<dyn Error>> {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(n).build()?;
        let (tuples, _) = pool.install(|| world.epochs(2))?;
        Ok(lines(&tuples))
    };
    let one = with(1)?;
    assert_eq!(one, with(3)?);
    assert_eq!(one, with(16)?);
    Ok(())
}

#[test]
fn a_stream_begins_again_at_every_tuple() -> Outcome {
    let world = World::new();
    let builder = world.builder()?;
    let mut stream = TupleStream::new(&builder).epochs(2);
    let mut cursors = vec![stream.cursor()];
    let mut all = Vec::new();
    while let Some(tuple) = stream.next() {
        all.push(line(&tuple?));
        cursors.push(stream.cursor());
    }
    assert_eq!(cursors.len(), all.len() + 1);
    for (i, cursor) in cursors
        .iter()
        .enumerate()
        .step_by(37)
        .chain([(all.len(), &cursors[all.len()])])
    {
        let written = serde_json::to_string(cursor)?;
        assert!(written.len() < 100, "{written}");
        let cursor: TupleCursor = serde_json::from_str(&written)?;
        let rest = TupleStream::new(&builder).at(cursor)?.epochs(2);
        let rest = rest.take(20).collect::<Result<Vec<_>, _>>()?;
        let end = all.len().min(i + 20);
        assert_eq!(lines(&rest), all[i..end], "from tuple {i}");
    }
    Ok(())
}

#[test]
fn a_cursor_of_another_stream_is_refused() -> Outcome {
    let mut world = World::new();
    let cursor = TupleStream::new(&world.builder()?).cursor();
    let builder = world.builder()?;
    let worker = TupleStream::of_worker(&builder, Worker { index: 0, count: 2 });
    assert!(matches!(
        worker.at(cursor).err(),
        Some(TupleError::OtherStream)
    ));
    world.settings.margin = 65;
    let builder = world.builder()?;
    let other = TupleStream::new(&builder).at(cursor).err();
    assert!(matches!(other, Some(TupleError::OtherStream)));
    Ok(())
}

#[test]
fn workers_share_an_epoch_without_rest_and_without_overlap() -> Outcome {
    let world = World::new();
    let (whole, _) = world.epochs(1)?;
    let builder = world.builder()?;
    let mut shared = Vec::new();
    for index in 0..3 {
        let part = TupleStream::of_worker(&builder, Worker { index, count: 3 }).epochs(1);
        shared.extend(lines(&part.collect::<Result<Vec<_>, _>>()?));
    }
    let mut whole = lines(&whole);
    whole.sort_unstable();
    shared.sort_unstable();
    assert_eq!(shared, whole);
    Ok(())
}

#[test]
fn windows_without_a_place_take_the_fallback() -> Outcome {
    let mut world = World::new();
    world.windows = windows(&world.genome, false);
    let n = world.windows.len() as u64;
    let (_, report) = world.epochs(1)?;
    let fallbacks = [(EditSource::GnomadCommon, 3 * n), (EditSource::Clinvar, n)];
    assert_eq!(report.fallbacks, BTreeMap::from(fallbacks));
    assert_eq!(report.by_source[&EditSource::SyntheticSnv], 7 * n);
    Ok(())
}

#[test]
fn a_shortage_is_counted_and_fatal_only_if_strict() -> Outcome {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::GnomadCommon, 30)];
    world.settings.fallbacks.clear();
    let (tuples, report) = world.epochs(1)?;
    // Of 472 bases between the margins every 25th has a variant.
    let n = world.windows.len() as u64;
    let short = report.short[&EditSource::GnomadCommon];
    assert_eq!(tuples.len() as u64 + short, 30 * n);
    assert!(short >= 10 * n);

    world.settings.strict = true;
    let error = world.epochs(1).err();
    assert!(
        matches!(error, Some(TupleError::Short { asked: 30, .. })),
        "{error:?}"
    );
    Ok(())
}

#[test]
fn a_source_without_a_file_needs_a_fallback() {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::Phased, 1)];
    let error = world.epochs(1).err();
    assert!(matches!(error, Some(TupleError::Settings(_))), "{error:?}");
}

#[test]
fn variants_of_another_build_are_counted_and_left_out() -> Outcome {
    let mut world = World::new();
    let mut shifted = world.genome.clone();
    shifted.rotate_left(1);
    world.providers.gnomad_common = Some(variants(&shifted));
    let (tuples, report) = world.epochs(1)?;
    assert_eq!(tuples.len(), 8 * world.windows.len());
    assert!(report.reference_mismatches > world.windows.len() as u64 * 5);
    Ok(())
}

#[test]
fn nothing_held_out_comes_out_and_a_proof_says_so() -> Outcome {
    let mut world = World::new();
    let folder = tempfile::tempdir()?;
    let (genome, variants) = (&world.genome, &world.providers.gnomad_common);
    // Every second variant, written with the base before it, under an accession; and a stretch.
    let mut rows = String::new();
    let held_out: Vec<usize> = (10..genome.len()).step_by(50).collect();
    for &pos in &held_out {
        let reference = String::from_utf8_lossy(&genome[pos - 1..=pos]);
        let last = if genome[pos] == b'A' { "C" } else { "A" };
        let row = format!(
            "NC_000020.11\t{pos}\t.\t{reference}\t{}{last}\n",
            &reference[..1]
        );
        rows.push_str(&row);
    }
    assert_eq!(
        variants.as_ref().map(VariantSet::len),
        Some(2 * held_out.len())
    );
    let vcf = folder.path().join("eval.vcf");
    fs::write(
        &vcf,
        format!("##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n{rows}"),
    )?;
    let bed = folder.path().join("eval.bed");
    fs::write(&bed, "chr20\t4900\t4901\n")?;

    let mut holdouts = Holdouts::builder(None);
    holdouts.file(&vcf)?;
    holdouts.file(&bed)?;
    world.holdouts = holdouts.build();
    let (tuples, report) = world.epochs(3)?;
    let excluded = report.excluded_windows[&Exclusion::Interval];
    assert_eq!(excluded, 3 * 2, "two windows hold each position");
    assert!(report.excluded_edits[&Exclusion::Variant] > 100);

    let prove = |tuples: &[TrainingTuple]| -> Result<_, Box<dyn Error>> {
        let mut side = HeldOut::new(None);
        side.file(&vcf)?;
        side.file(&bed)?;
        let mut proof = SplitProof::new(side);
        proof.declare(SplitCheck::WindowContainment, "held out by variant");
        for tuple in tuples {
            proof.tuple(tuple)?;
        }
        Ok(proof.finish())
    };
    assert!(prove(&tuples)?.ok);
    world.holdouts = Holdouts::none();
    let report = prove(&world.epochs(1)?.0)?;
    assert!(report.check(SplitCheck::VariantEquality).overlap_count > 20);
    assert!(report.check(SplitCheck::WindowOverlap).overlap_count > 0);
    Ok(())
}

#[test]
fn an_epoch_that_gives_nothing_is_an_error_and_no_endless_search() {
    let mut world = World::new();
    let mut holdouts = Holdouts::builder(None);
    holdouts.contig("chr20");
    world.holdouts = holdouts.build();
    let builder = world.builder().expect("a builder");
    let error = TupleStream::new(&builder).next();
    assert!(matches!(
        error,
        Some(Err(TupleError::EmptyEpoch { epoch: 0 }))
    ));
}

#[test]
fn made_up_haplotypes_have_as_many_edits_as_drawn_near_each_other() -> Outcome {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::Synthetic, 40)];
    world.settings.edit_count_weights = vec![0.5, 0.3, 0.2];
    let (tuples, report) = world.epochs(1)?;
    for (n_edits, share) in [(1, 0.5), (2, 0.3), (3, 0.2)] {
        let found = report.by_edit_count[&n_edits] as f64 / tuples.len() as f64;
        assert!((found - share).abs() < 0.05, "{n_edits} edits: {found}");
    }
    for tuple in &tuples {
        for pair in tuple.edits().windows(2) {
            assert!(pair[1].rel_pos() >= pair[0].end());
            assert!(pair[1].rel_pos() - pair[0].rel_pos() <= 30);
        }
    }
    Ok(())
}

#[test]
fn types_come_in_their_shares() -> Outcome {
    let mut world = World::new();
    world.settings.mix = vec![(EditSource::Synthetic, 60)];
    let (tuples, report) = world.epochs(1)?;
    for (name, share) in [
        ("SNV", 0.4),
        ("INS", 0.2),
        ("DEL", 0.2),
        ("MNV", 0.1),
        ("INDEL", 0.1),
    ] {
        let found = report.by_type[name] as f64 / tuples.len() as f64;
        assert!((found - share).abs() < 0.03, "{name}: {found}");
    }
    Ok(())
}

#[test]
fn phased_tuples_hold_what_one_copy_carries() -> Outcome {
    let mut world = World::new();
    let folder = tempfile::tempdir()?;
    let mut rows = String::new();
    // Copy 1 carries pairs 4 bases apart every 50, copy 2 the first of each pair alone.
    for pos in (100..19_000).step_by(50) {
        for (pos, call) in [(pos, "1|1"), (pos + 4, "1|0")] {
            let reference = char::from(world.genome[pos]);
            let alternate = if reference == 'A' { 'C' } else { 'A' };
            let row = format!(
                "20\t{}\t.\t{reference}\t{alternate}\t.\t.\t.\tGT\t{call}\n",
                pos + 1
            );
            rows.push_str(&row);
        }
    }
    let path = folder.path().join("phased.vcf");
    let columns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\ta";
    fs::write(&path, format!("##fileformat=VCFv4.2\n{columns}\n{rows}"))?;
    world.providers.phased = Some(PhasedHaplotypes::read(&path, 30, |_| {})?);
    world.settings.mix = vec![(EditSource::Phased, 4)];
    world.settings.fallbacks.clear();

    let (tuples, report) = world.epochs(1)?;
    assert_eq!(
        report.by_edit_count,
        BTreeMap::from([(2, tuples.len() as u64)])
    );
    assert!(tuples.len() > 3 * world.windows.len());
    for tuple in &tuples {
        assert_eq!(tuple.n_copies(), Some(1));
        let [a, b] = tuple.edits() else {
            panic!("two edits")
        };
        assert_eq!(b.rel_pos() - a.rel_pos(), 4);
        assert_eq!((tuple.window().start() as usize + a.rel_pos()) % 50, 0);
        let target = tuple.target_window();
        assert_eq!(target[b.rel_pos()], b.alternate().as_bytes()[0]);
        assert_eq!(target[a.rel_pos()], a.alternate().as_bytes()[0]);
    }
    Ok(())
}
