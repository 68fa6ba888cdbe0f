//! Weights, packed once.

use rayon::prelude::*;

use crate::{
    format::{Format, int8_scale},
    panel::{PANEL_WIDTH, Step, set_column, set_int8_column},
};

/// A right operand `[inner, columns]`, packed in panels of 32 columns.
///
/// # Cost
///
/// 4, 2 or 1 bytes a value, columns rounded up to 32; [`Format::Int8`] has 4 bytes a column and
/// 4 for each 1,024 of its values beside them.
#[derive(Clone)]
pub struct PackedMatrix {
    pub(crate) format: Format,
    pub(crate) inner: usize,
    pub(crate) columns: usize,
    /// `[panels][steps]`.
    pub(crate) panels: Vec<Step>,
    /// Of [`Format::Int8`]: what a whole number stands for in each column, 0 past the last.
    pub(crate) scales: Vec<f32>,
    /// Of [`Format::Int8`]: the sum of the whole numbers of each column, of 1,024 inner values at a
    /// time: `[panels][parts][32]`.
    pub(crate) sums: Vec<[i32; PANEL_WIDTH]>,
}

/// Inner values of which [`Format::Int8`] has a sum.
pub(crate) const SUMMED: usize = 1_024;

/// Longest sum of a product of whole numbers that cannot overflow.
const MAX_INT8_INNER: usize = (i32::MAX / (255 * 127)) as usize;

impl PackedMatrix {
    /// Packs a layer's weights, stored as `[columns, inner]` in row-major order: `read(j, values)`
    /// writes the `inner` weights of column `j`. It is called once a column, from many threads.
    ///
    /// # Panics
    ///
    /// If `inner` or `columns` is 0, or a product of [`Format::Int8`] could overflow (`inner` above
    /// 66,311).
    pub fn pack(
        format: Format,
        inner: usize,
        columns: usize,
        read: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Self {
        assert!(inner > 0 && columns > 0, "a matrix of no values");
        assert!(
            format != Format::Int8 || inner <= MAX_INT8_INNER,
            "sums of {inner} products overflow"
        );
        let steps = format.slots(inner);
        let n_panels = columns.div_ceil(PANEL_WIDTH);
        let n_parts = inner.div_ceil(SUMMED);
        let n_scaled = match format {
            Format::Int8 => n_panels,
            Format::F32 | Format::Bf16 => 0,
        };
        let mut matrix = Self {
            format,
            inner,
            columns,
            panels: vec![Step::default(); n_panels * steps],
            scales: vec![0.0; n_scaled * PANEL_WIDTH],
            sums: vec![[0; PANEL_WIDTH]; n_scaled * n_parts],
        };
        let pack_panel =
            |i: usize, panel: &mut [Step], scales: &mut [f32], sums: &mut [[i32; 32]]| {
                let mut values = vec![0.0; inner];
                let first = i * PANEL_WIDTH;
                for column in first..columns.min(first + PANEL_WIDTH) {
                    let lane = column - first;
                    read(column, &mut values);
                    if format == Format::Int8 {
                        scales[lane] = int8_scale(&values);
                        let panels = panel.chunks_mut(format.slots(SUMMED));
                        for ((panel, values), sums) in
                            panels.zip(values.chunks(SUMMED)).zip(&mut *sums)
                        {
                            sums[lane] = set_int8_column(panel, lane, values, scales[lane]);
                        }
                    } else {
                        set_column(panel, lane, &values, format);
                    }
                }
            };
        let panels = matrix.panels.par_chunks_mut(steps).enumerate();
        if format == Format::Int8 {
            let scales = matrix.scales.par_chunks_mut(PANEL_WIDTH);
            let sums = matrix.sums.par_chunks_mut(n_parts);
            let panels = panels.zip(scales).zip(sums);
            panels.for_each(|(((i, panel), scales), sums)| pack_panel(i, panel, scales, sums));
        } else {
            panels.for_each(|(i, panel)| pack_panel(i, panel, &mut [], &mut []));
        }
        matrix
    }

    /// How the weights are held.
    pub fn format(&self) -> Format {
        self.format
    }

    /// Values of a row that is multiplied with it.
    pub fn inner(&self) -> usize {
        self.inner
    }

    /// Values of a row of the product.
    pub fn columns(&self) -> usize {
        self.columns
    }

    /// Memory that the weights take.
    pub fn size_bytes(&self) -> usize {
        size_of_val(&*self.panels) + size_of_val(&*self.scales) + size_of_val(&*self.sums)
    }

    pub(crate) fn steps(&self) -> usize {
        self.format.slots(self.inner)
    }

    /// The steps of panel `i`.
    pub(crate) fn panel(&self, i: usize) -> &[Step] {
        let steps = self.steps();
        &self.panels[i * steps..(i + 1) * steps]
    }
}

impl std::fmt::Debug for PackedMatrix {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PackedMatrix")
            .field("format", &self.format)
            .field("inner", &self.inner)
            .field("columns", &self.columns)
            .finish_non_exhaustive()
    }
}
