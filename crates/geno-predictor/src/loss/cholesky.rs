//! Symmetric positive matrices.

/// The lower factor `L` of `M = L·Lᵀ`, in rows.
pub(super) struct Cholesky {
    n: usize,
    rows: Vec<f64>,
}

impl Cholesky {
    /// Factors a symmetric matrix of `n` rows, of which the lower half is read. `None` where it is
    /// not positive.
    pub(super) fn new(mut matrix: Vec<f64>, n: usize) -> Option<Self> {
        for i in 0..n {
            for j in 0..=i {
                let (above, own) = matrix.split_at(i * n);
                let own = &own[..n];
                let other = if i == j {
                    own
                } else {
                    &above[j * n..(j + 1) * n]
                };
                let dot: f64 = own[..j].iter().zip(other).map(|(a, b)| a * b).sum();
                let left = own[j] - dot;
                matrix[i * n + j] = match i == j {
                    true if left > 0.0 => left.sqrt(),
                    true => return None,
                    false => left / matrix[j * n + j],
                };
            }
        }
        Some(Self { n, rows: matrix })
    }

    /// `ln det M`.
    pub(super) fn ln_det(&self) -> f64 {
        let diagonal = (0..self.n).map(|i| self.rows[i * self.n + i].ln());
        2.0 * diagonal.sum::<f64>()
    }

    /// Turns the rows of `x`, `[n, width]`, into those of `M⁻¹·x`.
    pub(super) fn solve(&self, x: &mut [f64], width: usize) {
        let n = self.n;
        let subtract = |x: &mut [f64], i: usize, j: usize, factor: f64| {
            let (low, high) = (i.min(j) * width, i.max(j) * width);
            let (first, second) = x.split_at_mut(high);
            let (first, second) = (&mut first[low..low + width], &mut second[..width]);
            let (to, from) = if i > j {
                (second, first)
            } else {
                (first, second)
            };
            to.iter_mut()
                .zip(from)
                .for_each(|(to, from)| *to -= factor * *from);
        };
        let divide = |x: &mut [f64], i: usize| {
            let by = self.rows[i * n + i];
            x[i * width..(i + 1) * width]
                .iter_mut()
                .for_each(|value| *value /= by);
        };
        for i in 0..n {
            (0..i).for_each(|j| subtract(x, i, j, self.rows[i * n + j]));
            divide(x, i);
        }
        for i in (0..n).rev() {
            (i + 1..n).for_each(|j| subtract(x, i, j, self.rows[j * n + i]));
            divide(x, i);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_matrix_times_what_it_solves_is_what_was_given() {
        let matrix = vec![4., 0., 0., 2., 5., 0., -1., 0.5, 3.];
        let whole = [[4., 2., -1.], [2., 5., 0.5], [-1., 0.5, 3.]];
        let factor = Cholesky::new(matrix, 3).unwrap();
        let given = [1., -2., 0., 3., 2., 7.];
        let mut solved = given;
        factor.solve(&mut solved, 2);
        for (i, row) in whole.iter().enumerate() {
            for column in 0..2 {
                let back: f64 = (0..3).map(|k| row[k] * solved[2 * k + column]).sum();
                assert!((back - given[2 * i + column]).abs() < 1e-12);
            }
        }
        // 4·(15 − 0.25) − 2·(6 + 0.5) − 1·(1 + 5)
        assert!((factor.ln_det() - 40f64.ln()).abs() < 1e-12);
        assert!(Cholesky::new(vec![1., 0., 2., 1.], 2).is_none());
    }
}
