//! How far a state is from where it should be.

mod projection;

use geno_core::{Coded, ErrorCode};

pub use self::projection::Projection;

/// What lies between two states.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Distance {
    /// `‖a − b‖`.
    L2,
    /// `max(0, 1 − a·b / (‖a‖ ‖b‖))`.
    Cosine,
}

/// One target state or several, and the distance to the nearest.
///
/// Sums are in `f64`, states in `f32`.
///
/// # Examples
///
/// ```
/// use geno_planning::{Distance, Projection, Target};
///
/// let states = [[0.0, 0.0], [3.0, 4.0]];
/// let target = Target::new(Distance::L2, states)?;
/// assert_eq!(target.distance(&[3.0, 3.0])?, 1.0);
///
/// let first = Projection::coordinates(&[0], 2)?;
/// let target = Target::projected(Distance::L2, first, states)?;
/// assert_eq!(target.distance(&[1.0, 9.0])?, 1.0);
/// # Ok::<_, geno_planning::TargetError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Target {
    distance: Distance,
    projection: Option<Projection>,
    d_state: usize,
    /// The states, projected where there is a projection.
    states: Vec<Vec<f64>>,
}

/// Why a target or a distance to it cannot be.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetError {
    /// There is no target state, no row of a projection, or no coordinate.
    #[error("{what} is empty")]
    Empty {
        /// `target` or `projection`.
        what: &'static str,
    },
    /// A state or a row of a projection has another length.
    #[error("{actual} coordinates where {expected} are expected")]
    WrongLength {
        /// Coordinates of the states.
        expected: usize,
        /// Coordinates given.
        actual: usize,
    },
    /// A coordinate is not a finite number.
    #[error("a coordinate is not a finite number")]
    NotFinite,
    /// A projection takes a coordinate that states do not have.
    #[error("states of {d_state} coordinates have no coordinate {coordinate}")]
    NoCoordinate {
        /// The coordinate, from 0.
        coordinate: usize,
        /// Coordinates of the states.
        d_state: usize,
    },
    /// A basis has a row that the rows before it span.
    #[error("row {row} of a basis depends on those before it")]
    Dependent {
        /// The row, from 0.
        row: usize,
    },
    /// A state of length 0 has no direction.
    #[error("a state of length 0 has no cosine distance")]
    NoDirection,
}

impl Coded for TargetError {
    fn code(&self) -> ErrorCode {
        ErrorCode::InputGeneric
    }
}

impl Target {
    /// The nearest of some states, all of one length.
    ///
    /// # Errors
    ///
    /// [`TargetError`] for no states, states of different lengths, numbers that are not finite, and a
    /// state without a direction under [`Distance::Cosine`].
    pub fn new<S: AsRef<[f32]>>(
        distance: Distance,
        states: impl IntoIterator<Item = S>,
    ) -> Result<Self, TargetError> {
        let states = wide(states);
        let d_state = states.first().map_or(0, Vec::len);
        Self::checked(distance, None, d_state, states)
    }

    /// The nearest of some states, everything projected before it is compared.
    ///
    /// # Errors
    ///
    /// [`TargetError`] as of [`Target::new`], and for states that the projection is not of. Under
    /// [`Distance::Cosine`] the projected states need a direction.
    pub fn projected<S: AsRef<[f32]>>(
        distance: Distance,
        projection: Projection,
        states: impl IntoIterator<Item = S>,
    ) -> Result<Self, TargetError> {
        let d_state = projection.d_state();
        Self::checked(distance, Some(projection), d_state, wide(states))
    }

    /// The distance of a state to the nearest target.
    ///
    /// # Units
    ///
    /// Those of the states for [`Distance::L2`]; none, from 0 to 2, for [`Distance::Cosine`].
    ///
    /// # Errors
    ///
    /// [`TargetError`] for a state of another length, with numbers that are not finite, or, under
    /// [`Distance::Cosine`], without a direction.
    pub fn distance(&self, state: &[f32]) -> Result<f64, TargetError> {
        check(state.iter().copied().map(f64::from), self.d_state)?;
        let state: Vec<f64> = state.iter().copied().map(f64::from).collect();
        let state = match &self.projection {
            Some(projection) => projection.of(&state),
            None => state,
        };
        let mut nearest = f64::INFINITY;
        for target in &self.states {
            nearest = nearest.min(self.distance.between(&state, target)?);
        }
        Ok(nearest)
    }

    fn checked(
        distance: Distance,
        projection: Option<Projection>,
        d_state: usize,
        mut states: Vec<Vec<f64>>,
    ) -> Result<Self, TargetError> {
        if states.is_empty() || d_state == 0 {
            return Err(TargetError::Empty { what: "target" });
        }
        for state in &mut states {
            check(state.iter().copied(), d_state)?;
            if let Some(projection) = &projection {
                *state = projection.of(state);
            }
            distance.between(state, state)?;
        }
        Ok(Self {
            distance,
            projection,
            d_state,
            states,
        })
    }
}

