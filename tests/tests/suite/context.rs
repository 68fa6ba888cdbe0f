//! Variants that are looked up in files of regions and repeats.

use std::{fs, path::PathBuf, sync::atomic::AtomicBool};

use geno_action::EditType;
use geno_core::{Layout, gc_fraction};
use geno_data::{AnnotationFiles, LabelledFile};
use geno_provenance::Json;
use geno_runtime::{
    Annotations, Calibrate, Calibration, Completion, ContextSources, Disjoint, GcBinning,
    MemoryBudget, ModelDir, Runtime, ScoreVcf, Signals,
};
use geno_surprise::{
    BucketId, CalibrationBucket, CalibrationParameters, CalibrationTable, EditFactors, GcCutoffs,
};
use tempfile::TempDir;

use crate::{
    grid::world::{WORLD, World, load, snv, write_vcf},
    scoring::rows,
};

/// Outside, in an intron, and in a repeat of the intron.
const ROWS: [usize; 3] = [50, 200, 350];

/// In windows of their own.
const APART: [usize; 3] = [50, 700, 2_000];

/// A folder with a VCF of three rows, and files to look them up in.
struct Case {
    folder: TempDir,
    vcf: PathBuf,
    sources: ContextSources,
}

fn case(world: &World, rows: [usize; 3]) -> Case {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    let vcf = path("in.vcf");
    write_vcf(
        &vcf,
        rows.map(|pos| snv(&world.bases, "1", pos, 1)).into_iter(),
    );
    fs::write(path("regions.bed"), "1\t100\t500\tintron\n").unwrap();
    fs::write(path("repeats.bed"), "1\t300\t400\n").unwrap();
    let files = AnnotationFiles {
        fasta: Some(world.fasta.path().to_owned()),
        regions: vec![LabelledFile {
            path: path("regions.bed"),
            class: None,
        }],
        repeats: vec![LabelledFile {
            path: path("repeats.bed"),
            class: Some("simple".parse().unwrap()),
        }],
        ..AnnotationFiles::default()
    };
    let sources = ContextSources::open(&files).unwrap();
    Case {
        folder,
        vcf,
        sources,
    }
}

impl Case {
    fn annotations(&self) -> Annotations<'_> {
        Annotations {
            sources: Some(&self.sources),
            ..Annotations::default()
        }
    }

    fn calibrated(&self, gc: GcBinning) -> Calibration {
        self.calibrated_by(&WORLD.centered, gc, EditFactors::None, self.annotations())
    }

    fn calibrated_by(
        &self,
        runtime: &Runtime,
        gc: GcBinning,
        factors: EditFactors,
        annotations: Annotations<'_>,
    ) -> Calibration {
        let request = Calibrate {
            vcf: &self.vcf,
            fasta: WORLD.fasta.path(),
            disjoint: Disjoint::default(),
            parameters: CalibrationParameters::default(),
            gc,
            factors,
            batch_size: 16,
            memory_budget: MemoryBudget::default(),
            annotations,
            signals: Signals::default(),
            is_hashed: true,
        };
        let stop = AtomicBool::new(false);
        match runtime.calibrate(&request, |_| {}, &stop).unwrap() {
            Completion::Finished(calibration) => calibration,
            Completion::Interrupted => panic!("nobody stopped the run"),
        }
    }
}

/// Region and repeat of a bucket of single contexts.
fn surroundings(id: BucketId) -> Option<String> {
    match id {
        BucketId::Context(label) => Some(format!("{}|{}", label.region, label.repeat)),
        _ => None,
    }
}

const EXPECTED: [&str; 3] = ["other|none", "intron|none", "intron|simple"];

#[test]
fn a_background_is_divided_by_what_files_say_of_it() {
    let case = case(&WORLD, ROWS);
    let calibration = case.calibrated(GcBinning::Given(GcCutoffs::default()));
    let ids = calibration.table.buckets().iter().map(|bucket| bucket.id());
    let mut found: Vec<String> = ids.filter_map(surroundings).collect();
    found.sort();
    let mut expected = EXPECTED;
    expected.sort_unstable();
    assert_eq!(found, expected);
    let files = calibration.files.unwrap();
    assert_eq!(files.context.len(), 2);
    assert_eq!(files.context[0].size, "1\t100\t500\tintron\n".len() as u64);
}

