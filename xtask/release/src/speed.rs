//! `cargo xtask v02 speed`: how much faster a rollout is than doing each of its prefixes again.

mod lines;

use std::{collections::BTreeMap, fs, path::PathBuf};

use anyhow::{Context, Result};
use geno_provenance::{
    Artifact, FieldError, Fields, Json, Label, PublicPath,
    release::{
        ArtifactSet, Claim, CommandLine, EvidenceClass, Issue, NegativeFinding, ReportBody,
        Statement,
    },
};

use crate::{
    Verdict,
    efficiency::{measure, median},
    findings::derived,
    issues::error,
    run_args::{Made, RunArgs},
    suite::file_name,
};

/// Lengths of rollouts that have to be measured.
pub(crate) const HORIZONS: [u64; 2] = [5, 20];

/// How many times faster a rollout of so many edits has to be than the naive one, which computes for
/// every edit the whole list of edits up to it.
pub(crate) fn target(horizon: u64) -> f64 {
    match horizon {
        20.. => 5.0,
        5.. => 2.0,
        _ => 1.0,
    }
}

#[derive(clap::Args)]
pub(crate) struct SpeedArgs {
    /// Lines of `cargo xtask bench rollout`
    #[arg(long, value_name = "FILE")]
    bench_jsonl: PathBuf,
    /// The model whose release this is
    #[arg(long, value_name = "DIR")]
    model_dir: PathBuf,
    /// The report
    #[arg(long, value_name = "FILE")]
    output_json: PathBuf,
    /// The machine in words [default: system, threads and instructions]
    #[arg(long, value_name = "TEXT")]
    hardware: Option<String>,
    #[command(flatten)]
    run: RunArgs,
}

/// What a report of the speed of rollouts holds. Everything that is reported follows from the samples.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct RolloutSpeed {
    /// What the benchmark computed on.
    pub(crate) backend: Label,
    /// The shape of the networks.
    pub(crate) shape: Label,
    /// By number of edits.
    pub(crate) rows: BTreeMap<u64, Samples>,
}

/// Times of the two ways to the same states.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub(crate) struct Samples {
    /// Nanoseconds of each rollout, which keeps what it computed for the edits before.
    pub(crate) rollout_ns: Vec<u64>,
    /// Nanoseconds of each naive one.
    pub(crate) naive_ns: Vec<u64>,
}

impl Samples {
    /// How many times faster the rollout is, by the medians.
    pub(crate) fn speedup(&self) -> f64 {
        median(&self.naive_ns) / median(&self.rollout_ns)
    }
}

impl RolloutSpeed {
    /// The numbers of edits whose target was missed.
    pub(crate) fn missed(&self) -> impl Iterator<Item = u64> {
        let missed = self.rows.iter();
        let missed = missed.filter(|(horizon, row)| row.speedup() < target(**horizon));
        missed.map(|(horizon, _)| *horizon)
    }

    /// What is said of every target that was missed.
    fn shortfalls(&self) -> impl Iterator<Item = String> {
        let speedup = |horizon| self.rows.get(&horizon).map_or(f64::NAN, Samples::speedup);
        self.missed()
            .map(move |horizon| short_of(horizon, speedup(horizon)))
    }
}

/// How far a rollout is from its target, without a full stop.
pub(crate) fn short_of(horizon: u64, speedup: f64) -> String {
    let aim = target(horizon);
    format!(
        "A rollout of {horizon} edits is {speedup:.2} times as fast as the naive one, \
         and was to be {aim} times"
    )
}

pub(crate) fn run(args: &SpeedArgs) -> Result<Verdict> {
    let at = || format!("`{}`", args.bench_jsonl.display());
    let text = fs::read_to_string(&args.bench_jsonl).with_context(at)?;
    let body = lines::of_lines(&text).with_context(at)?;
    let run = args.run.run()?;
    let manifest = measure::manifest(&args.model_dir)?;
    let hardware = match &args.hardware {
        Some(text) => Label::new(text.clone())?,
        None => measure::hardware()?,
    };
    let identity = measure::measured_now(&manifest, &run, hardware)?;
    let path = args.model_dir.join("manifest.json");
    let lines = PublicPath::new(format!("input/{}", file_name(&args.bench_jsonl)?))?;
    let made = Made {
        evidence_class: EvidenceClass::RELEASE,
        command: CommandLine::new([
            "cargo",
            "xtask",
            "v02",
            "speed",
            "--bench-jsonl",
            lines.as_str(),
        ])?,
        inputs: ArtifactSet::new([
            Artifact::of_file(&path, PublicPath::new("model/manifest.json")?)?,
            Artifact::of_file(&args.bench_jsonl, lines)?,
        ])?,
        outputs: ArtifactSet::default(),
        limitations: vec![
            Statement::new(
                "Timed is `causal_v2` with random weights of the named shape, whatever predictor the release has.",
            )?,
            Statement::new("The encoder is not timed.")?,
        ],
        body,
    };
    let report = run.report_of(made, Some(identity))?;
    report.write(&args.output_json)?;
    for issue in report.issues() {
        println!("{issue}");
    }
    println!("{}", args.output_json.display());
    Ok(match report.is_ok() {
        true => Verdict::Holds,
        false => Verdict::Fails,
    })
}

