//! Line plots as SVG.

mod ticks;

use std::fmt::Write;

use self::ticks::ticks;

/// A line plot: series over a common axis.
///
/// Lines go from point to point as they are: nothing is smoothed, and neither axis is cut. Points
/// that are not finite are left out and end a line. Colours fit light and dark pages.
///
/// # Examples
///
/// ```
/// use geno_training::{LinePlot, Series};
///
/// let plot = LinePlot {
///     title: "Loss",
///     x_label: "step",
///     y_label: "bits a base",
///     series: vec![Series { name: "training", points: vec![(1.0, 2.1), (2.0, 1.9)] }],
/// };
/// assert!(plot.to_svg().starts_with("<svg "));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct LinePlot<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What stands below it.
    pub x_label: &'a str,
    /// What stands beside it.
    pub y_label: &'a str,
    /// The lines, six at most of different colours.
    pub series: Vec<Series<'a>>,
}

/// A line of a plot.
#[derive(Clone, Debug, PartialEq)]
pub struct Series<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its points, by their place on the axis.
    pub points: Vec<(f64, f64)>,
}

const WIDTH: f64 = 720.0;
const HEIGHT: f64 = 400.0;
/// Where the axes meet and end: left, right, top, bottom.
const FRAME: [f64; 4] = [70.0, 700.0, 48.0, 350.0];

/// Colours that people of any colour vision tell apart, on light and on dark pages.
///
/// Source: Okabe and Ito, *Color Universal Design*, 2008.
const COLOURS: [&str; 6] = [
    "#0072b2", "#d55e00", "#009e73", "#cc79a7", "#56b4e9", "#e69f00",
];

const STYLE: &str = "text{font:12px system-ui,sans-serif;fill:#222}\
    .title{font-size:14px;font-weight:600}.grid{stroke:#ddd}.axis{stroke:#444}\
    .page{fill:#fff}polyline{fill:none;stroke-width:1.6}\
    @media(prefers-color-scheme:dark){text{fill:#ddd}.grid{stroke:#3a3a3a}.axis{stroke:#aaa}\
    .page{fill:#161616}}";

impl LinePlot<'_> {
    /// The picture, the same bytes for the same points.
    pub fn to_svg(&self) -> String {
        let points = || self.series.iter().flat_map(|series| &series.points);
        let x = Axis::over(
            points().filter(|p| is_finite(p)).map(|p| p.0),
            FRAME[0],
            FRAME[1],
        );
        let y = Axis::over(
            points().filter(|p| is_finite(p)).map(|p| p.1),
            FRAME[3],
            FRAME[2],
        );
        let mut svg = String::new();
        self.write(&mut svg, &x, &y)
            .expect("a string takes everything");
        svg
    }

    fn write(&self, svg: &mut String, x: &Axis, y: &Axis) -> std::fmt::Result {
        let [left, right, top, bottom] = FRAME;
        writeln!(
            svg,
            r#"<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img">"#
        )?;
        writeln!(
            svg,
            "<title>{}</title>\n<style>{STYLE}</style>",
            escaped(self.title)
        )?;
        writeln!(
            svg,
            r#"<rect class="page" width="{WIDTH}" height="{HEIGHT}"/>"#
        )?;
        for (value, label) in &y.ticks {
            let at = y.place(*value);
            writeln!(
                svg,
                r#"<path class="grid" d="M{left} {at:.1}H{right}"/><text x="{:.1}" y="{:.1}" text-anchor="end">{label}</text>"#,
                left - 6.0,
                at + 4.0
            )?;
        }
        for (value, label) in &x.ticks {
            let at = x.place(*value);
            writeln!(
                svg,
                r#"<path class="axis" d="M{at:.1} {bottom}v5"/><text x="{at:.1}" y="{:.1}" text-anchor="middle">{label}</text>"#,
                bottom + 19.0
            )?;
        }
        writeln!(
            svg,
            r#"<path class="axis" fill="none" d="M{left} {top}V{bottom}H{right}"/>"#
        )?;
        let middle = (top + bottom) / 2.0;
        writeln!(
            svg,
            r#"<text class="title" x="{left}" y="18">{}</text><text x="{:.1}" y="{:.1}" text-anchor="middle">{}</text><text transform="rotate(-90 14 {middle})" x="14" y="{middle}" text-anchor="middle">{}</text>"#,
            escaped(self.title),
            (left + right) / 2.0,
            bottom + 38.0,
            escaped(self.x_label),
            escaped(self.y_label)
        )?;
        for (i, (series, colour)) in self.series.iter().zip(COLOURS.iter().cycle()).enumerate() {
            for line in series.points.split(|point| !is_finite(point)) {
                let places = line
                    .iter()
                    .map(|(px, py)| format!("{:.1},{:.1}", x.place(*px), y.place(*py)));
                let places: Vec<String> = places.collect();
                match &places[..] {
                    [] => {}
                    [only] => {
                        let (cx, cy) = only.split_once(',').unwrap_or_default();
                        writeln!(
                            svg,
                            r#"<circle cx="{cx}" cy="{cy}" r="2" fill="{colour}"/>"#
                        )?;
                    }
                    places => writeln!(
                        svg,
                        r#"<polyline stroke="{colour}" points="{}"/>"#,
                        places.join(" ")
                    )?,
                }
            }
            let at = left + 8.0 + 150.0 * i as f64;
            writeln!(
                svg,
                r#"<path stroke="{colour}" stroke-width="3" d="M{at} 34h18"/><text x="{}" y="38">{}</text>"#,
                at + 24.0,
                escaped(series.name)
            )?;
        }
        writeln!(svg, "</svg>")
    }
}

