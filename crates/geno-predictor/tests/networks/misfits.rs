//! Weight files that do not fit the network they are loaded as.

use std::fmt::Debug;

use geno_predictor::LoadError;
use geno_weights::{NewTensor, WeightDtype, WeightFile, write_weights};

/// Holds two loaders to the same error for every file that differs from `weights` in one tensor:
/// missing, of another shape, of another name, or one too many.
pub(crate) fn are_refused_alike<A: Debug, B: Debug>(
    weights: &[NewTensor],
    one: impl Fn(&mut WeightFile<'_>) -> Result<A, LoadError>,
    other: impl Fn(&mut WeightFile<'_>) -> Result<B, LoadError>,
) {
    let check = |what: String, weights: &[NewTensor]| {
        let bytes = write_weights(weights).unwrap();
        let file = || WeightFile::parse(bytes.as_slice()).unwrap();
        let (one, other) = (
            one(&mut file()).unwrap_err(),
            other(&mut file()).unwrap_err(),
        );
        assert_eq!(format!("{one:?}"), format!("{other:?}"), "{what}");
    };
    for (i, tensor) in weights.iter().enumerate() {
        let name = &tensor.name;
        let with = |tensors: Vec<NewTensor>| [&weights[..i], &tensors, &weights[i + 1..]].concat();
        let shaped = |shape: &[usize]| {
            let values = vec![0.5; shape.iter().product()];
            NewTensor::new(name, shape, values, WeightDtype::F32)
        };
        check(format!("{name} missing"), &with(Vec::new()));
        let longer: Vec<_> = tensor.shape.iter().map(|n| n + 1).collect();
        check(format!("{name} longer"), &with(vec![shaped(&longer)]));
        let flat = [1, tensor.values.len()];
        check(
            format!("{name} of another rank"),
            &with(vec![shaped(&flat)]),
        );
        let renamed = NewTensor {
            name: format!("{name}_"),
            ..tensor.clone()
        };
        check(format!("{name} renamed"), &with(vec![renamed.clone()]));
        check(
            format!("{name} twice"),
            &with(vec![tensor.clone(), renamed]),
        );
    }
    check("no tensors".to_owned(), &[]);
}