impl ReportBody for RolloutSpeed {
    const PRODUCER: &'static str = "xtask.v02.speed";
    const CLAIMS: &'static [Claim] = &[
        Claim::NoClinicalUse,
        Claim::NoDeploymentReadiness,
        Claim::NoPrivacyAssurance,
        Claim::TimingIsNotQuality,
    ];
    const NEEDS_FINDINGS: bool = false;

    fn take(fields: &mut Fields) -> Result<Self, FieldError> {
        let wrong = |field: &str, expected| FieldError::Value {
            field: format!("body.{field}"),
            expected,
        };
        let mut rows = BTreeMap::new();
        for mut row in fields.objects("rows")? {
            let samples = Samples {
                rollout_ns: row.unsigneds("rollout_ns")?,
                naive_ns: row.unsigneds("naive_ns")?,
            };
            for list in [&samples.rollout_ns, &samples.naive_ns] {
                if list.is_empty() || list.contains(&0) {
                    return Err(wrong("rows[]", "a list of numbers above zero"));
                }
            }
            rows.insert(row.unsigned("horizon")?, samples);
            // What follows; the reader compares it.
            for derived in ["measured_speedup", "target_speedup", "target_met"] {
                row.value(derived)?;
            }
            row.finish()?;
        }
        if !HORIZONS.iter().all(|horizon| rows.contains_key(horizon)) {
            return Err(wrong("rows", "a list of rollouts of 5 and of 20 edits"));
        }
        Ok(Self {
            backend: fields.label("backend")?,
            shape: fields.label("shape")?,
            rows,
        })
    }

    fn to_json(&self) -> Json {
        let list = |samples: &[u64]| Json::Array(samples.iter().map(|&n| n.into()).collect());
        let number = |value: f64| Json::float(value).unwrap_or(Json::Null);
        let rows = self.rows.iter().map(|(&horizon, row)| {
            Json::object([
                ("horizon", Json::from(horizon)),
                ("rollout_ns", list(&row.rollout_ns)),
                ("naive_ns", list(&row.naive_ns)),
                ("measured_speedup", number(row.speedup())),
                ("target_speedup", number(target(horizon))),
                ("target_met", (row.speedup() >= target(horizon)).into()),
            ])
        });
        Json::object([
            ("backend", Json::from(&self.backend)),
            ("shape", Json::from(&self.shape)),
            ("rows", Json::Array(rows.collect())),
        ])
    }

    fn findings(&self) -> Vec<NegativeFinding> {
        let missed = self.shortfalls();
        missed
            .map(|text| derived("target_missed", format!("{text}.")))
            .collect()
    }

    fn issues(&self) -> Vec<Issue> {
        let missed = self.shortfalls();
        missed
            .map(|text| error("v02.speed.target_missed", text))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{
        lines::{of_lines, tests::line},
        *,
    };

    #[test]
    fn a_speedup_is_of_medians_and_its_target_follows() {
        let text = [
            r#"{"name": "rollout", "items": 64, "edits": 20, "growing_forwards_samples": [1.0]}"#,
            "\n==> words\n",
            &line(5, "[0.001, 0.002, 0.003]", "[0.005, 0.003]"),
            &line(20, "[0.001]", "[0.0051]"),
        ];
        let speed = of_lines(&text.concat()).unwrap();
        assert_eq!(speed.rows[&5].speedup(), 2.0);
        assert_eq!(speed.missed().count(), 0);
        assert_eq!(
            [1, 4, 5, 19, 20, 99].map(target),
            [1.0, 1.0, 2.0, 2.0, 5.0, 5.0]
        );

        let slow = [
            line(5, "[0.002]", "[0.0039]"),
            line(20, "[0.001]", "[0.0049]"),
        ];
        let slow = of_lines(&slow.concat()).unwrap();
        assert_eq!(slow.missed().collect::<Vec<_>>(), [5, 20]);
        assert_eq!(slow.findings().len(), 2);
        let json = slow.to_json();
        let mut fields = Fields::of_document(json).unwrap();
        assert_eq!(RolloutSpeed::take(&mut fields), Ok(slow));
    }
}
