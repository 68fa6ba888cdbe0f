//! Files of the published Python package's cache, read and written.

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

use geno_core::{Coded, Digest, Dtype, ErrorCode, PoolType, StateContract};
use geno_data::{
    CacheWriter, ImportFault, NewState, StateCache, StatePlace, StateRecipe, StoredAs, export_peer,
    import_peer,
};
use tempfile::tempdir;

use crate::states::WAIT;

fn fixture(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fixtures/parity/window_cache");
    folder.join(name)
}

/// What the fixtures' states were made with.
fn legacy(pool_type: PoolType, pool_radius: u32) -> StateRecipe {
    StateRecipe {
        contract: StateContract::LegacyRawV1,
        encoder: Digest::of(b"carbon weights"),
        state_layer: 20,
        pool_type,
        pool_radius,
        dtype: Dtype::Bf16,
        stored: StoredAs::F16,
    }
}

/// The window of the fixtures' row `i`.
fn window(i: usize) -> Digest {
    let unit = format!("ACGTACGTACGT{}", &"ACGTN"[i..=i]);
    Digest::of(unit.repeat(8).as_bytes())
}

/// The values of the fixtures' row `i`, before the package rounds them to binary16.
fn expected(i: usize) -> Vec<f32> {
    let value = |j: usize| (i as f32 + 1.0) * 0.1 + j as f32 * 0.25;
    (0..6).map(value).collect()
}

fn close(state: &[f32], expected: &[f32]) -> bool {
    state.len() == expected.len()
        && (state.iter().zip(expected)).all(|(a, b)| (a - b).abs() <= b.abs() / 2048.0)
}

#[test]
fn rows_of_the_package_are_read_under_the_legacy_contract() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let file = fixture("global_mean_0.parquet");
    let imported = import_peer(&file, None, &mut writer).unwrap();
    assert_eq!((imported.written, imported.present), (4, 0));
    // The package rounds 70,000 to infinity.
    assert_eq!(
        imported.rejected,
        BTreeMap::from([(ImportFault::NotFinite, 1)])
    );
    let keys = legacy(PoolType::GlobalMean, 0).keys();
    for i in 0..3 {
        let state = writer.cache().get(&keys.key(window(i), None)).unwrap();
        assert!(close(&state.unwrap(), &expected(i)), "row {i}");
    }
    let fp32 = StateRecipe {
        dtype: Dtype::F32,
        ..legacy(PoolType::GlobalMean, 0)
    };
    let key = fp32.keys().key(window(4), None);
    assert!(writer.cache().get(&key).unwrap().is_some());

    let again = import_peer(&file, None, &mut writer).unwrap();
    assert_eq!((again.written, again.present), (0, 4));
}

#[test]
fn a_locus_that_the_package_does_not_keep_has_to_be_given() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let file = fixture("centered_mean_8.parquet");
    let imported = import_peer(&file, None, &mut writer).unwrap();
    let no_locus = BTreeMap::from([(ImportFault::NoLocus, 2)]);
    assert_eq!((imported.written, imported.rejected), (0, no_locus));
    let outside = import_peer(&file, Some(104), &mut writer).unwrap();
    assert_eq!(outside.rejected, BTreeMap::from([(ImportFault::Window, 2)]));

    let imported = import_peer(&file, Some(52), &mut writer).unwrap();
    assert_eq!(imported.written, 2);
    let key = legacy(PoolType::CenteredMean, 8)
        .keys()
        .key(window(1), Some(52));
    let state = writer.cache().get(&key).unwrap().unwrap();
    assert!(close(&state, &expected(1)));
}

#[test]
fn a_pool_that_no_model_has_is_counted() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let imported = import_peer(&fixture("attention_0.parquet"), Some(52), &mut writer).unwrap();
    assert_eq!(
        imported.rejected,
        BTreeMap::from([(ImportFault::Recipe, 1)])
    );
}

#[test]
fn a_file_that_is_not_the_packages_is_refused() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path(), WAIT).unwrap();
    let calibration = fixture("../calibration.small.parquet");
    let error = import_peer(&calibration, None, &mut writer).unwrap_err();
    assert_eq!(error.code(), ErrorCode::DeployExportFormat);

    let whole = fs::read(fixture("global_mean_0.parquet")).unwrap();
    let cut = folder.path().join("cut.parquet");
    for len in (0..whole.len()).step_by(131) {
        fs::write(&cut, &whole[..len]).unwrap();
        assert!(import_peer(&cut, None, &mut writer).is_err(), "{len} bytes");
    }
    assert!(import_peer(&fixture("missing.parquet"), None, &mut writer).is_err());
}

#[test]
fn what_is_exported_is_imported_again() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path().join("cache"), WAIT).unwrap();
    import_peer(&fixture("global_mean_0.parquet"), None, &mut writer).unwrap();
    import_peer(&fixture("centered_mean_8.parquet"), Some(52), &mut writer).unwrap();
    let out = folder.path().join("out");
    let exported = export_peer(writer.cache(), &out).unwrap();
    assert_eq!((exported.states, exported.files), (6, 3));

    let encoder = Digest::of(b"carbon weights").to_hex();
    let file = out
        .join("embeddings")
        .join(encoder)
        .join("20/centered_mean_8/chr20_0.parquet");
    let mut second = CacheWriter::open(folder.path().join("second"), WAIT).unwrap();
    assert_eq!(
        import_peer(&file, Some(52), &mut second).unwrap().written,
        2
    );
    for i in 0..2 {
        let key = legacy(PoolType::CenteredMean, 8)
            .keys()
            .key(window(i), Some(52));
        let [a, b] = [&writer, &second].map(|writer| writer.cache().get(&key).unwrap());
        assert!(a.is_some() && a == b);
    }
    let before = fs::read(&file).unwrap();
    export_peer(writer.cache(), &out).unwrap();
    assert!(fs::read(&file).unwrap() == before, "another export differs");
}

#[test]
fn states_that_the_package_cannot_say_are_counted_and_left_out() {
    let folder = tempdir().unwrap();
    let mut writer = CacheWriter::open(folder.path().join("cache"), WAIT).unwrap();
    let full = StateRecipe {
        stored: StoredAs::F32,
        ..legacy(PoolType::CenteredMean, 8)
    };
    let normalized = StateRecipe {
        contract: StateContract::L2NormalizedV2,
        ..full
    };
    let place = |locus| StatePlace {
        window: window(0),
        contig: "chr20",
        start: 0,
        window_bp: 104,
        locus: Some(locus),
    };
    let mut install = |recipe: &StateRecipe, locus, values: &[f32]| {
        let place = place(locus);
        let installed = writer.install(recipe, "flex", &[NewState { place, values }]);
        assert_eq!(installed.unwrap().written, 1);
    };
    install(&full, 1, &[70_000.0]);
    install(&full, 2, &[1.0]);
    install(&full, 3, &[2.0]);
    install(&normalized, 2, &[1.0]);

    let out = folder.path().join("out");
    let cache = StateCache::open(folder.path().join("cache")).unwrap();
    let exported = export_peer(&cache, &out).unwrap();
    assert_eq!((exported.states, exported.unfit), (1, 1));
    assert_eq!((exported.too_large, exported.same_window), (1, 1));
}
