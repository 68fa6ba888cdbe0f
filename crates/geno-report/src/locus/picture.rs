//! The picture of a locus: percentiles above, genes and repeats below, along one axis.

use std::{collections::BTreeSet, ops::Range};

use geno_core::RepeatClass;
use geno_plot::{Anchor, Axis, Picture};

use super::{Gene, Locus, lanes::lanes};
use crate::scores::Scored;

const WIDTH: f64 = 1_080.0;
const X: [f64; 2] = [74.0, 1_064.0];
const Y: [f64; 2] = [252.0, 56.0];
const LANE: f64 = 26.0;
const MAX_LANES: usize = 6;
/// From this percentile on a variant has a colour of its own.
pub(crate) const HIGH: f64 = 0.99;

impl Locus<'_> {
    /// The picture. Points that fall on one half of a unit are one.
    pub(crate) fn picture(&self) -> Picture {
        let kilobases = |position: u64| position as f64 / 1e3;
        let (start, end) = (kilobases(self.region.start), kilobases(self.region.end));
        let x = Axis::between(start, end, X);
        let y = Axis::between(0.0, 1.0, Y);
        let place = |position: u64| x.place(kilobases(position)).clamp(X[0], X[1]);
        let stretches = self.genes.iter().map(|gene| {
            let Range { start, end } = gene.span();
            let name_width = 14.0 + 7.0 * gene.name.chars().count() as f64;
            place(start)..place(end).max(place(start) + name_width)
        });
        let lanes = lanes(stretches, MAX_LANES);
        let n_lanes = lanes.iter().flatten().max().map_or(0, |lane| lane + 1);
        let n_hidden = lanes.iter().filter(|lane| lane.is_none()).count();

        let genes_at = Y[0] + 14.0;
        let genes_high = match (self.has.genes, n_lanes) {
            (false, _) => 0.0,
            (true, n) => LANE * n.max(1) as f64 + 4.0,
        };
        let repeats_at = genes_at + genes_high;
        let repeats_high = if self.has.repeats { 26.0 } else { 0.0 };
        let bottom = repeats_at + repeats_high;

        let title = format!("Percentiles at {}", self.name());
        let mut picture = Picture::new(&title, &self.description(n_hidden), [WIDTH, bottom + 50.0]);
        for (value, label) in y.ticks() {
            let at = y.place(*value);
            picture.path("grid", &format!("M{} {at:.1}H{}", X[0], X[1]));
            picture.text("tick", [X[0] - 7.0, at + 4.0], Anchor::End, label);
        }
        picture.text("label", [14.0, Y[1] - 14.0], Anchor::Start, "percentile");
        let (high, other): (Vec<&Scored>, Vec<&Scored>) =
            self.variants.iter().partition(|row| row.percentile >= HIGH);
        for (class, rows) in [("dots c0", other), ("dots c1", high)] {
            let dots: BTreeSet<[i64; 2]> = rows
                .iter()
                .map(|row: &&Scored| {
                    [place(row.pos - 1), y.place(row.percentile)]
                        .map(|at| (at * 2.0).round() as i64)
                })
                .collect();
            let dots = dots
                .iter()
                .map(|[px, py]| format!("M{} {}h0", *px as f64 / 2.0, *py as f64 / 2.0));
            let dots: String = dots.collect();
            if !dots.is_empty() {
                picture.path(class, &dots);
            }
        }
        let entries = [
            ("key c0", "variant"),
            ("key c1", "percentile of 0.99 or more"),
        ];
        picture.legend([X[1] - 300.0, 40.0], entries);
        if self.has.genes {
            picture.text("small", [14.0, genes_at + 15.0], Anchor::Start, "exons");
            if self.genes.is_empty() {
                picture.text(
                    "tick",
                    [X[0], genes_at + 15.0],
                    Anchor::Start,
                    "no gene here",
                );
            }
            for (gene, lane) in self.genes.iter().zip(&lanes) {
                if let Some(lane) = lane {
                    gene.draw(&mut picture, genes_at + LANE * *lane as f64, place);
                }
            }
        }
        if self.has.repeats {
            picture.text("small", [14.0, repeats_at + 14.0], Anchor::Start, "repeats");
            for (at, class) in &self.repeats {
                let from = [place(at.start), repeats_at + 4.0];
                let to = [place(at.end).max(from[0] + 0.8), repeats_at + 18.0];
                picture.rect(colour(*class), from, to);
            }
        }
        let label = format!("position on {} (kb)", self.contig);
        picture.x_axis(&x, bottom, &label);
        picture
    }

    fn description(&self, n_hidden: usize) -> String {
        let n = self.variants.len();
        let n_high = self
            .variants
            .iter()
            .filter(|row| row.percentile >= HIGH)
            .count();
        let mut text = format!("{n} variants, {n_high} with a percentile of 0.99 or more.");
        if self.has.genes {
            text += &format!(" {} genes overlap the region", self.genes.len());
            text += &match n_hidden {
                0 => ".".to_owned(),
                n => format!(", {n} of them not drawn for want of room."),
            };
        }
        if self.has.repeats {
            text += &format!(" {} repeats overlap it.", self.repeats.len());
        }
        text
    }
}

impl Gene {
    /// A line from the first exon to the last, boxes for exons, higher ones for what is translated.
    fn draw(&self, picture: &mut Picture, top: f64, place: impl Fn(u64) -> f64) {
        let Range { start, end } = self.span();
        let middle = top + 18.0;
        let arrow = if self.is_forward { "→" } else { "←" };
        let name = format!("{} {arrow}", self.name);
        picture.text("small", [place(start), top + 10.0], Anchor::Start, &name);
        picture.path(
            "axis",
            &format!("M{:.1} {middle:.1}H{:.1}", place(start), place(end)),
        );
        for (parts, half) in [(&self.exons, 3.0), (&self.coding, 6.0)] {
            for part in parts
                .iter()
                .filter(|part| place(part.end) > X[0] && place(part.start) < X[1])
            {
                let from = [place(part.start), middle - half];
                let to = [place(part.end).max(from[0] + 1.0), middle + half];
                picture.rect("bar c2", from, to);
            }
        }
    }
}

fn colour(class: RepeatClass) -> &'static str {
    match class {
        RepeatClass::Simple => "bar c5",
        RepeatClass::Transposon => "bar c4",
        _ => "bar c3",
    }
}
