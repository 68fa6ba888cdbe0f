//! Timings that the Python package's benchmark wrote.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use serde::{Deserialize, Serialize};

/// A `timings.<dtype>.json`: what was run, and what scoring took.
#[derive(Debug, Deserialize)]
pub(crate) struct Peer {
    args: Arguments,
    score: Score,
    #[serde(default)]
    machine: Option<Machine>,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    shape: String,
    dtype: String,
}

#[derive(Debug, Deserialize)]
struct Score {
    dense: bool,
    variants: u64,
    seconds_per_variant: f64,
    threads: u64,
    contract: String,
    state_layer: i32,
    pool_radius: usize,
    window_bp: u64,
}

#[derive(Clone, Debug, Deserialize)]
struct Machine {
    #[serde(default)]
    processor: Option<String>,
}

/// What has to agree for two times to be of the same work.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct ScoredWork {
    /// A name of [`Shape`](crate::shape::Shape), or another word for a model that has none.
    pub(crate) shape: String,
    pub(crate) dtype: String,
    /// Whether all variants share one window.
    pub(crate) dense: bool,
    pub(crate) state_layer: i32,
    pub(crate) pool_radius: usize,
    pub(crate) window_bp: u64,
}

/// The peer's side of a comparison.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PeerRun {
    pub(crate) seconds_per_variant: f64,
    pub(crate) threads: u64,
    pub(crate) contract: String,
    pub(crate) variants: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) machine: Option<String>,
}

/// A peer's timing beside ours.
#[derive(Debug)]
pub(crate) enum Comparison {
    /// Of the same work.
    Same(PeerRun),
    /// None of the same work, and why.
    Unlike(String),
}

impl Peer {
    /// Reads a file.
    ///
    /// # Errors
    ///
    /// If it cannot be read, or holds no timings of scoring.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> { Self::parse(&fs::read(path)?) };
        read().with_context(|| format!("cannot read the peer's timings `{}`", path.display()))
    }

    fn parse(json: &[u8]) -> Result<Self> {
        Ok(serde_json::from_slice(json)?)
    }

    /// Whether its variants shared one window.
    pub(crate) fn is_dense(&self) -> bool {
        self.score.dense
    }

    fn work(&self) -> ScoredWork {
        ScoredWork {
            shape: self.args.shape.clone(),
            dtype: self.args.dtype.clone(),
            dense: self.score.dense,
            state_layer: self.score.state_layer,
            pool_radius: self.score.pool_radius,
            window_bp: self.score.window_bp,
        }
    }

    fn run(&self) -> PeerRun {
        PeerRun {
            seconds_per_variant: self.score.seconds_per_variant,
            threads: self.score.threads,
            contract: self.score.contract.clone(),
            variants: self.score.variants,
            machine: self.machine.as_ref().and_then(|m| m.processor.clone()),
        }
    }
}

/// The first of the peers that did the same work; without any peer nothing is compared.
pub(crate) fn compare(peers: &[Peer], work: &ScoredWork) -> Option<Comparison> {
    if let Some(peer) = peers.iter().find(|peer| peer.work() == *work) {
        return Some(Comparison::Same(peer.run()));
    }
    let last = peers.last()?;
    Some(Comparison::Unlike(difference(&last.work(), work)))
}

/// The first thing in which the peer's work differs.
fn difference(peer: &ScoredWork, ours: &ScoredWork) -> String {
    let both = [
        ("shape", peer.shape.clone(), ours.shape.clone()),
        ("dtype", peer.dtype.clone(), ours.dtype.clone()),
        ("dense", peer.dense.to_string(), ours.dense.to_string()),
        (
            "state layer",
            peer.state_layer.to_string(),
            ours.state_layer.to_string(),
        ),
        (
            "pool radius",
            peer.pool_radius.to_string(),
            ours.pool_radius.to_string(),
        ),
        (
            "window",
            peer.window_bp.to_string(),
            ours.window_bp.to_string(),
        ),
    ];
    let mut unlike = both.iter().filter(|(_, peer, ours)| peer != ours);
    match unlike.next() {
        Some((what, peer, ours)) => format!("{what} is {ours} here and {peer} at the peer"),
        None => "the work is the same".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The fields that are read, and some that are not, as the peer's benchmark writes them.
    const FILE: &str = r#"{
        "args": {"dense": true, "dtype": "bf16", "shape": "nano", "threads": 1, "variants": 20},
        "import_seconds": 1.68,
        "machine": {"cpus": 2, "platform": "Linux", "processor": "AMD EPYC"},
        "score": {"contract": "legacy_raw_v1", "dense": true, "encoder_calls": 40,
            "pool_radius": 8, "seconds": 12.0, "seconds_per_variant": 0.6, "state_layer": 4,
            "threads": 1, "variants": 20, "window_bp": 12288},
        "versions": {"geno_lewm": "0.2.1"}
    }"#;

    fn work() -> ScoredWork {
        ScoredWork {
            shape: "nano".to_owned(),
            dtype: "bf16".to_owned(),
            dense: true,
            state_layer: 4,
            pool_radius: 8,
            window_bp: 12_288,
        }
    }

    fn peers() -> Vec<Peer> {
        vec![Peer::parse(FILE.as_bytes()).unwrap()]
    }

    #[test]
    fn the_same_work_is_compared() {
        let Some(Comparison::Same(run)) = compare(&peers(), &work()) else {
            panic!("the same work")
        };
        assert_eq!(run.seconds_per_variant, 0.6);
        assert_eq!((run.threads, run.variants), (1, 20));
        assert_eq!(run.machine.as_deref(), Some("AMD EPYC"));
        assert!(compare(&[], &work()).is_none());
    }

    #[test]
    fn other_work_is_not_compared_and_the_difference_is_named() {
        let unlike = |work: ScoredWork| match compare(&peers(), &work) {
            Some(Comparison::Unlike(why)) => why,
            other => panic!("{other:?}"),
        };
        let dtype = "fp32".to_owned();
        assert_eq!(
            unlike(ScoredWork { dtype, ..work() }),
            "dtype is fp32 here and bf16 at the peer"
        );
        let shape = "500m".to_owned();
        assert_eq!(
            unlike(ScoredWork { shape, ..work() }),
            "shape is 500m here and nano at the peer"
        );
        let sparse = ScoredWork {
            dense: false,
            ..work()
        };
        assert_eq!(unlike(sparse), "dense is false here and true at the peer");
        let wide = ScoredWork {
            pool_radius: 9,
            ..work()
        };
        assert_eq!(unlike(wide), "pool radius is 9 here and 8 at the peer");
    }

    #[test]
    fn a_file_without_timings_of_scoring_is_refused() {
        assert!(Peer::parse(br#"{"args": {"shape": "nano", "dtype": "fp32"}}"#).is_err());
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("timings.fp32.json");
        let error = Peer::read(&missing).unwrap_err();
        assert!(error.to_string().contains("timings.fp32.json"), "{error}");
    }
}
