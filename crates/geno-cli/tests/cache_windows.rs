//! Two builds of one cache side by side while others are killed.

use std::{
    path::Path,
    process::{Child, Command, Stdio},
    sync::atomic::AtomicBool,
    thread,
    time::Duration,
};

use geno_core::Digest;
use geno_data::{
    CacheWriter, Fasta, ReferenceLoci, ReferenceWindows, StateCache, StoredAs, verify_cache,
};
use geno_runtime::{
    BackendChoice, BuildCache, Completion, EncoderSource, ModelDir, Runtime, state_recipe,
};
use tempfile::tempdir;

/// Bases between two loci.
const EVERY: u64 = 20_000;

fn geno_lewm(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_geno-lewm"));
    command.current_dir(folder).env("GENO_LEWM_CACHE", "cache");
    command.stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn build(folder: &Path) -> Child {
    let mut command = geno_lewm(folder);
    command.args(["cache-windows", "build", "--model-dir", "demo/model"]);
    command.args(["--fasta", "demo/GRCh37.20.fa.gz", "--quiet"]);
    command.args(["--every", &EVERY.to_string(), "--per-shard", "2"]);
    command.args(["--batch-size", "2"]);
    command.spawn().unwrap()
}

#[test]
fn builds_side_by_side_with_killed_ones_give_the_states_of_a_single_one() {
    let folder = tempdir().unwrap();
    let folder = folder.path();
    let demo = geno_lewm(folder)
        .args(["demo", "--output", "demo"])
        .status();
    assert!(demo.unwrap().success());

    let mut builds = [build(folder), build(folder)];
    for round in 0..6 {
        let mut third = build(folder);
        thread::sleep(Duration::from_millis(200 + 150 * round));
        third.kill().unwrap();
        third.wait().unwrap();
    }
    for build in &mut builds {
        assert!(build.wait().unwrap().success());
    }

    let model = ModelDir::open(&folder.join("demo/model"), &EncoderSource::default()).unwrap();
    let runtime = Runtime::load_uncalibrated(&model, BackendChoice::Auto).unwrap();
    let fasta = Fasta::open(folder.join("demo/GRCh37.20.fa.gz")).unwrap();
    let loci = ReferenceLoci::Genome {
        fasta: &fasta,
        bed: None,
        every: EVERY,
        windows: runtime.windows(),
    };
    let request = BuildCache {
        loci,
        recipe: state_recipe(&model, StoredAs::F32),
        batch_size: 3,
        per_shard: 1_000,
    };
    let wait = Duration::from_secs(60);
    let mut single = CacheWriter::open(folder.join("single"), wait).unwrap();
    let stop = AtomicBool::new(false);
    let built = runtime.build_cache(&request, &mut single, |_| {}, &stop);
    let Completion::Finished(built) = built.unwrap() else {
        panic!("nobody stopped it");
    };

    let path = folder.join("cache/states");
    let verified = verify_cache(&path, wait, |_, _| {}).unwrap();
    assert!(verified.is_sound(), "{verified:?}");
    assert_eq!(verified.states, built.written);
    let cache = StateCache::open(&path).unwrap();
    let keys = request.recipe.keys();
    let mut n = 0;
    for window in ReferenceWindows::open(loci).unwrap() {
        let window = window.unwrap();
        let locus = u32::try_from(window.locus).unwrap();
        let key = keys.key(Digest::of(window.window.bases()), Some(locus));
        let [a, b] = [&cache, single.cache()].map(|cache| cache.get(&key).unwrap());
        assert!(a.is_some() && a == b, "state {n} differs");
        let again = runtime.encode_window(&window.window, Some(window.locus));
        assert!(
            n > 3 || a == Some(again.unwrap()),
            "state {n} is another one"
        );
        n += 1;
    }
    assert_eq!(n, built.written);
    assert!(n > 20, "{n}");
}
