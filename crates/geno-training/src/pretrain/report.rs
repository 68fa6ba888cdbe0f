//! The held-out report: a language model beside Markov models on the same bases.

use std::fmt::{self, Display};

use serde::Serialize;

use super::{
    estimate::{Estimate, median},
    held_out::{BitsPerBase, HeldOut},
    markov::{MarkovModels, gc_bits},
};

/// Bits per base of a language model and of simpler ones, on the same windows.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct HeldOutReport {
    /// Windows, none of which the models were trained on.
    pub n_windows: usize,
    /// Bases of each.
    pub window_bp: u64,
    /// The models; the first is the language model's chain.
    pub models: Vec<ModelBits>,
}

/// Bits per base of one model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ModelBits {
    /// Its name: `language_model.chain`, `language_model.marginal`, `markov.K`, `gc_content`.
    pub model: String,
    /// Over the windows.
    pub bits_per_base: Estimate,
    /// Of the window in the middle.
    pub median: f64,
    /// What it takes more than the language model's chain, window by window; above 0 where the
    /// language model is better.
    pub minus_chain: Estimate,
}

impl HeldOutReport {
    /// Compares the bits of a language model, one of each held-out window, with Markov models of
    /// some orders, and with the share of G and C alone.
    ///
    /// # Panics
    ///
    /// If there are not bits for each window.
    pub fn new(
        held_out: &HeldOut<'_>,
        window_bp: u64,
        bits: &[BitsPerBase],
        markov: &MarkovModels,
        orders: &[usize],
        seed: u64,
    ) -> Self {
        assert_eq!(bits.len(), held_out.n_windows(), "bits of each window");
        let chain: Vec<f64> = bits.iter().map(|bits| bits.chain).collect();
        let marginal = bits.iter().map(|bits| bits.marginal).collect();
        let per_base = |bits: f64| bits / window_bp as f64;
        let gc = markov.gc();
        let mut named = vec![
            ("language_model.chain".to_owned(), chain.clone()),
            ("language_model.marginal".to_owned(), marginal),
            (
                "gc_content".to_owned(),
                held_out
                    .windows()
                    .map(|w| per_base(gc_bits(gc, w)))
                    .collect(),
            ),
        ];
        named.extend(orders.iter().map(|order| {
            let bits = held_out.windows().map(|w| per_base(markov.bits(*order, w)));
            (format!("markov.{order}"), bits.collect())
        }));
        let model = |(model, values): (String, Vec<f64>)| {
            let more: Vec<f64> = values
                .iter()
                .zip(&chain)
                .map(|(own, of)| own - of)
                .collect();
            ModelBits {
                model,
                bits_per_base: Estimate::of(&values, seed),
                median: median(&values),
                minus_chain: Estimate::of(&more, seed),
            }
        };
        Self {
            n_windows: held_out.n_windows(),
            window_bp,
            models: named.into_iter().map(model).collect(),
        }
    }

    /// The model of a name.
    pub fn model(&self, name: &str) -> Option<&ModelBits> {
        self.models.iter().find(|model| model.model == name)
    }
}

/// A table, a line a model.
impl Display for HeldOutReport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(
            f,
            "bits per base on {} held-out windows of {} bases",
            self.n_windows, self.window_bp
        )?;
        let head = ["model", "mean", "95 %", "median", "- chain", "SE", "95 %"];
        write_row(f, head.map(str::to_owned))?;
        for model in &self.models {
            let (bits, more) = (&model.bits_per_base, &model.minus_chain);
            let mut cells = [
                model.model.clone(),
                format!("{:.3}", bits.mean),
                format!("[{:.3}, {:.3}]", bits.low, bits.high),
                format!("{:.3}", model.median),
                format!("{:+.3}", more.mean),
                format!("{:.4}", more.standard_error),
                format!("[{:+.3}, {:+.3}]", more.low, more.high),
            ];
            if model.model == "language_model.chain" {
                cells[4..].fill(String::new());
            }
            write_row(f, cells)?;
        }
        Ok(())
    }
}

fn write_row(f: &mut fmt::Formatter<'_>, cells: [String; 7]) -> fmt::Result {
    let [model, mean, interval, median, more, error, of_more] = cells;
    let row = format!(
        "{model:<24} {mean:>6} {interval:>15} {median:>7} {more:>8} {error:>7} {of_more:>17}"
    );
    writeln!(f, "{}", row.trim_end())
}

#[cfg(test)]
mod tests {
    use super::{super::corpus::DnaCorpus, *};

    #[test]
    fn models_are_compared_window_by_window() {
        let text = format!(">1\n{}\n>2\nAAAACCCCNGGTT\n", "ACGT".repeat(20));
        let [training, held_out] = ["1", "2"].map(|region| DnaCorpus::of_regions(&text, &[region]));
        let held_out = HeldOut::new(&held_out, 4).unwrap();
        let markov = MarkovModels::count(&training, 1, false);
        let bits = [(1.0, 2.0), (1.5, 2.0), (2.0, 2.0)]
            .map(|(chain, marginal)| BitsPerBase { chain, marginal });
        let report = HeldOutReport::new(&held_out, 4, &bits, &markov, &[0, 1], 0);

        let mean = |name: &str| report.model(name).unwrap().bits_per_base.mean;
        assert_eq!(report.n_windows, 3);
        assert_eq!(mean("language_model.chain"), 1.5);
        // Every base is as frequent as the others.
        assert!((mean("gc_content") - 2.0).abs() < 1e-12);
        assert!((mean("markov.0") - 2.0).abs() < 1e-12);
        // After A comes C twenty times and A never, after C only G, after G only T, and after T
        // nineteen times A.
        let window = |n_after: f64, n_seen: f64| {
            let first = -(20.5f64 / 82.0).log2();
            (first - 3.0 * ((n_seen + 0.5) / (n_after + 2.0)).log2()) / 4.0
        };
        let first = -(20.5f64 / 82.0).log2();
        let seen = |n_after: f64, n: f64| -((n + 0.5) / (n_after + 2.0)).log2();
        let ggtt = (first + seen(20.0, 0.0) + seen(20.0, 20.0) + seen(19.0, 0.0)) / 4.0;
        let expected = (window(20.0, 0.0) * 2.0 + ggtt) / 3.0;
        assert!((mean("markov.1") - expected).abs() < 1e-12);

        let more = report.model("language_model.marginal").unwrap().minus_chain;
        assert!((more.mean - 0.5).abs() < 1e-12 && more.low >= 0.0 && more.high <= 1.0);
        let table = report.to_string();
        assert_eq!(table.lines().count(), 7);
        assert!(table.contains("markov.1"), "{table}");
    }
}
