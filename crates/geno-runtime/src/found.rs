//! Scores in the order of their rows, whatever the order they were computed in.

use std::{collections::VecDeque, ops::Range, sync::Arc};

use geno_action::Site;
use geno_core::Window;
use geno_data::{ChunkRow, EditPlace, RejectedRow, SiteChunk, Variant};

use crate::{
    runtime::{EditSurprise, SiteSurprise, VariantSurprise},
    windows_per_variant::WindowsPerVariant,
};

/// What is computed for a site, to be given edit by edit.
pub(crate) trait SiteScores {
    type Value: Send;

    /// What was found of an edit.
    fn value(&self, edit: usize) -> Self::Value;

    /// How many edits could not share the pass over the site's window.
    fn full_passes(&self) -> usize;
}

impl SiteScores for SiteSurprise {
    type Value = EditSurprise;

    fn value(&self, edit: usize) -> EditSurprise {
        self.edits[edit].clone()
    }

    fn full_passes(&self) -> usize {
        self.reuse.full
    }
}

/// A variant, its window and what was found: of a model, its raw surprise and signals.
pub(crate) struct ScoredVariant<V = EditSurprise> {
    pub(crate) variant: Variant,
    pub(crate) window: Arc<Window>,
    pub(crate) value: V,
    /// The same of its further windows.
    pub(crate) more: Vec<(Arc<Window>, V)>,
}

impl<V> ScoredVariant<V> {
    /// All its windows, in order.
    pub(crate) fn windows(&self) -> Vec<&Window> {
        let more = self.more.iter().map(|(window, _)| window.as_ref());
        [self.window.as_ref()].into_iter().chain(more).collect()
    }
}

impl ScoredVariant {
    /// What its windows say together.
    pub(crate) fn together(&self, how: WindowsPerVariant) -> VariantSurprise {
        let more = self.more.iter().map(|(_, value)| value);
        let values: Vec<_> = [&self.value].into_iter().chain(more).collect();
        VariantSurprise::of(&values, how)
    }
}

/// Sites to compute together.
#[derive(Clone, Copy)]
pub(crate) struct SiteBatch<'a> {
    pub(crate) sites: &'a [Site],
    /// For each, whether its window is the first of its edits.
    pub(crate) is_first: &'a [bool],
}

/// What became of a row.
pub(crate) enum FoundRow<V> {
    Scored(ScoredVariant<V>),
    Rejected(RejectedRow),
}

/// Some consecutive rows.
pub(crate) struct Found<V> {
    pub(crate) rows: Vec<FoundRow<V>>,
    /// Variants that could not share the pass over their window, counted with the last of a site.
    pub(crate) full_passes: u64,
    /// Whether that count is complete: no site it belongs to has rows behind these.
    pub(crate) is_whole: bool,
    /// Rows of the chunk that come after these.
    pub(crate) n_left: usize,
}

/// A chunk whose sites are computed one after the other and whose rows are given in order.
pub(crate) struct ChunkInOrder<S> {
    rows: VecDeque<ChunkRow>,
    sites: Vec<Site>,
    is_first: Vec<bool>,
    computed: Vec<S>,
    /// Rows of each site that were not given yet.
    left: Vec<usize>,
}

impl<S: SiteScores> ChunkInOrder<S> {
    pub(crate) fn new(chunk: SiteChunk) -> Self {
        let SiteChunk {
            rows,
            sites,
            is_first,
        } = chunk;
        Self {
            left: sites.iter().map(|site| site.edits().len()).collect(),
            computed: Vec::with_capacity(sites.len()),
            rows: rows.into(),
            sites,
            is_first,
        }
    }

    /// The next sites to compute: of `n_edits` edits at least, unless no more are left.
    pub(crate) fn next_sites(&self, n_edits: usize) -> SiteBatch<'_> {
        let begin = self.computed.len();
        let rest = &self.sites[begin..];
        let mut n = 0;
        let more = rest.iter().take_while(|site| {
            let is_due = n < n_edits;
            n += site.edits().len();
            is_due
        });
        let end = begin + more.count();
        SiteBatch {
            sites: &self.sites[begin..end],
            is_first: &self.is_first[begin..end],
        }
    }

    /// Takes what the next sites gave; the rows that can be given now.
    pub(crate) fn add(&mut self, computed: Vec<S>) -> Found<S::Value> {
        let added = self.computed.len()..self.computed.len() + computed.len();
        self.computed.extend(computed);
        let mut found = Found {
            rows: Vec::new(),
            full_passes: 0,
            is_whole: false,
            n_left: 0,
        };
        while let Some(row) = self.rows.pop_front_if(|row| is_due(row, added.end)) {
            let row = match row {
                ChunkRow::Rejected(row) => FoundRow::Rejected(row),
                ChunkRow::Variant { variant, places } => {
                    let mut windows = places.into_iter().map(|EditPlace { site, edit }| {
                        self.left[site] -= 1;
                        if self.left[site] == 0 {
                            found.full_passes += self.computed[site].full_passes() as u64;
                        }
                        let window = Arc::clone(self.sites[site].window());
                        (window, self.computed[site].value(edit))
                    });
                    let (window, value) = windows.next().expect("a variant has a window");
                    FoundRow::Scored(ScoredVariant {
                        variant,
                        window,
                        value,
                        more: windows.collect(),
                    })
                }
            };
            found.rows.push(row);
        }
        found.n_left = self.rows.len();
        found.is_whole = !self.is_torn(0..added.end);
        found
    }

    /// Whether one of these sites has given some but not all of its rows, and passes to count.
    fn is_torn(&self, sites: Range<usize>) -> bool {
        let mut sites = sites.into_iter();
        sites.any(|i| {
            let n_edits = self.sites[i].edits().len();
            (1..n_edits).contains(&self.left[i]) && self.computed[i].full_passes() > 0
        })
    }
}

