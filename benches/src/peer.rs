//! Timings that the Python package's benchmark wrote.

mod work;

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use serde::{Deserialize, Serialize};

pub(crate) use self::work::Work;

/// A `timings.<dtype>.json`: what was run, and what it took.
#[derive(Debug, Deserialize)]
pub(crate) struct Peer {
    args: Arguments,
    score: Option<Score>,
    plan: Option<Plan>,
    rollout: Option<Rollout>,
    machine: Option<Machine>,
}

#[derive(Debug, Deserialize)]
struct Arguments {
    shape: String,
    /// Of the encoder; the predictor computes in f32.
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

/// A search whose candidates all have as many edits as the horizon says.
#[derive(Debug, Deserialize)]
struct Plan {
    horizon: usize,
    evaluations: u64,
    seconds: f64,
    threads: u64,
}

#[derive(Debug, Deserialize)]
struct Rollout {
    batch: usize,
    threads: u64,
    #[serde(rename = "K20")]
    of_20: Rolled,
}

#[derive(Debug, Deserialize)]
struct Rolled {
    ar_rollout_seconds: f64,
}

#[derive(Clone, Debug, Deserialize)]
struct Machine {
    #[serde(default)]
    processor: Option<String>,
}

/// The peer's side of a comparison.
#[derive(Clone, Debug, Serialize)]
pub(crate) struct PeerRun {
    /// What one item took: a variant, a candidate, a rollout.
    pub(crate) seconds_per_item: f64,
    pub(crate) items: u64,
    pub(crate) threads: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) contract: Option<String>,
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
    /// If it cannot be read, or holds no timings.
    pub(crate) fn read(path: &Path) -> Result<Self> {
        let read = || -> Result<Self> { Self::parse(&fs::read(path)?) };
        read().with_context(|| format!("cannot read the peer's timings `{}`", path.display()))
    }

    fn parse(json: &[u8]) -> Result<Self> {
        let peer: Self = serde_json::from_slice(json)?;
        ensure!(
            !peer.runs().is_empty(),
            "it times neither scoring nor planning nor rollouts"
        );
        Ok(peer)
    }

    /// Whether its variants shared one window.
    pub(crate) fn is_dense(&self) -> bool {
        self.score.as_ref().is_some_and(|score| score.dense)
    }

    /// What it did, and what that took.
    fn runs(&self) -> Vec<(Work, PeerRun)> {
        let shape = || self.args.shape.clone();
        let run = |seconds_per_item, items, threads| PeerRun {
            seconds_per_item,
            items,
            threads,
            contract: None,
            machine: self.machine.as_ref().and_then(|m| m.processor.clone()),
        };
        let score = self.score.as_ref().map(|score| {
            let work = Work::Score {
                shape: shape(),
                dtype: self.args.dtype.clone(),
                dense: score.dense,
                state_layer: score.state_layer,
                pool_radius: score.pool_radius,
                window_bp: score.window_bp,
            };
            let contract = Some(score.contract.clone());
            let run = run(score.seconds_per_variant, score.variants, score.threads);
            (work, PeerRun { contract, ..run })
        });
        let plan = self.plan.as_ref().map(|plan| {
            let work = Work::Plan {
                shape: shape(),
                dtype: "fp32".to_owned(),
                n_edits: plan.horizon,
            };
            let seconds = plan.seconds / plan.evaluations as f64;
            (work, run(seconds, plan.evaluations, plan.threads))
        });
        let rollout = self.rollout.as_ref().map(|rollout| {
            let work = Work::Rollout {
                shape: shape(),
                dtype: "fp32".to_owned(),
                n_edits: 20,
                batch: rollout.batch,
            };
            let seconds = rollout.of_20.ar_rollout_seconds;
            (work, run(seconds, 1, rollout.threads))
        });
        [score, plan, rollout].into_iter().flatten().collect()
    }
}

