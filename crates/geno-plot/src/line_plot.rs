//! Line plots.

use std::fmt::Write;

use crate::{Axis, N_COLOURS, Picture};

/// A line plot: series over a common axis.
///
/// Lines go from point to point as they are: nothing is smoothed, and neither axis is cut. Points
/// that are not finite are left out and end a line.
///
/// # Examples
///
/// ```
/// use geno_plot::{LinePlot, Series};
///
/// let training = Series { name: "training", points: vec![(1.0, 2.1), (2.0, 1.9)], ..Series::default() };
/// let plot = LinePlot {
///     title: "Loss",
///     x_label: "step",
///     y_label: "bits a base",
///     series: vec![training],
///     ..LinePlot::default()
/// };
/// assert!(plot.to_svg().starts_with("<svg "));
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinePlot<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What it says to those who do not see it.
    pub description: &'a str,
    /// What stands below it.
    pub x_label: &'a str,
    /// What stands beside it.
    pub y_label: &'a str,
    /// The lines, six at most of different colours.
    pub series: Vec<Series<'a>>,
    /// Both axes go from 0 to 1, for rates and probabilities, and do not follow the points.
    pub is_unit: bool,
    /// A dashed line from a point to another, such as what chance would give.
    pub reference: Option<[(f64, f64); 2]>,
}

/// A line of a plot.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Series<'a> {
    /// Its name in the legend.
    pub name: &'a str,
    /// Its points, by their place on the axis.
    pub points: Vec<(f64, f64)>,
    /// What lies around it, by the place on the axis.
    pub band: Vec<Band>,
    /// Whether each point is marked.
    pub has_dots: bool,
}

/// From where to where a line may lie at a place.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The place on the axis.
    pub x: f64,
    /// The lower end.
    pub low: f64,
    /// The upper end.
    pub high: f64,
}

const SIZE: [f64; 2] = [720.0, 400.0];
const X: [f64; 2] = [74.0, 704.0];
const Y: [f64; 2] = [352.0, 52.0];

impl LinePlot<'_> {
    /// The picture, the same bytes for the same points.
    pub fn to_svg(&self) -> String {
        self.picture().to_svg()
    }

    /// The picture.
    pub fn picture(&self) -> Picture {
        let (x, y) = self.axes();
        let mut picture = Picture::new(self.title, self.description, SIZE);
        picture.frame(&x, &y, [self.x_label, self.y_label]);
        if let Some([from, to]) = self.reference {
            let [from, to] = [from, to].map(|(px, py)| place(&x, &y, px, py));
            picture.path("chance", &format!("M{from}L{to}"));
        }
        for (i, series) in self.series.iter().enumerate() {
            let i = i % N_COLOURS;
            for band in series.band.split(|band| !band.is_finite()) {
                if let Some(area) = area(band, &x, &y) {
                    picture.path(&format!("area c{i}"), &area);
                }
            }
            for line in series.points.split(|point| !is_finite(point)) {
                let places = line.iter().map(|(px, py)| place(&x, &y, *px, *py));
                let places: Vec<String> = places.collect();
                let dots = || {
                    places
                        .iter()
                        .fold(String::new(), |d, at| d + "M" + at + "h0")
                };
                if places.len() > 1 {
                    picture.path(&format!("line c{i}"), &format!("M{}", places.join("L")));
                }
                if places.len() == 1 || series.has_dots && !places.is_empty() {
                    picture.path(&format!("dots c{i}"), &dots());
                }
            }
        }
        let classes: Vec<String> = (0..self.series.len())
            .map(|i| format!("key c{}", i % N_COLOURS))
            .collect();
        let names = self.series.iter().map(|series| series.name);
        picture.legend(
            [X[0] + 8.0, 40.0],
            classes.iter().map(String::as_str).zip(names),
        );
        picture
    }

    fn axes(&self) -> (Axis, Axis) {
        if self.is_unit {
            return (Axis::between(0.0, 1.0, X), Axis::between(0.0, 1.0, Y));
        }
        let points = || {
            let points = self.series.iter().flat_map(|series| &series.points);
            points.filter(|point| is_finite(point))
        };
        let bands = || {
            let bands = self.series.iter().flat_map(|series| &series.band);
            bands.filter(|band| band.is_finite())
        };
        let x = points().map(|p| p.0).chain(bands().map(|band| band.x));
        let y = points()
            .map(|p| p.1)
            .chain(bands().flat_map(|band| [band.low, band.high]));
        (Axis::over(x, X), Axis::over(y, Y))
    }
}

impl Band {
    fn is_finite(&self) -> bool {
        [self.x, self.low, self.high]
            .into_iter()
            .all(f64::is_finite)
    }
}

/// What lies between the lower and the upper ends, going there and back.
fn area(band: &[Band], x: &Axis, y: &Axis) -> Option<String> {
    let upper = band.iter().map(|band| place(x, y, band.x, band.high));
    let lower = band.iter().rev().map(|band| place(x, y, band.x, band.low));
    let places: Vec<String> = upper.chain(lower).collect();
    let mut d = String::new();
    write!(d, "M{}Z", places.join("L")).expect("a string takes everything");
    (band.len() > 1).then_some(d)
}

fn place(x: &Axis, y: &Axis, px: f64, py: f64) -> String {
    format!("{:.1} {:.1}", x.place(px), y.place(py))
}

fn is_finite(point: &(f64, f64)) -> bool {
    point.0.is_finite() && point.1.is_finite()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plot(points: &[(f64, f64)]) -> String {
        let series = Series {
            name: "a < b",
            points: points.to_vec(),
            ..Series::default()
        };
        let plot = LinePlot {
            title: "t & u",
            x_label: "x",
            y_label: "y",
            series: vec![series],
            ..LinePlot::default()
        };
        plot.to_svg()
    }

    #[test]
    fn points_lie_where_the_axes_say() {
        // Axes from 0 to 10 and from 1 to 2.
        let svg = plot(&[(0.0, 1.0), (5.0, 1.5), (10.0, 2.0)]);
        assert!(
            svg.contains(r#"d="M74.0 352.0L389.0 202.0L704.0 52.0""#),
            "{svg}"
        );
        assert!(svg.contains(">a &lt; b</text>") && svg.contains(">t &amp; u</title>"));
        assert!(
            svg.contains(r#"y="356.0" text-anchor="end">1.0</text>"#),
            "{svg}"
        );
        assert!(svg.contains("prefers-color-scheme:dark"));
    }

    #[test]
    fn a_band_goes_there_and_back() {
        let band = |x, low, high| Band { x, low, high };
        let series = Series {
            band: vec![
                band(0.0, 0.0, 1.0),
                band(1.0, 0.5, 1.0),
                band(f64::NAN, 0.0, 1.0),
            ],
            ..Series::default()
        };
        let plot = LinePlot {
            series: vec![series],
            is_unit: true,
            ..LinePlot::default()
        };
        let expected = r#"d="M74.0 52.0L704.0 52.0L704.0 202.0L74.0 352.0Z""#;
        assert!(plot.to_svg().contains(expected), "{}", plot.to_svg());
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
        assert_eq!(svg.matches(r#"class="line "#).count(), 2);
        assert_eq!(svg.matches(r#"class="dots "#).count(), 1);
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
