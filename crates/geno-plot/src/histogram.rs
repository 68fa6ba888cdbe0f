//! How often values fall into equal parts of a range.

use crate::{Axis, Picture};

/// Counts of values in bins of equal width. One group is drawn as bars of counts, several as outlines of
/// the part of each group that falls into a bin, so that groups of different size compare.
///
/// ```
/// use geno_plot::{Histogram, HistogramGroup};
///
/// let all = HistogramGroup { name: "all", counts: vec![3, 1] };
/// let histogram = Histogram {
///     title: "Percentiles",
///     description: "",
///     x_label: "percentile",
///     range: [0.0, 1.0],
///     groups: vec![all],
/// };
/// assert_eq!(histogram.picture().to_svg().matches(r#"class="bar"#).count(), 2);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Histogram<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What it says to those who do not see it.
    pub description: &'a str,
    /// What is counted.
    pub x_label: &'a str,
    /// The lower end of the first bin and the upper end of the last.
    pub range: [f64; 2],
    /// What is counted apart, all in the same bins.
    pub groups: Vec<HistogramGroup<'a>>,
}

/// Counts of one group.
#[derive(Clone, Debug, PartialEq)]
pub struct HistogramGroup<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// How many values fall into each bin.
    pub counts: Vec<u64>,
}

const SIZE: [f64; 2] = [720.0, 320.0];
const X: [f64; 2] = [74.0, 704.0];
const Y: [f64; 2] = [272.0, 52.0];

impl Histogram<'_> {
    /// The picture.
    pub fn picture(&self) -> Picture {
        let mut picture = Picture::new(self.title, self.description, SIZE);
        let x = Axis::between(self.range[0], self.range[1], X);
        let heights: Vec<Vec<f64>> = match &self.groups[..] {
            [only] => vec![only.counts.iter().map(|n| *n as f64).collect()],
            groups => groups.iter().map(HistogramGroup::parts).collect(),
        };
        let highest = heights.iter().flatten().copied().fold(0.0, f64::max);
        let y = Axis::over([0.0, if highest > 0.0 { highest } else { 1.0 }], Y);
        match &heights[..] {
            [only] => {
                picture.frame(&x, &y, [self.x_label, "variants"]);
                self.bars(&mut picture, only, &x, &y);
            }
            several => {
                picture.frame(&x, &y, [self.x_label, "part of the group"]);
                for (i, heights) in several.iter().enumerate() {
                    self.outline(&mut picture, i, heights, (&x, &y));
                }
                let classes = ["key c0", "key c1", "key c2", "key c3", "key c4", "key c5"];
                let names = self.groups.iter().map(|group| group.name);
                picture.legend([X[0] + 8.0, 40.0], classes.into_iter().cycle().zip(names));
            }
        }
        picture
    }

    fn bars(&self, picture: &mut Picture, heights: &[f64], x: &Axis, y: &Axis) {
        for (i, height) in heights.iter().enumerate() {
            let [start, end] = self.bin(i, heights.len()).map(|at| x.place(at));
            let from = [start + 0.8, y.place(0.0)];
            picture.rect("bar c0", from, [end - 0.8, y.place(*height)]);
        }
    }

    fn outline(&self, picture: &mut Picture, i: usize, heights: &[f64], (x, y): (&Axis, &Axis)) {
        let mut d = format!("M{:.1} {:.1}", x.place(self.range[0]), y.place(0.0));
        for (i, height) in heights.iter().enumerate() {
            let end = x.place(self.bin(i, heights.len())[1]);
            d += &format!("V{:.1}H{end:.1}", y.place(*height));
        }
        d += &format!("V{:.1}", y.place(0.0));
        let i = i % crate::N_COLOURS;
        picture.path(&format!("area c{i}"), &d);
        picture.path(&format!("line c{i}"), &d);
    }

    /// The ends of a bin.
    fn bin(&self, i: usize, n: usize) -> [f64; 2] {
        let [low, high] = self.range;
        [i, i + 1].map(|i| low + (high - low) * i as f64 / n as f64)
    }
}

impl HistogramGroup<'_> {
    /// The part of the group in each bin.
    fn parts(&self) -> Vec<f64> {
        let n = self.counts.iter().sum::<u64>().max(1) as f64;
        self.counts.iter().map(|count| *count as f64 / n).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn picture(groups: &[(&str, &[u64])]) -> String {
        let groups = groups.iter().map(|(name, counts)| HistogramGroup {
            name,
            counts: counts.to_vec(),
        });
        let histogram = Histogram {
            title: "t",
            description: "d",
            x_label: "x",
            range: [0.0, 1.0],
            groups: groups.collect(),
        };
        histogram.picture().to_svg()
    }

    #[test]
    fn a_bar_is_as_high_as_its_count() {
        // The axis goes from 0 to 10 over 220 units.
        let svg = picture(&[("all", &[10, 5])]);
        assert!(
            svg.contains(r#"y="52.0" width="313.4" height="220.0""#),
            "{svg}"
        );
        assert!(
            svg.contains(r#"y="162.0" width="313.4" height="110.0""#),
            "{svg}"
        );
    }

    #[test]
    fn groups_of_different_size_compare() {
        let svg = picture(&[("few", &[1, 1]), ("many", &[50, 50])]);
        let paths: Vec<&str> = svg
            .lines()
            .filter(|line| line.contains(r#""line c"#))
            .collect();
        assert_eq!(paths.len(), 2);
        let d = |line: &str| line.split(" d=").nth(1).map(str::to_owned);
        assert_eq!(d(paths[0]), d(paths[1]));
    }

    #[test]
    fn nothing_counted_is_a_plot() {
        assert!(!picture(&[("all", &[0, 0])]).contains("NaN"));
        assert!(!picture(&[("a", &[0]), ("b", &[0])]).contains("NaN"));
    }
}
