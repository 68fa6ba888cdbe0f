//! The text of a paper.

use std::fmt::{Display, Write};

use geno_eval::{Comparison, MetricsDocument, Verdict};
use geno_provenance::{
    Timestamp,
    release::{Claim, NegativeFinding, ReportBody, Statement},
};

use super::sources::Sources;
use crate::{
    dataset::card::{sources as data_sources, splits},
    markdown::{cell, evidence, table},
    model::{METRICS, card::metrics, contents::Contents},
    readiness::{report::Readiness, table::rows},
};

/// How the line begins that says when a paper was written.
pub(super) const GENERATED: &str = "Generated at ";

/// The whole paper. Beside title and time all of it follows from the packages.
pub(super) fn render(sources: &Sources, title: &Statement, generated_at: Timestamp) -> String {
    let mut paper =
        format!("# {title}\n\n{GENERATED}{generated_at} from the reports of the packages.\n\n");
    for (heading, text) in [
        ("Abstract", summary(sources)),
        ("Citation metadata", citation(sources, title)),
        ("Experiment", experiment(sources)),
        ("Methods", methods(sources)),
        ("Results", results(&sources.of_model.metrics)),
        ("Conclusions", list(&sources.of_model.metrics.conclusions)),
        (
            "Negative findings",
            list(&sources.of_model.metrics.negative_findings),
        ),
        ("Limitations", list(&sources.of_model.metrics.limitations)),
        ("Readiness", readiness(sources)),
        ("Artifact availability", availability(sources)),
        ("Reproducibility", reproducibility(sources)),
    ] {
        if !text.is_empty() {
            let _ = write!(paper, "## {heading}\n\n{text}\n");
        }
    }
    paper.truncate(paper.trim_end().len());
    paper.push('\n');
    paper
}

fn list<T: Display>(texts: &[T]) -> String {
    texts.iter().map(|text| format!("- {text}\n")).collect()
}

fn pairs<const N: usize>(columns: [&str; 2], rows: [(&str, String); N]) -> String {
    let rows = rows.map(|(what, which)| vec![what.to_owned(), which]);
    table(&columns, rows)
}

fn summary(sources: &Sources) -> String {
    let (model, metrics) = (sources.model.body(), &sources.of_model.metrics);
    let splits: std::collections::BTreeSet<_> =
        metrics.metrics.iter().map(|row| &row.split).collect();
    let told = |verdict| {
        let compared = metrics.comparisons.iter();
        compared.filter(|one| one.verdict() == verdict).count()
    };
    format!(
        "{} This paper holds {} metrics on {} splits of release `{}`, which was trained on the data \
         snapshot `{}`. Of {} comparisons with a baseline {} are better, {} worse, {} undecided and {} \
         without an interval. Evidence class: {}.\n",
        model.facts.summary,
        metrics.metrics.len(),
        splits.len(),
        model.release,
        model.dataset_snapshot,
        metrics.comparisons.len(),
        told(Some(Verdict::Improved)),
        told(Some(Verdict::Worse)),
        told(Some(Verdict::Inconclusive)),
        told(None),
        evidence(&sources.evidence_class()),
    )
}

fn citation(sources: &Sources, title: &Statement) -> String {
    let (model, manifest) = (sources.model.body(), &sources.of_model.manifest);
    pairs(
        ["What", "Which"],
        [
            ("Title", cell(title)),
            ("Model", cell(&manifest.model_name)),
            ("Version", cell(&manifest.model_version)),
            ("Release", cell(&model.release)),
            ("Model id", model.model_id.to_string()),
            ("Weights id", model.weights_id.to_string()),
            ("Data snapshot", cell(&model.dataset_snapshot)),
            ("Licence of the model", cell(&model.facts.license)),
            (
                "Licence of the data",
                cell(&sources.dataset.body().facts.license),
            ),
        ],
    )
}

fn experiment(sources: &Sources) -> String {
    let training = &sources.of_model.manifest.training;
    let stated = |text: Option<&str>| text.map_or("not stated".to_owned(), cell);
    let identity = sources.model.draft().identity.as_ref();
    let mut text = pairs(
        ["What", "Which"],
        [
            (
                "Training commit",
                stated(sources.training_commit().map(|commit| commit.as_str())),
            ),
            ("Training configuration", training.hash.to_string()),
            (
                "Measuring commit",
                stated(identity.map(|identity| identity.commit.as_str())),
            ),
            (
                "Machine",
                stated(identity.map(|identity| identity.hardware.as_str())),
            ),
        ],
    );
    text.push_str("\nWhat the manifest says of the training:\n\n");
    let facts = training.data_snapshot.iter();
    let facts = facts.map(|(key, value)| vec![cell(key), cell(value)]);
    text + &table(&["Fact", "Value"], facts)
}

