//! The reports that readiness follows from.

use std::{fs, path::Path};

use anyhow::{Context, Result, bail, ensure};
use geno_core::Digest;
use geno_eval::{MetricRow, MetricsDocument};
use geno_provenance::{
    Manifest, PublicPath,
    release::{EvidenceClass, ReleaseIdentity, Report, ReportBody, Statement},
};

use super::{
    measured::Measured,
    names::Names,
    report::Readiness,
    requirement::{self, EFFICIENCY, Requirement, SPEED, speedup},
    row::Row,
};
use crate::{
    efficiency::Efficiency,
    identity,
    speed::RolloutSpeed,
    speed_scope::SpeedScope,
    suite::{self, report::Suite},
};

/// Everything that readiness follows from, read.
pub(super) struct Sources {
    manifest: Manifest,
    metrics: (MetricsDocument, Digest),
    efficiency: Option<Report<Efficiency>>,
    speed: Option<(Report<RolloutSpeed>, Digest)>,
    scope: Option<Report<SpeedScope>>,
    suite: Option<Report<Suite>>,
}

impl Sources {
    /// Reads the files.
    pub(super) fn read(root: &Path, names: &Names) -> Result<Self> {
        let bytes = |name: &PublicPath| {
            fs::read(name.under(root)).with_context(|| format!("cannot read `{name}`"))
        };
        let needed = |name: &Option<PublicPath>| {
            let name = name
                .clone()
                .context("readiness names no model or no metrics")?;
            Ok::<_, anyhow::Error>((bytes(&name)?, name))
        };
        let (manifest, name) = needed(&names.manifest)?;
        let manifest = Manifest::parse(&manifest).with_context(|| format!("`{name}`"))?;
        let (metrics, name) = needed(&names.metrics)?;
        let document = MetricsDocument::parse(&metrics).with_context(|| format!("`{name}`"))?;
        let speed = report(root, &names.speed)?;
        Ok(Self {
            manifest,
            metrics: (document, Digest::of(&metrics)),
            efficiency: report(root, &names.efficiency)?.map(|(report, _)| report),
            speed,
            scope: report(root, &names.scope)?.map(|(report, _)| report),
            suite: report(root, &names.suite)?.map(|(report, _)| report),
        })
    }

    /// Checks that everything is of one model, one code and one machine, and gives that.
    pub(super) fn check(&self) -> Result<Option<ReleaseIdentity>> {
        let same = |what: &str, differing: Vec<&str>| {
            ensure!(
                differing.is_empty(),
                "{what} differ in `{}`",
                differing.join("`, `")
            );
            Ok(())
        };
        let metrics = &self.metrics.0;
        same(
            "metrics and model",
            identity::of_metrics(&self.manifest, metrics)?,
        )?;
        let reports = [
            (
                "efficiency report",
                self.efficiency.as_ref().map(|one| &one.draft().identity),
            ),
            (
                "report of the speed",
                self.speed.as_ref().map(|(one, _)| &one.draft().identity),
            ),
            (
                "decision about the speed",
                self.scope.as_ref().map(|one| &one.draft().identity),
            ),
            (
                "report of the suite",
                self.suite.as_ref().map(|one| &one.draft().identity),
            ),
        ];
        let mut first: Option<ReleaseIdentity> = None;
        for (what, identity) in reports {
            let Some(identity) = identity else { continue };
            let Some(identity) = identity else {
                bail!("{what} names no model");
            };
            same(
                &format!("{what} and model"),
                identity::of_report(&self.manifest, identity)?,
            )?;
            same(
                &format!("{what} and metrics"),
                identity::of_run(metrics, identity),
            )?;
            first.get_or_insert_with(|| identity.clone()).model_id = Some(self.manifest.model_id());
        }
        if let Some(scope) = &self.scope {
            let (speed, digest) = self.speed.as_ref().context("no report of the speed")?;
            scope.body().binds(speed, *digest)?;
        }
        if let Some(suite) = self.suite.as_ref().filter(|suite| suite.is_ok()) {
            let is_its = suite::is_output(&suite.body().outputs()?, self.metrics.1);
            ensure!(is_its, "the metrics are not those that the suite left");
        }
        Ok(first)
    }

    /// The class of what is made from all of them.
    pub(super) fn evidence_class(&self) -> EvidenceClass {
        let classes = [
            self.efficiency
                .as_ref()
                .map(|one| &one.draft().evidence_class),
            self.speed
                .as_ref()
                .map(|(one, _)| &one.draft().evidence_class),
            self.scope.as_ref().map(|one| &one.draft().evidence_class),
            self.suite.as_ref().map(|one| &one.draft().evidence_class),
        ];
        let classes = classes.into_iter().flatten();
        classes.fold(EvidenceClass::RELEASE, |all, one| all.join(one))
    }

    /// What follows.
    pub(super) fn body(&self) -> Result<Readiness> {
        let rows = requirement::all()
            .into_iter()
            .map(|required| self.row(required));
        let findings = self.metrics.0.negative_findings.iter();
        let scope = self.scope.as_ref();
        Ok(Readiness {
            rows: rows.collect(),
            suite_is_done: self.suite.as_ref().map(Report::is_ok),
            replacement_target: scope.map(|scope| scope.body().replacement_target().clone()),
            evaluation_findings: findings
                .map(|text| Statement::new(text.as_str()))
                .collect::<Result<_, _>>()?,
        })
    }

    fn row(&self, required: Requirement) -> Row {
        let measured = required
            .metrics
            .iter()
            .filter_map(|metric| match &*required.id {
                EFFICIENCY => {
                    let efficiency = self.efficiency.as_ref()?.body();
                    let (value, higher_is_better) = match &**metric {
                        "single_variant_latency_ms" => {
                            (efficiency.single_variant_latency_ms(), false)
                        }
                        "batched_throughput_variants_per_s" => {
                            (efficiency.batched_throughput(), true)
                        }
                        "peak_memory_bytes" => (efficiency.peak_memory() as f64, false),
                        _ => return None,
                    };
                    Measured::number(metric, value, higher_is_better)
                }
                SPEED => {
                    let rows = &self.speed.as_ref()?.0.body().rows;
                    let (_, row) = rows
                        .iter()
                        .find(|(horizon, _)| speedup(**horizon) == *metric)?;
                    Measured::number(metric, row.speedup(), true)
                }
                _ => {
                    let split = required.split.as_deref()?;
                    let document = &self.metrics.0;
                    // A name may begin with its split.
                    let is_it = |row: &&MetricRow| {
                        let name = row.name.strip_prefix(&format!("{split}_"));
                        *row.split == *split && name.unwrap_or(&row.name) == metric
                    };
                    let row = document.metrics.iter().find(is_it)?;
                    Measured::of(metric, row, &document.comparisons)
                }
            });
        let measured = measured.collect();
        Row { required, measured }
    }
}

fn report<B: ReportBody>(
    root: &Path,
    name: &Option<PublicPath>,
) -> Result<Option<(Report<B>, Digest)>> {
    let Some(name) = name else { return Ok(None) };
    let bytes = fs::read(name.under(root)).with_context(|| format!("cannot read `{name}`"))?;
    let report = Report::parse(&bytes).with_context(|| format!("`{name}`"))?;
    Ok(Some((report, Digest::of(&bytes))))
}
