//! Linear maps of states.

use super::{TargetError, check, dot, norm};

/// A linear map of states, before they are compared.
#[derive(Clone, Debug, PartialEq)]
pub struct Projection {
    rows: Vec<Vec<f64>>,
    d_state: usize,
}

impl Projection {
    /// The map `W · s` of some rows.
    ///
    /// # Errors
    ///
    /// [`TargetError`] for no rows, rows of different lengths, and numbers that are not finite.
    pub fn map(rows: Vec<Vec<f64>>) -> Result<Self, TargetError> {
        let d_state = rows.first().map_or(0, Vec::len);
        if d_state == 0 {
            return Err(TargetError::Empty { what: "projection" });
        }
        for row in &rows {
            check(row.iter().copied(), d_state)?;
        }
        Ok(Self { rows, d_state })
    }

    /// The orthogonal projection on the subspace that a basis spans, in coordinates of that subspace.
    ///
    /// # Errors
    ///
    /// [`TargetError`] as of [`Projection::map`], and for rows that depend on each other.
    ///
    /// # Source
    ///
    /// Gram–Schmidt, each row twice, so that rounding leaves no part of the rows before it.
    pub fn onto(basis: Vec<Vec<f64>>) -> Result<Self, TargetError> {
        let mut map = Self::map(basis)?;
        for row in 0..map.rows.len() {
            let (before, rest) = map.rows.split_at_mut(row);
            let current = &mut rest[0];
            let length = norm(current);
            for other in before.iter().chain(before.iter()) {
                let along = dot(current, other);
                current
                    .iter_mut()
                    .zip(other)
                    .for_each(|(a, b)| *a -= along * b);
            }
            let left = norm(current);
            // What is left of a dependent row is rounding.
            if left <= length * 1e-10 {
                return Err(TargetError::Dependent { row });
            }
            current.iter_mut().for_each(|a| *a /= left);
        }
        Ok(map)
    }

    /// Some coordinates of states of `d_state`, and no others.
    ///
    /// # Errors
    ///
    /// [`TargetError`] for no coordinates, and for one that does not exist.
    pub fn coordinates(coordinates: &[usize], d_state: usize) -> Result<Self, TargetError> {
        let row = |&coordinate: &usize| {
            let mut row = vec![0.0; d_state];
            let one = row.get_mut(coordinate);
            *one.ok_or(TargetError::NoCoordinate {
                coordinate,
                d_state,
            })? = 1.0;
            Ok(row)
        };
        Self::map(coordinates.iter().map(row).collect::<Result<_, _>>()?)
    }

    pub(super) fn d_state(&self) -> usize {
        self.d_state
    }

    pub(super) fn of(&self, state: &[f64]) -> Vec<f64> {
        self.rows.iter().map(|row| dot(row, state)).collect()
    }
}
