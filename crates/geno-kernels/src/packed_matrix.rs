//! Weights, packed once.

use std::ops::Range;

use rayon::prelude::*;

use crate::{
    format::{Format, quantize_row},
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
    pub(crate) panels: Vec<Panel>,
}

/// 32 columns.
#[derive(Clone)]
pub(crate) struct Panel {
    /// One for each slot of the inner width.
    pub(crate) steps: Vec<Step>,
    /// Of [`Format::Int8`].
    pub(crate) whole: Option<Whole>,
}

/// What whole numbers need beside themselves.
#[derive(Clone)]
pub(crate) struct Whole {
    /// What a whole number stands for in each column, 0 past the last.
    pub(crate) scales: [f32; PANEL_WIDTH],
    /// The sums of the whole numbers of each column, of 1,024 inner values at a time.
    pub(crate) sums: Vec<[i32; PANEL_WIDTH]>,
}

/// Inner values of which [`Format::Int8`] has a sum.
pub(crate) const SUMMED: usize = 1_024;

/// Longest sum of a product of whole numbers that cannot overflow.
const MAX_INT8_INNER: usize = (i32::MAX / (255 * 128)) as usize;

impl PackedMatrix {
    /// Packs a layer's weights, stored as `[columns, inner]` in row-major order: `read(j, values)`
    /// writes the `inner` weights of column `j`. It is called once a column, from many threads.
    ///
    /// For [`Format::Int8`] the weights of a column are rounded as [`quantize_row`] does.
    ///
    /// # Panics
    ///
    /// If `inner` or `columns` is 0, or a product of [`Format::Int8`] could overflow (`inner` above
    /// 65,793).
    pub fn pack(
        format: Format,
        inner: usize,
        columns: usize,
        read: impl Fn(usize, &mut [f32]) + Sync,
    ) -> Self {
        if format == Format::Int8 {
            return Self::pack_int8(inner, columns, |column, whole| {
                let mut values = vec![0.0; inner];
                read(column, &mut values);
                quantize_row(&values, whole)
            });
        }
        Self::from_panels(format, inner, columns, |columns| {
            Panel::pack(format, inner, columns, &read)
        })
    }

    /// Packs weights that are whole numbers already, of [`Format::Int8`]: `read(j, whole)` writes
    /// the `inner` whole numbers of column `j` and returns their scale.
    ///
    /// # Panics
    ///
    /// As [`pack`](Self::pack).
    ///
    /// # Examples
    ///
    /// ```
    /// use geno_kernels::{Kernel, PackedMatrix, add_product};
    ///
    /// let weights = PackedMatrix::pack_int8(2, 1, |_, whole| {
    ///     whole.copy_from_slice(&[3, -128]);
    ///     0.5
    /// });
    /// let mut product = [0.0];
    /// add_product(Kernel::detect(), &[127.0, 1.0], &weights, &mut product);
    /// assert_eq!(product, [(127.0 * 3.0 - 128.0) * 0.5]);
    /// ```
    pub fn pack_int8(
        inner: usize,
        columns: usize,
        read: impl Fn(usize, &mut [i8]) -> f32 + Sync,
    ) -> Self {
        assert!(inner <= MAX_INT8_INNER, "sums of {inner} products overflow");
        Self::from_panels(Format::Int8, inner, columns, |columns| {
            Panel::pack_int8(inner, columns, &read)
        })
    }

    fn from_panels(
        format: Format,
        inner: usize,
        columns: usize,
        panel: impl Fn(Range<usize>) -> Panel + Sync,
    ) -> Self {
        assert!(inner > 0 && columns > 0, "a matrix of no values");
        let n_panels = columns.div_ceil(PANEL_WIDTH);
        let panels = (0..n_panels).into_par_iter().map(|i| {
            let columns = i * PANEL_WIDTH..columns.min((i + 1) * PANEL_WIDTH);
            panel(columns)
        });
        Self {
            format,
            inner,
            columns,
            panels: panels.collect(),
        }
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
        self.panels.iter().map(Panel::size_bytes).sum()
    }
}

impl Panel {
    /// Packs some columns; one thread allocates, zeroes and fills the memory.
    fn pack(
        format: Format,
        inner: usize,
        columns: Range<usize>,
        read: &(impl Fn(usize, &mut [f32]) + Sync),
    ) -> Self {
        let mut steps = vec![Step::default(); format.slots(inner)];
        let mut values = vec![0.0; inner];
        for (lane, column) in columns.enumerate() {
            read(column, &mut values);
            set_column(&mut steps, lane, &values, format);
        }
        Self { steps, whole: None }
    }

    fn pack_int8(
        inner: usize,
        columns: Range<usize>,
        read: &(impl Fn(usize, &mut [i8]) -> f32 + Sync),
    ) -> Self {
        let mut steps = vec![Step::default(); Format::Int8.slots(inner)];
        let mut values = vec![0; inner];
        let mut whole = Whole {
            scales: [0.0; PANEL_WIDTH],
            sums: vec![[0; PANEL_WIDTH]; inner.div_ceil(SUMMED)],
        };
        for (lane, column) in columns.enumerate() {
            whole.scales[lane] = read(column, &mut values);
            let parts = steps.chunks_mut(Format::Int8.slots(SUMMED));
            for ((steps, values), sums) in parts.zip(values.chunks(SUMMED)).zip(&mut whole.sums) {
                sums[lane] = set_int8_column(steps, lane, values);
            }
        }
        Self {
            steps,
            whole: Some(whole),
        }
    }

    fn size_bytes(&self) -> usize {
        let whole = self.whole.as_ref();
        size_of_val(&*self.steps)
            + whole.map_or(0, |whole| {
                size_of_val(&whole.scales) + size_of_val(&*whole.sums)
            })
    }
}

impl Whole {
    /// The sums over the inner values from `inner` to `end`: what every row's 128 too many adds.
    pub(crate) fn shifts(&self, inner: Range<usize>) -> [i32; PANEL_WIDTH] {
        let mut shifts = [0; PANEL_WIDTH];
        for sums in &self.sums[inner.start / SUMMED..inner.end.div_ceil(SUMMED)] {
            for (shift, sum) in shifts.iter_mut().zip(sums) {
                *shift += sum;
            }
        }
        shifts
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
