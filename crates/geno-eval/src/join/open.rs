//! Labels that scores are still to be joined to.

use std::ops::ControlFlow;

use geno_data::{Progress, VariantKeys};

use super::{Join, JoinError, JoinFiles, labels::Labelled, scores::Column};
use crate::variant_rows::{ReadVariantsError, VariantRow, VariantRows};

/// Labels of files, to which the scores come row by row, from somebody who reads them for something else too.
///
/// ```
/// use std::ops::ControlFlow;
/// use geno_eval::{ClassRule, JoinFiles, LabelRule, OpenJoin, ScoreSource, VariantRows};
/// use geno_provenance::Label;
///
/// let folder = tempfile::tempdir()?;
/// let [labels, scores] = ["labels", "scores"].map(|name| folder.path().join(name));
/// std::fs::write(&labels, "chrom\tpos\tref\talt\tlabel\n1\t5\tA\tC\t1\n1\t6\tA\tC\t0\n")?;
/// std::fs::write(&scores, "chrom\tpos\tref\talt\ts\nchr1\t5\tA\tC\t0.5\nchr1\t6\tA\tC\t0.25\nchr1\t7\tA\tC\t0\n")?;
/// let rule = LabelRule::Class(ClassRule::default());
/// let source = ScoreSource {
///     name: Label::new("scores")?,
///     path: scores.clone(),
///     field: "s".to_owned(),
///     threshold: None,
///     producer: None,
/// };
/// let files = JoinFiles {
///     labels: &labels,
///     rule: &rule,
///     scores: &source,
///     baselines: &[],
///     fasta: None,
///     background: None,
/// };
/// let mut join = OpenJoin::read_labels(files, |_| ControlFlow::Continue(()))?.expect("nobody breaks off");
/// let (mut rows, mut found) = (VariantRows::open(&scores)?, Vec::new());
/// while let Some(row) = rows.next()? {
///     found.push(join.add(&rows, &row, 0)?);
/// }
/// assert_eq!(found, [Some(1.0), Some(0.0), None]);
/// let join = join.finish(|_| ControlFlow::Continue(()))?.expect("nobody breaks off");
/// assert_eq!(join.columns[0].values, [0.5, 0.25]);
/// # Ok::<_, Box<dyn std::error::Error>>(())
/// ```
pub struct OpenJoin<'a> {
    files: JoinFiles<'a>,
    keys: VariantKeys<'a>,
    labelled: Labelled,
    scores: Column<'a>,
}

impl<'a> OpenJoin<'a> {
    /// Reads the labels; none if `on_progress` breaks off.
    ///
    /// # Errors
    ///
    /// [`JoinError`].
    pub fn read_labels(
        files: JoinFiles<'a>,
        mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Self>, JoinError> {
        let mut keys = VariantKeys::new(files.fasta);
        let labelled = Labelled::read(&files, &mut keys, &mut on_progress)?;
        Ok(labelled.map(|labelled| Self {
            scores: Column::new(files.scores, &labelled),
            files,
            keys,
            labelled,
        }))
    }

    /// Takes one alternate of a row of the scores, and gives the label of that variant if it has one: of classes
    /// 1 is positive and 0 negative.
    ///
    /// # Errors
    ///
    /// [`ReadVariantsError`] for a labelled variant without a score that can be used, or with two.
    pub fn add(
        &mut self,
        rows: &VariantRows,
        row: &VariantRow,
        allele: usize,
    ) -> Result<Option<f64>, ReadVariantsError> {
        let place = self
            .scores
            .add(&self.labelled, &mut self.keys, rows, row, allele)?;
        Ok(place.map(|place| self.labelled.label(place)))
    }

    /// Reads the scores too, and finishes.
    pub(super) fn read_scores(
        mut self,
        mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Join>, JoinError> {
        let read = self
            .scores
            .read(&self.labelled, &mut self.keys, &mut on_progress)?;
        match read {
            Some(()) => self.finish(on_progress),
            None => Ok(None),
        }
    }

    /// Reads baselines and background, and keeps the variants that have every score; none if `on_progress`
    /// breaks off.
    ///
    /// # Errors
    ///
    /// [`JoinError`].
    pub fn finish(
        self,
        mut on_progress: impl FnMut(Progress) -> ControlFlow<()>,
    ) -> Result<Option<Join>, JoinError> {
        let Self {
            files,
            mut keys,
            labelled,
            scores,
        } = self;
        let mut columns = vec![scores.finish()];
        for baseline in files.baselines {
            match baseline.read(&labelled, &mut keys, &mut on_progress)? {
                Some(column) => columns.push(column),
                None => return Ok(None),
            }
        }
        if let Some(background) = files.background {
            let shared = labelled.shared_with(background, &mut keys, &mut on_progress)?;
            if shared.is_none() {
                return Ok(None);
            }
        }
        labelled.join(&files, columns).map(Some)
    }
}
