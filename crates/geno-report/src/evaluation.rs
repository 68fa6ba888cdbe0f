//! Curves of labelled scores.

use geno_eval::{
    BinaryIntervals, BinaryMetrics, Bootstrap, CurveBands, Curves, Ends, LabelledScores,
    Reliability,
};
use geno_plot::{Band, LinePlot, Series};

use crate::figure::{Figure, Numbers};

/// How well a score tells positive from negative variants, and whether it is a probability.
#[derive(Clone, Debug, PartialEq)]
pub struct Evaluation {
    /// What was evaluated.
    pub name: String,
    n_positive: usize,
    n_negative: usize,
    level: f64,
    metrics: BinaryMetrics,
    intervals: Option<BinaryIntervals>,
    curves: Curves,
    bands: Option<CurveBands>,
    reliability: Option<Reliability>,
}

/// Bins of a reliability diagram.
const N_BINS: usize = 10;

/// Places along a curve that have a band.
const N_PLACES: usize = 101;

impl Evaluation {
    /// Computes the curves, their bands and, if the scores are probabilities of a positive label, whether
    /// they hold. A percentile is none.
    ///
    /// ```
    /// use geno_eval::{Bootstrap, LabelledScores};
    /// use geno_report::Evaluation;
    ///
    /// let scores = [(true, 0.9), (false, 0.6), (true, 0.6), (false, 0.1)];
    /// let scores = LabelledScores::new(scores)?;
    /// let evaluation = Evaluation::of("demo", &scores, &Bootstrap::default(), false);
    /// assert_eq!(evaluation.figures().len(), 2);
    /// # Ok::<_, geno_eval::LabelledScoresError>(())
    /// ```
    pub fn of(
        name: &str,
        scores: &LabelledScores,
        bootstrap: &Bootstrap,
        is_probability: bool,
    ) -> Self {
        Self {
            name: name.to_owned(),
            n_positive: scores.n_positive(),
            n_negative: scores.n_negative(),
            level: bootstrap.level,
            metrics: BinaryMetrics::of(scores, 0.5),
            intervals: bootstrap.binary(scores, 0.5),
            curves: Curves::of(scores),
            bands: bootstrap.curves(scores, N_PLACES),
            reliability: is_probability
                .then(|| Reliability::of(scores, N_BINS))
                .flatten(),
        }
    }

    /// The numbers in a sentence.
    pub fn summary(&self) -> String {
        let with_interval = |value: f64, interval: Option<[f64; 2]>| match interval {
            Some([low, high]) => format!("{value:.4} ({low:.4} to {high:.4})"),
            None => format!("{value:.4}"),
        };
        let auroc = with_interval(self.metrics.auroc, self.intervals.map(|of| of.auroc));
        let average_precision = self.intervals.map(|of| of.average_precision);
        let average_precision = with_interval(self.metrics.average_precision, average_precision);
        format!(
            "{} positive and {} negative variants. AUROC {auroc}, average precision {average_precision}. \
             Intervals and bands hold {} % of resamples of the variants.",
            self.n_positive,
            self.n_negative,
            self.level * 100.0
        )
    }

    /// The curves, and the reliability diagram of probabilities.
    pub fn figures(&self) -> Vec<Figure> {
        let part = self.n_positive as f64 / (self.n_positive + self.n_negative) as f64;
        let bands = self.bands.as_ref();
        let roc = self.curve(
            ("roc", "Receiver operating characteristic"),
            ["false positive rate", "true positive rate"],
            &self.curves.roc,
            bands.map(|bands| &bands.true_positive_rate),
            [(0.0, 0.0), (1.0, 1.0)],
        );
        let precision_recall = self.curve(
            ("precision-recall", "Precision and recall"),
            ["recall", "precision"],
            &self.curves.precision_recall,
            bands.map(|bands| &bands.precision),
            [(0.0, part), (1.0, part)],
        );
        let reliability = self
            .reliability
            .as_ref()
            .map(|found| self.reliability(found));
        [roc, precision_recall]
            .into_iter()
            .chain(reliability)
            .collect()
    }

    fn curve(
        &self,
        (name, title): (&str, &str),
        [x_label, y_label]: [&'static str; 2],
        points: &[(f64, f64)],
        ends: Option<&Vec<Ends>>,
        chance: [(f64, f64); 2],
    ) -> Figure {
        let places = self.bands.iter().flat_map(|bands| &bands.places);
        let band: Vec<Band> = places
            .zip(ends.into_iter().flatten())
            .map(|(x, [low, high])| Band {
                x: *x,
                low: *low,
                high: *high,
            })
            .collect();
        let rows = band.iter().step_by(10).map(|band| {
            [band.x, band.low, band.high]
                .map(|number| format!("{number:.3}"))
                .into()
        });
        let numbers = Numbers {
            heading: vec![x_label, "lower end", "upper end"],
            rows: rows.collect(),
        };
        let description = self.summary();
        let plot = LinePlot {
            title,
            description: &description,
            x_label,
            y_label,
            series: vec![Series {
                name: &self.name,
                points: points.to_vec(),
                band,
                has_dots: false,
            }],
            is_unit: true,
            reference: Some(chance),
        };
        Figure {
            name: self.file_name(name),
            picture: plot.picture(),
            note: "The dashed line is what chance would give; the area is where the curve lies in \
                   resamples of the variants, place by place."
                .to_owned(),
            numbers,
        }
    }

    fn reliability(&self, reliability: &Reliability) -> Figure {
        let bins = || reliability.bins.iter().filter(|bin| bin.n > 0);
        let rows = bins().map(|bin| {
            let [low, high] = bin.interval();
            let numbers = [bin.predicted, bin.observed, low, high];
            let numbers = numbers.map(|number| format!("{number:.3}"));
            [bin.n.to_string()].into_iter().chain(numbers).collect()
        });
        let description = format!(
            "Brier score {:.4}, expected calibration error {:.4}.",
            reliability.brier, reliability.ece
        );
        let series = Series {
            name: &self.name,
            points: bins().map(|bin| (bin.predicted, bin.observed)).collect(),
            band: bins()
                .map(|bin| {
                    let [low, high] = bin.interval();
                    Band {
                        x: bin.predicted,
                        low,
                        high,
                    }
                })
                .collect(),
            has_dots: true,
        };
        let plot = LinePlot {
            title: "Reliability",
            description: &description,
            x_label: "probability that the score states",
            y_label: "part that is positive",
            series: vec![series],
            is_unit: true,
            reference: Some([(0.0, 0.0), (1.0, 1.0)]),
        };
        Figure {
            name: self.file_name("reliability"),
            picture: plot.picture(),
            note: format!(
                "{description} On the dashed line what is stated comes true; the area is the 95 % \
                           interval of Wilson in each bin."
            ),
            numbers: Numbers {
                heading: vec!["Variants", "stated", "observed", "lower end", "upper end"],
                rows: rows.collect(),
            },
        }
    }

    /// Evaluations of one page have names of their own, and so have their files.
    fn file_name(&self, plot: &str) -> String {
        let plain = |c: char| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_lowercase()
            } else {
                '-'
            }
        };
        let name: String = self.name.chars().map(plain).collect();
        format!("{plot}-{name}")
    }
}