/// The first of the peers that did the same work; without any peer nothing is compared.
pub(crate) fn compare(peers: &[Peer], ours: &Work) -> Option<Comparison> {
    if peers.is_empty() {
        return None;
    }
    let runs: Vec<_> = peers.iter().flat_map(Peer::runs).collect();
    if let Some((_, run)) = runs.iter().find(|(theirs, _)| theirs == ours) {
        return Some(Comparison::Same(run.clone()));
    }
    let last_alike = runs
        .iter()
        .rev()
        .find_map(|(theirs, _)| theirs.difference(ours));
    let why = last_alike.unwrap_or_else(|| "the peer has no such timing".to_owned());
    Some(Comparison::Unlike(why))
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

    /// One without scoring.
    const SEARCHES: &str = r#"{
        "args": {"dtype": "bf16", "shape": "500m"},
        "plan": {"horizon": 5, "iterations": 1, "samples": 16, "evaluations": 16,
            "seconds": 0.8, "seconds_per_evaluation": 0.04, "threads": 2},
        "rollout": {"K20": {"ar_rollout_seconds": 0.2, "speedup": 1.4},
            "K5": {"ar_rollout_seconds": 0.05, "speedup": 1.3}, "batch": 1, "threads": 2}
    }"#;

    fn work() -> Work {
        Work::Score {
            shape: "nano".to_owned(),
            dtype: "bf16".to_owned(),
            dense: true,
            state_layer: 4,
            pool_radius: 8,
            window_bp: 12_288,
        }
    }

    fn peers(files: &[&str]) -> Vec<Peer> {
        let peer = |file: &&str| Peer::parse(file.as_bytes()).unwrap();
        files.iter().map(peer).collect()
    }

    fn same(peers: &[Peer], work: &Work) -> PeerRun {
        match compare(peers, work) {
            Some(Comparison::Same(run)) => run,
            other => panic!("{other:?}"),
        }
    }

    fn unlike(peers: &[Peer], work: &Work) -> String {
        match compare(peers, work) {
            Some(Comparison::Unlike(why)) => why,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_same_work_is_compared() {
        let run = same(&peers(&[SEARCHES, FILE]), &work());
        assert_eq!((run.seconds_per_item, run.items, run.threads), (0.6, 20, 1));
        assert_eq!(run.machine.as_deref(), Some("AMD EPYC"));
        assert_eq!(run.contract.as_deref(), Some("legacy_raw_v1"));
        assert!(compare(&[], &work()).is_none());
    }

    #[test]
    fn candidates_and_rollouts_are_compared_one_by_one() {
        let peers = peers(&[FILE, SEARCHES]);
        let plan = |n_edits, dtype: &str| Work::Plan {
            shape: "500m".to_owned(),
            dtype: dtype.to_owned(),
            n_edits,
        };
        let run = same(&peers, &plan(5, "fp32"));
        assert_eq!(
            (run.seconds_per_item, run.items, run.threads),
            (0.05, 16, 2)
        );
        let rollout = Work::Rollout {
            shape: "500m".to_owned(),
            dtype: "fp32".to_owned(),
            n_edits: 20,
            batch: 1,
        };
        assert_eq!(same(&peers, &rollout).seconds_per_item, 0.2);
        let why = unlike(&peers, &plan(4, "fp32"));
        assert_eq!(why, "edits is 4 here and 5 at the peer");
        let why = unlike(&peers, &plan(5, "bf16"));
        assert_eq!(why, "predictor dtype is bf16 here and fp32 at the peer");
        assert!(!peers[1].is_dense());
    }

    #[test]
    fn other_work_is_not_compared_and_the_difference_is_named() {
        let peers = peers(&[FILE]);
        let scored = |dtype: &str, dense, pool_radius| Work::Score {
            shape: "nano".to_owned(),
            dtype: dtype.to_owned(),
            dense,
            state_layer: 4,
            pool_radius,
            window_bp: 12_288,
        };
        for (ours, why) in [
            (
                scored("fp32", true, 8),
                "dtype is fp32 here and bf16 at the peer",
            ),
            (
                scored("bf16", false, 8),
                "dense is false here and true at the peer",
            ),
            (
                scored("bf16", true, 9),
                "pool radius is 9 here and 8 at the peer",
            ),
        ] {
            assert_eq!(unlike(&peers, &ours), why);
        }
        let plan = Work::Plan {
            shape: "nano".to_owned(),
            dtype: "fp32".to_owned(),
            n_edits: 5,
        };
        assert_eq!(unlike(&peers, &plan), "the peer has no such timing");
    }

    #[test]
    fn a_file_without_timings_is_refused() {
        assert!(Peer::parse(br#"{"args": {"shape": "nano", "dtype": "fp32"}}"#).is_err());
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("timings.fp32.json");
        let error = Peer::read(&missing).unwrap_err();
        assert!(error.to_string().contains("timings.fp32.json"), "{error}");
    }
}
