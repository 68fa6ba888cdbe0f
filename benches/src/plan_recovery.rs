//! Whether a planner finds a real edit again, given the real state after it.
//!
//! The predictor's rows are those of a search as users run it. The encoder's show what a solver does
//! with true distances, on a stretch that is short enough to encode.

mod hidden;
mod sight;

use std::{ops::ControlFlow, sync::Arc, time::Instant};

use anyhow::Result;
use geno_action::EditType;
use geno_planning::{
    Distance, EditPrior, EditSpace, Evaluate, Restrictions, SearchConfig, Solver, Target, plan,
};
use geno_runtime::Runtime;

use self::{
    hidden::Hidden,
    sight::{Seen, Sight},
};
use crate::{fraction::fraction, line::Line, options::Options, subject::Subject, timings::Timings};

/// A line for each solver by each sight.
pub(crate) fn measure(options: &Options, subject: &Subject) -> Result<Vec<Line>> {
    let hidden = Hidden::of_vcf(subject, options.hidden)?;
    let mut lines = Vec::new();
    for sight in Sight::ALL {
        for solver in sight.solvers() {
            lines.push(line(subject, &hidden, sight, solver)?);
        }
    }
    Ok(lines)
}

fn line(subject: &Subject, hidden: &[Hidden], sight: Sight, solver: Solver) -> Result<Line> {
    let runtime = subject.runtime()?;
    let name = solver.as_str();
    let search = |hidden| Search::run(runtime, hidden, sight, solver.clone());
    let searches: Vec<Search> = hidden.iter().map(search).collect::<Result<_>>()?;
    let timings = Timings::new(searches.iter().map(|search| search.seconds).collect());
    let often = |is_so: fn(&Search) -> bool| {
        let count = searches.iter().filter(|search| is_so(search)).count();
        fraction(count, searches.len())
    };
    let mut evaluations: Vec<u64> = searches.iter().map(|s| s.n_evaluations).collect();
    evaluations.sort_unstable();
    let chances = searches.iter().map(|search| search.blind_chance);
    let work = match sight.reach() {
        None => "a search for one hidden SNV among all of its window".to_owned(),
        Some(bp) => format!("a search for one hidden SNV among those within {bp} bases"),
    };
    let line = Line::new("plan-recovery", work, &timings)
        .with("model", subject.name.as_str())
        .with("solver", name)
        .with("distance_by", sight.as_str())
        .with("recovered", often(|s| s.is_recovered))
        .with("predicted_as_near", often(|s| s.is_predicted_as_near))
        .with("truly_as_near", often(|s| s.is_truly_as_near))
        .with("truly_nearer_than_source", often(|s| s.is_truly_nearer))
        .with("blind_chance", chances.sum::<f64>() / searches.len() as f64)
        .with("median_evaluations", evaluations[evaluations.len() / 2]);
    subject.describe(line)
}

/// What one search found.
struct Search {
    /// The very edit.
    is_recovered: bool,
    /// A plan that is no farther than the hidden edit, by what the solver sees.
    is_predicted_as_near: bool,
    /// A plan whose edited window has a state no farther than the hidden one's.
    is_truly_as_near: bool,
    /// A plan whose edited window has a state nearer than that without edits.
    is_truly_nearer: bool,
    n_evaluations: u64,
    /// The chance that as many different edits hold the hidden one if they are drawn blindly.
    blind_chance: f64,
    seconds: f64,
}

impl Search {
    fn run(runtime: &Runtime, hidden: &Hidden, sight: Sight, solver: Solver) -> Result<Self> {
        let (window, locus) = (hidden.plan.window(), hidden.locus);
        let restrictions = Restrictions {
            intervals: sight.reach().map(|bp| {
                let end = (locus + bp + 1).min(window.len());
                std::iter::once(locus.saturating_sub(bp)..end).collect()
            }),
            ..Restrictions::default()
        };
        let prior = EditPrior::of_types(&[EditType::Snv]);
        let space = EditSpace::new(Arc::clone(window), &prior, &restrictions)?;
        let config = SearchConfig {
            horizon: 1,
            stopping_eps: 0.,
            solver,
            ..SearchConfig::default()
        };

        let target = Target::new(Distance::L2, [&hidden.target])?;
        let mut seen = match sight {
            Sight::Predictor => {
                let source = hidden.source.clone();
                Seen::Predicted(runtime.plan_evaluator(
                    (source, locus),
                    target.clone(),
                    config.horizon,
                )?)
            }
            Sight::Encoder => Seen::Encoded {
                runtime,
                target: target.clone(),
                locus,
            },
        };
        let start = Instant::now();
        let found = plan(&space, &config, &mut seen, |_| ControlFlow::Continue(()))?;
        let seconds = start.elapsed().as_secs_f64();

        let of_hidden = seen.evaluate(std::slice::from_ref(&hidden.plan))?[0].distance;
        let reached = target.distance(&runtime.encode_plan(&found.best, Some(locus))?)?;
        // One of them is the empty plan.
        let n_tried = found.n_evaluations.saturating_sub(1) as f64;
        Ok(Self {
            is_recovered: found.best == hidden.plan,
            is_predicted_as_near: found.best_distance <= of_hidden,
            is_truly_as_near: reached <= target.distance(&hidden.target)?,
            is_truly_nearer: reached < target.distance(&hidden.source)?,
            n_evaluations: found.n_evaluations,
            blind_chance: (n_tried / space.len() as f64).min(1.),
            seconds,
        })
    }
}