fn methods(sources: &Sources) -> String {
    let (manifest, metrics) = (&sources.of_model.manifest, &sources.of_model.metrics);
    let data = sources.dataset.body();
    let mut text = "### Model\n\n".to_owned();
    text += &pairs(
        ["Part", "Which"],
        [
            (
                "Encoder",
                cell(&format!(
                    "{}, revision {}",
                    manifest.encoder.id, manifest.encoder.revision
                )),
            ),
            ("Encoder weights", manifest.encoder.hash.to_string()),
            ("Predictor", manifest.predictor.hash.to_string()),
            ("Action encoder", manifest.action_encoder.hash.to_string()),
            ("Calibration", manifest.calibration.hash.to_string()),
        ],
    );
    let facts = &data.facts;
    let _ = write!(
        text,
        "\n### Data\n\nAssembly: {}. {}\n\n{}\n{}\n{}\n",
        facts.assembly,
        facts.split_policy,
        list(&facts.preprocessing),
        data_sources(facts),
        splits(data)
    );
    let _ = write!(
        text,
        "### Evaluation\n\nBy `{}` at {}, in `{METRICS}`. It names these files:\n\n",
        metrics.generated_by.as_str(),
        metrics.generated_at
    );
    let artifacts = metrics.artifacts.iter();
    let artifacts = artifacts.map(|(key, path)| vec![cell(key), format!("`eval/{path}`")]);
    text += &table(&["File", "Path"], artifacts);
    text + &demonstration(sources)
}

/// What the packaged model scored as a user would.
fn demonstration(sources: &Sources) -> String {
    let Some(demo) = &sources.demo else {
        return String::new();
    };
    let body = demo.body();
    let contigs = body.contigs.iter();
    let contigs: Vec<_> = contigs
        .map(|(contig, n)| format!("{contig}: {n}"))
        .collect();
    let mut text = format!(
        "\n### Demonstration\n\nThe packaged model scored `{}` on `{}`, with a receipt of each score:\n\n\
         ```sh\n{}\n```\n\n",
        body.vcf,
        body.fasta,
        demo.draft().command
    );
    text += &pairs(
        ["What", "How many"],
        [
            ("Rows", body.records.to_string()),
            ("Alternate alleles", body.alternates.to_string()),
            ("Rows by contig", cell(&contigs.join(", "))),
            ("Scored", body.scored.to_string()),
            ("Kernel", cell(&body.kernel)),
        ],
    );
    text.push_str("\nIts transcript is `demo/terminal-demo-transcript.md`. ");
    text.push_str(Claim::CommandBehaviourOnly.text());
    text.push('\n');
    text
}

/// The metrics, and each against its baselines.
fn results(document: &MetricsDocument) -> String {
    let mut text = metrics(&document.metrics);
    if document.comparisons.is_empty() {
        return text;
    }
    text.push('\n');
    let columns = [
        "Split",
        "Metric",
        "Baseline",
        "Better by",
        "Paired interval",
        "Verdict",
        "N",
    ];
    text + &table(&columns, document.comparisons.iter().map(comparison))
}

fn comparison(one: &Comparison) -> Vec<String> {
    let interval = one
        .interval
        .map(|[low, high]| format!("{low:.4} to {high:.4}"));
    vec![
        cell(&one.split),
        cell(&one.metric),
        cell(&format!("{} {:.4}", one.baseline, one.baseline_value)),
        format!("{:.4}", one.delta),
        interval.unwrap_or_default(),
        one.verdict()
            .map_or(String::new(), |verdict| verdict.to_string()),
        one.n.to_string(),
    ]
}

/// What is asked of a release, and what of it is there.
fn readiness(sources: &Sources) -> String {
    let Some(report) = &sources.readiness else {
        return String::new();
    };
    let mut text = rows(report.body());
    text.push_str("\nWhat follows against the model:\n\n");
    for finding in report.findings() {
        // What the evaluation says stands above.
        let is_evaluation =
            matches!(finding, NegativeFinding::Derived { rule, .. } if **rule == *"evaluation");
        if !is_evaluation {
            let _ = writeln!(text, "- {}", finding.text());
        }
    }
    text
}

fn availability(sources: &Sources) -> String {
    let files = sources.files.iter().map(|file| {
        vec![
            format!("`{}`", file.path),
            file.size.to_string(),
            file.digest.to_string(),
        ]
    });
    let mut text = table(&["Path", "Bytes", "Digest"], files);
    if !sources.also.is_empty() {
        text.push_str("\nBeside these:\n\n");
        let named: Vec<_> = sources
            .also
            .iter()
            .map(|name| format!("`{name}`"))
            .collect();
        text += &list(&named);
    }
    text
}

fn reproducibility(sources: &Sources) -> String {
    let readiness = match &sources.readiness_file {
        Some(name) => format!(" --readiness release/{name}"),
        None => String::new(),
    };
    let (demo, with_demo) = match sources.demo {
        Some(_) => (
            "cargo xtask demo verify --model-dir model --demo-dir demo\n",
            " --demo-dir demo",
        ),
        None => ("", ""),
    };
    let also = sources.also.iter().map(|name| format!(" --also {name}"));
    let mut text = format!(
        "Each package is checked by making again what follows from its files, and this paper by writing it \
         again:\n\n\
         ```sh\n\
         cargo xtask model verify --package-dir model\n\
         cargo xtask dataset verify --dataset-dir dataset\n\
         {demo}\
         cargo xtask paper verify --model-dir model --dataset-dir dataset{with_demo}{readiness}{} --paper paper.md\n\
         ```\n\n",
        also.collect::<String>()
    );
    let claims: std::collections::BTreeSet<_> = match &sources.readiness {
        Some(_) => Contents::CLAIMS.iter().chain(Readiness::CLAIMS).collect(),
        None => Contents::CLAIMS.iter().collect(),
    };
    for claim in claims {
        let _ = writeln!(text, "- {}", claim.text());
    }
    text
}
