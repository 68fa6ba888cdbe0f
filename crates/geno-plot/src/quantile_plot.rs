//! Quantiles of several groups, one below the other.

use crate::{Anchor, Axis, Picture};

/// The middle and the spread of groups: a box over the middle half, a mark at the median, a line over the
/// middle nine tenths.
///
/// ```
/// use geno_plot::{QuantilePlot, QuantileRow};
///
/// let row = QuantileRow { name: "intron", note: "n = 7", quantiles: [0.1, 0.3, 0.5, 0.6, 0.9] };
/// let plot = QuantilePlot { title: "Classes", description: "", x_label: "", range: [0.0, 1.0], rows: vec![row] };
/// assert!(plot.picture().to_svg().contains("intron"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct QuantilePlot<'a> {
    /// What stands above it.
    pub title: &'a str,
    /// What it says to those who do not see it.
    pub description: &'a str,
    /// What is measured.
    pub x_label: &'a str,
    /// The ends of the axis.
    pub range: [f64; 2],
    /// The groups, from above.
    pub rows: Vec<QuantileRow<'a>>,
}

/// A group.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct QuantileRow<'a> {
    /// Its name.
    pub name: &'a str,
    /// What stands at its right, such as its size.
    pub note: &'a str,
    /// The quantiles 0.05, 0.25, 0.5, 0.75 and 0.95.
    pub quantiles: [f64; 5],
}

const WIDTH: f64 = 720.0;
const X: [f64; 2] = [220.0, 620.0];
const TOP: f64 = 40.0;
const ROW: f64 = 26.0;
/// Letters of a name that fit beside the axis.
const NAME_LEN: usize = 30;

impl QuantilePlot<'_> {
    /// The picture, as high as it needs to be.
    pub fn picture(&self) -> Picture {
        let bottom = TOP + ROW * self.rows.len() as f64;
        let size = [WIDTH, bottom + 48.0];
        let mut picture = Picture::new(self.title, self.description, size);
        let x = Axis::between(self.range[0], self.range[1], X);
        for (value, _) in x.ticks() {
            let at = x.place(*value);
            picture.path("grid", &format!("M{at:.1} {TOP}V{bottom:.1}"));
        }
        for (i, row) in self.rows.iter().enumerate() {
            let middle = TOP + ROW * (i as f64 + 0.5);
            let [low, first, median, third, high] = row.quantiles.map(|value| x.place(value));
            let name = shortened(row.name);
            picture.text("label", [X[0] - 12.0, middle + 4.0], Anchor::End, &name);
            picture.path("line c0", &format!("M{low:.1} {middle:.1}H{high:.1}"));
            picture.rect("page", [first, middle - 7.0], [third, middle + 7.0]);
            picture.rect("box c0", [first, middle - 7.0], [third, middle + 7.0]);
            picture.path("key c1", &format!("M{median:.1} {:.1}v14", middle - 7.0));
            picture.text("tick", [X[1] + 12.0, middle + 4.0], Anchor::Start, row.note);
        }
        picture.x_axis(&x, bottom, self.x_label);
        picture
    }
}

/// A name that fits: its end says most, where names share a beginning.
fn shortened(name: &str) -> String {
    let n = name.chars().count();
    match n > NAME_LEN {
        false => name.to_owned(),
        true => {
            let end: String = name.chars().skip(n - NAME_LEN + 1).collect();
            format!("…{end}")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_box_lies_where_the_quantiles_say() {
        let row = QuantileRow {
            name: "a",
            note: "n = 1",
            quantiles: [0.0, 0.25, 0.5, 0.75, 1.0],
        };
        let plot = QuantilePlot {
            title: "t",
            description: "d",
            x_label: "x",
            range: [0.0, 1.0],
            rows: vec![row],
        };
        let svg = plot.picture().to_svg();
        assert!(
            svg.contains(r#"class="box c0" x="320.0" y="46.0" width="200.0""#),
            "{svg}"
        );
        assert!(svg.contains(r#"d="M220.0 53.0H620.0""#), "{svg}");
    }

    #[test]
    fn a_name_that_is_too_long_keeps_its_end() {
        let name = format!("{}|simple", "x".repeat(40));
        assert!(shortened(&name).ends_with("|simple"));
        assert_eq!(shortened(&name).chars().count(), NAME_LEN);
        assert_eq!(shortened("other"), "other");
    }
}
