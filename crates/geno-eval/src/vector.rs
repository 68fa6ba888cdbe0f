//! Distances of states, in double precision and in the order of their entries.

/// `Σ aᵢ bᵢ`
pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// `√Σ aᵢ²`
pub(crate) fn norm(a: &[f64]) -> f64 {
    dot(a, a).sqrt()
}

/// `Σ (aᵢ − bᵢ)²`
pub(crate) fn squared_distance(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum()
}

/// The distance of two states: `√Σ (aᵢ − bᵢ)²`.
pub fn l2(a: &[f64], b: &[f64]) -> f64 {
    squared_distance(a, b).sqrt()
}

/// The cosine of the angle between two states, `a · b / (‖a‖ ‖b‖)`: NaN for a state of length 0.
pub fn cosine(a: &[f64], b: &[f64]) -> f64 {
    dot(a, b) / (norm(a) * norm(b))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_are_those_of_a_right_triangle() {
        let (a, b) = ([3.0, 0.0], [0.0, 4.0]);
        assert_eq!((l2(&a, &b), squared_distance(&a, &b)), (5.0, 25.0));
        assert_eq!((cosine(&a, &b), cosine(&a, &[2.0, 0.0])), (0.0, 1.0));
        assert_eq!(cosine(&a, &[-1.0, 0.0]), -1.0);
    }
}