fn wide<S: AsRef<[f32]>>(states: impl IntoIterator<Item = S>) -> Vec<Vec<f64>> {
    let wide = |state: S| state.as_ref().iter().copied().map(f64::from).collect();
    states.into_iter().map(wide).collect()
}

impl Distance {
    fn between(self, a: &[f64], b: &[f64]) -> Result<f64, TargetError> {
        match self {
            Self::L2 => {
                let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
                Ok(squares.sum::<f64>().sqrt())
            }
            Self::Cosine => {
                let lengths = norm(a) * norm(b);
                if lengths == 0.0 {
                    return Err(TargetError::NoDirection);
                }
                Ok((1.0 - dot(a, b) / lengths).clamp(0.0, 2.0))
            }
        }
    }

    /// The name used in files.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::L2 => "l2",
            Self::Cosine => "cosine",
        }
    }
}

fn check(state: impl ExactSizeIterator<Item = f64>, expected: usize) -> Result<(), TargetError> {
    let actual = state.len();
    if actual != expected {
        return Err(TargetError::WrongLength { expected, actual });
    }
    let mut state = state;
    if state.any(|x| !x.is_finite()) {
        return Err(TargetError::NotFinite);
    }
    Ok(())
}

fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_the_definition() {
        let l2 = Target::new(Distance::L2, [[1.0, 2.0, 2.0]]).unwrap();
        assert_eq!(l2.distance(&[0.0, 0.0, 0.0]), Ok(3.0));
        let cosine = Target::new(Distance::Cosine, [[2.0, 0.0]]).unwrap();
        assert_eq!(cosine.distance(&[7.0, 0.0]), Ok(0.0));
        assert_eq!(cosine.distance(&[0.0, 3.0]), Ok(1.0));
        assert_eq!(cosine.distance(&[-1.0, 0.0]), Ok(2.0));
        assert_eq!(cosine.distance(&[0.0, 0.0]), Err(TargetError::NoDirection));
    }

    #[test]
    fn a_region_is_as_near_as_its_nearest_state() {
        let states = [[0.0, 0.0], [10.0, 0.0], [0.0, 6.0]];
        let region = Target::new(Distance::L2, states).unwrap();
        let alone = |state: [f32; 2]| Target::new(Distance::L2, [state]).unwrap();
        for state in [[9.0, 1.0], [1.0, 4.0], [-3.0, -4.0]] {
            let each = states.map(|target| alone(target).distance(&state).unwrap());
            let nearest = each.into_iter().fold(f64::INFINITY, f64::min);
            assert_eq!(region.distance(&state), Ok(nearest));
        }
    }

    #[test]
    fn a_projection_sees_only_its_subspace() {
        let basis = vec![vec![1.0, 1.0, 0.0], vec![5.0, 0.0, 0.0]];
        let plane = Projection::onto(basis).unwrap();
        let origin = [[0.0, 0.0, 0.0]];
        let target = Target::projected(Distance::L2, plane, origin).unwrap();
        // In the plane of the first two coordinates lengths are what they were, to rounding.
        assert!((target.distance(&[3.0, 4.0, 100.0]).unwrap() - 5.0).abs() < 1e-12);

        let doubled = Projection::map(vec![vec![2.0, 0.0, 0.0]]).unwrap();
        let target = Target::projected(Distance::L2, doubled, origin).unwrap();
        assert_eq!(target.distance(&[3.0, 4.0, 100.0]), Ok(6.0));
    }

    #[test]
    fn targets_that_cannot_be_are_named() {
        let none = Target::new(Distance::L2, Vec::<[f32; 2]>::new()).unwrap_err();
        assert_eq!(none, TargetError::Empty { what: "target" });
        let uneven = Target::new(Distance::L2, [vec![1.0], vec![1.0, 2.0]]).unwrap_err();
        let (expected, actual) = (1, 2);
        assert_eq!(uneven, TargetError::WrongLength { expected, actual });
        let nan = Target::new(Distance::L2, [[f32::NAN]]).unwrap_err();
        assert_eq!(nan, TargetError::NotFinite);
        let zero = Target::new(Distance::Cosine, [[0.0]]).unwrap_err();
        assert_eq!(zero, TargetError::NoDirection);
        let rows = vec![vec![1.0, 1.0], vec![-2.0, -2.0]];
        assert_eq!(
            Projection::onto(rows),
            Err(TargetError::Dependent { row: 1 })
        );
        let (coordinate, d_state) = (2, 2);
        let error = TargetError::NoCoordinate {
            coordinate,
            d_state,
        };
        assert_eq!(Projection::coordinates(&[2], 2), Err(error));
        assert_eq!(
            Projection::coordinates(&[], 2),
            Err(TargetError::Empty { what: "projection" })
        );
    }
}