fn is_finite(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

/// Values laid along a stretch of the picture.
struct Axis {
    low: f64,
    high: f64,
    start: f64,
    end: f64,
    ticks: Vec<(f64, String)>,
}

impl Axis {
    fn over(values: impl Iterator<Item = f64> + Clone, start: f64, end: f64) -> Self {
        let low = values.clone().fold(f64::INFINITY, f64::min);
        let high = values.fold(f64::NEG_INFINITY, f64::max);
        // Nothing, or one value, has a stretch around it.
        let (low, high) = match high - low {
            width if width > 0.0 => (low, high),
            0.0 => (low - 0.5, high + 0.5),
            _ => (0.0, 1.0),
        };
        let ticks = ticks(low, high);
        let first = ticks.first().map_or(low, |tick| tick.0.min(low));
        let last = ticks.last().map_or(high, |tick| tick.0.max(high));
        Self {
            low: first,
            high: last,
            start,
            end,
            ticks,
        }
    }

    fn place(&self, value: f64) -> f64 {
        self.start + (value - self.low) / (self.high - self.low) * (self.end - self.start)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: &[(f64, f64)]) -> String {
        let series = Series {
            name: "a < b",
            points: points.to_vec(),
        };
        let plot = LinePlot {
            title: "t & u",
            x_label: "x",
            y_label: "y",
            series: vec![series],
        };
        plot.to_svg()
    }

    #[test]
    fn points_lie_where_the_axes_say() {
        // Axes from 0 to 10 and from 1 to 2.
        let svg = plot(&[(0.0, 1.0), (5.0, 1.5), (10.0, 2.0)]);
        assert!(
            svg.contains(r#"points="70.0,350.0 385.0,199.0 700.0,48.0""#),
            "{svg}"
        );
        assert!(svg.contains(">a &lt; b</text>") && svg.contains("<title>t &amp; u</title>"));
        assert!(
            svg.contains(r#"y="354.0" text-anchor="end">1.0</text>"#),
            "{svg}"
        );
        assert!(svg.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn what_is_not_finite_breaks_the_line_and_moves_no_axis() {
        let svg = plot(&[
            (0.0, 1.0),
            (1.0, 2.0),
            (2.0, f64::NAN),
            (3.0, 1.0),
            (4.0, 2.0),
            (5.0, f64::INFINITY),
            (6.0, 1.0),
        ]);
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert_eq!(svg.matches("<circle").count(), 1);
        assert!(!svg.contains("NaN") && !svg.contains("inf"));
    }

    #[test]
    fn a_plot_of_nothing_and_of_one_value_is_a_plot() {
        for points in [&[][..], &[(3.0, 7.0)], &[(1.0, 7.0), (2.0, 7.0)]] {
            let svg = plot(points);
            assert!(svg.ends_with("</svg>\n") && !svg.contains("NaN"), "{svg}");
        }
    }
}
