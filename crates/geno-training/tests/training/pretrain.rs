//! Pretraining from a genome to an encoder.

use std::{
    collections::BTreeMap,
    fs,
    num::{NonZeroU64, NonZeroUsize},
    ops::ControlFlow,
    path::Path,
};

use burn::tensor::Device;
use geno_core::{Coded, RandomStream};
use geno_data::{Fasta, RegionSet};
use geno_encoder::CarbonConfig;
use geno_training::{
    AdamWSettings, Phase, Pretrain, PretrainError, PretrainProgress, PretrainSettings, Pretrained,
    Schedule,
};
use geno_weights::WeightDtype;

fn config() -> CarbonConfig {
    CarbonConfig {
        hidden_size: 16,
        n_layers: 1,
        n_heads: 2,
        n_kv_heads: 1,
        head_dim: 8,
        ffn_dim: 16,
        vocab_size: 155_776,
        max_positions: 64,
        rope_theta: 10_000.0,
        rms_norm_eps: 1e-6,
        tied: true,
        yarn: None,
    }
}

fn settings() -> PretrainSettings {
    PretrainSettings {
        seed: 7,
        n_steps: 7,
        batch_size: NonZeroUsize::new(2).unwrap(),
        n_tokens: NonZeroUsize::new(10).unwrap(),
        both_strands: true,
        accumulate: NonZeroU64::new(2).unwrap(),
        schedule: Schedule::Wsd,
        warmup: 2,
        learning_rate: 0.01,
        optimizer: AdamWSettings::default(),
        fns_fraction: 0.3,
        validate_every: NonZeroU64::new(2).unwrap(),
        validation_windows: NonZeroUsize::new(8).unwrap(),
    }
}

/// A genome of which the first 3,000 bases are trained on and the last 600 held out.
struct Genome {
    fastas: [Fasta; 1],
    training: Vec<RegionSet>,
    validation: Vec<RegionSet>,
}

impl Genome {
    fn new(folder: &Path, bases: &str) -> Self {
        let path = folder.join("genome.fa");
        fs::write(&path, format!(">1\n{bases}\n")).unwrap();
        let fastas = [Fasta::open(&path).unwrap()];
        Self {
            training: vec![RegionSet::whole(&fastas[0])],
            validation: RegionSet::read(&["1:3001-3600"], &fastas).unwrap(),
            fastas,
        }
    }

    fn random(folder: &Path) -> Self {
        let mut stream = RandomStream::new(1, "genome");
        let base = |_| char::from(b"ACGT"[stream.below(4) as usize]);
        Self::new(folder, &(0..3_600).map(base).collect::<String>())
    }

    /// Runs until `stop` says so.
    fn run(
        &self,
        folder: &Path,
        settings: &PretrainSettings,
        resume_from: Option<&Path>,
        mut stop: impl FnMut(u64) -> bool,
    ) -> Result<Option<Pretrained>, PretrainError> {
        let pretrain = Pretrain {
            fastas: &self.fastas,
            training: &self.training,
            validation: &self.validation,
            config: &config(),
            settings,
            dtype: WeightDtype::Bf16,
            markov_orders: &[0, 2],
            folder,
            checkpoint_every: 3,
            keep: 2,
            resume_from,
            device: &Device::flex(),
        };
        pretrain.run(|progress| match progress {
            PretrainProgress::Training { step, .. } if stop(step) => ControlFlow::Break(()),
            _ => ControlFlow::Continue(()),
        })
    }
}

/// The files of a run but for its log, which holds times, by their paths.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().display().to_string();
            match path.is_dir() {
                true => folders.push(path),
                false if name == "train.log.jsonl" => {}
                false => {
                    found.insert(name, fs::read(path).unwrap());
                }
            }
        }
    }
    found
}

#[test]
fn a_run_stopped_after_every_step_gives_the_bytes_of_a_whole_one() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Genome::random(folder.path());
    let [whole, stopped] = ["whole", "stopped"].map(|name| folder.path().join(name));
    let given = genome.run(&whole, &settings(), None, |_| false).unwrap();
    let given = given.unwrap();
    assert_eq!(given.held_out.n_windows, 10);
    assert_eq!(given.best.phase, Phase::FactorisedNucleotides);
    let names: Vec<_> = given
        .held_out
        .models
        .iter()
        .map(|m| m.model.as_str())
        .collect();
    let expected = [
        "language_model.chain",
        "language_model.marginal",
        "gc_content",
        "markov.0",
        "markov.2",
    ];
    assert_eq!(names, expected);

    let mut n_stops = 0;
    let resumed = loop {
        match genome.run(&stopped, &settings(), None, |_| true).unwrap() {
            Some(pretrained) => break pretrained,
            None => n_stops += 1,
        }
    };
    assert_eq!(n_stops, 7);
    assert_eq!(resumed.held_out, given.held_out);
    let (expected, mut found) = (files(&whole), files(&stopped));
    // Interruptions left checkpoints of their own, of which the oldest were removed.
    found.retain(|name, _| expected.contains_key(name) || !name.starts_with("checkpoints/"));
    for name in ["encoder/model.safetensors", "metrics.json", "loss.svg"] {
        assert!(expected.contains_key(name), "{name}");
    }
    for (name, bytes) in &found {
        assert!(expected[name] == *bytes, "`{name}` differs");
    }
    assert!(found.contains_key("checkpoints/step-00000007/optimizer.safetensors"));

    // A run that is done is done, and gives the same again.
    let again = genome.run(&whole, &settings(), None, |_| false).unwrap();
    assert_eq!(again.unwrap(), given);
    assert_eq!(files(&whole), expected);
}

