//! What rows carry besides their surprise, and variants of a list.

use std::{fs, path::Path, sync::atomic::AtomicBool};

use geno_action::{EditSpec, edited_window};
use geno_core::Window;
use geno_encoder::TokenDomain;
use geno_provenance::Json;
use geno_runtime::{
    Completion, LikelihoodDelta, LikelihoodLevel, ModelDir, Phases, ScoreVcf, SignalLikelihood,
    Signals, Strands,
};

use crate::{
    grid::world::{WORLD, snv, write_vcf},
    scoring::rows,
};

/// In windows of their own.
const POSITIONS: [usize; 3] = [50, 700, 2_000];

/// Scores a file, and gives its rows.
fn scored(file: &Path, folder: &Path, is_list: bool, signals: Signals<'_>) -> Vec<Json> {
    let run = WORLD.run(file, folder, 2);
    let paths = run.paths();
    let request = ScoreVcf {
        is_list,
        signals,
        ..run.request(&paths)
    };
    let done = WORLD
        .centered
        .score_vcf(&request, |_| {}, &AtomicBool::new(false));
    assert!(matches!(done.unwrap(), Completion::Finished(_)));
    rows(&paths[0])
}

fn number(row: &Json, key: &str) -> f64 {
    row.get(key).and_then(Json::as_f64).unwrap()
}

fn text<'a>(row: &'a Json, key: &str) -> &'a str {
    row.get(key).and_then(Json::as_str).unwrap()
}

/// The edit of a row.
fn edit(row: &Json) -> EditSpec {
    let pos = row.get("pos").and_then(Json::as_u64).unwrap();
    EditSpec::new(text(row, "chrom"), pos, text(row, "ref"), text(row, "alt")).unwrap()
}

#[test]
fn displacement_is_the_distance_of_the_encoded_states() {
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("in.vcf");
    write_vcf(
        &vcf,
        POSITIONS
            .map(|pos| snv(&WORLD.bases, "1", pos, 1))
            .into_iter(),
    );
    let signals = Signals {
        displacement: true,
        ..Signals::default()
    };
    let rows = scored(&vcf, folder.path(), false, signals);
    assert_eq!(rows.len(), 3);
    for row in &rows {
        let site = WORLD.alone(&WORLD.centered, &edit(row));
        let (window, edit) = (site.window(), &site.edits()[0]);
        let edited = edited_window(window, edit, WORLD.centered.contract()).unwrap();
        let edited = Window::new(window.start(), edited).unwrap();
        let state = |window: &Window| {
            let state = WORLD.centered.encode_window(window, Some(edit.rel_pos()));
            state.unwrap()
        };
        let pairs = state(window).into_iter().zip(state(&edited));
        let squares = pairs.map(|(a, b)| (f64::from(a) - f64::from(b)).powi(2));
        let expected = squares.sum::<f64>().sqrt();
        let found = number(row, "displacement");
        // Two whole passes round otherwise than one that shares a prefix.
        assert!(
            (found - expected).abs() < 1e-3 * expected,
            "{found} {expected}"
        );
    }
}

#[test]
fn likelihood_is_that_of_the_site_alone_and_leaves_the_surprise_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let vcf = folder.path().join("in.vcf");
    write_vcf(
        &vcf,
        POSITIONS
            .map(|pos| snv(&WORLD.bases, "1", pos, 1))
            .into_iter(),
    );
    let model = ModelDir::open(WORLD.folder.path(), &Default::default()).unwrap();
    let delta = LikelihoodDelta {
        level: LikelihoodLevel::Base,
        strands: Strands::Both,
        phases: Phases::new(2).unwrap(),
    };
    let likelihood = SignalLikelihood {
        carbon: model.load_likelihood(TokenDomain::Dna).unwrap(),
        delta,
    };
    let signals = Signals {
        likelihood: Some(&likelihood),
        ..Signals::default()
    };
    let with = scored(&vcf, folder.path(), false, signals);
    let without = scored(&vcf, folder.path(), false, Signals::default());
    for (with, without) in with.iter().zip(&without) {
        let site = WORLD.alone(&WORLD.centered, &edit(with));
        let alone = delta.of_sites(&likelihood.carbon, &[site]).unwrap();
        assert_eq!(number(with, "likelihood_delta"), alone[0].edits[0].delta());
        assert_eq!(number(with, "sigma_raw"), number(without, "sigma_raw"));
        assert!(without.get("likelihood_delta").is_none() && without.get("notation").is_none());
    }
}

#[test]
fn a_list_has_the_scores_of_a_vcf_and_keeps_its_notations() {
    let folder = tempfile::tempdir().unwrap();
    let (vcf, list) = (folder.path().join("in.vcf"), folder.path().join("in.txt"));
    let of_row = POSITIONS.map(|pos| snv(&WORLD.bases, "1", pos, 1));
    write_vcf(&vcf, of_row.iter().cloned());
    let notations = of_row.each_ref().map(|row| {
        let columns: Vec<_> = row.split_whitespace().collect();
        let (pos, reference, alternate) = (columns[1], columns[3], columns[4]);
        format!("chr1:g.{pos}{reference}>{alternate}")
    });
    fs::write(&list, format!("{}\n1:g.1_2con\n", notations.join("\n"))).unwrap();
    let of_vcf = scored(&vcf, folder.path(), false, Signals::default());
    let of_list = scored(&list, folder.path(), true, Signals::default());
    assert_eq!(of_list.len(), 3);
    for ((of_list, of_vcf), notation) in of_list.iter().zip(&of_vcf).zip(&notations) {
        assert_eq!(text(of_list, "notation"), notation);
        assert_eq!(edit(of_list), edit(of_vcf));
        assert_eq!(number(of_list, "sigma_raw"), number(of_vcf, "sigma_raw"));
    }
}
