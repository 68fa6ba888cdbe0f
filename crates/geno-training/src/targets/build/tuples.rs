//! Tuples as examples.

use std::sync::Arc;

use geno_action::{Haplotype, RelEdit};
use geno_data::{TrainingTuple, TupleReport};

use super::{
    super::{Example, ExampleEdit, ExampleKind, ExampleSource, LeftOut},
    BuildTargets, BuildTargetsError, Planned,
    laying::{DrawnFrom, Laying, Refusal},
};

impl BuildTargets<'_> {
    /// The tuples that a window gives in an epoch; none if none are asked for.
    pub(super) fn tuples_of(
        &self,
        index: u32,
        epoch: u32,
        laying: &Laying<'_>,
        left_out: &mut LeftOut,
    ) -> Result<Vec<Planned>, BuildTargetsError> {
        let Some((builder, _)) = self.tuples else {
            return Ok(Vec::new());
        };
        let mut report = TupleReport::default();
        let mut planned = Vec::new();
        for tuple in builder.window(epoch, index, &mut report)? {
            planned.extend(self.tuple(&tuple, laying, left_out)?);
        }
        left_out.missing_tuples += report.short.values().sum::<u64>();
        left_out.held_out_edits += report.excluded_edits.values().sum::<u64>();
        left_out.reference_mismatches += report.reference_mismatches;
        Ok(planned)
    }

    /// One edit is an alternative by itself; several are a trajectory.
    fn tuple(
        &self,
        tuple: &TrainingTuple,
        laying: &Laying<'_>,
        left_out: &mut LeftOut,
    ) -> Result<Option<Planned>, BuildTargetsError> {
        let drawn = DrawnFrom {
            record_id: tuple.record_id().to_owned(),
            contig: tuple.chrom().map(str::to_owned),
            window: Arc::clone(tuple.window()),
        };
        let laid = match laying.around(&drawn, tuple.locus(), tuple.edits().len())? {
            Ok(laid) => laid,
            Err(Refusal::HeldOut) => {
                left_out.held_out_tuples += 1;
                return Ok(None);
            }
            Err(Refusal::Unknown) => {
                left_out.unknown_tuples += 1;
                return Ok(None);
            }
        };
        let edits = tuple.edits().iter().map(|edit| {
            let rel_pos = edit.rel_pos() - tuple.locus() + laid.locus;
            let moved = RelEdit::new(rel_pos, edit.reference(), edit.alternate());
            moved.expect("an edit at another base")
        });
        let len = laid.window.len();
        // In the layout `grid` a window goes on past the bases that an action encoder knows.
        let known = match self.laid_on {
            Some(_) => self.encoder.windows().window_bp(),
            None => len as u64,
        };
        let is_inside = |edit: &RelEdit| edit.end() <= len && (edit.rel_pos() as u64) < known;
        let edits: Vec<_> = edits.take_while(is_inside).collect();
        if edits.len() < tuple.edits().len() {
            left_out.cut_tuples += 1;
        }
        let kind = match edits.len() {
            0 => return Ok(None),
            1 => ExampleKind::Alternatives,
            _ => ExampleKind::Trajectory,
        };
        // The window of a file may be of another assembly than the genome.
        let haplotype = Haplotype::new(Arc::clone(&laid.window), edits);
        let haplotype = haplotype.map_err(|_| BuildTargetsError::OtherBases {
            record_id: drawn.record_id.clone(),
        })?;
        let bases = laid.window.bases();
        let edits = haplotype.edits().iter();
        let edits = edits.map(|edit| ExampleEdit::in_window(edit.clone(), bases));
        let source = ExampleSource::Tuple(tuple.edit_source());
        let example = Example::new(kind, source, laid.place, laid.locus, edits.collect());
        Ok(Some(Planned {
            example: example.expect("edits of a haplotype"),
            window: laid.window,
        }))
    }
}
