//! A picture in the making.

use std::fmt::Write;

use crate::{Axis, text::escaped};

/// How many colours there are: the classes `c0` and so on of [`PLOT_STYLE`].
pub const N_COLOURS: usize = 6;

/// What pictures look like, for a page that holds some. A picture of its own carries it.
///
/// Source of the colours: Okabe and Ito, *Color Universal Design*, 2008.
pub const PLOT_STYLE: &str = include_str!("picture.css");

/// A picture: shapes of classes that [`PLOT_STYLE`] knows, with a title and a description.
///
/// ```
/// use geno_plot::Picture;
///
/// let mut picture = Picture::new("A line", "It goes from left to right.", [100.0, 20.0]);
/// picture.path("line c0", "M0 10H100");
/// assert!(picture.to_svg().ends_with("</svg>\n"));
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    title: String,
    description: String,
    size: [f64; 2],
    body: String,
}

/// Which part of a text stands at its place.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

impl Picture {
    /// An empty picture of some width and height. The title stands in it, top left; the description is
    /// for those who do not see it.
    pub fn new(title: &str, description: &str, size: [f64; 2]) -> Self {
        let mut picture = Self {
            title: title.to_owned(),
            description: description.to_owned(),
            size,
            body: String::new(),
        };
        picture.text("title", [14.0, 20.0], Anchor::Start, title);
        picture
    }

    /// What it shows.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// What it says to those who do not see it.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// A path of a class, as SVG's attribute `d` writes it.
    pub fn path(&mut self, class: &str, d: &str) {
        self.line(format_args!(r#"<path class="{class}" d="{d}"/>"#));
    }

    /// A rectangle from a corner to the opposite one.
    pub fn rect(&mut self, class: &str, [x0, y0]: [f64; 2], [x1, y1]: [f64; 2]) {
        let (x, y) = (x0.min(x1), y0.min(y1));
        let (width, height) = ((x1 - x0).abs(), (y1 - y0).abs());
        self.line(format_args!(
            r#"<rect class="{class}" x="{x:.1}" y="{y:.1}" width="{width:.1}" height="{height:.1}"/>"#
        ));
    }

    /// A text.
    pub fn text(&mut self, class: &str, [x, y]: [f64; 2], anchor: Anchor, text: &str) {
        let anchor = match anchor {
            Anchor::Start => "",
            Anchor::Middle => r#" text-anchor="middle""#,
            Anchor::End => r#" text-anchor="end""#,
        };
        let text = escaped(text);
        self.line(format_args!(
            r#"<text class="{class}" x="{x:.1}" y="{y:.1}"{anchor}>{text}</text>"#
        ));
    }

    /// A vertical axis at the left of a horizontal one, lines across the picture at its round numbers, and
    /// what the two measure.
    pub fn frame(&mut self, x: &Axis, y: &Axis, [x_label, y_label]: [&str; 2]) {
        let ([left, right], [bottom, top]) = (x.stretch(), y.stretch());
        for (value, label) in y.ticks() {
            let at = y.place(*value);
            self.path("grid", &format!("M{left:.1} {at:.1}H{right:.1}"));
            self.text("tick", [left - 7.0, at + 4.0], Anchor::End, label);
        }
        self.x_axis(x, bottom, x_label);
        self.path("axis", &format!("M{left:.1} {top:.1}V{bottom:.1}"));
        let middle = (top + bottom) / 2.0;
        let label = escaped(y_label);
        self.line(format_args!(
            r#"<text class="label" transform="rotate(-90 16 {middle:.1})" x="16" y="{middle:.1}" text-anchor="middle">{label}</text>"#
        ));
    }

    /// A horizontal axis at some height, and what it measures.
    pub fn x_axis(&mut self, x: &Axis, at: f64, label: &str) {
        let [left, right] = x.stretch();
        for (value, label) in x.ticks() {
            let place = x.place(*value);
            self.path("axis", &format!("M{place:.1} {at:.1}v5"));
            self.text("tick", [place, at + 19.0], Anchor::Middle, label);
        }
        self.path("axis", &format!("M{left:.1} {at:.1}H{right:.1}"));
        let middle = (left + right) / 2.0;
        self.text("label", [middle, at + 38.0], Anchor::Middle, label);
    }

    /// What colours mean, in one line: a short stroke of each class and a name.
    pub fn legend<'a>(
        &mut self,
        [left, at]: [f64; 2],
        entries: impl IntoIterator<Item = (&'a str, &'a str)>,
    ) {
        let mut left = left;
        for (class, name) in entries {
            self.path(class, &format!("M{left:.1} {:.1}h18", at - 4.0));
            self.text("label", [left + 24.0, at], Anchor::Start, name);
            // Nobody measures the text here: a letter is about seven units wide.
            left += 46.0 + 7.0 * name.chars().count() as f64;
        }
    }

    /// The picture as a file.
    pub fn to_svg(&self) -> String {
        self.markup(&format!("<style>{PLOT_STYLE}</style>\n"), "")
    }

    /// The picture inside of a page that has [`PLOT_STYLE`]. No other element of the page has an
    /// identifier that begins with `id`.
    pub fn to_inline(&self, id: &str) -> String {
        self.markup("", &escaped(id))
    }

    fn markup(&self, style: &str, id: &str) -> String {
        let [width, height] = self.size;
        let (title, description) = (escaped(&self.title), escaped(&self.description));
        let body = &self.body;
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" class=\"plot\" viewBox=\"0 0 {width} {height}\" \
             role=\"img\" aria-labelledby=\"{id}title {id}desc\">\n<title id=\"{id}title\">{title}</title>\n\
             <desc id=\"{id}desc\">{description}</desc>\n{style}\
             <rect class=\"page\" width=\"{width}\" height=\"{height}\"/>\n{body}</svg>\n"
        )
    }

    fn line(&mut self, line: std::fmt::Arguments<'_>) {
        writeln!(self.body, "{line}").expect("a string takes everything");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_cannot_leave_their_place() {
        let hostile = "</title><script>alert(1)</script>";
        let mut picture = Picture::new(hostile, hostile, [10.0, 10.0]);
        picture.text("tick", [0.0, 0.0], Anchor::End, hostile);
        for svg in [picture.to_svg(), picture.to_inline("\"><script>")] {
            assert!(!svg.contains("<script"), "{svg}");
            assert_eq!(svg.matches("</title>").count(), 1);
        }
    }

    #[test]
    fn a_file_carries_its_style_and_a_page_does_not_get_it_twice() {
        let picture = Picture::new("t", "d", [10.0, 10.0]);
        assert!(picture.to_svg().contains(PLOT_STYLE));
        assert!(!picture.to_inline("a-").contains("<style"));
        assert!(
            picture
                .to_inline("a-")
                .contains(r#"aria-labelledby="a-title a-desc""#)
        );
    }

    #[test]
    fn every_colour_has_a_class() {
        for i in 0..N_COLOURS {
            assert!(PLOT_STYLE.contains(&format!(".plot .c{i}{{")), "c{i}");
        }
        assert!(!PLOT_STYLE.contains(&format!(".plot .c{N_COLOURS}{{")));
    }
}