#[test]
fn a_checkpoint_of_another_run_is_refused_with_what_differs() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Genome::random(folder.path());
    let run = folder.path().join("run");
    assert!(
        genome
            .run(&run, &settings(), None, |step| step == 3)
            .unwrap()
            .is_none()
    );
    let cause = |genome: &Genome, settings: &PretrainSettings| {
        let error = genome.run(&run, settings, None, |_| false).unwrap_err();
        assert_eq!(error.code().as_str(), "CONFIG.GENERIC");
        std::error::Error::source(&error).unwrap().to_string()
    };
    let mut other = settings();
    other.seed = 8;
    let expected = "`settings.seed` is 7, not 8";
    assert_eq!(cause(&genome, &other), expected);
    let mut other = settings();
    other.optimizer.beta2 = 0.9;
    let expected = "`settings.optimizer.beta2` is 0.95, not 0.9";
    assert_eq!(cause(&genome, &other), expected);
    let elsewhere = tempfile::tempdir().unwrap();
    let other = Genome::new(elsewhere.path(), &"ACGTTGCAAC".repeat(360));
    assert!(cause(&other, &settings()).contains("`corpus.training.digest`"));

    // A file that was changed is no checkpoint of any run.
    let path = run.join("checkpoints/step-00000003/model.safetensors");
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    let error = genome.run(&run, &settings(), None, |_| false).unwrap_err();
    assert!(error.to_string().contains("digest"), "{error}");
}

#[test]
fn a_run_goes_on_from_a_checkpoint_of_another_folder() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Genome::random(folder.path());
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    let whole = genome
        .run(&first, &settings(), None, |_| false)
        .unwrap()
        .unwrap();
    let from = first.join("checkpoints/step-00000006");
    let resumed = genome.run(&second, &settings(), Some(&from), |step| {
        assert_eq!(step, 7);
        false
    });
    assert_eq!(resumed.unwrap().unwrap().held_out, whole.held_out);
    let bytes = |run: &Path| fs::read(run.join("encoder/model.safetensors")).unwrap();
    assert_eq!(bytes(&first), bytes(&second));
}

#[test]
fn a_model_learns_what_repeats() {
    let folder = tempfile::tempdir().unwrap();
    // A period that no number of tokens is a multiple of.
    let genome = Genome::new(folder.path(), &"ACGTTGCAACTTGAGCCA".repeat(200));
    let mut settings = settings();
    settings.n_steps = 60;
    settings.both_strands = false;
    settings.learning_rate = 0.02;
    let run = folder.path().join("run");
    let given = genome
        .run(&run, &settings, None, |_| false)
        .unwrap()
        .unwrap();
    let chain = &given.held_out.models[0].bits_per_base;
    assert!(chain.mean < 1.0, "{chain:?}");
    let order_0 = given.held_out.model("markov.0").unwrap();
    assert!(order_0.minus_chain.low > 0.5, "{order_0:?}");
}

#[test]
fn a_run_that_blows_up_stops_and_leaves_its_checkpoints() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Genome::random(folder.path());
    let run = folder.path().join("run");
    let mut settings = settings();
    settings.schedule = Schedule::Constant;
    settings.optimizer.grad_clip = None;
    settings.validate_every = NonZeroU64::new(1).unwrap();
    settings.learning_rate = 30.0;
    let fail = || genome.run(&run, &settings, None, |_| false).unwrap_err();
    let error = fail();
    let PretrainError::Diverged { step, found, best } = error else {
        panic!("{error}");
    };
    assert!(found > best + 1.0);
    assert_eq!(error.code().exit_code(), 5);
    assert!(!run.join("encoder").exists());
    // It goes on from what there is, to the same end.
    assert!(
        run.join(format!("checkpoints/step-{:08}", step - 1))
            .exists()
    );
    assert_eq!(fail().to_string(), error.to_string());

    let run = folder.path().join("infinite");
    settings.learning_rate = 1e30;
    let error = genome.run(&run, &settings, None, |_| false).unwrap_err();
    assert!(matches!(error, PretrainError::NotFinite { .. }), "{error}");
    assert_eq!(error.code().as_str(), "TRAINING.NAN_LOSS");
}

#[test]
fn windows_that_fit_nowhere_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let genome = Genome::random(folder.path());
    let run = folder.path().join("run");
    let mut long = settings();
    long.n_tokens = NonZeroUsize::new(62).unwrap();
    assert!(
        genome
            .run(&run, &long, None, |step| step == 1)
            .unwrap()
            .is_none()
    );
    long.n_tokens = NonZeroUsize::new(63).unwrap();
    let error = genome.run(&run, &long, None, |_| false).unwrap_err();
    assert_eq!(
        error.to_string(),
        "windows of 63 tokens and two tags, in a network of 64 positions"
    );
}