/// Whether a row needs none but the first sites.
fn is_due(row: &ChunkRow, n_sites: usize) -> bool {
    match row {
        ChunkRow::Rejected(_) => true,
        ChunkRow::Variant { places, .. } => places.iter().all(|place| place.site < n_sites),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use geno_core::StateContract;
    use geno_data::{Fasta, SiteChunks, SiteWindows, VcfReader};
    use geno_encoder::PrefixReuse;

    use super::*;

    /// Four sites in the order of the reference; rows at 61, 1, 61, *, 21, 41.
    fn chunk() -> SiteChunk {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("ref.fa");
        fs::write(&path, format!(">1\n{}\n", "ACGTA".repeat(200))).unwrap();
        let fasta = Fasta::open(&path).unwrap();
        let vcf = "#CHROM\tPOS\tID\tREF\tALT\n1\t61\t.\tA\tC\n1\t31\t.\tA\tC\n1\t61\t.\tA\tG\n\
                   1\t61\t.\tA\t*\n1\t41\t.\tA\tC\n1\t51\t.\tA\tC\n";
        let rows = VcfReader::new(vcf.as_bytes()).unwrap();
        let windows = SiteWindows::centered(40, StateContract::LegacyRawV1);
        let mut chunks = SiteChunks::new(rows, &fasta, windows, 100);
        chunks.next().unwrap().unwrap()
    }

    fn of(sigmas: &[f64], full: usize) -> SiteSurprise {
        SiteSurprise {
            edits: sigmas
                .iter()
                .map(|&sigma| EditSurprise {
                    sigma,
                    signals: Vec::new(),
                })
                .collect(),
            reuse: PrefixReuse { reused: 0, full },
        }
    }

    fn shown(found: &Found<EditSurprise>) -> Vec<String> {
        let rows = found.rows.iter().map(|row| match row {
            FoundRow::Scored(scored) => {
                format!("{} {}", scored.variant.edit().pos(), scored.value.sigma)
            }
            FoundRow::Rejected(row) => format!("rejected {}", row.line),
        });
        rows.collect()
    }

    #[test]
    fn rows_come_in_their_order_as_soon_as_all_before_them_are_known() {
        let mut chunk = ChunkInOrder::new(chunk());
        assert_eq!(chunk.next_sites(1).sites.len(), 1);
        assert_eq!(chunk.next_sites(3).sites.len(), 3);
        assert_eq!(chunk.next_sites(100).sites.len(), 4);

        let first = chunk.add(vec![of(&[0.31], 1), of(&[0.41], 1), of(&[0.51], 0)]);
        assert!(first.rows.is_empty() && first.is_whole);
        assert_eq!((first.full_passes, first.n_left), (0, 6));
        let rest = chunk.add(vec![of(&[0.61, 0.62], 2)]);
        assert_eq!(
            shown(&rest),
            [
                "61 0.61",
                "31 0.31",
                "61 0.62",
                "rejected 5",
                "41 0.41",
                "51 0.51"
            ]
        );
        assert_eq!((rest.full_passes, rest.n_left), (4, 0));
        assert!(chunk.next_sites(1).sites.is_empty());
    }

    #[test]
    fn a_count_is_not_whole_while_its_site_has_rows_left() {
        let mut rows = chunk();
        // The site of base 61 first, as if the reference had it there.
        rows.sites.rotate_right(1);
        for row in &mut rows.rows {
            if let ChunkRow::Variant { places, .. } = row {
                places[0].site = (places[0].site + 1) % 4;
            }
        }
        let mut chunk = ChunkInOrder::new(rows);
        let torn = chunk.add(vec![of(&[0.61, 0.62], 2)]);
        assert_eq!(shown(&torn), ["61 0.61"]);
        assert_eq!((torn.full_passes, torn.is_whole), (0, false));
        let more = chunk.add(vec![of(&[0.31], 0)]);
        assert_eq!(shown(&more), ["31 0.31", "61 0.62", "rejected 5"]);
        assert_eq!((more.full_passes, more.is_whole), (2, true));
    }
}