#[test]
fn a_row_may_state_its_surroundings_itself() {
    let case = case(&WORLD, ROWS);
    let rows = ROWS.map(|pos| snv(&WORLD.bases, "1", pos, 1));
    let info = [
        "GENO_LEWM_REGION=.",
        "GENO_LEWM_REGION=intron",
        "DP=3;GENO_LEWM_REGION=intron;GENO_LEWM_REPEAT=simple",
    ];
    let mut text = "##fileformat=VCFv4.2\n##INFO=<ID=GENO_LEWM_REGION,Number=A>\n\
                    ##INFO=<ID=GENO_LEWM_REPEAT,Number=A>\n\
                    #CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n"
        .to_owned();
    for (row, info) in rows.iter().zip(info) {
        text += &format!("{}\t.\t.\t{info}\n", row.trim_end());
    }
    let stated = Annotations {
        is_stated: true,
        ..Annotations::default()
    };
    let by = |annotations| {
        let gc = GcBinning::Given(GcCutoffs::default());
        case.calibrated_by(&WORLD.centered, gc, EditFactors::None, annotations)
    };
    let by_files = by(case.annotations());
    fs::write(&case.vcf, &text).unwrap();
    let by_rows = by(stated);
    assert_eq!(by_rows.table.buckets(), by_files.table.buckets());
    assert_ne!(
        by(Annotations::default()).table.buckets(),
        by_files.table.buckets()
    );
    // The rows come first; the files say what they leave open.
    fs::write(
        &case.vcf,
        text.replace("GENO_LEWM_REGION=intron", "GENO_LEWM_REGION=utr3"),
    )
    .unwrap();
    let both = Annotations {
        is_stated: true,
        ..case.annotations()
    };
    let ids: Vec<_> = by(both)
        .table
        .buckets()
        .iter()
        .map(|bucket| bucket.id().to_string())
        .collect();
    assert!(ids.iter().any(|id| id.starts_with("utr3|")));
    assert!(!ids.iter().any(|id| id.starts_with("intron")), "{ids:?}");
}

#[test]
fn a_vcf_that_declares_no_surroundings_cannot_state_them() {
    let case = case(&WORLD, ROWS);
    let stated = Annotations {
        is_stated: true,
        ..Annotations::default()
    };
    let run = WORLD.run(&case.vcf, case.folder.path(), 2);
    let paths = run.paths();
    let request = ScoreVcf {
        annotations: stated,
        ..run.request(&paths)
    };
    let done = WORLD
        .centered
        .score_vcf(&request, |_| {}, &AtomicBool::new(false));
    let error = done.unwrap_err().to_string();
    assert!(
        error.contains("declares none of GENO_LEWM_REGION"),
        "{error}"
    );
}

#[test]
fn edits_may_be_told_apart_by_type_and_by_place_in_their_6_mer() {
    let case = case(&WORLD, APART);
    // A cell of the grid begins at a multiple of 384, which is one of six.
    write_vcf(
        &case.vcf,
        (1..=60).map(|pos| snv(&WORLD.bases, "1", pos, 1)),
    );
    let gc = GcBinning::Given(GcCutoffs::default());
    let by = |factors| {
        let annotations = Annotations::default();
        let table = case
            .calibrated_by(&WORLD.grid, gc, factors, annotations)
            .table;
        let bytes = table.write_parquet().unwrap();
        CalibrationTable::read_parquet(&bytes).unwrap()
    };
    let sizes = |table: &CalibrationTable| {
        let placed = table
            .buckets()
            .iter()
            .filter_map(|bucket| match bucket.id() {
                BucketId::PlacedEdit(_, EditType::Snv, _) => Some(bucket.n_calibration()),
                _ => None,
            });
        placed.collect::<Vec<_>>()
    };
    assert_eq!(sizes(&by(EditFactors::TypeAndOffset)), [10; 6]);
    let by_type = by(EditFactors::Type);
    assert!(sizes(&by_type).is_empty());
    let of_type = |bucket: &&CalibrationBucket| matches!(bucket.id(), BucketId::Edit(..));
    let found: Vec<_> = by_type.buckets().iter().filter(of_type).collect();
    assert_eq!(found.len(), 1);
    assert!(found[0].id().to_string().ends_with("|none|SNV"));
    assert_eq!(found[0].n_calibration(), 60);
}

