//! The manifest of a suite to fill in, made of the registry.

use std::{fs, io::Write};

use anyhow::{Context, Result, ensure};
use geno_eval::{Benchmark, MetricMode, Registry};
use geno_provenance::{Json, indented_json, write_atomic};

use super::{
    TemplateArgs,
    manifest::{SCHEMA, Stated},
};
use crate::{Verdict, v02::VERSION};

pub(crate) fn run(args: &TemplateArgs) -> Result<Verdict> {
    let text = indented_json(&template()) + "\n";
    let path = &args.output;
    if args.check {
        let there = fs::read_to_string(path);
        let there = there.with_context(|| format!("cannot read `{}`", path.display()))?;
        ensure!(
            there == text,
            "`{}` is not what `v02 template` writes",
            path.display()
        );
    } else {
        write_atomic(path, |file| file.write_all(text.as_bytes()))?;
    }
    println!("{}", path.display());
    Ok(Verdict::Holds)
}

/// A suite of all benchmarks that a release is asked for.
fn template() -> Json {
    let benchmarks = Registry::built_in().benchmarks().iter();
    let benchmarks = benchmarks.filter(|benchmark| benchmark.gate(VERSION).is_some());
    Json::object([
        ("schema_version", Json::from(SCHEMA)),
        ("identity", Stated::template()),
        (
            "artifacts",
            Json::object([
                ("model_dir", Json::from("model")),
                ("dataset_dir", "dataset".into()),
                ("checkpoint", "model/predictor.safetensors".into()),
                ("config", "model/config.yaml".into()),
                ("efficiency_report", "efficiency_report.json".into()),
            ]),
        ),
        (
            "evaluation",
            Json::object([
                ("bootstrap_resamples", Json::from(1_000)),
                ("bootstrap_seed", 0.into()),
            ]),
        ),
        ("benchmarks", Json::Array(benchmarks.map(entry).collect())),
        (
            "aggregate",
            Json::object([
                ("metrics_json", Json::from("eval_metrics.json")),
                ("report_md", "eval_report.md".into()),
                ("require_v02_vep_metrics", true.into()),
                ("require_v02_rollout_metrics", true.into()),
            ]),
        ),
    ])
}

fn entry(benchmark: &Benchmark) -> Json {
    let id = &benchmark.id;
    let mut fields = vec![
        ("id", Json::from(id.as_str())),
        ("prepared", format!("benchmarks/{id}").into()),
        ("fasta", "GRCh38.fa.gz".into()),
        ("output", format!("runs/{id}").into()),
    ];
    let mode = benchmark
        .evaluation
        .as_ref()
        .map(|evaluation| evaluation.mode);
    if mode == Some(MetricMode::Binary) {
        // Positive is what Carbon finds less likely than the reference.
        let even = Json::float(0.0).unwrap_or(Json::Null);
        fields.push(("baseline_threshold", even));
    }
    Json::object(fields)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::suite::manifest::Manifest;

    #[test]
    fn a_template_is_a_manifest_with_nothing_filled_in() {
        let manifest = Manifest::of(template()).unwrap();
        assert_eq!(manifest.placeholder(), Some("model_release"));
        assert_eq!(manifest.benchmarks.len(), 6);
        for entry in &manifest.benchmarks {
            // One run gives what is asked for.
            let gate = entry.benchmark.gate(VERSION).unwrap();
            let mode = entry.benchmark.evaluation.as_ref().map(|one| one.mode);
            assert_eq!(gate.mode, mode, "{}", entry.benchmark.id);
        }
    }

    #[test]
    fn what_contradicts_itself_is_refused() {
        let whole = indented_json(&template());
        for (from, to, expected) in [
            ("\"1.1.0\"", "\"1.0.0\"", "schema_version"),
            ("\"clinvar_noncoding\"", "\"clinvar_coding\"", "comes twice"),
            ("\"clinvar_noncoding\"", "\"clinvar\"", "clinvar"),
            (
                "\"clinvar_noncoding\"",
                "\"mpra_saturation\"",
                "does not ask",
            ),
            (
                "runs/clinvar_noncoding",
                "runs/clinvar_coding/a",
                "not apart",
            ),
            ("runs/clinvar_noncoding", "../runs", "output"),
            ("\"eval_metrics.json\"", "\"a/eval_metrics.json\"", "beside"),
            ("\"fasta\"", "\"fastq\"", "fast"),
            ("GRCh38.fa.gz", "/data/GRCh38.fa.gz", "fasta"),
        ] {
            assert!(whole.contains(from), "{from}");
            let document = Json::parse(whole.replacen(from, to, 1).as_bytes()).unwrap();
            let error = format!("{:#}", Manifest::of(document).unwrap_err());
            assert!(error.contains(expected), "{to}: {error}");
        }
    }
}
