//! A picture with the numbers that it shows.

use geno_plot::{Histogram, HistogramGroup, Picture, QuantilePlot, QuantileRow};

use crate::{
    locus::Locus,
    scores::{Distribution, ScoreTable},
};

/// A picture, and the same as a table for those who do not see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Figure {
    /// What it is called as a file, without an ending.
    pub name: String,
    /// The picture.
    pub picture: Picture,
    /// How to read it.
    pub note: String,
    /// What is shown, as numbers.
    pub numbers: Numbers,
}

/// A small table.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Numbers {
    /// What stands above the columns.
    pub heading: Vec<&'static str>,
    /// The rows; the first column names them.
    pub rows: Vec<Vec<String>>,
}

/// Bins of a histogram.
const N_BINS: u32 = 20;

/// Groups that are drawn: those with the most variants.
const MAX_GROUPS: usize = 24;

/// Labels that outlines are drawn of.
const MAX_LABELS: usize = 4;

/// Rows of a locus that its table shows.
const MAX_VARIANTS: usize = 12;

/// The distributions of percentiles: of all variants, by label, by region class, by bucket.
pub(crate) fn distributions(table: &ScoreTable) -> Vec<Figure> {
    let by_label: Vec<_> = table
        .by_label
        .iter()
        .map(|(label, of)| (label.as_str(), of))
        .collect();
    let by_class: Vec<_> = table
        .by_class
        .iter()
        .map(|(class, of)| (class.as_str(), of))
        .collect();
    let by_bucket: Vec<_> = table
        .by_bucket
        .iter()
        .map(|(name, of)| (name.as_str(), of))
        .collect();
    let mut figures = vec![histogram(
        "distribution",
        "Percentiles of all variants",
        &[("all", &table.all)],
    )];
    if (2..=MAX_LABELS).contains(&by_label.len()) {
        figures.push(histogram(
            "distribution-by-label",
            "Percentiles by label",
            &by_label,
        ));
    }
    if by_class.len() > 1 {
        figures.push(quantiles(
            "percentile-by-class",
            "Percentiles by region class",
            &by_class,
        ));
    }
    figures.push(quantiles(
        "percentile-by-bucket",
        "Percentiles by calibration bucket",
        &by_bucket,
    ));
    figures
}

fn histogram(name: &str, title: &str, groups: &[(&str, &Distribution)]) -> Figure {
    let counts = |of: &Distribution| of.counts(N_BINS);
    let n: u64 = groups.iter().map(|(_, of)| of.n()).sum();
    let description = format!(
        "{n} variants in {N_BINS} bins of percentiles; the numbers are in the table below."
    );
    let picture = Histogram {
        title,
        description: &description,
        x_label: "percentile",
        range: [0.0, 1.0],
        groups: groups
            .iter()
            .map(|(name, of)| HistogramGroup {
                name,
                counts: counts(of),
            })
            .collect(),
    };
    let rows = groups.iter().flat_map(|(name, of)| {
        (0..N_BINS).zip(counts(of)).map(|(bin, n)| {
            let ends = [bin, bin + 1].map(|end| f64::from(end) / f64::from(N_BINS));
            vec![
                format!("{:.2} to {:.2}", ends[0], ends[1]),
                (*name).to_owned(),
                n.to_string(),
            ]
        })
    });
    Figure {
        name: name.to_owned(),
        picture: picture.picture(),
        note: match groups {
            [_] => ALL_NOTE.to_owned(),
            _ => LABEL_NOTE.to_owned(),
        },
        numbers: Numbers {
            heading: vec!["Percentile", "Group", "Variants"],
            rows: rows.collect(),
        },
    }
}

const ALL_NOTE: &str = "A percentile is the part of common variants of the same bucket that surprise \
    less. Variants like those that the model was calibrated with are spread evenly.";

const LABEL_NOTE: &str = "The part of each label's variants in each bin, so that labels with few and \
    with many variants compare.";

fn quantiles(name: &str, title: &str, groups: &[(&str, &Distribution)]) -> Figure {
    let mut groups = groups.to_vec();
    groups.sort_by_key(|(name, of)| (std::cmp::Reverse(of.n()), *name));
    let (n_groups, n_drawn) = (groups.len(), groups.len().min(MAX_GROUPS));
    let at = |of: &Distribution| {
        [0.05, 0.25, 0.5, 0.75, 0.95].map(|q| of.quantile(q).unwrap_or_default())
    };
    let notes: Vec<String> = groups
        .iter()
        .map(|(_, of)| format!("n = {}", of.n()))
        .collect();
    let rows = groups
        .iter()
        .zip(&notes)
        .take(n_drawn)
        .map(|((name, of), note)| QuantileRow {
            name,
            note,
            quantiles: at(of),
        });
    let hidden = match n_groups - n_drawn {
        0 => String::new(),
        n => format!(" {n} smaller groups are in the table alone."),
    };
    let description = format!("{n_drawn} groups, the largest first.");
    let picture = QuantilePlot {
        title,
        description: &description,
        x_label: "percentile",
        range: [0.0, 1.0],
        rows: rows.collect(),
    };
    let rows = groups.iter().map(|(name, of)| {
        let quantiles = at(of).map(|value| format!("{value:.3}"));
        let named = [(*name).to_owned(), of.n().to_string()];
        named.into_iter().chain(quantiles).collect()
    });
    Figure {
        name: name.to_owned(),
        picture: picture.picture(),
        note: format!(
            "The box holds the middle half of a group, the mark its median, the line its middle nine \
             tenths.{hidden}"
        ),
        numbers: Numbers {
            heading: vec!["Group", "Variants", "5 %", "25 %", "Median", "75 %", "95 %"],
            rows: rows.collect(),
        },
    }
}

/// A locus, with its highest percentiles, its genes and its repeats as a table.
pub(crate) fn of_locus(table: &ScoreTable, locus: &Locus<'_>) -> Figure {
    let mut variants = locus.variants.clone();
    variants.sort_by(|a, b| {
        b.percentile
            .total_cmp(&a.percentile)
            .then(a.number.cmp(&b.number))
    });
    let n_shown = variants.len().min(MAX_VARIANTS);
    let variants = variants[..n_shown].iter().map(|row| {
        let percentile = format!("percentile {:.3}", row.percentile);
        ["variant".to_owned(), table.variant(row), percentile]
    });
    let place = |start: u64, end: u64| format!("{}:{}-{end}", locus.contig, start + 1);
    let genes = locus.genes.iter().map(|gene| {
        let span = gene.span();
        let exons = format!("{}, {} exons", gene.name, gene.exons.len());
        ["gene".to_owned(), place(span.start, span.end), exons]
    });
    let repeats = locus.repeats.iter().take(MAX_VARIANTS).map(|(at, class)| {
        let class = class.as_str().to_owned();
        ["repeat".to_owned(), place(at.start, at.end), class]
    });
    let rows = variants.chain(genes).chain(repeats).map(Vec::from);
    Figure {
        name: "locus".to_owned(),
        picture: locus.picture(),
        note: note_of_locus(locus, n_shown),
        numbers: Numbers {
            heading: vec!["What", "Where", "Which"],
            rows: rows.collect(),
        },
    }
}

fn note_of_locus(locus: &Locus<'_>, n_shown: usize) -> String {
    let n = locus.variants.len();
    let mut note = format!("{n} variants; the numbers have the {n_shown} highest of them.");
    if locus.has.genes {
        note += " Higher boxes of exons are translated.";
    }
    if locus.has.repeats {
        note +=
            " Repeats are orange where simple, light blue where transposons, pink where others.";
    }
    note
}