#[test]
fn gc_bins_meet_at_the_terciles_of_the_background_and_stay_with_the_table() {
    let case = case(&WORLD, APART);
    let table = case.calibrated(GcBinning::Fitted).table;
    let mut fractions = APART.map(|pos| {
        let contig = WORLD.fasta.resolve("1").unwrap();
        let window = WORLD
            .centered
            .windows()
            .window(&WORLD.fasta, contig, pos as u64 - 1);
        gc_fraction(window.unwrap().bases()).unwrap()
    });
    fractions.sort_by(f64::total_cmp);
    let [low, _, high] = fractions;
    assert_eq!(table.gc_cutoffs(), GcCutoffs::new(low, high).unwrap());
    let read = CalibrationTable::read_parquet(&table.write_parquet().unwrap()).unwrap();
    assert_eq!(read.gc_cutoffs(), table.gc_cutoffs());
    let bins = read
        .buckets()
        .iter()
        .filter_map(|bucket| match bucket.id() {
            BucketId::Context(label) => Some(label.gc.as_str()),
            _ => None,
        });
    let mut bins: Vec<&str> = bins.collect();
    bins.sort_unstable();
    assert_eq!(bins, ["high", "low", "mid"]);
}

/// A table in which every context of these regions and repeats has enough examples.
fn full_table() -> CalibrationTable {
    let mut ids = vec!["*".to_owned()];
    for region in ["intron", "other"] {
        for gc in ["low", "mid", "high"] {
            ids.extend(["none", "simple"].map(|repeat| format!("{region}|{gc}|{repeat}")));
        }
    }
    let bucket = |id: String| {
        let id = id.parse().unwrap();
        CalibrationBucket::new(id, 1_000, vec![0.0, 1.0], vec![0.0, 2.0], None).unwrap()
    };
    CalibrationTable::new(ids.into_iter().map(bucket).collect()).unwrap()
}

#[test]
fn a_variant_is_compared_with_those_of_its_surroundings() {
    let case = case(&WORLD, ROWS);
    let table = case.folder.path().join("table.parquet");
    fs::write(&table, full_table().write_parquet().unwrap()).unwrap();
    let model = ModelDir::open(WORLD.folder.path(), &Default::default()).unwrap();
    let runtime = load(&model, Layout::Centered, &table).unwrap();

    let run = WORLD.run(&case.vcf, case.folder.path(), 2);
    let paths = run.paths();
    let score = |annotations| {
        let request = ScoreVcf {
            annotations,
            signals: Signals::default(),
            ..run.request(&paths)
        };
        let done = runtime.score_vcf(&request, |_| {}, &AtomicBool::new(false));
        assert!(matches!(done.unwrap(), Completion::Finished(_)));
        let buckets = rows(&paths[0]).into_iter().map(|row| {
            let id = row.get("bucket_id").and_then(Json::as_str).unwrap();
            surroundings(id.parse().unwrap()).unwrap()
        });
        buckets.collect::<Vec<_>>()
    };
    assert_eq!(score(case.annotations()), EXPECTED);
    assert_eq!(score(Annotations::default()), ["other|none"; 3]);
    // What is said of all variants comes before what files say.
    let region = Annotations {
        region: Some("missense_variant"),
        ..case.annotations()
    };
    let request = ScoreVcf {
        annotations: region,
        signals: Signals::default(),
        ..run.request(&paths)
    };
    let done = runtime.score_vcf(&request, |_| {}, &AtomicBool::new(false));
    assert!(matches!(done.unwrap(), Completion::Finished(_)));
    // The table has no such region, so that they back off to everything.
    for row in rows(&paths[0]) {
        assert_eq!(row.get("bucket_id").and_then(Json::as_str), Some("*"));
    }
}
